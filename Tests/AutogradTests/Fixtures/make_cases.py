"""Values and gradients at the edges: of numbers that are not finite, of types of half precision, of
integers, and of shapes that are seldom met; made by PyTorch 2.13.0. Run: python make_cases.py

Writes cases.json: for each case the operation, for which Cases.swift has the same name, its inputs, the
gradient that comes from above, and what PyTorch makes of them. A case that PyTorch refuses is an error
here. Inputs are a function of the table alone; nothing is random but what is drawn from a fixed seed.
"""

import json

import torch
import torch.nn.functional as F

import type_cases

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.set_num_threads(1)

NAN, INF = float("nan"), float("inf")
F16, BF16, F32, F64 = torch.float16, torch.bfloat16, torch.float32, torch.float64
I64, U8, BOOL = torch.int64, torch.uint8, torch.bool
T = torch.tensor

OPERATIONS = {
    # One tensor, element by element.
    "relu": torch.relu,
    "leakyRelu": F.leaky_relu,
    "elu": F.elu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu": F.gelu,
    "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "mish": F.mish,
    "softplus": F.softplus,
    "hardswish": F.hardswish,
    "hardsigmoid": F.hardsigmoid,
    "hardtanh": F.hardtanh,
    "relu6": F.relu6,
    "threshold": lambda x: F.threshold(x, 0.5, 7),
    "hardshrink": F.hardshrink,
    "softshrink": F.softshrink,
    "selu": F.selu,
    "celu": lambda x: F.celu(x, 2.0),
    "softsign": F.softsign,
    "tanhshrink": F.tanhshrink,
    "logSigmoid": F.logsigmoid,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "log2": torch.log2,
    "log10": torch.log10,
    "log1p": torch.log1p,
    "sqrt": torch.sqrt,
    "rsqrt": torch.rsqrt,
    "square": torch.square,
    "reciprocal": torch.reciprocal,
    "abs": torch.abs,
    "sign": torch.sign,
    "sin": torch.sin,
    "cos": torch.cos,
    "atan": torch.atan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "erf": torch.erf,
    "floor": torch.floor,
    "ceil": torch.ceil,
    "round": torch.round,
    "trunc": torch.trunc,
    "neg": torch.neg,
    "clamp": lambda x: x.clamp(-1.0, 2.0),
    "clampMin": lambda x: x.clamp(min=0.0),
    "clampMax": lambda x: x.clamp(max=0.0),
    "clampReversed": lambda x: x.clamp(2.0, 1.0),
    "clampNaN": lambda x: x.clamp(min=NAN),
    "clampNaNAbove": lambda x: x.clamp(0.0, NAN),
    "pow0": lambda x: x**0.0,
    "pow1": lambda x: x**1.0,
    "pow2": lambda x: x**2.0,
    "pow3": lambda x: x**3.0,
    "powHalf": lambda x: x**0.5,
    "powMinus1": lambda x: x**-1.0,
    "powMinusHalf": lambda x: x**-0.5,
    "powFraction": lambda x: x**1.7,
    "addNumber": lambda x: x + 2.5,
    "rsubNumber": lambda x: 2.5 - x,
    "mulNumber": lambda x: x * 2.5,
    "divNumber": lambda x: x / 2.5,
    "rdivNumber": lambda x: 2.5 / x,
    "maskedFill": lambda x: x.masked_fill(x > 0, 1.5),
    # Two tensors.
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "pow": lambda x, y: x**y,
    "atan2": torch.atan2,
    "where": lambda x, y: torch.where(x > y, x, y),
    "clampTensors": lambda x, y: x.clamp(y, y + 1),
    "clampMinTensor": lambda x, y: x.clamp(min=y),
    "clampMaxTensor": lambda x, y: x.clamp(max=y),
    # Reductions.
    "sum": lambda x: x.sum(),
    "sumRows": lambda x: x.sum(-1),
    "mean": lambda x: x.mean(),
    "meanRows": lambda x: x.mean(-1),
    "prod": lambda x: x.prod(-1),
    "max": lambda x: x.max(),
    "min": lambda x: x.min(),
    "amax": lambda x: x.amax(-1),
    "amin": lambda x: x.amin(-1),
    "maxAlong": lambda x: x.max(-1).values,
    "std": lambda x: x.std(),
    "stdRows": lambda x: x.std(-1),
    "stdBiased": lambda x: x.std(-1, correction=0),
    "var": lambda x: x.var(-1),
    "norm": lambda x: torch.linalg.vector_norm(x),
    "normRows": lambda x: torch.linalg.vector_norm(x, dim=-1),
    "norm0": lambda x: torch.linalg.vector_norm(x, 0, -1),
    "norm1": lambda x: torch.linalg.vector_norm(x, 1, -1),
    "norm3": lambda x: torch.linalg.vector_norm(x, 3, -1),
    "norm6": lambda x: torch.linalg.vector_norm(x, 6, -1),
    "normHalf": lambda x: torch.linalg.vector_norm(x, 0.5, -1),
    "normInf": lambda x: torch.linalg.vector_norm(x, INF, -1),
    "normMinusInf": lambda x: torch.linalg.vector_norm(x, -INF, -1),
    "logSumExp": lambda x: x.logsumexp(-1),
    "softmax": lambda x: x.softmax(-1),
    "logSoftmax": lambda x: x.log_softmax(-1),
    "cumsum": lambda x: x.cumsum(-1),
    "any": lambda x: x.any(),
    "all": lambda x: x.all(-1),
    # Losses.
    "mse": F.mse_loss,
    "l1": F.l1_loss,
    "smoothL1": F.smooth_l1_loss,
    "huber": F.huber_loss,
    "klDiv": F.kl_div,
    "klDivBatch": lambda x, y: F.kl_div(x, y, reduction="batchmean"),
    "bce": F.binary_cross_entropy,
    "bceSum": lambda x, y: F.binary_cross_entropy(x, y, reduction="sum"),
    "bceOfSigmoid": lambda x, y: F.binary_cross_entropy(x.sigmoid(), y),
    "bceWithLogits": F.binary_cross_entropy_with_logits,
    "bceWithLogitsSum": lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="sum"),
    "bceWithLogitsPositive": lambda x, y: F.binary_cross_entropy_with_logits(x, y, pos_weight=T(3.0, dtype=x.dtype)),
    "multiLabelSoftMargin": F.multilabel_soft_margin_loss,
    "cosineSimilarity": lambda x, y: F.cosine_similarity(x, y, -1),
    "cosineSimilarity-2": lambda x, y: F.cosine_similarity(x, y, -2),
    "cosineEmbedding": lambda x, y: F.cosine_embedding_loss(x, y, torch.ones(x.shape[:-1], dtype=x.dtype)),
    "pairwiseDistance": F.pairwise_distance,
    "crossEntropy": lambda x: F.cross_entropy(x, torch.arange(x.shape[0]) % x.shape[1]),
    "crossEntropySmooth": lambda x: F.cross_entropy(x, torch.arange(x.shape[0]) % x.shape[1], label_smoothing=0.1),
    "gaussianNLL": F.gaussian_nll_loss,
    "multiMargin": F.multi_margin_loss,
    "multiMarginNone": lambda x, y: F.multi_margin_loss(x, y, reduction="none"),
    "multiLabelMargin": F.multilabel_margin_loss,
    "multiLabelMarginNone": lambda x, y: F.multilabel_margin_loss(x, y, reduction="none"),
    # Attention.
    "attention": lambda q, k, v: F.scaled_dot_product_attention(q, k, v),
    "attentionCausal": lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
    "attentionMasked": lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, m),
    # Numbers beside integers.
    "mulWhole": lambda x: x * 2,
    "mulReal": lambda x: x * 2.0,
    "addWhole": lambda x: x + 2,
    "addReal": lambda x: x + 2.0,
    "addHuge": lambda x: x + 1e300,
    "mulInfinity": lambda x: x * INF,
    "rsubWhole": lambda x: 2 - x,
    "rsubReal": lambda x: 2.0 - x,
    "subNegative": lambda x: x - -7,
    "mul300": lambda x: x * 300,
    "divWhole": lambda x: x / 2,
    "powWhole2": lambda x: x**2,
    "powWhole9": lambda x: x**9,
    "powWhole0": lambda x: x**0,
    "clampWhole": lambda x: x.clamp(min=2),
    "clampWholes": lambda x: x.clamp(2, 1),
    "clampReal": lambda x: x.clamp(min=1.5),
    "clampReal2": lambda x: x.clamp(max=2.0),
    "maskedFillReal": lambda x: x.masked_fill(x > 1, 1.5),
    "maskedFillNegative": lambda x: x.masked_fill(x > 1, -1),
    "bilinear": lambda x: F.interpolate(x, size=(5, 3), mode="bilinear"),
    "greaterInfinity": lambda x: x > INF,
    "lessInfinity": lambda x: x < INF,
    "greaterHuge": lambda x: x > -1e19,
    "equalFraction": lambda x: x == 2.5,
    "notEqualNaN": lambda x: x != NAN,
    # Shapes.
    "maskedSelect": lambda x, m: x.masked_select(m),
    "cat0": lambda *x: torch.cat(x, 0),
    "cat1": lambda *x: torch.cat(x, 1),
    "gather0": lambda x, i: x.gather(0, i),
    "indexSelect0": lambda x, i: x.index_select(0, i),
    "maxPool2d": lambda x: F.max_pool2d(x, 2),
    "maxPool3d": lambda x: F.max_pool3d(x, 2),
    "avgPool2d": lambda x: F.avg_pool2d(x, 2),
    "avgPool2dPadded": lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "avgPool1d": lambda x: F.avg_pool1d(x, 2),
    "avgPool3d": lambda x: F.avg_pool3d(x, 2),
    "conv2d": F.conv2d,
    "conv1d": F.conv1d,
    "convTranspose2d": F.conv_transpose2d,
    "convTransposeOutput1": lambda x, w: F.conv_transpose2d(x, w, output_padding=1, dilation=2),
    "convTransposePoint": lambda x, w: F.conv_transpose2d(x, w, output_padding=1, dilation=2),
    "convTransposeOutput2": lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=2, dilation=3),
    "convTranspose1dOutput": lambda x, w: F.conv_transpose1d(x, w, stride=2, output_padding=2, dilation=3),
    "localResponseNorm": lambda x: F.local_response_norm(x, 2),
    "batchNorm": lambda x: F.batch_norm(x, None, None, training=True),
    "featureAlphaDropoutEval": lambda x: F.feature_alpha_dropout(x, training=False),
    "featureDropoutEval": lambda x: F.dropout2d(x, training=False),
    "last2": lambda x: x[-2:5],
}
for mode in ["reflect", "replicate", "circular"]:
    for before, after in [(-1, 2), (-1, -1), (2, -1), (-2, 1), (3, -2), (-1, 3), (-4, 0)]:
        OPERATIONS[f"pad {mode} {before} {after}"] = lambda x, p=(before, after), m=mode: F.pad(x, p, m)

