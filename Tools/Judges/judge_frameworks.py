"""Gives checkpoints that frameworks' own libraries write to Ballast's tools, and says what is not as expected.

    python judge_frameworks.py --tools FOLDER [NAME ...]

Tools/scripts/judge-frameworks calls it, in an environment that has the libraries. For each checkpoint that
`frameworks.py` writes, it

- shows it with ballast-inspect, and holds the number of all tensors, and the kinds of loss, against what the
  library itself finds in the file: a tensor that is not there has to be told;
- converts it to safetensors with --model-only, and holds every tensor against the library's own, to the bit, by
  its name, type and shape, as the library safetensors reads it; and the roles, where the library has a module;
- converts it whole to HDF5, which ballast-verify has to find the same, and h5py to hold every tensor of the model;
- converts that to the same safetensors again.

What Ballast is expected to refuse is in the checkpoint's row, with the words that it says so with. With names,
only the libraries and functions of `frameworks.py` that have one of them are judged. Prints a line for each, and ends with 1 if one is not
as expected.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TRANSFORMERS_VERBOSITY": "error",
               "DIFFUSERS_VERBOSITY": "error", "WANDB_MODE": "disabled", "YOLO_OFFLINE": "true",
               "CUDA_VISIBLE_DEVICES": "", "TOKENIZERS_PARALLELISM": "false"}
warnings.simplefilter("ignore")

import h5py  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

import frameworks  # noqa: E402
from readers import Misread, version  # noqa: E402
from samples import bits  # noqa: E402


class Bench:
    """The tools, and a folder to write in."""

    def __init__(self, tools, folder):
        self.tools, self.folder = tools, folder

    def run(self, tool, *arguments):
        command = [str(self.tools / f"ballast-{tool}"), *map(str, arguments)]
        process = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=300)
        return process.returncode, process.stdout, process.stderr

    def must(self, tool, *arguments):
        status, output, errors = self.run(tool, *arguments)
        if status:
            raise Misread(f"ballast-{tool} {' '.join(map(str, arguments))} ended with {status}: {output[-300:]}{errors}")
        return output


def compare(found, expected):
    """Holds tensors against the library's own, to the bit."""
    missing, added = expected.keys() - found.keys(), found.keys() - expected.keys()
    if missing or added:
        raise Misread(f"missing {sorted(missing)[:4]} ({len(missing)}), added {sorted(added)[:4]} ({len(added)})")
    for key, value in expected.items():
        other = found[key]
        if (other.dtype, other.shape) != (value.dtype, value.shape):
            raise Misread(f"{key} is {other.dtype} {tuple(other.shape)}, not {value.dtype} {tuple(value.shape)}")
        if bits(other) != bits(value):
            raise Misread(f"{key} has other values")


def same_roles(shown, row):
    if row.parameters is None:
        return
    wrong = [t["key"] for t in shown["tensors"] if (t["kind"] == "parameter") != (t["key"] in row.parameters)]
    if wrong:
        raise Misread(f"roles of {wrong[:4]} ({len(wrong)}) are others")


def told(shown, row):
    """Every tensor in the file is shown or told, and so is whatever the row names."""
    losses = [f"{loss['subject'] or ''}: {loss['detail']}" for loss in shown["losses"]]
    said = "\n".join(losses + shown["notes"])
    dropped = sum(loss["kind"] == "tensor_dropped" for loss in shown["losses"])
    if row.count is not None and shown["total_tensors"] + dropped < row.count:
        raise Misread(f"{row.count} tensors in it, {shown['total_tensors']} shown and {dropped} told: {said[:300]}")
    for words in row.told:
        if words not in said:
            raise Misread(f"not told: {words!r}; told: {said[:400]}")
    for kind in ("tensor_dropped",):
        unexpected = [text for loss, text in zip(shown["losses"], losses)
                      if loss["kind"] == kind and not any(words in text for words in row.told)]
        if unexpected:
            raise Misread(f"dropped: {unexpected[:3]} ({len(unexpected)})")
    for name in row.metadata:
        if name not in shown["metadata"]:
            raise Misread(f"metadata {name} is not there: {sorted(shown['metadata'])}")
    optimizer = (shown["optimizer"] or {}).get("tensors", 0)
    if row.optimizer is not None and optimizer != row.optimizer:
        raise Misread(f"{optimizer} tensors of the optimizer, not {row.optimizer}")


