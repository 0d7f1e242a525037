"""Plain HDF5, safetensors, NumPy, and conversions of types."""

import pickle

import h5py
import numpy as np
import torch
from safetensors.torch import save_file

from table import INTERCHANGE, TOOLS, chapter, maker, run_peer
from chapters.finding import read_by_safetensors


@maker
def plain(folder):
    run_peer(INTERCHANGE + "write_hdf5.py", folder)
    with h5py.File(folder / "collision.h5", "w") as file:
        file["g/a"], file["g.a"] = np.ones(2, "f4"), np.zeros(3, "f4")
    with h5py.File(folder / "external.h5", "w") as file:
        file["w"], file["other"] = np.ones(2, "f4"), h5py.ExternalLink("elsewhere.h5", "/w")
    with h5py.File(folder / "cycle.h5", "w") as file:
        file["w"] = np.ones(2, "f4")
        group = file.create_group("a/b")
        group["up"] = file["a"]
    with h5py.File(folder / "virtual.h5", "w") as file:
        file["w"] = np.ones(2, "f4")
        layout = h5py.VirtualLayout(shape=(2,), dtype="f4")
        layout[:] = h5py.VirtualSource("elsewhere.h5", "w", shape=(2,))
        file.create_virtual_dataset("virtual", layout)
    for name, options in {
        "lzf": {"compression": "lzf", "shuffle": True}, "scaled": {"scaleoffset": 2},
    }.items():
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file.create_dataset("w", data=np.arange(40, dtype="f4").reshape(8, 5), chunks=(4, 4), **options)
    with h5py.File(folder / "foreign.h5", "w") as file:
        file["w"] = np.ones(2, "f4")
        # A filter that no library here has; it may be left out of a chunk, and is.
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((2,))
        properties.set_filter(32004, h5py.h5z.FLAG_OPTIONAL, (0,))
        dataset = h5py.h5d.create(file.id, b"lz4", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2,)), properties)
        dataset.write_direct_chunk((0,), b"12345678")
    with h5py.File(folder / "types.h5", "w") as file:
        file.create_dataset("enumeration", data=np.array([1, 2], "i2"), dtype=h5py.enum_dtype({"A": 1, "B": 2}, "i2"))
        file["complex"] = np.ones(3, [("real", "f4"), ("imag", "f4")])
        file["big"] = np.arange(3, dtype=">f8")
        file["half"] = np.ones(2, "f2")
        file["truth"] = np.array([True, False])
    with h5py.File(folder / "texts.h5", "w") as file:
        file["w"], file["names"], file.attrs["epoch"] = np.ones(2, "f4"), ["a", "b"], 3
        file["record"] = np.zeros(2, dtype=[("x", "f4"), ("y", "i4")])
        file["nothing"] = h5py.Empty("f4")


@maker
def numbers(folder):
    run_peer(INTERCHANGE + "write_numpy.py", folder)
    weights = {"w": np.ones((2, 3), "f4"), "b": np.zeros(2, "f4")}
    np.save(folder / "dictionary.npy", np.array(weights, dtype=object))
    with open(folder / "pickle.npy", "wb") as file:
        pickle.dump({"w": np.ones((2, 3), "f4")}, file)


@maker
def tensors(folder):
    run_peer(INTERCHANGE + "write_safetensors.py", folder)
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    torch.save(model.state_dict(), folder / "model.pth")
    training = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    torch.save(training, folder / "training.pth")
    save_file(model.state_dict(), folder / "bare.safetensors")
    save_file(model.state_dict(), folder / "mlx.safetensors", {"format": "mlx"})
    torch.save({"a": torch.ones(2), "b": torch.zeros(2).to(torch.complex128)}, folder / "complex.pth")
    torch.save({"w": torch.tensor([1.0, 1e5, -1e5, 1e-30, 1.1, float("inf"), float("nan")])}, folder / "large.pth")
    torch.save({"w": torch.tensor([449.0, -1e4, 0.5, float("inf")])}, folder / "float8.pth")
    torch.save({"w": torch.tensor([1.0, -2.0, 0.0])}, folder / "signs.pth")
    torch.save({"w": torch.tensor([1.0, -0.5])}, folder / "exact.pth")


