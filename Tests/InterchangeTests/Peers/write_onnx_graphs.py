"""Writes ONNX models with the `onnx` package whose graphs have more in them than weights of their own names.

    python write_onnx_graphs.py FOLDER

Every file is taken by the package's checker, but for that of version 3 of the format, which has initializers that are
no inputs. Written with onnx 1.23.2 and NumPy 2.4.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

folder = Path(sys.argv[1])
FLOAT = TensorProto.FLOAT
OPSETS = [helper.make_opsetid("", 21), helper.make_opsetid("own", 1)]


def tensor(name, shape, start=0):
    values = np.arange(start, start + int(np.prod(shape)), dtype=np.float32).reshape(shape)
    return numpy_helper.from_array(values, name)


def value(name, shape, kind=FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def save(name, nodes, initializers, inputs=(), outputs=(), check=True, functions=(), **graph):
    made = helper.make_model(
        helper.make_graph(list(nodes), "g", list(inputs), list(outputs), list(initializers), **graph),
        opset_imports=OPSETS, functions=list(functions), ir_version=10)
    if check:
        onnx.checker.check_model(made)
    onnx.save(made, folder / name)
    return made


def place(made, location, offset=None, length=None, checksum=None):
    """Says that a tensor has its elements in a file."""
    made.ClearField("raw_data")
    made.data_location = TensorProto.EXTERNAL
    for key, text in [("location", location), ("offset", offset), ("length", length), ("checksum", checksum)]:
        if text is not None:
            made.external_data.add(key=key, value=str(text))
    return made


def empty():
    """A tensor without elements after another one in the same file, and no offset."""
    weight = place(tensor("weight", [20, 20]), "empty.data", 0, 1600)
    (folder / "empty.data").write_bytes(np.arange(400, dtype=np.float32).tobytes())
    save("empty.onnx", [], [weight, place(tensor("empty", [0, 3]), "empty.data")], check=False)
    onnx.checker.check_model(str(folder / "empty.onnx"))


def named():
    """Weights that a model multiplies from the right under its own names, as GPT-2's Conv1D does."""
    nodes = [
        helper.make_node("Gemm", ["x", "attn.weight", "attn.bias"], ["h"]),
        helper.make_node("MatMul", ["h", "proj"], ["y"]),
    ]
    save(
        "named.onnx", nodes, [tensor("attn.weight", [4, 4]), tensor("attn.bias", [4]), tensor("proj", [4, 4], 50)],
        [value("x", [2, 4])], [value("y", [2, 4])])


def disputed():
    """Made-up names of which nodes tell different things, the same, and in a graph within the graph."""
    branch = helper.make_graph(
        [helper.make_node("MatMul", ["h", "val_3"], ["inner_y"], name="/deep/MatMul"),
         helper.make_node("MatMul", ["inner_y", "val_4"], ["inner_z"], name="/own/MatMul")],
        "b", [], [value("inner_z", [2, 4])], [tensor("val_4", [4, 4], 400)])
    other = helper.make_graph([helper.make_node("Identity", ["h"], ["other_y"])], "o", [], [value("other_y", [2, 4])])
    nodes = [
        helper.make_node("Gather", ["val_1", "tokens"], ["e"], name="/emb/Gather"),
        helper.make_node("MatMul", ["e", "val_1"], ["g"], name="/out/MatMul"),
        helper.make_node("MatMul", ["g", "val_2"], ["a"], name="/fc/MatMul"),
        helper.make_node("MatMul", ["a", "val_2"], ["h"], name="/fc/MatMul"),
        helper.make_node("If", ["condition"], ["y"], name="if", then_branch=branch, else_branch=other),
    ]
    save(
        "disputed.onnx", nodes, [tensor(f"val_{n}", [4, 4], n) for n in (1, 2, 3)],
        [value("tokens", [2], TensorProto.INT64), value("condition", [], TensorProto.BOOL)], [value("y", [2, 4])])


