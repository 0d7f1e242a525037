"""Values and gradients of operations, made by PyTorch 2.13.0 in float64.

Inputs follow from a formula that OpSamples.swift has too, so only results are stored.
Run: python make_ops.py > ops.json
"""

import json

import torch
import torch.nn.functional as F

assert torch.__version__.startswith("2.13.0"), torch.__version__


def pattern(shape, salt, positive=False):
    """Distinct fractions, none of them zero, that binary floating point holds exactly."""
    count = 1
    for length in shape:
        count *= length
    raw = [(i * 37 + salt * 17) % 101 for i in range(count)]
    values = [0.25 + r / 64 if positive else (r - 50.5) / 32 for r in raw]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


SAMPLES = {}


def op(name, *shapes, positive=False):
    def add(function):
        SAMPLES[name] = (shapes, positive, function)

    return add


I = lambda *v: torch.tensor(v)

# Arithmetic
op("add", (2, 3), (2, 3))(lambda a, b: a + b)
op("add.row", (2, 3), (3,))(lambda a, b: a + b)
op("add.column", (2, 3), (2, 1))(lambda a, b: a + b)
op("add.scalar", (2, 3), ())(lambda a, b: a + b)
op("add.outer", (4, 1), (1, 5))(lambda a, b: a + b)
op("add.rank", (3, 1, 2), (2, 1, 4, 1))(lambda a, b: a + b)
op("sub", (2, 3), (1, 3))(lambda a, b: a - b)
op("mul", (2, 3), (2, 1))(lambda a, b: a * b)
op("mul.channel", (2, 3, 4), (3, 1))(lambda a, b: a * b)
op("mul.self", (2, 3))(lambda a: a * a)
op("div", (2, 3), (3,), positive=True)(lambda a, b: a / b)
op("neg", (2, 3))(lambda a: -a)
op("add.number", (2, 3))(lambda a: a + 2.5)
op("sub.number", (2, 3))(lambda a: a - 2.5)
op("rsub.number", (2, 3))(lambda a: 2.5 - a)
op("mul.number", (2, 3))(lambda a: a * 2.5)
op("div.number", (2, 3))(lambda a: a / 2.5)
op("rdiv.number", (2, 3), positive=True)(lambda a: 2.5 / a)
op("pow.number", (2, 3), positive=True)(lambda a: a**1.7)
op("pow.square", (2, 3))(lambda a: a**2)
op("pow.cube", (2, 3))(lambda a: a**3)
op("pow.negative", (2, 3), positive=True)(lambda a: a**-2)
op("pow", (2, 3), (3,), positive=True)(lambda a, b: a**b)
op("maximum", (2, 3), (3,))(torch.maximum)
op("minimum", (2, 3), (3,))(torch.minimum)

# Unary
for name in "exp expm1 sin cos abs square sinh cosh erf sign".split():
    op(name, (2, 3))(getattr(torch, name))
for name in "log log2 log10 log1p sqrt rsqrt reciprocal tan".split():
    op(name, (2, 3), positive=True)(getattr(torch, name))
op("asin", (2, 3))(lambda a: torch.asin(a / 2))
op("acos", (2, 3))(lambda a: torch.acos(a / 2))
op("atan", (2, 3))(torch.atan)
for name in "floor ceil round trunc".split():
    op(name, (2, 3))(getattr(torch, name))
op("clamp", (3, 4))(lambda a: a.clamp(-0.5, 0.75))
op("clamp.min", (3, 4))(lambda a: a.clamp(min=-0.5))

