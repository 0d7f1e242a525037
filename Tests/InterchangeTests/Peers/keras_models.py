"""Keras as the judge of what Ballast reads and writes.

make FOLDER    builds small models, seeded, and saves each in the three kinds of files, with an input
               and what the model makes of it.
twins FOLDER   loads what Ballast read (Ballast HDF5) into modules of PyTorch, strictly, and compares
               what they make of the input.
judge FOLDER   opens what Ballast wrote with Keras, and compares weights, optimizers and outputs.

Each prints a line for each check. Written with keras 3.15.1 (torch backend), torch 2.13.0,
h5py 3.16.0.
"""

import io
import json
import os
import sys
import zipfile

os.environ["KERAS_BACKEND"] = "torch"

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from keras import layers as L  # noqa: E402
from keras.src.saving import saving_lib  # noqa: E402
from torch import nn  # noqa: E402

keras.utils.set_random_seed(7)
folder = sys.argv[2]


def path(*names):
    return os.path.join(folder, *names)


# Models: a constructor, an optimizer, and the twin, whose submodules have the names of the layers.


def dense():
    return keras.Sequential(
        [keras.Input((4,)), L.Dense(5, "relu", name="hidden"), L.Dropout(0.5), L.Dense(3, name="out")],
        name="net",
    )


def convnet():
    return keras.Sequential([
        keras.Input((6, 6, 2)),
        L.Conv2D(3, 3, padding="same", activation="relu", name="conv"),
        L.BatchNormalization(name="bn", momentum=0.9),
        L.MaxPooling2D(2),
        L.Flatten(),
        L.Dropout(0.1),
        L.Dense(4, "softmax", name="fc"),
    ], name="net")


def flattened_norm():
    return keras.Sequential([
        keras.Input((4, 4, 2)),
        L.Conv2D(3, 3, strides=2, padding="valid", use_bias=False, name="conv"),
        L.LeakyReLU(),
        L.Conv2D(3, 1, name="point"),
        L.UpSampling2D(2),
        L.Flatten(),
        L.BatchNormalization(name="bn", scale=False),
        L.Dense(2, name="fc"),
    ])


def lstm():
    return keras.Sequential(
        [keras.Input((5, 3)), L.LSTM(4, return_sequences=True, name="rnn"), L.Dense(2, name="out")]
    )


def gru():
    return keras.Sequential([
        keras.Input((5, 3)),
        L.GRU(4, return_sequences=True, name="gru"),
        L.SimpleRNN(3, return_sequences=True, name="simple", activation="relu"),
    ])


def bidirectional():
    return keras.Sequential([
        keras.Input((5,)),
        L.Embedding(7, 4, name="words"),
        L.Bidirectional(L.LSTM(3, return_sequences=True), name="both"),
        L.LayerNormalization(name="norm"),
        L.Dense(2, name="out"),
    ])


def attention():
    inputs = keras.Input((5, 4))
    attended = L.MultiHeadAttention(2, 2, name="mha")(inputs, inputs)
    x = L.LayerNormalization(name="norm")(L.Add()([inputs, attended]))
    block = keras.Sequential(
        [keras.Input((5, 4)), L.Dense(6, "gelu", name="up"), L.Dense(4, name="down")], name="block"
    )
    return keras.Model(inputs, L.Add()([x, block(x)]))


def windows():
    return keras.Sequential([
        keras.Input((6, 6, 2)),
        L.Conv2DTranspose(4, 3, strides=2, name="up"),
        L.DepthwiseConv2D(3, depth_multiplier=2, name="depth"),
        L.SeparableConv2D(4, 3, activation="silu", name="separable"),
        L.GroupNormalization(2, name="groups"),
        L.AveragePooling2D(2),
        L.GlobalAveragePooling2D(),
        L.Dense(3, name="fc"),
    ])


def lines():
    return keras.Sequential([
        keras.Input((8, 2)),
        L.Conv1D(4, 3, padding="same", activation="tanh", name="conv"),
        L.MaxPooling1D(2),
        L.BatchNormalization(name="bn"),
        L.Flatten(),
        L.Dense(3, name="fc"),
    ])


