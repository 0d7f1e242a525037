"""Plots as SVG: bars of what contenders took, and lines of how it grows with size."""

import math
from xml.sax.saxutils import escape

from units import byte_text, count_text, ratio_text, time_text

OURS, OTHERS, FAINT, TEXT = "#1f5f8b", "#a9c4d4", "#dddddd", "#222222"
# Apart in brightness too; Ballast's is the first.
COLOURS = ["#1f5f8b", "#e07b39", "#3f9b57", "#8a4fa3", "#c23b51", "#7a6a4f", "#5fb8c9", "#b5a642"]
MARGIN, LINE = 16, 20
HEIGHT = 170


class Drawing:
    def __init__(self, width):
        self.width = width
        self.parts = []

    def text(self, x, y, content, anchor="start", size=12, weight="normal", fill=TEXT):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'font-weight="{weight}" fill="{fill}">{escape(content)}</text>')

    def line(self, points, stroke=FAINT, width=1):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{width}"/>')

    def bar(self, x, y, width, height, fill):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" fill="{fill}"/>')

    def dot(self, x, y, fill):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{fill}"/>')

    def document(self, height):
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height:.0f}" '
            f'viewBox="0 0 {self.width} {height:.0f}" font-family="Helvetica, Arial, sans-serif">',
            '<rect width="100%" height="100%" fill="white"/>', *self.parts, "</svg>", ""])


class Scale:
    """Places values along an axis, from 0, or by their logarithm where they are far apart."""

    def __init__(self, low, high, length, is_logarithmic=True, base=10):
        self.low, self.high = low if is_logarithmic else 0, high
        self.length = length
        self.is_logarithmic = is_logarithmic
        self.base = base

    def place(self, value):
        if not self.is_logarithmic:
            return self.length * value / self.high
        return self.length * math.log(value / self.low) / math.log(self.high / self.low)

    def ticks(self):
        if self.is_logarithmic:
            powers = math.floor(math.log(self.high / self.low, self.base) + 1e-9)
            return [self.low * self.base**power for power in range(powers + 1)]
        # Three to six steps of 1, 2 or 5 times a power of ten.
        power = decade(self.high / 3)
        step = next(power * n for n in (10, 5, 2, 1) if self.high / (power * n) >= 3)
        return [step * n for n in range(int(self.high / step + 1e-9) + 1)]


def tick_text(seconds):
    number, *unit = time_text(seconds).split(" ")
    return " ".join([f"{float(number):g}", *unit]) if seconds else "0"


def decade(value):
    """The power of ten at or below a value."""
    return 10 ** math.floor(math.log10(value))


# MARK: Bars


def bars(title, measurements):
    """Medians of all contenders, an operation below the other, with their ratios to the first."""
    label, length, thickness = 200, 400, 14
    left = MARGIN + label
    drawing = Drawing(left + length + 150)
    drawing.text(MARGIN, 28, title, size=16, weight="bold")
    y = 46
    for m in measurements:
        medians = [m.median(name) for name in m.seconds]
        # The least of the bars is still to be seen.
        low, high = decade(min(medians) / 1.3), max(medians)
        scale = Scale(low, high, length, is_logarithmic=high > 30 * min(medians))
        kind = ", logarithmic" if scale.is_logarithmic else ""
        y += LINE
        drawing.text(MARGIN, y, m.operation, weight="bold")
        how = f"median of {count_text(m.rounds, 'round')}{kind}"
        drawing.text(drawing.width - MARGIN, y, how, "end", 11)
        top = y + 8
        bottom = top + LINE * len(m.seconds) + 2
        for tick in scale.ticks():
            x = left + scale.place(tick)
            drawing.line([(x, top), (x, bottom)])
            drawing.text(x, bottom + 13, tick_text(tick), "middle", 10)
        for number, name in enumerate(m.seconds):
            end = scale.place(m.median(name))
            row = top + 4 + LINE * number
            drawing.text(left - 8, row + 11, name, "end")
            drawing.bar(left, row, end, thickness, OURS if name.startswith("ballast") else OTHERS)
            drawing.text(left + end + 6, row + 11,
                         f"{time_text(m.median(name))}  ({ratio_text(m.ratio(name))})")
        y = bottom + 24
    drawing.text(MARGIN, y + 8, "In brackets: the median of the rounds' ratios to the first.", size=10)
    return drawing.document(y + 20)


# MARK: Lines


def lines(title, growths):
    """Time and anonymous memory against the size of the set, an operation below the other."""
    width, gap = 300, 100
    left = MARGIN + 64
    drawing = Drawing(left + 2 * width + gap + 40)
    drawing.text(MARGIN, 28, title, size=16, weight="bold")
    y = 52
    for growth in growths:
        names = list(growth.measurements[0].seconds)
        colours = dict(zip(names, COLOURS))
        drawing.text(MARGIN, y, growth.operation, weight="bold")
        y += LINE
        x = MARGIN
        for name in names:
            drawing.line([(x, y - 4), (x + 16, y - 4)], colours[name], 3)
            drawing.text(x + 20, y, name, size=11)
            x += 34 + 6.2 * len(name)
        sizes = [m.byte_count for m in growth.measurements]
        times = {name: growth.times(name) for name in names}
        # Less is a matter of pages, not of tensors.
        least = 64 << 10
        memory = {name: [max(value, least) for value in growth.memory(name)]
                  for name in names if None not in growth.memory(name)}
        y += 28
        shortest = decade(min(time for line in times.values() for time in line))
        panel(drawing, left, y, width, "time", sizes, times, colours, tick_text, shortest, 10)
        if memory:
            panel(drawing, left + width + gap, y, width, "anonymous memory, from 64 KiB on", sizes,
                  memory, colours, byte_text, least, 16)
        y += HEIGHT + 56
    return drawing.document(y - 16)


def panel(drawing, left, top, width, title, sizes, series, colours, text, low, base):
    """Lines over sizes, both logarithmic; upwards from `low`, with ticks at its multiples."""
    high = max(low * base, *(value for line in series.values() for value in line))
    x_scale, y_scale = Scale(sizes[0], sizes[-1], width), Scale(low, high, HEIGHT, base=base)
    drawing.text(left, top - 8, title, size=11)
    for tick in y_scale.ticks():
        y = top + HEIGHT - y_scale.place(tick)
        drawing.line([(left, y), (left + width, y)])
        drawing.text(left - 6, y + 4, text(tick), "end", 10)
    for size in sizes:
        x = left + x_scale.place(size)
        drawing.line([(x, top), (x, top + HEIGHT)])
        drawing.text(x, top + HEIGHT + 14, byte_text(size), "middle", 10)
    # The first is Ballast's, and comes to lie above the others.
    for name, line in reversed(series.items()):
        points = [(left + x_scale.place(size), top + HEIGHT - y_scale.place(value))
                  for size, value in zip(sizes, line)]
        drawing.line(points, colours[name], 2)
        for x, y in points:
            drawing.dot(x, y, colours[name])
