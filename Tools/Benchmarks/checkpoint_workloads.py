"""What `Tools/benchmark checkpoints` measures in workers: saving and loading sets of tensors."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import sys
import tempfile

from safetensors.numpy import save_file

import checkpoint_tensors
from measuring import Task, Worker, compare, forget
from report import Growth, Measurement

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = ROOT / ".build" / "release"
ROUNDS_FOR_GOALS, ROUNDS = 7, 5


@dataclasses.dataclass
class Turn:
    """What a contender does: a command to a worker, with a path that it saves to or loads from."""

    worker: str
    command: str
    made_by: str | None = None
    """The command that makes the file to load; `None` for one that saves."""


BALLAST_SAVE = Turn("ballast", "save")
SAVE = {
    "ballast": BALLAST_SAVE, "write": Turn("ballast", "write"),
    "safetensors": Turn("peers", "save-safetensors"), "torch": Turn("peers", "save-torch"),
    "h5py": Turn("peers", "save-h5py")}
SAVE_DURABLY = {
    "ballast": Turn("ballast", "save-durable"), "write": Turn("ballast", "write-durable")}
COPY = Turn("ballast", "copy")
SAVE_IN_BACKGROUND = {"ballast": Turn("ballast", "save-async"), "copy": COPY}
SAVE_AND_CHANGE = {"ballast": Turn("ballast", "save-async-changing"), "copy": COPY}
SAVE_COMPRESSED = {
    "ballast": Turn("ballast", "save-compressed"), "ballast, not compressed": BALLAST_SAVE,
    "h5py": Turn("peers", "save-h5py-compressed"), "h5py, not compressed": SAVE["h5py"]}
LOAD_LAZILY = {
    "ballast": Turn("ballast", "load-lazy", "save"),
    "safetensors": Turn("peers", "load-safetensors", "save-safetensors"),
    "torch, mmap": Turn("peers", "load-torch-mmap", "save-torch")}
LOAD = {
    "ballast": Turn("ballast", "load", "save"), "read": Turn("ballast", "read", "write"),
    "safetensors": Turn("peers", "load-safetensors", "save-safetensors"),
    "safetensors, cloned": Turn("peers", "load-safetensors-copied", "save-safetensors"),
    "torch": Turn("peers", "load-torch", "save-torch"),
    "torch, mmap, cloned": Turn("peers", "load-torch-mmap-copied", "save-torch"),
    "h5py": Turn("peers", "load-h5py", "save-h5py")}
# safetensors' tensors look at the mapped file, so that it has fetched next to nothing yet.
LOAD_COLD = {name: turn for name, turn in LOAD.items() if name != "safetensors"}
LOAD_COMPRESSED = {
    "ballast": Turn("ballast", "load", "save-compressed"),
    "ballast, not compressed": LOAD["ballast"],
    "h5py": Turn("peers", "load-h5py", "save-h5py-compressed"),
    "h5py, not compressed": LOAD["h5py"]}


class Benchmark:
    """What all workloads share: where files lie, how large they are, and how often they are made."""

    def __init__(self, folder, report, scale, rounds):
        self.folder = folder
        self.report = report
        self.scale = scale
        self.rounds = rounds
        """For every workload, or `None` for what is usual in each."""
        self.keras_width = max(int(2048 * scale**0.5), 4)
        """Of the dense layers in Keras: at scale 1, each holds 16 MiB."""

    @contextlib.contextmanager
    def workplace(self):
        """A folder for files and the workers, both gone afterwards, whatever happens."""
        workers = {
            "ballast": Worker(BINARIES / "benchmark-checkpoints"),
            "peers": Worker(sys.executable, pathlib.Path(__file__).with_name("checkpoint_peers.py"))}
        with tempfile.TemporaryDirectory(prefix="ballast-benchmark-", dir=self.folder) as folder:
            try:
                yield pathlib.Path(folder), workers
            finally:
                for worker in workers.values():
                    worker.close()

    def measure(self, measurement, contenders, rounds, cold=None):
        compare(measurement, contenders, self.rounds or rounds, cold)
        self.report.add(measurement)
        return measurement


class TensorSet:
    """A set of tensors in the workers' memory, and the files that were made of it."""

    def __init__(self, benchmark, workload, tensors, folder, workers):
        self.benchmark = benchmark
        self.workload = workload
        self.count = len(tensors)
        self.byte_count = sum(tensor.nbytes for tensor in tensors.values())
        self.folder = folder
        self.workers = workers
        data = folder / "data.safetensors"
        save_file(tensors, data)
        tensors.clear()
        for worker in workers.values():
            worker.run("prepare", data)
        data.unlink()

    @staticmethod
    @contextlib.contextmanager
    def made(benchmark, workload, tensors):
        with benchmark.workplace() as (folder, workers):
            yield TensorSet(benchmark, workload, tensors, folder, workers)

    def file(self, turn):
        """What a turn loads, made if nobody has loaded it before."""
        path = self.folder / f"made-by-{turn.made_by}"
        if not path.exists():
            self.workers[turn.worker].run(turn.made_by, path)
        return path

    def measure(self, operation, turns, rounds, is_cold=False):
        measurement = Measurement(self.workload, operation, self.count, self.byte_count)
        files = {name: self.file(turn) for name, turn in turns.items() if turn.made_by}
        # Nothing is still on its way to the disk when loading is timed.
        os.sync()
        if is_cold:
            # What is mapped is not forgotten, and workers keep their last result.
            for worker in self.workers.values():
                worker.run("trim")
            if not all(map(forget, files.values())):
                self.benchmark.report.remark(
                    f"{self.workload}, {operation}: left out, since the page cache keeps files here.")
                return None
        output = self.folder / "output.h5"
        contenders = {
            name: Task(self.workers[turn.worker], turn.command, files.get(name, output),
                       output=None if name in files else output)
            for name, turn in turns.items()}
        return self.benchmark.measure(measurement, contenders, rounds, files if is_cold else None)


