"""Cases of make_cases.py: types of results, what leaves the range of a type on the way, and what is no number."""

import torch
import torch.nn.functional as F

F16, BF16, F32, F64 = torch.float16, torch.bfloat16, torch.float32, torch.float64
I64, U8, BOOL = torch.int64, torch.uint8, torch.bool
NAN, INF, T = float("nan"), float("inf"), torch.tensor


def slope(function):
    return lambda x: torch.autograd.grad(function(x).sum(), x, create_graph=True)[0]


def slopes(function):
    """The gradients for all inputs but the last, which is the gradient from above."""
    def stacked(*inputs):
        *inputs, above = inputs
        found = torch.autograd.grad(function(*inputs), inputs, above, create_graph=True)
        return torch.cat([gradient.reshape(-1) for gradient in found])
    return stacked


def add(operations, case):
    """Adds operations and cases of them."""
    operations.update({
        "twoToThe": lambda x: 2**x,
        "arangeFraction": lambda x: torch.arange(-0.9, 2.1, 2.0, dtype=x.dtype),
        "arangeDown": lambda x: torch.arange(5.9, 0.1, -2.5, dtype=x.dtype),
        "linspaceFraction": lambda x: torch.linspace(-4.3, 9.6, 6, dtype=x.dtype),
        "linspace50": lambda x: torch.linspace(0, 50, 50, dtype=x.dtype),
        "smoothL1None": lambda x, y: F.smooth_l1_loss(x, y, reduction="none", beta=0.5),
        "smoothL1Tenth": lambda x, y: F.smooth_l1_loss(x, y, reduction="none", beta=0.1),
        "smoothL1Huge": lambda x, y: F.smooth_l1_loss(x, y, reduction="none", beta=1e38),
        "smoothL1Infinite": lambda x, y: F.smooth_l1_loss(x, y, reduction="none", beta=INF),
        "smoothL1Slope": lambda x, y: slope(lambda e: F.smooth_l1_loss(e, y, reduction="none", beta=0.5))(x),
        "huberTenth": lambda x, y: F.huber_loss(x, y, reduction="none", delta=0.1),
        "huberInfinite": lambda x, y: F.huber_loss(x, y, reduction="none", delta=INF),
        "preluSlopes": slopes(F.prelu),
        "klDivSlopes": slopes(lambda x, y: F.kl_div(x, y, reduction="none")),
        "layerNormRows": lambda x: F.layer_norm(x, (3,)),
        "huberNone": lambda x, y: F.huber_loss(x, y, reduction="none", delta=2),
        "softMarginNone": lambda x, y: F.soft_margin_loss(x, y.detach(), reduction="none"),
        "hingeNone": lambda x, y: F.hinge_embedding_loss(x, y, margin=1.7, reduction="none"),
        "bceWithLogitsNone": lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none"),
        "crossEntropyNone": lambda x, y: F.cross_entropy(x, y, reduction="none"),
        "cosineEmbeddingNone": lambda x, y, t: F.cosine_embedding_loss(x, y, t.detach(), margin=0.25, reduction="none"),
        "cdistInfinity": lambda x, y: torch.cdist(x, y, INF),
        "linear5": lambda x: F.interpolate(x, size=5, mode="linear"),
        "linear7Aligned": lambda x: F.interpolate(x, size=7, mode="linear", align_corners=True),
        "prelu": F.prelu,
        "lerpQuarter": lambda x, y: x.lerp(y, 0.25),
        "prodAll": lambda x: x.prod(),
        "det": torch.linalg.det,
        "conv3d": F.conv3d,
        "convTranspose3d": F.conv_transpose3d,
        "digammaSlope": slope(torch.digamma),
        "digammaSecondSlope": slope(slope(torch.digamma)),
        "cumprodRows": lambda x: x.cumprod(-1),
        "cdistZero": lambda x, y: torch.cdist(x, y, 0),
        "multiMarginSquared": lambda x, y: F.multi_margin_loss(x, y, p=2, margin=0.5, reduction="none"),
    })
    I32 = torch.int32
    for dtype in [I64, I32]:
        case("pow", T([2, -1, 1, 3, -3, 0, 2, -1], dtype=dtype), T([70, -3, -4, 39, 5, 0, -1, -2], dtype=dtype))
    case("pow", T([3, 200, 0], dtype=U8), T([6, 2, 0], dtype=U8))
    case("pow", T([3, -2], dtype=I32), T([40, 3]))
    case("pow", T([True, False]), T([2, 3], dtype=U8))
    case("twoToThe", T([0, 5, 62, 63, 64, -1]))
    case("twoToThe", T([0, 5, 9], dtype=U8))
    case("twoToThe", T([True, False]))
    for dtype in [I64, I32, F32]:
        for operation in ["arangeFraction", "arangeDown", "linspaceFraction", "linspace50"]:
            case(operation, T([0], dtype=dtype))
    case("localResponseNorm", torch.zeros(0, 2, 2, dtype=I64))
    case("gather0", T([1.0, 2.0]), T([]), frozen=True)
    case("batchNorm", T([]))
    logits, signs = [0.0, -0.5, 3.0, 100.0, -200.0, INF], [1.0, -1.0, 1.0, -1.0, 1.0, 1.0]
    for x, y in [(F32, F64), (F64, F32), (F32, BF16), (BF16, F32), (F16, F64), (F32, I64), (F16, BOOL)]:
        for operation in ["smoothL1None", "huberNone", "softMarginNone", "hingeNone"]:
            case(operation, T(logits[:3], dtype=x), T(signs[:3]).to(y), frozen=True)
        if y.is_floating_point:
            case("bceWithLogitsNone", T(logits[:3], dtype=x), T([0.25, 1.0, 0.0], dtype=y), frozen=True,
                 exact=True)
            case("cosineSimilarity", T([[1.0, 2.0], [3.0, -1.0]], dtype=x), T([[0.5, 1.0], [-3.0, 2.0]], dtype=y),
                 exact=True)
            case("cosineSimilarity", T([2.0], dtype=x), T(3.0, dtype=y), exact=True)
    case("crossEntropyNone", T([[-2.5, -8.0, 3.5]], dtype=BF16), T([[0.5, 0.25, 0.25]]), exact=True)
    case("hingeNone", T([1, 2, 3, 0]), T([1, -1, 1, -1]))
    for gradient in [1.0, INF]:
        for operation in ["smoothL1None", "huberNone", "softMarginNone"]:
            case(operation, T(logits), T(signs), gradient=gradient)
        case("bceWithLogitsNone", T(logits[:5]), T([1.0, 0.0, 0.5, 1.0, 0.0]), gradient=gradient)
        case("prelu", T(logits), T([0.25]), gradient=gradient)
        case("lerpQuarter", T([1.0, INF, 2.0]), T([3.0, 1.0, 2.0]), gradient=gradient)
        case("lerp", T([1.0, 5.0, 2.0]), T([3.0, 1.0, 2.0]), T([0.25, 0.75, 1.0]), gradient=gradient)
        case("div", T([1.0, 1e30, 2.0]), T([1e-25, 1e25, 1e-10]), gradient=gradient)
        case("rdivNumber", T([1e25, 1e-25, -3.0]), gradient=gradient)
        case("prodAll", T([0.0, 2.0, 0.0, 3.0]), gradient=gradient)
        case("prodAll", T([1e20, 1e-25, 3.0, 1e20]), gradient=gradient)
        case("logSumExp", T([[1.0, -INF, 2.0], [100.0, -100.0, 0.0]]), gradient=gradient)
    for dtype in [F16, BF16]:
        case("lerpQuarter", T([0.1, 2.7, 300.0], dtype=dtype), T([3.3, 1.1, 301.0], dtype=dtype))
        case("huberNone", T([0.1, 2.7, 30.0], dtype=dtype), T([3.3, 1.1, 31.0], dtype=dtype))
    # In float32 PyTorch adds squares up in float64, except along contiguous rows.
    for row in [[1e30, -1e30, 3e29], [2e30, 2e30, 2e30], [1e-25, 2e-25, 4e-25], [0.0, 0.0, 0.0], [1e30, INF, 1.0]]:
        for operation in ["std", "norm", "normRows", "stdRows"]:
            case(operation, T(row), exact=True)
        case("var", T([row]), exact=True)
        case("cosineSimilarity", T([row]), T([[1.0, 2.0, -1.0]]), exact=True)
    x, y = T([[1.0, 2.0], [3.0, -1.0], [0.5, 1.0], [2.0, 2.0]]), T([[0.5, 1.0], [3.0, 2.0], [0.5, -1.0], [2.0, 1.0]])
    case("cosineEmbeddingNone", x, y, T([1.0, -1.0, 0.0, 2.0]))
    case("cdistInfinity", T([[1.0, 2.0, -1.0], [0.0, 3.0, 1.0]]), T([[2.0, 1.0, 0.0], [0.0, 0.0, 2.5]]))
    for operation in ["linear5", "linear7Aligned"]:
        case(operation, T([[[1.0, -2.0, 4.0, 0.5]]]))
        case(operation, T([[[INF, 1.0, 2.0, 1e38], [1.0, 3e38, -3e38, -INF]]]))
        case(operation, T([[[1.0, -2.0, 4.0, 0.5]]]), gradient=INF)
    singular = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 5.0]]
    for dtype in [F32, F64]:
        case("det", T(singular, dtype=dtype), exact=True)
        case("det", torch.zeros(3, 3, dtype=dtype))
        case("det", T([[0.0]], dtype=dtype))
        case("det", T([singular, [[1.0, 2.0, 0.0], [0.0, 1.0, 5.0], [3.0, 0.0, 2.0]]], dtype=dtype))
    for dtype in [F16, BF16]:
        case("conv3d", torch.full((1, 8, 5, 3, 3), 0.3, dtype=dtype), torch.full((2, 8, 3, 3, 3), 0.7, dtype=dtype))
        case("convTranspose3d", torch.full((1, 8, 5, 3, 3), 0.3, dtype=dtype),
             torch.full((8, 2, 3, 2, 2), 0.7, dtype=dtype))
    for operation in ["digammaSlope", "digammaSecondSlope"]:
        case(operation, T([0.5, -0.3, 2.5, -3.25, 0.001, 15.0, 30.0], dtype=F64))
    # Where something is no number, or nothing, or infinite.
    for row in [[1e30, NAN, 2e30], [1e30, -1e30, 1.0]]:
        case("stdRows", T([row, [1e30, -1e30, 3e29], [1.0, 2.0, 4.0]]), exact=True)
        case("normRows", T([row, [1e30, -1e30, 3e29], [1e-25, 2e-25, 0.0]]), exact=True)
        case("cosineSimilarity", T([row, [1.0, INF, 2.0], [1e30, 1.0, 0.0]]), T([[1.0, 2.0, -1.0]] * 3), exact=True)
    for gradient in [1.0, INF]:
        for operation in ["multiMarginNone", "multiMarginSquared"]:
            case(operation, T([[0.5, NAN, 2.0], [1.0, INF, 0.25], [9.0, 1.0, 2.0]]), T([0, 2, 0]), gradient=gradient)
        case("multiLabelMarginNone", T([[0.5, NAN, 2.0, 1.0], [1.0, INF, 0.25, 9.0], [9.0, 9.0, 1.0, 2.0]]),
             T([[0, 2, -1, 1], [3, -1, 0, 0], [0, 1, -1, -1]]), gradient=gradient)
        for row in [[2.0, 0.0, 3.0, 0.0, INF], [0.0, 5.0, INF, 2.0, 1.0], [1.0, 2.0, 3.0, 0.5, 0.0],
                    [NAN, 0.0, 1.0, 2.0, 3.0]]:
            case("cumprodRows", T([row, [1.0, 2.0, 3.0, 4.0, 5.0]]), gradient=gradient)
        case("cumprodRows", T([[0.0], [2.0]]), gradient=gradient)
        case("klDiv", T([-1.0, -0.5, -2.0, -3.0]), T([0.0, 0.25, -0.5, NAN]), gradient=gradient)
        case("addcdiv.1", T([1.0, 2.0, 3.0, 4.0]), T([0.0, 1e25, INF, 2.0]), T([0.0, 1e25, -INF, -0.0]),
             gradient=gradient)
    # At the bounds of losses, and where they leave the range of float32.
    errors = T([1e30, -1e30, 0.1, -0.1, 0.3, INF, -INF, NAN, 1e38, 0.0])
    for gradient in [1.0, INF]:
        for operation in ["smoothL1Tenth", "smoothL1Huge", "smoothL1Infinite", "huberTenth", "huberInfinite"]:
            case(operation, errors, torch.zeros(10), gradient=gradient)
    case("smoothL1Slope", T([0.25, -0.25, 0.5, -0.5, 3.0, 0.0], dtype=F64), torch.zeros(6, dtype=F64))
    case("klDivBatch", T([[-1.0, -0.5, -2.0, -3.0]]), T([[0.1, 0.2, 0.3, 0.4]] * 3))
    case("klDivBatch", T(-1.0), T(0.5))
    for above in [[0.0] * 4, [2.0] * 4]:
        case("preluSlopes", T([0.0, -1.0, 1.0, -0.0]), T([0.25]), T(above))
        case("klDivSlopes", T([-3.6, -1.0, -2.0, 0.0], dtype=F64), T([0.3, 0.9, 1.0, 0.7], dtype=F64),
             T(above, dtype=F64))
    for dtype in [F32, F16, BF16]:
        case("addcmul.1", T([0.0706, -3.1, 5.0], dtype=dtype), T([1.7, 300.0, -0.3], dtype=dtype),
             T([-1.1, 0.1, 7.7], dtype=dtype), exact=True)
    case("bceWithLogitsNone", T([1.39, -0.3, 2.6], dtype=BF16), T([0.003, 0.7, 1.0]), exact=True)
    huge = [[1e30, -1e30, 3e29], [2e30, 2e30, 2e30], [1.0, 2.0, 3.0]]
    spread = [[2e38, -3e38, 1e38], [0.0, 1e20, 2e20], [1.0, 0.0, 0.0]]
    for rows in [huge, spread]:
        case("batchNorm", T(rows), exact=True)
        case("layerNormRows", T(rows), exact=True, frozen=True)
    case("klDiv", T([-1.0, -0.5]), T([0.0, -0.25]), gradient=0.0)
    case("cdistZero", T([[1.0, NAN, 2.0], [0.0, INF, 1.0]]), T([[1.0, 0.0, 3.0], [0.0, INF, 1.0]]))
