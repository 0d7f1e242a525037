"""Says "plain" if a file is a state dict that load_state_dict takes: texts for keys, only tensors."""

import sys

import torch

state = torch.load(sys.argv[1], weights_only=True)
assert all(isinstance(key, str) for key in state), list(state)
assert all(isinstance(value, torch.Tensor) for value in state.values()), {
    key: type(value) for key, value in state.items()
}


class Holder(torch.nn.Module):
    """A module with whatever keys a state dict has."""

    def __init__(self, state):
        super().__init__()
        for key, value in state.items():
            module = self
            *path, name = key.split(".")
            for part in path:
                if not hasattr(module, part):
                    module.add_module(part, torch.nn.Module())
                module = getattr(module, part)
            module.register_buffer(name, torch.zeros_like(value))


result = Holder(state).load_state_dict(state, strict=True)
assert not result.missing_keys and not result.unexpected_keys
print("plain")
