"""Makes folders of torch.distributed.checkpoint, and what PyTorch's own conversion finds in them.

    python make_distributed.py [folder [name …]]

Without names all folders are made anew, otherwise these, of `old` and `strided`, beside the others.

Made with torch 2.13.0 (CPU, gloo), seed 20261130. Of each folder `expected.json` has what
`dcp_to_torch_save` of `torch.distributed.checkpoint.format_utils` makes of it: type, shape and bytes of each
tensor by the way to it, and other values as text.

- `single`: one process without a group: model, AdamW by numbers, values of several sorts, a tensor of no
  elements and one of no axes, tensors in a list;
- `old`: the same model and optimizer with the flat keys of PyTorch 2.3, whose list of groups is one object;
- `strided`: tensors whose elements are in another order than row-major, as PyTorch keeps it;
- `fsdp`: FSDP2 on two ranks, model and AdamW by name (`get_state_dict`), rows that two do not divide;
- `flat`: the same on three ranks with `flatten_optimizer_state_dict`, of which the third has no row of some;
- `placed`: DTensors on three ranks, Shard(0), Shard(1), Shard(2), Replicate, of several types;
- `pieces`: the safetensors files that two ranks write by `HuggingFaceStorageWriter`, which `dcp_to_torch_save` does
  not read: expected are the tensors that were saved;
- `mesh`: DTensors on four ranks in two axes: Shard(0) and Shard(1), and Replicate and Shard(0).
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing as mp
from torch.distributed.checkpoint import HuggingFaceStorageWriter, _version
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import Replicate, Shard, distribute_tensor

SEED = 20261130
OUT = pathlib.Path(
    sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "distributed").resolve()


def model():
    torch.manual_seed(SEED)
    return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 2))


def trained(network):
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    torch.manual_seed(SEED + 1)
    network(torch.randn(6, 4)).square().sum().backward()
    optimizer.step()
    return optimizer


def single(_):
    network = model()
    optimizer = trained(network)
    dcp.save(
        {
            "model": network.state_dict(), "optim": optimizer.state_dict(), "epoch": 3,
            "name": "ä first one", "loss": 0.25, "flags": [True, None], "pair": (1, "two"),
            "nested": {"a": {"b": 7}}, "list": [torch.arange(3), {"x": torch.ones(2, 2).bfloat16()}],
            "none": torch.zeros(0, 3), "one": torch.tensor(2.5, dtype=torch.float64),
            "big": 1 << 70, "raw": b"\0\1\2",
        }, checkpoint_id="single")


def old(_):
    network = model()
    optimizer = trained(network)
    _version._derived_version = "2_3"
    try:
        dcp.save({"model": network.state_dict(), "optim": optimizer.state_dict()}, checkpoint_id="old")
    finally:
        _version._derived_version = None


def strided(_):
    torch.manual_seed(SEED)
    dcp.save(
        {
            "image": torch.randn(4, 3, 2, 2).to(memory_format=torch.channels_last),
            "turned": torch.arange(35, dtype=torch.int16).reshape(5, 7).t(), "plain": torch.randn(3),
        }, checkpoint_id="strided")


def fsdp(_, flat=False, name="fsdp"):
    network = torch.nn.Linear(4, 4) if flat else model()
    fully_shard(network)
    optimizer = trained(network)
    options = StateDictOptions(flatten_optimizer_state_dict=flat)
    state, optim = get_state_dict(network, optimizer, options=options)
    dcp.save({"model": state, "optim": optim, "step": 1}, checkpoint_id=name)


def placed(_):
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    torch.manual_seed(SEED)
    tensors = {
        "rows": (torch.randn(7, 4), Shard(0)), "columns": (torch.randn(3, 8), Shard(1)),
        "last": (torch.randn(2, 3, 5).double(), Shard(2)), "all": (torch.randn(4), Replicate()),
        "few": (torch.arange(2), Shard(0)), "half": (torch.randn(6, 3).half(), Shard(0)),
        "bits": (torch.randn(4, 4) > 0, Shard(1)), "brain": (torch.randn(5).bfloat16(), Shard(0)),
    }
    dcp.save(
        {key: distribute_tensor(value, mesh, [place]) for key, (value, place) in tensors.items()},
        checkpoint_id="placed")


def mesh(_):
    grid = init_device_mesh("cpu", (2, 2))
    torch.manual_seed(SEED)
    dcp.save(
        {
            "blocks": distribute_tensor(torch.randn(5, 7), grid, [Shard(0), Shard(1)]),
            "rows": distribute_tensor(torch.randn(6, 2), grid, [Replicate(), Shard(0)]),
            "both": distribute_tensor(torch.randn(9), grid, [Shard(0), Shard(0)]),
        }, checkpoint_id="mesh")


def whole():
    torch.manual_seed(SEED)
    return {"rows": torch.randn(5, 4), "columns": torch.randn(3, 4), "all": torch.randn(4)}


def pieces(_):
    places = {"rows": Shard(0), "columns": Shard(1), "all": Replicate()}
    grid = init_device_mesh("cpu", (2,))
    dcp.save(
        {key: distribute_tensor(value, grid, [places[key]]) for key, value in whole().items()},
        storage_writer=HuggingFaceStorageWriter("pieces", save_distributed=True))


def worker(rank, function, arguments, count, store):
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=count)
    globals()[function](rank, *arguments)
    dist.destroy_process_group()


def spread(count, function, *arguments):
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(worker, (function, arguments, count, f"{folder}/store"), nprocs=count)


def described(value, path, found):
    if isinstance(value, torch.Tensor):
        data = value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        found[path] = {
            "dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape),
            "hex": data.hex(),
        }
    elif isinstance(value, dict):
        for key, part in value.items():
            described(part, f"{path}/{key}" if path else str(key), found)
    elif isinstance(value, list) and any(isinstance(part, (dict, list, torch.Tensor)) for part in value):
        for index, part in enumerate(value):
            described(part, f"{path}/{index}", found)
    else:
        found[path] = {"text": repr(value)}


def add(names):
    os.chdir(OUT)
    expected = json.loads((OUT / "expected.json").read_text())
    for name in names:
        shutil.rmtree(name, ignore_errors=True)
        {"old": old, "strided": strided}[name](0)
        expected[name] = converted(OUT / name)
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")


def converted(folder):
    with tempfile.TemporaryDirectory() as scratch:
        dcp_to_torch_save(folder, f"{scratch}/all.pt")
        found = {}
        described(torch.load(f"{scratch}/all.pt", weights_only=False), "", found)
        return found


if __name__ == "__main__":
    if len(sys.argv) > 2:
        add(sys.argv[2:])
        sys.exit()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    # The tables name the folders as they were given.
    os.chdir(OUT)
    single(0)
    old(0)
    strided(0)
    spread(2, "fsdp")
    spread(3, "fsdp", True, "flat")
    spread(3, "placed")
    spread(4, "mesh")
    expected = {"pieces": {}}
    described(whole(), "", expected["pieces"])
    for folder in sorted(OUT.iterdir()):
        expected[folder.name] = converted(folder)
    spread(2, "pieces")
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