# MARK: Workloads


LOAD_NOTE = """
*load* of safetensors gives tensors over the mapped file, whose bytes are not read yet, as *lazy load*
does; *cloned*, they are brought into memory, as by the others. Ballast checks the digest of every tensor
in the same pass, *read* and *write* are those calls alone."""


def even_tensors(benchmark):
    benchmark.report.note("1 GiB in 200 tensors", LOAD_NOTE)
    tensors = checkpoint_tensors.even(200, int(benchmark.scale * 2**30))
    with TensorSet.made(benchmark, "1 GiB in 200 tensors", tensors) as tensors:
        tensors.measure("save", SAVE, ROUNDS_FOR_GOALS)
        tensors.measure("save with fsync", SAVE_DURABLY, ROUNDS_FOR_GOALS)
        tensors.measure(
            "stall of a save in the background", SAVE_IN_BACKGROUND, ROUNDS_FOR_GOALS)
        tensors.measure(
            "the same, if all tensors change at once", SAVE_AND_CHANGE, ROUNDS_FOR_GOALS)
        tensors.measure("lazy load", LOAD_LAZILY, ROUNDS_FOR_GOALS)
        tensors.measure("load", LOAD, ROUNDS_FOR_GOALS)
        tensors.measure("load, cold cache", LOAD_COLD, 3, is_cold=True)


def save_and_load(benchmark, workload, tensors, rounds):
    with TensorSet.made(benchmark, workload, tensors) as tensors:
        return [
            tensors.measure("save", SAVE, rounds), tensors.measure("lazy load", LOAD_LAZILY, rounds),
            tensors.measure("load", LOAD, rounds)]


def add_growth(benchmark, title, sizes):
    """Shows how each operation's time and memory grow, from the smallest set to the largest."""
    for measurements in zip(*sizes):
        benchmark.report.add_growth(Growth(title, measurements[0].operation, list(measurements)))


def small_tensors(benchmark):
    sizes = []
    for tensors, rounds in ((100, ROUNDS), (1_000, ROUNDS), (10_000, ROUNDS_FOR_GOALS)):
        count = max(int(tensors * benchmark.scale), 1)
        sizes.append(save_and_load(
            benchmark, f"{tensors:,} tensors of 1 KiB", checkpoint_tensors.many(count), rounds))
    add_growth(benchmark, "many small tensors", sizes)


def one_tensor(benchmark):
    tensors = checkpoint_tensors.one(int(benchmark.scale * 2**30))
    save_and_load(benchmark, "one tensor of 1 GiB", tensors, ROUNDS)


def resnet(benchmark):
    save_and_load(benchmark, "ResNet-50", checkpoint_tensors.resnet50(benchmark.scale), ROUNDS)


