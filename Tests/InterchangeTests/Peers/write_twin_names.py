"""Writes a state dict with two keys that differ only in how an accented letter is composed.

    python write_twin_names.py FILE
"""

import sys

import torch

torch.save({"\u00e9": torch.zeros(1), "e\u0301": torch.ones(1)}, sys.argv[1])
