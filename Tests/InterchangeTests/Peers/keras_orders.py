"""Models whose features come in another order in PyTorch, with Keras and PyTorch as judges.

make FOLDER    builds small models, seeded, and saves each in the three kinds of files, with inputs and
               what the model makes of them.
twins FOLDER   loads what Ballast read (Ballast HDF5) into the natural modules of PyTorch, which have the
               channels first wherever there are any, strictly, and compares what they make of the input.
judge FOLDER   opens what Ballast wrote with Keras, and compares weights and outputs.

Each prints a line for each check. Written with keras 3.15.1 (torch backend), torch 2.13.0.
"""

import sys
import zipfile

from keras_models import Twin, check, first, path, same_weights, state  # before Keras: it says the backend
import keras
import numpy as np
import torch
from keras import layers as L
from torch import nn
from torch.nn import functional as F

keras.utils.set_random_seed(11)


def sequential(*layers):
    return keras.Sequential(list(layers))


def branches():
    """Two flattened branches and a vector, one after the other."""
    image, vector = keras.Input((6, 6, 2), name="image"), keras.Input((3,), name="vector")
    a = L.Flatten(name="fa")(L.Conv2D(3, 3, name="a")(image))
    b = L.Flatten(name="fb")(L.Conv2D(4, 3, strides=2, name="b")(image))
    x = L.Concatenate(name="c")([a, vector, b])
    x = L.BatchNormalization(name="bn")(x)
    return keras.Model([image, vector], L.Dense(5, name="fc")(x))


def permuted():
    return sequential(
        keras.Input((5, 4, 2)), L.Conv2D(3, 2, name="conv"), L.Permute((2, 1, 3), name="p"),
        L.Flatten(name="f"), L.Dense(3, name="fc"))


def moved():
    """The channels first, as PyTorch has them, and then one axis."""
    return sequential(
        keras.Input((5, 4, 2)), L.Conv2D(3, 2, name="conv"), L.Permute((3, 1, 2), name="p"),
        L.Flatten(name="f"), L.Dense(3, name="fc"))


def reshaped():
    return sequential(
        keras.Input((5, 4, 2)), L.Conv2D(3, 2, name="conv"), L.Reshape((-1,), name="r"),
        L.Dense(3, name="fc"))


def crnn():
    return sequential(
        keras.Input((8, 6, 1)), L.Conv2D(3, 3, padding="same", activation="relu", name="conv"),
        L.MaxPooling2D((2, 1), name="pool"), L.Permute((2, 1, 3), name="p"),
        L.Reshape((6, 12), name="r"),
        L.Bidirectional(L.LSTM(4, return_sequences=True), name="rnn"), L.Dense(5, name="out"))


def steps():
    """The columns of an image as the steps of a line."""
    return sequential(
        keras.Input((6, 4, 2)), L.Conv2D(3, 3, padding="same", name="conv"), L.Reshape((6, 12), name="r"),
        L.Dense(7, name="fc"), L.GRU(4, name="rnn"))


def film():
    return sequential(
        keras.Input((3, 6, 6, 2)), L.TimeDistributed(L.Conv2D(3, 3, name="conv"), name="tc"),
        L.TimeDistributed(L.MaxPooling2D(2), name="tp"), L.TimeDistributed(L.Flatten(), name="tf"),
        L.LSTM(4, name="rnn"), L.Dense(2, name="out"))


def film_at_once():
    return sequential(
        keras.Input((3, 6, 6, 2)), L.TimeDistributed(L.Conv2D(3, 3, name="conv"), name="tc"),
        L.Flatten(name="f"), L.Dense(2, name="out"))


def generator():
    return sequential(
        keras.Input((4,)), L.Dense(3 * 2 * 5, name="fc"), L.BatchNormalization(name="bn"),
        L.LeakyReLU(name="act"), L.Reshape((3, 2, 5), name="r"),
        L.Conv2DTranspose(4, 2, strides=2, activation="relu", name="up"),
        L.Conv2D(2, 3, padding="same", name="conv"))


def line_generator():
    return sequential(
        keras.Input((4,)), L.Dense(6 * 5, "relu", name="fc"), L.Reshape((6, 5), name="r"),
        L.Conv1DTranspose(3, 2, strides=2, name="up"))


