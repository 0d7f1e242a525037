"""What `Tools/benchmark checkpoints` found: medians, ratios, goals, and how they are shown."""

import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import statistics

import plots
from measuring import Resources
from units import byte_text, count_text, ratio_text, time_text


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
    """What one operation took: for each contender its times, one a round, and its resources."""

    workload: str
    operation: str
    tensor_count: int | None = None
    byte_count: int | None = None
    seconds: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    resources: dict[str, Resources] = dataclasses.field(default_factory=dict)

    @property
    def size(self):
        """Of the set of tensors, as text; none for what is measured as whole processes."""
        if self.byte_count is None:
            return ""
        return f"{count_text(self.tensor_count, 'tensor')}, {byte_text(self.byte_count)}"

    @property
    def rounds(self):
        return len(next(iter(self.seconds.values())))

    def median(self, contender):
        return statistics.median(self.seconds[contender])

    def ratio(self, contender, beside=None):
        """The median of the rounds' ratios: what else the machine does meets both of a round.

        Beside the first contender unless another is named.
        """
        beside = beside or next(iter(self.seconds))
        pairs = zip(self.seconds[contender], self.seconds[beside])
        return statistics.median(a / b for a, b in pairs)

    def cells(self, contender):
        """A row of a table, after the contender's name."""
        used = self.resources[contender]
        sizes = (used.anonymous, used.resident, used.read, used.written, used.from_disk, used.to_disk,
                 used.file)
        return [time_text(self.median(contender)), ratio_text(self.ratio(contender)),
                *map(byte_text, sizes)]


COLUMNS = ["median", "ratio", "anonymous", "resident", "read", "written", "from disk",
           "to disk", "file"]

LEGEND = """\
In the tables below, times are medians over the rounds, and ratios medians of the rounds' ratios to the
first contender of the operation. *anonymous* and *resident* are the greatest memory, in a round of its
own: of a process, or of a worker beyond the tensors and libraries that it held before. *read* and
*written* went through system calls, which mapped files do not; *from disk* was fetched from it, *to
disk* was given to the file system for it. *file* is the size of what was made."""


@dataclasses.dataclass
class Growth:
    """One operation on sets each ten times as large as the one before."""

    title: str
    operation: str
    measurements: list[Measurement]

    @property
    def contenders(self):
        return list(self.measurements[0].seconds)

    def times(self, contender):
        return [m.median(contender) for m in self.measurements]

    def memory(self, contender):
        return [m.resources[contender].anonymous for m in self.measurements]


