"""Edits copies of a Ballast file, as people do with h5py, and repacks it with h5repack.

    python edit_checkpoint.py FILE FOLDER

needs h5py and h5repack. FOLDER gets NAME.h5 for each edit, and repacked_NAME.h5.
"""

import shutil
import subprocess
import sys

import h5py
import numpy as np

SOURCE, FOLDER = sys.argv[1:]
WEIGHT = "parameters/classifier/weight"


def put(path, value):
    def edit(file):
        file[path] = value

    return edit


def remove(path):
    def edit(file):
        del file[path]

    return edit


def note(path):
    def edit(file):
        file[path].attrs["note"] = "hello"

    return edit


def group(path):
    return lambda file: file.create_group(path)


def tie(path):
    def edit(file):
        file[path] = file[WEIGHT]

    return edit


def change(file):
    file["parameters/classifier/bias"][0] = 9


def replace(file):
    del file["metadata/epoch"]
    file["metadata/epoch"] = 9


EDITS = {
    "root_attribute": note("/"),
    "tensor_attribute": note(WEIGHT),
    "group_attribute": note("metadata"),
    "group": group("extra"),
    "inner_group": group("parameters/extra"),
    "dictionary": group("metadata/extra"),
    "alias": tie("alias"),
    "tie": tie("parameters/tied"),
    "soft": put("soft", h5py.SoftLink("/" + WEIGHT)),
    "inner_soft": put("parameters/soft", h5py.SoftLink("/" + WEIGHT)),
    "value_soft": put("metadata/soft", h5py.SoftLink("/metadata/epoch")),
    "external": put("metadata/elsewhere", h5py.ExternalLink("x.h5", "/a")),
    "integer": put("metadata/n", 5),
    "float": put("metadata/f", 0.5),
    "narrow": put("metadata/i", np.int32(5)),
    "truth": put("metadata/b", True),
    "text": put("metadata/t", "héllo"),
    "texts": put("metadata/ts", ["a", "bc"]),
    "empty_text": put("metadata/e", ""),
    "fixed_text": put("metadata/x", np.bytes_("abc")),
    "record": put("metadata/c", np.zeros(2, dtype=[("a", "i4")])),
    "nothing": put("metadata/z", h5py.Empty("f4")),
    "stray": put("optimizer/x", 5),
    "outside": put("toplevel", [1.0, 2.0]),
    "no_tensor": put("parameters/t", "hello"),
    "tensor": put("parameters/new/weight", [1.0, 2.0]),
    "same_key": put("parameters/classifier.weight", [1.0, 2.0]),
    "same_letters": put("parameters/cafe\u0301", [3.0, 4.0]),
    "packed": lambda file: file.create_dataset(
        "parameters/p", data=[1.0] * 100, compression="gzip"
    ),
    "no_weight": remove(WEIGHT),
    "renamed": lambda file: file.move(WEIGHT, "parameters/classifier/w2"),
    "no_optimizer": remove("optimizer"),
    "no_slots": remove("optimizer/state/classifier/weight"),
    "no_epoch": remove("metadata/epoch"),
    "changed": change,
    "replaced": replace,
}

for name, edit in EDITS.items():
    shutil.copy(SOURCE, f"{FOLDER}/{name}.h5")
    with h5py.File(f"{FOLDER}/{name}.h5", "r+") as file:
        if name == "same_letters":
            file["parameters/caf\u00e9"] = [1.0, 2.0]
        edit(file)

for name, options in (
    ("plain", []),
    ("latest", ["-L"]),
    ("gzip", ["-f", "GZIP=4"]),
    ("chunks", ["-l", "CHUNK=2"]),
):
    subprocess.run(["h5repack", *options, SOURCE, f"{FOLDER}/repacked_{name}.h5"], check=True)
