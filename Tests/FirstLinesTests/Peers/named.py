# Further lines under the names of `torch.nn.functional` and of layers, with PyTorch's arguments: positions,
# labels, `inplace` and `keepdim`.


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def named_lines():
    lines = {}

    # What is done in place changes the tensor that is given, is returned, and has gradients.
    unary = {
        "": ["abs", "atan", "ceil", "cos", "cosh", "erf", "exp", "expm1", "floor", "reciprocal", "round", "sigmoid",
             "sign", "sin", "sinh", "square", "tan", "tanh", "trunc"],
        "unit": ["acos", "asin", "erfinv"],
        "vector": ["digamma", "lgamma", "log", "log10", "log1p", "log2", "rsqrt", "sqrt"],
    }
    for setup, names in unary.items():
        factor = 1.125 if setup == "unit" else 1.5
        for name in names:
            lines[f"{name}_ and its gradient"] = (
                setup, f"!x.requires_grad_()\nw = x * {factor}\nw.{name}_().sum().backward()\nv = [w, x.grad]",
                f"x.requiresGrad = true\nlet w = x * {factor}\nw.{name}_().sum().backward()\n"
                "return [w, x.grad as Any] as [Any]")
    activations = [
        ("relu", "", ""), ("relu6", "", ""), ("leaky_relu", "0.2, ", "0.2, "), ("elu", "alpha=0.5, ", "alpha: 0.5, "),
        ("selu", "", ""), ("celu", "alpha=0.5, ", "alpha: 0.5, "), ("silu", "", ""), ("mish", "", ""),
        ("hardswish", "", ""), ("hardsigmoid", "", ""), ("hardtanh", "-2, 3, ", "-2, 3, "),
        ("threshold", "0.5, 7, ", "0.5, 7, "), ("rrelu", "0.1, 0.3, training=True, ", "0.1, 0.3, training: true, "),
        ("dropout", "0.3, ", "0.3, "), ("dropout1d", "0.3, ", "0.3, "), ("alpha_dropout", "0.3, True, ", "0.3, training: true, "),
    ]
    for name, python, swift in activations:
        for inplace in (False, True):
            truth = str(inplace)
            lines[f"F.{camel(name)} inplace {truth}"] = (
                "", f"!x.requires_grad_()\nw = x * 1.5\nr = F.{name}(w, {python}inplace={truth})\n(r * w).sum().backward()\n"
                "v = [w, r, x.grad, r is w]",
                f"x.requiresGrad = true\nlet w = x * 1.5\nlet r = F.{camel(name)}(w, {swift}inplace: {truth.lower()})\n"
                "(r * w).sum().backward()\nreturn [w, r, x.grad as Any, r === w] as [Any]")

    # Layers without labels, and how they print.
    layers = [
        "nn.ReLU(True)", "nn.ReLU6(True)", "nn.SELU(True)", "nn.SiLU(True)", "nn.Mish(True)", "nn.Hardswish(True)",
        "nn.Hardsigmoid(True)", "nn.LeakyReLU(0.2)", "nn.LeakyReLU(0.2, inplace=True)", "nn.ELU(0.5)",
        "nn.ELU(0.5, inplace=True)", "nn.CELU(0.5, inplace=True)", "nn.RReLU(inplace=True)", "nn.Hardtanh(-2, 3)",
        "nn.Hardtanh(-2, 3, inplace=True)", "nn.Threshold(0.5, 7, inplace=True)", "nn.Hardshrink(0.7)",
        "nn.Softshrink(0.7)", "nn.Softplus(2)", "nn.PReLU(1)", "nn.PReLU(3, init=0.5)", "nn.Softmax(1)", "nn.LogSoftmax(1)",
        "nn.Softmin(1)", "nn.Dropout(0.3, inplace=True)", "nn.Dropout1d(0.3, inplace=True)", "nn.AlphaDropout(0.3, inplace=True)",
    ]
    for layer in layers:
        swift = layer[3:].replace("=True", ": true").replace("True", "true").replace("init=", "init: ")
        lines[swift] = (
            "", f"!w = x * 1.5\nl = {layer}\nr = l(w)\nv = [str(l), w, r, r is w]",
            f'let w = x * 1.5\nlet l = {swift}\nlet r = l(w)\nreturn ["\\(l)", w, r, r === w] as [Any]')
    lines["GLU(0)"] = ("", "nn.GLU(0)(x)", "return GLU(0)(x)")
    lines["Embedding with paddingIdx"] = (
        "", "!l = nn.Embedding(4, 3, padding_idx=1)\nv = [l.weight, l(y)]",
        "let l = Embedding(4, 3, paddingIdx: 1)\nreturn [l.weight, l(y)]")
    lines["TransformerEncoderLayer"] = (
        "batch", "!l = nn.TransformerEncoderLayer(2, 1, dim_feedforward=4, dropout=0.0, batch_first=True)\nv = l(x)",
        "let l = TransformerEncoderLayer(2, 1, dimFeedforward: 4, dropout: 0, batchFirst: true)\nreturn l(x)")
    lines["TransformerDecoderLayer"] = (
        "batch", "!l = nn.TransformerDecoderLayer(d_model=2, nhead=1, dim_feedforward=4, dropout=0.0, activation='gelu')\nv = l(x, x)",
        "let l = TransformerDecoderLayer(dModel: 2, nhead: 1, dimFeedforward: 4, dropout: 0, activation: .gelu)\nreturn l(x, x)")

    # The dimension that stays, and what the sum of squares is divided by.
    for name in ("sum", "mean", "std", "var", "amax", "amin", "logsumexp", "prod"):
        lines[f"x.{name}(1, keepdim: true)"] = ("", f"x.{name}(1, keepdim=True)")
        lines[f"x.{name}(dim: 0, keepdim: true)"] = ("", f"x.{name}(dim=0, keepdim=True)")
    for name in ("sum", "mean", "std", "var", "amax"):
        lines[f"x.{name}([0, 2], keepdim: true)"] = ("batch", f"x.{name}((0, 2), keepdim=True)")
        lines[f"x.{name}(dim: [0, -1])"] = ("batch", f"x.{name}(dim=(0, -1))")
    for name in ("std", "var"):
        lines[f"x.{name}(unbiased: false)"] = ("", f"x.{name}(unbiased=False)")
        lines[f"x.{name}(1, unbiased: false)"] = ("", f"x.{name}(1, unbiased=False)")
        lines[f"x.{name}(dim: [0, 1], unbiased: true, keepdim: true)"] = ("", f"x.{name}(dim=(0, 1), unbiased=True, keepdim=True)")
    for name in ("any", "all"):
        lines[f"x.{name}(1, keepdim: true)"] = ("shares", f"x.{name}(1, keepdim=True)")
    for name in ("max", "min", "median"):
        lines[f"x.{name}(1, keepdim: true)"] = (
            "", f"list(x.{name}(1, keepdim=True))", f"let r = x.{name}(1, keepdim: true)\nreturn [r.values, r.indices]")
    for name in ("argmax", "argmin"):
        lines[f"x.{name}(0, keepdim: true)"] = ("", f"x.{name}(0, keepdim=True)")

    # Windows: a number, a tuple, the stride with and without its label.
    kernels = "w = torch.arange(16.).reshape(2, 2, 2, 2).sin()", "let w = Tensor.arange(16).float().reshape(2, 2, 2, 2).sin()"
    for python, swift in [
        ("F.conv2d(x, w, stride=2, padding=1)", "F.conv2d(x, w, stride: 2, padding: 1)"),
        ("F.conv2d(x, w, stride=(1, 2), padding=(1, 0))", "F.conv2d(x, w, stride: (1, 2), padding: (1, 0))"),
        ("F.conv_transpose2d(x, w, stride=2, output_padding=1)", "F.convTranspose2d(x, w, stride: 2, outputPadding: 1)"),
        ("F.conv_transpose2d(x, w, stride=(2, 1), padding=(0, 1))", "F.convTranspose2d(x, w, stride: (2, 1), padding: (0, 1))"),
        ("F.conv1d(x[..., 0], w[0], padding=1, dilation=2)", "F.conv1d(x[..., 0], w[0], padding: 1, dilation: 2)"),
        ("F.conv_transpose1d(x[..., 0], w[0], stride=2)", "F.convTranspose1d(x[..., 0], w[0], stride: 2)"),
        ("F.conv3d(x[None], w[:, None], stride=(1, 1, 2))", "F.conv3d(x[.newAxis], w[0..., .newAxis], stride: (1, 1, 2))"),
        ("F.conv3d(x[None], w[:, None], stride=2, padding=1)", "F.conv3d(x[.newAxis], w[0..., .newAxis], stride: 2, padding: 1)"),
        ("F.conv_transpose3d(x[None], w[None], stride=2)", "F.convTranspose3d(x[.newAxis], w[.newAxis], stride: 2)"),
    ]:
        lines[swift] = ("image", f"!{kernels[0]}\nv = {python}", f"{kernels[1]}\nreturn {swift}")
    for python, swift in [
        ("F.max_pool2d(x, 2)", None), ("F.max_pool2d(x, 2, 1)", None), ("F.max_pool2d(x, 3, stride=1, padding=1)", None),
        ("F.max_pool2d(x, (2, 1), stride=(1, 2))", None), ("F.max_pool1d(x[0], 2, 2)", None), ("F.max_pool3d(x[None], (1, 2, 2))", None),
        ("F.max_pool3d(x[None], 2, 1)", None), ("F.avg_pool1d(x[0], 2, stride=1, padding=1)", None), ("F.avg_pool2d(x, 2)", None),
        ("F.avg_pool2d(x, 3, 2, padding=1, ceil_mode=True, count_include_pad=False)", None),
        ("F.avg_pool2d(x, (2, 3), divisor_override=5)", None), ("F.avg_pool3d(x[None], 2, stride=1, divisor_override=3)", None),
        ("F.avg_pool3d(x[None], (1, 2, 2))", None), ("F.adaptive_avg_pool1d(x[0], 3)", None), ("F.adaptive_avg_pool2d(x, 1)", None),
        ("F.adaptive_avg_pool2d(x, (None, 2))", "F.adaptiveAvgPool2d(x, (nil, 2))"), ("F.adaptive_avg_pool3d(x[None], 2)", None),
        ("F.adaptive_max_pool1d(x[0], 3)", None), ("F.adaptive_max_pool2d(x, (3, 2))", None), ("F.adaptive_max_pool3d(x[None], 2)", None),
        ("F.lp_pool1d(x[0], 2, 2)", None), ("F.lp_pool2d(x.abs(), 3, 2, stride=1)", None),
        ("F.unfold(x, 2, padding=1)", None), ("F.unfold(x, (2, 3), stride=(2, 1))", None),
        ("F.fold(x.reshape(1, 8, 4), (4, 4), 2, stride=2)", None), ("F.pixel_shuffle(x.reshape(1, 4, 2, 4), 2)", None),
        ("F.pixel_unshuffle(x, 2)", None), ("F.channel_shuffle(x.reshape(1, 4, 2, 4), 2)", None),
        ("F.pad(x, (1, 2, 0, 1), mode='reflect')", "F.pad(x, [1, 2, 0, 1], mode: .reflect)"), ("F.interpolate(x, scale_factor=2)", "F.interpolate(x, scaleFactor: 2)"),
        ("F.dropout2d(x, 0.5)", None), ("F.dropout3d(x, p=0.5)", "F.dropout3d(x, 0.5)"), ("F.local_response_norm(x, 2)", None),
        ("F.group_norm(x, 2)", None), ("F.instance_norm(x)", None), ("F.rms_norm(x, (4,))", "F.rmsNorm(x, [4])"),
        ("F.layer_norm(x, (4,))", "F.layerNorm(x, [4])"),
    ]:
        if swift is None:
            swift = re.sub(r"[a-z]+(_[a-z0-9]+)+", lambda m: camel(m.group()), python)
            swift = swift.replace("=", ": ").replace("None", ".newAxis").replace("True", "true").replace("False", "false")
            swift = swift.replace("3D", "3d")
        lines[swift] = ("image", python, f"return {swift}")

    # Functions of vectors and losses.
    for python, swift in [
        ("F.softmax(x, 1)", "F.softmax(x, 1)"), ("F.log_softmax(x, 1)", "F.logSoftmax(x, 1)"), ("F.softmin(x, dim=1)", "F.softmin(x, dim: 1)"),
        ("F.hardshrink(x, 2.5)", "F.hardshrink(x, lambd: 2.5)"), ("F.softshrink(x, 2.5)", "F.softshrink(x, lambd: 2.5)"),
        ("F.softsign(x)", "F.softsign(x)"), ("F.tanhshrink(x)", "F.tanhshrink(x)"),
        ("F.leaky_relu(x, negative_slope=0.2)", "F.leakyRelu(x, negativeSlope: 0.2)"),
        ("F.hardtanh(x, min_val=-2, max_val=3)", "F.hardtanh(x, minVal: -2, maxVal: 3)"),
        ("F.cosine_similarity(x, x + 1)", "F.cosineSimilarity(x, x + 1)"), ("F.cosine_similarity(x, x + 1, dim=0)", "F.cosineSimilarity(x, x + 1, dim: 0)"),
        ("F.pairwise_distance(x, x + 1, p=1, keepdim=True)", "F.pairwiseDistance(x, x + 1, p: 1, keepdim: true)"),
        ("F.bilinear(x, x, torch.ones(2, 3, 3))", "F.bilinear(x, x, Tensor.ones(2, 3, 3))"),
        ("F.batch_norm(x, None, None, training=True)", "F.batchNorm(x, nil, nil, training: true)"),
        ("F.smooth_l1_loss(x, x * 1.5, beta=2)", "F.smoothL1Loss(x, x * 1.5, beta: 2)"), ("F.huber_loss(x, x * 1.5, delta=0.5)", "F.huberLoss(x, x * 1.5, delta: 0.5)"),
        ("F.soft_margin_loss(x, x.sign())", "F.softMarginLoss(x, x.sign())"),
        ("F.kl_div(x, x.softmax(1), reduction='batchmean')", "F.klDiv(x, x.softmax(1), reduction: .batchMean)"),
        ("F.poisson_nll_loss(x, x.abs())", "F.poissonNllLoss(x, x.abs())"),
        ("F.gaussian_nll_loss(x, x * 1.5, x.abs())", "F.gaussianNllLoss(x, x * 1.5, x.abs())"),
        ("F.hinge_embedding_loss(x, x.sign())", "F.hingeEmbeddingLoss(x, x.sign())"),
        ("F.margin_ranking_loss(x, x.flip(0), x.sign(), margin=0.5)", "F.marginRankingLoss(x, x.flip(0), x.sign(), margin: 0.5)"),
        ("F.cosine_embedding_loss(x, x.flip(0), torch.tensor([1, -1]))", "F.cosineEmbeddingLoss(x, x.flip(0), Tensor([1, -1]))"),
        ("F.multi_margin_loss(x, y, p=2)", "F.multiMarginLoss(x, y, p: 2)"),
        ("F.multilabel_margin_loss(x, torch.tensor([[0, 2, -1], [1, -1, 0]]))", "F.multilabelMarginLoss(x, Tensor([[0, 2, -1], [1, -1, 0]]))"),
        ("F.multilabel_soft_margin_loss(x, (x > 0).float())", "F.multilabelSoftMarginLoss(x, (x > 0).float())"),
        ("F.triplet_margin_loss(x, x + 0.5, x.flip(0), p=1, swap=True)", "F.tripletMarginLoss(x, x + 0.5, x.flip(0), p: 1, swap: true)"),
        ("F.triplet_margin_with_distance_loss(x, x + 0.5, x.flip(0))", "F.tripletMarginWithDistanceLoss(x, x + 0.5, x.flip(0))"),
        ("F.binary_cross_entropy(x.sigmoid(), (x > 0).float(), weight=x.abs())", "F.binaryCrossEntropy(x.sigmoid(), (x > 0).float(), weight: x.abs())"),
        ("F.binary_cross_entropy_with_logits(x, (x > 0).float(), pos_weight=torch.tensor([1., 2., 3.]))", "F.binaryCrossEntropyWithLogits(x, (x > 0).float(), posWeight: Tensor([1.0, 2, 3]))"),
        ("F.embedding(y, x.T, padding_idx=0)", "F.embedding(y, x.T, paddingIdx: 0)"), ("F.one_hot(y, num_classes=4)", "F.oneHot(y, numClasses: 4)"),
    ]:
        lines[swift] = ("", python, f"return {swift}")
    return lines


FURTHER.update(named_lines())
