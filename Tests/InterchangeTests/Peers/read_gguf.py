"""Reads GGUF files with the `gguf` package, and prints as JSON what it finds.

    python read_gguf.py FILE…

Of each file the fields that are the model's, each with its types and contents, and the tensors in order, each with its
name, type, shape and bytes, and whether it begins at a multiple of the alignment. Written with gguf 0.19.0.
"""

import json
import math
import sys

import gguf
import numpy as np


def plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, list):
        return [plain(element) for element in value]
    return value


def read(path):
    reader = gguf.GGUFReader(path)
    fields = {
        name: [[t.name for t in field.types], plain(field.contents())]
        for name, field in reader.fields.items() if not name.startswith(("GGUF.", "ballast."))
    }
    tensors = [
        [
            tensor.name, tensor.tensor_type.name, [int(n) for n in reversed(tensor.shape)],
            np.ascontiguousarray(tensor.data).tobytes().hex(), bool(tensor.data_offset % reader.alignment == 0),
        ]
        for tensor in reader.tensors
    ]
    return {"fields": fields, "tensors": tensors, "alignment": int(reader.alignment)}


print(json.dumps([read(path) for path in sys.argv[1:]]))