# Activations
op("relu", (3, 4))(torch.relu)
op("leakyRelu", (3, 4))(lambda a: F.leaky_relu(a, 0.2))
op("elu", (3, 4))(lambda a: F.elu(a, 1.3))
op("sigmoid", (3, 4))(torch.sigmoid)
op("tanh", (3, 4))(torch.tanh)
op("gelu", (3, 4))(F.gelu)
op("gelu.tanh", (3, 4))(lambda a: F.gelu(a, approximate="tanh"))
op("silu", (3, 4))(F.silu)
op("mish", (3, 4))(F.mish)
op("softplus", (3, 4))(lambda a: F.softplus(a, 2.0, 1.5))
op("hardswish", (3, 4))(lambda a: F.hardswish(a * 3))
op("hardsigmoid", (3, 4))(lambda a: F.hardsigmoid(a * 3))
op("softmax.last", (3, 4))(lambda a: a.softmax(-1))
op("softmax.first", (3, 4))(lambda a: a.softmax(0))
op("softmax.middle", (2, 3, 4))(lambda a: a.softmax(1))
op("logSoftmax.last", (3, 4))(lambda a: a.log_softmax(-1))
op("logSoftmax.middle", (2, 3, 4))(lambda a: a.log_softmax(1))

# Reductions
op("sum", (2, 3))(lambda a: a.sum())
op("sum.0", (2, 3))(lambda a: a.sum(0))
op("sum.1.keep", (2, 3))(lambda a: a.sum(1, keepdim=True))
op("sum.0.2", (2, 3, 4))(lambda a: a.sum((0, 2)))
op("sum.-1", (2, 3, 4))(lambda a: a.sum(-1))
op("sum.1", (2, 3, 4))(lambda a: a.sum(1))
op("mean", (2, 3))(lambda a: a.mean())
op("mean.1", (2, 3, 4))(lambda a: a.mean(1))
op("var", (2, 3))(lambda a: a.var())
op("var.1", (2, 3, 4))(lambda a: a.var((0, 2), correction=0, keepdim=True))
op("std.-1", (2, 5))(lambda a: a.std(-1))
op("prod", (2, 3), positive=True)(lambda a: a.prod())
op("prod.1", (2, 3), positive=True)(lambda a: a.prod(1))
op("max", (2, 3))(lambda a: a.max())
op("min", (2, 3))(lambda a: a.min())
op("amax.1", (2, 3, 4))(lambda a: a.amax(1))
op("amin.0.2", (2, 3, 4))(lambda a: a.amin((0, 2)))
op("max.dim", (3, 4))(lambda a: a.max(1).values)
op("min.dim", (3, 4))(lambda a: a.min(0).values)
op("logSumExp", (3, 4))(lambda a: a.logsumexp(1))
op("norm", (3, 4))(lambda a: a.norm())
op("norm.1", (3, 4))(lambda a: torch.linalg.vector_norm(a, dim=1))

# Shapes
op("reshape", (2, 6))(lambda a: a.reshape(3, 4))
op("flatten", (2, 3, 4))(lambda a: a.flatten(1))
op("transpose", (2, 3, 4))(lambda a: a.transpose(0, 2))
op("permute", (2, 3, 4))(lambda a: a.permute(1, 2, 0))
op("expand", (2, 1, 3))(lambda a: a.expand(4, 2, 5, 3))
op("unsqueeze", (2, 3))(lambda a: a.unsqueeze(1))
op("squeeze", (2, 1, 3, 1))(lambda a: a.squeeze())
op("squeeze.1", (2, 1, 3, 1))(lambda a: a.squeeze(1))
op("slice", (4, 5))(lambda a: a[:, 1:4])
op("slice.step", (7, 2))(lambda a: a[1:7:2])
op("select", (3, 4))(lambda a: a[:, 2])
op("select.last", (3, 4))(lambda a: a[-1])
op("cat", (2, 3), (2, 2))(lambda a, b: torch.cat([a, b], 1))
op("cat.0", (2, 3), (1, 3))(lambda a, b: torch.cat([a, b], 0))
op("stack", (2, 3), (2, 3))(lambda a, b: torch.stack([a, b], 1))
op("chunk", (5, 2))(lambda a: a.chunk(3)[1])
op("pad", (2, 3))(lambda a: F.pad(a, (1, 2)))