def volumes():
    return keras.Sequential([
        keras.Input((5, 4, 6, 2)),
        L.Conv3D(4, (2, 3, 1), padding="same", activation="relu", name="conv"),
        L.Conv3D(3, 2, strides=2, use_bias=False, name="down"),
        L.GlobalAveragePooling3D(),
        L.RMSNormalization(name="rms"),
        L.Dense(2, name="fc"),
    ])


def series():
    return keras.Sequential([
        keras.Input((8, 2)),
        L.DepthwiseConv1D(3, depth_multiplier=2, name="depth"),
        L.TimeDistributed(L.Dense(5, "tanh", name="inner"), name="each"),
        L.RMSNormalization(epsilon=1e-3, name="rms"),
        L.TimeDistributed(L.LayerNormalization(name="layer_norm"), name="norms"),
        L.Dense(3, name="out"),
    ])


def frozen():
    model = keras.Sequential([
        keras.Input((4,)),
        L.Dense(5, name="first"),
        L.BatchNormalization(name="bn"),
        L.Dense(2, name="last"),
    ])
    model.get_layer("first").trainable = False
    model.get_layer("bn").trainable = False
    return model


def untwinned():
    inputs = keras.Input((5, 3))
    x = L.GRU(4, reset_after=False, name="old", return_sequences=True)(inputs)
    return keras.Model(inputs, L.EinsumDense("abc,cd->abd", (None, 2), bias_axes="d", name="ein")(x))


def half():
    return keras.Sequential(
        [keras.Input((4,)), L.Dense(5, name="hidden", dtype="bfloat16"), L.Dense(3, name="out")]
    )


O = keras.optimizers
MODELS = {
    "dense": (dense, lambda: O.Adam(1e-2, amsgrad=True)),
    "convnet": (convnet, lambda: O.SGD(1e-2, momentum=0.9, nesterov=True)),
    "flattened_norm": (flattened_norm, lambda: O.SGD(1e-2)),
    "lstm": (lstm, lambda: O.RMSprop(1e-2, momentum=0.5, centered=True)),
    "gru": (gru, lambda: O.Adam(1e-2)),
    "bidirectional": (bidirectional, lambda: O.AdamW(1e-2)),
    "attention": (attention, lambda: O.Adam(1e-2)),
    "windows": (windows, lambda: O.Adadelta(1e-2)),
    "lines": (lines, lambda: O.Adagrad(1e-2)),
    "frozen": (frozen, lambda: O.Adamax(1e-2)),
    "volumes": (volumes, lambda: O.Adam(1e-2)),
    "series": (series, lambda: O.SGD(1e-2, momentum=0.9)),
    "untwinned": (untwinned, lambda: O.Lion(1e-2)),
    "half": (half, lambda: None),
}
# Options that PyTorch's optimizers have not, or have with another meaning.
OPTIMIZERS = {
    "decay_sgd": lambda: O.SGD(1e-2, momentum=0.9, weight_decay=0.05),
    "decay_rmsprop": lambda: O.RMSprop(1e-2, weight_decay=0.05),
    "decay_adagrad": lambda: O.Adagrad(1e-2, weight_decay=0.05),
    "decay_adadelta": lambda: O.Adadelta(1e-2, weight_decay=0.05),
    "decay_adamax": lambda: O.Adamax(1e-2, weight_decay=0.05),
    "decay_adam": lambda: O.Adam(1e-2, weight_decay=0.05),
    "clipped": lambda: O.SGD(1e-2, momentum=0.9, clipnorm=0.1),
    "scheduled_momentum": lambda: O.SGD(O.schedules.ExponentialDecay(1e-2, 10, 0.5), momentum=0.9),
    "decay_lion": lambda: O.Lion(1e-2, weight_decay=0.05),
    "scheduled": lambda: O.Adam(O.schedules.ExponentialDecay(1e-2, 10, 0.5)),
}
KINDS = ["keras", "weights.h5", "h5"]
IMAGES = {"convnet", "flattened_norm", "windows", "volumes", "series"}


