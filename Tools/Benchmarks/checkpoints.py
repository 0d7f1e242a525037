"""Saving, loading and converting checkpoints beside the formats' libraries, in one run.

    Tools/benchmark checkpoints [--rounds N] [--scale 1] [--only NAME …] [--folder F]
                                [--json FILE] [--svg FOLDER] [--write]

Every contender gets the same bytes, in memory of its own process, and they take turns in each round,
so that what else the machine does meets all of them. A figure is the median over the rounds, a ratio
the median of the rounds' ratios. Memory, and the kernel's count of bytes, come of a round of their
own. Before each turn that writes, the file of an earlier turn is removed and `sync` is called, off
the clock: the kernel slows down whoever writes while others' bytes wait for the disk. Files are
loaded from the page cache, but where it is said to be cold: there the cache forgot the file before
each turn, and the count of bytes from the disk shows it. (A host's cache below a virtual machine is
beyond reach.)

Takes about fourteen minutes, 6 GiB in the temporary folder and as much memory. The 7B-shaped model is as
large as the machine can bear, 1 GiB on one of 24 GiB.
"""

import argparse
import importlib.metadata
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import h5py

from checkpoint_programs import EMPTY, SMALL_FILE, conversion, start_up
from checkpoint_workloads import (
    Benchmark, compressed, even_tensors, keras_dense, keras_resnet, language_model, one_tensor,
    resnet, small_tensors, tiling)
from report import Goal, Machine, Report

EVEN, SMALL = "1 GiB in 200 tensors", "10,000 tensors of 1 KiB"

GOALS = [
    Goal(EVEN, "save", "ballast", "write", 0.8),
    Goal(EVEN, "save with fsync", "ballast", "write", 1.05),
    Goal(EVEN, "save", "ballast", "safetensors", 0.5),
    Goal(EVEN, "save", "ballast", "torch", 0.5),
    Goal(EVEN, "stall of a save in the background", "ballast", "copy", 0.1),
    Goal(EVEN, "the same, if all tensors change at once", "ballast", "copy", 1.2),
    Goal(EVEN, "lazy load", "ballast", "safetensors", 1.0),
    Goal(EVEN, "load", "ballast", "read", 1.1),
    Goal(EVEN, "load", "ballast", "h5py", 1.0),
    Goal(EVEN, "load", "ballast", "torch", 1.0),
    Goal(SMALL, "save", "ballast", "safetensors", 0.5),
    Goal(SMALL, "save", "ballast", "h5py", 0.1),
    Goal(SMALL, "load", "ballast", "safetensors", 0.5),
    Goal(SMALL, "load", "ballast", "h5py", 0.1),
    Goal("compressed", "save", "ballast", "h5py", 0.25),
    Goal("compressed", "load", "ballast", "h5py", 0.25),
    Goal("conversion, 1 GiB", ".pth → .h5", "ballast-convert --no-sync", "cp", 1.3),
    Goal("start-up", SMALL_FILE, "ballast-inspect", EMPTY, 1.5),
    Goal("start-up", SMALL_FILE, "ballast-verify", EMPTY, 1.5),
]

WORKLOADS = {
    "even": even_tensors, "small": small_tensors, "one": one_tensor, "resnet": resnet,
    "language": language_model, "compressed": compressed, "keras": keras_dense,
    "keras-resnet": keras_resnet, "conversion": conversion, "tiling": tiling, "start": start_up}


def versions():
    def first_line(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0]
        except OSError:
            return ""

    swift = re.search(r"version ([\d.]+)", first_line("swift", "--version"))
    found = {"Swift": swift[1] if swift else "?"}
    for name in ("torch", "h5py", "safetensors", "numpy", "keras"):
        found[name] = importlib.metadata.version(name)
    found["libhdf5 of h5py"] = h5py.version.hdf5_version
    found["cp"] = (first_line("cp", "--version").split() or ["?"])[-1]
    return found


def main():
    parser = argparse.ArgumentParser(
        prog="Tools/benchmark checkpoints", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="of every workload, instead of its own number")
    parser.add_argument("--scale", type=float, default=1, help="of the sizes and counts")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--folder", default=tempfile.gettempdir(), help="for the files")
    parser.add_argument("--json", metavar="FILE", help="write all that was measured")
    parser.add_argument("--svg", metavar="FOLDER", help="draw a plot of each workload")
    parser.add_argument(
        "--write", action="store_true", help="put the tables into Tools/Benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    report = Report("checkpoints", GOALS, Machine.here(arguments.folder), versions())
    if arguments.scale != 1:
        report.remark(f"Sizes and counts are {arguments.scale:g} times those that are named; the goals "
                      "are about the whole.")
    # So that nothing is left behind then either.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    benchmark = Benchmark(arguments.folder, report, arguments.scale, arguments.rounds)
    for name in arguments.only:
        WORKLOADS[name](benchmark)
    report.print_results()
    if arguments.json:
        report.write_json(arguments.json)
    if arguments.svg:
        report.write_plots(arguments.svg)
    if arguments.write:
        report.update_markdown(pathlib.Path(__file__).with_name("RESULTS.md"))


if __name__ == "__main__":
    main()
