"""Writes the samples by which Ballast's engine is judged: what PyTorch answers to its own sample inputs.

    python make.py FOLDER [--names FILE] [--only WORD ...] [--missing]

FOLDER gets a folder for each kind (operations, modules, optimizers, schedulers, seeds) with a file for each
operation or class. FILE has the operations that the judge's table knows, one a line: others are only listed,
in FOLDER/unknown.txt. With --missing, files that are there are kept. Runs with the versions that are pinned in
Tools/scripts and Tools/Judges/engine.txt, and gives the same bytes each time.
"""

import argparse
import collections
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.simplefilter("ignore")

import torch  # noqa: E402

torch.set_num_threads(1)
torch.use_deterministic_algorithms(False)

import modules  # noqa: E402
import operations  # noqa: E402
import optimizers  # noqa: E402
import schedulers  # noqa: E402
import seeds  # noqa: E402


def parts(arguments):
    """The kind, name and writer of each file."""
    names = None
    if arguments.names:
        names = set(Path(arguments.names).read_text().split("\n"))
    wanted, unknown = operations.operations(names)
    unknown += [info.name for info in modules.module_db if info not in modules.judged()]
    (Path(arguments.folder) / "unknown.txt").write_text("\n".join(unknown) + "\n")
    for op in wanted:
        yield "operations", operations.described(op), lambda skipped, op=op: operations.write(op, skipped)
    for kind in (modules, optimizers, schedulers, seeds):
        yield from kind.parts()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--names")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--missing", action="store_true")
    arguments = parser.parse_args()
    folder = Path(arguments.folder)
    folder.mkdir(parents=True, exist_ok=True)
    skipped = collections.Counter()
    for kind, title, write in parts(arguments):
        if arguments.only and not any(word in (kind, title, title.split(".")[-1]) for word in arguments.only):
            continue
        path = folder / kind / f"{title}.safetensors"
        if arguments.missing and path.exists():
            continue
        path.parent.mkdir(exist_ok=True)
        reasons = collections.Counter()
        path.write_bytes(write(reasons))
        skipped.update(reasons)
        if sys.stderr.isatty():
            print(f"\r{kind} {title}\033[K", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    lines = [f"{count}\t{reason}" for reason, count in skipped.most_common()]
    (folder / "skipped.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
