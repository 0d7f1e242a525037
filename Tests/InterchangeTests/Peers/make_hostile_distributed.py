"""Makes broken and hostile folders of a distributed checkpoint out of a sound one.

    python make_hostile_distributed.py SOUND FOLDER

SOUND is the folder `placed` of `make_distributed.py`: its table is changed with PyTorch's own classes and
pickled again, or the bytes of its files are; others are saved anew. Those whose names begin with `told_` are
read, with a remark. Prints the name of each folder that was made. Written with torch
2.13.0.
"""

import copy
import dataclasses
import io
import os
import pathlib
import pickle
import shutil
import struct
import sys

import torch
import torch.distributed.checkpoint as dcp
from torch.distributed.checkpoint.filesystem import (
    FileSystemWriter, SerializationFormat, _StorageInfo)
from torch.distributed.checkpoint.metadata import (
    BytesStorageMetadata, ChunkStorageMetadata, Metadata, MetadataIndex, TensorProperties,
    TensorStorageMetadata)

SOUND, OUT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
TABLE = pickle.loads((SOUND / ".metadata").read_bytes())
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def index(table, key, number=0):
    return [entry for entry in table.storage_data if entry.fqn == key][number]


def moved(table, key, number=0, **changes):
    entry = index(table, key, number)
    table.storage_data[entry] = dataclasses.replace(table.storage_data[entry], **changes)


def chunk(table, key, number, offsets=None, sizes=None):
    old = table.state_dict_metadata[key].chunks[number]
    table.state_dict_metadata[key].chunks[number] = ChunkStorageMetadata(
        torch.Size(offsets) if offsets is not None else old.offsets,
        torch.Size(sizes) if sizes is not None else old.sizes)
    if offsets is not None:
        for entry in list(table.storage_data):
            if entry.fqn == key and entry.offset == old.offsets:
                table.storage_data[MetadataIndex(key, torch.Size(offsets), entry.index)] = (
                    table.storage_data.pop(entry))


# Boxes.
@case
def box_missing(table):
    old = table.state_dict_metadata["rows"].chunks.pop(1)
    table.storage_data = {
        entry: info for entry, info in table.storage_data.items()
        if (entry.fqn, entry.offset) != ("rows", old.offsets)}


@case
def box_missing_but_stored(table): table.state_dict_metadata["rows"].chunks.pop(1)


@case
def box_twice(table): table.state_dict_metadata["rows"].chunks *= 2


@case
def no_boxes(table):
    table.state_dict_metadata["rows"].chunks.clear()
    table.storage_data = {k: v for k, v in table.storage_data.items() if k.fqn != "rows"}


@case
def box_moved_up(table): chunk(table, "rows", 1, offsets=(2, 0))


@case
def box_moved_down(table): chunk(table, "columns", 2, offsets=(0, 7))


@case
def box_negative(table): chunk(table, "rows", 1, offsets=(-1, 0))


@case
def box_far(table): chunk(table, "rows", 1, offsets=(2**63 - 1, 0))


@case
def box_longer(table): chunk(table, "rows", 0, sizes=(4, 4))


@case
def box_shorter(table): chunk(table, "rows", 0, sizes=(2, 4))


@case
def box_of_huge_size(table): chunk(table, "rows", 0, sizes=(2**62, 4))


@case
def box_of_one_axis(table): chunk(table, "rows", 0, sizes=(3,))


@case
def box_transposed(table): chunk(table, "rows", 0, sizes=(4, 3))


@case
def shape_larger(table): table.state_dict_metadata["rows"].size = torch.Size((8, 4))


@case
def shape_smaller(table): table.state_dict_metadata["rows"].size = torch.Size((6, 4))


@case
def shape_huge(table): table.state_dict_metadata["rows"].size = torch.Size((2**62, 2**62))


@case
def shape_negative(table): table.state_dict_metadata["rows"].size = (-7, 4)


@case
def shape_of_texts(table): table.state_dict_metadata["rows"].size = ("7", "4")


@case
def shape_of_other_rank(table): table.state_dict_metadata["rows"].size = torch.Size((28,))


