"""Loads files with weights_only, and prints a line for each.

    python load_safely.py FILE [FILE ...]
"""

import sys

import torch

for path in sys.argv[1:]:
    torch.load(path, weights_only=True)
    print(path)
