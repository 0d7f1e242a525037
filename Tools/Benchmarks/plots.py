"""Plots: what contenders took, and how it grows with size."""

import math

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, FuncFormatter, NullFormatter, NullLocator

from units import byte_text, count_text, ratio_text, time_text

# Okabe and Ito's colours, which people with colour blindness can tell apart; Ballast's is the first.
COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]
MARKERS = "os^DvPX"
OURS, OTHERS = COLOURS[0], "#9aa5ad"
STYLE = {
    "axes.axisbelow": True, "axes.edgecolor": "#b0b0b0", "axes.grid": True, "axes.labelcolor": "#333333",
    "axes.spines.right": False, "axes.spines.top": False, "axes.titlelocation": "left",
    "axes.titlesize": 11, "axes.titleweight": "bold", "figure.constrained_layout.use": True,
    "figure.titlesize": 14, "figure.titleweight": "bold", "font.size": 9, "grid.color": "#e0e0e0",
    "legend.frameon": False, "xtick.color": "#333333", "ytick.color": "#333333",
    # Text stays text, for search and for screen readers; identifiers are the same in every run.
    "svg.fonttype": "none", "svg.hashsalt": "ballast", "text.parse_math": False}


def write(figure, path, title):
    """Saves it as SVG, whose bytes depend on nothing but what was measured."""
    with matplotlib.rc_context(STYLE):
        figure.savefig(path, format="svg", metadata={"Title": title, "Date": None})


# MARK: What contenders took


@matplotlib.rc_context(STYLE)
def medians(title, measurements):
    """Medians of all contenders, an operation below the other, with their ratios to the first."""
    counts = [len(m.seconds) for m in measurements]
    figure = Figure(figsize=(8.5, 0.9 + sum(0.8 + 0.24 * count for count in counts)))
    figure.suptitle(title, x=0.01, ha="left")
    plots = figure.subplots(len(counts), squeeze=False, height_ratios=[1.5 + n for n in counts])
    for axes, m in zip(plots[:, 0], measurements):
        draw_medians(axes, m)
    figure.supxlabel(
        "Marks: each round. In brackets: the median of the rounds' ratios to the first.",
        x=0.01, ha="left", size=8)
    return figure


def draw_medians(axes, measurement):
    names = list(measurement.seconds)
    values = [measurement.median(name) for name in names]
    rows = range(len(names))
    colours = [OURS if name.startswith("ballast") else OTHERS for name in names]
    # The length of a bar says nothing where an axis has no 0.
    is_logarithmic = max(values) > 30 * min(values)
    if is_logarithmic:
        axes.scatter(values, rows, color=colours, s=36, zorder=3)
        axes.set_xscale("log")
    else:
        axes.barh(rows, values, color=colours, height=0.7)
    for row, name in zip(rows, names):
        rounds = measurement.seconds[name]
        axes.plot(rounds, [row] * len(rounds), "|", color="#333333", markersize=5, markeredgewidth=0.8)
        text = f"{time_text(values[row])}  ({ratio_text(measurement.ratio(name))})"
        axes.annotate(text, (max(rounds), row), (6, 0), textcoords="offset points", va="center")
    axes.set_title(measurement.operation)
    axes.set_yticks(rows, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_formatter(EngFormatter("s"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    kind = ", logarithmic" if is_logarithmic else ""
    axes.set_xlabel(f"time, median of {count_text(measurement.rounds, 'round')}{kind}")


# MARK: How it grows


@matplotlib.rc_context(STYLE)
def growths(title, growths):
    """Time and anonymous memory against the size of the set, an operation below the other."""
    figure = Figure(figsize=(8.5, 0.5 + 2.8 * len(growths)))
    figure.suptitle(title, x=0.01, ha="left")
    styles = line_styles(name for growth in growths for name in growth.contenders)
    shown = {}
    for (time, memory), growth in zip(figure.subplots(len(growths), 2, squeeze=False), growths):
        time.set_title(growth.operation)
        shown |= draw_times(time, growth, styles)
        draw_memory(memory, growth, styles)
        for axes in (time, memory):
            sizes = [m.byte_count for m in growth.measurements]
            axes.set_xscale("log")
            axes.set_xticks(sizes, [byte_text(size) for size in sizes])
            axes.xaxis.set_minor_locator(NullLocator())
            axes.set_xlabel("size of the set")
    figure.legend([shown[name] for name in styles], styles, loc="outside right upper")
    return figure


def line_styles(contenders):
    """By contender: a colour for each library, and a kind of line for each way of using it."""
    ways = {}
    for contender in dict.fromkeys(contenders):
        ways.setdefault(contender.split(",")[0], []).append(contender)
    return {
        contender: {"color": colour, "marker": marker, "markersize": 5, "linestyle": kind}
        for library, colour, marker in zip(ways, COLOURS, MARKERS)
        for contender, kind in zip(ways[library], ("-", "--", ":"))}


def draw_times(axes, growth, styles):
    """Draws them, and tells the line of each contender."""
    sizes = [m.byte_count for m in growth.measurements]
    axes.set_ylabel("time")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(EngFormatter("s"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    # Whole decades, so that two of them at least have a number.
    decades = [math.log10(time) for name in growth.contenders for time in growth.times(name)]
    axes.set_ylim(10 ** math.floor(min(decades)), 10 ** math.ceil(max(decades)))
    return {
        name: axes.plot(sizes, growth.times(name), zorder=depth, **styles[name])[0]
        for name, depth in depths(growth)}


def draw_memory(axes, growth, styles):
    # Less is a matter of pages, not of tensors.
    least = 64 << 10
    sizes = [m.byte_count for m in growth.measurements]
    axes.set_ylabel("anonymous memory")
    axes.set_yscale("log", base=4)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(
        lambda size, _: f"≤ {byte_text(least)}" if size == least else byte_text(size)))
    for name, depth in depths(growth):
        used = growth.memory(name)
        if None not in used:
            axes.plot(sizes, [max(value, least) for value in used], zorder=depth, **styles[name])
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, least / 1.2), max(high, 5 * least))


def depths(growth):
    """The first contender is Ballast, and comes to lie above the others."""
    return zip(growth.contenders, range(2 + len(growth.contenders), 2, -1))
