"""Changes some tensors of a safetensors file by the format's own library, which keeps the metadata.

    python edit_safetensors.py FILE EDITED

Tensor `a` gets other values, `b` another type, `c` another shape; `d` is removed and `new` added.
"""

import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

with safe_open(sys.argv[1], framework="pt") as file:
    metadata = file.metadata()
    tensors = {name: file.get_tensor(name) for name in file.keys()}
tensors["a"] += 1
tensors["b"] = tensors["b"].to(torch.int32)
tensors["c"] = tensors["c"].reshape(-1)
del tensors["d"]
tensors["new"] = torch.ones(3)
save_file(tensors, sys.argv[2], metadata=metadata)
