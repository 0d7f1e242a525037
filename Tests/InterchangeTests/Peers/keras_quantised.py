"""Quantised models, models with an adaptation of low rank, and Nadam, with Keras as the judge.

make FOLDER    saves each in the three kinds of files, and prints their names.
judge FOLDER   opens what Ballast wrote back with Keras, and compares all variables.

Written with keras 3.15.1 (torch backend).
"""

import os
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

folder = sys.argv[2]
keras.utils.set_random_seed(3)


def path(name):
    return os.path.join(folder, name)


def mixed():
    return keras.Sequential([
        keras.Input((4,), dtype="int32"), L.Embedding(8, 4, name="e"), L.Flatten(name="f"),
        L.Dense(6, "relu", name="a"), L.EinsumDense("ab,bc->ac", 4, bias_axes="c", name="x"),
        L.Dense(3, use_bias=False, name="b")])


def dense():
    return keras.Sequential([keras.Input((8,)), L.Dense(6, "relu", name="a"), L.Dense(4, name="b")])


def adapted(mode=None):
    model = dense()
    if mode:
        model.quantize(mode)
    model.layers[0].enable_lora(2)
    model.layers[0].lora_kernel_b.assign(np.random.default_rng(1).standard_normal((2, 6)))
    return model


def quantised(mode, build=mixed):
    model = build()
    model.quantize(mode)
    return model


def nadam():
    model = dense()
    model.compile("nadam", keras.losses.MeanSquaredError())
    rng = np.random.default_rng(2)
    model.fit(rng.standard_normal((8, 8)), rng.standard_normal((8, 4)), epochs=2, verbose=0)
    return model


MODELS = {
    "int8": lambda: quantised("int8"), "int4": lambda: quantised("int4"),
    "float8": lambda: quantised("float8", dense), "low_rank": adapted,
    "int8_low_rank": lambda: adapted("int8"), "nadam": nadam,
}


def make():
    for name, build in MODELS.items():
        model = build()
        model.save(path(name + ".keras"))
        model.save(path(name + ".h5"))
        model.save_weights(path(name + ".weights.h5"))
    print(" ".join(MODELS))


def variables(model):
    optimizer = getattr(model, "optimizer", None)
    return [np.array(v) for v in model.variables + (optimizer.variables if optimizer else [])]


def judge():
    for name in MODELS:
        for kind in ("keras", "h5"):
            if (name, kind) == ("float8", "h5"):
                continue  # Keras does not open what it writes.
            own, back = (
                variables(keras.models.load_model(path(file))) for file in (f"{name}.{kind}", f"{name}.back.{kind}"))
            same = len(own) == len(back) and all(np.array_equal(a, b) for a, b in zip(own, back))
            print("ok" if same else "no", name, kind)


if __name__ == "__main__":
    {"make": make, "judge": judge}[sys.argv[1]]()
