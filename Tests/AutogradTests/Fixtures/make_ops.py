"""Values and gradients of operations, made by PyTorch 2.13.0 in float64.

Inputs follow from a formula that OpSamples.swift has too, so only results are stored.
Run: python make_ops.py

Writes ops.json, and edges.json with the same operations on inputs that are empty or have no axes.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

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

op("hardtanh", (3, 4))(lambda a: F.hardtanh(a, -0.5, 0.75))
op("relu6", (3, 4))(lambda a: F.relu6(a * 6))
op("threshold", (3, 4))(lambda a: F.threshold(a, 0.1, 7.0))
op("prelu", (2, 3, 2), (3,))(F.prelu)
op("prelu.one", (4,), (1,))(F.prelu)
op("selu", (3, 4))(F.selu)
op("celu", (3, 4))(lambda a: F.celu(a, 1.3))
op("softsign", (3, 4))(F.softsign)
op("tanhshrink", (3, 4))(F.tanhshrink)
op("logSigmoid", (3, 4))(F.logsigmoid)
op("glu", (3, 4))(F.glu)
op("softmin", (3, 4))(lambda a: F.softmin(a, 0))

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
op("unflatten", (2, 6))(lambda a: a.unflatten(1, (3, -1)))
op("flip", (2, 3, 2))(lambda a: a.flip(0, 2))
op("transpose", (2, 3, 4))(lambda a: a.transpose(0, 2))
op("permute", (2, 3, 4))(lambda a: a.permute(1, 2, 0))
op("expand", (2, 1, 3))(lambda a: a.expand(4, 2, 5, 3))
op("unsqueeze", (2, 3))(lambda a: a.unsqueeze(1))
op("squeeze", (2, 1, 3, 1))(lambda a: a.squeeze())
op("squeeze.1", (2, 1, 3, 1))(lambda a: a.squeeze(1))
op("slice", (4, 5))(lambda a: a.narrow(1, 1, 3))
op("slice.step", (7, 2))(lambda a: a.narrow(0, 1, 6)[::2])
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

op("bilinear", (2, 3), (2, 4), (2, 3, 4), (2,))(F.bilinear)

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

op("l1Loss", (2, 3), (2, 3))(F.l1_loss)
op("huberLoss", (2, 3), (2, 3))(lambda a, b: F.huber_loss(a, b, delta=0.7))
op("smoothL1Loss", (2, 3), (2, 3))(lambda a, b: F.smooth_l1_loss(a, b, beta=0.5, reduction="sum"))
op("binaryCrossEntropy", (2, 3), (2, 3))(
    lambda a, b: F.binary_cross_entropy(a.sigmoid(), b.sigmoid().detach())
)
op("binaryCrossEntropyWithLogits", (2, 3), (2, 3), (3,))(
    lambda a, b, w: F.binary_cross_entropy_with_logits(
        a, b.sigmoid(), torch.full((3,), 0.5), pos_weight=w.detach().exp()
    )
)
op("klDiv", (2, 3), (2, 3))(
    lambda a, b: F.kl_div(a.log_softmax(1), b.softmax(1), reduction="batchmean")
)
op("klDiv.log", (2, 3), (2, 3))(
    lambda a, b: F.kl_div(a.log_softmax(1), b.log_softmax(1), reduction="sum", log_target=True)
)
op("cosineSimilarity", (2, 3), (2, 3))(F.cosine_similarity)
op("cosineEmbeddingLoss", (2, 3), (2, 3))(
    lambda a, b: F.cosine_embedding_loss(a, b, I(1, -1), margin=-0.9)
)

# Sequences
op("attention", (2, 3, 4), (2, 5, 4), (2, 5, 2))(F.scaled_dot_product_attention)
op("attention.causal", (2, 3, 4), (2, 3, 4), (2, 3, 2))(
    lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3)
)
op("attention.mask", (3, 2), (3, 2), (3, 2))(
    lambda q, k, v: F.scaled_dot_product_attention(
        q, k, v, torch.tensor([[True, False, True], [False, False, False], [True, True, True]])
    )
)
op("attention.added", (3, 2), (3, 2), (3, 2), (3, 3))(F.scaled_dot_product_attention)


def recurrence(kind, initial):
    """All states of a recurrence, by PyTorch's layer with a unit matrix for the input."""

    def run(x, w, b, *h):
        names = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
        layer = kind(x.shape[2], w.shape[1])
        unit = torch.eye(x.shape[2], dtype=x.dtype)
        weights = dict(zip(names, [unit, w, torch.zeros_like(b), b]))
        state = h[0].unsqueeze(1)
        outputs, last = [], state
        steps = []
        for t in range(x.shape[0]):
            given = (last[0], last[1]) if initial == 2 else last[0]
            _, given = torch.func.functional_call(layer, weights, (x[t : t + 1], given))
            last = torch.stack(given) if initial == 2 else given.unsqueeze(0)
            steps.append(last)
        return torch.cat([state] + steps, 1)

    return run


