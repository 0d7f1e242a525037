"""Writes ONNX files with the `onnx` package, and prints as JSON what is in them.

    python write_onnx.py FOLDER

For each file the tensors by the keys that they are to have, each with the name of its type, its shape, and its bytes as
`raw_data` would have them, in hexadecimal digits. Random bytes are of seed 7. Written with onnx 1.23.2, NumPy 2.4 and
ml_dtypes 0.6.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = Path(sys.argv[1])
rng = np.random.default_rng(7)
found = {}
# The bits of elements that are less than a byte.
PACKED = {"UINT2": 2, "INT2": 2, "UINT4": 4, "INT4": 4, "FLOAT4E2M1": 4, "FLOAT6E2M3": 6, "FLOAT6E3M2": 6}
TYPES = [name for name, number in TensorProto.DataType.items() if name not in ("UNDEFINED", "STRING")]


def values(name, shape):
    """Elements of a type, as NumPy has them: any bits for numbers, all of them small for packed ones."""
    dtype = helper.tensor_dtype_to_np_dtype(TensorProto.DataType.Value(name))
    count = int(np.prod(shape))
    if name == "BOOL":
        return rng.integers(0, 2, count).astype(bool).reshape(shape)
    if name in PACKED:
        return rng.integers(0, 2**PACKED[name], count).astype(np.uint8).view(dtype).reshape(shape)
    return np.frombuffer(rng.bytes(count * dtype.itemsize), dtype).reshape(shape)


def raw(name, shape, key):
    tensor = numpy_helper.from_array(np.zeros(0, np.uint8), key)
    array = values(name, shape)
    tensor.CopyFrom(numpy_helper.from_array(array, key))
    assert tensor.data_type == TensorProto.DataType.Value(name), (name, tensor.data_type)
    return tensor


def typed(tensor):
    """The same tensor with its elements in the field of its type."""
    number, name = tensor.data_type, TensorProto.DataType.Name(tensor.data_type)
    copy = TensorProto(name=tensor.name + ".typed", data_type=number, dims=tensor.dims)
    data = tensor.raw_data
    array = numpy_helper.to_array(tensor).reshape(-1)
    if name in ("FLOAT", "COMPLEX64"):
        copy.float_data.extend(np.frombuffer(data, "<f4").tolist())
    elif name in ("DOUBLE", "COMPLEX128"):
        copy.double_data.extend(np.frombuffer(data, "<f8").tolist())
    elif name == "INT64":
        copy.int64_data.extend(array.tolist())
    elif name in ("UINT32", "UINT64"):
        copy.uint64_data.extend(array.tolist())
    elif name in ("FLOAT16", "BFLOAT16"):
        copy.int32_data.extend(np.frombuffer(data, "<u2").tolist())
    elif name.startswith("FLOAT8"):
        copy.int32_data.extend(list(data))
    elif name.startswith("FLOAT6"):
        copy.int32_data.extend(array.view(np.uint8).tolist())
    elif name in PACKED:
        copy.int32_data.extend(list(data))
    else:
        copy.int32_data.extend(array.astype(np.int64).tolist())
    return copy


def describe(tensor):
    data = tensor.raw_data
    return {"type": TensorProto.DataType.Name(tensor.data_type), "shape": list(tensor.dims), "hex": data.hex()}


def model(initializers, nodes=(), **graph):
    inputs = graph.pop("inputs", [])
    outputs = graph.pop("outputs", [])
    return helper.make_model(
        helper.make_graph(list(nodes), "g", inputs, outputs, list(initializers), **graph), producer_name="test",
        producer_version="1.0", opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)])


def all_types():
    tensors, expected = [], {}
    for name in TYPES:
        for shape in [[3, 5], [4], [], [2, 4]]:
            key = f"{name}.{'x'.join(map(str, shape)) or 'scalar'}"
            tensor = raw(name, shape, key)
            tensors += [tensor, typed(tensor)]
            expected[key] = expected[key + ".typed"] = describe(tensor)
    tensors.append(numpy_helper.from_array(np.zeros((0, 3), np.float32), "empty"))
    expected["empty"] = describe(tensors[-1])
    made = model(tensors)
    made.metadata_props.extend(
        onnx.StringStringEntryProto(key=key, value=value)
        for key, value in [("format", "pt"), ("größe", "日本\n"), ("number", "7"), ("empty", "")])
    made.model_version = 3
    made.doc_string = "All types."
    made.domain = "org.example"
    made.graph.doc_string = "A graph."
    onnx.save(made, folder / "all.onnx")
    onnx.checker.check_model(str(folder / "all.onnx"))
    found["all.onnx"] = expected


def external():
    for file, several in [("external.onnx", False), ("several.onnx", True)]:
        tensors = [raw(name, [40, 8], name) for name in ("FLOAT", "INT8", "FLOAT16", "INT64", "BFLOAT16", "INT4")]
        tensors.append(raw("FLOAT", [2], "small"))
        found[file] = {tensor.name: describe(tensor) for tensor in tensors}
        made = model(tensors)
        onnx.save(
            made, folder / file, save_as_external_data=True, all_tensors_to_one_file=not several,
            location=None if several else "weights/external.bin" if (folder / "weights").mkdir() is None else None,
            size_threshold=16)
        onnx.checker.check_model(str(folder / file))


def graphs():
    """Weights in constants, in the attributes of other nodes, in subgraphs, functions and the training."""
    constant = raw("FLOAT", [2, 3], "inner")
    condition = helper.make_tensor_value_info("condition", TensorProto.BOOL, [])
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)

    def branch(name):
        weight = raw("FLOAT", [3], "w")
        only = raw("FLOAT", [2], f"only_{name}")
        node = helper.make_node("Identity", ["w"], [f"{name}_y"])
        graph = helper.make_graph(
            [node], name, [], [helper.make_tensor_value_info(f"{name}_y", TensorProto.FLOAT, None)], [weight, only])
        return graph, weight, only

    (then, then_w, then_only), (other, other_w, other_only) = branch("then"), branch("else")
    nodes = [
        helper.make_node("Constant", [], ["c1"], value=constant),
        helper.make_node("Constant", [], ["c2"], value_float=0.5),
        helper.make_node("Constant", [], ["c3"], value_floats=[1.5, -2.0]),
        helper.make_node("Constant", [], ["c4"], value_int=-3),
        helper.make_node("Constant", [], ["c5"], value_ints=[1, -2, 3]),
        helper.make_node("Constant", [], ["c6"], value_string="text"),
        helper.make_node(
            "ConstantOfShape", ["c5"], ["c7"], name="fill",
            value=helper.make_tensor("value", TensorProto.INT64, [1], [9])),
        helper.make_node("If", ["condition"], ["y"], name="if", then_branch=then, else_branch=other),
    ]
    w = raw("FLOAT", [4], "w")
    texts = helper.make_tensor("texts", TensorProto.STRING, [2], ["a", "b"])
    indices = numpy_helper.from_array(np.array([1, 4], np.int64), "indices")
    sparse = helper.make_sparse_tensor(raw("FLOAT", [2], "sparse"), indices, [6])
    made = model([w, texts], nodes, inputs=[condition], outputs=[output], sparse_initializer=[sparse])
    annotation = made.graph.quantization_annotation.add(tensor_name="w")
    annotation.quant_parameter_tensor_names.add(key="SCALE_TENSOR", value="w_scale")
    made.graph.metadata_props.add(key="stage", value="1")
    made.graph.initializer[0].doc_string = "the weight"
    body = [
        helper.make_node("Constant", [], ["k"], value=raw("FLOAT", [2], "k")), helper.make_node("Add", ["x", "k"], ["y"])
    ]
    made.functions.append(helper.make_function("org.example", "AddK", ["x"], ["y"], body, [helper.make_opsetid("", 21)]))
    training = made.training_info.add()
    training.algorithm.name = "sgd"
    training.algorithm.initializer.append(raw("FLOAT", [1], "rate"))
    onnx.save(made, folder / "graphs.onnx")
    numbers = {
        "c2": ("FLOAT", [], np.float32(0.5)), "c3": ("FLOAT", [2], np.array([1.5, -2], np.float32)),
        "c4": ("INT64", [], np.int64(-3)), "c5": ("INT64", [3], np.array([1, -2, 3])),
        "fill.value": ("INT64", [1], np.array([9])),
    }
    found["graphs.onnx"] = {
        "w": describe(w), "c1": describe(constant), "if.then_branch/w": describe(then_w),
        "if.else_branch/w": describe(other_w), "if.then_branch/only_then": describe(then_only),
        "if.else_branch/only_else": describe(other_only),
        "AddK/k": describe(body_tensor(body)),
        "training_info.0.algorithm/rate": describe(training.algorithm.initializer[0]),
    } | {
        key: {"type": name, "shape": shape, "hex": value.tobytes().hex()}
        for key, (name, shape, value) in numbers.items()
    }


def body_tensor(body):
    return body[0].attribute[0].t


all_types()
external()
graphs()
print(json.dumps(found))
