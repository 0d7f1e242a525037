"""What `Tools/benchmark checkpoints` measures as whole processes: the tools."""

import os
import shutil
import subprocess
import sys
import tempfile

import checkpoint_tensors
from checkpoint_workloads import BINARIES, ROOT, ROUNDS_FOR_GOALS
from measuring import Program, Task
from report import Measurement
from safetensors.numpy import save_file

CONVERT = BINARIES / "ballast-convert"
# Beside the first, which the goal is about.
CONVERSIONS = [
    ("safetensors", "h5"), ("h5", "safetensors"), ("h5", "pth"), ("npz", "h5"), ("h5", "npz")]
KERAS_CONVERSIONS = [("keras", "h5"), ("h5", "keras")]

SMALL_FILE = "a small file, from start to exit"
# A program that does nothing.
EMPTY = "Swift with Foundation"
# Starts take milliseconds, in which the machine is busy with other things too.
ROUNDS_FOR_STARTS = 21

NOTE = """
`ballast-convert`, which checks the checksums of its input, and `cp` of the same file are processes, from
start to end. *Python* is a worker that has imported all it needs: it loads the file with the one library
and saves it with the other, plain datasets in the case of `.h5`. Nobody waits for the disk but
`ballast-convert` without `--no-sync`, and *cp, sync*. Of Python, the memory is what comes on top of its
libraries."""


class Converter:
    """Measures conversions of one model between formats."""

    def __init__(self, benchmark, workload, folder, peers, template=()):
        benchmark.report.note(workload, NOTE)
        self.benchmark = benchmark
        self.folder = folder
        self.workload = workload
        self.peers = peers
        self.template = template

    def source(self, suffix):
        return self.folder / f"model.{suffix}"

    def make(self, source, target):
        """A source by ballast-convert from another."""
        subprocess.run(
            [CONVERT, self.source(source), self.source(target), "--quiet"], check=True)

    def measure(self, source, target, rounds, is_durable_too=False):
        output = self.folder / f"output.{target}"
        copy = self.folder / "copy"

        def program(*command, output):
            return Program(*command, folder=self.folder, output=output)

        convert = [CONVERT, self.source(source), output, "--quiet"]
        if target == "keras":
            convert += self.template
        contenders = {
            "ballast-convert --no-sync": program(*convert, "--no-sync", output=output),
            "cp": program("cp", self.source(source), copy, output=copy),
            "Python": Task(self.peers, "convert", self.source(source), output, output=output)}
        if is_durable_too:
            contenders["ballast-convert"] = program(*convert, output=output)
            contenders["cp, sync"] = program(
                "sh", "-c", 'cp "$0" "$1" && sync "$1"', self.source(source), copy, output=copy)
        name = f".{source} → .{target}"
        return self.benchmark.measure(Measurement(self.workload, name), contenders, rounds)


def conversion(benchmark):
    with benchmark.workplace() as (folder, workers):
        convert_tensors(benchmark, folder, workers["peers"])
    with benchmark.workplace() as (folder, workers):
        convert_distributed(benchmark, folder, workers["peers"])
    with benchmark.workplace() as (folder, workers):
        convert_keras(benchmark, folder, workers["peers"])


def convert_tensors(benchmark, folder, peers):
    converter = Converter(benchmark, "conversion, 1 GiB", folder, peers)
    tensors = checkpoint_tensors.even(64, int(benchmark.scale * 2**30))
    save_file(tensors, converter.source("safetensors"))
    tensors.clear()
    peers.run("convert", converter.source("safetensors"), converter.source("pth"))
    os.sync()
    goal = converter.measure("pth", "h5", ROUNDS_FOR_GOALS, is_durable_too=True)
    used = [goal.resources[name].anonymous for name in goal.resources if name.startswith("ballast")]
    if None not in used:
        memory = max(used) / 2**20
        benchmark.report.add_figure(
            f"{goal.workload}: anonymous memory of .pth → .h5", f"{memory:.0f} MiB", "≤ 64 MiB",
            memory <= 64)
    for suffix in ("h5", "npz"):
        converter.make("safetensors", suffix)
    os.sync()
    for source, target in CONVERSIONS:
        converter.measure(source, target, 3)


