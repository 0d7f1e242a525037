"""Writes the public names of PyTorch 2.13 and of their arguments to pytorch.json.

    python collect.py        # with torch==2.13.0

Of functions that are compiled the arguments are those in PyTorch's own stubs.
"""

import ast
import inspect
import json
import pathlib

import torch
from torch import nn, optim
from torch.optim import lr_scheduler

STUBS = pathlib.Path(torch.__file__).parent / "_C"
# Where a tensor lives and how it is made is said in other ways, and old spellings have newer ones.
EVERYWHERE = {
    "self", "out", "memory_format", "layout", "device", "pin_memory", "requires_grad", "dtype", "generator", "names",
    "size_average", "reduce", "args", "kwargs", "_stacklevel",
}


def stubbed(file, owner=None):
    body = ast.parse((STUBS / file).read_text()).body
    if owner:
        body = next(node for node in body if isinstance(node, ast.ClassDef) and node.name == owner).body
    found = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            of = node.args
            found.setdefault(node.name, set()).update(a.arg for a in of.posonlyargs + of.args + of.kwonlyargs)
    return found


def arguments(function):
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return set()


def main():
    of_tensors = stubbed("__init__.pyi", "TensorBase")
    functions = stubbed("_VariableFunctions.pyi")
    public = lambda name: not name.startswith("_")
    groups = {
        "torch.Tensor": {
            name: of_tensors.get(name, set()) or arguments(member)
            for name, member in inspect.getmembers(torch.Tensor) if public(name)},
        "torch": {
            name: found for name, found in functions.items()
            if public(name) and getattr(getattr(torch, name, None), "__doc__", None)},
        "torch.linalg": {
            name: functions.get("linalg_" + name, set()) for name in dir(torch.linalg)
            if public(name) and callable(getattr(torch.linalg, name)) and name.islower()},
        "torch.nn": {
            name: arguments(member.__init__) for name, member in vars(nn).items()
            if inspect.isclass(member) and issubclass(member, nn.Module)},
        "torch.nn.Module": {
            name: arguments(member) for name, member in inspect.getmembers(nn.Module) if public(name) and callable(member)},
        "torch.nn.functional": {
            name: arguments(getattr(nn.functional, name)) or functions.get(name, set()) for name in dir(nn.functional)
            if public(name) and name.islower() and callable(getattr(nn.functional, name))
            and (inspect.isbuiltin(getattr(nn.functional, name))
                 or (getattr(nn.functional, name).__module__ or "").startswith("torch.nn"))
            and getattr(nn.functional, name).__doc__},
        "torch.nn.init": {
            name: arguments(member) for name, member in vars(nn.init).items() if public(name) and inspect.isfunction(member)},
        "torch.nn.utils": {
            name: arguments(member) for name, member in vars(nn.utils).items() if public(name) and inspect.isfunction(member)},
        "torch.optim": {
            name: arguments(member.__init__) for name, member in vars(optim).items() if public(name) and inspect.isclass(member)},
        "torch.optim.lr_scheduler": {
            name: arguments(member.__init__) for name, member in vars(lr_scheduler).items()
            if public(name) and inspect.isclass(member) and issubclass(member, lr_scheduler.LRScheduler)},
    }
    lines = [
        f" {json.dumps(group)}: {{\n" + ",\n".join(
            f"  {json.dumps(name)}: {json.dumps(sorted(found - EVERYWHERE))}" for name, found in sorted(names.items())) + "\n }"
        for group, names in groups.items()]
    path = pathlib.Path(__file__).resolve().parent / "pytorch.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print({group: len(names) for group, names in groups.items()}, path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
