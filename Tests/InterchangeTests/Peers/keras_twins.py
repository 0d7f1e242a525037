"""Programs of twins that Ballast wrote, with Keras and PyTorch as judges.

make FOLDER    builds small models, seeded, and saves each as `.keras` and `.h5`, with inputs and what the
               model makes of them.
refused FOLDER saves models of which a layer cannot be said in PyTorch, and prints the names of both.
judge FOLDER   runs each program `NAME.KIND.py`, whose module takes the tensors of `NAME.KIND.pth` strictly, and
               compares what it makes of the inputs in evaluation mode with what Keras made.

Each prints a line for each check. Written with keras 3.15.1 (torch backend), torch 2.13.0.
"""

import importlib.util
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np  # noqa: E402

folder = sys.argv[2]


def path(*names):
    return os.path.join(folder, *names)


def models():
    import keras
    from keras import layers as L

    def sequential(*layers):
        return keras.Sequential(list(layers))

    def mlp():
        return sequential(
            keras.Input((7,)), L.Dense(8, "gelu"), L.BatchNormalization(), L.Dropout(0.3),
            L.Dense(8, "elu", use_bias=False), L.LayerNormalization(), L.LeakyReLU(), L.Dense(5, "softmax"))

    def cnn():
        return sequential(
            keras.Input((13, 10, 3)), L.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="a"),
            L.BatchNormalization(name="n"), L.Conv2D(6, (4, 2), padding="same", name="b"), L.ReLU(6.0, name="r"),
            L.MaxPooling2D(3, strides=2, padding="same", name="p"), L.Conv2D(4, 3, dilation_rate=2, padding="same",
            groups=2, activation="silu", name="c"), L.GroupNormalization(2, name="g"),
            L.AveragePooling2D(2, name="q"), L.Flatten(name="f"), L.Dense(3, "tanh", name="d"))

    def odd_strides():
        return sequential(
            keras.Input((7, 8, 2)), L.Conv2D(3, (2, 5), strides=(2, 3), padding="same", name="a"),
            L.SeparableConv2D(4, 3, strides=2, padding="same", depth_multiplier=2, name="s"),
            L.DepthwiseConv2D(2, padding="same", depth_multiplier=2, activation="relu", name="w"),
            L.GlobalAveragePooling2D(name="g"), L.Dense(2, name="d"))

    def lines():
        return sequential(
            keras.Input((11, 3)), L.Conv1D(4, 3, padding="causal", dilation_rate=2, name="a"),
            L.Conv1D(4, 4, strides=2, padding="same", activation="relu", name="b"), L.MaxPooling1D(2, name="p"),
            L.SeparableConv1D(5, 2, name="s"), L.DepthwiseConv1D(2, name="w"), L.ZeroPadding1D((2, 1), name="z"),
            L.UpSampling1D(2, name="u"), L.Cropping1D((1, 0), name="k"), L.LSTM(4, name="rnn"), L.Dense(2, name="d"))

    def volumes():
        return sequential(
            keras.Input((5, 6, 4, 2)), L.Conv3D(3, 3, padding="same", strides=(1, 2, 1), name="a"),
            L.BatchNormalization(name="n"), L.MaxPooling3D((1, 2, 2), name="p"),
            L.Conv3DTranspose(2, 2, strides=2, name="t"), L.GlobalMaxPooling3D(name="g"), L.Dense(2, name="d"))

    def stack():
        return sequential(
            keras.Input((6, 3)), L.LSTM(5, return_sequences=True), L.GRU(4, return_sequences=True, use_bias=False),
            L.SimpleRNN(4, "relu", return_sequences=True), L.Bidirectional(L.GRU(3, return_sequences=True)),
            L.Bidirectional(L.LSTM(3), merge_mode="sum"), L.Dense(2))

    def directions():
        x = keras.Input((6, 3), name="steps")
        parts = [
            L.Bidirectional(L.LSTM(3), name="concat")(x),
            L.Bidirectional(L.LSTM(3), merge_mode="ave", name="ave")(x),
            L.Bidirectional(L.SimpleRNN(3), merge_mode="mul", name="mul")(x),
            L.LSTM(2, go_backwards=True, name="back")(x)]
        return keras.Model(x, L.Dense(2, name="d")(L.Concatenate(name="c")(parts)))

    def residual():
        x = image = keras.Input((9, 9, 3), name="image")
        x = L.Conv2D(4, 3, padding="same", name="stem")(x)
        y = L.Activation("relu", name="r1")(L.BatchNormalization(name="n1")(x))
        y = L.Conv2D(4, 3, padding="same", name="c1")(y)
        x = L.Add(name="add")([x, y])
        z = L.Concatenate(name="cat")([x, y])
        z = L.Conv2D(3, 1, name="mix")(z)
        z = L.Subtract(name="sub")([z, L.Conv2D(3, 1, name="skip")(x)])
        z = L.GlobalMaxPooling2D(name="gap", keepdims=True)(z)
        z = L.Multiply(name="mul")([L.Conv2D(3, 1, name="last")(x), z])
        z = L.Average(name="avg")([z, L.Maximum(name="max")([z, z]), L.Minimum(name="min")([z, z])])
        return keras.Model(image, [L.Dense(2, name="d")(L.Flatten(name="f")(z)), z])

    def shared():
        a, b = keras.Input((6, 6, 2), name="type"), keras.Input((6, 6, 2), name="b")
        tower = keras.Sequential(
            [keras.Input((6, 6, 2)), L.Conv2D(3, 3, name="conv"), L.Flatten(name="f"), L.Dense(4, name="d")],
            name="tower")
        half = L.Dense(3, "tanh", name="half")
        return keras.Model([a, b], L.Add(name="sum")([half(tower(a)), half(tower(b))]))

    def words():
        return sequential(
            keras.Input((6,), dtype="int32"), L.Embedding(11, 4), L.SpatialDropout1D(0.1), L.GlobalAveragePooling1D(),
            L.Dense(3, "softplus"))

    def generator():
        return sequential(
            keras.Input((4,)), L.Dense(3 * 2 * 5, use_bias=False, name="fc"), L.BatchNormalization(name="bn"),
            L.LeakyReLU(negative_slope=0.2, name="act"), L.Reshape((3, 2, 5), name="r"),
            L.Conv2DTranspose(4, 5, strides=1, padding="same", use_bias=False, name="t1"),
            L.Conv2DTranspose(4, 4, strides=2, padding="same", activation="relu", name="t2"),
            L.Conv2DTranspose(4, 3, strides=(2, 3), padding="same", name="t3"),
            L.Conv2DTranspose(4, 2, strides=3, name="t5"), L.UpSampling2D(2, interpolation="bilinear", name="u"),
            L.ZeroPadding2D(((1, 0), (2, 1)), name="z"), L.Cropping2D(((1, 2), (0, 1)), name="k"),
            L.Conv2DTranspose(1, 3, padding="same", activation="tanh", name="t4"))

    def transformer():
        x = keras.Input((5, 8), name="x")
        a = L.MultiHeadAttention(2, 4, name="mha", dropout=0.1)(x, x)
        y = L.LayerNormalization(epsilon=1e-6, name="n1")(L.Add(name="a1")([x, a]))
        memory = keras.Input((3, 6), name="memory")
        b = L.MultiHeadAttention(4, 2, name="cross")(y, memory)
        c = L.MultiHeadAttention(2, 4, use_bias=False, name="causal")(y, y, use_causal_mask=True)
        y = L.RMSNormalization(name="n2")(L.Add(name="a2")([y, b, c]))
        return keras.Model([x, memory], L.Dense(3, name="out")(L.GlobalAveragePooling1D(name="gap")(y)))

    def film():
        return sequential(
            keras.Input((3, 6, 6, 2)), L.TimeDistributed(L.Conv2D(3, 3, activation="relu"), name="tc"),
            L.TimeDistributed(L.BatchNormalization(), name="tn"), L.TimeDistributed(L.MaxPooling2D(2), name="tp"),
            L.TimeDistributed(L.Flatten(), name="tf"), L.TimeDistributed(L.Dense(5), name="td"), L.GRU(4, name="rnn"))

    def table():
        x = keras.Input((4,), name="x")
        norm = L.Normalization(name="norm")
        norm.adapt(np.random.default_rng(3).standard_normal((50, 4)).astype("f4") * 3 + 1)
        y = L.PReLU(name="p")(L.Dense(4, name="d")(norm(x)))
        y = L.UnitNormalization(name="u")(y)
        y = L.GaussianNoise(0.1, name="g")(L.Rescaling(2.0, 0.5, name="s")(y))
        return keras.Model(x, L.Activation("log_softmax", name="l")(y))

    def augmented():
        return sequential(
            keras.Input((8, 8, 3)), L.RandomFlip("horizontal"), L.RandomRotation(0.1), L.RandomZoom(0.1),
            L.RandomContrast(0.1), L.Rescaling(1 / 255), L.Conv2D(2, 3), L.Flatten(), L.Dense(2, "hard_sigmoid"))

    def channels_first():
        c = {"data_format": "channels_first"}
        return sequential(
            keras.Input((2, 6, 7)), L.ZeroPadding2D(1, name="pad", **c), L.Conv2D(3, 3, name="conv", **c),
            L.BatchNormalization(axis=1, name="bn"), L.AveragePooling2D(2, name="pool", **c),
            L.Flatten(name="f", **c), L.Dense(4, name="fc"))

    def nested():
        inner = keras.Input((4, 4, 2))
        block = keras.Model(inner, [L.Conv2D(2, 3, padding="same", name="a")(inner), L.Flatten(name="f")(inner)], name="block")
        x = keras.Input((4, 4, 2))
        y, z = block(x)
        return keras.Model(x, L.Dense(3, name="d")(L.Concatenate(name="c")([L.Flatten(name="f")(y), z])))

    def moved_scales():
        # Normalisations without a scale, of features that PyTorch has in another order.
        return sequential(
            keras.Input((4, 6, 4)), L.Conv2D(4, 1, name="c"), L.Flatten(name="f"),
            L.LayerNormalization(scale=False, name="n1"), L.LayerNormalization(center=False, name="n2"),
            L.Dense(24, name="d"), L.LayerNormalization(scale=False, name="n3"), L.LeakyReLU(name="a"),
            L.Reshape((2, 3, 4), name="r"), L.Conv2DTranspose(2, 2, name="t"))

    def moved_groups():
        return sequential(
            keras.Input((3, 4, 4)), L.Conv2D(4, 1, name="c"), L.Reshape((2, 24), name="r"),
            L.GroupNormalization(2, scale=False, name="n"))

    def odd_names():
        x = keras.Input((4,), name="in put")
        y = L.Dense(3, name="forward")(x)
        y = L.Dense(3, name="quote\"); import os #")(y)
        return keras.Model(x, L.Dense(2, name="lambda")(y))

    return {
        name: value for name, value in locals().items()
        if callable(value) and name not in ("sequential", "keras", "L")}


