"""Layers and optimizers, made by PyTorch 2.13.0. Run: python make_layers.py

Writes layers.json (keys, shapes, types, first values, outputs, gradients and buffers of each layer)
and optimizers.json (parameters and state after several steps).
"""

import json
from collections import OrderedDict

import torch
from torch import nn

assert torch.__version__.startswith("2.13.0"), torch.__version__


def pattern(shape, salt, dtype=torch.float32):
    """The formula that Fixture.swift has too."""
    count = 1
    for length in shape:
        count *= length
    raw = [(i * 37 + salt * 17) % 101 for i in range(count)]
    return torch.tensor([(r - 50.5) / 32 for r in raw], dtype=dtype).reshape(shape)


def flat(tensor):
    return [round(v, 9) for v in tensor.detach().flatten().double().tolist()]


def mlp():
    return nn.Sequential(
        OrderedDict(fc1=nn.Linear(4, 3), act=nn.Tanh(), fc2=nn.Linear(3, 2, bias=False))
    )


class Itself(nn.Module):
    """An attention of a sequence to itself, as a module of one input."""

    def __init__(self, attention):
        super().__init__()
        self.attention = attention

    def forward(self, x):
        return self.attention(x, x, x)


def first(output):
    return output[0] if isinstance(output, tuple) else output