op("recurrence.tanh", (3, 2, 2), (2, 2), (2,), (1, 2, 2))(recurrence(nn.RNN, 1))
op("recurrence.relu", (3, 2, 2), (2, 2), (2,), (1, 2, 2))(
    recurrence(lambda i, h: nn.RNN(i, h, nonlinearity="relu"), 1)
)
op("recurrence.gru", (3, 2, 6), (6, 2), (6,), (1, 2, 2))(recurrence(nn.GRU, 1))
op("recurrence.lstm", (3, 2, 8), (8, 2), (8,), (2, 2, 2))(recurrence(nn.LSTM, 2))

# Lines, planes of other sizes, groups
op("conv1d", (2, 4, 5), (2, 2, 3), (2,))(
    lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1, groups=2)
)
op("convTranspose1d", (1, 2, 3), (2, 3, 2))(
    lambda x, w: F.conv_transpose1d(x, w, stride=2, padding=1, output_padding=1)
)
op("maxPool1d", (1, 2, 6))(lambda a: F.max_pool1d(a, 3, 2, 1))
op("avgPool1d", (1, 2, 6))(lambda a: F.avg_pool1d(a, 3, 2, 1, count_include_pad=False))
op("pad.reflect", (1, 4, 5))(lambda a: F.pad(a, (3, 4), "reflect"))
op("pad.replicate", (1, 2, 3))(lambda a: F.pad(a, (4, 2), "replicate"))
op("pad.circular", (1, 2, 3))(lambda a: F.pad(a, (3, 1), "circular"))
op("interpolate.nearest", (1, 2, 3, 4))(lambda a: F.interpolate(a, size=(5, 3)))
op("interpolate.scale", (1, 1, 3, 4))(lambda a: F.interpolate(a, scale_factor=(1.7, 0.6)))
op("interpolate.bilinear", (1, 2, 3, 4))(
    lambda a: F.interpolate(a, size=(5, 3), mode="bilinear")
)
op("interpolate.aligned", (1, 1, 3, 4))(
    lambda a: F.interpolate(a, size=(5, 1), mode="bilinear", align_corners=True)
)
op("pixelShuffle", (2, 8, 2, 3))(lambda a: F.pixel_shuffle(a, 2))
op("groupNorm", (2, 4, 3), (4,), (4,))(lambda x, w, b: F.group_norm(x, 2, w, b))
op("instanceNorm", (2, 2, 2, 2), (2,), (2,))(
    lambda x, w, b: F.instance_norm(x, weight=w, bias=b)
)
op("rmsNorm", (2, 3, 4), (3, 4))(lambda x, w: F.rms_norm(x, (3, 4), w, 1e-3))

# Rearrangements
op("tril", (2, 3, 4))(lambda a: a.tril(1))
op("triu", (3, 4))(lambda a: a.triu(-1))
op("roll", (2, 5))(lambda a: a.roll(-7, 1))
op("roll.flat", (2, 3))(lambda a: a.roll(2))
op("flip.rows", (2, 3))(lambda a: a.flip(0))
op("repeat", (2, 3))(lambda a: a.repeat(2, 1, 3))
op("outer", (2,), (3,))(torch.outer)
op("sort", (3, 5))(lambda a: a.sort(1).values)
op("sort.descending", (4, 3))(lambda a: a.sort(0, descending=True).values)
op("topk", (2, 5))(lambda a: a.topk(2).values)
op("topk.one", (3, 4))(lambda a: a.topk(1, largest=False).values)
op("unfold.overlapping", (6,))(lambda a: a.unfold(0, 4, 1) @ a[:4])
op("unfold.last", (2, 3, 5))(lambda a: a.mT.unfold(-2, 2, 3))
op("unfold.one", (5,))(lambda a: a.unfold(0, 1, 2))
op("diagonal.view", (4, 3, 4))(lambda a: a.transpose(0, 1).diagonal(1, -1, 1).exp())
op("diagonal.far", (2, 3))(lambda a: a.diagonal(-4))