def autoencoder():
    """An encoder and a decoder as models within a model."""
    encoder = keras.Sequential(
        [keras.Input((6, 6, 2)), L.Conv2D(3, 3, name="conv"), L.Flatten(name="f"), L.Dense(4, name="code")],
        name="encoder")
    decoder = keras.Sequential(
        [keras.Input((4,)), L.Dense(3 * 3 * 5, name="fc"), L.Reshape((3, 3, 5), name="r"),
         L.Conv2DTranspose(2, 2, strides=2, name="up")], name="decoder")
    x = keras.Input((6, 6, 2))
    return keras.Model(x, decoder(encoder(x)))


def sums():
    """What is flattened of an image, and a layer's outputs that are added to it."""
    image, vector = keras.Input((5, 5, 2), name="image"), keras.Input((3,), name="vector")
    a = L.Flatten(name="f")(L.Conv2D(4, 3, name="conv")(image))
    b = L.Dense(36, "tanh", name="gate")(vector)
    return keras.Model([image, vector], L.Dense(3, name="fc")(L.Multiply(name="m")([a, b])))


def squeeze():
    """A factor for each channel."""
    image = keras.Input((5, 5, 2))
    x = L.Conv2D(4, 3, name="conv")(image)
    s = L.GlobalAveragePooling2D(name="gap")(x)
    s = L.Reshape((1, 1, 4), name="r")(s)
    s = L.Dense(4, "sigmoid", name="s")(L.Dense(2, "relu", name="e")(s))
    x = L.Multiply(name="m")([x, s])
    return keras.Model(image, L.Dense(3, name="fc")(L.Flatten(name="f")(x)))


def channels_first():
    c = {"data_format": "channels_first"}
    return sequential(
        keras.Input((2, 6, 7)), L.ZeroPadding2D(1, name="pad", **c), L.Conv2D(3, 3, name="conv", **c),
        L.BatchNormalization(axis=1, name="bn"), L.MaxPooling2D(2, name="pool", **c),
        L.Flatten(name="f"), L.Dense(4, name="fc"))


def channels_first_flatten():
    c = {"data_format": "channels_first"}
    return sequential(
        keras.Input((2, 6, 7)), L.Conv2D(3, 3, name="conv", **c), L.AveragePooling2D(2, name="pool", **c),
        L.Flatten(name="f", **c), L.Dense(4, name="fc"))


def augmented():
    return sequential(
        keras.Input((8, 8, 3)), L.RandomFlip("horizontal", name="flip"), L.RandomRotation(0.1, name="turn"),
        L.RandomZoom(0.1, name="zoom"), L.RandomContrast(0.1, name="contrast"), L.Rescaling(0.5, name="scale"),
        L.CenterCrop(6, 6, name="crop"), L.Conv2D(4, 3, name="conv"), L.Flatten(name="f"), L.Dense(3, name="fc"))


def resized():
    return sequential(
        keras.Input((5, 4, 2)), L.ZeroPadding2D(((1, 0), (2, 1)), name="pad"), L.Conv2D(3, 2, name="conv"),
        L.UpSampling2D((1, 2), name="up"), L.Cropping2D(1, name="crop"), L.SpatialDropout2D(0.1, name="drop"),
        L.Flatten(name="f"), L.LayerNormalization(name="norm"), L.Dense(3, name="fc"))


def unflattened():
    """An image that was a vector meanwhile."""
    return sequential(
        keras.Input((5, 4, 2)), L.Conv2D(3, 2, name="conv"), L.Flatten(name="f"),
        L.Dropout(0.1), L.Reshape((4, 3, 3), name="r"), L.Conv2D(2, 2, name="next"), L.Flatten(name="g"),
        L.RepeatVector(2, name="twice"), L.LSTM(3, name="rnn"))


def widened():
    """Places and channels that are the channels of a line."""
    return sequential(
        keras.Input((6, 4, 2)), L.Conv2D(3, 3, padding="same", name="conv"), L.Reshape((6, 12), name="r"),
        L.Conv1D(5, 2, name="line"), L.Flatten(name="f"), L.Dense(2, name="fc"))


def deep():
    """More than ten layers of a class, in no order of an alphabet."""
    layers = [keras.Input((3,))]
    for number in range(12):
        layers += [L.Dense(3, "tanh"), L.BatchNormalization()]
    return sequential(*layers)