LAYERS = {
    "Linear": (lambda: nn.Linear(4, 3), (2, 4)),
    "Linear without bias": (lambda: nn.Linear(4, 3, bias=False), (2, 2, 4)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3, padding=1), (2, 2, 4, 4)),
    "Conv2d options": (
        lambda: nn.Conv2d(4, 2, (3, 2), stride=2, padding=(2, 1), dilation=(2, 1), groups=2, bias=False),
        (1, 4, 5, 4),
    ),
    "Conv2d same": (
        lambda: nn.Conv2d(2, 2, (2, 3), padding="same", padding_mode="replicate"),
        (1, 2, 3, 4),
    ),
    "Conv2d valid": (lambda: nn.Conv2d(1, 2, 2, padding="valid"), (1, 1, 3, 3)),
    "Conv2d reflect": (
        lambda: nn.Conv2d(1, 2, 3, padding=(1, 2), padding_mode="reflect"),
        (1, 1, 3, 4),
    ),
    "Conv2d circular": (
        lambda: nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular"),
        (1, 1, 3, 3),
    ),
    "Conv1d": (lambda: nn.Conv1d(2, 3, 3, padding=1), (2, 2, 5)),
    "Conv1d options": (
        lambda: nn.Conv1d(2, 4, 2, stride=2, dilation=2, groups=2, bias=False),
        (1, 2, 7),
    ),
    "Conv1d same": (
        lambda: nn.Conv1d(2, 2, 4, padding="same", padding_mode="circular"),
        (1, 2, 5),
    ),
    "ConvTranspose1d": (
        lambda: nn.ConvTranspose1d(2, 3, 3, stride=2, padding=1, output_padding=1),
        (2, 2, 4),
    ),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 3, 3), (1, 2, 3, 3)),
    "ConvTranspose2d options": (
        lambda: nn.ConvTranspose2d(
            2, 4, (2, 3), stride=2, padding=1, output_padding=(1, 0), groups=2, bias=False
        ),
        (1, 2, 3, 3),
    ),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (2, 4, 3)),
    "GroupNorm plain": (lambda: nn.GroupNorm(1, 2, eps=1e-3, affine=False), (2, 2, 2, 2)),
    "RMSNorm": (lambda: nn.RMSNorm(4), (2, 4)),
    "RMSNorm options": (
        lambda: nn.RMSNorm((3, 4), eps=1e-3, elementwise_affine=False),
        (2, 3, 4),
    ),
    "MaxPool1d": (lambda: nn.MaxPool1d(3, stride=2, padding=1), (1, 2, 6)),
    "AvgPool1d": (lambda: nn.AvgPool1d(2), (1, 2, 6)),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), (1, 2, 2, 3)),
    "Upsample bilinear": (lambda: nn.Upsample(size=(5, 4), mode="bilinear"), (1, 2, 3, 3)),
    "Upsample aligned": (
        lambda: nn.Upsample(scale_factor=1.5, mode="bilinear", align_corners=True),
        (1, 1, 3, 4),
    ),
    "PixelShuffle": (lambda: nn.PixelShuffle(2), (1, 8, 2, 3)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (4, 3)),
    "BatchNorm1d length": (lambda: nn.BatchNorm1d(3), (4, 3, 2)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(2), (2, 2, 3, 3)),
    "BatchNorm2d average": (lambda: nn.BatchNorm2d(2, eps=1e-3, momentum=None), (2, 2, 2, 2)),
    "BatchNorm2d plain": (lambda: nn.BatchNorm2d(2, affine=False), (2, 2, 2, 2)),
    "BatchNorm2d stateless": (
        lambda: nn.BatchNorm2d(2, track_running_stats=False),
        (2, 2, 2, 2),
    ),
    "LayerNorm": (lambda: nn.LayerNorm(4), (2, 4)),
    "LayerNorm options": (lambda: nn.LayerNorm((3, 4), eps=1e-3, bias=False), (2, 3, 4)),
    "LayerNorm plain": (lambda: nn.LayerNorm(4, elementwise_affine=False), (2, 4)),
    "Embedding": (lambda: nn.Embedding(5, 4), [[1, 2], [4, 0]]),
    "Embedding padding": (lambda: nn.Embedding(5, 4, padding_idx=-2), [3, 1]),
    "ReLU": (nn.ReLU, (2, 3)),
    "Sigmoid": (nn.Sigmoid, (2, 3)),
    "Tanh": (nn.Tanh, (2, 3)),
    "GELU": (nn.GELU, (2, 3)),
    "GELU tanh": (lambda: nn.GELU(approximate="tanh"), (2, 3)),
    "Softmax": (lambda: nn.Softmax(dim=-1), (2, 3)),
    "Identity": (nn.Identity, (2, 3)),
    "Flatten": (nn.Flatten, (2, 3, 2)),
    "Flatten all": (lambda: nn.Flatten(0, 1), (2, 3, 2)),
    "Dropout": (lambda: nn.Dropout(0.25), (4, 5)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (1, 2, 4, 4)),
    "MaxPool2d options": (
        lambda: nn.MaxPool2d((3, 2), stride=(1, 2), padding=1, dilation=(1, 2), ceil_mode=True),
        (1, 1, 5, 6),
    ),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), (1, 2, 4, 4)),
    "AvgPool2d options": (lambda: nn.AvgPool2d((2, 3), stride=1, padding=(1, 1)), (1, 1, 4, 5)),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d((2, 3)), (1, 2, 5, 4)),
    "AdaptiveAvgPool2d one": (lambda: nn.AdaptiveAvgPool2d(1), (1, 2, 3, 3)),
    "SELU": (nn.SELU, (2, 3)),
    "SiLU": (nn.SiLU, (2, 3)),
    "Mish": (nn.Mish, (2, 3)),
    "Hardswish": (nn.Hardswish, (2, 3)),
    "Hardsigmoid": (nn.Hardsigmoid, (2, 3)),
    "AdaptiveMaxPool2d height": (lambda: nn.AdaptiveMaxPool2d((None, 2)), (1, 1, 3, 4)),
    "AdaptiveAvgPool2d width": (lambda: nn.AdaptiveAvgPool2d((3, None)), (1, 1, 4, 2)),
    "Softsign": (nn.Softsign, (2, 3)),
    "Hardshrink": (nn.Hardshrink, (2, 3)),
    "Softshrink": (lambda: nn.Softshrink(0.25), (2, 3)),
    "Threshold": (lambda: nn.Threshold(0.1, 20), (2, 3)),
    "Conv3d": (lambda: nn.Conv3d(2, 3, 2), (1, 2, 3, 3, 2)),
    "Conv3d options": (
        lambda: nn.Conv3d(
            2, 4, (2, 1, 2), (1, 2, 1), (1, 0, 1), (2, 1, 1), groups=2, bias=False
        ),
        (1, 2, 3, 3, 2),
    ),
    "Conv3d same": (
        lambda: nn.Conv3d(2, 2, (2, 3, 1), padding="same", padding_mode="replicate", dilation=(1, 1, 2)),
        (1, 2, 3, 3, 4),
    ),
    "Conv3d zeros to the same size": (lambda: nn.Conv3d(1, 2, (2, 3, 4), padding="same"), (2, 1, 3, 3, 4)),
    "Conv3d reflect": (
        lambda: nn.Conv3d(1, 2, 3, (1, 2, 1), (1, 2, 0), padding_mode="reflect"), (1, 1, 3, 4, 3),
    ),
    "Conv3d circular": (lambda: nn.Conv3d(1, 1, 2, padding=1, padding_mode="circular"), (1, 1, 2, 2, 3)),
    "ConvTranspose3d": (lambda: nn.ConvTranspose3d(2, 3, 2), (1, 2, 2, 2, 2)),
    "ConvTranspose3d options": (
        lambda: nn.ConvTranspose3d(
            2, 2, (2, 3, 2), 2, (0, 1, 0), (1, 0, 1), groups=2, bias=False, dilation=(1, 1, 2)
        ),
        (1, 2, 2, 2, 2),
    ),
    "MaxPool3d": (lambda: nn.MaxPool3d(2), (1, 2, 4, 2, 4)),
    "MaxPool3d options": (
        lambda: nn.MaxPool3d((3, 2, 2), (1, 2, 1), 1, (1, 1, 2), ceil_mode=True),
        (1, 1, 4, 3, 4),
    ),
    "AvgPool3d": (lambda: nn.AvgPool3d((2, 1, 2)), (1, 2, 4, 2, 4)),
    "AvgPool3d options": (
        lambda: nn.AvgPool3d(2, 1, 1, ceil_mode=True, count_include_pad=False),
        (1, 1, 3, 2, 2),
    ),
    "BatchNorm3d": (lambda: nn.BatchNorm3d(2), (2, 2, 2, 2, 2)),
    "Tanhshrink": (nn.Tanhshrink, (2, 3)),
    "LogSigmoid": (nn.LogSigmoid, (2, 3)),
    "LeakyReLU": (lambda: nn.LeakyReLU(0.2), (2, 3)),
    "PReLU": (nn.PReLU, (2, 3)),
    "PReLU channels": (lambda: nn.PReLU(3, init=0.5), (2, 3, 2)),
    "ELU": (lambda: nn.ELU(0.5), (2, 3)),
    "CELU": (lambda: nn.CELU(0.5), (2, 3)),
    "Softplus": (lambda: nn.Softplus(2, 1.5), (2, 3)),
    "Hardtanh": (nn.Hardtanh, (2, 3)),
    "Hardtanh whole": (lambda: nn.Hardtanh(-2, 2.0), (2, 3)),
    "ELU whole": (lambda: nn.ELU(2), (2, 3)),
    "ELU real": (lambda: nn.ELU(2.0), (2, 3)),
    "Dropout whole": (lambda: nn.Dropout(0), (2, 3)),
    "ReLU6": (nn.ReLU6, (2, 3)),
    "LogSoftmax": (lambda: nn.LogSoftmax(dim=1), (2, 3)),
    "Softmin": (lambda: nn.Softmin(dim=1), (2, 3)),
    "GLU": (lambda: nn.GLU(1), (2, 4)),
    "Unflatten": (lambda: nn.Unflatten(1, (2, -1)), (2, 6)),
    "RNN": (lambda: nn.RNN(3, 4), (5, 2, 3)),
    "RNN relu": (
        lambda: nn.RNN(3, 2, num_layers=2, nonlinearity="relu", bias=False, batch_first=True),
        (2, 4, 3),
    ),
    "LSTM": (lambda: nn.LSTM(3, 4), (5, 2, 3)),
    "LSTM options": (
        lambda: nn.LSTM(3, 2, num_layers=3, batch_first=True, dropout=0.3, bidirectional=True),
        (2, 4, 3),
    ),
    "LSTM unbatched": (lambda: nn.LSTM(3, 2, bias=False), (4, 3)),
    "GRU": (lambda: nn.GRU(3, 4), (5, 2, 3)),
    "GRU options": (
        lambda: nn.GRU(3, 2, num_layers=2, batch_first=True, dropout=0.5, bidirectional=True),
        (2, 4, 3),
    ),
    "MultiheadAttention": (lambda: Itself(nn.MultiheadAttention(4, 2)), (3, 2, 4)),
    "MultiheadAttention options": (
        lambda: Itself(nn.MultiheadAttention(4, 2, dropout=0.2, bias=False, batch_first=True)),
        (2, 3, 4),
    ),
    "MultiheadAttention unbatched": (lambda: Itself(nn.MultiheadAttention(4, 1)), (3, 4)),
    "TransformerEncoderLayer": (
        lambda: nn.TransformerEncoderLayer(4, 2, dim_feedforward=6),
        (3, 2, 4),
    ),
    "TransformerEncoderLayer options": (
        lambda: nn.TransformerEncoderLayer(
            4, 2, 6, 0.0, "gelu", 1e-3, batch_first=True, norm_first=True, bias=False
        ),
        (2, 3, 4),
    ),
    "TransformerEncoder": (
        lambda: nn.TransformerEncoder(
            nn.TransformerEncoderLayer(4, 2, 6, dropout=0.0, batch_first=True),
            2,
            norm=nn.LayerNorm(4),
        ),
        (2, 3, 4),
    ),
    "MultiheadAttention added": (
        lambda: Itself(nn.MultiheadAttention(4, 2, add_bias_kv=True, add_zero_attn=True)),
        (3, 2, 4),
    ),
    "LSTM projected": (lambda: nn.LSTM(3, 4, proj_size=2), (5, 2, 3)),
    "LSTM projected options": (
        lambda: nn.LSTM(
            3, 3, num_layers=2, bias=False, batch_first=True, bidirectional=True, proj_size=2
        ),
        (2, 4, 3),
    ),
    "RNNCell": (lambda: nn.RNNCell(3, 4), (2, 3)),
    "RNNCell relu": (lambda: nn.RNNCell(3, 4, nonlinearity="relu"), (2, 3)),
    "LSTMCell": (lambda: nn.LSTMCell(3, 4), (2, 3)),
    "LSTMCell unbatched": (lambda: nn.LSTMCell(3, 2, bias=False), (3,)),
    "GRUCell": (lambda: nn.GRUCell(3, 4), (2, 3)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(3), (2, 3, 4)),
    "InstanceNorm1d unbatched": (
        lambda: nn.InstanceNorm1d(3, eps=1e-3, affine=True),
        (3, 4),
    ),
    "InstanceNorm2d": (
        lambda: nn.InstanceNorm2d(2, affine=True, track_running_stats=True),
        (3, 2, 3, 3),
    ),
    "InstanceNorm2d tracking": (
        lambda: nn.InstanceNorm2d(2, momentum=0.3, track_running_stats=True),
        (2, 2, 2, 3),
    ),
    "InstanceNorm3d": (lambda: nn.InstanceNorm3d(2, affine=True, bias=False), (2, 2, 2, 2, 2)),
    "AdaptiveMaxPool1d": (lambda: nn.AdaptiveMaxPool1d(3), (2, 2, 7)),
    "AdaptiveMaxPool2d": (lambda: nn.AdaptiveMaxPool2d((2, 3)), (1, 2, 5, 4)),
    "AdaptiveAvgPool1d": (lambda: nn.AdaptiveAvgPool1d(3), (2, 2, 7)),
    "Dropout1d": (lambda: nn.Dropout1d(0.4), (3, 4, 2)),
    "Dropout1d unbatched": (nn.Dropout1d, (6, 2)),
    "Dropout2d": (lambda: nn.Dropout2d(0.25), (2, 5, 2, 2)),
    "Unfold": (lambda: nn.Unfold((2, 3), padding=1, stride=(2, 1)), (2, 2, 3, 4)),
    "Fold": (lambda: nn.Fold((3, 4), 2, dilation=(1, 2)), (2, 8, 4)),
    "Upsample linear": (lambda: nn.Upsample(size=7, mode="linear"), (1, 2, 4)),
    "Upsample exact": (
        lambda: nn.Upsample(scale_factor=(1.5, 2.0), mode="nearest-exact"),
        (1, 1, 3, 2),
    ),
    "Upsample trilinear": (
        lambda: nn.Upsample(scale_factor=2, mode="trilinear", align_corners=True),
        (1, 1, 2, 3, 2),
    ),
    "ZeroPad1d": (lambda: nn.ZeroPad1d((2, -1)), (1, 2, 4)),
    "ZeroPad2d": (lambda: nn.ZeroPad2d(1), (2, 2, 3)),
    "ZeroPad3d": (lambda: nn.ZeroPad3d((1, 0, 2, 1, 0, 1)), (1, 1, 2, 1, 2)),
    "ConstantPad1d": (lambda: nn.ConstantPad1d(2, 3.5), (2, 3)),
    "ConstantPad2d": (lambda: nn.ConstantPad2d((1, -2, 0, 3), -0.25), (1, 2, 2, 4)),
    "ConstantPad3d": (lambda: nn.ConstantPad3d(1, 2), (1, 1, 1, 2)),
    "ReflectionPad1d": (lambda: nn.ReflectionPad1d((2, 1)), (1, 2, 3)),
    "ReflectionPad2d": (lambda: nn.ReflectionPad2d((1, 2, 0, 1)), (1, 1, 2, 3)),
    "ReflectionPad3d": (lambda: nn.ReflectionPad3d(1), (1, 1, 2, 2, 3)),
    "ReplicationPad1d": (lambda: nn.ReplicationPad1d(3), (2, 3)),
    "ReplicationPad2d": (lambda: nn.ReplicationPad2d((1, 2, 3, 0)), (1, 1, 2, 3)),
    "ReplicationPad3d": (lambda: nn.ReplicationPad3d((1, 2, 0, 1, 1, 0)), (1, 1, 2, 2, 2)),
    "CircularPad1d": (lambda: nn.CircularPad1d((3, 1)), (1, 2, 3)),
    "CircularPad2d": (lambda: nn.CircularPad2d(2), (1, 2, 3)),
    "CircularPad3d": (lambda: nn.CircularPad3d((1, 0, 1, 2, 0, 1)), (1, 1, 2, 2, 2)),
    "AdaptiveAvgPool3d": (lambda: nn.AdaptiveAvgPool3d((2, 3, 2)), (1, 2, 3, 4, 5)),
    "AdaptiveAvgPool3d depth": (
        lambda: nn.AdaptiveAvgPool3d((None, 2, 1)),
        (1, 1, 3, 3, 2),
    ),
    "AdaptiveMaxPool3d": (lambda: nn.AdaptiveMaxPool3d(2), (1, 2, 3, 4, 3)),
    "AdaptiveMaxPool3d unbatched": (
        lambda: nn.AdaptiveMaxPool3d((1, None, 3)),
        (2, 3, 2, 4),
    ),
    "LPPool1d": (lambda: nn.LPPool1d(2, 3), (1, 2, 7)),
    "LPPool1d ceil": (lambda: nn.LPPool1d(4, 2, stride=2, ceil_mode=True), (1, 5)),
    "LPPool2d": (lambda: nn.LPPool2d(2, (2, 3), stride=1), (1, 2, 3, 4)),
    "LPPool3d": (lambda: nn.LPPool3d(2, (2, 1, 2)), (1, 1, 4, 2, 3)),
    "LocalResponseNorm": (lambda: nn.LocalResponseNorm(2), (1, 3, 2)),
    "LocalResponseNorm options": (
        lambda: nn.LocalResponseNorm(3, alpha=0.5, beta=0.6, k=2.0),
        (2, 4, 2, 2),
    ),
    "PixelUnshuffle": (lambda: nn.PixelUnshuffle(2), (1, 2, 4, 6)),
    "ChannelShuffle": (lambda: nn.ChannelShuffle(3), (2, 6, 2, 2)),
    "UpsamplingNearest2d": (lambda: nn.UpsamplingNearest2d(scale_factor=2), (1, 2, 2, 3)),
    "UpsamplingBilinear2d": (lambda: nn.UpsamplingBilinear2d(size=(4, 5)), (1, 2, 2, 3)),
    "RReLU": (nn.RReLU, (4, 5)),
    "RReLU options": (lambda: nn.RReLU(0.1, 0.9), (3, 2, 3)),
    "Softmax2d": (nn.Softmax2d, (2, 3, 2, 2)),
    "Softmax2d unbatched": (nn.Softmax2d, (3, 2, 2)),
    "Dropout3d": (lambda: nn.Dropout3d(0.4), (2, 4, 1, 2, 2)),
    "Dropout3d unbatched": (nn.Dropout3d, (6, 1, 2, 2)),
    "AlphaDropout": (lambda: nn.AlphaDropout(0.3), (4, 5)),
    "FeatureAlphaDropout": (nn.FeatureAlphaDropout, (2, 5, 2, 2)),
    "Sequential": (mlp, (2, 4)),
    "net": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 3, 3, padding=1),
            nn.BatchNorm2d(3),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.Dropout(0.5), nn.Linear(5, 2)),
        ),
        (3, 1, 4, 4),
    ),
}


