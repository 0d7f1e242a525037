"""Samples of modules: those of PyTorch's `module_db`, with outputs, gradients, state and text."""

import copy
import zlib

import torch
from torch.testing._internal.common_modules import module_db

from encoding import NotSampled, Writer, chosen, flat, leaf, mapped, name, noise
from operations import far

TYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16]
COUNTS = {torch.float64: 24, torch.float32: 24, torch.float16: 10, torch.bfloat16: 10}


LAYERS = (torch.nn.TransformerEncoderLayer, torch.nn.TransformerDecoderLayer)


def fields(layer):
    """The arguments that make a layer."""
    return {"d_model": layer.linear1.in_features, "nhead": layer.self_attn.num_heads,
            "dim_feedforward": layer.linear1.out_features, "dropout": layer.dropout.p,
            "activation": layer.activation, "layer_norm_eps": layer.norm1.eps,
            "batch_first": layer.self_attn.batch_first, "norm_first": layer.norm_first,
            "bias": layer.linear1.bias is not None}


def encoded(writer, value):
    """An argument of a constructor: a layer as the arguments that make it."""
    if isinstance(value, LAYERS):
        activation = getattr(value.activation, "__name__", str(value.activation))
        return {"fields": fields(value) | {"activation": activation}}
    if callable(value) and not isinstance(value, (torch.nn.Module, type)):
        return {"other": getattr(value, "__name__", "a function")}
    return writer.encode(value)


def call(writer, arguments, keywords, encode=None):
    encode = encode or writer.encode
    return {"arguments": [encode(value) for value in arguments],
            "keywords": {key: encode(value) for key, value in keywords.items()}}


def perturbed(module):
    """Other parameters than those that a module begins with, since ones and zeros tell little."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(noise(parameter, generator) * 0.5)


def run(module, arguments, keywords):
    torch.manual_seed(0)
    return flat(module(*arguments, **keywords))


def backward(outputs, upstream, tensors):
    pairs = [(o, u) for o, u in zip(outputs, upstream) if u is not None and o.requires_grad]
    if not pairs or not tensors:
        return None
    return torch.autograd.grad([o for o, _ in pairs], tensors, [u.to(o.dtype) for o, u in pairs], allow_unused=True)


def required(value):
    found = []
    mapped(lambda t: found.append(t) or t, value)
    return [tensor for tensor in found if tensor.requires_grad]


def built(info, sample):
    """The module of a sample after a seed, with layers in its arguments that are made after it too."""
    torch.manual_seed(0)
    renewed = lambda value: type(value)(**fields(value)) if isinstance(value, LAYERS) else value  # noqa: E731
    made = sample.constructor_input
    return info.module_cls(*map(renewed, made.args), **{key: renewed(value) for key, value in made.kwargs.items()})


def write_sample(info, sample, dtype, training, writer):
    made = sample.constructor_input
    if any(key in made.kwargs for key in ("device",)):
        raise NotSampled("made on a device")
    record = {"group": f"{name(dtype)}" if dtype in TYPES[:2] else "half", "dtype": name(dtype),
              "isTraining": training,
              "constructor": call(writer, made.args, made.kwargs, lambda value: encoded(writer, value))}
    module = built(info, sample)
    record["text"] = repr(module)
    initial = {key: value.clone() for key, value in module.state_dict().items()}
    module = module.to(dtype).train(training)
    perturbed(module)
    state = module.state_dict()
    record["keys"] = list(state)
    record["state"] = writer.all(state.values())
    arguments = mapped(leaf, list(sample.forward_input.args))
    keywords = mapped(leaf, dict(sample.forward_input.kwargs))
    record |= call(writer, arguments, keywords)
    twin = copy.deepcopy(module).double()
    try:
        outputs = run(module, arguments, keywords)
    except Exception as error:  # noqa: BLE001
        record["raises"] = " ".join(str(error).split())[:200]
        writer.append(record)
        return record["constructor"], initial
    record["values"] = writer.all(outputs)
    record["after"] = writer.all(module.state_dict().values())
    generator = torch.Generator().manual_seed(len(writer.samples) + 1)
    upstream = [noise(o, generator) if o.requires_grad else None for o in outputs]
    inputs, parameters = required([arguments, keywords]), [p for p in module.parameters() if p.requires_grad]
    try:
        found = backward(outputs, upstream, inputs + parameters)
    except Exception:  # noqa: BLE001
        found = None
    if found is not None:
        record["upstream"] = writer.all(upstream)
        record["gradients"] = writer.all(found)
        record["parameters"] = [key for key, parameter in module.named_parameters()]
    if dtype != torch.float64:
        wide = lambda t: t.detach().double().requires_grad_(t.requires_grad) if t.is_floating_point() else t  # noqa: E731
        exact_arguments, exact_keywords = mapped(wide, arguments), mapped(wide, keywords)
        try:
            truth = run(twin, exact_arguments, exact_keywords)
            if far(outputs, truth):
                record["truth"] = writer.all(truth)
            if found is not None:
                inputs = required([exact_arguments, exact_keywords])
                exact = backward(truth, upstream, inputs + [p for p in twin.parameters() if p.requires_grad])
                if exact is not None and far(found, exact):
                    record["gradientTruth"] = writer.all(exact)
        except Exception:  # noqa: BLE001
            pass
    writer.append(record)
    return record["constructor"], initial


def fill(info, writer, skipped, is_small=False):
    title = info.name
    seeds = set()
    for dtype in (torch.float32, torch.bfloat16) if is_small else TYPES:
        for training in (True,) if is_small else (True, False):
            torch.manual_seed(zlib.crc32(title.encode()))
            try:
                samples = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=training)
                samples = chosen(samples, 1 if is_small else COUNTS[dtype], f"{title} {dtype} {training}")
            except Exception as error:  # noqa: BLE001
                key = f"no samples: {type(error).__name__}"
                skipped[key] = skipped.get(key, 0) + 1
                continue
            for sample in samples:
                try:
                    constructor, initial = write_sample(info, sample, dtype, training, writer)
                except NotSampled as reason:
                    skipped[str(reason)] = skipped.get(str(reason), 0) + 1
                    continue
                text = str(constructor) if dtype == torch.float32 and initial else None
                if text is None or text in seeds:
                    continue
                seeds.add(text)
                writer.append({"group": "seeds", "constructor": constructor, "keys": list(initial),
                               "state": writer.all(initial.values())})


def write(info, skipped):
    writer = Writer()
    fill(info, writer, skipped)
    return writer.bytes({"kind": "module", "name": info.name})


# Which Ballast has none of: their samples would only say so.
WITHOUT_TWIN = ("Lazy", "LinearCrossEntropyLoss", "FractionalMaxPool")


def judged():
    return [info for info in module_db if not any(word in info.name for word in WITHOUT_TWIN)]


def parts():
    for info in judged():
        yield "modules", info.name, lambda skipped, info=info: write(info, skipped)