@dataclasses.dataclass
class Machine:
    """What the benchmark ran on."""

    processor: str
    cores: int
    memory: int
    kernel: str
    file_system: str

    @staticmethod
    def here(folder):
        processor = platform.processor() or platform.machine()
        mounts = []
        try:
            found = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
            processor = found[1] if found else processor
            mounts = [line.split() for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
        except OSError:
            pass
        path = pathlib.Path(folder).resolve()
        above = [m for m in mounts if path.is_relative_to(m[1])]
        return Machine(
            processor, os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            f"{platform.system()} {platform.release()}",
            max(above, key=lambda m: len(m[1]))[2] if above else "unknown")

    def __str__(self):
        return (f"{self.processor}, {self.cores} processors, {self.memory / 2**30:.0f} GiB of memory, "
                f"{self.kernel}, files on {self.file_system}")


class Report:
    def __init__(self, name, goals, machine, versions):
        self.name = name
        self.goals = goals
        self.machine = machine
        self.versions = versions
        self.measurements = []
        self.growths = []
        self.figures = []
        """What is no ratio of times: what, value, goal, whether it is reached."""
        self.remarks = []
        self.notes = {}
        """By workload, what is to be known about it."""

    # MARK: Adding

    def add(self, measurement):
        self.measurements.append(measurement)
        size = f"; {measurement.size}" if measurement.size else ""
        print(f"\n{measurement.workload}: {measurement.operation} "
              f"({count_text(measurement.rounds, 'round')}{size})")
        print(" " * 28 + "".join(f"{column:>11}" for column in COLUMNS))
        for contender in measurement.seconds:
            row = "".join(f"{cell:>11}" for cell in measurement.cells(contender))
            print(f"  {contender:26}{row}", flush=True)

    def add_figure(self, what, value, goal, is_reached):
        self.figures.append((what, value, goal, is_reached))

    def add_growth(self, growth):
        self.growths.append(growth)

    def remark(self, text):
        """Notes what holds for the whole run."""
        self.remarks.append(text)

    def note(self, workload, text):
        self.notes[workload] = " ".join(text.split())

    # MARK: Goals

    def results(self):
        """What was measured of the goals: what, value, goal, whether it is reached."""
        measured = {(m.workload, m.operation): m for m in self.measurements}
        rows = []
        for goal in self.goals:
            m = measured.get((goal.workload, goal.operation))
            if m is None:
                continue
            ratio = m.ratio(goal.contender, goal.beside)
            rows.append((f"{goal.workload}: {goal.operation}, beside {goal.beside}",
                         ratio_text(ratio), f"≤ {goal.limit:g} ×", ratio <= goal.limit))
        return rows + self.figures

    def growth_rows(self):
        """Of each growth and contender: what, its times and memory, from the smallest set on."""
        for growth in self.growths:
            for contender in growth.contenders:
                times, memory = growth.times(contender), growth.memory(contender)
                factors = ", ".join(ratio_text(b / a) for a, b in zip(times, times[1:]))
                yield (growth.title, growth.operation, contender,
                       " → ".join(map(time_text, times)), factors,
                       " → ".join(map(byte_text, memory)))

    def print_results(self):
        if self.growths:
            print("\nGrowth of time and anonymous memory, each set ten times the one before")
        for title, operation, contender, times, factors, memory in self.growth_rows():
            print(f"  {title + ', ' + operation:34} {contender:20} {times:32} {factors:16} {memory}")
        print("\nGoals")
        for what, value, goal, is_reached in self.results():
            print(f"  {'reached' if is_reached else 'missed ':8} {what}: {value} (goal {goal})")
        for remark in self.remarks:
            print(remark)

    # MARK: Files

    def write_json(self, path):
        content = {
            "benchmark": self.name, "date": datetime.date.today().isoformat(),
            "machine": dataclasses.asdict(self.machine), "versions": self.versions,
            "remarks": self.remarks, "notes": self.notes,
            "measurements": [
                dataclasses.asdict(m) | {
                    "medians": {name: m.median(name) for name in m.seconds},
                    "ratios": {name: m.ratio(name) for name in m.seconds}}
                for m in self.measurements],
            "growth": [
                {"title": growth.title, "operation": growth.operation,
                 "workloads": [m.workload for m in growth.measurements]}
                for growth in self.growths],
            "goals": [
                {"what": what, "value": value, "goal": goal, "reached": is_reached}
                for what, value, goal, is_reached in self.results()],
        }
        pathlib.Path(path).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")

    def write_plots(self, folder):
        """Draws a plot of each workload, and one of each growth, into a folder."""
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)

        def write(title, plot, content):
            name = re.sub(r"\W+", "-", title.lower()).strip("-")
            plots.write(plot(title, content), folder / f"{name}.svg", title)

        for workload, measurements in self.by_workload().items():
            write(workload, plots.medians, measurements)
        for title in dict.fromkeys(growth.title for growth in self.growths):
            growths = [growth for growth in self.growths if growth.title == title]
            write(f"Growth: {title}", plots.growths, growths)

    def by_workload(self):
        found = {}
        for measurement in self.measurements:
            found.setdefault(measurement.workload, []).append(measurement)
        return found

    def update_markdown(self, path):
        """Puts the tables between this benchmark's marks in a file, at its end if it has none."""
        begin, end = f"<!-- {self.name}:begin -->", f"<!-- {self.name}:end -->"
        text = path.read_text()
        if begin not in text:
            text += f"\n## {self.name.capitalize()}\n\n{begin}\n{end}\n"
        before, rest = text.split(begin, 1)
        _, after = rest.split(end, 1)
        path.write_text(f"{before}{begin}\n{self.markdown()}\n{end}{after}")

    def markdown(self):
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        lines = [f"`Tools/benchmark {self.name}`, {datetime.date.today().isoformat()}; {self.machine}; "
                 f"{versions}.", *self.remarks,
                 "", "### Goals", "", *table(
            ["what", "measured", "goal", ""],
            [(what, value, goal, "reached" if is_reached else "**missed**")
             for what, value, goal, is_reached in self.results()]), "", LEGEND]
        if self.growths:
            lines += ["", "### Growth, each set ten times the one before", "", *table(
                ["set", "operation", "contender", "time", "of the one before", "anonymous memory"],
                self.growth_rows())]
        for workload, measurements in self.by_workload().items():
            first = measurements[0]
            lines += ["", f"### {workload[0].upper()}{workload[1:]}", ""]
            for text in (first.size and f"{first.size}.", self.notes.get(workload)):
                lines += [text, ""] if text else []
            lines += table(
                ["operation", "rounds", "contender", *COLUMNS],
                [(m.operation, str(m.rounds), contender, *m.cells(contender))
                 for m in measurements for contender in m.seconds])
        return "\n".join(lines)


def table(heads, rows):
    """Lines of a Markdown table."""
    return [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)]