def state(module):
    return [
        {
            "key": key,
            "shape": list(value.shape),
            "dtype": str(value.dtype).removeprefix("torch."),
            # Unrounded: uniform values are compared to the bit.
            "values": value.flatten().double().tolist(),
        }
        for key, value in module.state_dict().items()
    ]


layers = {}
for name, (make, spec) in LAYERS.items():
    torch.manual_seed(42)
    module = make()
    entry = {"description": repr(module), "initial": state(module)}
    if isinstance(spec, list):
        input = torch.tensor(spec)
    else:
        input = pattern(spec, 0).requires_grad_()
    entry["input"] = list(input.shape)
    if isinstance(spec, list):
        entry["indices"] = input.flatten().tolist()
    torch.manual_seed(1)
    output = first(module(input))
    output.backward(pattern(output.shape, 7))
    entry["outputShape"] = list(output.shape)
    entry["output"] = flat(output)
    entry["inputGradient"] = flat(input.grad) if input.requires_grad else []
    entry["gradients"] = {n: flat(p.grad) for n, p in module.named_parameters()}
    entry["trained"] = [flat(b) for b in module.buffers()]
    entry["versions"] = [[k, v["version"]] for k, v in module.state_dict()._metadata.items()]
    module.eval()
    entry["evaluated"] = flat(first(module(input)))
    layers[name] = entry

