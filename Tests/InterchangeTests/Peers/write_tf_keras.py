"""Writes HDF5 files as the Keras of TensorFlow 2 did, with h5py alone.

    python write_tf_keras.py FOLDER

The layout is that of `save_model_to_hdf5` in TF-Keras 2.4 to 2.15: attributes `layer_names` and `weight_names` of
fixed length, names that end in `:0`, a group within the layer's group for each part of a name, weights that are
trained before those that are not. Prints JSON: for each file the tensors that PyTorch's twin would have, worked
out here with NumPy.
"""

import json
import os
import sys

import h5py
import numpy as np

FOLDER = sys.argv[1]
rng = np.random.default_rng(5)


def normal(*shape):
    return rng.standard_normal(shape).astype("f4")


def layer(kind, name, **config):
    return {"class_name": kind, "config": {"name": name, "trainable": True, "dtype": "float32", **config}}


def write(file, layers, config=None, optimizer=None, training=None):
    """The groups of a model: a list of layers, each a list of names and arrays."""
    root = file
    if config is not None:
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"], file.attrs["backend"] = b"2.11.0", b"tensorflow"
        root = file.create_group("model_weights")
    if training is not None:
        file.attrs["training_config"] = json.dumps(training).encode()
    root.attrs["layer_names"] = np.array([name.encode() for name in layers])
    root.attrs["keras_version"], root.attrs["backend"] = b"2.11.0", b"tensorflow"
    for name, weights in layers.items():
        group = root.create_group(name)
        group.attrs["weight_names"] = np.array([weight.encode() for weight in weights])
        for weight, value in weights.items():
            group[weight] = value
    root.create_group("top_level_model_weights").attrs["weight_names"] = np.array([])
    if optimizer is not None:
        group = file.create_group("optimizer_weights")
        group.attrs["weight_names"] = np.array([name.encode() for name in optimizer])
        for name, value in optimizer.items():
            group[name] = value


def recurrent(kernel, recurrent_kernel, bias, suffix=""):
    return {
        "weight_ih_l0" + suffix: kernel.T, "weight_hh_l0" + suffix: recurrent_kernel.T,
        "bias_ih_l0" + suffix: bias, "bias_hh_l0" + suffix: np.zeros_like(bias),
    }