def branches():
    """One name in both branches of an `If`, and what a checkpoint of `w` alone leaves as it is."""

    def branch(name):
        return helper.make_graph(
            [helper.make_node("Identity", ["w"], [f"{name}_y"])], name, [], [value(f"{name}_y", [3])], [tensor("w", [3])])

    packed = helper.make_tensor("packed", TensorProto.INT4, [4], [1, 2, 3, 4])
    nodes = [
        helper.make_node("Constant", [], ["c"], value=tensor("c", [2])),
        helper.make_node("If", ["condition"], ["y"], name="if", then_branch=branch("a"), else_branch=branch("b")),
    ]
    save(
        "branches.onnx", nodes,
        [tensor("own", [5]), numpy_helper.from_array(np.array([1, 2], np.int64), "whole"), packed],
        [value("condition", [], TensorProto.BOOL)], [value("y", [3])])
    shared = [
        helper.make_node("If", ["condition"], ["y"], name="if", then_branch=branch("a"), else_branch=branch("b"))]
    save(
        "shared.onnx", shared, [tensor("w", [3]), tensor("own", [5])], [value("condition", [], TensorProto.BOOL)],
        [value("y", [3])], check=False)


def functions():
    """Functions whose constants are what they are called with, and numbers that writers leave out as they are zero."""
    def constant(output, name, kind, reference=None):
        node = helper.make_node("Constant", [], [output])
        attribute = node.attribute.add(name=name, type=kind)
        if reference:
            attribute.ref_attr_name = reference
        return node

    kinds = onnx.AttributeProto
    body = [
        constant("k", "value_float", kinds.FLOAT, "alpha"), constant("i", "value_ints", kinds.INTS, "axes"),
        constant("t", "value", kinds.TENSOR, "table"), constant("zero", "value_float", kinds.FLOAT),
        constant("none", "value_int", kinds.INT),
        # No Constant: a number of this name is no tensor.
        helper.make_node("Scale", ["x"], ["y"], domain="own", value_float=3.0),
    ]
    function = helper.make_function(
        "own", "F", ["x"], ["y"], body, OPSETS, ["alpha", "axes"],
        [helper.make_attribute("table", tensor("table", [2], 7))])
    scale = helper.make_function(
        "own", "Scale", ["x"], ["y"], [helper.make_node("Identity", ["x"], ["y"])], OPSETS, ["value_float"])
    nodes = [helper.make_node("F", ["x"], ["y"], domain="own", alpha=0.5, axes=[1])]
    save("functions.onnx", nodes, [], [value("x", [1])], [value("y", [1])], functions=[function, scale])


def version():
    """Initializers of version 3 of the format are inputs too."""
    made = save("version.onnx", [], [tensor("w", [2])], [value("w", [2])])
    made.ir_version = 3
    onnx.checker.check_model(made)
    onnx.save(made, folder / "version.onnx")


def training():
    """What trains a model has constants, sparse tensors and nodes with files of their own."""
    made = save("training.onnx", [], [tensor("w", [2])])
    algorithm = made.training_info.add().algorithm
    algorithm.name = "sgd"
    rate = place(tensor("rate", [2], 5), "training.data", 0, 8)
    rate.doc_string = "the rate"
    algorithm.initializer.append(rate)
    algorithm.node.append(
        helper.make_node("Constant", [], ["momentum"], value=place(tensor("m", [3]), "momentum.data", 0, 12)))
    indices = numpy_helper.from_array(np.array([1, 4], np.int64), "")
    for graph, name in [(algorithm, "sparse_of_training"), (made.graph, "sparse")]:
        values = place(tensor(name, [2]), f"{name}.data", 4, 8)
        graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [6]))
    for name, count in [("training", 8), ("momentum", 12), ("sparse_of_training", 12), ("sparse", 12)]:
        (folder / f"{name}.data").write_bytes(bytes(range(count)))
    onnx.save(made, folder / "training.onnx")
    # A rate of the same bytes as the weight, and a checksum of the file with it.
    both = onnx.load(folder / "training.onnx", load_external_data=False)
    both.graph.initializer[0].CopyFrom(place(tensor("w", [2]), "training.data", 0, 8))
    onnx.save(both, folder / "together.onnx")
    summed = save("summed.onnx", [], [
        place(tensor("w", [2]), "training.data", 0, 4 * 2), place(tensor("v", [0]), "training.data", 8, 0, "ab")],
        check=False)
    assert summed.graph.initializer[1].external_data[3].value == "ab"


empty()
named()
disputed()
branches()
functions()
version()
training()
