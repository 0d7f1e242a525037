"""Writes the few samples that a test holds: Tests/JudgeTests/Fixtures/samples.zip.

    python fixture.py --names FILE [--output FILE]

FILE has the operations that the table knows, as `judge-engine names` prints them. Of each operation there are one
or two small samples in float64, float32, one half type and int64, one with special values and one of mixed types;
of each module and optimizer one in float32 and in bfloat16. Runs with the versions that make.py runs with.
"""

import argparse
import os
import warnings
import zipfile
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.simplefilter("ignore")

import torch  # noqa: E402

torch.set_num_threads(1)

import modules  # noqa: E402
import operations  # noqa: E402
import optimizers  # noqa: E402
import schedulers  # noqa: E402
from encoding import Writer  # noqa: E402

ROOT = Path(__file__).resolve().parents[4]
# Operations in one file.
BUNDLE = 80
# Bytes of the tensors of a sample.
LIMIT = 1200


def bundles(names):
    """The kind, title and bytes of each file."""
    wanted, _ = operations.operations(names)
    for start in range(0, len(wanted), BUNDLE):
        writer = Writer(LIMIT)
        for op in wanted[start:start + BUNDLE]:
            writer.name = operations.described(op)
            operations.fill(op, writer, {}, operations.Plan(is_small=True))
        yield "operations", f"part{start // BUNDLE}", writer.bytes({"kind": "operation"})
    for kind, one, infos, title in (
            ("modules", "module", modules.judged(), lambda info: info.name),
            ("optimizers", "optimizer", optimizers.optim_db, lambda info: info.optim_cls.__name__)):
        writer = Writer(LIMIT)
        for info in infos:
            writer.name = title(info)
            {"modules": modules, "optimizers": optimizers}[kind].fill(info, writer, {}, is_small=True)
        yield kind, "all", writer.bytes({"kind": one})
    writer = Writer()
    for title in schedulers.TABLE:
        writer.name = title
        schedulers.fill(title, writer)
    writer.add(torch.zeros(1))
    yield "schedulers", "all", writer.bytes({"kind": "scheduler"})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", required=True)
    parser.add_argument("--output", default=str(ROOT / "Tests/JudgeTests/Fixtures/samples.zip"))
    arguments = parser.parse_args()
    names = set(Path(arguments.names).read_text().split("\n"))
    with zipfile.ZipFile(arguments.output, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for kind, title, content in bundles(names):
            entry = zipfile.ZipInfo(f"{kind}/{title}.safetensors", (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


if __name__ == "__main__":
    main()