CASES = []


def numbers(tensor):
    """The numbers of a tensor; one alone stands for many that are equal."""
    digits = 17 if tensor.dtype == F64 else 9
    values = tensor.detach().flatten().tolist()
    if len(values) > 16 and len(set(values)) == 1:
        values = values[:1]
    if not tensor.dtype.is_floating_point:
        return [int(v) if tensor.dtype != I64 or abs(int(v)) < 2**53 else str(int(v)) for v in values]
    return [repr(v) if v != v or abs(v) == INF else float(f"{v:.{digits}g}") for v in values]


def entry(tensor):
    return {
        "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "values": numbers(tensor),
    }


def case(operation, *inputs, gradient=1.0, exact=False, frozen=False):
    """Records what PyTorch makes of inputs; the gradient from above is one number for all elements.

    Where PyTorch rounds on the way by more than a test can allow, "exact" takes its results in float64;
    where it has no gradients, "frozen" asks for none."""
    dtype = OPERATIONS[operation](*inputs).dtype if exact else None
    wide = [i.double() if exact and i.is_floating_point() else i for i in inputs]
    leaves = [i.detach().clone().requires_grad_(i.is_floating_point() and not frozen) for i in wide]
    output = OPERATIONS[operation](*leaves)
    record = {"operation": operation, "inputs": [entry(i) for i in inputs]}
    record["output"] = entry(output.to(dtype) if exact else output)
    if output.requires_grad:
        above = torch.as_tensor(gradient, dtype=output.dtype).expand(output.shape)
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        found = iter(torch.autograd.grad(output, wanted, above, allow_unused=True))
        record["gradient"] = numbers(T(gradient, dtype=output.dtype))
        grads = [next(found) if leaf.requires_grad else None for leaf in leaves]
        grads = [None if g is None else g.to(i.dtype) for g, i in zip(grads, inputs)]
        record["gradients"] = [None if g is None else numbers(g) for g in grads]
    CASES.append(record)