def same_file(bench, row):
    """That ballast-verify finds the copy the same, but for what was told when it was made."""
    status, output, errors = bench.run("verify", row.path, "out.h5", "--json")
    if status not in (0, 1):
        raise Misread(f"ballast-verify ended with {status}: {errors}")
    found = json.loads(output)["comparisons"][0]
    # What became of another class is a difference of types, and told by both tools.
    different = [d for d in found["differences"]
                 if d["tensor"] != "the types of containers and keys" or ": in the first only: " not in d["difference"]]
    if different or status and not found["losses"][0]:
        raise Misread(f"ballast-verify: {found}"[:500])


def in_hdf5(path, expected):
    """Counts the datasets, and looks for each tensor's bytes under a path that ends in its key."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item}) if isinstance(item, h5py.Dataset) else None)
        for key, value in expected.items():
            ending = "/" + key.replace(".", "/")
            if value.numel() == 0 or value.dtype not in (torch.float32, torch.float64, torch.int64):
                continue
            names = [name for name in found if ("/" + name).endswith(ending)]
            # Tied names are links, which visititems gives once; odd keys are encoded.
            for name in names:
                data = found[name][()]
                if data.tobytes() == value.numpy().tobytes():
                    break
            else:
                if names:
                    raise Misread(f"{key} has other values in the HDF5 file")


def judge(bench, row):
    options = [] if row.root is None else ["--root", row.root]
    status, output, errors = bench.run("convert", row.path, "out.h5", "--no-sync", "--overwrite", *options)
    if row.refusal:
        if status not in (65, 66, 1) or row.refusal not in output + errors:
            raise Misread(f"not refused with {row.refusal!r}: {status} {output[-200:]}{errors[-300:]}")
        return f"refused, as expected: {row.refusal}"
    if status:
        raise Misread(f"ballast-convert to HDF5 ended with {status}: {errors[-500:]}")
    shown = json.loads(bench.must("inspect", row.path, "--json", *options))
    told(shown, row)
    same_roles(shown, row)
    bench.must("verify", "out.h5")
    if row.root is None:
        same_file(bench, row)
    if row.tensors is not None:
        in_hdf5(bench.folder / "out.h5", row.tensors)
        for source in (row.path, "out.h5"):
            bench.must("convert", source, "out.safetensors", "--no-sync", "--overwrite", "--model-only",
                       *(options if source == row.path else []))
            compare(load_file(bench.folder / "out.safetensors"), row.tensors)
    extra = row.further(bench) if row.further else ""
    losses = len(shown["losses"])
    return (f"{len(shown['tensors'])} tensors of the model, {len(shown['other_tensors'])} others"
            + (f", {losses} told" if losses else "") + (f"; {extra}" if extra else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tools", required=True, type=Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    wrong = count = 0
    for library, make in frameworks.MAKERS:
        if arguments.names and not any(name in (library, make.__name__) for name in arguments.names):
            continue
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(arguments.tools.resolve(), Path(folder))
            try:
                torch.manual_seed(3)
                rows = make(Path(folder))
            except Exception as error:
                rows = [frameworks.Row(f"({make.__name__})", "", failure=f"{type(error).__name__}: {error}")]
            for row in rows:
                count += 1
                try:
                    if row.failure:
                        raise Misread(f"the library wrote nothing: {row.failure}"[:400])
                    found, is_right = judge(bench, row), True
                except Exception as error:
                    found, is_right = f"{type(error).__name__}: {' '.join(str(error).split())[:700]}", False
                wrong += not is_right
                print(f"{'' if is_right else 'WRONG  '}{version(library):<30} | {row.kind:<38} | {found}", flush=True)
    print(f"{count} checkpoints, {wrong} not as expected")
    sys.exit(1 if wrong or not count else 0)


if __name__ == "__main__":
    main()
