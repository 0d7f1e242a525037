"""Reads an .npz archive or a folder of .npy files with NumPy, and prints what is in it as JSON.

    python read_numpy.py PATH [RESAVED]

With RESAVED NumPy writes the arrays of an archive there.
"""

import json
import sys
from pathlib import Path

import numpy as np


def main():
    path = Path(sys.argv[1])
    if path.is_dir():
        arrays = {str(file.relative_to(path))[:-4]: np.load(file, allow_pickle=False)
                  for file in path.rglob("*.npy")}
    else:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    if len(sys.argv) > 2:
        np.savez(sys.argv[2], **arrays)
    print(json.dumps({
        name: {"dtype": array.dtype.str, "shape": list(array.shape), "hex": array.tobytes().hex()}
        for name, array in arrays.items()}))


main()