def make():
    import keras

    rng = np.random.default_rng(5)
    keras.utils.set_random_seed(5)
    for name, build in models().items():
        keras.backend.clear_session()
        model = build()
        for variable in model.weights:
            if variable.name in ("moving_mean", "bias", "beta", "gamma", "alpha"):
                variable.assign(rng.standard_normal(variable.shape).astype("f4") / 2)
            if variable.name == "moving_variance":
                variable.assign(rng.random(variable.shape).astype("f4") + 0.5)
        xs = [
            rng.integers(0, 11, (3,) + tuple(i.shape[1:])).astype("i4") if "int" in str(i.dtype)
            else rng.standard_normal((3,) + tuple(i.shape[1:])).astype("f4") for i in model.inputs]
        ys = model.predict(xs if len(xs) > 1 else xs[0], verbose=0)
        ys = ys if isinstance(ys, (list, tuple)) else [ys]
        np.savez(
            path(name + ".twin.npz"), **{f"x{i}": x for i, x in enumerate(xs)},
            **{f"y{i}": y for i, y in enumerate(ys)})
        model.save(path(name + ".keras"))
        model.save(path(name + ".h5"))
    print(" ".join(models()))


def refused():
    import keras
    from keras import layers as L

    @keras.saving.register_keras_serializable("twins")
    class Dense(L.Dense):
        def call(self, x):
            return super().call(x) * 2

    @keras.saving.register_keras_serializable("twins")
    def relu(x):
        return x * x

    def sequential(shape, *layers):
        return keras.Sequential([keras.Input(shape), *layers])

    def functional(shape, build):
        x = keras.Input(shape)
        return keras.Model(x, build(x))

    made = {
        "of_its_own": sequential((4,), Dense(3, name="bad")),
        "own_function": sequential((4,), L.Dense(3, activation=relu, name="bad")),
        "program": functional((4,), lambda x: L.Lambda(lambda y: y + 1, name="bad")(x)),
        "operation": functional((4,), lambda x: keras.ops.add(L.Dense(3, name="d")(x), 1.0)),
        "masked": sequential((4,), L.Embedding(5, 3, mask_zero=True, name="e"), L.LSTM(2, name="bad")),
        "masking": sequential((4, 2), L.Masking(name="bad"), L.LSTM(2, name="l")),
        "always": functional((4,), lambda x: L.Dropout(0.5, name="bad")(x, training=True)),
        "before": sequential((4, 2), L.GRU(2, reset_after=False, name="bad")),
        "gates": sequential((4, 2), L.LSTM(2, recurrent_activation="hard_sigmoid", name="bad")),
        "no_gates": sequential((4, 2), L.LSTM(2, recurrent_activation=None, name="bad")),
        "stateful": keras.Sequential([keras.Input(batch_shape=(1, 4, 2)), L.LSTM(2, stateful=True, name="bad")]),
        "einsum": sequential((4, 2), L.EinsumDense("abc,cd->abd", (None, 3), name="bad")),
        "cropped": sequential((6, 6, 1), L.CenterCrop(2, 2, name="bad")),
        "over_places": sequential((4, 3, 2), L.BatchNormalization(axis=2, name="bad")),
        "bicubic": sequential((4, 3, 2), L.UpSampling2D(2, interpolation="bicubic", name="bad")),
        "wide": functional((4, 6), lambda x: L.MultiHeadAttention(2, 5, name="bad")(x, x)),
        "states": functional((4, 2), lambda x: L.LSTM(2, return_state=True, name="bad")(x)[0]),
        "masked_within": functional((6,), lambda x: L.LSTM(2, name="bad")(
            keras.Sequential([keras.Input((6,)), L.Embedding(5, 3, mask_zero=True)])(x))),
        "spectral": sequential((4,), L.SpectralNormalization(L.Dense(3), name="bad")),
    }
    for name, model in made.items():
        model.save(path(name + ".keras"))
        layer = "bad" if any(layer.name == "bad" for layer in model.layers) else "add"
        print(name, layer)


