"""How each library reads safetensors: by its own loader, and into a model of its own, strictly."""

import importlib.metadata

import torch
from safetensors import safe_open
from safetensors.torch import load_file, load_model

from samples import bits


class Misread(Exception):
    """A library took a file that Ballast wrote for something else."""


def version(library):
    return f"{library} {importlib.metadata.version(library).partition('+')[0]}"


def same(found, expected, further=()):
    """All tensors to the bit, and no others but those of `further`."""
    missing = expected.keys() - found.keys()
    unexpected = found.keys() - expected.keys() - set(further)
    if missing or unexpected:
        raise Misread(f"missing {sorted(missing)}, unexpected {sorted(unexpected)}")
    for name, tensor in expected.items():
        if bits(found[name]) != bits(tensor):
            raise Misread(f"{name} has other bits, {found[name].dtype} of {tuple(found[name].shape)}")


def same_model(model, expected):
    same(model.state_dict(), expected)


# Of a single file: each gives the tensors by name.


def by_transformers(path):
    from transformers.modeling_utils import load_state_dict

    return load_state_dict(path)


def by_accelerate(path):
    from accelerate.utils.modeling import load_state_dict

    return load_state_dict(path, device_map={"": "cpu"})


def by_diffusers(path):
    from diffusers.models.model_loading_utils import load_state_dict

    return load_state_dict(path)


def of_mlx(array):
    """An array as a tensor with the same bits. MLX has no float8, and gives its bytes."""
    import mlx.core as mx
    import numpy

    if array.dtype == mx.bfloat16:
        return of_mlx(array.view(mx.uint16)).view(torch.bfloat16)
    raw = numpy.array(array)
    # Its type for uint64 is of C's other name, which PyTorch does not know.
    return torch.from_numpy(raw.view(raw.dtype.str))


def by_mlx(path):
    import mlx.core as mx

    return {name: of_mlx(array) for name, array in mx.load(path).items()}


# Into a model of the file's: each takes a file or an index, and a fresh model.


def into_torch(path, model, strict):
    load_model(model, path, strict=strict)


def into_accelerate(path, model, strict):
    from accelerate.utils.modeling import load_checkpoint_in_model

    load_checkpoint_in_model(model, path, strict=strict)


def into_mlx(path, model, strict):
    """Into MLX's twin of `Small`; its values go into the model."""
    import mlx.core as mx
    import mlx.nn
    from mlx.utils import tree_flatten

    class Twin(mlx.nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = [mlx.nn.Linear(4, 8), mlx.nn.LayerNorm(8), mlx.nn.Linear(8, 4)]
            self.steps = mx.array(0, dtype=mx.int64)

    twin = Twin()
    twin.load_weights(path, strict=strict)
    found = {name: of_mlx(array) for name, array in tree_flatten(twin.parameters())}
    for name in model.state_dict():
        put(model, name, found[name])


def put(model, name, tensor):
    owner, _, last = name.rpartition(".")
    module = model.get_submodule(owner)
    value = getattr(module, last)
    setattr(module, last, torch.nn.Parameter(tensor) if isinstance(value, torch.nn.Parameter) else tensor)


# Of a folder.


def from_pretrained(kind, folder, **options):
    """The model, and what its library says of the keys."""
    model, said = kind.from_pretrained(folder, output_loading_info=True, local_files_only=True, **options)
    said = {name: keys for name, keys in said.items() if keys}
    return model, said


def metadata(path):
    with safe_open(path, framework="pt") as file:
        return file.metadata()