@case
def shape_of_many_axes(table):
    table.state_dict_metadata["rows"].size = torch.Size((1,) * 4000 + (7, 4))


@case
def shape_huge_and_empty(table):
    whole = torch.Size((0, 2**62, 2**62))
    table.state_dict_metadata["rows"].size = whole
    table.state_dict_metadata["rows"].chunks = [ChunkStorageMetadata(torch.Size((0, 0, 0)), whole)]
    table.storage_data = {k: v for k, v in table.storage_data.items() if k.fqn != "rows"}


# Where pieces are.
@case
def file_missing(table): moved(table, "rows", relative_path="__7_0.distcp")


@case
def file_above(table): moved(table, "rows", relative_path="../placed/__0_0.distcp")


@case
def file_absolute(table): moved(table, "rows", relative_path="/etc/passwd")


@case
def file_is_the_folder(table): moved(table, "rows", relative_path=".")


@case
def file_without_name(table): moved(table, "rows", relative_path="")


@case
def file_with_nul(table): moved(table, "rows", relative_path="a\0b")


@case
def file_is_the_table(table): moved(table, "rows", relative_path=".metadata", offset=0, length=64)


@case
def offset_negative(table): moved(table, "rows", offset=-1)


@case
def offset_beyond(table): moved(table, "rows", offset=1 << 40)


@case
def offset_overflows(table): moved(table, "rows", offset=2**63 - 1, length=2**63 - 1)


@case
def offset_too_large_for_64_bits(table): moved(table, "rows", offset=1 << 70)


@case
def offset_a_text(table): moved(table, "rows", offset="0")


@case
def offset_shifted(table): moved(table, "all", offset=table.storage_data[index(table, "all")].offset + 1)


@case
def length_zero(table): moved(table, "rows", length=0)


@case
def length_negative(table): moved(table, "rows", length=-5)


@case
def length_shorter(table): moved(table, "rows", length=900)


@case
def length_longer(table): moved(table, "rows", length=1 << 30)


@case
def pieces_over_each_other(table):
    moved(table, "rows", 0, length=table.storage_data[index(table, "rows", 0)].length + 40)


@case
def two_boxes_of_the_same_bytes(table):
    first, second = (index(table, "rows", number) for number in (0, 1))
    table.storage_data[second] = table.storage_data[first]


@case
def another_tensors_bytes(table):
    table.storage_data[index(table, "all")] = table.storage_data[index(table, "brain")]


@case
def transformed(table): moved(table, "rows", transform_descriptors=["zstd"])


@case
def not_said_where(table): del table.storage_data[index(table, "all")]


@case
def nothing_said_where(table): table.storage_data = None


@case
def unknown_key_stored(table):
    table.storage_data[MetadataIndex("ghost", torch.Size((0,)))] = table.storage_data[index(table, "all")]


# What is said of keys.
@case
def type_other(table):
    old = table.state_dict_metadata["all"].properties
    table.state_dict_metadata["all"].properties = dataclasses.replace(old, dtype=torch.float64)


@case
def type_of_same_size(table):
    old = table.state_dict_metadata["all"].properties
    table.state_dict_metadata["all"].properties = dataclasses.replace(old, dtype=torch.int32)


@case
def type_quantised(table):
    old = table.state_dict_metadata["all"].properties
    table.state_dict_metadata["all"].properties = dataclasses.replace(old, dtype=torch.qint8)


@case
def properties_missing(table): table.state_dict_metadata["all"].properties = None


@case
def entry_a_number(table): table.state_dict_metadata["all"] = 7


@case
def entry_of_another_class(table): table.state_dict_metadata["all"] = TensorProperties()


@case
def key_a_number(table): table.state_dict_metadata[5] = table.state_dict_metadata.pop("all")


@case
def bytes_for_a_tensor(table):
    table.state_dict_metadata["all"] = BytesStorageMetadata()


@case
def table_of_keys_missing(table): table.state_dict_metadata = None


@case
def version_of_the_future(table): table.version = "2.0.0"


@case
def path_to_another_value(table): table.planner_data["all"] = ("rows",)


@case
def path_through_a_value(table): table.planner_data["all"] = ("rows", "inner")