extra = {
    "ModuleList": repr(nn.ModuleList([nn.Linear(1, 2), nn.Linear(1, 2), nn.ReLU(), nn.Linear(1, 2)])),
    "ModuleDict": repr(nn.ModuleDict({"a": nn.ReLU(), "b": nn.Sequential(nn.Tanh())})),
    "Empty": repr(nn.Sequential()),
    "CrossEntropyLoss": repr(nn.CrossEntropyLoss()),
    "MSELoss": repr(nn.MSELoss()),
}

OPTIMIZERS = {
    "SGD": dict(lr=0.1),
    "SGD momentum": dict(lr=0.1, momentum=0.9),
    "SGD dampening": dict(lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.05),
    "SGD nesterov": dict(lr=0.1, momentum=0.8, nesterov=True, weight_decay=0.01),
    "SGD maximize": dict(lr=0.01, momentum=0.5, maximize=True),
    "Adam": dict(lr=0.1),
    "Adam options": dict(lr=0.05, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1),
    "Adam amsgrad": dict(lr=0.05, betas=(0.8, 0.9), amsgrad=True),
    "Adam maximize": dict(lr=0.01, maximize=True),
    "Adam decoupled": dict(lr=0.05, weight_decay=0.1, decoupled_weight_decay=True),
    "AdamW": dict(lr=0.05),
    "AdamW amsgrad": dict(lr=0.05, weight_decay=0.2, amsgrad=True),
    "Adam amsgrad maximize decay": dict(lr=0.01, weight_decay=0.1, amsgrad=True, maximize=True),
    "SGD maximize decay": dict(lr=0.01, momentum=0.5, weight_decay=0.1, maximize=True),
}
STEPS = 12

optimizers = {}
for name, options in OPTIMIZERS.items():
    torch.manual_seed(42)
    module = mlp().double()
    optimizer = getattr(torch.optim, name.split()[0])(module.parameters(), **options)
    x, y = pattern((5, 4), 0, torch.float64), pattern((5, 2), 1, torch.float64)
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.functional.mse_loss(module(x), y).backward()
        optimizer.step()
    saved = optimizer.state_dict()
    group = saved["param_groups"][0]
    optimizers[name] = {
        "parameters": {n: p.detach().flatten().tolist() for n, p in module.named_parameters()},
        "state": {
            str(i): {k: v.flatten().tolist() for k, v in slots.items() if v is not None}
            for i, slots in saved["state"].items()
        },
        "options": [[k, repr(v)] for k, v in group.items() if k != "params"],
        "stepType": str(saved["state"][0]["step"].dtype) if "Adam" in name else "",
    }

for name, value in [
    ("layers", {"layers": layers, "descriptions": extra}),
    ("optimizers", optimizers),
]:
    with open(f"{name}.json", "w") as file:
        json.dump(value, file, separators=(",", ":"), allow_nan=False)
