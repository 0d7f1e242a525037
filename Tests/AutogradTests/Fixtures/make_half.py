"""Values and gradients in float16 and bfloat16, made by PyTorch 2.13.0 on the processor.

Inputs follow from the formula of make_ops.py, rounded to the type. Run: python make_half.py
Writes half.json: for each operation what PyTorch makes in the type, where it rounds some sums on the
way, and under "exact" what it makes of the same inputs in float64.
"""

import json

import torch
import torch.nn.functional as F

assert torch.__version__.startswith("2.13.0"), torch.__version__


def pattern(shape, salt):
    count = 1
    for length in shape:
        count *= length
    values = [((i * 37 + salt * 17) % 101 - 50.5) / 32 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def batch_norm(x, w, b):
    mean, var = torch.tensor([0.5, -0.25]), torch.tensor([1.5, 0.75])
    return F.batch_norm(x, mean.to(x.dtype), var.to(x.dtype), w, b)


SAMPLES = {
    "linear": (F.linear, (2, 5), (4, 5), (4,)),
    "matmul": (torch.matmul, (2, 2, 5), (5, 3)),
    "conv2d": (lambda x, w, b: F.conv2d(x, w, b, padding=1), (1, 2, 4, 4), (3, 2, 3, 3), (3,)),
    "conv1d": (F.conv1d, (1, 2, 6), (2, 2, 3)),
    "convTranspose2d": (F.conv_transpose2d, (1, 2, 3, 3), (2, 2, 2, 2), (2,)),
    "maxPool2d": (lambda x: F.max_pool2d(x, 2), (1, 2, 4, 4)),
    "avgPool2d": (lambda x: F.avg_pool2d(x, 3, 1, 1), (1, 2, 4, 4)),
    "adaptiveAvgPool2d": (lambda x: F.adaptive_avg_pool2d(x, 3), (1, 2, 5, 4)),
    "adaptiveMaxPool2d": (lambda x: F.adaptive_max_pool2d(x, 3), (1, 2, 5, 4)),
    "batchNorm.train": (
        lambda x, w, b: F.batch_norm(x, None, None, w, b, training=True),
        (3, 2, 4),
        (2,),
        (2,),
    ),
    "batchNorm.eval": (batch_norm, (3, 2, 4), (2,), (2,)),
    "layerNorm": (lambda x, w, b: F.layer_norm(x, (5,), w, b), (3, 5), (5,), (5,)),
    "groupNorm": (lambda x, w, b: F.group_norm(x, 2, w, b), (2, 4, 3), (4,), (4,)),
    "instanceNorm": (F.instance_norm, (2, 2, 4)),
    "rmsNorm": (lambda x, w: F.rms_norm(x, (5,), w), (3, 5), (5,)),
    "bilinear": (F.bilinear, (3, 4), (3, 5), (2, 4, 5), (2,)),
    "interpolate": (lambda x: F.interpolate(x, size=(3, 5), mode="bilinear"), (1, 2, 4, 4)),
    "addcmul": (lambda x, y, z: torch.addcmul(x, y, z, value=0.3), (3, 5), (3, 5), (3, 5)),
    "addcdiv": (lambda x, y, z: torch.addcdiv(x, y, z, value=0.3), (3, 5), (3, 5), (3, 5)),
    "softmax": (lambda x: x.softmax(-1), (3, 5)),
    "logSoftmax": (lambda x: x.log_softmax(0), (3, 5)),
}

results = {}
for name, (function, *shapes) in SAMPLES.items():
    for dtype in [torch.float16, torch.bfloat16]:
        inputs = [pattern(s, i).to(dtype).requires_grad_() for i, s in enumerate(shapes)]
        exact_inputs = [i.detach().double().requires_grad_() for i in inputs]
        for key, values in [("", inputs), (" exact", exact_inputs)]:
            output = function(*values)
            gradient = pattern(output.shape, 7).to(dtype).to(output.dtype)
            grads = torch.autograd.grad(output, values, gradient)
            assert output.dtype == values[0].dtype
            results[f"{name} {str(dtype).removeprefix('torch.')}{key}"] = {
                "shape": list(output.shape),
                "output": [float(f"{v:.9g}") for v in output.detach().flatten().tolist()],
                "gradients": [
                    [float(f"{v:.9g}") for v in g.flatten().tolist()] for g in grads
                ],
            }
with open("half.json", "w") as file:
    json.dump(results, file, separators=(",", ":"))
