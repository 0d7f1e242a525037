"""What the benchmarks of the engine share: taking turns with PyTorch, and telling of it."""

import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

import torch

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"


class Ballast:
    """A process that works with Ballast, a line for a line."""

    def __init__(self, product):
        self.product = product
        self.process = subprocess.Popen(
            [HERE.parent.parent / ".build/release" / product],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )

    def ask(self, line):
        self.process.stdin.write(f"{line}\n")
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error:"):
            sys.exit(answer or f"{self.product} ended")
        return answer

    def kernels(self):
        """What multiplies matrices."""
        return self.ask("kernels")


def pytorch_kernels():
    """What multiplies matrices in PyTorch, and the instructions that its own loops are compiled for."""
    settings = torch.__config__.show()
    if version := re.search(r"Math Kernel Library Version (\S+?)-", settings):
        name = f"MKL {version[1]}"
    else:
        name = re.search(r"BLAS_INFO=(\w+)", settings)[1]
    return f"{name} ({torch.backends.cpu.get_cpu_capability()})"


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def machine(ballast):
    """The processor and the kernels that run on it, for the head of a table."""
    return (
        f"{processor()}, {platform.system()}; Ballast with {ballast.kernels()}; "
        f"PyTorch {torch.__version__} eager with {pytorch_kernels()}"
    )


def in_turn(ours, theirs, rounds):
    """Pairs of what the two measured: each begins every other round, and the first only warms up."""
    pairs = []
    for number in range(rounds + 1):
        if number % 2:
            own, other = ours(), theirs()
        else:
            other, own = theirs(), ours()
        if number:
            pairs.append((own, other))
    return pairs


def comparison(pairs):
    """The medians of pairs of (milliseconds, milliseconds of processor time), and of their ratios."""
    return {
        "ballast_ms": statistics.median(own[0] for own, _ in pairs),
        "pytorch_ms": statistics.median(other[0] for _, other in pairs),
        "ratio": statistics.median(own[0] / other[0] for own, other in pairs),
        "least_ratio": min(own[0] / other[0] for own, other in pairs),
        "greatest_ratio": max(own[0] / other[0] for own, other in pairs),
        "processor_ratio": statistics.median(own[1] / other[1] for own, other in pairs),
    }


def line(row):
    """A row as it is printed while the benchmark runs."""
    return (
        f"{row['model']:12} {row['threads']} threads  batch {row['batch']:4}  {row['ballast_ms']:9.3f} ms "
        f"{row['pytorch_ms']:9.3f} ms  ratio {row['ratio']:.2f}  "
        f"of processor time {row['processor_ratio']:.2f}"
    )


def table(rows, head):
    """The rows in Markdown, under a sentence."""
    lines = [
        head,
        "",
        "| model | threads | batch | Ballast | PyTorch | ratio | range of ratios | processor time |",
        "|---|---:|---:|---:|---:|---:|---|---:|",
    ]
    for r in rows:
        lines.append(
            f"| {r['model']} | {r['threads']} | {r['batch']} | {r['ballast_ms']:.3f} | {r['pytorch_ms']:.3f} "
            f"| **{r['ratio']:.2f}** | {r['least_ratio']:.2f} to {r['greatest_ratio']:.2f} "
            f"| {r['processor_ratio']:.2f} |"
        )
    return "\n".join(lines)


def write(text, name):
    """Puts a text into RESULTS.md, between the marks of a name."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    head, rest = RESULTS.read_text().split(begin, 1)
    RESULTS.write_text(f"{head}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}")


def add_options(parser, models):
    """The options that these benchmarks have in common."""
    parser.add_argument("--model", action="append", choices=models, help="only this model; may be repeated")
    parser.add_argument("--batch", action="append", type=int, help="only this batch size; may be repeated")
    parser.add_argument("--threads", action="append", type=int, help="only this number of threads; may be repeated")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (9)")
    parser.add_argument("--seconds", type=float, default=0.3, help="how long a measurement should take (0.3)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
