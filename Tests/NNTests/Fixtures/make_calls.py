"""Modules of several inputs or outputs, made by PyTorch 2.13.0. Run: python make_calls.py

Writes calls.json: descriptions, outputs and gradients. Inputs follow from the formula that
Fixture.swift has too.
"""

import json

import torch
from torch import nn

assert torch.__version__.startswith("2.13.0"), torch.__version__


def pattern(shape, salt):
    count = 1
    for length in shape:
        count *= length
    raw = [(i * 37 + salt * 17) % 101 for i in range(count)]
    return torch.tensor([(r - 50.5) / 32 for r in raw]).reshape(shape)


def flat(tensor):
    return [round(v, 9) for v in tensor.detach().flatten().double().tolist()]


def lstm(module, x, h, c):
    output, (hidden, cells) = module(x, (h, c))
    return [output, hidden, cells]


PADDED = torch.tensor([[False, False, True], [True, False, False]])
CAUSAL = torch.ones(3, 3, dtype=torch.bool).triu(1)
CLASSES = torch.tensor([1, 3, 0])
SIGNS = torch.tensor([1, -1, 1])
WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 1.5])
LABELS = torch.tensor([[3, 0, -1, 1], [2, -1, -1, -1], [1, 0, 2, 3]])

CALLS = {
    "RNN": (lambda: nn.RNN(3, 2), [(4, 2, 3), (1, 2, 2)], lambda m, x, h: m(x, h)),
    "GRU": (
        lambda: nn.GRU(3, 2, num_layers=2, bidirectional=True),
        [(4, 2, 3), (4, 2, 2)],
        lambda m, x, h: m(x, h),
    ),
    "LSTM": (
        lambda: nn.LSTM(3, 2, num_layers=2, batch_first=True),
        [(2, 4, 3), (2, 2, 2), (2, 2, 2)],
        lstm,
    ),
    "LSTM unbatched": (
        lambda: nn.LSTM(3, 2, bidirectional=True),
        [(4, 3), (2, 2), (2, 2)],
        lstm,
    ),
    "MultiheadAttention": (
        lambda: nn.MultiheadAttention(4, 2, kdim=3, vdim=5),
        [(3, 2, 4), (3, 2, 3), (3, 2, 5)],
        lambda m, q, k, v: m(q, k, v, key_padding_mask=PADDED),
    ),
    "MultiheadAttention heads": (
        lambda: nn.MultiheadAttention(4, 2, batch_first=True),
        [(2, 3, 4), (2, 3, 4)],
        lambda m, q, k: m(q, k, k, attn_mask=CAUSAL, average_attn_weights=False),
    ),
    "TransformerDecoderLayer": (
        lambda: nn.TransformerDecoderLayer(4, 2, 6, dropout=0.0),
        [(3, 2, 4), (2, 2, 4)],
        lambda m, t, s: [m(t, s, tgt_mask=CAUSAL)],
    ),
    "TransformerDecoder": (
        lambda: nn.TransformerDecoder(
            nn.TransformerDecoderLayer(4, 2, 6, 0.0, batch_first=True, norm_first=True), 2
        ),
        [(2, 3, 4), (2, 2, 4)],
        lambda m, t, s: [m(t, s)],
    ),
    "Transformer": (
        lambda: nn.Transformer(4, 2, 2, 1, dim_feedforward=6, dropout=0.0),
        [(3, 2, 4), (3, 2, 4)],
        lambda m, s, t: [m(s, t, tgt_mask=nn.Transformer.generate_square_subsequent_mask(3))],
    ),
    "Transformer options": (
        lambda: nn.Transformer(
            4,
            2,
            1,
            2,
            dim_feedforward=6,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
            bias=False,
        ),
        [(2, 3, 4), (2, 2, 4)],
        lambda m, s, t: [m(s, t, src_key_padding_mask=PADDED, memory_key_padding_mask=PADDED)],
    ),
    "MultiheadAttention added": (
        lambda: nn.MultiheadAttention(4, 2, kdim=3, add_bias_kv=True, add_zero_attn=True),
        [(3, 2, 4), (3, 2, 3), (3, 2, 4)],
        lambda m, q, k, v: m(q, k, v, key_padding_mask=PADDED, attn_mask=CAUSAL),
    ),
    "LSTM projected": (
        lambda: nn.LSTM(3, 3, num_layers=2, proj_size=2, bidirectional=True),
        [(4, 2, 3), (4, 2, 2), (4, 2, 3)],
        lstm,
    ),
    "RNNCell": (lambda: nn.RNNCell(3, 2), [(2, 3), (2, 2)], lambda m, x, h: [m(x, h)]),
    "LSTMCell": (
        lambda: nn.LSTMCell(3, 2),
        [(2, 3), (2, 2), (2, 2)],
        lambda m, x, h, c: list(m(x, (h, c))),
    ),
    "GRUCell": (lambda: nn.GRUCell(3, 2), [(3,), (2,)], lambda m, x, h: [m(x, h)]),
    "Bilinear": (lambda: nn.Bilinear(3, 4, 2), [(2, 3), (2, 4)], lambda m, a, b: [m(a, b)]),
    "CosineSimilarity": (nn.CosineSimilarity, [(3, 4), (3, 4)], lambda m, a, b: [m(a, b)]),
    "MSELoss": (nn.MSELoss, [(3, 4), (3, 4)], lambda m, a, b: [m(a, b)]),
    "CrossEntropyLoss": (
        lambda: nn.CrossEntropyLoss(torch.tensor([0.5, 1.0, 2.0, 1.5]), label_smoothing=0.1),
        [(3, 4)],
        lambda m, a: [m(a, CLASSES)],
    ),
    "L1Loss": (nn.L1Loss, [(3, 4), (3, 4)], lambda m, a, b: [m(a, b)]),
    "SmoothL1Loss": (
        lambda: nn.SmoothL1Loss(beta=0.5),
        [(3, 4), (3, 4)],
        lambda m, a, b: [m(a, b)],
    ),
    "HuberLoss": (nn.HuberLoss, [(3, 4), (3, 4)], lambda m, a, b: [m(a, b)]),
    "NLLLoss": (
        lambda: nn.NLLLoss(torch.tensor([0.5, 1.0, 2.0, 1.5])),
        [(3, 4)],
        lambda m, a: [m(a, CLASSES)],
    ),
    "BCELoss": (
        nn.BCELoss,
        [(3, 4)],
        lambda m, a: [m(a.sigmoid(), CAUSAL.float()[:, 2:].expand(3, 4))],
    ),
    "BCEWithLogitsLoss": (
        lambda: nn.BCEWithLogitsLoss(pos_weight=torch.tensor([2.0])),
        [(3, 3)],
        lambda m, a: [m(a, CAUSAL.float())],
    ),
    "KLDivLoss": (
        lambda: nn.KLDivLoss(reduction="batchmean"),
        [(3, 3)],
        lambda m, a: [m(a, CAUSAL.float())],
    ),
    "CosineEmbeddingLoss": (
        lambda: nn.CosineEmbeddingLoss(margin=0.25),
        [(3, 4), (3, 4)],
        lambda m, a, b: [m(a, b, SIGNS)],
    ),
    "PairwiseDistance": (nn.PairwiseDistance, [(3, 4), (3, 4)], lambda m, a, b: [m(a, b)]),
    "PairwiseDistance options": (
        lambda: nn.PairwiseDistance(3, 0.01, keepdim=True),
        [(2, 3, 4), (2, 3, 4)],
        lambda m, a, b: [m(a, b)],
    ),
    "HingeEmbeddingLoss": (
        lambda: nn.HingeEmbeddingLoss(0.5),
        [(4, 3)],
        lambda m, a: [m(a, SIGNS)],
    ),
    "MarginRankingLoss": (
        lambda: nn.MarginRankingLoss(0.25),
        [(3,), (3,)],
        lambda m, a, b: [m(a, b, SIGNS)],
    ),
    "SoftMarginLoss": (nn.SoftMarginLoss, [(3,)], lambda m, a: [m(a, SIGNS)]),
    "TripletMarginLoss": (
        nn.TripletMarginLoss,
        [(3, 4), (3, 4), (3, 4)],
        lambda m, a, b, c: [m(a, b, c)],
    ),
    "TripletMarginLoss options": (
        lambda: nn.TripletMarginLoss(3.0, 1, 1e-3, swap=True, reduction="none"),
        [(3, 4), (3, 4), (3, 4)],
        lambda m, a, b, c: [m(a, b, c)],
    ),
    "TripletMarginWithDistanceLoss": (
        lambda: nn.TripletMarginWithDistanceLoss(
            distance_function=lambda x, y: 1 - nn.functional.cosine_similarity(x, y),
            margin=2.0,
            swap=True,
        ),
        [(3, 4), (3, 4), (3, 4)],
        lambda m, a, b, c: [m(a, b, c)],
    ),
    "MultiMarginLoss": (nn.MultiMarginLoss, [(3, 4)], lambda m, a: [m(a, CLASSES)]),
    "MultiMarginLoss options": (
        lambda: nn.MultiMarginLoss(2, 0.5, WEIGHTS, reduction="none"),
        [(3, 4)],
        lambda m, a: [m(a, CLASSES)],
    ),
    "MultiMarginLoss single": (
        lambda: nn.MultiMarginLoss(reduction="sum"),
        [(4,)],
        lambda m, a: [m(a, torch.tensor(2))],
    ),
    "MultiLabelMarginLoss": (nn.MultiLabelMarginLoss, [(3, 4)], lambda m, a: [m(a, LABELS)]),
    "MultiLabelMarginLoss none": (
        lambda: nn.MultiLabelMarginLoss(reduction="none"),
        [(4,)],
        lambda m, a: [m(a, LABELS[0])],
    ),
    "MultiLabelSoftMarginLoss": (
        lambda: nn.MultiLabelSoftMarginLoss(WEIGHTS),
        [(3, 4)],
        lambda m, a: [m(a, (LABELS > 0).float())],
    ),
    "PoissonNLLLoss": (nn.PoissonNLLLoss, [(3, 4)], lambda m, a: [m(a, LABELS.float() + 1)]),
    "PoissonNLLLoss options": (
        lambda: nn.PoissonNLLLoss(log_input=False, full=True, eps=0.1, reduction="sum"),
        [(3, 4)],
        lambda m, a: [m(a.exp(), LABELS.float() + 1)],
    ),
    "GaussianNLLLoss": (
        nn.GaussianNLLLoss,
        [(3, 4), (3, 4), (3, 4)],
        lambda m, a, b, c: [m(a, b, c.square())],
    ),
    "GaussianNLLLoss options": (
        lambda: nn.GaussianNLLLoss(full=True, eps=1.0, reduction="none"),
        [(3, 4), (3, 4), (3,)],
        lambda m, a, b, c: [m(a, b, c.exp())],
    ),
}

calls = {}
for name, (make, shapes, call) in CALLS.items():
    torch.manual_seed(42)
    module = make()
    inputs = [pattern(shape, i).requires_grad_() for i, shape in enumerate(shapes)]
    outputs = call(module, *inputs)
    torch.autograd.backward(
        outputs, [pattern(o.shape, 7 + i) for i, o in enumerate(outputs)]
    )
    calls[name] = {
        "description": repr(module),
        "keys": list(module.state_dict()),
        "shapes": [list(shape) for shape in shapes],
        "outputShapes": [list(o.shape) for o in outputs],
        "outputs": [flat(o) for o in outputs],
        "inputGradients": [flat(i.grad) for i in inputs],
        "gradients": {n: flat(p.grad) for n, p in module.named_parameters()},
    }

with open("calls.json", "w") as file:
    json.dump(calls, file, separators=(",", ":"), allow_nan=False)
