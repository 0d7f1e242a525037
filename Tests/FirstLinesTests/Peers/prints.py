"""Writes tensors and how PyTorch prints them to ../Fixtures/prints.json. Made with PyTorch 2.13.

    python prints.py

The elements are written as their bytes, so that nothing is lost on the way.
"""

import base64
import json
import pathlib

import torch

torch.manual_seed(7)
TYPES = [
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.bool, torch.uint8, torch.uint16,
    torch.uint32, torch.uint64, torch.int8, torch.int16, torch.int32, torch.int64, torch.complex64,
    torch.complex128, torch.complex32, torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz,
    torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
]
SHAPES = [
    (), (1,), (3,), (0,), (2, 0), (0, 3), (2, 3), (3, 1), (1, 4), (2, 2, 3), (2, 1, 2, 2), (1, 1), (40,),
    (3, 25), (1001,), (1000,), (40, 40), (7, 200), (200, 7), (4, 8, 40), (2, 7, 9, 9), (2, 0, 3), (3, 2, 2, 2, 2),
]
# Large tensors only of these, or the file would be large.
LARGE = [torch.float32, torch.bfloat16, torch.uint8, torch.int64, torch.complex64]
FLOATS = {
    "plain": lambda s: torch.randn(s, dtype=torch.float64),
    "whole": lambda s: torch.randint(-9, 10, s).double(),
    "large": lambda s: torch.randint(-9, 10, s).double() * 1e7,
    "wide": lambda s: torch.randn(s, dtype=torch.float64) * 10.0 ** torch.randint(-5, 6, s),
    "small": lambda s: torch.randn(s, dtype=torch.float64) * 1e-6,
    "odd": lambda s: torch.randn(s, dtype=torch.float64).flatten().index_fill(
        0, torch.arange(0, torch.Size(s).numel(), 3), float("nan")).index_fill(
        0, torch.arange(0, torch.Size(s).numel(), 5), float("-inf")).reshape(s),
    "thousands": lambda s: torch.rand(s, dtype=torch.float64) * 999 + 1,
    "zeros": lambda s: torch.zeros(s, dtype=torch.float64),
    "negative zeros": lambda s: -torch.zeros(s, dtype=torch.float64),
    "nothing finite": lambda s: torch.full(s, float("inf"), dtype=torch.float64),
}


def entry(tensor, requires_grad=False):
    plain = tensor.detach().contiguous()
    kind = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    count = plain.element_size()
    raw = torch.view_as_real(plain) if plain.is_complex() else plain
    data = raw.reshape(-1).view(torch.uint8).numpy().tobytes() if raw.numel() else b""
    assert len(data) == plain.numel() * count, (tensor.dtype, len(data))
    return {
        "dtype": str(tensor.dtype)[6:], "shape": list(tensor.shape),
        "bytes": base64.b64encode(data).decode(), "requiresGrad": requires_grad,
        "text": str(tensor.requires_grad_(requires_grad)),
    }


def main():
    entries, skipped = [], set()
    for dtype in TYPES:
        for number, shape in enumerate(SHAPES):
            if torch.Size(shape).numel() > 500 and dtype not in LARGE:
                continue
            if dtype.is_floating_point or dtype.is_complex:
                kinds = list(FLOATS) if dtype in (torch.float32, torch.complex64) and torch.Size(shape).numel() < 200 else [
                    list(FLOATS)[number % len(FLOATS)]]
            else:
                kinds = ["integer"]
            for kind in kinds:
                if kind == "integer":
                    if dtype == torch.bool:
                        values = torch.randint(0, 2, shape).bool()
                    else:
                        low = 0 if str(dtype).startswith("torch.uint") else -100
                        values = torch.randint(low, 120, shape).to(dtype)
                elif dtype.is_complex:
                    values = torch.complex(FLOATS[kind](shape), FLOATS["plain"](shape)).to(dtype)
                else:
                    values = FLOATS[kind](shape)
                    values = (values.abs().clamp(1e-30, 1e30) if dtype == torch.float8_e8m0fnu else values).to(dtype)
                try:
                    entries.append(entry(values, dtype in (torch.float32, torch.float64) and number % 3 == 0))
                except (RuntimeError, NotImplementedError, TypeError) as error:
                    skipped.add((str(dtype), str(error).splitlines()[0]))
    extremes = [torch.tensor([2**63 - 1, -2**63]), torch.tensor([255, 0], dtype=torch.uint8), torch.tensor(True),
                torch.tensor([1e300, 1.0], dtype=torch.float64), torch.tensor([0.1 + 0.2, 1 / 3]),
                torch.tensor([99999999.0]), torch.tensor([100000001.0]), torch.tensor([1e-4, 0.05]), torch.tensor([0.99995, 1.0])]
    entries += [entry(x) for x in extremes]
    path = pathlib.Path(__file__).resolve().parent.parent / "Fixtures/prints.json"
    path.write_text("[\n" + ",\n".join(json.dumps(e) for e in entries) + "\n]\n")
    print(len(entries), "tensors,", path.stat().st_size, "bytes; PyTorch does not print", skipped)


if __name__ == "__main__":
    main()
