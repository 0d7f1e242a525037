"""The form of the samples: a safetensors file whose metadata says, as JSON, what each tensor is.

A file has a list of samples of one operation, module or optimizer. An argument is JSON as it stands, but for
what JSON has no word for: an object with one key, `tensor` (its number in the file, and `grad` if it requires
one), `tuple`, `float` (where it is not finite), `dtype`, `slice`, `ellipsis`, or `other` (a text).
"""

import json
import math
import random
import re
import zlib

import torch
from safetensors.torch import save

TYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.uint8,
         torch.bool]


class NotSampled(Exception):
    """A sample which is not judged, with the reason."""


def name(dtype):
    return str(dtype).removeprefix("torch.")


class Writer:
    """Gathers the tensors and samples of one file."""

    def __init__(self, limit=None):
        self.tensors = {}
        self.samples = []
        # The most bytes of the tensors of a sample; larger ones are left out.
        self.limit = limit
        self.first = 0
        self.count = 0
        # The operation or class of the next samples, where a file has several.
        self.name = None

    def add(self, tensor):
        """The number of a tensor in the file."""
        if tensor.layout != torch.strided or tensor.is_complex() or tensor.is_quantized:
            raise NotSampled(f"{name(tensor.dtype)}, {tensor.layout}")
        if tensor.device.type != "cpu":
            raise NotSampled("not on the CPU")
        number = self.count
        self.count += 1
        self.tensors[str(number)] = tensor.detach().clone(memory_format=torch.contiguous_format)
        return number

    def all(self, tensors):
        return [None if tensor is None else self.add(tensor) for tensor in tensors]

    def encode(self, value):
        if isinstance(value, torch.Tensor):
            return {"tensor": self.add(value)} | ({"grad": True} if value.requires_grad else {})
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, (tuple, torch.Size)):
            return {"tuple": [self.encode(part) for part in value]}
        if isinstance(value, list):
            return [self.encode(part) for part in value]
        if isinstance(value, torch.dtype):
            return {"dtype": name(value)}
        if isinstance(value, slice):
            return {"slice": [value.start, value.stop, value.step]}
        if value is Ellipsis:
            return {"ellipsis": True}
        if isinstance(value, complex):
            raise NotSampled("a complex number")
        if isinstance(value, (torch.device, torch.layout, torch.memory_format)):
            return {"place": str(value)}
        return {"other": re.sub(r" at 0x[0-9a-f]+", "", repr(value))[:80]}

    def append(self, record):
        own = [str(number) for number in range(self.first, self.count) if str(number) in self.tensors]
        self.first = self.count
        size = sum(self.tensors[key].numel() * self.tensors[key].element_size() for key in own)
        if self.limit is not None and size > self.limit:
            for key in own:
                del self.tensors[key]
            return
        self.samples.append(({"name": self.name} if self.name else {}) | record)

    def bytes(self, about):
        text = json.dumps(about | {"torch": torch.__version__, "samples": self.samples}, separators=(",", ":"))
        return save(self.tensors, metadata={"samples": text})


def chosen(samples, count, seed):
    """At most so many of the samples, spread over all of them by a seed, in their order."""
    samples = list(samples)
    if len(samples) <= count:
        return samples
    numbers = sorted(random.Random(zlib.crc32(seed.encode())).sample(range(len(samples)), count))
    return [samples[number] for number in numbers]


def small(samples, count, seed):
    """So many of the small samples, or the smallest if none is small."""
    def size(sample):
        sizes = []
        mapped(lambda t: sizes.append(t.numel()) or t, [sample.input, sample.args, sample.kwargs])
        return sum(sizes)

    samples = list(samples)
    some = [sample for sample in samples if 0 < size(sample) <= 40]
    return chosen(some or sorted(samples, key=size)[:1], count, seed)


def flat(value):
    """The tensors of a result; numbers as tensors of the type that Swift has for them."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, bool):
        return [torch.tensor(value)]
    if isinstance(value, int):
        return [torch.tensor(value, dtype=torch.int64)]
    if isinstance(value, float):
        return [torch.tensor(value, dtype=torch.float64)]
    if isinstance(value, (tuple, list)):
        return [tensor for part in value for tensor in flat(part)]
    if value is None:
        return []
    raise NotSampled(f"a result of {type(value).__name__}")


def mapped(function, value):
    """The value with its tensors mapped, in whatever lists they are."""
    if isinstance(value, torch.Tensor):
        return function(value)
    if isinstance(value, torch.Size):
        return value
    if isinstance(value, tuple):
        parts = [mapped(function, part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, list):
        return [mapped(function, part) for part in value]
    if isinstance(value, dict):
        return {key: mapped(function, part) for key, part in value.items()}
    return value


def leaf(tensor):
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)


def noise(tensor, generator):
    """Numbers of a tensor's shape and type from -1 to 1, rounded so that half types hold them."""
    numbers = torch.rand(tensor.shape, generator=generator, dtype=torch.float64) * 2 - 1
    return ((numbers * 32).round() / 32).to(tensor.dtype)
