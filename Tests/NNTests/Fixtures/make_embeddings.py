"""Embeddings and bags of embeddings, made by PyTorch 2.13.0. Run: python make_embeddings.py

Writes embeddings.json: outputs, gradients and tables afterwards, with every option.
"""

import json

import torch

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.manual_seed(13)


def listed(tensor):
    return [round(number, 7) for number in tensor.detach().flatten().double().tolist()]


def camel(name):
    first, *others = name.split("_")
    return first + "".join(part.title() for part in others)


def case(module, arguments, call, *, indices, offsets=None, weights=None):
    with torch.no_grad():
        module.weight.copy_((module.weight * 64).round() / 64)
    start = module.weight.detach().clone()
    inputs = [torch.tensor(indices)] + ([] if offsets is None else [torch.tensor(offsets)])
    options = {}
    if weights is not None:
        weights = torch.tensor(weights, requires_grad=True)
        options["per_sample_weights"] = weights
    output = module(*inputs, **options)
    upstream = (torch.randn(output.shape) * 64).round() / 64
    output.backward(upstream)
    return {
        "module": call, "arguments": {camel(name): value for name, value in arguments.items()}, "table": listed(start), "indices": indices, "offsets": offsets,
        "weights": None if weights is None else listed(weights), "output": listed(output),
        "shape": list(output.shape), "upstream": listed(upstream), "gradient": listed(module.weight.grad),
        "weightGradient": None if weights is None else listed(weights.grad), "after": listed(module.weight),
        "description": module.extra_repr(),
    }


cases = []
for arguments in (
    {}, {"padding_idx": 2}, {"max_norm": 1.0}, {"max_norm": 1.0, "norm_type": 1.0},
    {"max_norm": 0.5, "norm_type": 3.0}, {"scale_grad_by_freq": True},
    {"padding_idx": -1, "max_norm": 1.5, "scale_grad_by_freq": True},
):
    for indices in ([[1, 2, 4], [4, 4, 0]], [3, 3, 3]):
        module = torch.nn.Embedding(5, 3, **arguments)
        cases.append(case(module, arguments, "Embedding", indices=indices))
# Divided by frequency, a row's gradient is divided by that of another here unless all numbers are there, and the
# largest alone several times: in `_embedding_bag_dense_backward_cpu_sum_mean` of `EmbeddingBag.cpp` the count is that of
# the i-th of the sorted indices, and should be of the i-th different one.
COUNTED = {1: [1, 4, 2, 4, 0, 3, 4], 2: [[1, 2, 4], [3, 0, 4]]}
PLAIN = {1: [1, 2, 4, 4, 0, 4, 2], 2: [[1, 2, 4], [2, 2, 2], [4, 4, 0]]}
for mode in ("sum", "mean", "max"):
    for arguments in (
        {}, {"padding_idx": 2}, {"max_norm": 1.0, "norm_type": 1.0}, {"include_last_offset": True},
        {"scale_grad_by_freq": True}, {"padding_idx": 4, "max_norm": 1.25, "include_last_offset": True},
    ):
        if mode == "max" and "scale_grad_by_freq" in arguments:
            continue
        arguments = {"mode": mode, **arguments}
        last = "include_last_offset" in arguments
        indices = COUNTED if "scale_grad_by_freq" in arguments else PLAIN
        for offsets in ([0, 2, 2, 5], [0, 0]):
            module = torch.nn.EmbeddingBag(5, 3, **arguments)
            cases.append(case(
                module, arguments, "EmbeddingBag", indices=indices[1],
                offsets=offsets + [7] if last else offsets))
        if not last:
            module = torch.nn.EmbeddingBag(5, 3, **arguments)
            cases.append(case(module, arguments, "EmbeddingBag", indices=indices[2]))
for arguments in ({}, {"padding_idx": 2}, {"max_norm": 1.0}):
    arguments = {"mode": "sum", **arguments}
    module = torch.nn.EmbeddingBag(5, 3, **arguments)
    cases.append(case(
        module, arguments, "EmbeddingBag", indices=[1, 2, 4, 4, 0], offsets=[0, 2, 2],
        weights=[0.5, 2.0, -1.0, 0.25, 3.0]))
    module = torch.nn.EmbeddingBag(5, 3, **arguments)
    cases.append(case(
        module, arguments, "EmbeddingBag", indices=[[1, 2], [2, 4]], weights=[[0.5, 2.0], [-1.0, 0.25]]))

with open("embeddings.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