@case
def path_without_steps(table): table.planner_data["all"] = ()


@case
def path_a_number(table): table.planner_data["all"] = 3


@case
def path_with_a_float(table): table.planner_data["all"] = ("x", 1.5)


@case
def path_to_a_far_element(table): table.planner_data["all"] = ("x", 1 << 40)


@case
def path_to_a_negative_element(table): table.planner_data["all"] = ("x", -1)


@case
def path_to_a_second_element_alone(table): table.planner_data["all"] = ("x", 1)


@case
def paths_a_number(table): table.planner_data = 3


@case
def offsets_with_many_axes(table):
    # A tuple of a hundred thousand lengths, which five thousand pieces share.
    place, info = (0,) * 100_000, table.storage_data[index(table, "all")]
    for number in range(5000):
        entry = MetadataIndex(f"x{number}", None, 0)
        table.storage_data[entry] = info
        # Its own constructor copies it.
        object.__setattr__(entry, "offset", place)


@case
def path_deep(table): table.planner_data["all"] = ("x",) * 5000


# Files.
def edit(folder, name, change):
    path = folder / name
    path.write_bytes(change(bytearray(path.read_bytes())))


def cut(count):
    return lambda data: data[:count] if count >= 0 else data[:len(data) + count]


def flipped(place):
    def change(data):
        data[place] ^= 0xFF
        return data
    return change


class Runs:
    def __reduce__(self):
        return os.system, ("true",)


