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
import sys
import time

import torch
from torch import nn

import pairing

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


def train(ballast, name, batch, threads, steps):
    taken, used, *losses = map(float, ballast.ask(f"{name} {batch} {threads} {steps}").split())
    return taken, used, losses


def difference(ours, theirs):
    """The greatest difference, as a part of the first loss: later ones may be next to nothing."""
    return max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / theirs[0]


def measure(ballast, name, batch, threads, rounds, seconds):
    peer = PyTorch(name, batch, threads)
    *_, theirs = peer.train(CHECKED_STEPS)
    *_, ours = train(ballast, name, batch, threads, CHECKED_STEPS)
    apart = difference(ours, theirs)
    if not apart < 1e-4:
        sys.exit(f"{name}, batch {batch}: losses {ours} and {theirs} are not of the same work")
    estimate = peer.train(CHECKED_STEPS)[0]
    steps = max(2, min(400, int(seconds * 1000 / estimate)))
    pairs = pairing.in_turn(
        lambda: train(ballast, name, batch, threads, steps), lambda: peer.train(steps), rounds
    )
    return {"model": name, "threads": threads, "batch": batch, **pairing.comparison(pairs), "loss_difference": apart}


def main():
    parser = argparse.ArgumentParser(
        prog="Tools/benchmark training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    pairing.add_options(parser, MODELS)
    options = parser.parse_args()

    ballast = pairing.Ballast("benchmark-training")
    machine = pairing.machine(ballast)
    out = sys.stderr if options.json else sys.stdout
    print(machine, file=out, flush=True)
    rows = []
    for name in options.model or MODELS:
        for threads in options.threads or [1, 2]:
            for batch in options.batch or [1, 32, 128]:
                rows.append(measure(ballast, name, batch, threads, options.rounds, options.seconds))
                print(pairing.line(rows[-1]), file=out, flush=True)
    if options.json:
        print(json.dumps({"machine": machine, "rows": rows}, indent=2))
    if options.write:
        head = (
            f"{datetime.date.today()}, {machine}; milliseconds per step, medians of {options.rounds} rounds in "
            "which the two take turns; the last column is the ratio of processor time."
        )
        pairing.write(pairing.table(rows, head), "training")


if __name__ == "__main__":
    main()