# Products
op("matmul", (2, 3), (3, 4))(torch.matmul)
op("matmul.vector", (2, 3), (3,))(torch.matmul)
op("matmul.left", (3,), (3, 4))(torch.matmul)
op("matmul.dot", (4,), (4,))(torch.matmul)
op("matmul.batch", (2, 2, 3), (2, 3, 4))(torch.matmul)
op("matmul.stack", (2, 2, 3), (3, 4))(torch.matmul)
op("matmul.broadcast", (2, 1, 2, 3), (3, 3, 2))(torch.matmul)
op("matmul.right", (2, 3), (2, 3, 2))(torch.matmul)
op("matmul.transposed", (3, 2), (4, 3))(lambda a, b: a.T @ b.T)
op("linear", (2, 3), (4, 3), (4,))(F.linear)
op("linear.stack", (2, 2, 3), (4, 3), (4,))(F.linear)
op("linear.vector", (3,), (4, 3), (4,))(F.linear)
op("linear.nobias", (2, 3), (4, 3))(F.linear)

# Windows
op("conv2d", (2, 2, 5, 5), (3, 2, 3, 3), (3,))(F.conv2d)
op("conv2d.stride", (1, 2, 6, 5), (2, 2, 3, 2))(
    lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=(1, 2))
)
op("conv2d.dilation", (1, 1, 7, 6), (2, 1, 2, 3), (2,))(
    lambda x, w, b: F.conv2d(x, w, b, dilation=(3, 2), padding=1)
)
op("conv2d.groups", (2, 4, 4, 4), (6, 2, 2, 2), (6,))(
    lambda x, w, b: F.conv2d(x, w, b, groups=2)
)
op("conv2d.pointwise", (2, 3, 2, 2), (4, 3, 1, 1), (4,))(F.conv2d)
op("conv2d.nobatch", (2, 4, 4), (1, 2, 3, 3))(F.conv2d)
op("convTranspose2d", (2, 3, 3, 2), (3, 2, 3, 2), (2,))(
    lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1)
)
op("convTranspose2d.groups", (1, 4, 3, 3), (4, 1, 2, 2))(
    lambda x, w: F.conv_transpose2d(x, w, groups=2, dilation=2)
)
op("maxPool2d", (1, 2, 4, 4))(lambda a: F.max_pool2d(a, 2))
op("maxPool2d.padding", (1, 1, 5, 6))(lambda a: F.max_pool2d(a, 3, 2, 1))
op("maxPool2d.dilation", (1, 1, 6, 6))(
    lambda a: F.max_pool2d(a, (2, 3), (1, 2), (1, 1), (2, 1), ceil_mode=True)
)
op("avgPool2d", (1, 2, 4, 4))(lambda a: F.avg_pool2d(a, 2))
op("avgPool2d.padding", (1, 1, 5, 6))(lambda a: F.avg_pool2d(a, 3, 2, 1))
op("avgPool2d.exclude", (1, 1, 5, 6))(
    lambda a: F.avg_pool2d(a, 3, 2, 1, ceil_mode=True, count_include_pad=False)
)
op("avgPool2d.ceil", (1, 1, 5, 6))(lambda a: F.avg_pool2d(a, 3, 2, 1, ceil_mode=True))
op("avgPool2d.divisor", (1, 1, 4, 4))(lambda a: F.avg_pool2d(a, 2, divisor_override=3))
op("adaptiveAvgPool2d", (1, 2, 5, 7))(lambda a: F.adaptive_avg_pool2d(a, (3, 2)))
op("adaptiveAvgPool2d.larger", (1, 1, 2, 3))(lambda a: F.adaptive_avg_pool2d(a, (3, 5)))

# Normalisation
op("batchNorm.train", (3, 2, 2, 2), (2,), (2,))(
    lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True)
)
op("batchNorm.plain", (4, 3))(lambda x: F.batch_norm(x, None, None, training=True))
op("batchNorm.eval", (2, 2, 3), (2,), (2,))(
    lambda x, w, b: F.batch_norm(
        x, torch.tensor([0.5, -0.25]).double(), torch.tensor([1.5, 0.75]).double(), w, b
    )
)
op("layerNorm", (2, 3, 4), (4,), (4,))(lambda x, w, b: F.layer_norm(x, (4,), w, b))
op("layerNorm.2", (2, 3, 4), (3, 4))(lambda x, w: F.layer_norm(x, (3, 4), w))
op("layerNorm.plain", (2, 5))(lambda x: F.layer_norm(x, (5,)))

