"""Makes the PyTorch files that the tests read, and beside each what is in it.

    python make_pytorch.py [folder]

Pinned: torch 2.13.0+cpu, numpy 2.4.6. The expected content is written from the live objects, never
from the files, by `pytorch_expected.py`, in the form that `Dump.swift` gives for what Ballast reads: a line per fact.
"""

import argparse
import collections
import datetime
import io
import pathlib
import pickle
import struct
import tarfile
import warnings
import zipfile

import numpy as np
import torch
from torch import nn

from pytorch_expected import (
    BUFFERS, OUT, PLAIN, Known, further_optimizer, guessed, items, named_optimizer, plain, structure, text, versions_of,
    write)

warnings.filterwarnings("ignore")


# Models


class Net(nn.Module):
    """Buffers between parameters, a tie, and a buffer that is not saved."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.randn(3))
        self.register_buffer("class_weights", torch.rand(1, 3))
        self.register_buffer("cache", torch.rand(2), persistent=False)
        self.conv = nn.Conv2d(1, 2, 2)
        self.bn = nn.BatchNorm2d(2)
        self.inner = nn.Linear(3, 3, bias=False)
        self.head = nn.Linear(3, 3)
        self.head.weight = self.inner.weight
        self.plain = torch.zeros(1)

    def forward(self, x):
        x = self.bn(self.conv(x)).flatten(1)[:, :3]
        return (self.head(self.inner(x * self.scale)) * self.class_weights).square().mean()


def trained(make, steps=2, model=None):
    torch.manual_seed(7)
    model = model or Net()
    optimizer = make(model)
    for _ in range(steps):
        optimizer.zero_grad()
        model(torch.randn(4, 1, 3, 3)).backward()
        optimizer.step()
    return model, optimizer


PARAMETERS = ["scale", "conv.weight", "conv.bias", "bn.weight", "bn.bias", "inner.weight", "head.bias"]
NET_ROLES = {
    **{k: "parameter default" for k in PARAMETERS + ["head.weight"]},
    "class_weights": "buffer optimizerOmission",
    **{f"bn.{k}": "buffer dtypeOrName" for k in BUFFERS},
}
# The optimizer names its parameters.
NAMED_ROLES = {k: r.replace("default", "optimizer") for k, r in NET_ROLES.items()}
NET_TIES = [("head.weight", "inner.weight")]
# An optimizer without names says nothing of which its parameters are.
NET_NUMBERS = [str(i) for i, _ in enumerate(PARAMETERS)]


# Cases


def bits(dtype, *values):
    size = {1: "B", 2: "H", 4: "I", 8: "Q"}[dtype.itemsize if not dtype.is_complex else dtype.itemsize // 2]
    data = bytearray(struct.pack(f"<{len(values)}{size}", *values))
    return torch.frombuffer(data, dtype=torch.uint8).clone().view(dtype)


def case_dtypes():
    state = [
        ("bool", torch.tensor([True, False, True])),
        ("uint8", torch.tensor([0, 255], dtype=torch.uint8)),
        ("int8", torch.tensor([-128, 127], dtype=torch.int8)),
        ("int16", torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16)),
        ("int32", torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32)),
        ("int64", torch.tensor([-(2**63), 2**63 - 1])),
        ("uint16", bits(torch.uint16, 0, 0xFFFF, 1)),
        ("uint32", bits(torch.uint32, 0, 0xFFFFFFFF)),
        ("uint64", bits(torch.uint64, 0, 2**64 - 1)),
        # zero, minus zero, infinity, NaN with payload, signalling NaN, smallest subnormal
        ("float16", bits(torch.float16, 0, 0x8000, 0x7C00, 0x7E01, 0xFD55, 1)),
        ("bfloat16", bits(torch.bfloat16, 0, 0x8000, 0x7F80, 0x7FC1, 0xFFA5, 1)),
        ("float32", bits(torch.float32, 0, 0x80000000, 0x7F800000, 0x7FC00001, 0xFFA00055, 1)),
        ("float64", bits(torch.float64, 0, 1 << 63, 0x7FF << 52, 0x7FF8000000000001, 0xFFF4 << 48, 1)),
        ("complex32", bits(torch.complex32, 0x8000, 0x7E01, 0x3C00, 0xC000)),
        ("complex64", bits(torch.complex64, 0x80000000, 0x7FC00001)),
        ("complex128", bits(torch.complex128, 1 << 63, 0x7FF8000000000001)),
        *((name, torch.arange(0, 256, 17, dtype=torch.uint8).view(getattr(torch, name)))
          for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz",
                       "float8_e8m0fnu", "float4_e2m1fn_x2")),
    ]
    torch.save(dict(state), OUT / "dtypes.pth")
    write("dtypes", "zip", state, roles=guessed(state), meta=[PLAIN])


def case_views():
    base = torch.arange(24.0)
    wide = base.reshape(4, 6)
    state = [
        ("base", base), ("tied", base), ("wide", wide), ("transposed", wide.t()),
        ("column", wide[:, 2]), ("step", wide[::2, 1::3]), ("middle", base[5:9]),
        ("repeated", base[3:4].expand(2, 3)), ("scalar", torch.tensor(1.5)),
        ("view scalar", base[7]), ("empty", torch.zeros(0, 3)), ("empty view", wide[4:, 2:]),
        ("one", torch.ones(1, 1, 1)), ("channels last", torch.arange(12.0).reshape(1, 3, 2, 2)
                                         .to(memory_format=torch.channels_last)),
        ("conjugate", torch.tensor([1 + 2j, -3 - 4j]).conj()),
        ("negative", torch.tensor([1 + 2j, -3 - 4j]).conj().imag),
    ]
    torch.save(collections.OrderedDict(state), OUT / "views.pth")
    write("views", "zip", state, roles=guessed(state), ties=[("tied", "base")])


def case_keys():
    keys = ["", ".", "..", "a", "a.b", "a/b", "/", "a..b", " ", "é", "模型", "😀", "new\nline", "\0",
            '"quoted"\\', "x" * 300, "0", "data", "weight"]
    state = [(k, torch.tensor([float(i)])) for i, k in enumerate(keys)]
    torch.save(dict(state), OUT / "keys.pth")
    write("keys", "zip", state, roles=guessed(state), meta=[PLAIN])


def case_plain():
    model, _ = trained(lambda m: torch.optim.SGD(m.parameters(), lr=0.1))
    state = model.state_dict()
    roles = {**NET_ROLES, "class_weights": "parameter default"}
    facts = dict(roles=roles, ties=NET_TIES, versions=versions_of(state))

    def both(name, container="zip"):
        torch.load(OUT / f"{name}.pth", weights_only=False)
        write(name, container, list(state.items()), **facts)

    torch.save(state, OUT / "plain.pth")
    both("plain")
    for protocol in (3, 4, 5):
        torch.save(state, OUT / f"protocol{protocol}.pth", pickle_protocol=protocol)
        both(f"protocol{protocol}")
    torch.save(state, OUT / "legacy.pth", _use_new_zipfile_serialization=False)
    both("legacy", "legacy")
    torch.save(state, OUT / "legacy4.pth", _use_new_zipfile_serialization=False, pickle_protocol=4)
    both("legacy4", "legacy")
    torch.utils.serialization.config.save.compute_crc32 = False
    torch.save(state, OUT / "nocrc.pth")
    torch.utils.serialization.config.save.compute_crc32 = True
    both("nocrc")

    source = zipfile.ZipFile(OUT / "plain.pth")
    records = {i.filename.split("/", 1)[1]: source.read(i) for i in source.infolist()}

    def rezip(name, records, method=zipfile.ZIP_STORED, root="archive", comment=b""):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as z:
            for k, v in records.items():
                z.writestr(zipfile.ZipInfo(f"{root}/{k}"), v, compress_type=method)
            z.comment = comment
        (OUT / f"{name}.pth").write_bytes(buffer.getvalue())
        write(name, "zip", list(state.items()), **facts)

    minimal = {k: v for k, v in records.items() if k in ("data.pkl", "version") or k.startswith("data/")}
    rezip("deflated", records, zipfile.ZIP_DEFLATED)
    rezip("minimal", minimal, root="any name")
    rezip("commented", records, comment=b"a comment")

    # As a big-endian machine would write it: the type of each storage tells how to swap.
    sizes = {}
    class Scan(pickle.Unpickler):
        def persistent_load(self, pid):
            sizes[pid[2]] = pid[1]().dtype.itemsize if hasattr(pid[1](), "dtype") else 1
            return torch.storage.TypedStorage(wrap_storage=torch.UntypedStorage(0), dtype=torch.float32, _internal=True)
        def find_class(self, module, name):
            if name == "_rebuild_tensor_v2":
                return lambda *a: None
            return super().find_class(module, name)
    Scan(io.BytesIO(records["data.pkl"])).load()
    big = dict(records, byteorder=b"big")
    for key, size in sizes.items():
        data = np.frombuffer(records[f"data/{key}"], dtype=f"<u{size}")
        big[f"data/{key}"] = data.byteswap().tobytes()
    rezip("big", big)


def case_legacy_views():
    base = torch.arange(6.0)
    state = [("a", base), ("b", base[2:5]), ("c", base.reshape(2, 3).t()), ("i", torch.tensor(3)),
             ("e", torch.zeros(0)), ("h", torch.tensor([1.5], dtype=torch.float16))]
    torch.save(dict(state), OUT / "legacy_views.pth", _use_new_zipfile_serialization=False)
    write("legacy_views", "legacy", state, roles=guessed(state), meta=[PLAIN])


def case_tar():
    """The archive of PyTorch 0.1: storages, tensors, and the object that refers to both."""
    storages = [(100, "torch.FloatStorage", torch.arange(6.0)),
                (200, "torch.LongStorage", torch.tensor([7, -8]))]
    tensors = [(1, 100, "torch.FloatTensor", (2, 3), (3, 1), 0),
               (2, 100, "torch.FloatTensor", (3, 2), (1, 3), 0),
               (3, 200, "torch.LongTensor", (2,), (1,), 0),
               (4, 300, "torch.FloatTensor", (2,), (1,), 1)]

    class Named:
        def __init__(self, name):
            self.name = name

    class Writer(pickle._Pickler):
        def save(self, obj, save_persistent_id=True):
            if isinstance(obj, Named):
                module, name = obj.name.rsplit(".", 1)
                return self.write(b"c" + module.encode() + b"\n" + name.encode() + b"\n")
            return super().save(obj, save_persistent_id)

        def persistent_id(self, obj):
            return obj.number if isinstance(obj, Reference) else None

    class Reference:
        def __init__(self, number):
            self.number = number

    def dumps(obj):
        buffer = io.BytesIO()
        Writer(buffer, 2).dump(obj)
        return buffer.getvalue()

    storage_data = dumps(len(storages))
    for key, kind, values in storages:
        storage_data += dumps((key, "cpu", Named(kind))) + struct.pack("<q", values.numel())
        storage_data += bytes(values.untyped_storage().tolist())
    storage_data += dumps([(300, 100, 2, 3)])
    tensor_data = dumps(len(tensors))
    for key, storage, kind, size, stride, offset in tensors:
        tensor_data += dumps((key, storage, Named(kind))) + struct.pack("<ii", len(size), 0)
        tensor_data += struct.pack(f"<{2 * len(size) + 1}q", *size, *stride, offset)
    obj = collections.OrderedDict((k, Reference(n)) for k, n in
                                  [("w", 1), ("wt", 2), ("n", 3), ("part", 4), ("tied", 1)])
    with tarfile.open(OUT / "tar.pth", "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in [("sys_info", dumps({"protocol_version": 1000, "little_endian": True})),
                           ("pickle", dumps(obj)), ("tensors", tensor_data), ("storages", storage_data)]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    data = (OUT / "tar.pth").read_bytes().rstrip(b"\0")
    (OUT / "tar.pth").write_bytes(data + bytes(-len(data) % 512 + 1024))
    w = torch.arange(6.0).reshape(2, 3)
    state = [("w", w), ("wt", w.t()), ("n", torch.tensor([7, -8])), ("part", w.flatten()[3:5]), ("tied", w)]
    loaded = torch.load(OUT / "tar.pth", weights_only=False)
    assert list(loaded) == [k for k, _ in state]
    assert all(torch.equal(loaded[k], t) for k, t in state)
    write("tar", "tar", state, roles=guessed(state), ties=[("tied", "w")])


def case_training():
    for name, make, kind in [
        ("adam", lambda m: torch.optim.Adam(m.parameters(), amsgrad=True), "Adam"),
        ("adamw", lambda m: torch.optim.AdamW(m.parameters(), lr=torch.tensor(0.01)), "AdamW"),
        ("sgd", lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9), "SGD"),
    ]:
        model, optimizer = trained(make)
        state = model.state_dict()
        meta = [("epoch", 3), ("loss", 0.25)]
        torch.save({"epoch": 3, "model_state_dict": state,
                    "optimizer_state_dict": optimizer.state_dict(), "loss": 0.25}, OUT / f"{name}.pth")
        write(name, "zip", list(state.items()), roles=NET_ROLES, ties=NET_TIES,
              versions=versions_of(state),
              optimizer=named_optimizer(optimizer, NET_NUMBERS, kind, "positions"),
              meta=meta + [structure("checkpoint", model_key="model_state_dict",
                                     optimizer_key="optimizer_state_dict",
                                     keys=["epoch", "model_state_dict", "optimizer_state_dict", "loss"])])

    for name, make, kind in [
        ("rmsprop", lambda m: torch.optim.RMSprop(m.parameters()), "RMSprop"),
        ("adagrad", lambda m: torch.optim.Adagrad(m.parameters()), "Adagrad"),
        ("adadelta", lambda m: torch.optim.Adadelta(m.parameters()), "Adadelta"),
        ("adamax", lambda m: torch.optim.Adamax(m.parameters()), "Adamax"),
        ("nadam", lambda m: torch.optim.NAdam(m.parameters()), "NAdam"),
        ("radam", lambda m: torch.optim.RAdam(m.parameters()), "RAdam"),
    ]:
        model = nn.Linear(2, 1)
        model.forward = lambda x, m=model: nn.functional.linear(x[:, 0, 0, :2], m.weight, m.bias).mean()
        _, optimizer = trained(make, model=model)
        torch.save(optimizer.state_dict(), OUT / f"{name}.pth")
        write(name, "zip", [], roles={}, optimizer=named_optimizer(optimizer, ["0", "1"], kind, "positions"),
              meta=[structure("optimizer")])


def case_groups():
    """Decayed and other parameters, as many training scripts split them."""
    def make(m):
        named = list(m.named_parameters())
        return torch.optim.AdamW([
            {"params": [p for _, p in named if p.ndim > 1], "weight_decay": 0.1},
            {"params": [p for _, p in named if p.ndim <= 1], "weight_decay": 0.0}])
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(9, 4), nn.Linear(4, 5), nn.Linear(5, 1)
        def forward(self, x):
            return self.c(self.b(self.a(x.flatten(1)))).mean()
    torch.manual_seed(3)
    model, optimizer = trained(make, model=Plain())
    state = model.state_dict()
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10)
    saved = {"epoch": 1, "arch": "plain", "state_dict": state, "best_acc1": torch.tensor(71.5),
             "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    torch.save(saved, OUT / "imagenet.pth")
    meta = [("epoch", 1), ("arch", "plain"), ("best_acc1", saved["best_acc1"]),
            ("scheduler", scheduler.state_dict())]
    write("imagenet", "zip", list(state.items()), roles="parameter default", versions=versions_of(state),
          optimizer=named_optimizer(optimizer, [str(i) for i in range(6)], "AdamW", "positions"),
          meta=meta + [structure("checkpoint", model_key="state_dict", optimizer_key="optimizer",
                                  keys=list(saved))])


def case_named():
    model, optimizer = trained(lambda m: torch.optim.SGD(m.named_parameters(), lr=0.1, momentum=0.5))
    state = model.state_dict()
    torch.save({"model": state, "optimizer": optimizer.state_dict()}, OUT / "named.pth")
    write("named", "zip", list(state.items()), roles=NAMED_ROLES, ties=NET_TIES,
          versions=versions_of(state), optimizer=named_optimizer(optimizer, PARAMETERS, "SGD"),
          meta=[structure("checkpoint", model_key="model", optimizer_key="optimizer", param_names=True,
                              keys=["model", "optimizer"])])


def case_wrapped():
    """Names that the optimizer got before a wrapper put a prefix to the keys."""
    model, optimizer = trained(lambda m: torch.optim.SGD(m.named_parameters(), lr=0.1))
    state = {f"module.{k}": v for k, v in model.state_dict().items()}
    torch.save({"model": state, "optimizer": optimizer.state_dict()}, OUT / "wrapped.pth")
    write("wrapped", "zip", list(state.items()), roles={f"module.{k}": v for k, v in NAMED_ROLES.items()},
          ties=[("module.head.weight", "module.inner.weight")],
          optimizer=named_optimizer(optimizer, [f"module.{k}" for k in PARAMETERS], "SGD"),
          meta=[structure("checkpoint", model_key="model", optimizer_key="optimizer", param_names=PARAMETERS,
                              plain_dictionaries=[""], keys=["model", "optimizer"])])


def case_frozen():
    """A frozen layer that the optimizer has and leaves without state, and one it does not have."""
    torch.manual_seed(5)
    model = nn.Sequential(nn.Linear(9, 4), nn.Linear(4, 5), nn.Linear(5, 1))
    model[1].requires_grad_(False)
    forward = model.forward
    model.forward = lambda x: forward(x.flatten(1)).mean()
    for name, make, members in [
        ("frozen", lambda m: torch.optim.Adam(m.parameters()), [0, 1, 2]),
        ("headless", lambda m: torch.optim.Adam(p for p in m.parameters() if p.requires_grad), [0, 2]),
    ]:
        _, optimizer = trained(make, model=model)
        state = model.state_dict()
        torch.save({"model": state, "optimizer": optimizer.state_dict()}, OUT / f"{name}.pth")
        numbers = [str(i) for i in range(2 * len(members))]
        write(name, "zip", list(state.items()), roles="parameter default", versions=versions_of(state),
              optimizer=named_optimizer(optimizer, numbers, "Adam", "positions"),
              meta=[structure("checkpoint", model_key="model", optimizer_key="optimizer",
                              keys=["model", "optimizer"])])


def case_ambiguous():
    """Parameters of one shape, one of which is not optimised: any of them could be."""
    state = {k: torch.randn(2, 2) for k in "abc"}
    parameters = [nn.Parameter(state[k]) for k in "ac"]
    optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=0.9)
    for p in parameters:
        p.grad = torch.ones(2, 2)
    optimizer.step()
    torch.save({"model": state, "optimizer": optimizer.state_dict()}, OUT / "ambiguous.pth")
    write("ambiguous", "zip", list(state.items()), roles="parameter default",
          optimizer=named_optimizer(optimizer, ["0", "1"], "SGD", "positions"),
          meta=[structure("checkpoint", model_key="model", optimizer_key="optimizer",
                              plain_dictionaries=[""], keys=["model", "optimizer"])])


def case_lightning():
    model, first = trained(lambda m: torch.optim.Adam(m.parameters()))
    second = torch.optim.SGD(nn.Linear(1, 1).parameters(), lr=0.5)
    state = collections.OrderedDict((f"model.{k}", v) for k, v in model.state_dict().items())
    saved = {"epoch": 2, "global_step": 10, "pytorch-lightning_version": "2.5.0", "state_dict": state,
             "loops": {"fit_loop": {"state_dict": {}}}, "callbacks": {},
             "optimizer_states": [first.state_dict(), second.state_dict()], "lr_schedulers": [],
             "hparams_name": "kwargs", "hyper_parameters": {"lr": 1e-3, "layers": [1, 2]}}
    torch.save(saved, OUT / "lightning.pth")
    meta = [(k, v) for k, v in saved.items() if k not in ("state_dict", "optimizer_states")]
    # The first is the checkpoint's own.
    meta.insert(5, ("optimizer_states", [None, further_optimizer(second)]))
    write("lightning", "zip", list(state.items()), roles={f"model.{k}": v for k, v in NET_ROLES.items()},
          ties=[("model.head.weight", "model.inner.weight")],
          optimizer=named_optimizer(first, NET_NUMBERS, "Adam", "positions"),
          meta=meta + [structure("checkpoint", model_key="state_dict", optimizer_key="optimizer_states",
                                  optimizer_in_list=True, keys=list(saved))])


def case_module():
    model, _ = trained(lambda m: torch.optim.SGD(m.parameters(), lr=0.1))
    roles = {k: ("buffer" if "buffer" in r else "parameter") + " parameterObject" for k, r in NET_ROLES.items()}
    torch.save(model, OUT / "module.pth")
    write("module", "zip", items(model), roles=roles, ties=NET_TIES,
          meta=[("module_attributes", {"plain": model.plain}), structure("module", module_type="__main__.Net")])
    torch.save({"epoch": 4, "model": model}, OUT / "module_in_dict.pth")
    write("module_in_dict", "zip", items(model), roles=roles, ties=NET_TIES,
          meta=[("epoch", 4), ("model_attributes", {"plain": model.plain}),
                structure("checkpoint", model_key="model", module_type="__main__.Net", keys=["epoch", "model"])])
    parameters = model.state_dict(keep_vars=True)
    torch.save(parameters, OUT / "keep_vars.pth")
    write("keep_vars", "zip", items(model), roles=roles, ties=NET_TIES, versions=versions_of(parameters),
          meta=[structure("state_dict", parameter_objects=True)])


def case_script():
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    torch.jit.script(model).save(OUT / "script.pth")
    roles = {k: "buffer parameterObject" for k, _ in model.named_buffers()}
    roles |= {k: "parameter parameterObject" for k, _ in model.named_parameters()}
    write("script", "torchScript", items(model), roles=roles,
          meta=[structure("module", module_type="__torch__.torch.nn.modules.container.Sequential")])


def case_networks():
    torch.manual_seed(2)
    g = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    d = nn.Linear(3, 1)
    optimizer = torch.optim.SGD(d.parameters(), lr=0.1)
    state = [(f"generator.{k}", v) for k, v in items(g)] + [(f"discriminator.{k}", v) for k, v in items(d)]
    versions = [(("generator." + k).rstrip("."), v) for k, v in versions_of(g.state_dict())]
    versions += [("discriminator", 1)]
    torch.save({"generator": g.state_dict(), "discriminator": d.state_dict()}, OUT / "networks.pth")
    write("networks", "zip", state, roles=guessed(state), versions=versions,
          meta=[structure("networks", networks=["generator", "discriminator"], plain_dictionaries=[""])])
    nested = {"enc": {"l1": {"w": torch.ones(2), "b": torch.zeros(1)}}, "dec": {"w": torch.ones(3)}, "epoch": 9}
    torch.save(nested, OUT / "nested.pth")
    flat = [("enc.l1.w", torch.ones(2)), ("enc.l1.b", torch.zeros(1)), ("dec.w", torch.ones(3))]
    write("nested", "zip", flat, roles=guessed(flat),
          meta=[("epoch", 9), structure("checkpoint", networks=["enc", "dec"], dictionaries=["enc.l1"],
                                       plain_dictionaries=["", "enc", "enc.l1", "dec"], keys=["enc", "dec", "epoch"])])


def case_extra():
    class Extra(nn.Linear):
        def get_extra_state(self):
            return {"calls": 3, "history": torch.ones(2)}
        def set_extra_state(self, state):
            pass
    model = nn.Sequential(Extra(1, 1))
    state = model.state_dict()
    tensors = [(k, v) for k, v in state.items() if isinstance(v, torch.Tensor)]
    torch.save(state, OUT / "extra.pth")
    write("extra", "zip", tensors, roles="parameter default", versions=versions_of(state),
          meta=[structure("state_dict", extra_state={"0._extra_state": {"calls": 3, "history": torch.ones(2)}})])
    torch.save([torch.ones(1), torch.zeros(2)], OUT / "list.pth")
    write("list", "zip", [("0", torch.ones(1)), ("1", torch.zeros(2))], roles="parameter default",
          meta=[structure("tensors", sequence="list")])
    torch.save(torch.ones(2), OUT / "tensor.pth")
    write("tensor", "zip", [("tensor", torch.ones(2))], roles="parameter default",
          meta=[structure("tensors")])


class Config:
    def __init__(self):
        self.depth, self.name = 3, "net"


Point = collections.namedtuple("Point", "x y")


class Flags(dict):
    pass


def case_values():
    meta = {
        "none": None, "true": True, "zero": 0, "big": 2**100, "negative": -(2**100), "edge": -(2**63),
        "minus zero": -0.0, "nan": float("nan"), "inf": float("-inf"), "complex": 1 - 2j,
        "text": "naïve 😀\n", "bytes": b"\x00\xff", "bytearray": bytearray(b"ab"), "empty": "",
        "list": [1, [2.5, None]], "tuple": (1, ("a",)), "dict": {1: "int", "1": "text", 2.5: "float", None: 0, (1, "a"): 2},
        "counter": Known(collections.Counter("aab"), '{"a": int 2, "b": int 1}'),
        "default": Known(collections.defaultdict(list, a=[1]), '{"a": [int 1]}'),
        "set": Known({5}, "<builtins.set [int 5]>"), "frozen": Known(frozenset([5]), "<builtins.frozenset [int 5]>"),
        "range": Known(range(3), "<builtins.range (int 0, int 3, int 1)>"),
        "path": Known(pathlib.PurePosixPath("/a/b"), '<pathlib.PurePosixPath ("/", "a", "b")>'),
        "when": Known(datetime.timedelta(1, 2), "<datetime.timedelta (int 1, int 2, int 0)>"),
        "namespace": argparse.Namespace(lr=0.1, layers=[1, 2]),
        "config": Known(Config(), '<__main__.Config {"depth": int 3, "name": "net"}>'),
        "point": Known(Point(1, 2), "<__main__.Point (int 1, int 2)>"),
        "flags": Known(Flags(a=1), '<__main__.Flags {"a": int 1}>'),
        "class": Known(nn.Linear, '<global "torch.nn.modules.linear.Linear">'),
        "size": torch.Size([2, 3]), "device": Known(torch.device("cuda", 1), '<torch.device "cuda:1">'),
        "dtype": Known(torch.bfloat16, '<torch.dtype "bfloat16">'),
        "float64": np.float64(2.5), "float32": np.float32(0.1), "float16": np.float16(0.1),
        "int64": np.int64(-5), "uint8": np.uint8(200), "bool": np.bool_(True), "complex64": np.complex64(1 + 2j),
        "numpy dtype": Known(np.dtype(">f4"), '<numpy.dtype ">f4">'),
        "array": np.arange(6, dtype=np.int16).reshape(2, 3), "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "big-endian": np.arange(3, dtype=">u4"), "0-d": np.array(1.5, dtype=np.float32), "none left": np.zeros((0, 2)),
        "tensor": torch.tensor([1, 2], dtype=torch.int32), "shared": None,
    }
    same = ["x"]
    meta["shared"] = [same, same]
    state = {"weight": torch.ones(1)}
    torch.save({"model": state, **plain(meta)}, OUT / "values.pth")
    write("values", "zip", list(state.items()), roles="parameter default",
          meta=list(meta.items()) + [structure("checkpoint", model_key="model", plain_dictionaries=[""], keys=["model", *meta],
                                               classes={"counter": "collections.Counter"})])


def case_bare():
    """Pickles of NumPy arrays alone, as detectron2 publishes them, in every protocol."""
    state = {"w": np.arange(4, dtype=np.float32).reshape(2, 2), "n": np.arange(2)}
    tensors = [(k, torch.from_numpy(v)) for k, v in state.items()]
    for protocol in range(6):
        (OUT / f"bare{protocol}.pth").write_bytes(
            pickle.dumps({"model": state, "__author__": "me", "ok": True, "f": 0.1}, protocol))
        write(f"bare{protocol}", "pickle", tensors, roles=guessed(tensors),
              meta=[("__author__", "me"), ("ok", True), ("f", 0.1),
                    structure("checkpoint", model_key="model", plain_dictionaries=[""],
                              keys=["model", "__author__", "ok", "f"])])


if __name__ == "__main__":
    assert torch.__version__.startswith("2.13.0"), torch.__version__
    OUT.mkdir(exist_ok=True)
    for name, case in list(globals().items()):
        if name.startswith("case_"):
            torch.manual_seed(0)
            case()
    total = sum(p.stat().st_size for p in OUT.iterdir())
    print(len(list(OUT.glob("*.pth"))), "files,", total, "bytes with what is expected of them")
