"""Loads files with weights_only, and prints as JSON the classes of all containers in each, by their places.

    python show_classes.py FILE [FILE ...]
"""

import json
import sys

import torch


def classes(value, place, found):
    if isinstance(value, dict):
        found[place] = type(value).__name__
        for key, inner in value.items():
            classes(inner, f"{place}.{key}" if place else str(key), found)
    elif isinstance(value, (list, tuple)):
        found[place] = type(value).__name__
        for index, inner in enumerate(value):
            classes(inner, f"{place}[{index}]", found)
    return found


print(json.dumps([classes(torch.load(path, weights_only=True), "", {}) for path in sys.argv[1:]]))