# Indices
op("indexSelect", (4, 3))(lambda a: a.index_select(0, I(2, 0, 2)))
op("indexSelect.1", (2, 4, 3))(lambda a: a.index_select(1, I(3, 1)))
op("embedding", (5, 3))(lambda w: F.embedding(I([1, 4], [0, 1]), w))
op("embedding.padding", (5, 3))(lambda w: F.embedding(I([1, 4], [0, 1]), w, padding_idx=1))
op("gather", (3, 4))(lambda a: a.gather(1, I([0, 3], [2, 2], [1, 0])))
op("gather.0", (3, 4))(lambda a: a.gather(0, I([0, 2, 1])))
op("where", (2, 3), (2, 3))(lambda a, b: torch.where(a > 0, a * 2, b))
op("where.broadcast", (2, 3), ())(
    lambda a, b: torch.where(torch.tensor([[True], [False]]), a, b)
)
op("maskedFill", (2, 3))(lambda a: a.masked_fill(torch.tensor([True, False, True]), 7.0))

# Losses
op("mseLoss", (2, 3), (2, 3))(F.mse_loss)
op("mseLoss.sum", (2, 3), (2, 3))(lambda a, b: F.mse_loss(a, b, reduction="sum"))
op("mseLoss.none", (2, 3), (2, 3))(lambda a, b: F.mse_loss(a, b, reduction="none"))
op("nllLoss", (3, 4))(lambda a: F.nll_loss(a, I(1, 3, 0)))
op("crossEntropy", (3, 4))(lambda a: F.cross_entropy(a, I(1, 3, 0)))
op("crossEntropy.weight", (3, 4), (4,), positive=True)(
    lambda a, w: F.cross_entropy(a, I(1, 3, 0), w.detach())
)
op("crossEntropy.ignore", (3, 4))(lambda a: F.cross_entropy(a, I(1, -100, 0)))
op("crossEntropy.smooth", (3, 4), (4,), positive=True)(
    lambda a, w: F.cross_entropy(a, I(1, 2, 0), w.detach(), ignore_index=2, label_smoothing=0.2)
)
op("crossEntropy.none", (3, 4))(
    lambda a: F.cross_entropy(a, I(1, 3, 0), reduction="none", label_smoothing=0.1)
)
op("crossEntropy.image", (2, 3, 2, 2))(
    lambda a: F.cross_entropy(a, I([[0, 1], [2, 0]], [[1, 1], [2, 0]]), reduction="sum")
)
op("crossEntropy.single", (4,))(lambda a: F.cross_entropy(a, torch.tensor(2)))
op("crossEntropy.probabilities", (3, 4), (3, 4), positive=True)(
    lambda a, b: F.cross_entropy(a, b, label_smoothing=0.1)
)

# Compositions
op("mlp", (3, 4), (5, 4), (5,), (2, 5))(lambda x, w, b, v: F.linear(torch.tanh(F.linear(x, w, b)), v))
op("shared", (2, 2))(lambda a: (a @ a + a.T) * a.sum())

results = {}
for name, (shapes, positive, function) in SAMPLES.items():
    inputs = [pattern(s, i, positive).requires_grad_() for i, s in enumerate(shapes)]
    output = function(*inputs)
    grads = [None] * len(inputs)
    if output.requires_grad:
        gradient = pattern(output.shape, 7)
        grads = torch.autograd.grad(output, inputs, gradient, allow_unused=True)
    results[name] = {
        "shape": list(output.shape),
        "output": output.detach().flatten().tolist(),
        "gradients": [None if g is None else g.flatten().tolist() for g in grads],
    }
print(json.dumps(results, separators=(",", ":")).replace("},", "},\n"))
