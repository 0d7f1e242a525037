"""Times, ratios, sizes and counts as text."""


def time_text(seconds):
    """With three digits, as `1.23 s`, `12.3 ms`, `123 µs`."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 0.9995 or unit == "µs":
            return f"{seconds * factor:#.3g}".rstrip(".") + f" {unit}"


def ratio_text(ratio):
    """As `1.23 ×`, `12.3 ×`, `1,234 ×`."""
    return f"{ratio:,.{2 if ratio < 10 else 1 if ratio < 100 else 0}f} ×"


def byte_text(count):
    """As `1024 MiB`, `1.2 MiB`, `12 KiB`; a dash for what is not known."""
    if count is None:
        return "–"
    if count >= 10 * 2**20:
        return f"{count / 2**20:.0f} MiB"
    return f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 1024:.0f} KiB"


def count_text(count, noun):
    """As `1 round`, `10,000 tensors`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