def language_model(benchmark):
    free = shutil.disk_usage(benchmark.folder).free
    byte_count = int(checkpoint_tensors.transformer_byte_count(free) * benchmark.scale)
    sizes = []
    for name, part in (("7B-shaped, a hundredth", 100), ("7B-shaped, a tenth", 10), ("7B-shaped", 1)):
        tensors = checkpoint_tensors.transformer(byte_count // part)
        sizes.append(save_and_load(benchmark, name, tensors, ROUNDS))
    add_growth(benchmark, "a 7B-shaped model", sizes)


def compressed(benchmark):
    benchmark.report.note("compressed", "Deflate, level 4, with shuffled bytes, on both sides.")
    tensors = checkpoint_tensors.even(50, int(benchmark.scale * 2**27))
    with TensorSet.made(benchmark, "compressed", tensors) as tensors:
        saved = tensors.measure("save", SAVE_COMPRESSED, ROUNDS_FOR_GOALS)
        tensors.measure("load", LOAD_COMPRESSED, ROUNDS_FOR_GOALS)
    ratio = saved.resources["ballast"].file / saved.resources["h5py"].file
    benchmark.report.add_figure(
        "compressed: size of the file, beside h5py", f"{ratio:.3f} ×", "≤ 1.02 ×", ratio <= 1.02)


TILING_NOTE = """
That boxes tile a tensor exactly, each of its elements in one of them, is proved before any of it is read. PyTorch
looks for boxes that overlap (`_validate_global_plan`, when it saves), by a sweep along the longest axis, and adds up
their elements. *columns* reach from end to end of that axis, where it compares each with each."""


def tiling(benchmark):
    workload = "proof that pieces tile a tensor"
    benchmark.report.note(workload, TILING_NOTE)
    count = int(1_000_000 * benchmark.scale)
    with benchmark.workplace() as (_, workers):

        def measure(kind, count, is_compared=False):
            contenders = {"ballast": Task(workers["ballast"], "tiling", kind, count)}
            if is_compared:
                workers["peers"].run("prepare-tiling", kind, count)
                contenders["PyTorch"] = Task(workers["peers"], "tiling")
            return benchmark.measure(
                Measurement(workload, f"{count:,} pieces, {kind}"), contenders, ROUNDS)

        measure("columns", max(count // 2000, 1), is_compared=True)
        measure("rows", max(count // 50, 1), is_compared=True)
        for kind in ("rows", "columns", "grid", "bricks", "cube"):
            measured = measure(kind, count)
            seconds = measured.median("ballast")
            benchmark.report.add_figure(
                f"{workload}: {measured.operation}", f"{seconds:.2f} s", "≤ 2 s", seconds <= 2)


# MARK: Keras


KERAS_NOTE = """
Keras, with PyTorch below it, saves and loads the weights of its model as its layers hold them. Ballast
saves the same weights from tensors in PyTorch's shapes, by the model's config, and loads them into new
tensors of such shapes: every kernel is transposed on the way, which Keras need not. From a `.keras`,
Keras builds the model's layers too; Ballast reads the config and builds no layer. To make one, Ballast
writes the weights twice, first beside the archive."""


def keras_model(benchmark, workload, kind, rounds):
    benchmark.report.note(workload, KERAS_NOTE)
    with benchmark.workplace() as (folder, workers):
        ballast, keras = workers["ballast"], workers["peers"]
        model = folder / "model.keras"
        config = model.with_suffix(".json")
        keras.run("prepare-keras", kind, benchmark.keras_width, model)
        ballast.run("prepare", model)
        for suffix, command in ((".weights.h5", "keras-weights"), (".keras", "keras")):
            output, made = folder / f"output{suffix}", folder / f"made{suffix}"
            benchmark.measure(Measurement(workload, f"save {suffix}"), {
                "ballast": Task(ballast, "save-keras", output, config, output=output),
                "keras": Task(keras, f"save-{command}", output, output=output)}, rounds)
            keras.run(f"save-{command}", made)
            os.sync()
            benchmark.measure(Measurement(workload, f"load {suffix}"), {
                "ballast": Task(ballast, "load-any", made),
                "keras": Task(keras, f"load-{command}", made)}, rounds)


def keras_dense(benchmark):
    keras_model(benchmark, "Keras: 16 dense layers", "dense", ROUNDS)


def keras_resnet(benchmark):
    keras_model(benchmark, "Keras: ResNet-50", "resnet", 3)
