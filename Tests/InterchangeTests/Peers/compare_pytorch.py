"""Loads files that Ballast wrote as strictly as torch can, and compares them with the originals.

    python compare_pytorch.py (strides | values) ORIGINAL WRITTEN [ORIGINAL WRITTEN ...]

WRITTEN is loaded with weights_only, and again with mmap. Then both are walked side by side: the same
dictionaries with the same keys in the same order, the same tensors to the bit, which share what the
original's share. With "values" a tensor that shares nothing may have come to be in row-major order.
Prints a line for each difference; nothing if there is none.
"""

import argparse
import collections
import datetime
import pathlib
import pickle
import struct
import sys
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")


class Net(torch.nn.Module):
    pass


class Config:
    pass


class Flags(dict):
    pass


Point = collections.namedtuple("Point", "x y")


def load_original(path):
    sys.modules["__main__"].Net = Net
    try:
        return torch.load(path, weights_only=False)
    except (RuntimeError, pickle.UnpicklingError):
        with open(path, "rb") as file:
            return pickle.load(file)


def plain(value):
    """What becomes of a value of a class that is not known."""
    if isinstance(value, torch.nn.Module):
        return collections.OrderedDict(value.state_dict())
    if isinstance(value, frozenset):
        return set(value)
    if isinstance(value, range):
        return value.start, value.stop, value.step
    if isinstance(value, pathlib.PurePath):
        return value.parts
    if isinstance(value, datetime.timedelta):
        return value.days, value.seconds, value.microseconds
    if isinstance(value, (argparse.Namespace, Config)):
        return vars(value)
    if isinstance(value, Point):
        return tuple(value)
    if isinstance(value, type):
        return f"{value.__module__}.{value.__name__}"
    if isinstance(value, np.dtype):
        return value.str
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.array(value, dtype=value.dtype.newbyteorder("="), order="K"))
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytearray):
        return bytes(value)
    return value


def bits(tensor):
    tensor = tensor.detach().resolve_conj().resolve_neg().contiguous()
    return bytes(tensor.clone(memory_format=torch.contiguous_format).untyped_storage().tolist())


def span(tensor):
    """The bytes of memory between a tensor's first and last element."""
    start = tensor.data_ptr()
    reach = sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride())) + 1
    return start, start + reach * tensor.element_size()


class Comparison:
    def __init__(self, name, has_strides):
        self.name, self.has_strides = name, has_strides
        self.pairs, self.lines = [], []

    def differ(self, place, what):
        self.lines.append(f"{self.name}, {place}: {what}")

    def walk(self, a, b, place="root"):
        a = plain(a)
        if isinstance(a, torch.Tensor):
            return self.tensors(a, b, place)
        if isinstance(a, dict):
            if not isinstance(b, dict) or list(a) != list(b):
                return self.differ(place, f"keys {list(a)} and {list(b) if isinstance(b, dict) else b}")
            for key in a:
                self.walk(a[key], b[key], f"{place}.{key}")
            meta, other = (getattr(x, "_metadata", None) for x in (a, b))
            if meta != other:
                self.differ(place, f"_metadata {meta} and {other}")
            return
        if type(a) in (list, tuple) or isinstance(a, torch.Size):
            if type(a) is not type(b) or len(a) != len(b):
                return self.differ(place, f"{a} and {b}")
            for index, (x, y) in enumerate(zip(a, b)):
                self.walk(x, y, f"{place}[{index}]")
            return
        if isinstance(a, float) and isinstance(b, float):
            if struct.pack("d", a) != struct.pack("d", b):
                self.differ(place, f"{a} and {b}")
            return
        if type(a) is not type(b) or a != b:
            self.differ(place, f"{a!r} and {b!r}")

    def tensors(self, a, b, place):
        if type(a) is not type(b) or a.requires_grad != b.requires_grad:
            return self.differ(place, f"{type(a)} and {type(b)}")
        if a.dtype != b.dtype or a.shape != b.shape or bits(a) != bits(b):
            return self.differ(place, f"{a} and {b}")
        if a.numel() and not a.is_conj() and not a.is_neg():
            self.pairs.append((place, a, b))
            # A tensor with gaps may come without them.
            low, high = span(a)
            if a.numel() < (high - low) // a.element_size() // 2 or not self.has_strides:
                if b.is_contiguous():
                    return
            if a.stride() != b.stride():
                self.differ(place, f"strides {a.stride()} and {b.stride()}")

    def sharing(self):
        """Tensors overlap if and only if those of the original do, and at the same distance."""
        for i, (place, a, b) in enumerate(self.pairs):
            for other, c, d in self.pairs[:i]:
                (a0, a1), (c0, c1) = span(a), span(c)
                (b0, b1), (d0, d1) = span(b), span(d)
                if a0 < c1 and c0 < a1:
                    if a0 - c0 != b0 - d0:
                        self.differ(place, f"shares other elements with {other}")
                elif b0 < d1 and d0 < b1:
                    self.differ(place, f"shares elements with {other}")


if __name__ == "__main__":
    has_strides = sys.argv[1] == "strides"
    for original, written in zip(sys.argv[2::2], sys.argv[3::2]):
        expected = load_original(original)
        for mmap in (False, True):
            comparison = Comparison(pathlib.Path(written).name, has_strides)
            comparison.walk(expected, torch.load(written, weights_only=True, mmap=mmap))
            comparison.sharing()
            print("\n".join(comparison.lines), end="\n" if comparison.lines else "")