# Compositions
op("mlp", (3, 4), (5, 4), (5,), (2, 5))(lambda x, w, b, v: F.linear(torch.tanh(F.linear(x, w, b)), v))
op("shared", (2, 2))(lambda a: (a @ a + a.T) * a.sum())

# Equations, scans, indices, windows
E = torch.einsum
op("einsum.product", (2, 3), (3, 4))(lambda a, b: E("ik,kj->ij", a, b))
op("einsum.implicit", (3, 2), (3, 4))(lambda a, b: E("ki, kj", a, b))
op("einsum.trace", (3, 3))(lambda a: E("ii", a))
op("einsum.diagonal", (2, 3, 3))(lambda a: E("bii->ib", a))
op("einsum.cube", (2, 3, 2, 2))(lambda a: E("iaii->ai", a))
op("einsum.transpose", (2, 3, 4))(lambda a: E("...ij->...ji", a))
op("einsum.batch", (2, 1, 3, 4), (5, 4, 2))(lambda a, b: E("...ij,...jk->...ik", a, b))
op("einsum.ellipsis", (2, 3), (4, 2, 3))(lambda a, b: E("i...,...i", a, b.transpose(1, 2)))
op("einsum.covered", (2, 3, 4))(lambda a: E("a...->a", a))
op("einsum.ones", (1, 3), (4, 1))(lambda a, b: E("ij,ij->j", a, b))
op("einsum.outer", (2,), (3,), (2,))(lambda a, b, c: E("i,j,k->kji", a, b, c))
op("einsum.three", (2, 3), (3, 4), (4, 2))(lambda a, b, c: E("ij,jk,kl->il", a, b, c))
op("einsum.bilinear", (2, 3), (4, 3, 2), (2, 2))(lambda a, b, c: E("bn,anm,bm->ba", a, b, c))
op("einsum.sum", (2, 3), (4,))(lambda a, b: E("ij,k->i", a, b))
op("einsum.scalar", (), (2,))(lambda a, b: E(",i->i", a, b))
op("einsum.case", (2, 3))(lambda a: E("aB", a))

op("cumsum", (2, 3, 2))(lambda a: a.cumsum(1))
op("cumsum.scalar", ())(lambda a: a.cumsum(0))
op("cumprod", (2, 3, 2))(lambda a: a.cumprod(-2))
op("cumprod.zeros", (3, 4))(lambda a: (a * (a > 0)).cumprod(1))
op("prod.zero", (3, 4))(lambda a: (a * torch.tensor([1.0, 0, 1, 1]).double()).prod(1))
op("prod.zeros", (2, 3, 2))(
    lambda a: (a * torch.tensor([[[1.0, 0], [0, 0], [1, 1]]]).double()).prod(1, keepdim=True)
)
op("prod.all", (2, 3))(lambda a: (a * torch.tensor([[1.0, 0, 1], [1, 1, 1]]).double()).prod())

op("scatter", (3, 4), (2, 2))(lambda a, b: a.scatter(1, I([0, 3], [2, 1]), b))
op("scatter.0", (3, 4), (2, 3))(lambda a, b: a.scatter(0, I([0, 2, 1], [1, 0, 2]), b))
op("scatter.number", (3, 4))(lambda a: a.scatter(-1, I([0, 3], [2, 1], [1, 1]), 2.5))
op("scatterAdd", (3, 4), (2, 3))(lambda a, b: a.scatter_add(1, I([0, 0, 3], [2, 1, 2]), b))
op("index", (3, 4))(lambda a: a[I(0, 2, -1), I(1, 3, 3)])
op("index.one", (3, 4, 2))(lambda a: a[:, I([0, 3], [1, 1])])
op("index.adjacent", (2, 3, 4, 2))(lambda a: a[:, I(0, 2), I([1], [3])])
op("index.apart", (2, 3, 4))(lambda a: a[I(0, 1, 1), :, I(3, 0, 3)])
op("index.mask", (3, 4))(lambda a: a[torch.tensor([True, False, True])])
op("index.maskApart", (2, 3, 2, 2))(
    lambda a: a[:, torch.tensor([[True, False], [False, True], [True, True]]), I(0)]
)
op("unfold", (2, 7))(lambda a: a.unfold(1, 3, 2))
op("unfold.first", (5, 2, 3))(lambda a: a.unfold(0, 2, 1))
op("unfold.planes", (2, 2, 4, 5))(
    lambda a: F.unfold(a, (2, 3), dilation=(2, 1), padding=1, stride=(1, 2))
)
op("unfold.nobatch", (2, 3, 3))(lambda a: F.unfold(a, 2))
op("fold", (2, 12, 12))(lambda a: F.fold(a, (4, 5), (2, 3), padding=1, stride=(1, 2), dilation=(2, 1)))
op("fold.nobatch", (8, 4))(lambda a: F.fold(a, (3, 3), 2))
op("diagonal", (3, 4))(lambda a: a.diagonal(1))
op("diagonal.below", (2, 4, 3))(lambda a: a.diagonal(-2, 1, 2))
op("diagonal.swapped", (3, 2, 4))(lambda a: a.diagonal(0, 2, 0))
op("tile", (2, 3))(lambda a: a.tile(2))
op("tile.more", (2, 3))(lambda a: a.tile(2, 1, 2))
op("split.sizes", (2, 6))(lambda a: a.split([1, 3, 2], 1)[1])
op("clamp.tensors", (3, 4), (4,), (3, 1))(lambda a, b, c: a.clamp(b, c))
op("clamp.minTensor", (3, 4), (4,))(lambda a, b: a.clamp(min=b))
op("clamp.maxTensor", (3, 4), (4,))(lambda a, b: a.clamp(max=b))
op("atan2", (3, 4), (4,))(torch.atan2)
op("remainder", (3, 4), (4,))(torch.remainder)
op("floorDivide", (3, 4), (4,))(lambda a, b: torch.div(a, b, rounding_mode="floor"))