def make():
    rng = np.random.default_rng(7)
    for name, (build, optimizer) in MODELS.items():
        model = build()
        shape = (3,) + model.input_shape[1:]
        x = rng.standard_normal(shape).astype("f4")
        if name == "bidirectional":
            x = rng.integers(0, 7, shape).astype("f4")
        # Statistics and biases of their own, so that none can be taken for another.
        for variable in model.weights:
            if variable.name in ("moving_mean", "bias", "beta", "gamma", "scale"):
                variable.assign(rng.standard_normal(variable.shape).astype("f4") / 4)
            if variable.name == "moving_variance":
                variable.assign(rng.random(variable.shape).astype("f4") + 0.5)
        if optimizer():
            # Not the name of a loss: load_model of a legacy file does not find those.
            model.compile(optimizer(), keras.losses.MeanSquaredError())
            model.fit(x, rng.standard_normal(model(x).shape).astype("f4"), epochs=3, verbose=0)
        y = model.predict(x, verbose=0).astype("f4")
        np.save(path(name + ".x.npy"), x)
        np.save(path(name + ".y.npy"), y)
        order = (0, x.ndim - 1, *range(1, x.ndim - 1)) if name in IMAGES | {"lines"} else range(x.ndim)
        twin = np.ascontiguousarray(x.transpose(tuple(order)))
        np.save(path(name + ".x.first.npy"), twin.astype("i8") if name == "bidirectional" else twin)
        model.save(path(name + ".keras"))
        model.save(path(name + ".h5"))
        model.save_weights(path(name + ".weights.h5"))
        with zipfile.ZipFile(path(name + ".keras")) as archive:
            with open(path(name + ".config.json"), "wb") as file:
                file.write(archive.read("config.json"))
    for name, optimizer in OPTIMIZERS.items():
        model = keras.Sequential([keras.Input((4,)), L.Dense(3)])
        model.compile(optimizer(), keras.losses.MeanSquaredError())
        model.fit(np.ones((2, 4), "f4"), np.zeros((2, 3), "f4"), epochs=1, verbose=0)
        model.save(path(f"optimizer_{name}.keras"))
    # The old way to save weights alone, which Keras 3 only reads; and a list that does not fit.
    with h5py.File(path("convnet.h5")) as whole, h5py.File(path("only.h5"), "w") as only:
        for key in whole["model_weights"]:
            whole.copy("model_weights/" + key, only)
        for key, value in whole["model_weights"].attrs.items():
            only.attrs[key] = value
    keras.Sequential([keras.Input((3,)), L.Dense(40, name="a"), L.Dense(40, name="b")]).save_weights(
        path("sharded.weights.json"), max_shard_size=6.5e-6
    )
    saving_lib.save_model(dense(), path("arrays.keras"), weights_format="npz")
    print("ok made")


class Twin(nn.Module):
    def __init__(self, forward, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)
        self.run = forward

    def forward(self, *inputs):
        return self.run(self, *inputs)


def first(x):
    return x.permute(0, x.ndim - 1, *range(1, x.ndim - 1))


def run_attention(m, x):
    x = m.norm(x + m.mha(x, x, x)[0])
    return x + m.block.down(nn.functional.gelu(m.block.up(x)))


def run_windows(m, x):
    x = m.depth(m.up(first(x)))
    x = nn.functional.silu(m.separable.pointwise(m.separable.depthwise(x)))
    return m.fc(nn.functional.avg_pool2d(m.groups(x), 2).mean((2, 3)))


