"""Writes GGUF files with the `gguf` package, and prints as JSON what is in them.

    python write_gguf.py FOLDER

For each file the tensors by their names, each with the name of its type, its NumPy shape, and its bytes in
hexadecimal digits; of blocks also the numbers that `gguf.quants.dequantize` makes, where it makes any. Random numbers
are of seed 7. Written with gguf 0.19.0 and NumPy 2.4.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize

folder = Path(sys.argv[1])
rng = np.random.default_rng(7)
found = {}


def close(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def describe(name):
    tensors = {}
    for tensor in gguf.GGUFReader(folder / name).tensors:
        data = np.ascontiguousarray(tensor.data)
        entry = {
            "type": tensor.tensor_type.name, "shape": [int(n) for n in reversed(tensor.shape)],
            "hex": data.tobytes().hex(),
        }
        if data.dtype == np.uint8 and tensor.tensor_type != Type.BF16:
            try:
                with np.errstate(all="ignore"):
                    entry["float32"] = dequantize(data, tensor.tensor_type).astype(np.float32).tobytes().hex()
            except NotImplementedError:
                pass
        tensors[tensor.name] = entry
    found[name] = tensors


def metadata(writer):
    """A value of every type, and arrays of them."""
    for name, low, high in [
            ("uint8", 0, 2**8 - 1), ("int8", -2**7, 2**7 - 1), ("uint16", 0, 2**16 - 1),
            ("int16", -2**15, 2**15 - 1), ("uint32", 0, 2**32 - 1), ("int32", -2**31, 2**31 - 1),
            ("uint64", 0, 2**64 - 1), ("int64", -2**63, 2**63 - 1)]:
        add = getattr(writer, f"add_{name}")
        add(f"low.{name}", low)
        add(f"high.{name}", high)
        writer.add_key_value(
            f"list.{name}", [low, 1, high], gguf.GGUFValueType.ARRAY,
            sub_type=gguf.GGUFValueType[name.upper()])
    writer.add_float32("a.float32", 0.1)
    writer.add_float64("a.float64", 0.1)
    writer.add_float32("an.infinity", float("inf"))
    writer.add_bool("a.bool", True)
    writer.add_string("a.text", "größer 日本\n")
    writer.add_string("an.empty", "")
    writer.add_array("texts", ["a", "", "ü"])
    writer.add_array("truths", [True, False])
    writer.add_array("floats", [0.5, 0.1])
    writer.add_key_value(
        "scores", [i / 8 for i in range(300)], gguf.GGUFValueType.ARRAY,
        sub_type=gguf.GGUFValueType.FLOAT32)
    writer.add_key_value(
        "many.truths", [i % 3 == 0 for i in range(300)], gguf.GGUFValueType.ARRAY,
        sub_type=gguf.GGUFValueType.BOOL)
    writer.add_array("tokens", [f"t{i}" for i in range(500)])


def plain(writer):
    for dtype in ("float32", "float16", "float64", "int8", "int16", "int32", "int64"):
        count = 2 * 3 * 5
        raw = rng.integers(0, 256, count * np.dtype(dtype).itemsize, dtype=np.uint8)
        writer.add_tensor(f"{dtype}.weight", raw.view(dtype).reshape(2, 3, 5))
    raw = rng.integers(0, 256, 4 * 6 * 2, dtype=np.uint8).reshape(4, 12)
    writer.add_tensor("bfloat16.weight", raw, raw_dtype=Type.BF16)
    writer.add_tensor("scalar", np.array(3.5, np.float32))
    writer.add_tensor("four", np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4))


def blocks(writer):
    for type in Type:
        elements, size = gguf.GGML_QUANT_SIZES[type]
        if elements == 1:
            continue
        data = rng.integers(0, 256, (3, 2 * size), dtype=np.uint8)
        writer.add_tensor(f"{type.name.lower()}.weight", data, raw_dtype=type)


for name, endianess in [("all.gguf", gguf.GGUFEndian.LITTLE), ("big.gguf", gguf.GGUFEndian.BIG)]:
    writer = gguf.GGUFWriter(folder / name, "llama", endianess=endianess)
    metadata(writer)
    if endianess == gguf.GGUFEndian.LITTLE:
        plain(writer)
    else:
        # The writer turns what it takes for numbers; bytes of blocks stay.
        writer.add_tensor("w", np.arange(6, dtype=np.float32).reshape(2, 3))
        writer.add_tensor("n", np.arange(4, dtype=np.int64))
        writer.add_tensor("h", np.arange(8, dtype=np.float16))
    close(writer)
    if endianess == gguf.GGUFEndian.LITTLE:
        describe(name)

writer = gguf.GGUFWriter(folder / "blocks.gguf", "llama")
writer.add_file_type(15)
blocks(writer)
close(writer)
describe("blocks.gguf")

writer = gguf.GGUFWriter(folder / "aligned.gguf", "llama")
writer.add_custom_alignment(256)
writer.add_tensor("a", np.arange(3, dtype=np.float32))
writer.add_tensor("b", np.arange(5, dtype=np.float32))
close(writer)
describe("aligned.gguf")

writer = gguf.GGUFWriter(folder / "split.gguf", "llama", split_max_tensors=2)
writer.add_name("split model")
for number in range(5):
    writer.add_tensor(f"t{number}", np.full((2, 2), number, np.float32))
close(writer)

# llama.cpp refuses it, and the package writes and reads it.
writer = gguf.GGUFWriter(folder / "nested.gguf", "llama")
writer.add_array("nested", [[1, 2], [3, 4]])
writer.add_uint8("last", 7)
writer.add_tensor("w", np.arange(3, dtype=np.float32))
close(writer)

# Of blocks and BF16 the package turns no bytes, whatever the order of the file is.
for name in ("Q8_0", "Q4_0", "Q6_K", "BF16", "MXFP4", "NVFP4"):
    type = Type[name]
    writer = gguf.GGUFWriter(folder / f"big-{name}.gguf", "llama", endianess=gguf.GGUFEndian.BIG)
    data = rng.integers(0, 256, (2, 3 * gguf.GGML_QUANT_SIZES[type][1]), dtype=np.uint8)
    writer.add_tensor("w", data, raw_dtype=type)
    close(writer)
    found[f"big-{name}.gguf"] = {"w": {"type": name, "shape": [], "hex": data.tobytes().hex()}}

# What version 2 wrote is the same but for the number.
data = bytearray((folder / "all.gguf").read_bytes())
data[4] = 2
(folder / "two.gguf").write_bytes(data)

# What blocks should be made of numbers.
numbers = {}
for scale in (1e-6, 1.0, 300.0):
    numbers[str(scale)] = (rng.standard_normal((4, 64)) * scale).astype(np.float32)
numbers["zero"] = np.zeros((4, 64), np.float32)
numbers["halves"] = (np.arange(256, dtype=np.float32) - 128).reshape(4, 64) / 2
numbers["tiny"] = (rng.standard_normal((4, 64)) * 1e-7).astype(np.float32)
quantised = {
    key: {
        "float32": value.tobytes().hex(),
        "q8_0": gguf.quants.quantize(value, Type.Q8_0).tobytes().hex(),
        "q4_0": gguf.quants.quantize(value, Type.Q4_0).tobytes().hex(),
    }
    for key, value in numbers.items()
}
print(json.dumps({"files": found, "quantised": quantised}))
