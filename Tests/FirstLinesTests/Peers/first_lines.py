"""Writes what PyTorch makes of the first lines that its users type, and a Swift program of the lines.

    python first_lines.py

Reads LINES below: a line of Swift, the names it is about (see SETUPS), and the same in PyTorch, of which
the value is kept. Writes ../Fixtures/first-lines.json and ../FirstLines.swift. Made with PyTorch 2.13.
"""

import json
import pathlib
import re

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.optim import lr_scheduler as S
from torch.utils.data import (
    ConcatDataset, DataLoader, Subset, TensorDataset, WeightedRandomSampler, random_split)

HERE = pathlib.Path(__file__).resolve().parent

# Each is the same in FirstLinesTests.swift.
SETUPS = {
    "": lambda: torch.tensor([[1.0, -2.0, 3.0], [4.0, 5.5, -6.0]]),
    "square": lambda: torch.tensor([[4.0, 1.0, 2.0], [1.0, 3.0, 0.5], [2.0, 0.5, 5.0]]),
    "row": lambda: torch.tensor([[1.0, 2.0, 3.0]]),
    "vector": lambda: torch.tensor([3.0, 1.0, 2.0, 1.0]),
    "batch": lambda: torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.5]]]),
    "image": lambda: (torch.arange(32.0) * 0.25 - 2).reshape(1, 2, 4, 4),
    "grid": lambda: (torch.arange(32.0) * 0.0625 - 1).reshape(1, 4, 4, 2),
    "integers": lambda: torch.tensor([3, 1, 2, 1]),
    "shares": lambda: torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 2.0]]),
    "unit": lambda: torch.tensor([[0.25, 0.5, -0.75], [0.125, 0.0, 0.875]]),
    "leaf": lambda: torch.tensor([[1.0, -2.0, 3.0], [4.0, 5.5, -6.0]], requires_grad=True),
    "scalar": lambda: torch.tensor(2.5),
}

# Not lines of Swift, or not here: the reason each.
MISSING = {
    "x @ x": "Swift has no operator @: matmul",
    "x.svd()": "unavailable, with a reason",
    "x.fft()": "unavailable, with a reason",
    "x.ctcLoss(x)": "unavailable: lengths are needed",
    "withoutGrad { x }": "unavailable, renamed noGrad",
    "seed(0)": "unavailable, renamed manualSeed",
    'Tensor.save(x, "x.pt")': "unavailable: Checkpoint",
    'load("x.pt")': "unavailable: Checkpoint",
    "SyncBatchNorm(3)": "unavailable: BatchNorm2d",
    "weightNorm(Linear(2, 2))": "unavailable, with a reason",
    "spectralNorm(Linear(2, 2))": "unavailable, with a reason",
    "m2.copy()": "unavailable: copy { Net() }",
    "m2.clone()": "unavailable: copy { Net() }",
    "m2.deepCopy()": "unavailable: copy { Net() }",
    "SparseAdam(m2.namedParameters())": "unavailable, renamed Adam",
    "EMA(m2)": "unavailable, renamed AveragedModel",
}

AFTER = "after"  # The value is x after the line.


def stepped(make):
    """Parameters after two steps with gradients of a fixed kind."""
    def run(m2):
        o = make(m2)
        for k in (1.0, -0.5):
            for p in m2.parameters():
                p.grad = torch.full_like(p, k) * (torch.arange(p.numel()).reshape(p.shape) + 1) / 4
            o.step()
        return [p.detach() for p in m2.parameters()]
    return run


def rates(make):
    def run(m2):
        o = optim.SGD(m2.parameters(), lr=0.1, momentum=0.9)
        s = make(o)
        out = []
        for _ in range(4):
            o.step()
            s.step()
            out.append(o.param_groups[0]["lr"])
        return out
    return run


def plateau(m2):
    o = optim.SGD(m2.parameters(), lr=0.1)
    s = S.ReduceLROnPlateau(o, patience=2)
    for _ in range(5):
        s.step(1.0)
    return o.param_groups[0]["lr"]


def lbfgs(m2):
    o = optim.LBFGS(m2.parameters())
    data = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [2.0, 0.25, -1.0]])
    def closure():
        o.zero_grad()
        loss = (m2(data) - 1).square().mean()
        loss.backward()
        return loss
    first = o.step(closure).detach()
    return [first, *[p.detach() for p in m2.parameters()]]


def averaged(m2):
    a = optim.swa_utils.AveragedModel(m2)
    a.update_parameters(m2)
    with torch.no_grad():
        m2.weight += 1
    a.update_parameters(m2)
    with torch.no_grad():
        return [a(torch.ones(1, 3)), a.state_dict()["n_averaged"]]