SPECIAL = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 6.0, 7.0, 3.0, -3.0, 2.5, -2.0, 2.0, 1e-30, -50.0, 50.0]
# Where PyTorch has more than one answer, by the length of the tensor or its type, the cases keep away:
# at NaN gradients of these depend on whether a vector loop or the loop for the rest came by, so here the
# latter does; gelu(inf) is NaN in float32 and inf in float64; the roots of -0 and -inf are powers in float16 alone;
# and the slope 1 / 6 of hardsigmoid is one of float32 in float64 too.
BY_LENGTH = ["hardtanh", "relu6", "elu", "selu", "celu", "hardshrink", "softshrink", "hardswish"]
names = list(OPERATIONS)
for operation in names[: names.index("add")]:
    values = [v for v in SPECIAL if not (operation in BY_LENGTH and v != v or operation.startswith("gelu") and v == INF)]
    if operation != "hardsigmoid":
        case(operation, T(values, dtype=F64))
    case(operation, T(values))
    case(operation, T(values), gradient=INF)
    if operation in BY_LENGTH:
        case(operation, T([NAN]))
    for dtype in [F16, BF16]:
        few = [v for v in values[:16] if not (operation in ["powHalf", "powMinusHalf"] and v in [0, -INF])]
        case(operation, T(few + [0.1, -0.3], dtype=dtype))

