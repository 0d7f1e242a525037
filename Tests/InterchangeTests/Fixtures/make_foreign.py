"""Makes small files of formats that are not read here, each by the library that it is of.

    python make_foreign.py [folder]

Pinned: torch 2.13.0+cpu, numpy 2.4.6, msgpack 1.2.4, scipy 1.17.1,
tensorflow-cpu 2.21.0, orbax-checkpoint 0.12.8, coremltools 9.0. Not all of them go into
one environment: a case whose library is missing is left out, and its files stay as they are.
"""

import os
import pathlib
import shutil
import struct
import sys

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", JAX_PLATFORMS="cpu")

import numpy as np

FOLDER = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
OUT = FOLDER / "foreign"


def case_flax():
    """As flax.serialization.to_bytes has it: arrays are an extension of MessagePack, of type 1."""
    import msgpack

    kernel = np.zeros((2, 3), np.float32)
    packed = msgpack.packb((kernel.shape, kernel.dtype.name, kernel.tobytes()))
    state = {"params": {"kernel": msgpack.ExtType(1, packed)}}
    (OUT / "flax_model.msgpack").write_bytes(msgpack.packb(state))


def case_matlab():
    import scipy.io

    # The header tells the day; one text of the same length is as good as another.
    scipy.io.savemat(OUT / "matlab5.mat", {"w": np.zeros((2, 3))})
    path = OUT / "matlab5.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(116) + path.read_bytes()[116:])
    scipy.io.savemat(OUT / "matlab4.mat", {"w": np.zeros((2, 3))}, format="4")


def case_torch():
    import torch

    with torch.package.PackageExporter(OUT / "package.pt") as exporter:
        exporter.save_pickle("model", "data.pkl", {"w": torch.zeros(2)})
    program = torch.export.export(torch.nn.Linear(3, 2), (torch.zeros(1, 3),))
    for node in program.graph.nodes:
        # The paths of this machine.
        node.meta.pop("stack_trace", None)
    torch.export.save(program, OUT / "program.pt2")


def case_tensorflow():
    import tensorflow as tf

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = tf.Variable(tf.zeros([3]))

        @tf.function(input_signature=[tf.TensorSpec([3])])
        def __call__(self, x):
            return x * self.w

    module = Module()
    tf.train.Checkpoint(module=module).write(str(OUT / "tensorflow" / "ckpt"))
    tf.saved_model.save(module, str(OUT / "saved_model"))
    (OUT / "saved_model" / "fingerprint.pb").unlink(missing_ok=True)
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [module.__call__.get_concrete_function()], module)
    (OUT / "model.tflite").write_bytes(converter.convert())


def case_orbax():
    import orbax.checkpoint

    shutil.rmtree(OUT / "orbax", ignore_errors=True)
    with orbax.checkpoint.StandardCheckpointer() as checkpointer:
        checkpointer.save((OUT / "orbax").absolute(), {"w": np.zeros(3, np.float32)})
    # The path on this machine, and what every process wrote before it was put together.
    (OUT / "orbax" / "commit_success.txt").unlink(missing_ok=True)
    shutil.rmtree(OUT / "orbax" / "ocdbt.process_0")


def case_coreml():
    from coremltools.proto import Model_pb2

    model = Model_pb2.Model()
    model.specificationVersion = 1
    model.description.input.add(name="x").type.multiArrayType.shape.append(3)
    model.description.output.add(name="y")
    (OUT / "model.mlmodel").write_bytes(model.SerializeToString())


def case_darknet():
    """As the program's save_weights has it: version 0.2.5, the images seen, and the numbers."""
    content = struct.pack("<3iQ", 0, 2, 5, 32013312) + np.zeros(16, np.float32).tobytes()
    (OUT / "yolo.weights").write_bytes(content)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, case in list(globals().items()):
        if name.startswith("case_"):
            try:
                case()
            except ImportError as error:
                print(f"{name} is left out: {error}")