def swapped(f):
    """Parameters of m2 after something is done to them."""
    def run(m2):
        f(m2)
        return [p.detach() for p in m2.parameters()]
    return run


def tensors(m):
    return [p.detach() for p in m.parameters()]


exec((HERE / "lines.py").read_text())
exec((HERE / "further.py").read_text())
exec((HERE / "named.py").read_text())


def told(value):
    """A value as words and numbers, as `told` in FirstLinesTests.swift writes it."""
    if isinstance(value, torch.Tensor):
        numbers = value.detach().flatten().tolist()
        words = " ".join("True" if n is True else "False" if n is False else repr(float(n)) for n in numbers)
        return f"{str(value.dtype)[6:]} {list(value.shape)} {words}".strip()
    if isinstance(value, torch.Size):
        return str(list(value))
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (int, float)):
        return repr(float(value))
    if isinstance(value, torch.dtype):
        return str(value)[6:]
    if isinstance(value, (tuple, list)):
        return " ; ".join(told(v) for v in value)
    return str(value)


def main():
    given = [line.split("\t") for line in (HERE.parent / "Fixtures/first-lines.tsv").read_text().splitlines()]
    given += [(line, None) for line in FURTHER]
    cases, program = [], []
    for line, meaning in given:
        if line in MISSING:
            cases.append({"line": line, "meaning": meaning, "missing": MISSING[line]})
            continue
        if meaning and line not in LINES:
            raise SystemExit(f"{line} is not in lines.py")
        entry = LINES[line] if meaning else FURTHER[line]
        setup, source = entry[0], entry[1]
        swift = entry[2] if len(entry) > 2 else line
        torch.manual_seed(0)
        x = SETUPS[setup]()
        names = dict(
            x=x, idx=torch.tensor([[0, 1], [1, 0]]), m=SETUPS[""]() > 0, f=2.5, i=3, y=torch.tensor([2, 0]))
        torch.manual_seed(1)
        names["m2"] = nn.Linear(3, 2)
        names["opt"] = optim.SGD(names["m2"].parameters(), lr=0.1, momentum=0.9)
        torch.manual_seed(2)
        scope = {**globals(), **names}
        if isinstance(source, str) and source.startswith("!"):
            exec(source[1:], scope)
            value = scope.get("v", scope["x"])
        elif callable(source):
            value = source(names["m2"])
        else:
            value = eval(source, scope)
        # Swift's list may end with more, such as that it is the same object.
        more = entry[3] if len(entry) > 3 else ""
        cases.append({"line": line, "meaning": meaning, "setup": setup, "told": told(value) + more})
        if swift is AFTER or (isinstance(source, str) and source.startswith("!") and swift is line):
            body = f"{line}\n      return x"
        elif "\n" in swift or "return " in swift:
            body = swift.replace("\n", "\n      ")
        else:
            body = f"return {swift}"
        program.append(f"    {json.dumps(line)}: {{ (x, idx, m, y, f, i, m2, opt) in\n      {body}\n    }},")
    (HERE.parent / "Fixtures/first-lines.json").write_text(json.dumps(cases, indent=1, ensure_ascii=False) + "\n")
    for part, start in enumerate(range(0, len(program), 60)):
        chunk = "\n".join(program[start:start + 60])
        (HERE.parent / f"FirstLines+{part + 1}.swift").write_text(
            "// Made by Peers/first_lines.py.\n"
            "// swift-format-ignore-file\n"
            "import Ballast\n\n"
            "extension FirstLines {\n"
            f"  static var part{part + 1}: [String: Line] {{\n   [\n{chunk}\n   ]\n  }}\n}}\n")
    (HERE.parent / "FirstLines.swift").write_text(
        "// Made by Peers/first_lines.py.\n"
        "// swift-format-ignore-file\n"
        "import Ballast\n\n"
        "/// The lines by their text, as programs of the names that they are about.\n"
        "enum FirstLines {\n"
        "  typealias Line = (Tensor, Tensor, Tensor, Tensor, Float, Int, Linear, SGD) throws -> Any?\n\n"
        "  static var all: [String: Line] {\n    "
        + ".merging(".join(f"part{k + 1}" + (") { a, _ in a }" if k else "") for k in range((len(program) + 59) // 60))
        + "\n  }\n}\n")
    print(len(cases), "lines,", len(program), "of them in Swift")


if __name__ == "__main__":
    main()
