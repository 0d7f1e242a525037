"""Converts numbers at the edges of PyTorch's types, and prints what became of them.

    python classify_conversions.py

Prints JSON: for each pair of types the bytes of the numbers that were converted, and how many of them were
rounded, overflowed, underflowed, or lost their sign.
"""

import json

import torch

NAMES = [
    "float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz",
    "float8_e5m2fnuz", "float8_e8m0fnu",
]


def edges(dtype):
    """Numbers of a type, those half way between neighbours, and those just beyond the ends."""
    if dtype.itemsize == 1:
        numbers = torch.arange(256, dtype=torch.uint8).view(dtype).to(torch.float64)
    else:
        info = torch.finfo(dtype)
        numbers = torch.tensor(
            [info.max, info.smallest_normal, info.eps, 1 + info.eps, 1.0, 0.1, 3.0], dtype=torch.float64)
    numbers = numbers[numbers.isfinite()].abs().unique()
    halves = (numbers[1:] + numbers[:-1]) / 2
    found = [numbers, halves]
    for factor in (0.49, 0.5, 0.51, 0.75, 0.999, 1.001, 1.03, 1.0626, 1.1, 2.0, 1000.0):
        found.append(numbers[[0, 1, -1]] * factor)
    return torch.cat(found)


def smallest(dtype):
    """The smallest number above zero."""
    bits = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[dtype.itemsize]
    code = 0 if dtype == torch.float8_e8m0fnu else 1
    return torch.tensor([code], dtype=bits).view(dtype).to(torch.float64).item()


def count(before, after, dtype):
    largest, least = torch.finfo(dtype).max, smallest(dtype)
    counts = {}
    for old, new in zip(before.tolist(), after.tolist()):
        a, b = torch.tensor(old, dtype=torch.float64), torch.tensor(new, dtype=torch.float64)
        if a.isnan() and b.isnan():
            continue
        if b.isnan() or b.isinf() != a.isinf() or (a.abs() > largest and new in (largest, -largest)
                                                   and dtype == torch.float8_e4m3fn):
            kind = "value_overflowed"
        elif new == 0 and old != 0 or abs(old) < least / 2 and new != 0:
            kind = "value_underflowed"
        elif a.signbit() != b.signbit():
            kind = "sign_lost"
        elif old != new:
            kind = "value_rounded"
        else:
            continue
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def main():
    numbers = torch.cat([edges(getattr(torch, name)) for name in NAMES])
    special = torch.tensor([0.0, float("inf"), float("nan"), 1e300, 1e-300], dtype=torch.float64)
    numbers = torch.cat([numbers, special])
    numbers = torch.cat([numbers, -numbers])
    rows = []
    for source in ("float64", "float32", "float16", "bfloat16"):
        given = numbers.to(getattr(torch, source))
        for target in NAMES:
            if target == source:
                continue
            dtype = getattr(torch, target)
            made = given.to(dtype).to(torch.float64)
            data = bytes(given.view(torch.uint8).tolist()).hex()
            rows.append({"from": source, "to": target, "hex": data,
                         "changes": count(given.to(torch.float64), made, dtype)})
    print(json.dumps(rows))


main()
