"""Times training steps of Ballast and of PyTorch in one run, and prints how they compare.

    Tools/benchmark training                    all models, threads and batches
    Tools/benchmark training --model LSTM --batch 1 --rounds 15
    Tools/benchmark training --json             for another program
    Tools/benchmark training --write            into Tools/Benchmarks/RESULTS.md

The two take turns in every round, so that whatever else the machine does slows both. A figure is the
median over the rounds; the ratio is the median of the rounds' ratios. Beside it stands the ratio of
processor time, which other programs on the machine hardly change. Both begin from the same seed, and the
losses of the first steps must agree, or the work would not be the same.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
BEGIN, END = "<!-- training:begin -->", "<!-- training:end -->"
CHECKED_STEPS = 5


class SequenceClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(32, 128, batch_first=True)
        self.head = nn.Linear(128, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][:, -1])


class AttentionClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, 256, activation="gelu", batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.encoder(x).mean(1))


def mlp():
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)
    )


def conv_net():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )


# The same as in Training/BenchmarkModels.swift: model, optimizer, shape of a sample.
MODELS = {
    "MLP": (mlp, lambda p: torch.optim.Adam(p, 1e-3), (784,)),
    "ConvNet": (conv_net, lambda p: torch.optim.SGD(p, 1e-3, momentum=0.9), (1, 28, 28)),
    "LSTM": (SequenceClassifier, lambda p: torch.optim.Adam(p, 1e-3), (32, 32)),
    "Transformer": (AttentionClassifier, lambda p: torch.optim.AdamW(p, 1e-3, weight_decay=0.01), (32, 64)),
}


class PyTorch:
    """A workload in this process."""

    def __init__(self, name, batch, threads):
        make, make_optimizer, sample = MODELS[name]
        torch.manual_seed(42)
        self.threads = threads
        self.model = make()
        self.optimizer = make_optimizer(self.model.parameters())
        self.input = torch.randn(batch, *sample)
        self.target = torch.arange(batch) * 7 % 10
        self.random = torch.get_rng_state()

    def train(self, steps):
        torch.set_num_threads(self.threads)
        torch.set_rng_state(self.random)
        losses = []
        start, start_used = time.perf_counter(), time.process_time()
        for _ in range(steps):
            self.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(self.model(self.input), self.target)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        taken, used = time.perf_counter() - start, time.process_time() - start_used
        self.random = torch.get_rng_state()
        return taken * 1000 / steps, used * 1000 / steps, losses


class Ballast:
    """The process that trains with Ballast."""

    def __init__(self):
        path = HERE.parent.parent / ".build/release/benchmark-training"
        self.process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def ask(self, line):
        self.process.stdin.write(f"{line}\n")
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error:"):
            sys.exit(answer or "benchmark-training ended")
        return answer

    def train(self, name, batch, threads, steps):
        taken, used, *losses = map(float, self.ask(f"{name} {batch} {threads} {steps}").split())
        return taken, used, losses

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


def difference(ours, theirs):
    """The greatest difference, as a part of the first loss: later ones may be next to nothing."""
    return max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / theirs[0]


def measure(ballast, name, batch, threads, rounds, seconds):
    peer = PyTorch(name, batch, threads)
    *_, theirs = peer.train(CHECKED_STEPS)
    *_, ours = ballast.train(name, batch, threads, CHECKED_STEPS)
    apart = difference(ours, theirs)
    if not apart < 1e-4:
        sys.exit(f"{name}, batch {batch}: losses {ours} and {theirs} are not of the same work")
    estimate = peer.train(CHECKED_STEPS)[0]
    steps = max(2, min(400, int(seconds * 1000 / estimate)))
    pairs = []
    for number in range(rounds + 1):
        # Each begins every other round, and the first round only warms up.
        if number % 2:
            own, other = ballast.train(name, batch, threads, steps), peer.train(steps)
        else:
            other, own = peer.train(steps), ballast.train(name, batch, threads, steps)
        if number:
            pairs.append((own, other))
    return {
        "model": name,
        "threads": threads,
        "batch": batch,
        "ballast_ms": statistics.median(own[0] for own, _ in pairs),
        "pytorch_ms": statistics.median(other[0] for _, other in pairs),
        "ratio": statistics.median(own[0] / other[0] for own, other in pairs),
        "least_ratio": min(own[0] / other[0] for own, other in pairs),
        "greatest_ratio": max(own[0] / other[0] for own, other in pairs),
        "processor_ratio": statistics.median(own[1] / other[1] for own, other in pairs),
        "loss_difference": apart,
    }


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            name = next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores"


def table(rows, rounds, machine):
    lines = [
        f"{datetime.date.today()}, {machine}; milliseconds per step, medians of {rounds} rounds in which "
        "the two take turns; the last column is the ratio of processor time.",
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


def write(text):
    whole = RESULTS.read_text()
    head, rest = whole.split(BEGIN, 1)
    RESULTS.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}")


def main():
    parser = argparse.ArgumentParser(
        prog="Tools/benchmark training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", action="append", choices=MODELS, help="only this model; may be repeated")
    parser.add_argument("--batch", action="append", type=int, help="only this batch size; may be repeated")
    parser.add_argument("--threads", action="append", type=int, help="only this number of threads; may be repeated")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured (9)")
    parser.add_argument("--seconds", type=float, default=0.3, help="how long a measurement should take (0.3)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args()

    ballast = Ballast()
    machine = (
        f"{processor()}, {platform.system()}; Ballast with {ballast.kernels()}; "
        f"PyTorch {torch.__version__} eager with {pytorch_kernels()}"
    )
    print(machine, file=sys.stderr if options.json else sys.stdout, flush=True)
    rows = []
    for name in options.model or MODELS:
        for threads in options.threads or [1, 2]:
            for batch in options.batch or [1, 32, 128]:
                row = measure(ballast, name, batch, threads, options.rounds, options.seconds)
                rows.append(row)
                print(
                    f"{name:12} {threads} threads  batch {batch:4}  {row['ballast_ms']:9.3f} ms "
                    f"{row['pytorch_ms']:9.3f} ms  ratio {row['ratio']:.2f}  "
                    f"of processor time {row['processor_ratio']:.2f}",
                    file=sys.stderr if options.json else sys.stdout,
                    flush=True,
                )
    if options.json:
        about = {"processor": processor(), "ballast_kernels": ballast.kernels(), "torch": torch.__version__,
                 "pytorch_kernels": pytorch_kernels()}
        print(json.dumps({**about, "rows": rows}, indent=2))
    if options.write:
        write(table(rows, options.rounds, machine))


if __name__ == "__main__":
    main()