TWINS = {
    "dense": lambda: Twin(
        lambda m, x: m.out(torch.relu(m.hidden(x))), hidden=nn.Linear(4, 5), out=nn.Linear(5, 3)
    ),
    "convnet": lambda: Twin(
        lambda m, x: m.fc(
            nn.functional.max_pool2d(m.bn(torch.relu(m.conv(first(x)))), 2).flatten(1)
        ).softmax(-1),
        conv=nn.Conv2d(2, 3, 3, padding=1), bn=nn.BatchNorm2d(3, eps=1e-3, momentum=0.1),
        fc=nn.Linear(27, 4),
    ),
    "flattened_norm": lambda: Twin(
        lambda m, x: m.fc(m.bn(nn.functional.interpolate(
            m.point(nn.functional.leaky_relu(m.conv(first(x)), 0.3)), scale_factor=2).flatten(1))),
        conv=nn.Conv2d(2, 3, 3, stride=2, bias=False), point=nn.Conv2d(3, 3, 1),
        bn=nn.BatchNorm1d(12, eps=1e-3), fc=nn.Linear(12, 2),
    ),
    "lstm": lambda: Twin(
        lambda m, x: m.out(m.rnn(x)[0]), rnn=nn.LSTM(3, 4, batch_first=True), out=nn.Linear(4, 2)
    ),
    "gru": lambda: Twin(
        lambda m, x: m.simple(m.gru(x)[0])[0], gru=nn.GRU(3, 4, batch_first=True),
        simple=nn.RNN(4, 3, nonlinearity="relu", batch_first=True),
    ),
    "bidirectional": lambda: Twin(
        lambda m, x: m.out(m.norm(m.both(m.words(x.long()))[0])), words=nn.Embedding(7, 4),
        both=nn.LSTM(4, 3, batch_first=True, bidirectional=True), norm=nn.LayerNorm(6, eps=1e-3),
        out=nn.Linear(6, 2),
    ),
    "attention": lambda: Twin(
        run_attention, mha=nn.MultiheadAttention(4, 2, batch_first=True),
        norm=nn.LayerNorm(4, eps=1e-3),
        block=Twin(None, up=nn.Linear(4, 6), down=nn.Linear(6, 4)),
    ),
    "windows": lambda: Twin(
        run_windows, up=nn.ConvTranspose2d(2, 4, 3, stride=2),
        depth=nn.Conv2d(4, 8, 3, groups=4),
        separable=Twin(None, depthwise=nn.Conv2d(8, 8, 3, groups=8, bias=False),
                       pointwise=nn.Conv2d(8, 4, 1)),
        groups=nn.GroupNorm(2, 4, eps=1e-3), fc=nn.Linear(4, 3),
    ),
    "lines": lambda: Twin(
        lambda m, x: m.fc(m.bn(nn.functional.max_pool1d(torch.tanh(m.conv(first(x))), 2)).flatten(1)),
        conv=nn.Conv1d(2, 4, 3, padding=1), bn=nn.BatchNorm1d(4, eps=1e-3), fc=nn.Linear(16, 3),
    ),
    "volumes": lambda: Twin(
        lambda m, x: m.fc(m.rms(m.down(torch.relu(
            # Keras pads an even kernel at the end.
            m.conv(nn.functional.pad(first(x), (0, 0, 1, 1, 0, 1))))).mean((2, 3, 4)))),
        conv=nn.Conv3d(2, 4, (2, 3, 1)), down=nn.Conv3d(4, 3, 2, stride=2, bias=False),
        rms=nn.RMSNorm(3, eps=1e-6), fc=nn.Linear(3, 2),
    ),
    "series": lambda: Twin(
        lambda m, x: m.out(m.norms(m.rms(torch.tanh(m.each(m.depth(first(x)).permute(0, 2, 1)))))),
        depth=nn.Conv1d(2, 4, 3, groups=2), each=nn.Linear(4, 5), rms=nn.RMSNorm(5, eps=1e-3),
        norms=nn.LayerNorm(5, eps=1e-3), out=nn.Linear(5, 3),
    ),
    "frozen": lambda: Twin(
        lambda m, x: m.last(m.bn(m.first(x))), first=nn.Linear(4, 5),
        bn=nn.BatchNorm1d(5, eps=1e-3), last=nn.Linear(5, 2),
    ),
}


def state(name):
    """The state dict in a Ballast checkpoint, as h5py reads it."""
    tensors = {}
    with h5py.File(path(name)) as file:
        for section in ("parameters", "buffers"):
            def visit(key, item):
                if isinstance(item, h5py.Dataset):
                    tensors[key.replace("/", ".")] = torch.from_numpy(item[()]) if item.shape else (
                        torch.tensor(item[()]))
            file[section].visititems(visit)
    return tensors