op("adaptiveMaxPool2d", (1, 2, 5, 7))(lambda a: F.adaptive_max_pool2d(a, (3, 2)))
op("adaptiveMaxPool1d", (2, 2, 7))(lambda a: F.adaptive_max_pool1d(a, 3))
op("adaptiveAvgPool1d", (2, 7))(lambda a: F.adaptive_avg_pool1d(a, 3))
op("maxUnpool1d", (2, 2, 7))(
    lambda a: F.max_unpool1d(*F.max_pool1d(a, 2, return_indices=True), 2, output_size=(7,))
)
op("maxUnpool2d", (1, 2, 5, 7))(
    lambda a: F.max_unpool2d(
        *F.max_pool2d(a, (2, 3), padding=(1, 0), return_indices=True), (2, 3), padding=(1, 0), output_size=(5, 7))
)
op("maxUnpool3d", (2, 1, 4, 3, 5))(
    lambda a: F.max_unpool3d(
        *F.max_pool3d(a, 2, padding=(1, 0, 1), return_indices=True), 2, padding=(1, 0, 1), output_size=(4, 3, 5))
)
op("maxUnpool3d.adaptive", (2, 4, 3, 5))(
    lambda a: F.max_unpool3d(*F.adaptive_max_pool3d(a, 2, return_indices=True), (2, 2, 3), (2, 1, 2))
)
op("interpolate.line", (1, 2, 5))(lambda a: F.interpolate(a, size=8))
op("interpolate.exact", (1, 2, 3, 4))(
    lambda a: F.interpolate(a, scale_factor=(1.7, 0.6), mode="nearest-exact")
)
op("interpolate.linear", (1, 2, 5))(lambda a: F.interpolate(a, scale_factor=1.7, mode="linear"))
op("interpolate.volume", (1, 1, 2, 3, 2))(lambda a: F.interpolate(a, size=(3, 2, 4)))
op("interpolate.trilinear", (1, 2, 2, 3, 2))(
    lambda a: F.interpolate(a, size=(3, 5, 3), mode="trilinear")
)
op("interpolate.trilinearAligned", (1, 1, 2, 3, 2))(
    lambda a: F.interpolate(a, size=(3, 2, 4), mode="trilinear", align_corners=True)
)


