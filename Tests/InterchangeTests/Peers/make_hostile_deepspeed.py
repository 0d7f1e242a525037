"""Makes broken and hostile folders of DeepSpeed's ZeRO.

    python make_hostile_deepspeed.py FOLDER

Sound folders of two ranks, of stages 2 and 3 and a universal one, are laid out as DeepSpeed 0.18.2 does, without
it; each case changes one. `sound2`, `sound3` and `sound_universal` are as they should be; those whose names begin
with `told_` are read, with a remark. Prints the name of each folder that was made. Written with torch 2.13.0.
"""

import collections
import os
import pathlib
import shutil
import struct
import sys

import torch

OUT = pathlib.Path(sys.argv[1])
CASES = {}
M2 = "mp_rank_00_model_states.pt"
M3 = ["zero_pp_rank_0_mp_rank_00_model_states.pt", "zero_pp_rank_1_mp_rank_00_model_states.pt"]
O = ["zero_pp_rank_0_mp_rank_00_optim_states.pt", "zero_pp_rank_1_mp_rank_00_optim_states.pt"]
SHAPES = [collections.OrderedDict(a=(3, 3), b=(4,)), collections.OrderedDict(c=(5,))]
FROZEN = collections.OrderedDict(f=(3,))


class Runs:
    def __reduce__(self):
        return os.system, ("true",)


def values(name):
    shape = {**SHAPES[0], **SHAPES[1], **FROZEN}[name]
    torch.manual_seed(sum(map(ord, name)))
    return torch.randn(shape)


def sized(shapes):
    return collections.OrderedDict((name, torch.Size(shape)) for name, shape in shapes.items())


def model(stage, rank):
    empty = stage == 3
    module = collections.OrderedDict(
        (name, torch.zeros(0) if empty else values(name)) for name in "abcf")
    module["alias"] = torch.zeros(0) if empty else module["a"]
    module["mean"] = torch.arange(3.0)
    frozen = values("f")
    if empty:
        frozen = torch.cat([frozen, torch.zeros(1)])[2 * rank:2 * rank + 2].clone()
    return {
        "module": module, "buffer_names": ["mean"], "optimizer": None,
        "param_shapes": [sized(shapes) for shapes in SHAPES], "frozen_param_shapes": sized(FROZEN),
        "frozen_param_fragments": collections.OrderedDict(f=frozen),
        "shared_params": {"alias": "a"} if rank == 0 else {}, "global_steps": 2, "epoch": 1,
        "ds_config": {"zero_optimization": {"stage": stage}}, "ds_version": "0.18.2"}


def state(flat):
    return {"step": torch.tensor(2.0), "exp_avg": flat * 0.5, "exp_avg_sq": flat * flat}


def groups():
    return [{"lr": 0.1, "betas": (0.9, 0.99), "params": [0]},
            {"lr": 0.2, "betas": (0.9, 0.99), "params": [1]}]


