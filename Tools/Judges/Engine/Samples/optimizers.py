"""Samples of optimizers: ten steps of each with the options of PyTorch's `optim_db`, with their state."""

import torch
from torch.testing._internal.common_optimizers import optim_db

from encoding import NotSampled, Writer, chosen, name

TYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
SHAPES = {"weight": (3, 4), "bias": (4,), "scale": ()}
STEPS = 10


def numbers(shape, generator, dtype):
    return (((torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1) * 64).round() / 64).to(dtype)


def loss_of(parameters, targets):
    """What LBFGS makes less: the distance to the targets, and powers that are no quadratic form."""
    return sum(((p - t) ** 2).sum() * (place + 1) + (p ** 4).sum() / 8
               for place, (p, t) in enumerate(zip(parameters, targets)))


def stepped(info, options, initial, grouping, gradients):
    """Parameters after steps with these gradients, and the optimizer that took them.

    LBFGS takes them as targets of a loss.
    """
    parameters = {key: torch.nn.Parameter(value.clone()) for key, value in initial.items()}
    groups = list(parameters.values())
    if grouping:
        groups = [{"params": groups[:1]}, {"params": groups[1:], "lr": 0.02, "weight_decay": 0.01}]
    optimizer = info.optim_cls(groups, **options)
    for row in gradients:
        if info.optim_cls is torch.optim.LBFGS:
            def closure(row=row):
                optimizer.zero_grad()
                loss = loss_of(parameters.values(), row)
                loss.backward()
                return loss

            optimizer.step(closure)
            continue
        for parameter, gradient in zip(parameters.values(), row):
            parameter.grad = None if gradient is None else gradient.clone()
        optimizer.step()
    return parameters, optimizer


def option(value):
    """An option as JSON: a tensor, which a learning rate may be, as its number."""
    if isinstance(value, torch.Tensor):
        return value.item()
    if isinstance(value, (tuple, list)):
        return [option(part) for part in value]
    return value


def gradients_of(initial, generator):
    """The gradients of each step: now and then none, and once zeros."""
    rows = []
    for step in range(STEPS):
        row = []
        for place, value in enumerate(initial.values()):
            missing = (step == 3 and place == 1) or (step == 0 and place == 2)
            gradient = torch.zeros_like(value) if step == 5 else numbers(value.shape, generator, value.dtype)
            row.append(None if missing else gradient)
        rows.append(row)
    return rows


def state_of(parameters, optimizer, writer):
    return {key: {slot: writer.add(value) if isinstance(value, torch.Tensor) else {"number": value}
                  for slot, value in optimizer.state.get(parameter, {}).items() if value is not None}
            for key, parameter in parameters.items()}


def write_sample(info, options, dtype, grouping, writer):
    generator = torch.Generator().manual_seed(7)
    initial = {key: numbers(shape, generator, dtype) for key, shape in SHAPES.items()}
    record = {"group": name(dtype) if dtype in TYPES[:2] else "half", "keywords": {}, "names": list(initial),
              "initial": writer.all(initial.values()), "grouping": grouping}
    for key, value in options.items():
        record["keywords"][key] = writer.encode(value)
    searches = info.optim_cls is torch.optim.LBFGS
    if searches:
        rows = [[numbers(value.shape, generator, dtype) for value in initial.values()] for _ in range(2)]
        record["searches"] = True
    else:
        rows = gradients_of(initial, generator)
    record["gradients"] = [writer.all(row) for row in rows]
    parameters, optimizer = stepped(info, options, initial, grouping, rows)
    record["values"] = writer.all(parameters.values())
    # LBFGS keeps its own of another kind.
    record["state"] = {} if searches else state_of(parameters, optimizer, writer)
    record["options"] = [{key: option(value) for key, value in group.items() if key != "params"}
                         for group in optimizer.param_groups]
    if dtype in TYPES[2:]:
        # In half precision PyTorch rounds at each operation: what float64 gives tells who is nearer.
        wide = {key: value.double() for key, value in initial.items()}
        rows = [[None if gradient is None else gradient.double() for gradient in row] for row in rows]
        parameters, optimizer = stepped(info, options, wide, grouping, rows)
        record["truth"] = writer.all(parameters.values())
        record["stateTruth"] = {} if searches else state_of(parameters, optimizer, writer)
    writer.append(record)


def fill(info, writer, skipped, is_small=False):
    # LBFGS has one group.
    has_groups = info.optim_cls is not torch.optim.LBFGS
    groupings = (False,) if not has_groups else (True,) if is_small else (False, True)
    for dtype in (torch.float32, torch.bfloat16) if is_small else TYPES:
        for sample in chosen(info.optim_inputs_func(device="cpu", dtype=dtype), 1 if is_small else 100, str(dtype)):
            options = {key: value for key, value in sample.kwargs.items()}
            for grouping in groupings:
                before = len(writer.samples)
                try:
                    write_sample(info, options, dtype, grouping, writer)
                except NotSampled as reason:
                    skipped[str(reason)] = skipped.get(str(reason), 0) + 1
                except Exception as error:  # noqa: BLE001
                    key = f"{info.optim_cls.__name__}: {type(error).__name__}: {str(error)[:60]}"
                    skipped[key] = skipped.get(key, 0) + 1
                    del writer.samples[before:]


def write(info, skipped):
    writer = Writer()
    fill(info, writer, skipped)
    return writer.bytes({"kind": "optimizer", "name": info.optim_cls.__name__})


def parts():
    for info in optim_db:
        yield "optimizers", info.optim_cls.__name__, lambda skipped, info=info: write(info, skipped)