op("conv3d", (2, 2, 4, 3, 4), (3, 2, 2, 2, 3), (3,))(F.conv3d)
op("conv3d.options", (1, 2, 4, 4, 3), (2, 1, 2, 2, 1), (2,))(
    lambda a, w, b: F.conv3d(a, w, b, (2, 1, 2), (1, 0, 1), (3, 1, 2), 2)
)
op("conv3d.nobatch", (1, 3, 3, 3), (1, 1, 2, 2, 2))(F.conv3d)
op("convTranspose3d", (1, 2, 2, 3, 2), (2, 3, 2, 2, 2), (3,))(F.conv_transpose3d)
op("convTranspose3d.options", (1, 2, 3, 2, 2), (2, 1, 3, 2, 2), (2,))(
    lambda a, w, b: F.conv_transpose3d(a, w, b, (2, 1, 2), (1, 0, 1), (1, 0, 0), 2, (2, 1, 1))
)
op("maxPool3d", (1, 2, 5, 4, 4))(lambda a: F.max_pool3d(a, (3, 2, 2), (2, 1, 2), (1, 0, 1)))
op("maxPool3d.ceil", (1, 5, 4, 5))(lambda a: F.max_pool3d(a, 2, ceil_mode=True))
op("avgPool3d", (1, 2, 4, 4, 2))(lambda a: F.avg_pool3d(a, (2, 2, 1)))
op("avgPool3d.padding", (1, 1, 5, 4, 3))(lambda a: F.avg_pool3d(a, (3, 2, 2), (2, 1, 2), (1, 1, 0)))
op("avgPool3d.exclude", (1, 1, 5, 4, 3))(
    lambda a: F.avg_pool3d(
        a, (3, 2, 2), (2, 1, 2), (1, 1, 0), ceil_mode=True, count_include_pad=False
    )
)
op("hardshrink", (3, 4))(lambda a: F.hardshrink(a, 0.6))
op("softshrink", (3, 4))(lambda a: F.softshrink(a, 0.6))
op("norm.order1", (3, 4))(lambda a: torch.linalg.vector_norm(a, 1, 0))
op("norm.order3", (3, 4))(lambda a: torch.linalg.vector_norm(a, 3, 1, keepdim=True))
op("norm.order1.5", (3, 4))(lambda a: torch.linalg.vector_norm(a, 1.5))
op("norm.infinity", (3, 4))(lambda a: torch.linalg.vector_norm(a, math.inf, 1))
op("norm.least", (3, 4))(lambda a: torch.linalg.vector_norm(a, -math.inf, 1))
op("pow.zeros", (2, 3))(
    lambda a: (a * torch.tensor([0.0, 0, 1], dtype=a.dtype)) ** torch.tensor([0.0, 2, 3], dtype=a.dtype)
)


def numbers(tensor):
    """The elements; those that JSON has no number for as text."""
    return [n if math.isfinite(n) else str(n) for n in tensor.detach().flatten().tolist()]


def result(shapes, positive, function):
    inputs = [pattern(s, i, positive).requires_grad_() for i, s in enumerate(shapes)]
    output = function(*inputs)
    grads = [None] * len(inputs)
    if output.requires_grad:
        gradient = pattern(output.shape, 7)
        grads = torch.autograd.grad(output, inputs, gradient, allow_unused=True)
    return {
        "shape": list(output.shape),
        "output": numbers(output),
        "gradients": [None if g is None else numbers(g) for g in grads],
    }


# Where PyTorch has results that are not compared.
NOT_COMPARED = {
    # An empty batch has no statistics: Ballast refuses it.
    "batchNorm.train",
    "batchNorm.plain",
    # Of nothing PyTorch makes gradients that are not numbers.
    "groupNorm",
    # The constant in the operation has a shape that fits only the table's inputs.
    "attention.mask",
    "prod.zeros",
}


def is_compared(name, shapes):
    # A convolution without channels has no filters in PyTorch's result, whatever the weight.
    has_empty_weight = name.startswith("conv") and any(0 in shape for shape in shapes[1:])
    return name not in NOT_COMPARED and not has_empty_weight


def variants(shapes):
    """The shapes with all axes of some length empty, with the first one empty, and without axes."""
    for length in sorted({n for shape in shapes for n in shape}):
        yield tuple(tuple(0 if n == length else n for n in shape) for shape in shapes)
    if len(shapes[0]) > 2 and shapes[0].count(shapes[0][0]) > 1:
        yield ((0, *shapes[0][1:]), *shapes[1:])
    if any(shapes):
        yield tuple(() for _ in shapes)


def edges(name, shapes, positive, function):
    found = []
    for variant in variants(shapes):
        if not is_compared(name, variant):
            continue
        try:
            edge = result(variant, positive, function)
        except (RuntimeError, IndexError, ValueError, AssertionError):
            continue  # PyTorch has no result for such inputs.
        found.append({"shapes": variant, **edge})
    return found


def write(name, values):
    with open(name, "w") as file:
        rows = [json.dumps(key) + ":" + json.dumps(value, separators=(",", ":")) for key, value in values.items()]
        file.write("{" + ",\n".join(rows) + "}\n")


write("ops.json", {name: result(*sample) for name, sample in SAMPLES.items()})
write("edges.json", {name: found for name, sample in SAMPLES.items() if (found := edges(name, *sample))})
