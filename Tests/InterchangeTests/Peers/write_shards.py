"""Writes files as libraries do whose parts say different things, or have names that Ballast gave a meaning.

    python write_shards.py FOLDER

`user.pth` has entries whose names Ballast once used; `tied.pth` a tensor under two names, and a view
of it. `bin` is a model in two files of torch, in each of which a module has an extra state; `texts` one in
two files of safetensors, whose headers have different texts.
"""

import json
import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import save_file


class Stateful(torch.nn.Linear):
    """A layer with a state that is no tensor."""

    def __init__(self, extra):
        super().__init__(2, 2, bias=False)
        self.extra = extra

    def get_extra_state(self):
        return self.extra


def index(path, weight_map, **metadata):
    path.write_text(json.dumps({"metadata": metadata, "weight_map": weight_map}))


def main():
    folder = Path(sys.argv[1])
    torch.save({"model_state_dict": {"w": torch.ones(2)}, "hdf5.paths": {"a": 1}, "format": "pt",
                "ballast.pytorch": "mine"}, folder / "user.pth")
    weight = torch.arange(12.0).reshape(3, 4)
    torch.save({"a": weight, "b": weight, "rows": weight[:2], "other": torch.ones(5)},
               folder / "tied.pth")

    bins = folder / "bin"
    bins.mkdir()
    names = [f"pytorch_model-0000{number}-of-00002.bin" for number in (1, 2)]
    model = torch.nn.Sequential(OrderedDict(a=Stateful({"scale": 2.0}), b=Stateful(b"bytes")))
    for name, part, text in zip(names, "ab", ["text", "other text"]):
        state = model.state_dict(keep_vars=part == "b")
        for key in list(state):
            if not key.startswith(part):
                del state[key]
        state["same"] = text
        torch.save(state, bins / name)
    index(bins / "pytorch_model.bin.index.json", {"a.weight": names[0], "b.weight": names[1]},
          total_size=32, total_parameters=8, origin={"by": "hand"})

    texts = folder / "texts"
    texts.mkdir()
    names = [name.replace("pytorch_model", "model").replace(".bin", ".safetensors")
             for name in names]
    save_file({"a": torch.ones(2)}, texts / names[0],
              metadata={"format": "pt", "note": "first", "same": "1"})
    save_file({"b": torch.zeros(3)}, texts / names[1],
              metadata={"format": "pt", "note": "second", "same": "1", "more": "x"})
    index(texts / "model.safetensors.index.json", {"a": names[0], "b": names[1]},
          total_size=20, total_parameters=5, same="2", by={"hand": True})


main()
