"""Writes conversions.json: what PyTorch makes of values when it converts between types.

    python make_conversions.py

needs torch==2.13.0+cpu. For every ordered pair of types a list of elements, as hexadecimal
little-endian bytes, before and after `Tensor.to`. Values whose result PyTorch leaves open (a float
that the integer type cannot hold, NaN to an integer) are left out.
"""

import json
from pathlib import Path

import torch

FLOATS = [
    "float16", "bfloat16", "float32", "float64", "float8_e4m3fn", "float8_e5m2",
    "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu",
]
# All values go to these types, a selection to the others.
NARROW = [name for name in FLOATS if name != "float64"]
INTEGERS = ["uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64"]
COMPLEX = ["complex32", "complex64", "complex128"]

generator = torch.Generator().manual_seed(1)


def raw(tensor: torch.Tensor) -> str:
    size = tensor.element_size()
    if tensor.numel() == 0:
        return ""
    return bytes(tensor.contiguous().view(torch.uint8).flatten().tolist()).hex() if size else ""


def float_values() -> torch.Tensor:
    """Numbers around every edge of the narrow formats, as float64."""
    edges = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -3.5, float("inf"), float("-inf")]
    for exponent in (-150, -149, -134, -133, -127, -126, -25, -24, -17, -16, -15, -14, -11, -10, -9,
                     -8, -7, -6, 7, 8, 9, 15, 16, 127):
        for factor in (1.0, 1.0625, 1.125, 1.375, 1.75, 1.9375, 1.9999):
            edges.append(factor * 2.0**exponent * (-1 if factor > 1.5 else 1))
    edges += [240.0, 248.0, 447.0, 448.0, 464.0, 465.0, 480.0, 57344.0, 61439.0, 61440.0, 65504.0,
              65519.0, 65520.0, 3.3895e38, 3.4028e38]
    random = torch.randn(64, generator=generator, dtype=torch.float64) * 8
    return torch.cat([torch.tensor(edges, dtype=torch.float64), random])


def inputs(name: str) -> torch.Tensor:
    dtype = getattr(torch, name)
    if name == "bool":
        return torch.tensor([False, True])
    if name in FLOATS:
        if dtype.itemsize == 1:
            return torch.arange(256, dtype=torch.uint8).view(dtype)
        return float_values().to(dtype)
    if name in INTEGERS:
        info = torch.iinfo(dtype)
        values = [0, 1, 2, 3, 100, 127, info.min, info.max, info.max - 1, info.max // 2 + 1,
                  info.max // 3]
        values += [2**11 + 1, 2**24 + 1, 2**24 + 3, 2**53 + 1, 2**62 + 2**38 + 1]
        return torch.tensor([v for v in values if info.min <= v <= info.max], dtype=dtype)
    real = torch.randn(8, generator=generator)
    imaginary = torch.randn(8, generator=generator)
    return torch.complex(real, imaginary).to(dtype)


def is_defined(values: torch.Tensor, target: str) -> torch.Tensor:
    """Which values have a result that does not depend on the processor."""
    if target not in INTEGERS or values.dtype.is_complex:
        if target in INTEGERS:
            return torch.zeros(values.shape, dtype=torch.bool)
        return torch.ones(values.shape, dtype=torch.bool)
    if not values.dtype.is_floating_point:
        return torch.ones(values.shape, dtype=torch.bool)
    info = torch.iinfo(getattr(torch, target))
    wide = values.to(torch.float64)
    # The largest 64-bit integers are not floats: stay clear of the edge.
    limit = float(info.max) if info.bits < 64 else float(2 ** (info.bits - 2))
    return wide.isfinite() & (wide >= float(info.min)) & (wide <= limit)


def main() -> None:
    names = ["bool", *INTEGERS, *FLOATS, *COMPLEX]
    cases = []
    for source in names:
        values = inputs(source)
        for target in names:
            if source == target:
                continue
            if values.element_size() == 1 and source in FLOATS and target != "float32":
                values = inputs(source).view(torch.uint8)[::9].contiguous().view(values.dtype)
            elif source in FLOATS and target not in NARROW and values.element_size() > 1:
                values = inputs(source)[::6]
            else:
                values = inputs(source)
            kept = values[is_defined(values, target)] if values.element_size() > 1 else (
                values.view(torch.uint8)[is_defined(values, target)].view(values.dtype))
            try:
                result = kept.to(getattr(torch, target))
            except (RuntimeError, NotImplementedError) as error:
                print(f"{source} to {target}: {str(error)[:80]}")
                continue
            cases.append({"from": source, "to": target, "input": raw(kept), "output": raw(result)})
    path = Path(__file__).with_name("conversions.json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(f"{len(cases)} pairs, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
