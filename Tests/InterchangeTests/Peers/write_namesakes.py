"""Writes files in which names or places meet, or something lies beside: write_namesakes.py FOLDER."""

import collections
import json
import os
import pickle
import sys
import zipfile

import torch
from torch import nn
from torch.export.pt2_archive._package import package_pt2

os.chdir(sys.argv[1])


class Net(nn.Module):
    pass


def linear(count):
    return torch.export.export(nn.Linear(count, 2), (torch.ones(1, count),))


def payload(path):
    meta = {
        "dtype": 7, "sizes": [{"as_int": 4}], "strides": [{"as_int": 1}], "storage_offset": {"as_int": 0},
        "layout": 7, "requires_grad": False, "device": {"type": "cpu", "index": None},
    }
    return {"config": {"t": {"path_name": path, "is_param": True, "use_pickle": False, "tensor_meta": meta}}}


package_pt2("models.pt2", exported_programs={"extra": linear(3), "other": linear(5)}, extra_files={"note": "hello"})

four = torch.arange(4.0).numpy().tobytes()
with zipfile.ZipFile("constants.pt2", "w") as archive:
    archive.writestr("r/archive_format", "pt2")
    archive.writestr("r/byteorder", "little")
    archive.writestr("r/data/weights/m_weights_config.json", json.dumps(payload("weight_0")))
    archive.writestr("r/data/weights/weight_0", four)
    archive.writestr("r/data/constants/a_constants_config.json", json.dumps(payload("tensor_1")))
    archive.writestr("r/data/constants/m_constants_config.json", json.dumps(payload("tensor_0")))
    archive.writestr("r/data/constants/tensor_0", four)
    archive.writestr("r/data/constants/tensor_1", four)
    archive.writestr("stray.txt", "x")

for name, ending in [("package.pt", b""), ("package_longer.pt", b"more")]:
    with zipfile.ZipFile(name, "w") as archive:
        archive.writestr("p/.data/extern_modules", "torch\n")
        archive.writestr("p/.data/version", "6\n")
        archive.writestr("p/model/m.pkl", pickle.dumps({"a": 1}, 2) + ending)
        archive.writestr("q/data/0", four)

state = nn.Linear(2, 2).state_dict()
torch.save({"g": state, "d": state}, "one_state.pth")
module = nn.Linear(2, 2)
torch.save({1: module, 2: module}, "one_module.pth")

net = Net()
net.w = nn.Parameter(torch.ones(2))
net.inner = Net()
net.inner.keyed = {torch.full((1,), 7.0): "k"}
net.inner.a = torch.full((1,), 8.0)
setattr(net, "inner.a", torch.full((1,), 9.0))
net.names = [f"class {number}" for number in range(21841)]
torch.save(net, "attributes.pth")

wrapped = {
    "base_model.model.q.base_layer.weight": torch.ones(2, 2),
    "base_model.model.q.lora_A.default.weight": torch.ones(1, 2),
    "base_model.model.q.lora_B.default.weight": torch.ones(2, 1),
}
torch.save({"state_dict": wrapped, "adapter_config": {"peft_type": "LORA"}}, "wrapped.pth")
torch.save({"state_dict": {"q.weight": torch.ones(2, 2)}, "adapter_config": {"peft_type": "LORA"}}, "plain.pth")

ordered = collections.OrderedDict
twins = {"a": {"b.c": ordered(x=1)}, "a.b": {"c": ordered(y=1)}}
torch.save({"model": state, "many": [ordered(a=1), ordered(a=2)], **twins}, "ordered.pth")
