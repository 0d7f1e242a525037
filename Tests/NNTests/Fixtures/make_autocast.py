"""What autocast and the scaler of gradients do, made by PyTorch 2.13.0. Run: python make_autocast.py

Writes autocast.json: for operations on float32 under autocast the type of the result and its numbers, the
losses of a training, and how a scale moves. Inputs follow from the formula that Fixture.swift has too.
"""

import json
import math

import torch
import torch.nn.functional as F
from torch import nn

assert torch.__version__.startswith("2.13.0"), torch.__version__
torch.set_num_threads(1)


def pattern(shape, salt):
    raw = [(i * 37 + salt * 17) % 101 for i in range(math.prod(shape))]
    return torch.tensor([(r - 50.5) / 32 for r in raw]).reshape(shape)


def low(x):
    """The numbers in half precision, to which autocast converts them for a product."""
    return torch.matmul(x, torch.eye(x.shape[-1]))


OPERATIONS = {
    "linear": (F.linear, (3, 4), (2, 4), (2,)),
    "matmul": (torch.matmul, (3, 4), (4, 2)),
    "bilinear": (F.bilinear, (3, 4), (3, 2), (2, 4, 2), (2,)),
    "conv1d": (F.conv1d, (1, 2, 5), (3, 2, 2), (3,)),
    "conv2d": (F.conv2d, (1, 2, 4, 4), (3, 2, 2, 2), (3,)),
    "conv3d": (F.conv3d, (1, 2, 3, 3, 3), (2, 2, 2, 2, 2), (2,)),
    "convTranspose2d": (F.conv_transpose2d, (1, 2, 3, 3), (2, 3, 2, 2), (3,)),
    "prelu": (F.prelu, (2, 3), (3,)),
    "attention": (F.scaled_dot_product_attention, (1, 3, 4), (1, 3, 4), (1, 3, 4)),
    "linear.gelu": (lambda x, w: F.gelu(F.linear(x, w)), (3, 4), (2, 4)),
    "linear.softmax": (lambda x, w: F.linear(x, w).softmax(-1), (3, 4), (2, 4)),
    "linear.layerNorm": (lambda x, w, s: F.layer_norm(F.linear(x, w), (2,), s), (3, 4), (2, 4), (2,)),
    "linear.add": (lambda x, w: F.linear(x, w) + x, (3, 4), (4, 4)),
    "linear.cat": (lambda x, w: torch.cat([F.linear(x, w), x]), (3, 4), (4, 4)),
    "linear.mse": (lambda x, w, y: F.mse_loss(F.linear(x, w), y), (3, 4), (2, 4), (3, 2)),
    "linear.l1": (lambda x, w, y: F.l1_loss(F.linear(x, w), y), (3, 4), (2, 4), (3, 2)),
    "linear.huber": (lambda x, w, y: F.huber_loss(F.linear(x, w), y), (3, 4), (2, 4), (3, 2)),
    "linear.crossEntropy": (
        lambda x, w: F.cross_entropy(F.linear(x, w), torch.tensor([0, 1, 0])), (3, 4), (2, 4),
    ),
    "linear.bceWithLogits": (
        lambda x, w: F.binary_cross_entropy_with_logits(F.linear(x, w), torch.ones(3, 2)), (3, 4), (2, 4),
    ),
    "low.prod": (lambda x: low(x).prod(1), (2, 3)),
    "low.quantile": (lambda x: low(x).quantile(0.3, 1), (2, 5)),
    "low.cdist": (lambda x, y: torch.cdist(low(x), low(y)), (2, 3), (3, 3)),
    "low.inverse": (lambda x: (low(x) + 4 * torch.eye(3)).to(low(x).dtype).inverse(), (3, 3)),
    "low.cholesky": (
        lambda x: torch.linalg.cholesky((low(x) * 0.125 + 4 * torch.eye(3)).to(low(x).dtype)), (3, 3)),
    "low.gridSample": (
        lambda x, g: F.grid_sample(low(x), low(g) / 2, align_corners=True), (1, 1, 3, 3), (1, 2, 2, 2)),
    "low.maxPool3d": (lambda x: F.max_pool3d(low(x), 2), (1, 2, 2, 2, 4)),
    "low.avgPool3d": (lambda x: F.avg_pool3d(low(x), 2), (1, 2, 2, 2, 4)),
    "low.adaptiveAvgPool3d": (lambda x: F.adaptive_avg_pool3d(low(x), 1), (1, 2, 2, 2, 4)),
    "low.adaptiveMaxPool3d": (lambda x: F.adaptive_max_pool3d(low(x), 1), (1, 2, 2, 2, 4)),
    "low.reflect": (lambda x: F.pad(low(x), (1, 1), mode="reflect"), (1, 2, 4)),
    "low.reflectVolumes": (lambda x: F.pad(low(x), (1, 1, 1, 1, 1, 1), mode="reflect"), (1, 1, 2, 2, 2)),
    "low.replicate": (lambda x: F.pad(low(x), (1, 1, 1, 1), mode="replicate"), (1, 1, 2, 3)),
    "low.circular": (lambda x: F.pad(low(x), (1, 1), mode="circular"), (1, 2, 4)),
    "low.localResponseNorm": (lambda x: F.local_response_norm(low(x), 2, alpha=1.0), (1, 3, 2, 2)),
    "low.avgPool2d": (lambda x: F.avg_pool2d(low(x), 2), (1, 2, 2, 4)),
    "add": (lambda x, y: x + y, (2, 3), (2, 3)),
    "relu": (torch.relu, (2, 3)),
}


def name(dtype):
    return str(dtype).removeprefix("torch.")


def rounded(tensor):
    return [float(f"{v:.9g}") for v in tensor.detach().flatten().double().tolist()]


results = {"operations": {}, "losses": {}, "scales": []}
for key, (function, *shapes) in OPERATIONS.items():
    for dtype in [torch.bfloat16, torch.float16]:
        inputs = [pattern(shape, i).requires_grad_() for i, shape in enumerate(shapes)]
        with torch.autocast("cpu", dtype=dtype):
            output = function(*inputs)
        gradients = torch.autograd.grad(output.float().sum(), inputs)
        assert all(g.dtype == torch.float32 for g in gradients)
        results["operations"][f"{key} {name(dtype)}"] = {
            "dtype": name(output.dtype),
            "shapes": shapes,
            "output": rounded(output),
            "gradients": [rounded(g) for g in gradients],
        }

for dtype in [torch.bfloat16, torch.float16]:
    torch.manual_seed(42)
    model = nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.LayerNorm(16), nn.Linear(16, 4))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    x, y = pattern((12, 6), 0), torch.arange(12) * 7 % 4
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=dtype):
            loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    results["losses"][name(dtype)] = losses

# Every step whose gradient is not finite is left out, and moves the scale.
p = nn.Parameter(torch.tensor([1.0, 2.0]))
optimizer = torch.optim.SGD([p], lr=0.5)
scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=3)
for step in range(12):
    optimizer.zero_grad()
    factor = torch.tensor([math.inf if step in (1, 6) else 1.0, math.nan if step == 7 else 0.25])
    scaler.scale((p * factor).sum()).backward()
    scaler.step(optimizer)
    scaler.update()
    results["scales"].append([scaler.get_scale(), *p.tolist()])
results["state"] = scaler.state_dict()
with open("autocast.json", "w") as file:
    json.dump(results, file, separators=(",", ":"))
