"""Makes the files in keras/, with keras 3.15.1 (torch backend), h5py 3.16.0 and NumPy 2.4.

    python3 make_keras.py

Each model is saved in the three kinds of files. `<model>.json` has the tensors that PyTorch's twin of
it would have, worked out here with NumPy alone: the shape and the bytes, in hexadecimal.
"""

import json
import os
import shutil
import warnings

os.environ["KERAS_BACKEND"] = "torch"
warnings.filterwarnings("ignore")

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")
keras.utils.set_random_seed(11)
rng = np.random.default_rng(11)


def fill(model):
    for variable in model.weights:
        variable.assign(rng.standard_normal(variable.shape).astype("f4"))


def values(model, layer):
    return [np.asarray(w) for w in model.get_layer(layer).get_weights()]


def save(model, name, tensors, slots=None):
    paths = [os.path.join(FOLDER, name + kind) for kind in (".keras", ".h5", ".weights.h5")]
    model.save(paths[0])
    model.save(paths[1])
    model.save_weights(paths[2])
    described = {
        key: {"shape": list(value.shape), "hex": np.ascontiguousarray(value).tobytes().hex()}
        for key, value in {**tensors, **(slots or {})}.items()
    }
    with open(os.path.join(FOLDER, name + ".json"), "w") as file:
        json.dump(described, file, indent=1, sort_keys=True)


def image_model():
    model = keras.Sequential([
        keras.Input((4, 4, 2)),
        L.Conv2D(3, 3, name="conv"),
        L.BatchNormalization(name="bn"),
        L.Flatten(name="flatten"),
        L.Dense(2, name="fc"),
    ], name="image")
    fill(model)
    model.compile(keras.optimizers.Adam(0.5), keras.losses.MeanSquaredError())
    model.optimizer.build(model.trainable_variables)
    for variable in model.optimizer.variables[2:]:
        variable.assign(rng.standard_normal(variable.shape).astype("f4"))
    model.optimizer.iterations.assign(17)
    kernel, bias = values(model, "conv")
    gamma, beta, mean, variance = values(model, "bn")
    dense, dense_bias = values(model, "fc")

    def rows(array):
        return array.reshape(2, 2, 3, 2).transpose(3, 2, 0, 1).reshape(2, 12)

    # Two for each of: conv kernel, bias, gamma, beta, dense kernel, bias.
    state = [np.asarray(v.numpy()) for v in model.optimizer.variables]
    save(model, "image", {
        "conv.weight": kernel.transpose(3, 2, 0, 1), "conv.bias": bias,
        "bn.weight": gamma, "bn.bias": beta, "bn.running_mean": mean, "bn.running_var": variance,
        "bn.num_batches_tracked": np.array(0, "i8"),
        "fc.weight": rows(dense), "fc.bias": dense_bias,
    }, {
        "conv.weight:exp_avg": state[2].transpose(3, 2, 0, 1),
        "conv.weight:exp_avg_sq": state[3].transpose(3, 2, 0, 1),
        "bn.bias:exp_avg": state[8], "fc.weight:exp_avg": rows(state[10]),
        "fc.weight:step": np.array(17, "f4"), "fc.bias:exp_avg_sq": state[13],
    })


def sequence_model():
    model = keras.Sequential([
        keras.Input((3,)),
        L.Embedding(5, 2, name="words"),
        L.Bidirectional(L.GRU(2, return_sequences=True), name="both"),
        L.LSTM(3, name="lstm"),
    ], name="sequence")
    fill(model)

    def gates(array):
        z, r, h = np.split(array, 3, -1)
        return np.concatenate([r, z, h], -1)

    both, lstm = values(model, "both"), values(model, "lstm")
    tensors = {"words.weight": values(model, "words")[0]}
    for suffix, (kernel, recurrent, bias) in (("", both[:3]), ("_reverse", both[3:])):
        tensors["both.weight_ih_l0" + suffix] = gates(kernel).T
        tensors["both.weight_hh_l0" + suffix] = gates(recurrent).T
        tensors["both.bias_ih_l0" + suffix] = gates(bias)[0]
        tensors["both.bias_hh_l0" + suffix] = gates(bias)[1]
    tensors["lstm.weight_ih_l0"], tensors["lstm.weight_hh_l0"] = lstm[0].T, lstm[1].T
    tensors["lstm.bias_ih_l0"] = lstm[2]
    tensors["lstm.bias_hh_l0"] = np.zeros_like(lstm[2])
    save(model, "sequence", tensors)


def chunked():
    """Names in two attributes, as Keras writes those of a model of very many layers."""
    names = [f"layer_{number}" for number in range(5)]
    with h5py.File(os.path.join(FOLDER, "chunked.h5"), "w") as file:
        for part, some in enumerate(np.array_split(np.array([n.encode() for n in names]), 2)):
            file.attrs[f"layer_names{part}"] = some
        for name in names:
            group = file.create_group(name)
            used = name in (names[0], names[-1])
            group.attrs["weight_names"] = np.array([b"w/kernel:0", b"w/bias:0"] if used else [], "S10")
            if used:
                group["w/kernel:0"] = np.full((2, 1), len(name), "f4")
                group["w/bias:0"] = np.zeros(1, "f4")


shutil.rmtree(FOLDER, ignore_errors=True)
os.makedirs(FOLDER)
image_model()
sequence_model()
chunked()