PAIR = [NAN, INF, -INF, 0.0, 1.0, -1.0, 2.5, -3.0]
for operation in names[names.index("add") : names.index("sum")]:
    x, y = torch.meshgrid(T(PAIR), T(PAIR), indexing="ij")
    case(operation, x, y)
    case(operation, x, y, gradient=INF)

ROWS = [
    [1.0, 2.0, -3.0, 2.0], [2.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0], [NAN, 1.0, 2.0, 0.0], [INF, 1.0, 0.0, INF],
    [-INF, 1.0, INF, 0.0], [-INF, -INF, -INF, -INF], [0.5, 0.0, -0.5, NAN],
]
for operation in names[names.index("sum") : names.index("any")]:
    whole = operation in ["sum", "mean", "max", "min", "std", "norm"]
    for dtype in [F32, F64] if not whole else [F32]:
        for rows in [[row] for row in ROWS] if whole else [ROWS]:
            case(operation, T(rows, dtype=dtype))
        case(operation, T([[3.0]], dtype=dtype))
    case(operation, T(ROWS[:3]), gradient=INF)
    for dtype in [F16, BF16]:
        case(operation, T(ROWS[:2] + [[0.25, 5.0, 1.5, -2.0]], dtype=dtype))
        # Of orders above 2, and of products, PyTorch has powers beyond float16 on the way.
        exact = operation in ["norm3", "norm6", "prod"]
        case(operation, T([[300.0, -300.0, 0.0, 40.0]], dtype=dtype), exact=exact)

# Half precision: what is kept in float32 until the end.
seed = torch.Generator().manual_seed(1)
for dtype in [F16, BF16]:
    case("mean", torch.full((1000,), 100.0, dtype=dtype))
    case("meanRows", torch.full((2, 1000), 100.0, dtype=dtype))
    case("sumRows", torch.full((2, 100), 0.1, dtype=dtype))
    case("mse", torch.full((500,), 20.0, dtype=dtype), torch.zeros(500, dtype=dtype))
    case("l1", torch.full((5000,), 20.0, dtype=dtype), torch.zeros(5000, dtype=dtype))
    case("smoothL1", torch.full((5000,), 20.0, dtype=dtype), torch.zeros(5000, dtype=dtype))
    case("huber", torch.full((5000,), 20.0, dtype=dtype), torch.zeros(5000, dtype=dtype))
    case("klDiv", torch.full((50, 100), -20.0, dtype=dtype), torch.ones(50, 100, dtype=dtype))
    case("klDivBatch", torch.full((50, 10), -20.0, dtype=dtype), torch.ones(50, 10, dtype=dtype))
    case("norm", T([300.0, 400.0], dtype=dtype))
    case("norm3", T([[300.0, 400.0]], dtype=dtype), exact=True)
    case("norm6", T([[30.0, 40.0]], dtype=dtype), exact=True)
    case("norm1", T([[300.0, 400.0]], dtype=dtype))
    case("std", T([300.0, -300.0, 0.0], dtype=dtype))
    case("var", T([[100.0, -100.0, 0.0]], dtype=dtype))
    x, y = (100 * torch.randn(2, 3, 8, generator=seed)).to(dtype)
    case("cosineSimilarity", x, y, exact=True)
    case("cosineEmbedding", x / 100, y / 100)
    case("pairwiseDistance", x, y)
    case("logSumExp", x)
    case("softmax", x / 50)
    case("logSoftmax", x / 50)
    case("crossEntropy", x / 50)
    case("crossEntropySmooth", x / 50)
    case("bceWithLogits", x / 50, (y > 0).to(dtype))
    q, k, v = (2 * torch.randn(3, 1, 2, 5, 4, generator=seed)).to(dtype)
    # Gradients of half precision are off by several units in PyTorch.
    case("attention", q, k, v, exact=True)
    case("attentionCausal", q, k, v, exact=True)
    case("attentionMasked", q, k, v, T([[True, True, False, True, False]] * 5), exact=True)
    case("attentionMasked", q, k, v, T([[True, True, False, True, False]] * 4 + [[False] * 5]), exact=True)
    case("attentionMasked", q, k, v, torch.randn(5, 5, generator=seed).to(dtype), exact=True)

