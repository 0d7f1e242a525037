"""Writes down what is in a PyTorch file that `make_pytorch.py` made: from the live objects, never from the
file, in the form that `Dump.swift` gives for what Ballast reads: a line per fact.
"""

import argparse
import datetime
import pathlib
import struct
import sys

import numpy as np
import torch

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
OUT = FOLDER / "pytorch"


def quote(text):
    return '"' + "".join(
        c if " " <= c <= "~" and c not in '"\\' else "\\u{%X}" % ord(c) for c in text) + '"'


def tensor_text(t):
    t = t.detach().resolve_conj().resolve_neg()
    data = bytes(t.clone(memory_format=torch.contiguous_format).untyped_storage().tolist())
    return f"{str(t.dtype)[6:]} {tuple(t.shape)} {data.hex()}"


class Known:
    """A value whose text is given by hand, beside the Python object that has it."""

    def __init__(self, value, text):
        self.value, self.text = value, text


def text(v):
    if isinstance(v, Known):
        return v.text
    if v is None:
        return "none"
    if isinstance(v, (bool, np.bool_)):
        return "true" if v else "false"
    if isinstance(v, (int, np.integer)):
        return f"int {int(v)}"
    if isinstance(v, (float, np.floating)):
        return "float " + struct.pack(">d", float(v)).hex()
    if isinstance(v, (complex, np.complexfloating)):
        v = complex(v)
        return "complex " + struct.pack(">dd", v.real, v.imag).hex()
    if isinstance(v, str):
        return quote(v)
    if isinstance(v, (bytes, bytearray)):
        return "bytes " + bytes(v).hex()
    if isinstance(v, torch.Size):
        return f"<torch.Size ({', '.join(text(x) for x in v)})>"
    if isinstance(v, torch.Tensor):
        return "tensor " + tensor_text(v)
    if isinstance(v, np.ndarray):
        native = np.ascontiguousarray(v.astype(v.dtype.newbyteorder("="))).reshape(v.shape)
        return "tensor " + tensor_text(torch.from_numpy(native))
    if isinstance(v, list):
        return "[" + ", ".join(map(text, v)) + "]"
    if isinstance(v, tuple):
        return "(" + ", ".join(map(text, v)) + ")"
    if isinstance(v, dict):
        return "{" + ", ".join(f"{text(k)}: {text(x)}" for k, x in v.items()) + "}"
    if isinstance(v, argparse.Namespace):
        return f"<argparse.Namespace {text(vars(v))}>"
    raise TypeError(type(v))


def plain(v):
    """The value without `Known`."""
    if isinstance(v, Known):
        return v.value
    if isinstance(v, dict):
        return type(v)((plain(k), plain(x)) for k, x in v.items())
    if type(v) in (list, tuple):
        return type(v)(map(plain, v))
    return v


def write(name, container, state, *, roles, ties=(), versions=(), optimizer=None, meta=()):
    """`roles` gives for each key `parameter rule` or `buffer rule`, or one text for all."""
    lines = [f"container {container}"]
    for key, t in state:
        role = roles if isinstance(roles, str) else roles[key]
        lines.append(f"tensor {quote(key)} {role} {tensor_text(t)}")
    lines += [f"tie {quote(a)} {quote(b)}" for a, b in ties]
    lines += [f"version {quote(k)} {v}" for k, v in versions]
    if optimizer:
        kind, naming, groups, slots = optimizer
        lines.append(f"optimizer {kind} {naming}")
        for names, options in groups:
            lines.append(f"group [{', '.join(map(quote, names))}] {text(options)}")
        for key, values in slots:
            lines.append(f"slots {quote(key)} {text(values)}")
    lines += [f"meta {quote(k)} {text(v)}" for k, v in meta if k is not ORIGIN]
    lines += [f'origin "pytorch" {text(v)}' for k, v in meta if k is ORIGIN]
    (OUT / f"{name}.txt").write_text("\n".join(lines) + "\n")


# Stands for what a checkpoint keeps of the file, beside what is the user's.
ORIGIN = object()


def structure(layout, **facts):
    return (ORIGIN, {"layout": layout, **facts})


# A state dict that is a plain dictionary: of an OrderedDict nothing has to be kept.
PLAIN = structure("state_dict", plain_dictionaries=[""])


def versions_of(state_dict):
    return [(k, v["version"]) for k, v in state_dict._metadata.items() if "version" in v]


def named_optimizer(optimizer, names, kind, naming="keys"):
    """What is expected of an optimizer whose parameters, in order, have these names."""
    saved = optimizer.state_dict()
    groups, position, label = [], 0, {}
    for group in saved["param_groups"]:
        members = []
        for number in group["params"]:
            label[number] = names[position]
            members.append(names[position])
            position += 1
        options = {k: v for k, v in group.items() if k not in ("params", "param_names")}
        groups.append((members, options))
    return kind, naming, groups, [(label[n], s) for n, s in saved["state"].items()]


def further_optimizer(optimizer):
    """What is expected of an optimizer in the metadata, whose parameters have their numbers."""
    saved = optimizer.state_dict()
    groups = [{**{k: v for k, v in group.items() if k != "params"}, "params": [str(n) for n in group["params"]]}
              for group in saved["param_groups"]]
    content = {"state": {str(n): s for n, s in saved["state"].items()}, "param_groups": groups}
    return Known(saved, f"<a part> {text(content)}")


BUFFERS = ("running_mean", "running_var", "num_batches_tracked")


def guessed(state, rule="default"):
    return {k: "buffer dtypeOrName" if k.split(".")[-1] in BUFFERS or not (
        t.is_floating_point() or t.is_complex()) else f"parameter {rule}" for k, t in state}


def items(module):
    return list(module.state_dict().items())