def convert_distributed(benchmark, folder, peers):
    """The folder of four processes, which PyTorch's own conversion holds in memory as a whole."""
    source = folder / "model.safetensors"
    save_file(checkpoint_tensors.even(64, int(benchmark.scale * 2**30)), source)
    checkpoint = folder / "checkpoint"
    script = ROOT / "Tools/Benchmarks/checkpoint_distributed.py"
    subprocess.run([sys.executable, script, "4", source, checkpoint], check=True)
    os.sync()
    for suffix in ("h5", "pth"):
        output = folder / f"output.{suffix}"
        copy = folder / "copy"

        def program(*command, output):
            return Program(*command, folder=folder, output=output)

        contenders = {
            "ballast-convert --no-sync": program(
                CONVERT, checkpoint, output, "--quiet", "--no-sync", output=output),
            "cat of its files": program(
                "sh", "-c", 'cat "$0"/*.distcp > "$1"', checkpoint, copy, output=copy)}
        if suffix == "pth":
            contenders["dcp_to_torch_save"] = Task(
                peers, "convert-distributed", checkpoint, output, output=output)
        measured = benchmark.measure(
            Measurement("conversion, 1 GiB", f"torch-dcp → .{suffix}"), contenders, 3)
        used = measured.resources["ballast-convert --no-sync"].anonymous
        if used is not None:
            benchmark.report.add_figure(
                f"{measured.workload}: anonymous memory of torch-dcp → .{suffix}",
                f"{used / 2**20:.0f} MiB", "≤ 64 MiB", used <= 64 * 2**20)


def convert_keras(benchmark, folder, peers):
    model = folder / "model.keras"
    peers.run("prepare-keras", "dense", benchmark.keras_width, model)
    converter = Converter(
        benchmark, "conversion, Keras's 16 dense layers", folder, peers,
        ("--keras-template", model.with_suffix(".json")))
    converter.make("keras", "h5")
    os.sync()
    for source, target in KERAS_CONVERSIONS:
        converter.measure(source, target, 3)


def start_up(benchmark):
    with tempfile.TemporaryDirectory(prefix="ballast-benchmark-", dir=benchmark.folder) as folder:
        start_tools(benchmark, folder)


def start_tools(benchmark, folder):
    for name in ("convnet.pth", "convnet.json"):
        shutil.copy(ROOT / "Samples" / "Data" / name, folder)
    subprocess.run([CONVERT, "convnet.pth", "convnet.h5", "--quiet"], cwd=folder, check=True)
    tools = {
        "inspect": ["convnet.h5"], "verify": ["convnet.h5"],
        "convert": ["convnet.pth", "other.h5", "--overwrite"],
        "load": ["convnet.h5", "--model", "convnet.json"]}
    commands = {f"ballast-{name}": [BINARIES / f"ballast-{name}", *arguments, "--quiet"]
                for name, arguments in tools.items()}
    commands[EMPTY] = [BINARIES / "benchmark-empty"]
    python = {
        "python, h5py": "import h5py; h5py.File('convnet.h5').visit(print)",
        "python, torch": "import torch; torch.load('convnet.pth', weights_only=True)"}
    commands |= {name: [sys.executable, "-c", code] for name, code in python.items()}
    helps = {f"ballast-{name}": [BINARIES / f"ballast-{name}", "--help"] for name in tools}
    helps["python --help"] = [sys.executable, "--help"]

    def measure(operation, commands, rounds):
        contenders = {name: Program(*command, folder=folder) for name, command in commands.items()}
        return benchmark.measure(Measurement("start-up", operation), contenders, rounds)

    measure(SMALL_FILE, commands, ROUNDS_FOR_STARTS)
    measure("--help", helps, ROUNDS_FOR_STARTS)
