"""Splits a GGUF file with the `gguf` package, as gguf-split of llama.cpp does: a tensor in each part, the metadata in
the first.

    python split_gguf.py FILE OUTPUT

The parts are named OUTPUT-00001-of-0000N.gguf. Metadata other than texts are left out. Written with gguf 0.19.0.
"""

import sys
from pathlib import Path

import gguf
import numpy as np

reader = gguf.GGUFReader(sys.argv[1])
path = Path(sys.argv[2])
writer = gguf.GGUFWriter(path.with_name(path.name + ".gguf"), "ballast", split_max_tensors=1)
for name, field in reader.fields.items():
    if name.startswith("ballast."):
        writer.add_string(name, field.contents())
for tensor in reader.tensors:
    writer.add_tensor(tensor.name, np.ascontiguousarray(tensor.data), raw_dtype=tensor.tensor_type)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
