"""Writes texts.npz: the array of INPUT, a file of NumPy's, and texts beside it, which no model takes.

    python write_inputs.py INPUT FOLDER

Written with numpy 2.4.
"""

import sys

import numpy as np

source, folder = sys.argv[1:]
np.savez(f"{folder}/texts.npz", x=np.load(source), names=np.array(["one", "two"]))