ITSELF = "PlainHDF5Tests.anObjectThatIsNotReadCostsItselfAlone"
EVERY = "PlainHDF5Tests.everyDatasetIsRead"
hdf5 = chapter(
    "Plain HDF5", "What is not read costs itself alone, and is named. Keys that would meet are kept apart.")
hdf5.row("`g/a` beside `g.a`", "plain/collision.h5", "h5py", ITSELF, ...)
hdf5.row("a link to another file", "plain/external.h5", "h5py", ITSELF, "other")
hdf5.row("a virtual dataset", "plain/virtual.h5", "h5py", ITSELF, "virtual")
hdf5.row("a group within itself", "plain/cycle.h5", "h5py", ITSELF, ...)
hdf5.row("a filter that is not known", "plain/foreign.h5", "h5py", ITSELF, "lz4")
hdf5.row("LZF after shuffle", "plain/lzf.h5", "h5py", ITSELF, "guessed")
hdf5.row("scale-offset", "plain/scaled.h5", "h5py", ITSELF, "guessed")
hdf5.row("enumerations, pairs of `real` and `imag`, big-endian, halves", "plain/types.h5", "h5py", ITSELF, "guessed")
hdf5.row(
    "texts, records and an empty dataset", "plain/texts.h5", "h5py",
    "PlainHDF5Tests.whatIsNoTensorIsKeptOrTold", "names")
hdf5.row("all of that beside tensors", "plain/partial.h5", "h5py", ITSELF, ...)

safe = chapter(
    "safetensors",
    "A file with metadata says `\"format\": \"pt\"`, without which loaders refuse it. With `--model-only` it holds\n"
    "nothing but the model.")
WRITER = "SafetensorsWriterTests.theLibraryReadsWhatIsWritten"
OUT = ".safetensors"
safe.row("a state dict", "tensors/model.pth", "torch", WRITER, ..., to=OUT, judge=read_by_safetensors)
safe.row(
    "a checkpoint with an optimizer", "tensors/training.pth", "torch", WRITER, ..., to=OUT,
    judge=read_by_safetensors)
safe.row("the same", "tensors/training.pth", "torch", "RootTests.theModelAloneIsAPlainStateDict", ..., to=OUT,
         judge=read_by_safetensors, convert=("--model-only",))
safe.row("a file without metadata", "tensors/bare.safetensors", "safetensors",
         "SafetensorsWriterTests.aFileOfTheLibraryIsWrittenAgainToTheByte", ..., to=OUT, judge=read_by_safetensors)
safe.row(
    "one of another framework", "tensors/mlx.safetensors", "safetensors",
    "OriginTests.theNameOfAFrameworkIsNoMetadata", ..., to=OUT, judge=read_by_safetensors)
safe.row("complex128, which the format lacks", "tensors/complex.pth", "torch",
         "CheckpointOutlineTests.typesThatTheFormatCannotNameComeBack", ..., to=OUT, judge=read_by_safetensors)

arrays = chapter("NumPy", "One array that is no tensor costs itself alone. A pickle is read as data.")
COSTS = "NumPyTests.whatIsNoTensorCostsItselfAlone"
arrays.row("texts, objects, dates and records beside tensors", "numbers/mixed.npz", "NumPy", COSTS, "text")
arrays.row("objects alone", "numbers/objects.npz", "NumPy", COSTS, "error: ")
arrays.row("bfloat16 of ml_dtypes", "numbers/bfloat16.npz", "NumPy", "NumPyTests.otherFilesOfNumPy", ...)
arrays.row("a `.npy` of a dictionary", "numbers/dictionary.npy", "NumPy", "", ...)
arrays.row("a pickle called `.npy`", "numbers/pickle.npy", "NumPy", "", ...)

CHANGES = "ValueChangeTests.kindsTellWhatBecameOfValues"
types = chapter(
    "Conversions of types", "With `--dtype` each sort of change is counted for each tensor, and is a loss.")


def as_type(what, name, dtype, tells):
    types.row(what, f"tensors/{name}.pth", "torch", CHANGES, tells, convert=("--dtype", dtype))


as_type("values that float16 has", "exact", "float16", "instead of float32")
as_type("1e5, -1e5, 1e-30, 1.1, an infinity and a NaN", "large", "float16", "infinite now")
as_type("the same", "large", "bfloat16", "rounded")
as_type("449, -1e4 and an infinity", "float8", "float8_e4m3fn", ...)
as_type("-2 and zero", "signs", "float8_e8m0fnu", ...)
