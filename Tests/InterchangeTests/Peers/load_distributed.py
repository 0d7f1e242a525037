"""Loads a folder of torch.distributed.checkpoint as its users do, and compares every tensor.

    python load_distributed.py FOLDER EXPECTED

EXPECTED is JSON: the bytes of each tensor in hexadecimal digits by its flat key. The folder is converted by
`dcp_to_torch_save`, and loaded by `dcp.load` on one process without a group, and on two and three with gloo,
where tensors with rows are DTensors in Shard(0), filled with other values before. Prints how many tensors were
equal each time, and what `dcp.load` looks for of a dictionary with a number for a key. Written with torch 2.13.0.
"""

import json
import sys
import tempfile

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing as mp
from torch.distributed.checkpoint.format_utils import dcp_to_torch_save
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Shard, distribute_tensor

FOLDER = sys.argv[1]
with open(sys.argv[2]) as file:
    EXPECTED = json.load(file)


def digits(tensor):
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex()


def converted():
    with tempfile.TemporaryDirectory() as folder:
        dcp_to_torch_save(FOLDER, f"{folder}/all.pt")
        return torch.load(f"{folder}/all.pt", weights_only=False)


def flat(value, path, found):
    if isinstance(value, torch.Tensor):
        found[path] = value
    elif isinstance(value, dict):
        for key, part in value.items():
            flat(part, f"{path}.{key}" if path else str(key), found)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            flat(part, f"{path}.{index}", found)
    return found


def load(rank, count, store, results):
    if count > 1:
        dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=count)
        mesh = init_device_mesh("cpu", (count,))
    tensors = {}
    for key, value in flat(converted(), "", {}).items():
        blank = torch.full_like(value, 77)
        tensors[key] = distribute_tensor(blank, mesh, [Shard(0)]) if count > 1 and value.dim() else blank
    dcp.load(tensors, checkpoint_id=FOLDER)
    whole = {
        key: value.full_tensor() if isinstance(value, DTensor) else value for key, value in tensors.items()
    }
    equal = sum(digits(whole[key]) == data for key, data in EXPECTED.items())
    results[rank] = equal
    if count > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    everything = converted()
    tensors = flat(everything, "", {})
    print("converted", sum(digits(tensors[key]) == data for key, data in EXPECTED.items()))
    group = everything["optim"]["param_groups"][0]
    values = {key: everything[key] for key in ("epoch", "args", "odd")}
    values |= {"lr": group["lr"], "params": group["params"], "pair": everything["pair"][1].tolist()}
    print("values", values)
    for count in (1, 2, 3):
        with tempfile.TemporaryDirectory() as folder, mp.Manager() as manager:
            results = manager.dict()
            if count == 1:
                load(0, 1, None, results)
            else:
                mp.spawn(load, (count, f"{folder}/store", results), nprocs=count)
            counts = set(results.values())
            assert len(results) == count and len(counts) == 1, dict(results)
            print(f"loaded by {count}: {counts.pop()}")
    # A dictionary whose keys are no texts is an object. PyTorch looks for `odd.1`, and then for the keys of its
    # version 2.3, among which `odd` is, but not what is in `args`.
    try:
        dcp.load({"odd": {1: ""}, "args": {"lr": 0.0}}, checkpoint_id=FOLDER)
        print("found")
    except BaseException as error:  # CheckpointException is no Exception.
        print("looked for what is not there" if "Missing key" in str(error) else error)
