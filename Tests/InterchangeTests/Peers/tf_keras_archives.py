"""Archives as the Keras of TensorFlow 2.12 to 2.15 wrote them, with h5py alone.

make FOLDER    writes `model.keras` and `model.weights.h5`: the layers in a container of another name than
               Keras 3's, a group for each layer without weights, without names, the variables of metrics
               beside the model's, and an optimizer's.
judge FOLDER   compares groups, datasets and bytes of `back.keras` and `back.weights.h5` with those.
"""

import io
import json
import sys
import zipfile

import h5py
import numpy as np

command, folder = sys.argv[1:]
LAYERS = "_layer_checkpoint_dependencies"


def layer(kind, name, **config):
    return {
        "module": "keras.layers", "class_name": kind, "registered_name": None,
        "config": {"name": name, "trainable": True, "dtype": "float32", **config}}


def weights():
    rng = np.random.default_rng(3)
    variables = {
        "conv2d": [(3, 3, 2, 3), (3,)], "flatten": [], "dense": [(48, 4), (4,)],
        "functional/" + LAYERS + "/dense": [(4, 2), (2,)],
        "functional/" + LAYERS + "/input_layer": [], "functional": []}
    shapes = [shape for name in ("conv2d", "dense", "functional/" + LAYERS + "/dense") for shape in variables[name]]
    file = io.BytesIO()
    with h5py.File(file, "w") as f:
        f.create_group("vars")
        for name, own in variables.items():
            group = f.create_group(f"{LAYERS}/{name}/vars")
            for number, shape in enumerate(own):
                group[str(number)] = rng.standard_normal(shape).astype("f4")
        for metric in ("mean", "sparse_categorical_accuracy"):
            for number in range(2):
                f[f"metrics/{metric}/vars/{number}"] = np.float32(number + 1)
        f["optimizer/vars/0"] = np.int64(5)
        for number, shape in enumerate([shape for shape in shapes for _ in "mv"]):
            f[f"optimizer/vars/{number + 1}"] = rng.random(shape).astype("f4")
    return file.getvalue()


def make():
    window = {"strides": [1, 1], "padding": "valid", "data_format": "channels_last", "dilation_rate": [1, 1],
              "groups": 1, "activation": "relu", "use_bias": True}
    config = {
        "module": "keras", "class_name": "Sequential", "registered_name": None,
        "config": {"name": "sequential", "layers": [
            {"module": "keras.layers", "class_name": "InputLayer", "registered_name": None,
             "config": {"batch_input_shape": [None, 6, 6, 2], "dtype": "float32", "sparse": False, "name": "input_1"}},
            layer("Conv2D", "conv2d", filters=3, kernel_size=[3, 3], **window),
            layer("Flatten", "flatten", data_format="channels_last"),
            layer("Dense", "dense", units=4, use_bias=True, activation="linear"),
            {"module": "keras.src.engine.functional", "class_name": "Functional", "registered_name": "Functional",
             "config": {"name": "head", "layers": [
                 {**layer("InputLayer", "input_2", batch_input_shape=[None, 4]), "name": "input_2", "inbound_nodes": []},
                 {**layer("Dense", "out", units=2, use_bias=True, activation="softmax"), "name": "out",
                  "inbound_nodes": [[["input_2", 0, 0, {}]]]}],
                 "input_layers": [["input_2", 0, 0]], "output_layers": [["out", 0, 0]]}},
        ]},
        "build_config": {"input_shape": [None, 6, 6, 2]},
        "compile_config": {
            "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"],
            "optimizer": {"module": "keras.optimizers", "class_name": "Adam", "registered_name": None, "config": {
                "name": "Adam", "weight_decay": None, "clipnorm": None, "use_ema": False, "ema_momentum": 0.99,
                "jit_compile": False, "is_legacy_optimizer": False, "learning_rate": 0.01, "beta_1": 0.9,
                "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": False}}}}
    data = weights()
    with open(f"{folder}/model.weights.h5", "wb") as file:
        file.write(data)
    with zipfile.ZipFile(f"{folder}/model.keras", "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "2.15.0", "date_saved": "2023-11-20@10:00:00"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", data)
    print("ok made")


def content(data):
    found = {}
    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(lambda name, item: found.__setitem__(
            name, (item.dtype.str, item.shape, item[()].tobytes()) if isinstance(item, h5py.Dataset) else None))
    found.pop("ballast_outline", None)
    return found


def judge():
    expected = content(weights())
    with zipfile.ZipFile(f"{folder}/back.keras") as archive:
        archived = content(archive.read("model.weights.h5"))
    with open(f"{folder}/back.weights.h5", "rb") as file:
        plain = content(file.read())
    for name, actual in (("back.keras", archived), ("back.weights.h5", plain)):
        differing = sorted(key for key in expected.keys() | actual.keys() if expected.get(key, 0) != actual.get(key, 0))
        print("WRONG" if differing else "ok", name, *differing)


{"make": make, "judge": judge}[command]()