def optimizer(stage, rank):
    flat, slices = [], []
    for shapes in SHAPES:
        if stage == 3:
            parts = []
            for name in shapes:
                all = values(name).reshape(-1)
                share = -(-len(all) // 2)
                parts.append(torch.cat([all, torch.zeros(2 * share - len(all))])[rank * share:(rank + 1) * share])
            flat.append(torch.cat(parts))
            continue
        all = torch.cat([values(name).reshape(-1) for name in shapes])
        half = -(-len(all) // 4) * 2
        flat.append(all[rank * half:(rank + 1) * half].clone())
        found, start = collections.OrderedDict(), 0
        for name in shapes:
            end = start + values(name).numel()
            low, high = max(start, rank * half), min(end, (rank + 1) * half)
            if low < high:
                found[name] = Address(high - low, low - rank * half)
            start = end
        slices.append(found)
    base = {"state": {i: state(tensor) for i, tensor in enumerate(flat)}, "param_groups": groups()}
    own = {"loss_scaler": None, "overflow": False, "zero_stage": stage}
    if stage == 3:
        own.update(partition_count=2, optimizer_state_dict=base, fp32_flat_groups=flat)
    else:
        own.update(
            partition_count=[2, 2], base_optimizer_state=base, single_partition_of_fp32_groups=flat,
            group_paddings=[0, 0], param_slice_mappings=slices)
    return {"optimizer_state_dict": own, "ds_config": {}, "ds_version": "0.18.2"}


class Address:
    def __init__(self, numel, start):
        self.numel, self.start = numel, start


Address.__module__ = "deepspeed.utils.tensor_fragment"
Address.__qualname__ = Address.__name__ = "fragment_address"
module = type(sys)("deepspeed.utils.tensor_fragment")
module.fragment_address = Address
sys.modules["deepspeed"] = type(sys)("deepspeed")
sys.modules["deepspeed.utils"] = type(sys)("deepspeed.utils")
sys.modules["deepspeed.utils.tensor_fragment"] = module


def folder2():
    return {M2: model(2, 0), O[0]: optimizer(2, 0), O[1]: optimizer(2, 1)}


def folder3():
    return {M3[0]: model(3, 0), M3[1]: model(3, 1), O[0]: optimizer(3, 0), O[1]: optimizer(3, 1)}


def universal():
    files = {M2: model(2, 0)}
    for shapes in SHAPES:
        for name in shapes:
            for slot, tensor in state(values(name)).items():
                files[f"zero/{name}/{slot}.pt"] = tensor if slot == "step" else {"param": tensor, "cat_dim": 0}
            files[f"zero/{name}/fp32.pt"] = {"param": values(name), "cat_dim": 0}
    files["zero/optimizer_state.pt"] = {"zero_stage": 1, "overflow": False, "param_groups": groups()}
    return files


def parts():
    """A universal folder of a model in two parts: `a` and `b` are cut along their first axis, `c` is not."""
    files = universal()
    files["mp_rank_01_model_states.pt"] = model(2, 0)
    for name in "ab":
        for slot in ("fp32", "exp_avg", "exp_avg_sq"):
            tensor = files[f"zero/{name}/{slot}.pt"]["param"]
            files[f"zero/{name}/{slot}.pt"] = {"param": torch.cat([tensor, tensor]), "cat_dim": 0}
    return files


def plain():
    """A folder of stage 0, in which nothing is divided."""
    return {M2: {**model(2, 0), "param_shapes": None}}


def save(folder, files):
    for name, content in files.items():
        if content is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            torch.save(content, path)


def case(make):
    def taken(function):
        CASES[function.__name__] = (make, function)
        return function
    return taken


two, three, whole = case(folder2), case(folder3), case(universal)


def own(files, rank=0):
    return files[O[rank]]["optimizer_state_dict"]


# Sound ones, and those that are read with a remark.
@two
def sound2(f): pass
@three
def sound3(f): pass
@whole
def sound_universal(f): pass
@three
def told_buffer_of_other_rank(f): f[M3[1]]["module"]["mean"] = torch.ones(3)
@three
def told_value_of_other_rank(f): f[M3[1]]["epoch"] = 2
@two
def told_optimizer_taken_out(f):
    for rank in (0, 1): own(f, rank).pop("base_optimizer_state")
@two
def told_option_of_other_rank(f): own(f, 1)["base_optimizer_state"]["param_groups"][0]["lr"] = 0.3
@whole
def told_parameter_of_no_name(f): f["zero/x/fp32.pt"] = {"param": torch.ones(1)}
@whole
def told_no_options(f): f["zero/optimizer_state.pt"] = None
@two
def told_alias_of_other_values(f): f[M2]["module"]["alias"] = torch.ones(3, 3)
@two
def told_state_of_no_tensor(f): own(f)["base_optimizer_state"]["state"][7] = state(torch.ones(1))
@three
def told_extra_of_other_rank(f):
    for rank in (0, 1): f[M3[rank]]["module"]["x._extra_state"] = {"rank": rank}
@three
def told_buffer_of_one_rank(f):
    for rank in (0, 1): f[M3[rank]]["buffer_names"].append("more")
    f[M3[0]]["module"]["more"] = torch.ones(2)
@two
def told_option_of_one_rank(f): own(f, 1)["base_optimizer_state"]["param_groups"][0]["more"] = 1
@two
def told_version_of_other_rank(f): f[O[1]]["ds_version"] = "0.18.1"
@whole
def told_moment_of_no_folder(f):
    f["zero/optimizer_state.pt"]["optimizer_state_dict"] = {"state": {0: {"max_exp_avg_sq": torch.ones(7)}}}
@two
def sound_base(f):
    for rank in (0, 1): own(f, rank)["base_optimizer_state"]["more"] = 3
@two
def sound_empty(f):
    f[M2]["param_shapes"][0].update(d=torch.Size((0,)), e=torch.Size((0,)))
    f[M2]["module"].update(d=torch.zeros(0), e=torch.zeros(0))
    f[M2]["shared_params"]["e"] = "d"
@whole
def sound_vocabulary(f):
    for slot in ("fp32", "exp_avg", "exp_avg_sq"):
        saved = f[f"zero/a/{slot}.pt"]
        f[f"zero/a/{slot}.pt"] = {"param": saved["param"][:2].clone(), "cat_dim": 0, "vocab_tensor": True}
@case(lambda: parts())
def sound_parts(f): pass
@case(lambda: parts())
def parts_of_other_shape(f): f["zero/a/fp32.pt"] = {"param": torch.ones(1, 1), "cat_dim": 0}
@case(lambda: plain())
def sound_plain(f):
    f[M2]["module"].update({"body.w": torch.ones(2), "body.mean": torch.ones(1)})
    f[M2]["buffer_names"].append("body.mean")
@case(lambda: plain())
def plain_with_another_model(f):
    f[M2]["model"] = collections.OrderedDict((key, value + 1) for key, value in f[M2]["module"].items())
# Files of the folder.
@two
def model_twice(f): f["mp_rank_0_model_states.pt"] = model(2, 0)
@three
def frozen_names_of_other_rank(f):
    f[M3[1]]["frozen_param_shapes"]["g"] = torch.Size((2,))
    f[M3[1]]["frozen_param_fragments"]["g"] = torch.ones(1)
@three
def buffers_of_other_rank(f): f[M3[1]]["buffer_names"] = []
@two
def buffers_unsaid(f): f[M2]["buffer_names"] = None
@two
def buffers_of_numbers(f): f[M2]["buffer_names"] = [1]
@two
def alias_of_other_shape(f): f[M2]["module"]["alias"] = torch.ones(5)
@two
def rank_missing(f): f[O[0]] = None
@two
def last_rank_missing(f): f[O[1]] = None
@two
def all_ranks_missing(f): f[O[0]] = f[O[1]] = None
@two
def model_missing(f): f[M2] = None
@three
def model_of_rank_missing(f): f[M3[0]] = None
@three
def last_model_missing(f): f[M3[1]] = None
@three
def optimizers_missing(f): f[O[0]] = f[O[1]] = None
@two
def rank_too_many(f): f[O[0].replace("rank_0_", "rank_2_")] = optimizer(2, 1)
@two
def rank_of_a_million(f): f[O[0].replace("rank_0_", "rank_999999_")] = optimizer(2, 1)
@two
def rank_twice(f): f["bf16_" + O[0]] = optimizer(2, 0)
@two
def models_of_both_kinds(f): f[M3[0]] = model(3, 0)
@two
def model_parallel(f): f["mp_rank_01_model_states.pt"] = model(2, 0)
@two
def expert(f): f["layer_0_expert_0_mp_rank_00_model_states.pt"] = {}
@two
def expert_optimizer(f): f["expp_rank_0_mp_rank_00_optim_states.pt"] = {}
@two
def layer(f): f["layer_01-model_00-model_states.pt"] = {}
@two
def former_name(f): f["zero_pp_rank_0_mp_rank_00optim_states.pt"] = {}
@two
def universal_and_ranks(f): f["zero/a/fp32.pt"] = {"param": values("a")}
@two
def file_of_text(f): f[O[1]] = b"<html>404 Not Found</html>\n"
@two
def file_of_nothing(f): f[O[1]] = b""
@two
def file_is_pickle(f): f[O[1]] = b"\x80\x02}q\x00."
@two
def model_runs(f): f[M2]["epoch"] = Runs()
@two
def optimizer_runs(f): own(f)["overflow"] = Runs()
@three
def files_of_two_stages(f): f[O[1]] = optimizer(2, 1)
@two
def optimizers_of_stage_3(f): f[O[0]], f[O[1]] = optimizer(3, 0), optimizer(3, 1)
@three
def optimizers_of_stage_2(f): f[O[0]], f[O[1]] = optimizer(2, 0), optimizer(2, 1)
# Model states.
@two
def model_is_list(f): f[M2] = [1]
@two
def model_is_tensor(f): f[M2] = torch.ones(2)
@two
def no_module(f): del f[M2]["module"]
@two
def module_none(f): f[M2]["module"] = None
@two
def module_list(f): f[M2]["module"] = []
@two
def module_with_numbers(f): f[M2]["module"] = {1: torch.ones(2)}
@two
def no_shapes(f): f[M2]["param_shapes"] = None
@two
def shapes_text(f): f[M2]["param_shapes"] = "a"
@two
def shapes_of_numbers(f): f[M2]["param_shapes"] = [1, 2]
@two
def shape_text(f): f[M2]["param_shapes"][0]["a"] = "3"
@two
def shape_negative(f): f[M2]["param_shapes"][0]["a"] = (-3, 3)
@two
def shape_huge(f): f[M2]["param_shapes"][0]["a"] = (2**62, 3)
@two
def shape_huge_and_empty(f): f[M2]["param_shapes"][0]["a"] = (0, 2**62, 2**62)
@two
def shape_larger(f): f[M2]["param_shapes"][0]["a"] = torch.Size((9, 9))
@two
def shape_smaller(f): f[M2]["param_shapes"][0]["a"] = torch.Size((1, 1))
@two
def shape_turned(f): f[M2]["param_shapes"][0]["a"] = torch.Size((9, 1))
@two
def shapes_in_other_order(f): f[M2]["param_shapes"][0].move_to_end("a")
@two
def name_twice(f): f[M2]["param_shapes"][1]["a"] = torch.Size((3, 3))
@two
def name_frozen_too(f): f[M2]["frozen_param_shapes"]["a"] = torch.Size((3, 3))
@two
def name_buffer_too(f): f[M2]["buffer_names"].append("a")
@two
def group_missing(f): f[M2]["param_shapes"].pop()
@two
def group_too_many(f): f[M2]["param_shapes"].append(sized({"d": (2,)}))
@two
def alias_of_number(f): f[M2]["shared_params"]["alias"] = 3
@two
def alias_is_parameter(f): f[M2]["shared_params"]["b"] = "a"
@two
def alias_list(f): f[M2]["shared_params"] = ["alias"]
@two
def frozen_missing(f): del f[M2]["frozen_param_fragments"]["f"]
@two
def frozen_of_other_shape(f): f[M2]["frozen_param_fragments"]["f"] = torch.ones(4)
@two
def frozen_no_tensor(f): f[M2]["frozen_param_fragments"]["f"] = 1
@three
def frozen_short(f): f[M3[1]]["frozen_param_fragments"]["f"] = torch.ones(1)
@three
def frozen_of_other_type(f): f[M3[1]]["frozen_param_fragments"]["f"] = torch.ones(2).half()
@three
def frozen_of_rank_missing(f): f[M3[1]]["frozen_param_fragments"] = None
@three
def names_of_other_rank(f): f[M3[1]]["param_shapes"][0] = sized({"a": (3, 3), "z": (4,)})
@three
def part_of_nobody(f): f[M3[0]]["module"]["g"] = torch.zeros(0)
@two
def module_of_other_shape(f): f[M2]["module"]["b"] = torch.ones(5)
@two
def module_no_tensor(f): f[M2]["module"]["b"] = 3
@two
def module_on_meta(f): f[M2]["module"]["mean"] = torch.ones(3, device="meta")
@two
def module_sparse(f): f[M2]["module"]["mean"] = torch.eye(3).to_sparse()
# Optimizer states.
@two
def no_state(f): del f[O[1]]["optimizer_state_dict"]
@two
def state_list(f): f[O[1]]["optimizer_state_dict"] = []
@two
def stage_text(f): own(f)["zero_stage"] = "two"
@two
def stage_4(f): own(f)["zero_stage"] = 4
@two
def stage_0(f): own(f)["zero_stage"] = 0
@two
def count_3(f): own(f)["partition_count"] = [3, 3]
@two
def count_1(f): own(f)["partition_count"] = [1, 1]
@two
def count_uneven(f): own(f)["partition_count"] = [2, 1]
@two
def count_missing(f): del own(f)["partition_count"]
@two
def count_empty(f): own(f)["partition_count"] = []
@two
def count_huge(f): own(f)["partition_count"] = 2**63 - 1
@two
def weights_missing(f): del own(f)["single_partition_of_fp32_groups"]
@two
def weights_number(f): own(f)["single_partition_of_fp32_groups"][0] = 3
@two
def weights_of_two_axes(f): own(f)["single_partition_of_fp32_groups"][0] = torch.ones(2, 4)
@two
def weights_of_one_group(f): own(f)["single_partition_of_fp32_groups"].pop()
@two
def weights_short(f): own(f, 1)["single_partition_of_fp32_groups"][0] = torch.ones(4)
@two
def weights_long(f): own(f, 1)["single_partition_of_fp32_groups"][0] = torch.ones(12)
@two
def weights_short_before(f): own(f)["single_partition_of_fp32_groups"][0] = torch.ones(7)
@two
def weights_of_other_type(f): own(f, 1)["single_partition_of_fp32_groups"][0] = torch.ones(5).half()
@two
def weights_on_meta(f): own(f)["single_partition_of_fp32_groups"][0] = torch.ones(8, device="meta")
@two
def weights_repeated(f): own(f)["single_partition_of_fp32_groups"][0] = torch.ones(1).expand(2**40)
@three
def share_short(f): own(f, 1)["fp32_flat_groups"][0] = torch.ones(6)
@three
def shares_long(f):
    for rank in (0, 1): own(f, rank)["fp32_flat_groups"][0] = torch.ones(8)
@three
def shares_missing(f): del own(f, 1)["fp32_flat_groups"]
@three
def share_of_other_type(f): own(f, 1)["fp32_flat_groups"][1] = torch.ones(3).double()
@two
def slice_elsewhere(f): own(f)["param_slice_mappings"][0]["a"].start = 1
@two
def slice_longer(f): own(f, 1)["param_slice_mappings"][0]["b"].numel = 5
@two
def slice_missing(f): del own(f)["param_slice_mappings"][0]["a"]
@two
def slice_no_address(f): own(f)["param_slice_mappings"][0]["a"] = 3
@two
def told_moment_short(f): own(f)["base_optimizer_state"]["state"][0]["exp_avg"] = torch.ones(3)
@two
def told_moment_long(f): own(f)["base_optimizer_state"]["state"][0]["exp_avg"] = torch.ones(9)
@two
def told_moment_of_two_axes(f):
    for rank in (0, 1): own(f, rank)["base_optimizer_state"]["state"][0]["exp_avg"] = torch.ones(2, 4)
@two
def moment_of_one_rank(f): del own(f)["base_optimizer_state"]["state"][0]["exp_avg"]
@two
def moment_of_other_type(f): own(f, 1)["base_optimizer_state"]["state"][0]["exp_avg"] = torch.ones(8).double()
@two
def step_of_other_rank(f): own(f, 1)["base_optimizer_state"]["state"][0]["step"] = torch.tensor(3.0)
@two
def state_of_one_rank(f): own(f, 1)["base_optimizer_state"]["state"] = {}
@two
def state_a_number(f): own(f)["base_optimizer_state"]["state"][0] = 7
@two
def state_none(f): del own(f)["base_optimizer_state"]["state"]
@two
def base_of_one_rank(f): del own(f)["base_optimizer_state"]
@two
def groups_of_other_tensors(f): own(f)["base_optimizer_state"]["param_groups"][0]["params"] = [1]
@two
def groups_too_few(f): own(f)["base_optimizer_state"]["param_groups"].pop()
@two
def groups_without_tensors(f): del own(f)["base_optimizer_state"]["param_groups"][0]["params"]
# Universal folders.
@whole
def universal_parameter_missing(f):
    for slot in ("fp32", "exp_avg", "exp_avg_sq", "step"): f[f"zero/b/{slot}.pt"] = None
@whole
def universal_weights_missing(f): f["zero/b/fp32.pt"] = None
@whole
def universal_of_other_shape(f): f["zero/b/fp32.pt"] = {"param": torch.ones(5)}
@whole
def universal_flat_short(f): f["zero/a/fp32.pt"] = torch.ones(8)
@whole
def universal_flat_long(f): f["zero/a/fp32.pt"] = torch.ones(20)
@whole
def universal_moment_of_other_shape(f): f["zero/b/exp_avg.pt"] = {"param": torch.ones(2)}
@whole
def universal_no_tensor(f): f["zero/b/fp32.pt"] = {"param": 3}
@whole
def universal_number(f): f["zero/b/fp32.pt"] = 3
@whole
def universal_of_text(f): f["zero/b/fp32.pt"] = b"no archive"
@whole
def universal_runs(f): f["zero/b/step.pt"] = Runs()
@whole
def universal_name_above(f): f[M2]["param_shapes"][0]["../x"] = torch.Size((1,))
@whole
def universal_name_of_folder(f): f[M2]["param_shapes"][0]["."] = torch.Size((1,))
@whole
def universal_groups_twice(f): f["zero/optimizer_state.pt"]["param_groups"][1]["params"] = [0]
@whole
def universal_groups_of_others(f): f["zero/optimizer_state.pt"]["param_groups"][1]["params"] = [5]
@whole
def universal_group_missing(f): f["zero/optimizer_state.pt"]["param_groups"].pop()


def cut(folder):
    """Copies of which one file is cut short, or has a byte that is another."""
    for name, files in (("2", folder2()), ("3", folder3())):
        sound = folder / f"sound{name}"
        for number, file in enumerate(sorted(files)):
            data = (sound / file).read_bytes()
            for place in (0.1, 0.5, 0.97):
                copy = folder / f"cut{name}_{number}_{int(100 * place)}"
                shutil.copytree(sound, copy)
                (copy / file).write_bytes(data[:int(len(data) * place)])
                yield copy.name
            copy = folder / f"directory{name}_{number}"
            shutil.copytree(sound, copy)
            changed = bytearray(data)
            struct.pack_into("<I", changed, len(data) - 6, len(data))
            (copy / file).write_bytes(changed)
            yield copy.name


def tags(folder):
    """Folders of which `latest` says something that is not there."""
    for name, text in (("tag_missing", b"global_step9"), ("tag_above", b"../sound2"), ("tag_empty", b"")):
        (folder / name).mkdir()
        (folder / name / "latest").write_bytes(text)
        (folder / name / "global_step1").mkdir()
        yield name


if __name__ == "__main__":
    names = []
    for name, (make, change) in CASES.items():
        files = make()
        change(files)
        save(OUT / name, files)
        names.append(name)
    names += cut(OUT)
    names += tags(OUT)
    print("\n".join(names))
