"""Samples of operations: those of PyTorch's `op_db`, with values and gradients as PyTorch computes them."""

import zlib

import torch
from torch.testing._internal.common_methods_invocations import op_db

from encoding import TYPES, NotSampled, Writer, chosen, flat, leaf, mapped, name, noise, small

HALF = (torch.float16, torch.bfloat16)
# The relative tolerances of torch.testing.assert_close.
RELATIVE = {torch.float64: 1e-7, torch.float32: 1.3e-6, torch.float16: 1e-3, torch.bfloat16: 1.6e-2}
COUNTS = {torch.float64: 80, torch.float32: 50, torch.float16: 25, torch.bfloat16: 25}
SPECIAL = [float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, -1.0, 0.5, 1e30, -1e-30]
# Calls whose result is memory that nobody wrote, or that no other engine has.
# grid_sampler_2d, which is grid_sample without its checks, ends the process at a grid that is no number.
WITHOUT_VALUES = {"grid_sampler_2d", "empty", "empty_like", "new_empty", "new_empty_strided", "empty_strided",
                  "empty_permuted"}


def described(op):
    return op.name + (f".{op.variant_test_name}" if op.variant_test_name else "")


class Call:
    """One call of an operation: its arguments, on leaves of their own."""

    def __init__(self, op, positional, keywords):
        self.op = op
        self.positional = mapped(leaf, positional)
        self.keywords = mapped(leaf, keywords)

    @staticmethod
    def of(op, sample):
        return Call(op, [sample.input, *sample.args], sample.kwargs)

    def changed(self, function):
        """The same call with other tensors."""
        return Call(self.op, mapped(function, self.positional), mapped(function, self.keywords))

    @property
    def tensors(self):
        found = []
        mapped(lambda tensor: found.append(tensor) or tensor, [self.positional, self.keywords])
        return found

    def run(self):
        # As wrapper_set_seed of op_db does for what draws random numbers.
        torch.manual_seed(42)
        return flat(self.op.op(*self.positional, **self.keywords))

    def fresh(self):
        return Call(self.op, self.positional, self.keywords)


def exact(call):
    """The call in float64, in which half and single precision are judged where they are inexact."""
    if any(tensor.is_complex() for tensor in call.tensors):
        return None
    twin = call.changed(lambda t: t.detach().double().requires_grad_(t.requires_grad)
                        if t.is_floating_point() else t)
    if any(isinstance(value, torch.dtype) for value in [*twin.positional, *twin.keywords.values()]):
        return None
    return twin


def gradients(outputs, call, upstream, create=False):
    inputs = [tensor for tensor in call.tensors if tensor.requires_grad]
    pairs = [(o, u) for o, u in zip(outputs, upstream) if u is not None and o.requires_grad]
    if not inputs or not pairs:
        return None
    return torch.autograd.grad([o for o, _ in pairs], inputs, [u.to(o.dtype) for o, u in pairs],
                               allow_unused=True, create_graph=create)


def far(found, truth):
    """Whether an element is farther from what it would be in float64 than a quarter of the tolerance of its type,
    relative to the element: of small ones too."""
    for one, other in zip(found, truth):
        if one is None or other is None or not one.is_floating_point() or one.shape != other.shape:
            continue
        absolute = torch.finfo(one.dtype).tiny
        if not torch.isclose(one, other.to(one.dtype), RELATIVE[one.dtype] / 4, absolute, equal_nan=True).all():
            return True
    return False


def sample_of(call, writer, group, upstream_of=noise, seconds=False):
    """Writes a sample with what PyTorch answers."""
    record = {"group": group}
    record["arguments"] = [writer.encode(value) for value in call.positional]
    if call.keywords:
        record["keywords"] = {key: writer.encode(value) for key, value in call.keywords.items()}
    kept = len(writer.samples)
    try:
        running = call.fresh()
        outputs = running.run()
    except NotSampled:
        raise
    except Exception as error:  # noqa: BLE001
        record["raises"] = " ".join(str(error).split())[:200]
        twin = exact(call) if group == "mixed" else None
        try:
            record["truth"] = writer.all(twin.run()) if twin else None
        except Exception:  # noqa: BLE001
            pass
        writer.append(record)
        return
    record["values"] = writer.all(outputs)
    generator = torch.Generator().manual_seed(kept + 1)
    upstream = [upstream_of(o, generator).requires_grad_(seconds) if o.requires_grad else None for o in outputs]
    found = None
    try:
        found = gradients(outputs, running, upstream, create=seconds)
    except Exception as error:  # noqa: BLE001
        record["withoutGradients"] = " ".join(str(error).split())[:120]
    if found is not None:
        record["upstream"] = writer.all(upstream)
        record["gradients"] = writer.all(found)
    directions, twice = None, None
    if found is not None and seconds:
        directions = [noise(g, generator) if g is not None and g.requires_grad else None for g in found]
        twice = second(found, running, upstream, directions)
        if twice is not None:
            record["directions"] = writer.all(directions)
            record["seconds"] = writer.all(twice)
    twin = exact(call) if any(t.dtype in (torch.float32, torch.float16, torch.bfloat16) for t in call.tensors) else None
    if twin:
        truths(twin, outputs, upstream, found, directions, twice, writer, record)
    writer.append(record)


def second(found, running, upstream, directions):
    """The gradients of the gradients, towards the inputs and towards the gradients of the results."""
    pairs = [(g, d) for g, d in zip(found, directions) if d is not None]
    inputs = [tensor for tensor in [*running.tensors, *upstream] if tensor is not None and tensor.requires_grad]
    if not pairs:
        return None
    try:
        return torch.autograd.grad([g for g, _ in pairs], inputs, [d.to(g.dtype) for g, d in pairs], allow_unused=True)
    except Exception:  # noqa: BLE001
        return None