# Where the order is not known: which weights are told.


@keras.saving.register_keras_serializable("orders")
class Mystery(L.Layer):
    def call(self, x):
        return keras.ops.swapaxes(x, 1, 2)

    def compute_output_shape(self, shape):
        return (shape[0], shape[2], shape[1], *shape[3:])


@keras.saving.register_keras_serializable("orders")
class Sampling(L.Layer):
    def call(self, inputs):
        return inputs[0] + 0 * inputs[1]

    def compute_output_shape(self, shapes):
        return shapes[0]


def mystery():
    return sequential(
        keras.Input((5, 4, 2)), L.Conv2D(3, 2, name="conv"), Mystery(name="mystery"), L.Flatten(name="f"),
        L.Dense(3, name="fc"))


def per_place():
    return sequential(
        keras.Input((5, 4, 2)), L.Conv2D(3, 2, name="conv"), L.Dense(4, name="each"), L.Flatten(name="f"),
        L.Dense(3, name="fc"))


def image_at_the_end():
    return sequential(keras.Input((4,)), L.Dense(2 * 3 * 4, name="fc"), L.Reshape((2, 3, 4), name="r"))


def image_of_states():
    return sequential(
        keras.Input((3, 4)), L.LSTM(2 * 3 * 4, name="rnn"), L.Reshape((2, 3, 4), name="r"),
        L.Conv2D(2, 2, name="conv"))


def variational():
    image = keras.Input((6, 6, 2))
    x = L.Flatten(name="f")(L.Conv2D(3, 3, name="conv")(image))
    z = Sampling(name="z")([L.Dense(4, name="mean")(x), L.Dense(4, name="var")(x)])
    x = L.Reshape((3, 3, 5), name="r")(L.Dense(3 * 3 * 5, name="fc")(z))
    return keras.Model(image, L.Conv2DTranspose(2, 2, strides=2, name="up")(x))


MODELS = {
    "branches": branches, "permuted": permuted, "moved": moved, "reshaped": reshaped, "crnn": crnn,
    "steps": steps, "film": film, "film_at_once": film_at_once, "generator": generator,
    "line_generator": line_generator, "autoencoder": autoencoder, "sums": sums, "squeeze": squeeze,
    "channels_first": channels_first, "channels_first_flatten": channels_first_flatten,
    "augmented": augmented, "resized": resized, "unflattened": unflattened, "widened": widened,
    "deep": deep, "variational": variational, "mystery": mystery, "per_place": per_place,
    "image_at_the_end": image_at_the_end, "image_of_states": image_of_states,
}
KINDS = ["keras", "h5"]


def make():
    rng = np.random.default_rng(11)
    for name, build in MODELS.items():
        keras.backend.clear_session()
        model = build()
        for variable in model.weights:
            if variable.name in ("moving_mean", "bias", "beta", "gamma"):
                variable.assign(rng.standard_normal(variable.shape).astype("f4") / 2)
            if variable.name == "moving_variance":
                variable.assign(rng.random(variable.shape).astype("f4") + 0.5)
        xs = [rng.standard_normal((3,) + tuple(i.shape[1:])).astype("f4") for i in model.inputs]
        y = model.predict(xs if len(xs) > 1 else xs[0], verbose=0)
        np.savez(path(name + ".npz"), y, *xs)
        model.save(path(name + ".keras"))
        model.save(path(name + ".h5"))
        model.save_weights(path(name + ".weights.h5"))
        with zipfile.ZipFile(path(name + ".keras")) as archive:
            with open(path(name + ".config.json"), "wb") as file:
                file.write(archive.read("config.json"))
    print("ok made")


def last(x):
    """The outputs of Keras's, channels last."""
    return x.permute(0, *range(2, x.ndim), 1)


def run_crnn(m, x):
    x = F.max_pool2d(torch.relu(m.conv(first(x))), (2, 1))
    return m.out(m.rnn(x.permute(0, 3, 1, 2).flatten(2))[0])


def run_film(m, x):
    n, t = x.shape[:2]
    x = F.max_pool2d(m.tc(first(x.flatten(0, 1))), 2).flatten(1)
    return m.out(m.rnn(x.reshape(n, t, -1))[0][:, -1])