# Losses where logarithms or logits are at their limits.
for dtype in [F32, F64]:
    zero, half = T([0.0, 0.0], dtype=dtype), T([0.0, 1.0], dtype=dtype)
    for operation in ["bceWithLogits", "bceWithLogitsSum", "bceWithLogitsPositive", "multiLabelSoftMargin"]:
        case(operation, zero, half)
    edges, targets = T([0.0, 1.0, 0.0, 1.0, 0.5, 1e-20], dtype=dtype), T([0.0, 1.0, 1.0, 0.0, 0.25, 1.0], dtype=dtype)
    case("bce", edges, targets)
    case("bceSum", edges, targets)
    case("bceOfSigmoid", T([20.0, -20.0, 200.0, -200.0, 0.0], dtype=dtype), T([1.0, 0.0, 1.0, 0.0, 1.0], dtype=dtype))
    case("bceWithLogits", T([200.0, -200.0, INF, -INF], dtype=dtype), T([1.0, 0.0, 1.0, 0.0], dtype=dtype))
    x, y = T([[1.0, 2.0, 3.0]], dtype=dtype), T([[2.0, 1.0, 3.0], [1.0, 0.0, -1.0]], dtype=dtype)
    case("cosineSimilarity-2", x, y)
    case("cosineSimilarity", T([[2.0], [-1.0]], dtype=dtype), y)
    case("cosineSimilarity", x, y)
    case("cosineSimilarity", 0 * x, y)

# Numbers beside integers.
WHOLE = ["mulWhole", "mulReal", "addWhole", "addReal", "addHuge", "mulInfinity", "rsubWhole", "rsubReal", "mul300"]
WHOLE += ["subNegative", "divWhole", "powWhole2", "powWhole9", "powWhole0", "clampWhole", "clampWholes", "clampReal"]
WHOLE += ["clampReal2", "maskedFillReal", "maskedFillNegative", "greaterInfinity", "lessInfinity", "greaterHuge"]
WHOLE += ["equalFraction", "notEqualNaN", "logSumExp", "any", "all", "relu", "relu6", "hardtanh", "sign", "abs"]
WHOLE += ["square", "floor", "exp", "sigmoid", "softsign", "threshold"]
for operation in WHOLE:
    case(operation, T([1, 2, 3, 9]))
    # PyTorch does not limit a byte to a negative number.
    if operation != "hardtanh":
        case(operation, T([6, 250, 0], dtype=U8))
    if operation not in ["addHuge", "mulInfinity"]:
        case(operation, T([1.5, -2.0]))
for operation in ["mulWhole", "mulReal", "addWhole", "addReal", "powWhole2", "square", "any", "all", "sign"]:
    case(operation, T([True, False]))
for operation in ["clampWhole", "clampWholes", "addWhole", "mulWhole"]:
    case(operation, T([2**53 + 1, -(2**60) - 1]))
for operation in ["add", "mul", "maximum"]:
    case(operation, T([True, False]), T([True, True]))
    case(operation, T([True, False]), T([3, 4]))
case("bilinear", T([[[[1, 5], [2, 9]]]], dtype=U8))
case("bilinear", T([[[[255, 0], [0, 255]]]], dtype=U8))