def truths(twin, outputs, upstream, found, directions, twice, writer, record):
    """What float64 gives, if PyTorch's own answer is far from it."""
    try:
        truth = twin.run()
        if far(outputs, truth):
            record["truth"] = writer.all(truth)
        if found is not None:
            wide = [None if u is None else u.detach().double().requires_grad_(u.requires_grad) for u in upstream]
            exact_found = gradients(truth, twin, wide, create=twice is not None)
            if exact_found is not None and far(found, exact_found):
                record["gradientTruth"] = writer.all(exact_found)
            exact_twice = second(exact_found, twin, wide, directions) if twice is not None else None
            if exact_twice is not None and far(twice, exact_twice):
                record["secondTruth"] = writer.all(exact_twice)
    except Exception:  # noqa: BLE001
        return


def special(call, seed):
    """Special values in the floating-point tensors of a call, from another place on in each."""
    turn = [seed]

    def change(tensor):
        if not tensor.is_floating_point() or not tensor.numel():
            return tensor
        turn[0] += 3
        values = tensor.detach().clone(memory_format=torch.contiguous_format).flatten()
        for place in range(0, values.numel(), 2):
            values[place] = SPECIAL[(turn[0] + place // 2) % len(SPECIAL)]
        return values.view(tensor.shape).requires_grad_(tensor.requires_grad)

    return call.changed(change)


def tied(call):
    """Few values, so that many are equal, and many at the corners of piecewise functions."""
    return call.changed(lambda t: t.detach().clamp(-2, 2).round().requires_grad_(t.requires_grad)
                        if t.is_floating_point() else t)


def mixtures(call):
    """The call with one operand of another type, for each operand and each other type."""
    count = len(call.tensors)
    for place in range(min(count, 5) if count > 1 else 0):
        for dtype in (torch.float64, torch.bfloat16, torch.int64, torch.bool):
            turn = [0]

            def change(tensor, place=place, dtype=dtype, turn=turn):
                turn[0] += 1
                if turn[0] - 1 != place:
                    return tensor
                return tensor.detach().to(dtype).requires_grad_(tensor.requires_grad and dtype.is_floating_point)

            if call.tensors[place].dtype != dtype:
                yield call.changed(change)


def infinite(tensor, generator):
    values = noise(tensor, generator).flatten()
    for place in range(0, values.numel(), 3):
        values[place] = (float("inf"), -float("inf"), 1.0)[place // 3 % 3]
    return values.view(tensor.shape)


def raising(op):
    try:
        return [error.sample_input for error in op.error_inputs("cpu")]
    except Exception:  # noqa: BLE001
        return []


class Plan:
    """How many samples of a kind are taken."""

    def __init__(self, is_small=False):
        self.is_small = is_small
        self.edges, self.mixed, self.errors = (1, 1, 1) if is_small else (6, 3, 20)
        self.mixtures = 1 if is_small else 20

    def types(self, op):
        types = [dtype for dtype in TYPES if dtype in op.dtypes]
        if not self.is_small:
            return types
        halves = [dtype for dtype in types if dtype in HALF]
        half = halves[zlib.crc32(op.name.encode()) % len(halves)] if halves else None
        wanted = {torch.float64, torch.float32, torch.int64, half}
        return [dtype for dtype in types if dtype in wanted] or types[:1]

    def chosen(self, samples, dtype, seed):
        if self.is_small:
            return small(samples, 2 if dtype == torch.float64 else 1, seed)
        return chosen(samples, COUNTS.get(dtype, 15), seed)


def fill(op, writer, skipped, plan):
    """Writes the samples of one operation."""
    title = described(op)

    def add(call, group, **options):
        try:
            sample_of(call, writer, group, **options)
        except NotSampled as reason:
            skipped[str(reason)] = skipped.get(str(reason), 0) + 1

    for dtype in plan.types(op):
        needs = op.supports_autograd and dtype in op.backward_dtypes and dtype.is_floating_point
        torch.manual_seed(zlib.crc32(title.encode()))
        try:
            samples = plan.chosen(op.sample_inputs("cpu", dtype, requires_grad=needs), dtype, f"{title} {dtype}")
        except Exception as error:  # noqa: BLE001
            reason = f"no samples: {type(error).__name__}"
            skipped[reason] = skipped.get(reason, 0) + 1
            continue
        for sample in samples:
            add(Call.of(op, sample), name(dtype), seconds=dtype == torch.float64 and needs and op.supports_gradgrad)
        if dtype != torch.float32:
            continue
        twice = needs and op.supports_gradgrad
        for number, sample in enumerate(chosen(samples, plan.edges, title)):
            call = Call.of(op, sample)
            if sum(t.numel() for t in call.tensors) <= 4000:
                add(special(call, number), "edges", seconds=twice)
                if not plan.is_small:
                    add(tied(call), "edges", seconds=twice)
                    add(call, "edges", upstream_of=infinite)
        for sample in chosen(samples, plan.mixed, f"mixed {title}"):
            for mixture in chosen(mixtures(Call.of(op, sample)), plan.mixtures, title):
                add(mixture, "mixed")
    for sample in chosen(raising(op), plan.errors, title):
        try:
            add(Call.of(op, sample), "errors")
        except Exception:  # noqa: BLE001
            continue


def write(op, skipped):
    """The file of one operation, as bytes."""
    writer = Writer()
    fill(op, writer, skipped, Plan())
    return writer.bytes({"kind": "operation", "name": described(op)})


def operations(names):
    """The operations of `op_db` in its order, and those that are not among the names."""
    known = [op for op in op_db if op.name not in WITHOUT_VALUES]
    wanted = [op for op in known if names is None or op.name in names or described(op) in names]
    return wanted, [described(op) for op in op_db if op not in wanted]