def run_squeeze(m, x):
    x = m.conv(first(x))
    s = torch.sigmoid(m.s(torch.relu(m.e(x.mean((2, 3))))))
    return m.fc((x * s[:, :, None, None]).flatten(1))


def run_deep(m, x):
    for name in [name for name, _ in m.named_children()]:
        x = getattr(m, name)(x)
        x = torch.tanh(x) if name.startswith("dense") else x
    return x


def run_generator(m, x):
    x = F.leaky_relu(m.bn(m.fc(x)), 0.3).view(-1, 5, 3, 2)
    return last(m.conv(torch.relu(m.up(x))))


def run_resized(m, x):
    x = m.conv(F.pad(first(x), (2, 1, 1, 0)))
    x = F.interpolate(x, scale_factor=(1, 2))[:, :, 1:-1, 1:-1]
    return m.fc(m.norm(x.flatten(1)))


def run_unflattened(m, x):
    x = m.next(m.conv(first(x)).flatten(1).view(-1, 3, 4, 3)).flatten(1)
    return m.rnn(torch.stack([x, x], 1))[0][:, -1]


def numbered(name, number):
    return name + (f"_{number}" if number else "")


TWINS = {
    "branches": lambda: Twin(
        lambda m, x, v: m.fc(m.bn(torch.cat([m.a(first(x)).flatten(1), v, m.b(first(x)).flatten(1)], 1))),
        a=nn.Conv2d(2, 3, 3), b=nn.Conv2d(2, 4, 3, stride=2), bn=nn.BatchNorm1d(67, eps=1e-3),
        fc=nn.Linear(67, 5)),
    "permuted": lambda: Twin(
        lambda m, x: m.fc(m.conv(first(x)).permute(0, 1, 3, 2).flatten(1)),
        conv=nn.Conv2d(2, 3, 2), fc=nn.Linear(36, 3)),
    "moved": lambda: Twin(
        lambda m, x: m.fc(m.conv(first(x)).flatten(1)), conv=nn.Conv2d(2, 3, 2), fc=nn.Linear(36, 3)),
    "crnn": lambda: Twin(
        run_crnn, conv=nn.Conv2d(1, 3, 3, padding=1),
        rnn=nn.LSTM(12, 4, batch_first=True, bidirectional=True), out=nn.Linear(8, 5)),
    "steps": lambda: Twin(
        lambda m, x: m.rnn(m.fc(m.conv(first(x)).permute(0, 2, 1, 3).flatten(2)))[0][:, -1],
        conv=nn.Conv2d(2, 3, 3, padding=1), fc=nn.Linear(12, 7), rnn=nn.GRU(7, 4, batch_first=True)),
    "film": lambda: Twin(
        run_film, tc=nn.Conv2d(2, 3, 3), rnn=nn.LSTM(12, 4, batch_first=True), out=nn.Linear(4, 2)),
    "film_at_once": lambda: Twin(
        lambda m, x: m.out(m.tc(first(x.flatten(0, 1))).reshape(len(x), -1)),
        tc=nn.Conv2d(2, 3, 3), out=nn.Linear(144, 2)),
    "generator": lambda: Twin(
        run_generator, fc=nn.Linear(4, 30), bn=nn.BatchNorm1d(30, eps=1e-3),
        up=nn.ConvTranspose2d(5, 4, 2, stride=2), conv=nn.Conv2d(4, 2, 3, padding=1)),
    "line_generator": lambda: Twin(
        lambda m, x: last(m.up(torch.relu(m.fc(x)).view(-1, 5, 6))),
        fc=nn.Linear(4, 30), up=nn.ConvTranspose1d(5, 3, 2, stride=2)),
    "autoencoder": lambda: Twin(
        lambda m, x: last(m.decoder.up(
            m.decoder.fc(m.encoder.code(m.encoder.conv(first(x)).flatten(1))).view(-1, 5, 3, 3))),
        encoder=Twin(None, conv=nn.Conv2d(2, 3, 3), code=nn.Linear(48, 4)),
        decoder=Twin(None, fc=nn.Linear(4, 45), up=nn.ConvTranspose2d(5, 2, 2, stride=2))),
    "variational": lambda: Twin(
        lambda m, x: last(m.up(m.fc(m.mean(m.conv(first(x)).flatten(1))).view(-1, 5, 3, 3))),
        conv=nn.Conv2d(2, 3, 3), mean=nn.Linear(48, 4), var=nn.Linear(48, 4), fc=nn.Linear(4, 45),
        up=nn.ConvTranspose2d(5, 2, 2, stride=2)),
    "sums": lambda: Twin(
        lambda m, x, v: m.fc(m.conv(first(x)).flatten(1) * torch.tanh(m.gate(v))),
        conv=nn.Conv2d(2, 4, 3), gate=nn.Linear(3, 36), fc=nn.Linear(36, 3)),
    "squeeze": lambda: Twin(
        run_squeeze, conv=nn.Conv2d(2, 4, 3), e=nn.Linear(4, 2), s=nn.Linear(2, 4), fc=nn.Linear(36, 3)),
    "channels_first": lambda: Twin(
        lambda m, x: m.fc(F.max_pool2d(m.bn(m.conv(F.pad(x, (1, 1, 1, 1)))), 2).flatten(1)),
        conv=nn.Conv2d(2, 3, 3), bn=nn.BatchNorm2d(3, eps=1e-3), fc=nn.Linear(27, 4)),
    "channels_first_flatten": lambda: Twin(
        lambda m, x: m.fc(F.avg_pool2d(m.conv(x), 2).flatten(1)),
        conv=nn.Conv2d(2, 3, 3), fc=nn.Linear(12, 4)),
    "augmented": lambda: Twin(
        lambda m, x: m.fc(m.conv(first(x)[:, :, 1:-1, 1:-1] * 0.5).flatten(1)),
        conv=nn.Conv2d(3, 4, 3), fc=nn.Linear(64, 3)),
    "resized": lambda: Twin(
        run_resized, conv=nn.Conv2d(2, 3, 2), norm=nn.LayerNorm(90, eps=1e-3), fc=nn.Linear(90, 3)),
    "unflattened": lambda: Twin(
        run_unflattened, conv=nn.Conv2d(2, 3, 2), next=nn.Conv2d(3, 2, 2),
        rnn=nn.LSTM(12, 3, batch_first=True)),
    "widened": lambda: Twin(
        lambda m, x: m.fc(m.line(m.conv(first(x)).permute(0, 1, 3, 2).flatten(1, 2)).flatten(1)),
        conv=nn.Conv2d(2, 3, 3, padding=1), line=nn.Conv1d(12, 5, 2), fc=nn.Linear(25, 2)),
    "deep": lambda: Twin(
        run_deep, **{
            key: value for number in range(12) for key, value in (
                (numbered("dense", number), nn.Linear(3, 3)),
                (numbered("batch_normalization", number), nn.BatchNorm1d(3, eps=1e-3)))}),
}
TWINS["reshaped"] = TWINS["moved"]


