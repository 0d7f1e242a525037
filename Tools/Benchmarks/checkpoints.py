"""Saving, loading and converting checkpoints beside the formats' libraries, in one run.

    Tools/benchmark checkpoints [--rounds 7] [--scale 1] [--only NAME …] [--json F] [--svg F] [--write]

Every contender gets the same tensors, in memory of its own process, and takes its turn in each
round, so that what else the machine does meets all of them. Memory and the kernel's count of bytes
are taken in a round of their own. The files lie in a temporary folder, which needs 6 GiB at scale 1
(--folder chooses where), and stay in the page cache.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import h5py
import numpy
import safetensors
import torch
from safetensors.numpy import save_file

from report import Goal, Measurement, Report

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = ROOT / ".build" / "release"

GOALS = [
    Goal("1 GiB in 200 tensors", "save", "ballast", "write", 0.8),
    Goal("1 GiB in 200 tensors", "save", "ballast", "safetensors", 0.5),
    Goal("1 GiB in 200 tensors", "save", "ballast", "torch", 0.5),
    Goal("1 GiB in 200 tensors", "save with fsync", "ballast", "write", 1.05),
    Goal("1 GiB in 200 tensors", "lazy load", "ballast", "safetensors", 1.0),
    Goal("1 GiB in 200 tensors", "load", "ballast", "read", 1.1),
    Goal("1 GiB in 200 tensors", "load", "ballast", "h5py", 1.0),
    Goal("1 GiB in 200 tensors", "load", "ballast", "torch", 1.0),
    Goal("1 GiB in 200 tensors", "stall of a save in the background", "ballast", "copy", 0.1),
    Goal("1 GiB in 200 tensors", "the same, if all tensors change at once", "ballast", "copy", 1.2),
    Goal("10,000 tensors of 1 KiB", "save", "ballast", "safetensors", 0.5),
    Goal("10,000 tensors of 1 KiB", "save", "ballast", "h5py", 0.1),
    Goal("10,000 tensors of 1 KiB", "load", "ballast", "safetensors", 0.5),
    Goal("10,000 tensors of 1 KiB", "load", "ballast", "h5py", 0.1),
    Goal("compressed", "save", "ballast", "h5py", 0.25),
    Goal("compressed", "load", "ballast", "h5py", 0.25),
    Goal("conversion of a 1 GiB .pth", "convert", "ballast-convert --no-sync", "cp", 1.3),
]


# MARK: Workers


# A program loads once, when it starts, and then memory is new to it. So no load of the rounds finds
# what an earlier one left: glibc maps large tensors each by itself, in whichever order they come
# and go, and does not raise the limit as it otherwise does.
MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(4 << 20), "MALLOC_TRIM_THRESHOLD_": str(8 << 20)}


class Worker:
    """A process that does what it is told and says how long it took."""

    def __init__(self, *command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | MEMORY)

    def run(self, *command):
        self.process.stdin.write("\t".join(str(part) for part in command) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        try:
            return float(answer)
        except ValueError:
            sys.exit(f"{command[0]}: {answer or 'the worker is gone'}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Watch:
    """The greatest resident memory of a process while a block runs, and the bytes it moved."""

    def __init__(self, pid):
        self.pid = pid
        self.done = threading.Event()
        self.anonymous = self.resident = 0

    def status(self):
        try:
            text = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0, 0
        found = dict(re.findall(r"(RssAnon|VmRSS):\s+(\d+)", text))
        return int(found.get("RssAnon", 0)), int(found.get("VmRSS", 0))

    def io(self):
        try:
            text = pathlib.Path(f"/proc/{self.pid}/io").read_text()
        except OSError:
            return {}
        return {name: int(value) for name, value in re.findall(r"(\w+): (\d+)", text)}

    def sample(self):
        while not self.done.is_set():
            anonymous, resident = self.status()
            self.anonymous = max(self.anonymous, anonymous)
            self.resident = max(self.resident, resident)
            time.sleep(0.001)

    def __enter__(self):
        self.start, self.start_io = self.status(), self.io()
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        self.end_io = self.io()

    @property
    def added_anonymous(self):
        return max(self.anonymous - self.start[0], 0) / 1024

    def note(self):
        moved = {key: (self.end_io.get(key, 0) - self.start_io.get(key, 0)) / 2**20
                 for key in ("rchar", "wchar")}
        return (f"memory +{self.added_anonymous:.0f} MiB, read {moved['rchar']:.0f} MiB, "
                f"wrote {moved['wchar']:.0f} MiB")


# MARK: Tensors


def normal(shapes, dtype=numpy.float32):
    """Tensors as weights are: small, and normally distributed."""
    generator = numpy.random.default_rng(0)
    return {
        name: numpy.asarray(generator.standard_normal(shape, numpy.float32) * 0.02, dtype)
        for name, shape in shapes.items()}


def even(count, byte_count):
    return normal({f"layers.{i}.weight": (max(byte_count // count // 4096, 1), 1024)
                   for i in range(count)})


def many(count):
    return normal({f"blocks.{i // 100}.{i % 100}.weight": (256,) for i in range(count)})


def resnet50(scale):
    width = max(int(64 * scale**0.5), 4)
    shapes = {}

    def convolution(name, *shape):
        shapes[f"{name}.weight"] = shape

    def norm(name, n):
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{name}.{part}"] = (n,)
        shapes[f"{name}.num_batches_tracked"] = ()

    convolution("conv1", width, 3, 7, 7)
    norm("bn1", width)
    inputs = width
    for stage, blocks in enumerate((3, 4, 6, 3)):
        planes = width << stage
        for block in range(blocks):
            name = f"layer{stage + 1}.{block}"
            convolution(f"{name}.conv1", planes, inputs, 1, 1)
            convolution(f"{name}.conv2", planes, planes, 3, 3)
            convolution(f"{name}.conv3", planes * 4, planes, 1, 1)
            for number, n in enumerate((planes, planes, planes * 4)):
                norm(f"{name}.bn{number + 1}", n)
            if block == 0:
                convolution(f"{name}.downsample.0", planes * 4, inputs, 1, 1)
                norm(f"{name}.downsample.1", planes * 4)
            inputs = planes * 4
    shapes |= {"fc.weight": (1000, inputs), "fc.bias": (1000,)}
    return normal(shapes)


def transformer(byte_count):
    """The tensors of a 7B language model, narrower: float16, 32 layers."""
    width = max(int((byte_count / 2 / 32 / 12) ** 0.5) // 16 * 16, 16)
    inner = width * 8 // 3
    shapes = {"model.embed_tokens.weight": (8 * width, width)}
    for layer in range(32):
        name = f"model.layers.{layer}"
        for part in "qkvo":
            shapes[f"{name}.self_attn.{part}_proj.weight"] = (width, width)
        for part, shape in (("gate", (inner, width)), ("up", (inner, width)),
                            ("down", (width, inner))):
            shapes[f"{name}.mlp.{part}_proj.weight"] = shape
        for part in ("input", "post_attention"):
            shapes[f"{name}.{part}_layernorm.weight"] = (width,)
    shapes |= {"model.norm.weight": (width,), "lm_head.weight": (8 * width, width)}
    return normal(shapes, numpy.float16)


# MARK: Measuring

SAVE = {
    "ballast": ("ballast", "save"), "write": ("ballast", "write"),
    "safetensors": ("peers", "save-safetensors"), "torch": ("peers", "save-torch"),
    "h5py": ("peers", "save-h5py")}
SAVE_IN_BACKGROUND = {"ballast": ("ballast", "save-async"), "copy": ("ballast", "copy")}
SAVE_AND_CHANGE = {"ballast": ("ballast", "save-async-changing"), "copy": ("ballast", "copy")}
SAVE_DURABLY = {"ballast": ("ballast", "save-durable"), "write": ("ballast", "write-durable")}
LOAD_LAZILY = {
    "ballast": ("ballast", "load-lazy"), "safetensors": ("peers", "load-safetensors"),
    "torch": ("peers", "load-torch-mmap")}
LOAD = {
    "ballast": ("ballast", "load"), "read": ("ballast", "read"),
    "safetensors": ("peers", "load-safetensors"), "torch": ("peers", "load-torch"),
    "h5py": ("peers", "load-h5py")}
COMPRESSED_SAVE = {
    "ballast": ("ballast", "save-compressed"), "h5py": ("peers", "save-h5py-compressed")}
COMPRESSED_LOAD = {"ballast": ("ballast", "load"), "h5py": ("peers", "load-h5py")}

# What makes the file that a contender loads.
MAKERS = {"load": "save", "load-lazy": "save", "read": "write", "load-h5py": "save-h5py",
          "load-safetensors": "save-safetensors", "load-torch": "save-torch",
          "load-torch-mmap": "save-torch"}


class Benchmark:
    def __init__(self, arguments, report, folder):
        self.rounds = arguments.rounds
        self.scale = arguments.scale
        self.report = report
        self.folder = folder

    def measure(self, workload, tensors, operations):
        data = self.folder / "data.safetensors"
        save_file(tensors, data)
        byte_count = sum(tensor.nbytes for tensor in tensors.values())
        print(f"\n== {workload}: {len(tensors)} tensors, {byte_count / 2**20:.1f} MiB")
        tensors.clear()
        self.workers = {
            "ballast": Worker(BINARIES / "benchmark-checkpoints"),
            "peers": Worker(sys.executable, pathlib.Path(__file__).with_name("checkpoint_peers.py")),
        }
        for worker in self.workers.values():
            worker.run("prepare", data)
        data.unlink()
        measurements = [self.operation(workload, *operation) for operation in operations]
        for worker in self.workers.values():
            worker.close()
        return measurements

    def operation(self, workload, name, contenders, makers=MAKERS):
        path = self.folder / "file"
        files = {}
        for contender, (worker, command) in contenders.items():
            if command in makers:
                files[contender] = self.folder / f"made-by-{makers[command]}"
                if not files[contender].exists():
                    self.workers[worker].run(makers[command], files[contender])

        def run(contender):
            worker, command = contenders[contender]
            path.unlink(missing_ok=True)
            return self.workers[worker].run(command, files.get(contender, path))

        measurement = Measurement(workload, name, {contender: [] for contender in contenders})
        for contender in contenders:
            with Watch(self.workers[contenders[contender][0]].process.pid) as watch:
                run(contender)
            measurement.notes[contender] = watch.note()
            if contender not in files and path.exists():
                measurement.notes[contender] += f", {path.stat().st_size} bytes"
        names = list(contenders)
        for number in range(self.rounds):
            # Nobody always comes after the same one.
            turn = number % len(names)
            for contender in names[turn:] + names[:turn]:
                measurement.seconds[contender].append(run(contender))
        path.unlink(missing_ok=True)
        for file in set(files.values()):
            file.unlink()
        self.report.add(measurement)
        return measurement

    def commands(self, workload, name, contenders, before=lambda: None):
        """Measures whole processes."""
        measurement = Measurement(workload, name, {contender: [] for contender in contenders})
        watches = {}
        for number in range(self.rounds + 1):
            for contender, command in contenders.items():
                before()
                start = time.perf_counter()
                with subprocess.Popen(
                    command, stdout=subprocess.DEVNULL, cwd=self.folder) as process:
                    if number == 0:
                        with Watch(process.pid) as watches[contender]:
                            process.wait()
                if process.returncode != 0:
                    sys.exit(f"{contender} failed")
                if number > 0:
                    measurement.seconds[contender].append(time.perf_counter() - start)
        for contender, watch in watches.items():
            measurement.notes[contender] = f"memory {watch.anonymous / 1024:.0f} MiB anonymous"
        self.report.add(measurement)
        return watches


# MARK: Workloads


def even_tensors(benchmark):
    byte_count = int(benchmark.scale * 2**30)
    benchmark.measure(
        "1 GiB in 200 tensors", even(200, byte_count),
        [("save", SAVE), ("save with fsync", SAVE_DURABLY), ("lazy load", LOAD_LAZILY),
         ("load", LOAD), ("stall of a save in the background", SAVE_IN_BACKGROUND),
         ("the same, if all tensors change at once", SAVE_AND_CHANGE)])


def small_tensors(benchmark):
    count = max(int(10_000 * benchmark.scale), 10)
    operations = [("save", SAVE), ("lazy load", LOAD_LAZILY), ("load", LOAD)]
    whole = benchmark.measure("10,000 tensors of 1 KiB", many(count), operations)
    tenth = benchmark.measure("1,000 tensors of 1 KiB", many(count // 10), operations)
    for large, small in zip(whole, tenth):
        ratio = large.median("ballast") / small.median("ballast")
        benchmark.report.add_figure(
            f"{large.operation} of ten times as many tensors", f"{ratio:.1f} × the time", "≤ 12 ×",
            ratio <= 12)


def one_tensor(benchmark):
    rows = max(int(benchmark.scale * 2**30) // 4096, 1)
    benchmark.measure(
        "one tensor of 1 GiB", normal({"weight": (rows, 1024)}),
        [("save", SAVE), ("lazy load", LOAD_LAZILY), ("load", LOAD)])


def resnet(benchmark):
    benchmark.measure(
        "ResNet-50", resnet50(benchmark.scale),
        [("save", SAVE), ("lazy load", LOAD_LAZILY), ("load", LOAD)])


def language_model(benchmark):
    byte_count = int(benchmark.scale * 2**29)
    operations = [("save", SAVE), ("load", LOAD)]
    whole = benchmark.measure("7B-shaped, 0.5 GiB", transformer(byte_count), operations)
    tenth = benchmark.measure("7B-shaped, 0.05 GiB", transformer(byte_count // 10), operations)
    for large, small in zip(whole, tenth):
        ratio = large.median("ballast") / small.median("ballast")
        benchmark.report.add_figure(
            f"{large.operation} of a model ten times as large", f"{ratio:.1f} × the time",
            "≤ 12 ×", ratio <= 12)


def compressed(benchmark):
    byte_count = int(benchmark.scale * 2**27)
    makers = {"load": "save-compressed", "load-h5py": "save-h5py-compressed"}
    saved, _ = benchmark.measure(
        "compressed", even(50, byte_count),
        [("save", COMPRESSED_SAVE), ("load", COMPRESSED_LOAD, makers)])
    sizes = {name: int(re.search(r"(\d+) bytes", note)[1]) for name, note in saved.notes.items()}
    ratio = sizes["ballast"] / sizes["h5py"]
    benchmark.report.add_figure(
        "size of the compressed file, beside h5py", f"{ratio:.3f} ×", "≤ 1.02 ×", ratio <= 1.02)


def conversion(benchmark):
    rows = max(int(64 * benchmark.scale), 1)
    torch.manual_seed(0)
    torch.save({f"layers.{i}.weight": torch.randn(1024, 4096) for i in range(rows)},
               benchmark.folder / "model.pth")
    convert = [BINARIES / "ballast-convert", "model.pth", "out.h5", "--quiet"]
    watches = benchmark.commands(
        "conversion of a 1 GiB .pth", "convert",
        {"ballast-convert --no-sync": convert + ["--no-sync"], "ballast-convert": convert,
         "cp": ["cp", "model.pth", "out.h5"]},
        before=lambda: (benchmark.folder / "out.h5").unlink(missing_ok=True))
    memory = watches["ballast-convert"].anonymous / 1024
    benchmark.report.add_figure(
        "memory of a conversion", f"{memory:.0f} MiB anonymous", "≤ 64 MiB", memory <= 64)


def start_up(benchmark):
    shutil.copy(ROOT / "Samples" / "Data" / "convnet.pth", benchmark.folder / "small.pth")
    subprocess.run([BINARIES / "ballast-convert", "small.pth", "small.h5", "--quiet"],
                   cwd=benchmark.folder, check=True)
    tools = {
        "inspect": [BINARIES / "ballast-inspect", "small.h5", "--quiet"],
        "verify": [BINARIES / "ballast-verify", "small.h5", "--quiet"],
        "convert": [BINARIES / "ballast-convert", "small.pth", "other.h5", "--overwrite",
                    "--quiet"],
        "h5py": [sys.executable, "-c", "import h5py; h5py.File('small.h5').visit(print)"],
    }
    benchmark.commands("a small file", "start to exit", tools)
    measured = benchmark.report.measurements[-1]
    for tool in ("inspect", "verify", "convert"):
        milliseconds = measured.median(tool) * 1000
        benchmark.report.add_figure(
            f"ballast-{tool} on a small file", f"{milliseconds:.0f} ms", "≤ 30 ms",
            milliseconds <= 30)


WORKLOADS = {
    "even": even_tensors, "small": small_tensors, "one": one_tensor, "resnet": resnet,
    "language": language_model, "compressed": compressed, "conversion": conversion,
    "start": start_up}


def versions():
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    copied = subprocess.run(["cp", "--version"], capture_output=True, text=True).stdout
    return {
        "Swift": (re.search(r"version ([\d.]+)", swift) or ["", "?"])[1],
        "torch": torch.__version__, "h5py": h5py.__version__, "libhdf5": h5py.version.hdf5_version,
        "safetensors": safetensors.__version__, "NumPy": numpy.__version__,
        "cp": copied.split("\n")[0].split()[-1] if copied else "?"}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--scale", type=float, default=1, help="of the sizes and counts")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--folder", default=tempfile.gettempdir())
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--svg", metavar="FILE")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into Tools/Benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    if {"conversion", "start"} & set(arguments.only):
        for tool in ("ballast-convert", "ballast-inspect", "ballast-verify"):
            subprocess.run(["swift", "build", "-c", "release", "--product", tool], cwd=ROOT,
                           check=True, stdout=sys.stderr)
    torch.set_num_threads(os.cpu_count())
    report = Report("checkpoints", GOALS, versions())
    with tempfile.TemporaryDirectory(prefix="ballast-benchmark-", dir=arguments.folder) as folder:
        benchmark = Benchmark(arguments, report, pathlib.Path(folder))
        for name in arguments.only:
            WORKLOADS[name](benchmark)
    report.print_results()
    if arguments.json:
        report.write_json(arguments.json)
    if arguments.svg:
        report.write_svg(arguments.svg)
    if arguments.write:
        load, _, _ = os.getloadavg()
        report.update_markdown(
            pathlib.Path(__file__).with_name("RESULTS.md"),
            f"Medians of {arguments.rounds} interleaved rounds, sizes × {arguments.scale:g}, "
            f"load of the machine {load:.0f}")


main()
