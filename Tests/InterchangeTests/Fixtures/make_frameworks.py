"""Makes checkpoints as PEFT, OmegaConf and the rarer parts of PyTorch write them, by these libraries themselves.

    python make_frameworks.py

Pinned: torch 2.13.0+cpu, peft 0.21.2, omegaconf 2.4.0, transformers 5.24.0. Writes into `frameworks` beside this file, with
expected.json: the tensors of each file by key (type, shape, bytes), and the plain values of the configuration.
"""

import collections
import json
import os
import shutil
import sys
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from omegaconf import OmegaConf
from peft import IA3Config, LoraConfig, get_peft_model, get_peft_model_state_dict
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Partial, Replicate, Shard
from torch.testing._internal.distributed.fake_pg import FakeStore

OUT = Path(__file__).parent / "frameworks"
EXPECTED = {}


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.norm(self.query(x)))


class Scale(nn.Module):
    """A module with tensors that are no parameters and no buffers."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.grid = torch.arange(2.0)
        self.cell = nn.LSTM(2, 2)


class Detector(nn.Module):
    """A module as detectors are saved: whole, with names of classes, strides and a configuration."""

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 2)
        self.scale = Scale()
        self.names = {0: "person", 1: "car"}
        self.stride = torch.tensor([8.0, 16.0])
        self.yaml = {"nc": 2, "depth": 0.33, "head": [[-1, 1, "Detect"]]}
        self._task = "detect"
        self.parts = [self.body]


class Named(collections.OrderedDict):
    """A state dict of a class of its own."""


def rows(state):
    def row(value):
        value = value.detach()
        if isinstance(value, DTensor):
            value = value.full_tensor()
        data = value.contiguous().view(-1).view(torch.uint8).tolist() if value.numel() else []
        return {"dtype": str(value.dtype)[6:], "shape": list(value.shape), "hex": bytes(data).hex()}

    return {key: row(value) for key, value in state.items()}


def expect(name, state):
    EXPECTED[name] = rows(state)


def save(name, content, state):
    torch.save(content, OUT / name)
    expect(name, state)


def filled(model):
    torch.manual_seed(7)
    with torch.no_grad():
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.copy_(torch.randint(-8, 9, value.shape) / 4)
    return model


def adapters():
    def made(config):
        model = get_peft_model(Tiny(), config)
        model.peft_config["default"].base_model_name_or_path = "example/tiny"
        return filled(model)

    lora = LoraConfig(r=2, target_modules=["query"], modules_to_save=["head"])
    model = made(lora)
    for name, safe in [("peft_lora", True), ("peft_lora_bin", False)]:
        model.save_pretrained(OUT / name, safe_serialization=safe)
        (OUT / name / "README.md").unlink()
        expect(name, get_peft_model_state_dict(model))
    save("peft_wrapped.pth", model.state_dict(), model.state_dict())
    model = made(IA3Config(target_modules=["query", "head"], feedforward_modules=["head"]))
    model.save_pretrained(OUT / "peft_ia3")
    (OUT / "peft_ia3" / "README.md").unlink()
    expect("peft_ia3", get_peft_model_state_dict(model))


def configurations():
    config = OmegaConf.create({
        "model": {"width": 4, "layers": [1, 2, {"kind": "relu"}], "rate": 0.5, "name": "tiny", "none": None},
        "copy": "${model.width}", "missing": "???", "flag": True, 3: "three"})
    OmegaConf.set_readonly(config, True)
    state = filled(Tiny()).state_dict()
    save("omegaconf.ckpt", {"state_dict": state, "hyper_parameters": config, "part": config.model.layers}, state)
    plain = OmegaConf.to_container(config, resolve=False)
    # JSON has no integer keys.
    assert plain.pop(3) == "three"
    EXPECTED["omegaconf"] = plain


def distributed():
    torch.distributed.init_process_group("fake", store=FakeStore(), rank=0, world_size=2)
    both = init_device_mesh("cpu", (2,))
    w = torch.arange(8.0).reshape(4, 2)
    whole = {"w": DTensor.from_local(w, both, [Replicate()], run_check=False),
             "p": nn.Parameter(DTensor.from_local(w + 1, both, [Replicate()], run_check=False))}
    torch.save(whole, OUT / "dtensor.pth")
    EXPECTED["dtensor.pth"] = rows({"w": w, "p": w + 1})
    torch.save({"w": DTensor.from_local(w[:2], both, [Shard(0)], run_check=False)}, OUT / "dtensor_shard.pth")
    torch.save({"w": DTensor.from_local(w, both, [Partial()], run_check=False)}, OUT / "dtensor_partial.pth")
    torch.distributed.destroy_process_group()


def programs():
    class Program(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = Tiny()
            self.tied = self.body.query
            self.narrow = nn.Parameter(torch.ones(4, dtype=torch.bfloat16))
            self.register_buffer("offset", torch.tensor([1.0, 2.0]), persistent=False)
            self.constant = torch.tensor([3.0, 4.0])

        def forward(self, x):
            return self.body(x + self.tied(x) * self.narrow.float()) + self.offset + self.constant

    model = filled(Program()).eval()
    program = torch.export.export(model, (torch.ones(2, 4),))
    # Where a line of a program was is nobody's business.
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)
    torch.export.save(program, OUT / "program.pt2", extra_files={"note.txt": "hello"})
    expect("program.pt2", torch.export.load(OUT / "program.pt2").state_dict)
    expect("program.pt2 constants", program.constants)
    EXPECTED["program.pt2 parameters"] = list(program.graph_signature.parameters)

    with torch.package.PackageExporter(OUT / "package.pt") as exporter:
        exporter.extern("**")
        exporter.save_pickle("model", "model.pkl", {"state_dict": model.body.state_dict(), "epoch": 3})
        exporter.save_text("model", "note.txt", "hello")
        exporter.save_source_string("helper", "x = 1\n")
    expect("package.pt", model.body.state_dict())
    with torch.package.PackageExporter(OUT / "packages.pt") as exporter:
        exporter.extern("**")
        exporter.save_pickle("model", "model.pkl", model.body.state_dict())
        exporter.save_pickle("facts", "facts.pkl", {"epoch": 3})
    expect("packages.pt", model.body.state_dict())


def objects():
    sys.modules["detector"] = sys.modules[__name__]
    model = Detector()
    for part in (Detector, Scale):
        part.__module__ = "detector"
    filled(model)
    save("module.pth", model, model.state_dict())
    save("module_in_checkpoint.pth", {"epoch": 3, "model": model}, model.state_dict())

    state = filled(Tiny()).state_dict()
    with_attributes = nn.Parameter(torch.ones(2))
    with_attributes.note = "kept"
    plain = torch.zeros(2)
    plain.mark = 3
    counts = collections.defaultdict(int, a=1)
    ordered = collections.OrderedDict(b=1, a=collections.OrderedDict(z=1))
    ordered.comment = "on the dictionary"
    save("classes.pth", {
        "model": state, "counter": collections.Counter("abca"), "default": counts, "ordered": ordered,
        "plain": {"b": 1}, "nested": [{"inner": collections.OrderedDict(x=1)}], "loose": plain}, state)
    save("attributes.pth", {"w": with_attributes, "b": plain}, {"w": with_attributes, "b": plain})
    named = Named(state)
    named.version_note = "own"
    Named.__module__ = "detector"
    save("named.pth", named, state)


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    adapters()
    configurations()
    distributed()
    programs()
    objects()
    (OUT / "expected.json").write_text(json.dumps(EXPECTED, indent=1) + "\n")


main()
