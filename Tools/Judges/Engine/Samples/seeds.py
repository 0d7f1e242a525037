"""Samples of random numbers after a seed, which have to be PyTorch's own."""

import torch

from encoding import Writer, name

SIZES = [1, 7, 15, 16, 17, 100, 1000]
HALF = [torch.float32, torch.float64, torch.float16, torch.bfloat16]


def draws():
    """What is drawn: a name, its arguments, and how PyTorch draws it."""
    for dtype in HALF:
        for size in SIZES:
            yield "rand", [size, {"dtype": name(dtype)}], lambda s=size, d=dtype: torch.rand(s, dtype=d)
            yield "randn", [size, {"dtype": name(dtype)}], lambda s=size, d=dtype: torch.randn(s, dtype=d)
    for size in SIZES:
        yield "randperm", [size], lambda s=size: torch.randperm(s)
        yield "randint", [-3, 1000, size], lambda s=size: torch.randint(-3, 1000, (s,))
        yield "randint", [0, 1 << 40, size], lambda s=size: torch.randint(0, 1 << 40, (s,))
        yield "normal", [2.0, 3.0, size], lambda s=size: torch.normal(2.0, 3.0, (s,))
        yield "dropout", [0.3, size], lambda s=size: torch.nn.functional.dropout(torch.ones(s), 0.3)
        yield "bernoulli", [size], lambda s=size: torch.bernoulli(torch.linspace(0, 1, s))
        yield "multinomial", [size, True], lambda s=size: torch.multinomial(torch.arange(1.0, s + 1), 5, True)
        yield "uniform_", [size], lambda s=size: torch.empty(s).uniform_(-2, 5)
        yield "normal_", [size], lambda s=size: torch.empty(s).normal_(1, 2)
        if size >= 7:
            yield "multinomial", [size, False], lambda s=size: torch.multinomial(torch.arange(1.0, s + 1), 5, False)


def initialisations():
    init = torch.nn.init
    for shape in ((3, 5), (20, 30), (4, 3, 3, 3)):
        empty = lambda s=shape: torch.empty(s)  # noqa: E731
        for title, function in (
                ("uniform", lambda t: init.uniform_(t, -1, 2)), ("plainNormal", lambda t: init.normal_(t, 1, 2)),
                ("xavierUniform", init.xavier_uniform_), ("xavierNormal", init.xavier_normal_),
                ("kaimingUniform", init.kaiming_uniform_), ("kaimingNormal", init.kaiming_normal_),
                ("truncatedNormal", init.trunc_normal_), ("orthogonal", init.orthogonal_)):
            yield title, [list(shape)], lambda f=function, e=empty: f(e())


def write(skipped):
    writer = Writer()
    for title, arguments, draw in [*draws(), *initialisations()]:
        torch.manual_seed(42)
        value = draw()
        # What is drawn next shows how many numbers were taken.
        writer.append({"group": title, "draw": title, "arguments": arguments,
                               "values": writer.all([value, torch.rand(3)])})
    return writer.bytes({"kind": "seed", "name": "random"})


def parts():
    yield "seeds", "random", write