def check(subject, is_right, detail=""):
    print("ok" if is_right else "WRONG", subject, detail if not is_right else "")


def twins():
    for name, build in TWINS.items():
        for kind in KINDS:
            # Without the config no one knows what stood before Flatten, or within TimeDistributed.
            if kind == "weights.h5" and name in ("convnet", "flattened_norm", "lines", "series"):
                continue
            twin = build().eval()
            twin.load_state_dict(state(f"{name}.{kind}.ballast.h5"), strict=True)
            with torch.no_grad():
                y = twin(torch.from_numpy(np.load(path(name + ".x.npy")))).numpy()
            error = np.abs(y - np.load(path(name + ".y.npy"))).max()
            check(f"{name} {kind}", error < 1e-5, f"is {error} apart")


def content(file):
    """Everything in an HDF5 file of Keras but the way in which texts are stored."""
    def text(value):
        if isinstance(value, bytes):
            return value.decode()
        if isinstance(value, np.ndarray):
            return [text(part) for part in value.tolist()]
        return value

    def attributes(item):
        return {key: text(value) for key, value in item.attrs.items()}

    result = {"": attributes(file)}

    def visit(key, item):
        data = (item.dtype.str, item.shape, item[()].tobytes()) if isinstance(item, h5py.Dataset) else None
        result[key] = (attributes(item), data)

    file.visititems(visit)
    return result


def opened(name):
    if name.endswith(".keras"):
        with zipfile.ZipFile(path(name)) as archive:
            assert archive.testzip() is None
            return h5py.File(io.BytesIO(archive.read("model.weights.h5")))
    return h5py.File(path(name))


def bits(variable):
    return variable.value.detach().cpu().float().numpy().tobytes()


def same_weights(a, b):
    return len(a.weights) == len(b.weights) and all(
        bits(x) == bits(y) and x.shape == y.shape for x, y in zip(a.weights, b.weights)
    )


def judge():
    for name, (build, _) in MODELS.items():
        original = keras.models.load_model(path(name + ".keras"))
        x, y = np.load(path(name + ".x.npy")), np.load(path(name + ".y.npy"))
        for kind in KINDS:
            written = f"{name}.{kind}.back.{kind}"
            if not (name == "half" and kind == "h5"):  # Keras itself does not read that one.
                with opened(f"{name}.{kind}") as a, opened(written) as b:
                    a, b = content(a), content(b)
                    differing = [key for key in sorted(a.keys() | b.keys()) if a.get(key) != b.get(key)]
                    check(f"{written} content", not differing, str(differing))
        for kind in ("keras", "h5.keras"):
            model = keras.models.load_model(path(f"{name}.{kind}.back.keras"))
            check(f"{name} {kind} weights", same_weights(original, model))
            apart = np.abs(model.predict(x, verbose=0) - y).max()
            check(f"{name} {kind} outputs", apart == 0, f"are {apart} apart")
            if getattr(original, "optimizer", None):
                mine, theirs = original.optimizer.variables, model.optimizer.variables
                check(f"{name} {kind} optimizer", len(mine) == len(theirs) and all(
                    bits(a) == bits(b) for a, b in zip(mine, theirs)))
        for kind in ("h5", "keras.h5"):
            model = keras.models.load_model(path(f"{name}.{kind}.back.h5"), compile=False)
            check(f"{name} {kind} weights", same_weights(original, model))
        for kind in ("weights.h5", "keras.weights.h5", "template.weights.h5"):
            model = build()
            model.load_weights(path(f"{name}.{kind}.back.weights.h5"))
            check(f"{name} {kind} weights", same_weights(original, model))
    model = convnet()
    model.load_weights(path("only.back.h5"))
    check("only weights", same_weights(model, keras.models.load_model(path("convnet.keras"))))


if __name__ == "__main__":
    {"make": make, "twins": twins, "judge": judge}[sys.argv[1]]()
