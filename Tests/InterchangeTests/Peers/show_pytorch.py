"""Prints what torch loads from a file, a line per fact, in the form that the tests expect.

    python show_pytorch.py FILE

The file is loaded with weights_only. Storages are numbered in the order in which they are met.
"""

import collections
import sys

import torch

storages = {}


def text(value):
    if isinstance(value, torch.Tensor):
        storage = value.untyped_storage()
        # An empty storage has no address of its own.
        key = storage.data_ptr() if len(storage) else len(storages) + 1
        number, size = storages.setdefault(key, (len(storages), len(storage)))
        kind = "parameter" if isinstance(value, torch.nn.Parameter) else "tensor"
        grad = " grad" if value.requires_grad else ""
        return (f"{kind} {str(value.dtype)[6:]} {tuple(value.shape)} {value.stride()} "
                f"in {number} of {size} bytes at {value.storage_offset()}{grad}")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {text(v)}" for k, v in value.items()) + "}"
    if type(value) in (list, tuple):
        inner = ", ".join(map(text, value))
        comma = "," if len(value) == 1 else ""
        return f"[{inner}]" if type(value) is list else f"({inner}{comma})"
    return repr(value)


root = torch.load(sys.argv[1], weights_only=True)
if isinstance(root, dict):
    print(type(root).__name__)
    for key, value in root.items():
        print(f"{key!r}: {text(value)}")
    if hasattr(root, "_metadata"):
        print("_metadata", dict(root._metadata))
else:
    print(text(root))
