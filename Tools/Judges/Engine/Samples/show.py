"""Prints one sample: its call as Python writes it, and what PyTorch answered.

    python show.py FILE NUMBER
"""

import json
import sys

import torch
from safetensors import safe_open


def main():
    path, number = sys.argv[1], int(sys.argv[2])
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()["samples"])
        sample = about["samples"][number]
        torch.set_printoptions(precision=6, linewidth=110, threshold=60)

        def shown(value):
            if isinstance(value, dict) and "tensor" in value:
                return tensor(value["tensor"]) + (" (grad)" if value.get("grad") else "")
            if isinstance(value, dict) and len(value) == 1:
                return str(next(iter(value.values())))
            if isinstance(value, list):
                return "[" + ", ".join(shown(part) for part in value) + "]"
            return repr(value)

        def tensor(place):
            if place is None:
                return "None"
            found = file.get_tensor(str(place))
            return f"{str(found.dtype).removeprefix('torch.')} {tuple(found.shape)} {found.tolist()}"[:700]

        print(sample.get("name", about.get("name")), sample["group"], sample.get("dtype", ""))
        for part in ("constructor", None):
            call = sample.get(part, {}) if part else sample
            for value in call.get("arguments", []):
                print("  ", part or "", shown(value))
            for key, value in call.get("keywords", {}).items():
                print("  ", part or "", f"{key} =", shown(value))
        for part in ("values", "truth", "upstream", "gradients", "gradientTruth", "directions", "seconds", "after"):
            for place in sample.get(part) or []:
                print(part, tensor(place) if not isinstance(place, list) else place)
        for part in ("raises", "keys", "parameters", "text"):
            if part in sample:
                print(part, sample[part])


if __name__ == "__main__":
    main()