FILES = {
    "no_table": lambda folder: (folder / ".metadata").unlink(),
    "table_unfinished": lambda folder: (folder / ".metadata").rename(folder / ".metadata.tmp"),
    "table_empty": lambda folder: (folder / ".metadata").write_bytes(b""),
    "table_cut": lambda folder: edit(folder, ".metadata", cut(-1)),
    "table_cut_early": lambda folder: edit(folder, ".metadata", cut(40)),
    "table_with_more": lambda folder: edit(folder, ".metadata", lambda data: data + b"x"),
    "table_of_text": lambda folder: (folder / ".metadata").write_text("hello"),
    "table_of_another_object": lambda folder: (folder / ".metadata").write_bytes(pickle.dumps({"a": 1})),
    "table_runs": lambda folder: (folder / ".metadata").write_bytes(pickle.dumps(Runs())),
    "table_calls": lambda folder: (folder / ".metadata").write_bytes(
        b"\x80\x02cos\nsystem\nX\x04\0\0\0true\x85R."),
    "table_a_folder": lambda folder: ((folder / ".metadata").unlink(), (folder / ".metadata").mkdir()),
    "table_nests": lambda folder: (folder / ".metadata").write_bytes(
        b"\x80\x02" + b"]" * 100_000 + b"a" * 99_999 + b"."),
    "piece_file_missing": lambda folder: (folder / "__1_0.distcp").unlink(),
    "piece_file_empty": lambda folder: (folder / "__1_0.distcp").write_bytes(b""),
    "piece_file_cut": lambda folder: edit(folder, "__2_0.distcp", cut(-1)),
    "piece_file_half": lambda folder: edit(folder, "__0_0.distcp", lambda data: data[:len(data) // 2]),
    "piece_file_of_zeros": lambda folder: edit(folder, "__0_0.distcp", lambda data: bytes(len(data))),
    "piece_file_a_folder": lambda folder: (
        (folder / "__1_0.distcp").unlink(), (folder / "__1_0.distcp").mkdir()),
    "piece_header_flipped": lambda folder: edit(folder, "__0_0.distcp", flipped(0)),
    "piece_name_flipped": lambda folder: edit(folder, "__0_0.distcp", flipped(32)),
    "piece_end_flipped": lambda folder: edit(folder, "__1_0.distcp", flipped(-20)),
    "pieces_swapped": lambda folder: (
        (folder / "__0_0.distcp").rename(folder / "x"), (folder / "__1_0.distcp").rename(
            folder / "__0_0.distcp"), (folder / "x").rename(folder / "__1_0.distcp")),
}


def saved(tensors, folder, **options):
    dcp.save(tensors, storage_writer=FileSystemWriter(folder, **options), no_dist=True)
    return pickle.loads((folder / ".metadata").read_bytes())


def where(table, key): return next(v for k, v in table.storage_data.items() if k.fqn == key)


def written(table, folder): (folder / ".metadata").write_bytes(pickle.dumps(table, protocol=2))


def one_number(count):
    data = io.BytesIO()
    torch.save(torch.zeros(1).expand(count), data)
    return data.getvalue()


def many_corners(folder):
    # 25 axes, and of all elements one is there.
    table = saved({"all": torch.ones([1] * 25)}, folder)
    table.state_dict_metadata["all"].size = torch.Size([2] * 25)
    written(table, folder)


def repeated(folder):
    # A piece of a kilobyte that is 512 MB long, under three keys.
    data, size = one_number(1 << 27), torch.Size((1 << 27,))
    (folder / "__0_0.distcp").write_bytes(data)
    chunks = [ChunkStorageMetadata(torch.Size((0,)), size)]
    keys = ["a", "b", "c"]
    written(Metadata(
        {key: TensorStorageMetadata(TensorProperties(dtype=torch.float32), size, chunks) for key in keys},
        {key: (key,) for key in keys},
        {MetadataIndex(key, torch.Size((0,)), 0): _StorageInfo("__0_0.distcp", 0, len(data))
         for key in keys}), folder)


def repeated_in_pieces(folder):
    # One tensor of twelve such pieces.
    size, count = torch.Size((1, 1 << 27)), 12
    data = io.BytesIO()
    torch.save(torch.zeros(1).expand(1, 1 << 27), data)
    data = data.getvalue()
    (folder / "__0_0.distcp").write_bytes(data * count)
    places = [torch.Size((number, 0)) for number in range(count)]
    written(Metadata(
        {"a": TensorStorageMetadata(
            TensorProperties(dtype=torch.float32), torch.Size((count, 1 << 27)),
            [ChunkStorageMetadata(place, size) for place in places])},
        {"a": ("a",)},
        {MetadataIndex("a", place, number): _StorageInfo("__0_0.distcp", number * len(data), len(data))
         for number, place in enumerate(places)}), folder)


def objects(folder, change):
    info = where(saved({"w": torch.ones(2), "epoch": 3}, folder), "epoch")

    def changed(data):
        data[info.offset:info.offset + info.length] = change(
            data[info.offset:info.offset + info.length])
        return data

    edit(folder, info.relative_path, changed)


def separate_tables(folder):
    saved({"w": torch.ones(2)}, folder)
    (folder / ".metadata").rename(folder / "__0.metadata")


# What is read, and told.
def lost_key(folder):
    table = saved({"w": torch.ones(2), "v": torch.ones(3)}, folder)
    del table.state_dict_metadata["v"]
    table.storage_data = {k: v for k, v in table.storage_data.items() if k.fqn != "v"}
    written(table, folder)


def stray_file(folder):
    saved({"w": torch.ones(2)}, folder)
    shutil.copy(folder / "__0_0.distcp", folder / "__9_0.distcp")


def other_files(folder):
    """What Megatron and Lightning keep beside the folder's own."""
    saved({"w": torch.ones(2)}, folder)
    torch.save({"iteration": 3, "w": 5}, folder / "meta.pt")
    torch.save({"iteration": 4, "random": torch.arange(3), 7: 8}, folder / "common.pt")


def lightning(folder):
    """As Lightning's strategies for FSDP and for several dimensions save: the rest of the checkpoint in `meta.pt`."""
    model = {"layer.weight": torch.ones(2, 3), "layer.bias": torch.zeros(2)}
    slots = {name: {"step": torch.tensor(4.0), "exp_avg": value * 2, "exp_avg_sq": value * 3}
             for name, value in model.items()}
    group = {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False,
             "params": list(model)}
    saved({"model": model, "optimizer_0": {"state": slots, "param_groups": [group]}}, folder)
    torch.save(
        {"epoch": 2, "global_step": 4, "pytorch-lightning_version": "2.6.6", "callbacks": {}, "loops": {"fit_loop": {}},
         "lr_schedulers": [{"last_epoch": 2}], "hyper_parameters": {"width": 3}},
        folder / "meta.pt")


def accelerate(folder):
    """As Accelerate's FSDP saves in shards: a folder of the model, one of the optimizer, and files beside them."""
    model = {"layer.weight": torch.ones(2, 3), "layer.bias": torch.zeros(2), "scale": torch.ones(1)}
    names = ["layer.weight", "layer.bias"]
    slots = {name: {"step": torch.tensor(4.0), "exp_avg": model[name] * 2} for name in names}
    for name, content in (
        ("pytorch_model_fsdp_0", {"model": model}),
        ("optimizer_0", {"optimizer": {"state": slots, "param_groups": [{"lr": 0.1, "params": names}]}}),
    ):
        (folder / name).mkdir()
        saved(content, folder / name)
    torch.save({"last_epoch": 2}, folder / "scheduler.bin")


def accelerate_without(folder, name):
    accelerate(folder)
    (folder / name).unlink()


def accelerate_twice(folder):
    accelerate(folder)
    shutil.copytree(folder / "pytorch_model_fsdp_0", folder / "pytorch_model_fsdp_1")


def companion(folder, change):
    lightning(folder)
    change(folder / "meta.pt")


def rank_ten(folder):
    """The files of the ranks 0, 2 and 10."""
    shutil.copytree(SOUND, folder, dirs_exist_ok=True)
    table = copy.deepcopy(TABLE)
    for entry, info in table.storage_data.items():
        if info.relative_path == "__1_0.distcp":
            table.storage_data[entry] = dataclasses.replace(info, relative_path="__10_0.distcp")
    (folder / "__1_0.distcp").rename(folder / "__10_0.distcp")
    written(table, folder)


# Folders of other objects.
OTHERS = {
    "many_corners": many_corners,
    "repeated": repeated,
    "repeated_in_pieces": repeated_in_pieces,
    "object_of_zeros": lambda folder: objects(folder, lambda data: bytes(len(data))),
    "object_header_flipped": lambda folder: objects(folder, lambda data: flipped(0)(data)),
    "object_like_safetensors": lambda folder: objects(
        folder, lambda data: (struct.pack("<Q", 32) + b'{"a":1}' + bytes(len(data)))[:len(data)]),
    "safetensors_of_one_size": lambda folder: saved(
        {"a": torch.ones(3), "b": torch.ones(3)}, folder,
        serialization_format=SerializationFormat.SAFETENSORS),
    "safetensors_of_several_sizes": lambda folder: saved(
        {"a": torch.ones(3), "b": torch.ones(3), "c": torch.ones(5)}, folder,
        serialization_format=SerializationFormat.SAFETENSORS),
    "separate_tables": separate_tables,
    "accelerate_twice": accelerate_twice,
    "accelerate_without_table": lambda folder: accelerate_without(folder, "pytorch_model_fsdp_0/.metadata"),
    "accelerate_without_pieces": lambda folder: accelerate_without(folder, "optimizer_0/__0_0.distcp"),
    "meta_cut": lambda folder: companion(folder, lambda path: path.write_bytes(path.read_bytes()[:300])),
    "meta_of_text": lambda folder: companion(folder, lambda path: path.write_text("no archive")),
    "meta_runs": lambda folder: companion(folder, lambda path: torch.save({"epoch": Runs()}, path)),
    "list_with_a_hole": lambda folder: saved({"l": [{}, {"a": torch.ones(2)}]}, folder),
}

TOLD = {"told_lost_key": lost_key, "told_stray_file": stray_file, "told_other_files": other_files,
        "told_rank_ten": rank_ten, "told_lightning": lightning,
        "told_accelerate": accelerate}


def make(name):
    folder = OUT / name
    shutil.copytree(SOUND, folder)
    print(name)
    return folder


for name, change in CASES.items():
    table = copy.deepcopy(TABLE)
    change(table)
    (make(name) / ".metadata").write_bytes(pickle.dumps(table, protocol=2))
for name, change in FILES.items():
    change(make(name))
for name, build in (OTHERS | TOLD).items():
    (OUT / name).mkdir()
    build(OUT / name)
    print(name)
