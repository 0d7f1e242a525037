"""Saves a file of tensors as several processes do with `torch.distributed.checkpoint`, each its rows.

    python checkpoint_distributed.py PROCESSES FILE.safetensors FOLDER
"""

import sys
import tempfile

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
import torch.multiprocessing as mp
from safetensors import safe_open
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Shard


def save(rank, count, store, path, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=count)
    mesh = init_device_mesh("cpu", (count,))
    model = {}
    with safe_open(path, "pt") as file:
        for key in file.keys():
            rows = file.get_slice(key)
            length = rows.get_shape()[0]
            share = -(-length // count)
            part = rows[min(rank * share, length):min((rank + 1) * share, length)].clone()
            shape = torch.Size(rows.get_shape())
            stride = torch.empty(shape, device="meta").stride()
            model[key] = DTensor.from_local(part, mesh, [Shard(0)], shape=shape, stride=stride)
    dcp.save({"model": model}, checkpoint_id=folder)
    dist.destroy_process_group()


if __name__ == "__main__":
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        mp.spawn(save, (count, f"{folder}/store", *sys.argv[2:]), nprocs=count)
