"""Holds a converted checkpoint against the PyTorch file it came from, with h5py alone.

    python compare.py FILE.pth FILE.h5

needs torch==2.13.0 and h5py==3.16.0. Prints how many tensors have the same bits, then how many
belong to the optimizer; ends with an error that names the first tensor that differs.
"""

import sys

import h5py
import numpy as np
import torch

# NumPy lacks these; h5py gives them as a wider type that holds every value.
WIDER = {torch.bfloat16: torch.float32, torch.float8_e5m2: torch.float16}
RAW = {
    torch.float8_e4m3fn, torch.float8_e4m3fnuz, torch.float8_e5m2fnuz, torch.float8_e8m0fnu,
}


def unescape(name):
    if name == "%":
        return ""
    for code, text in [("%2F", "/"), ("%2E", "."), ("%00", "\0"), ("%25", "%")]:
        name = name.replace(code, text)
    return name


def datasets(group, parts=()):
    """Every dataset below a group, by the key that its path stands for."""
    for name, item in group.items():
        if isinstance(item, h5py.Group):
            yield from datasets(item, parts + (unescape(name),))
        else:
            yield ".".join(parts + (unescape(name),)), item


def check(key, tensor, dataset):
    tensor = tensor.detach().resolve_conj().contiguous()
    found = dataset[()]
    assert tuple(found.shape) == tuple(tensor.shape), f"{key}: shape {found.shape}"
    if tensor.dtype in RAW:
        assert dataset.attrs["dtype"] in (str(tensor.dtype)[6:], str(tensor.dtype)[6:].encode()), key
        tensor = tensor.view(torch.uint8)
    if tensor.dtype in WIDER:
        # The bits as they are stored, and the values as h5py understands them.
        if tensor.numel() and dataset.chunks is None:
            with open(dataset.file.filename, "rb") as file:
                file.seek(dataset.id.get_offset())
                raw = file.read(tensor.numel() * tensor.element_size())
            assert raw == tensor.reshape(-1).view(torch.uint8).numpy().tobytes(), f"{key}: bits"
        wide = tensor.to(WIDER[tensor.dtype]).numpy()
        assert np.array_equal(found, wide, equal_nan=True), f"{key}: values"
        return
    if tensor.dtype == torch.complex32:
        tensor = torch.view_as_real(tensor)
        found = np.stack([found["r"], found["i"]], axis=-1)
    wanted = tensor.numpy()
    assert found.dtype == wanted.dtype, f"{key}: {found.dtype} instead of {wanted.dtype}"
    assert np.ascontiguousarray(found).tobytes() == wanted.tobytes(), f"{key}: bits"


def main():
    saved = torch.load(sys.argv[1], weights_only=True)
    training = "model_state_dict" in saved
    state = saved["model_state_dict"] if training else saved
    with h5py.File(sys.argv[2], "r") as file:
        parameters = dict(datasets(file["parameters"]))
        buffers = dict(datasets(file["buffers"]))
        assert not parameters.keys() & buffers.keys()
        found = parameters | buffers
        assert found.keys() == state.keys(), found.keys() ^ state.keys()
        for key, tensor in state.items():
            check(key, tensor, found[key])

        optimizer_count = 0
        if training:
            optimizer = saved["optimizer_state_dict"]
            group = file["optimizer/param_groups/0"]
            names = group["params"].asstr()[()].tolist()
            # PyTorch numbers the parameters in the order of the model.
            assert names == [key for key in state if key in parameters][:len(names)], names
            assert group["lr"][()] == optimizer["param_groups"][0]["lr"]
            assert tuple(group["betas"][()]) == optimizer["param_groups"][0]["betas"]
            slots = dict(datasets(file["optimizer/state"]))
            for index, values in optimizer["state"].items():
                for slot, tensor in values.items():
                    key = f"{names[index]}.{slot}"
                    check(key, tensor, slots.pop(key))
                    optimizer_count += 1
            assert not slots, slots
            assert file["metadata/epoch"][()] == saved["epoch"]
        if "head.weight" in state:
            assert "embedding.weight" in parameters and "body.1.weight" in parameters
            assert "body.1.running_mean" in buffers and "scale" in buffers
            # A tie is one dataset with two names.
            assert file["parameters/head/weight"] == file["parameters/embedding/weight"]
            assert file["metadata/name"].asstr()[()] == "größe"
    print(len(state), optimizer_count)


main()