def twins():
    for name, build in TWINS.items():
        arrays = [torch.from_numpy(a) for a in np.load(path(name + ".npz")).values()]
        for kind in KINDS + ["template"]:
            twin = build().eval()
            # Keras's own counters of random numbers are not of the twin.
            tensors = {
                key: value for key, value in state(f"{name}.{kind}.ballast.h5").items()
                if "seed_generator" not in key}
            twin.load_state_dict(tensors, strict=True)
            with torch.no_grad():
                y = twin(*arrays[1:])
            error = (y - arrays[0]).abs().max().item() if y.shape == arrays[0].shape else float("inf")
            check(f"{name} {kind}", error < 1e-5, f"is {error} apart")


def judge():
    for name in MODELS:
        original = keras.models.load_model(path(name + ".keras"), compile=False)
        y, *xs = np.load(path(name + ".npz")).values()
        for kind in ("keras.back.keras", "h5.back.keras", "pth.back.keras", "keras.back.h5"):
            model = keras.models.load_model(path(f"{name}.{kind}"), compile=False)
            check(f"{name} {kind} weights", same_weights(original, model))
            apart = np.abs(model.predict(xs if len(xs) > 1 else xs[0], verbose=0) - y).max()
            check(f"{name} {kind} outputs", apart == 0, f"are {apart} apart")


if __name__ == "__main__":
    {"make": make, "twins": twins, "judge": judge}[sys.argv[1]]()
