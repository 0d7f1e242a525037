"""What the benchmarks share: medians, ratios, goals, and how they are shown."""

import dataclasses
import datetime
import json
import os
import pathlib
import platform
import statistics


@dataclasses.dataclass
class Goal:
    """A ratio to reach, between two contenders of one operation."""

    workload: str
    operation: str
    contender: str
    beside: str
    limit: float
    """The contender's time is at most this many times the other's."""


@dataclasses.dataclass
class Measurement:
    """The times of one operation: a list for each contender, one entry a round."""

    workload: str
    operation: str
    seconds: dict[str, list[float]]
    notes: dict[str, str] = dataclasses.field(default_factory=dict)

    def median(self, contender):
        return statistics.median(self.seconds[contender])

    def ratio(self, contender, beside):
        """The median of the rounds' ratios: what else the machine does meets both of a round."""
        pairs = zip(self.seconds[contender], self.seconds[beside])
        return statistics.median(a / b for a, b in pairs)


def readable(seconds):
    return f"{seconds:.2f} s" if seconds >= 10 else f"{seconds * 1000:.3g} ms" \
        if seconds < 1 else f"{seconds:.3g} s"


class Report:
    def __init__(self, name, goals, versions):
        self.name = name
        self.goals = goals
        self.versions = versions
        self.measurements = []
        self.figures = []
        """Figures that are no times: what, value, goal, whether it is reached."""

    def add(self, measurement):
        self.measurements.append(measurement)
        print(f"\n{measurement.workload}: {measurement.operation}")
        first = next(iter(measurement.seconds))
        for contender in measurement.seconds:
            print(f"  {contender:24}{readable(measurement.median(contender)):>10}"
                  f"{measurement.ratio(contender, first):9.2f} ×"
                  f"   {measurement.notes.get(contender, '')}")

    def add_figure(self, what, value, goal, is_reached):
        self.figures.append((what, value, goal, is_reached))
        print(f"  {what}: {value} (goal {goal}{'' if is_reached else ', missed'})")

    def results(self):
        """What was measured of the goals: what, ratio, limit, whether it is reached."""
        rows = []
        for goal in self.goals:
            for m in self.measurements:
                if (m.workload, m.operation) != (goal.workload, goal.operation):
                    continue
                ratio = m.ratio(goal.contender, goal.beside)
                rows.append((
                    f"{goal.workload}: {goal.operation}, beside {goal.beside}", f"{ratio:.2f} ×",
                    f"≤ {goal.limit:g} ×", ratio <= goal.limit))
        return rows + self.figures

    def print_results(self):
        print("\nGoals")
        for what, value, goal, is_reached in self.results():
            print(f"  {'reached' if is_reached else 'missed ':8} {what}: {value} (goal {goal})")

    def machine(self):
        model = platform.processor() or platform.machine()
        try:
            for line in open("/proc/cpuinfo"):
                if line.startswith("model name"):
                    model = line.split(":", 1)[1].strip()
                    break
        except OSError:
            pass
        return f"{os.cpu_count()} processors, {model}, {platform.system()} {platform.release()}"

    def write_json(self, path):
        content = {
            "benchmark": self.name, "date": datetime.date.today().isoformat(),
            "machine": self.machine(), "versions": self.versions,
            "measurements": [dataclasses.asdict(m) for m in self.measurements],
            "goals": [
                {"what": what, "value": value, "goal": goal, "reached": is_reached}
                for what, value, goal, is_reached in self.results()],
        }
        pathlib.Path(path).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def markdown(self, how):
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        lines = [
            f"{datetime.date.today().isoformat()}; {self.machine()}; {versions}. "
            f"{how}.", "",
            "| what | measured | goal | |", "|---|---|---|---|"]
        for what, value, goal, is_reached in self.results():
            lines.append(f"| {what} | {value} | {goal} | {'reached' if is_reached else 'missed'} |")
        lines += ["", "| workload | operation | contender | median | of the first | |",
                  "|---|---|---|---|---|---|"]
        for m in self.measurements:
            first = next(iter(m.seconds))
            for contender in m.seconds:
                lines.append(
                    f"| {m.workload} | {m.operation} | {contender} "
                    f"| {readable(m.median(contender))} | {m.ratio(contender, first):.2f} × "
                    f"| {m.notes.get(contender, '')} |")
        return "\n".join(lines)

    def update_markdown(self, path, how):
        """Puts the tables between this benchmark's marks in a file, which is made if missing.

        `how` says how they were measured.
        """
        path = pathlib.Path(path)
        begin, end = f"<!-- {self.name}:begin -->", f"<!-- {self.name}:end -->"
        text = path.read_text() if path.exists() else "# Results of the benchmarks\n"
        if begin not in text:
            text += f"\n## {self.name.capitalize()}\n\n{begin}\n{end}\n"
        before, rest = text.split(begin, 1)
        _, after = rest.split(end, 1)
        path.write_text(f"{before}{begin}\n{self.markdown(how)}\n{end}{after}")

    def write_svg(self, path):
        """Bars of each contender's time as a multiple of the first one's."""
        from xml.sax.saxutils import escape

        bar, width, label = 16, 420, 250
        parts, y = [], 24
        for m in self.measurements:
            first = next(iter(m.seconds))
            ratios = {name: m.ratio(name, first) for name in m.seconds}
            most = max(ratios.values())
            parts.append(f'<text x="8" y="{y}" font-weight="bold">'
                         f"{escape(m.workload)}: {escape(m.operation)}</text>")
            for name, ratio in ratios.items():
                y += bar + 4
                parts.append(f'<text x="16" y="{y}">{escape(name)}</text>')
                parts.append(
                    f'<rect x="{label}" y="{y - bar + 4}" width="{width * ratio / most:.1f}" '
                    f'height="{bar}" fill="{"#2a6f97" if name == first else "#a9c4d4"}"/>')
                parts.append(
                    f'<text x="{label + width * ratio / most + 6:.1f}" y="{y}">{ratio:.2f} × '
                    f"({readable(m.median(name))})</text>")
            y += 2 * bar
        pathlib.Path(path).write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{label + width + 170}" height="{y}" '
            f'font-family="sans-serif" font-size="12">\n' + "\n".join(parts) + "\n</svg>\n")