def image():
    """Names with slashes, a model within the model, and statistics."""
    conv, bias = normal(3, 3, 2, 4), normal(4)
    depth, depth_bias = normal(3, 3, 4, 1), normal(4)
    gamma, beta, mean, variance = (normal(4) for _ in range(4))
    point, point_bias = normal(1, 1, 4, 3), normal(3)
    dense, dense_bias = normal(3, 2), normal(2)
    layers = {
        "input_1": {},
        "block1/conv": {"block1/conv/kernel:0": conv, "block1/conv/bias:0": bias},
        "depthwise_conv2d": {
            "depthwise_conv2d/depthwise_kernel:0": depth, "depthwise_conv2d/bias:0": depth_bias},
        # What is learned by the inner model comes first, also across its layers.
        "inner": {
            "bn/gamma:0": gamma, "bn/beta:0": beta, "point/kernel:0": point, "point/bias:0": point_bias,
            "bn/moving_mean:0": mean, "bn/moving_variance:0": variance},
        "global_average_pooling2d": {},
        "dense": {"dense/kernel:0": dense, "dense/bias:0": dense_bias},
    }
    window = {"strides": [1, 1], "padding": "valid", "data_format": "channels_last", "dilation_rate": [1, 1],
              "groups": 1, "activation": "linear", "use_bias": True}
    config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": [
        layer("InputLayer", "input_1", batch_input_shape=[None, 8, 8, 2], sparse=False),
        layer("Conv2D", "block1/conv", filters=4, kernel_size=[3, 3], batch_input_shape=[None, 8, 8, 2], **window),
        layer("DepthwiseConv2D", "depthwise_conv2d", kernel_size=[3, 3], depth_multiplier=1, **window),
        layer("Sequential", "inner", layers=[
            layer("BatchNormalization", "bn", axis=[3], momentum=0.99, epsilon=0.001, center=True, scale=True),
            layer("Conv2D", "point", filters=3, kernel_size=[1, 1], **window)]),
        layer("GlobalAveragePooling2D", "global_average_pooling2d", data_format="channels_last", keepdims=False),
        layer("Dense", "dense", units=2, activation="softmax", use_bias=True),
    ]}}
    moments = {}
    learned = [(name, value) for weights in layers.values() for name, value in weights.items()
               if "moving" not in name]
    for slot in ("m", "v"):
        for name, value in learned:
            moments[f"Adam/{name[:-2]}/{slot}:0"] = normal(*value.shape)
    optimizer = {"Adam/iter:0": np.array(12, "i8"), **moments}
    with h5py.File(os.path.join(FOLDER, "image.h5"), "w") as file:
        # With a schedule the learning rate is no variable, so that their number is that of Keras 3.
        schedule = {"class_name": "ExponentialDecay", "config": {"initial_learning_rate": 0.1}}
        write(file, layers, config, optimizer, {"loss": "mse", "optimizer_config": {
            "class_name": "Adam", "config": {"name": "Adam", "learning_rate": schedule, "decay": 0.0}}})
    with h5py.File(os.path.join(FOLDER, "only.h5"), "w") as file:
        write(file, {name: weights for name, weights in layers.items() if name != "inner"})
    outer = {
        "block1/conv.weight": conv.transpose(3, 2, 0, 1), "block1/conv.bias": bias,
        "depthwise_conv2d.weight": depth.transpose(2, 3, 0, 1).reshape(4, 1, 3, 3),
        "depthwise_conv2d.bias": depth_bias, "dense.weight": dense.T, "dense.bias": dense_bias,
    }
    return {"image.h5": {
        **outer,
        "inner.bn.weight": gamma, "inner.bn.bias": beta, "inner.bn.running_mean": mean,
        "inner.bn.running_var": variance, "inner.bn.num_batches_tracked": np.array(0, "i8"),
        "inner.point.weight": point.transpose(3, 2, 0, 1), "inner.point.bias": point_bias,
    }, "only.h5": outer}


def sequence():
    """Cells whose names the weights have between the layer's and their own, and numbered ones."""
    embeddings = normal(9, 3)
    forward = (normal(3, 16), normal(4, 16), normal(16))
    backward = (normal(3, 16), normal(4, 16), normal(16))
    last = (normal(8, 8), normal(2, 8), normal(8))
    parts = ["kernel:0", "recurrent_kernel:0", "bias:0"]
    layers = {
        "embedding": {"embedding/embeddings:0": embeddings},
        "bidirectional": {
            **{f"bidirectional/forward_lstm/lstm_cell_1/{part}": value for part, value in zip(parts, forward)},
            **{f"bidirectional/backward_lstm/lstm_cell_2/{part}": value for part, value in zip(parts, backward)}},
        # Before 2.4 a layer had no cell of its own in the names.
        "lstm_1": {f"lstm_1/{part}": value for part, value in zip(parts, last)},
    }
    cell = {"activation": "tanh", "recurrent_activation": "sigmoid", "use_bias": True, "return_sequences": True,
            "go_backwards": False}
    config = {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": [
        layer("Embedding", "embedding", input_dim=9, output_dim=3, batch_input_shape=[None, None]),
        layer("Bidirectional", "bidirectional", layer=layer("LSTM", "lstm", units=4, **cell), merge_mode="concat"),
        layer("LSTM", "lstm_1", units=2, **cell),
    ]}}
    with h5py.File(os.path.join(FOLDER, "sequence.h5"), "w") as file:
        write(file, layers, config)
    tensors = {"embedding.weight": embeddings}
    for prefix, values, suffix in [
        ("bidirectional.", forward, ""), ("bidirectional.", backward, "_reverse"), ("lstm_1.", last, ""),
    ]:
        tensors |= {prefix + name: value for name, value in recurrent(*values, suffix).items()}
    return {"sequence.h5": tensors}


print(json.dumps({file: {
    key: {"shape": list(value.shape), "hex": np.ascontiguousarray(value).tobytes().hex()}
    for key, value in tensors.items()} for file, tensors in {**image(), **sequence()}.items()}))