def judge():
    import torch

    def turned(array, name):
        tensor = torch.from_numpy(array)
        return tensor.movedim(-1, 1) if tensor.ndim > 3 and "channels_first" not in name else tensor

    for file in sorted(os.listdir(folder)):
        if not file.endswith(".twin.npz"):
            continue
        name = file.removesuffix(".twin.npz")
        arrays = np.load(path(file))
        xs = [turned(arrays[key], name) for key in arrays if key.startswith("x")]
        ys = [turned(arrays[key], name) for key in arrays if key.startswith("y")]
        for kind in ("keras", "h5"):
            if not os.path.exists(path(f"{name}.{kind}.py")):
                continue
            spec = importlib.util.spec_from_file_location("twin", path(f"{name}.{kind}.py"))
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            model = module.Twin()
            state = torch.load(path(f"{name}.{kind}.pth"), weights_only=True)
            model.load_state_dict(state.get("model_state_dict", state), strict=True)
            model.eval()
            with torch.no_grad():
                outputs = model(*xs)
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            shapes = [tuple(y.shape) for y in ys]
            if [tuple(y.shape) for y in outputs] != shapes:
                print(f"no {name} {kind}: shapes {[tuple(y.shape) for y in outputs]}, not {shapes}")
                continue
            apart = max(
                ((a - b).abs().max() / b.abs().max().clamp(min=1e-6)).item() for a, b in zip(outputs, ys))
            print(f"{'ok' if apart < 1e-4 else 'no'} {name} {kind}: {apart:.1e} apart")


if __name__ == "__main__":
    {"make": make, "refused": refused, "judge": judge}[sys.argv[1]]()