# Calls that PyTorch takes, if one thinks of them.
case("maskedSelect", T([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), T([True, False, True]))
case("maskedSelect", T([1.0, 2.0, 3.0]), T([[True], [False], [True]]))
case("maskedSelect", T(3.0), T([True, True, False]))
none = torch.zeros(0)
case("cat1", none, T([[1.0, 2.0]]))
case("cat1", T([[1.0, 2.0]]), none, T([[3.0]]))
case("cat0", T([[1.0, 2.0]]), none)
case("cat0", none, none)
case("cat0", none, T([1.0]))
case("cat1", none, T([[1, 2]]))
for operation in names + list(OPERATIONS):
    if operation.startswith("pad ") and operation not in [c["operation"] for c in CASES]:
        case(operation, torch.arange(5.0).reshape(1, 1, 5))
case("gather0", T(3.0), T(0))
case("gather0", T(3.0), T([0, 0]))
case("gather0", T([1.0, 2.0, 3.0]), T(1))
case("gather0", T([[1.0, 2.0]]), T([], dtype=I64))
case("gather0", T([[1.0, 2.0]]), torch.zeros(0, 2, dtype=I64))
case("gather0", torch.zeros(0, 2), T([], dtype=I64))
case("indexSelect0", T(3.0), T([0]))
case("indexSelect0", T(3.0), T(0))
case("indexSelect0", T([1.0, 2.0, 3.0]), T(1))
case("indexSelect0", T([[1.0, 2.0], [3.0, 4.0]]), T(1))
case("indexSelect0", T([[1.0, 2.0]]), T([], dtype=I64))
case("indexSelect0", torch.zeros(0, 3), T([], dtype=I64))
planes = (torch.arange(32) * 7 % 19).reshape(2, 4, 4)
for dtype in [I64, U8, torch.int32]:
    for operation in ["maxPool2d", "avgPool2d", "avgPool2dPadded"]:
        if operation == "maxPool2d" or dtype == I64:
            case(operation, planes.to(dtype))
case("maxPool3d", (torch.arange(64) * 7 % 19).reshape(1, 4, 4, 4))
case("avgPool3d", (torch.arange(64) * 7 % 19).reshape(1, 4, 4, 4))
case("avgPool1d", T([[0, 1, 2, 3], [5, 5, -4, -3]]))
case("conv2d", planes.unsqueeze(0), torch.ones(1, 2, 2, 2, dtype=I64))
case("conv1d", T([[[0, 1, 2, 3]]]), T([[[1, -1]]]))
case("convTranspose2d", planes.unsqueeze(0), torch.ones(2, 1, 2, 2, dtype=I64))
case("localResponseNorm", torch.arange(8).reshape(1, 2, 4))
case("pairwiseDistance", T([1, 2, 3]), T([2, 4, 3]))
case("convTransposeOutput1", torch.arange(4.0).reshape(1, 1, 2, 2), torch.arange(9.0).reshape(1, 1, 3, 3))
case("convTransposePoint", torch.arange(4.0).reshape(1, 1, 2, 2), T([[[[3.0]]]]))
case("convTransposeOutput2", torch.arange(4.0).reshape(1, 1, 2, 2), torch.arange(9.0).reshape(1, 1, 3, 3))
case("convTranspose1dOutput", T([[[1.0, 2.0]]]), T([[[1.0, 2.0, 3.0]]]))
for reduction in ["", "None"]:
    case(f"multiMargin{reduction}", T(0.5), T(0))
    case(f"multiMargin{reduction}", T(0.5), T([0]))
    case(f"multiMargin{reduction}", T([0.5, 0.2]), T([0]))
    case(f"multiMargin{reduction}", T([0.5, 0.2]), T(1))
    case(f"multiLabelMargin{reduction}", T(0.5), T(0))
    case(f"multiLabelMargin{reduction}", T(0.5), T(-1))
    case(f"multiLabelMargin{reduction}", T(0.5), T([0]))
    case(f"multiLabelMargin{reduction}", T([0.5]), T(0))
case("gaussianNLL", T([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), torch.zeros(2, 3), T([[1.0, 2.0, 3.0]]))
case("gaussianNLL", T([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), T([1.0, 0.0, 1.0]), torch.ones(2, 3))
case("gaussianNLL", T(1.0), T(0.5), T(2.0))
case("batchNorm", torch.zeros(0, 3))
case("batchNorm", torch.zeros(0, 3, 2, 2))
case("featureAlphaDropoutEval", T([1.0, 2.0]))
case("featureDropoutEval", T([1.0, 2.0]))
case("last2", torch.arange(5.0))
case("last2", torch.arange(5))

# What depends on the type in which PyTorch computes, on NaN, on ties and on edges.
def ctc(targets, **options):
    lengths = [len(t) for t in targets]
    return lambda x: F.ctc_loss(x, T(targets), [x.shape[0]] * x.shape[1], lengths, **options)


def sampled(**options):
    return lambda x, g: F.grid_sample(x, g, **options)


def resized(mode, **options):
    # Its gradient has indices of its own in PyTorch.
    return lambda x: F.interpolate(x.detach(), mode=mode, **options)


LARGE = (torch.arange(100 * 100) % 2000).reshape(1, 1, 100, 100)
OPERATIONS |= {
    "ctc": ctc([[1, 2], [3, 3]]),
    "ctcNone": ctc([[1, 2], [3, 3]], reduction="none"),
    "ctcZero": ctc([[1, 2], [3, 3]], reduction="none", zero_infinity=True),
    "ctcLong": ctc([[1, 2, 3], [3, 3, 3]], reduction="none"),
    "ctcLongZero": ctc([[1, 2, 3], [3, 3, 3]], reduction="none", zero_infinity=True),
    "median": torch.median,
    "quantile.1": lambda x: x.quantile(0.1),
    "quantile.7": lambda x: x.quantile(0.7),
    "quantile.lower": lambda x: x.quantile(0.3, interpolation="lower"),
    "nanquantile.lower": lambda x: x.nanquantile(0.3, interpolation="lower"),
    "quantile.higher": lambda x: x.quantile(0.3, interpolation="higher"),
    "nanquantile.higher": lambda x: x.nanquantile(0.3, interpolation="higher"),
    "quantile.midpoint": lambda x: x.quantile(0.3, interpolation="midpoint"),
    "nanquantile.midpoint": lambda x: x.nanquantile(0.3, interpolation="midpoint"),
    "quantile.nearest": lambda x: x.quantile(0.3, interpolation="nearest"),
    "nanquantile.nearest": lambda x: x.nanquantile(0.3, interpolation="nearest"),
    "histc": lambda x: x.histc(7),
    "histcRange": lambda x: x.histc(7, 0.1, 0.9),
    "bincount": lambda x, w: x.bincount(w.detach()),
    "gridZeros": sampled(align_corners=False),
    "gridAligned": sampled(align_corners=True),
    "gridBorder": sampled(padding_mode="border", align_corners=False),
    "gridBorderAligned": sampled(padding_mode="border", align_corners=True),
    "gridNearest": sampled(mode="nearest", align_corners=True),
    "gridNearestBorder": sampled(mode="nearest", padding_mode="border", align_corners=True),
    "gridLarge": lambda g: F.grid_sample(LARGE.to(g.dtype), g.detach(), mode="nearest", align_corners=False),
    "cross": torch.cross,
    "crossLast": torch.linalg.cross,
    "addcmul2": lambda x, y, z: torch.addcmul(x, y, z, value=2),
    "addcmul.1": lambda x, y, z: torch.addcmul(x, y, z, value=0.1),
    # Its gradients are numbers of a narrower type, rounded in PyTorch.
    "addcmulMixed": lambda x, y, z: torch.addcmul(x, y.detach(), z.detach(), value=0.1),
    "addcdiv.1": lambda x, y, z: torch.addcdiv(x, y, z, value=0.1),
    "lerp": torch.lerp,
    "digamma": torch.digamma,
    "lgamma": torch.lgamma,
    "nearest115": resized("nearest", size=115),
    "nearestExact41": resized("nearest-exact", size=41),
    "nearestExact55": resized("nearest-exact", size=55),
    "nearest1.3": resized("nearest", scale_factor=1.3),
    "nearestExact3.7": resized("nearest-exact", scale_factor=3.7),
    "nearestPlane115": resized("nearest", size=(2, 115)),
    "nearestPlane1.3": resized("nearest", scale_factor=(1.0, 1.3)),
    "nearestExactPlane55": resized("nearest-exact", size=(2, 55)),
    "nearestLarge115": resized("nearest", size=(20, 115)),
    "nearestExactLarge125": resized("nearest-exact", size=(20, 125)),
}
for dtype in [F32, F64]:
    x = (torch.arange(32.0, dtype=dtype).reshape(4, 2, 4) * 7 % 5).log_softmax(2)
    for place in [None, (0, 0, 1), (3, 0, 2), (1, 1, 1), (2, 1, 0)]:
        for value in [NAN, -INF] if place else [0.0]:
            y = x.clone()
            if place:
                y[place] = value
            for operation in ["ctc", "ctcNone", "ctcZero"]:
                case(operation, y)
            if place == (1, 1, 1):
                case("ctcLong", y)
                case("ctcLongZero", y)
    case("ctcNone", torch.full((4, 2, 4), -INF, dtype=dtype))
    case("ctcZero", torch.full((4, 2, 4), -INF, dtype=dtype))
for dtype in [F32, F64, F16, BF16]:
    for values in [[1, 3, 3, 2, 3, 5], [[1, 3, 3], [3, 2, 3]], [1, NAN, 3, NAN], 2, [INF, INF, 1]]:
        case("median", T(values, dtype=dtype))
case("median", T([3, 1, 2, 2]))
for dtype in [F32, F64]:
    for length in [1, 2, 5, 11, 31, 50]:
        # No two are equal: among such PyTorch has no order.
        x = torch.arange(length, dtype=dtype) * 37 % 101 + 0.25
        case("quantile.1", x)
        case("quantile.7", x)
        for kind in ("lower", "higher", "midpoint", "nearest"):
            case(f"quantile.{kind}", x)
            case(f"nanquantile.{kind}", x)
    case("quantile.7", T([1.0, NAN], dtype=dtype))
for dtype in [F32, F64, F16, BF16]:
    x = (torch.arange(101, dtype=dtype) / 100).detach()
    case("histc", x)
    case("histcRange", x)
    case("histcRange", T([0.1, NAN, 0.5, 0.9, 2.0], dtype=dtype))
    case("histc", T([2.0, 2.0], dtype=dtype))
    case("histc", T([], dtype=dtype))
case("bincount", T([0, 0, 0, 2]), T([16777216.0, 1.0, 1.0, 0.5]))
case("bincount", T([0, 0, 0, 2]), T([16777216.0, 1.0, 1.0, 0.5], dtype=F64))
same = T([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
image = torch.arange(12.0).reshape(1, 1, 3, 4) * 5 % 7
for aligned in [True, False]:
    whole = F.affine_grid(same, (1, 1, 3, 4), align_corners=aligned)
    names = ["gridAligned", "gridBorderAligned"] if aligned else ["gridZeros", "gridBorder"]
    # What lies between two elements but for rounding has another gradient: keep away from that.
    for operation in names:
        case(operation, image.double(), (whole.double() * 12).round() / 12 * (1 if aligned else 1.0625))
edge = T([[[[-1.0, -1.0], [1.0, 1.0], [1.0, -1.0], [-1.5, 0.25], [0.3, 2.0]]]])
for dtype in [F32, F64]:
    for operation in ["gridAligned", "gridBorderAligned", "gridBorder", "gridZeros", "gridNearest", "gridNearestBorder"]:
        case(operation, image.to(dtype), edge.to(dtype))
    odd = T([[[[NAN, 0.25], [0.25, NAN], [INF, 0.25], [1e30, -1e30]]]], dtype=dtype)
    case("gridAligned", image.to(dtype), odd)
    case("gridNearest", image.to(dtype), odd)
    case("gridNearestBorder", image.to(dtype), odd)
points = T([[[[0.3, 0.7], [-0.9, 0.41], [0.77, 0.93], [0.05, -0.33]]]])
for dtype in [F16, BF16, F32]:
    case("gridLarge", points.to(dtype))
a = torch.arange(18.0).reshape(2, 3, 3) * 5 % 7
b = torch.arange(18.0).reshape(2, 3, 3) * 3 % 11
for x, y in [(a, b), (a[0], b[0]), (a[0, :, :2], b[0, :, :2]), (a[:, 0], b[:, 0]), (a[0, :1], b[0]), (a[0, :, :1], b[0])]:
    case("cross", x.contiguous(), y.contiguous())
for x, y in [(a, b), (a[:, 0], b[:, 0]), (a[0, :1], b[0])]:
    case("crossLast", x.contiguous(), y.contiguous())
case("addcmul2", T([1, 2]), T([3, 4]), T([5, 6]))
case("addcmul2", T([1.5, 2.0]), T([3, 4]), T([5, 6]))
case("addcmul2", T([1, 2]), T([0.5, 4.0]), T([5, 6]))
case("addcmul.1", T([0.25, 2.0], dtype=F64), T([3, 4]), T([1, 1]))
case("addcmulMixed", T([1, 2]), T(3.0, dtype=F64), T(0.5))
case("addcmulMixed", T([1, 2], dtype=torch.int32), T([3, 1]), T(0.5, dtype=F64))
case("addcdiv.1", T([0.25, 2.0], dtype=F64), T([3, 4]), T([3.0, 7.0]))
case("addcdiv.1", T([1, 2]), T([3, 4]), T(7.0))
case("lerp", T([1.0, 2.0]), T([3.0, 5.0]), T(0.25, dtype=F64).requires_grad_(False))
case("lerp", T([1.0, 2.0]), T([3.0, 5.0]), T([0.25, 0.75]))
case("lerp", T([1.0, 2.0]), T([3.0, 5.0]), T(1))
gamma = [-INF, INF, NAN, 0.0, -0.0, -0.5, 0.001, 2.5, -3.25]
for operation in ["digamma", "lgamma"]:
    for dtype in [F32, F64]:
        case(operation, T(gamma, dtype=dtype))
for dtype in [F32, F64, BF16]:
    for operation, length in [("nearest115", 25), ("nearestExact41", 2), ("nearestExact55", 2), ("nearestExact55", 4)]:
        case(operation, torch.arange(length, dtype=dtype).reshape(1, 1, length))
    for length in [3, 7, 17]:
        for operation in ["nearest1.3", "nearestExact3.7"]:
            case(operation, torch.arange(length, dtype=dtype).reshape(1, 1, length))
    for operation, length in [("nearestPlane115", 25), ("nearestPlane1.3", 3), ("nearestExactPlane55", 4)]:
        case(operation, torch.arange(2 * length, dtype=dtype).reshape(1, 1, 2, length))
    case("nearestLarge115", torch.arange(50, dtype=dtype).reshape(1, 1, 2, 25))
    case("nearestExactLarge125", torch.arange(8, dtype=dtype).reshape(1, 1, 2, 4))

type_cases.add(OPERATIONS, case)

with open("cases.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES) + "\n]\n")
