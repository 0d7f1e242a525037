"""Writes the names of PyTorch's gradients to ../Fixtures/grad-names.json. Made with PyTorch 2.13.

    python grad_names.py
"""

import json
import pathlib

import torch
import torch.nn.functional as F

x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]], requires_grad=True)
w = torch.ones(2, 3, requires_grad=True)
image = torch.ones(1, 1, 4, 4, requires_grad=True)
y = torch.tensor([0, 1, 2])
NAMES = {
    "add": x + x, "sub": x - x, "mul": x * x, "div": x / x, "neg": -x, "add number": x + 1, "sub number": x - 1,
    "rsub": 1 - x, "mul number": x * 2, "div number": x / 2, "pow": x ** 2, "pow tensor": x ** x, "exp": x.exp(),
    "log": x.log(), "sqrt": x.sqrt(), "rsqrt": x.rsqrt(), "abs": x.abs(), "sin": x.sin(), "cos": x.cos(),
    "tanh": x.tanh(), "sigmoid": x.sigmoid(), "relu": x.relu(), "gelu": F.gelu(x), "silu": F.silu(x),
    "softplus": F.softplus(x), "elu": F.elu(x), "leakyRelu": F.leaky_relu(x), "hardtanh": F.hardtanh(x),
    "clamp": x.clamp(min=0), "softmax": x.softmax(-1), "logSoftmax": x.log_softmax(-1), "sum": x.sum(),
    "sum dim": x.sum(0), "mean": x.mean(), "mean dim": x.mean(0), "std": x.std(), "var": x.var(), "max": x.max(),
    "max dim": x.max(0).values, "amax": x.amax(0), "prod": x.prod(), "norm": x.norm(), "matmul": x @ x,
    "view": x.view(-1), "t": x.t(), "transpose": x.transpose(0, 1), "permute": x.permute(1, 0),
    "unsqueeze": x.unsqueeze(0), "squeeze": x.unsqueeze(0).squeeze(), "expand": x.unsqueeze(0).expand(2, 3, 3),
    "select": x[0], "slice": x[1:], "cat": torch.cat([x, x]), "stack": torch.stack([x, x]),
    "gather": x.gather(0, y[None]), "index select": x.index_select(0, y), "masked fill": x.masked_fill(x > 2, 0),
    "where": torch.where(x > 2, x, x), "cumsum": x.cumsum(0), "tril": x.tril(), "clone": x.clone(),
    "to": x.to(torch.float64), "linear": F.linear(x, w), "linear bias": F.linear(x, w, torch.ones(2, requires_grad=True)),
    "mse": F.mse_loss(x, torch.ones_like(x)), "l1": F.l1_loss(x, torch.ones_like(x)), "nll": F.nll_loss(x, y),
    "cross entropy": F.cross_entropy(x, y), "layer norm": F.layer_norm(x, [3]), "conv2d": F.conv2d(image, image[:, :, :2, :2]),
    "max pool": F.max_pool2d(image, 2), "avg pool": F.avg_pool2d(image, 2), "embedding": F.embedding(y, x),
    "bce": F.binary_cross_entropy(x.sigmoid(), torch.ones_like(x)),
    "bce logits": F.binary_cross_entropy_with_logits(x, torch.ones_like(x)), "index": x[y], "mask": x[x > 2],
    "lerp": x.lerp(x, 0.5), "det": torch.linalg.det(x), "inverse": torch.linalg.inv(x),
}
path = pathlib.Path(__file__).resolve().parent.parent / "Fixtures/grad-names.json"
path.write_text(json.dumps({k: type(v.grad_fn).__name__ for k, v in NAMES.items()}, indent=1) + "\n")
