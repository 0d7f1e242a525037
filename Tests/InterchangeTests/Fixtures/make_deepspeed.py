"""Makes checkpoints of DeepSpeed's ZeRO, and what DeepSpeed itself finds in them.

    python make_deepspeed.py [folder]

Made with deepspeed 0.18.2 and torch 2.13.0 (CPU, gloo), seed 20261130. Of each folder `expected.json` has

- `fp32`: what `get_fp32_state_dict_from_zero_checkpoint` of `deepspeed.utils.zero_to_fp32` makes of it (for
  universal folders: of that from which they come); of `plain`, which it refuses, the state dict;
- `moments`: what the engine held as it saved: `safe_get_full_optimizer_state` of each parameter;
- `module`: of the state dict of the model as it was trained what `fp32` has not, as frozen parameters at stage 1,
  and the buffers that are of another type there.

Those of universal folders are as those from which they come.

The folders, each with `latest` and the folder of its tag:

- `zero1`: stage 1 on two ranks; `zero2`: stage 2 on three, with a value of the user's that differs by rank;
- `zero3`: stage 3 on two ranks; `zero3_groups`: the same on three, in subgroups of few elements;
- `bf16`: stage 2 on two ranks, of a model in bfloat16;
- `plain`: stage 0, which has no partition;
- `universal1`, `universal3`: what `ds_to_universal` makes of `zero1` and `zero3`.

The model has two groups of parameters, sizes that the ranks do not divide, a frozen parameter, tied weights, and
buffers, one of them of integers.
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile

os.environ["DS_ACCELERATOR"] = "cpu"

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

import deepspeed
from deepspeed.checkpoint import ds_to_universal
from deepspeed.utils import safe_get_full_optimizer_state
from deepspeed.utils.zero_to_fp32 import get_fp32_state_dict_from_zero_checkpoint

torch.set_num_threads(1)

SEED = 20261130
TAG = "global_step2"
BUFFERS = ("scale", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked")
OUT = pathlib.Path(
    sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "deepspeed").resolve()

FOLDERS = {
    "zero1": (2, {"zero_optimization": {"stage": 1}}),
    "zero2": (3, {"zero_optimization": {"stage": 2}}),
    "zero3": (2, {"zero_optimization": {"stage": 3}}),
    "zero3_groups": (3, {"zero_optimization": {"stage": 3, "sub_group_size": 10}}),
    "bf16": (2, {"zero_optimization": {"stage": 2}, "bf16": {"enabled": True}}),
    "plain": (1, {"zero_optimization": {"stage": 0}}),
}


class Network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(7, 3)
        self.body = torch.nn.Linear(3, 5)
        self.norm = torch.nn.BatchNorm1d(5)
        self.frozen = torch.nn.Linear(5, 3, bias=False)
        self.frozen.weight.requires_grad_(False)
        self.head = torch.nn.Linear(3, 7, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("scale", torch.tensor([0.5, 2.0, 4.0]))

    def forward(self, tokens):
        hidden = self.norm(self.body(self.embedding(tokens)))
        return self.head(self.frozen(hidden) * self.scale.to(hidden.dtype))


def trained(name, rank, folder):
    # Otherwise it compiles a module in C++ for the processes of one machine.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    torch.manual_seed(SEED)
    network = Network()
    plain = [p for n, p in network.named_parameters() if p.requires_grad and "bias" in n]
    decayed = [p for n, p in network.named_parameters() if p.requires_grad and "bias" not in n]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": plain, "weight_decay": 0.0}], lr=1e-2)
    count, changes = FOLDERS[name]
    engine, _, _, _ = deepspeed.initialize(
        model=network, optimizer=optimizer,
        config={
            "train_batch_size": 4 * count, "train_micro_batch_size_per_gpu": 4,
            "zero_allow_untested_optimizer": True, "zero_force_ds_cpu_optimizer": False, **changes})
    for step in range(2):
        torch.manual_seed(SEED + 10 * step + rank)
        tokens = torch.randint(0, 7, (4,))
        engine.backward(engine(tokens).float().square().mean())
        engine.step()
    engine.save_checkpoint(
        folder, tag=TAG, client_state={"epoch": 2, "notes": ["first", None], "rank": min(rank, 1)})
    if hasattr(engine.optimizer, "_lazy_init_hp_params_optimizer_state"):
        # The engine linked them before the first step, when torch's optimizers have no state yet.
        engine.optimizer._hp_optimizer_states_linked = False
        engine.optimizer._lazy_init_hp_params_optimizer_state()
    moments = {}
    for key, parameter in engine.module.named_parameters():
        if not parameter.requires_grad or name == "plain":
            continue
        # All ranks take part in gathering.
        moments[key] = {
            slot: described(safe_get_full_optimizer_state(parameter, slot))
            for slot in ("exp_avg", "exp_avg_sq")}
    if name.startswith("zero3"):
        with deepspeed.zero.GatheredParameters(list(engine.module.parameters())):
            module = all_described(engine.module.state_dict())
    else:
        module = all_described(engine.module.state_dict())
    if rank == 0:
        (pathlib.Path(folder) / "held.json").write_text(
            json.dumps({"moments": moments, "module": module}))


def worker(rank, name, folder, store):
    count = FOLDERS[name][0]
    os.environ.update(
        RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(count), MASTER_ADDR="127.0.0.1",
        MASTER_PORT="29511")
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=count)
    trained(name, rank, folder)
    dist.destroy_process_group()


def described(tensor):
    data = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return {
        "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape),
        "hex": data.hex()}


def all_described(state):
    return {key: described(value) for key, value in state.items() if torch.is_tensor(value)}


def judged(folder):
    return all_described(get_fp32_state_dict_from_zero_checkpoint(str(folder)))


def universal(source, target):
    ds_to_universal.main(
        argparse.Namespace(
            input_folder=str(source / TAG), output_folder=str(target / TAG), num_extract_workers=1,
            num_merge_workers=1, keep_temp_folder=False, strict=True, inject_missing_state=True))


def make(name):
    # Forked, since importing takes far longer than training; PyTorch has no threads yet.
    with tempfile.TemporaryDirectory() as scratch:
        mp.start_processes(
            worker, (name, str(OUT / name), f"{scratch}/store"), nprocs=FOLDERS[name][0],
            start_method="fork")
    (OUT / name / "zero_to_fp32.py").unlink(missing_ok=True)


def found(name):
    held = json.loads((OUT / name / "held.json").read_text())
    (OUT / name / "held.json").unlink()
    weights = held["module"] if name == "plain" else judged(OUT / name)
    module = {
        key: tensor for key, tensor in held["module"].items()
        if key not in weights or key in BUFFERS and tensor != weights[key]}
    return {"module": module, "moments": held["moments"], "fp32": weights}


if __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    for name in FOLDERS:
        make(name)
    expected = {name: found(name) for name in FOLDERS}
    for number in (1, 3):
        universal(OUT / f"zero{number}", OUT / f"universal{number}")
    (OUT / "expected.json").write_text(json.dumps(expected, sort_keys=True) + "\n")
