"""Reads ONNX files with the `onnx` package, and prints as JSON what it finds.

    python read_onnx.py FILE…

The checker has to take each file. Of each the metadata but for Ballast's own, what it says of itself, the initializers
in order, each with its name, type, shape and bytes as `raw_data` would have them, and the names of the files beside it.
Written with onnx 1.23.2.
"""

import json
import sys

import onnx
from onnx import TensorProto, numpy_helper


def read(path):
    onnx.checker.check_model(path)
    model = onnx.load(path, load_external_data=False)
    files = sorted({
        entry.value for tensor in model.graph.initializer for entry in tensor.external_data if entry.key == "location"
    })
    model = onnx.load(path)
    tensors = []
    for tensor in model.graph.initializer:
        array = numpy_helper.to_array(tensor)
        if not tensor.HasField("raw_data"):
            tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
        tensors.append([
            tensor.name, TensorProto.DataType.Name(tensor.data_type), list(tensor.dims), tensor.raw_data.hex()])
    return {
        "metadata": {
            prop.key: prop.value for prop in model.metadata_props if not prop.key.startswith("ballast.")
        },
        "header": [
            model.ir_version, model.producer_name, model.producer_version, model.domain, model.model_version,
            model.doc_string, model.graph.name, model.graph.doc_string,
            [[opset.domain, opset.version] for opset in model.opset_import],
        ],
        "tensors": tensors,
        "files": files,
    }


print(json.dumps([read(path) for path in sys.argv[1:]]))
