import OrderedCollections

/// Functions and classes of Python that a twin has beside its own, those that it uses.
enum TwinHelpers {
  /// The helpers by name.
  static let all: OrderedDictionary<String, String> = [
    "reorder": """
    def reorder(x, *blocks):
        \"\"\"Puts features, along the last axis, into another order.

        Each block of them has axes of its own, of these lengths, which come in that order.
        \"\"\"
        parts = []
        start = x.dim() - 1
        sizes = [math.prod(lengths) for lengths, _ in blocks]
        for part, (lengths, order) in zip(x.split(sizes, dim=-1), blocks):
            part = part.unflatten(-1, lengths)
            part = part.permute(*range(start), *(start + axis for axis in order))
            parts.append(part.flatten(start))
        return torch.cat(parts, dim=-1)
    """,
    "pad_same": """
    def pad_same(x, size, stride, dilation=None, value=0.0):
        \"\"\"Pads places as Keras's "same" does: of an odd number, one more at the end.\"\"\"
        pads = []
        spread = dilation or [1] * len(size)
        for length, k, s, d in reversed(list(zip(x.shape[2:], size, stride, spread))):
            total = max((-(-length // s) - 1) * s + (k - 1) * d + 1 - length, 0)
            pads += [total // 2, total - total // 2]
        return F.pad(x, pads, value=value)
    """,
    "average_same": """
    def average_same(pool, x, size, stride):
        \"\"\"The means of windows, of which what was padded is no part, as in Keras.\"\"\"
        ones = pad_same(torch.ones_like(x), size, stride)
        return pool(pad_same(x, size, stride), size, stride) / pool(ones, size, stride)
    """,
    "KerasNormalization": """
    class KerasNormalization(nn.Module):
        \"\"\"Keras's layer: statistics that were counted before, and no parameters.\"\"\"

        def __init__(self, shape, inverts=False):
            super().__init__()
            self.register_buffer("mean", torch.zeros(shape))
            self.register_buffer("variance", torch.ones(shape))
            self.register_buffer("count", torch.zeros((), dtype=torch.int64))
            self.inverts = inverts

        def forward(self, x):
            scale = self.variance.sqrt().clamp(min=1e-7)
            return self.mean + x * scale if self.inverts else (x - self.mean) / scale
    """,
    "KerasPReLU": """
    class KerasPReLU(nn.Module):
        \"\"\"Keras's layer: a slope for each element of an example, axes as in Keras.\"\"\"

        def __init__(self, shape):
            super().__init__()
            self.alpha = nn.Parameter(torch.zeros(shape))

        def forward(self, x):
            return torch.where(x >= 0, x, self.alpha * x)
    """,
  ]
}
