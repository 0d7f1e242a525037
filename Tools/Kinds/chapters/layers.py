"""Keras: orders, roles, other kinds of files, quantised models, templates."""

import json
import runpy
import shutil
import subprocess
import zipfile
from collections import OrderedDict

import h5py
import numpy as np
import torch

from table import BALLAST, INTERCHANGE, chapter, maker, run_part, run_peer

ORDERS = {
    "branches": "two flattened branches and a vector, joined",
    "crnn": "`Conv2D`, `Permute`, `Reshape`, `LSTM`",
    "film": "`TimeDistributed(Conv2D)`, then `LSTM`",
    "generator": "`Dense`, `Reshape`, `Conv2DTranspose`",
    "variational": "a layer of its own between them",
    "channels_first": "`channels_first`",
    "augmented": "layers of augmentation",
    "mystery": "a layer of a class that is not known",
    "per_place": "`Dense` at every place, then `Flatten`",
    "image_of_states": "an image of an LSTM's states",
}


@maker
def orders(folder):
    run_part(INTERCHANGE + "keras_orders.py", ORDERS, "make", folder)


@maker
def roles(folder):
    run_peer(INTERCHANGE + "keras_roles.py", folder)


@maker
def tf_archives(folder):
    run_peer(INTERCHANGE + "tf_keras_archives.py", "make", folder)


@maker
def tf_files(folder):
    run_peer(INTERCHANGE + "write_tf_keras.py", folder)


@maker
def keras(folder):
    """Trained, quantised and adapted models of Keras."""
    import keras
    from keras import layers as L

    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)

    def save(model, name, kinds=("keras", "h5", "weights.h5")):
        for kind in kinds:
            path = str(folder / f"{name}.{kind}")
            model.save_weights(path) if kind == "weights.h5" else model.save(path)

    def dense():
        return keras.Sequential([keras.Input((4,)), L.Dense(6, "relu", name="a"), L.Dense(2, name="b")], name="net")

    for name in ("Adam", "Nadam"):
        model = dense()
        model.compile(getattr(keras.optimizers, name)(0.01), keras.losses.MeanSquaredError())
        model.fit(rng.random((8, 4)), rng.random((8, 2)), verbose=0)
        save(model, name.lower(), ["keras"])
    for mode in ("int8", "int4", "float8"):
        model = dense()
        model.quantize(mode)
        save(model, mode)
    model = dense()
    model.get_layer("a").enable_lora(2)
    save(model, "lora")
    deep = keras.Sequential([keras.Input((3,))] + [L.Dense(3, name=f"dense_{n}") for n in range(12)])
    save(deep, "deep")
    frozen = dense()
    frozen.get_layer("a").trainable = False
    save(frozen, "frozen")
    half = keras.Sequential([keras.Input((4,)), L.Dense(3, dtype="mixed_bfloat16", name="a")])
    save(half, "mixed")
    gru = keras.Sequential([keras.Input((5, 3)), L.GRU(2, reset_after=False, name="old")])
    save(gru, "gru")
    lambdas = keras.Sequential([keras.Input((3,)), L.Lambda(lambda x: x * 2, name="twice"), L.Dense(2, name="fc")])
    save(lambdas, "lambda", ["keras"])
    image = keras.Sequential([
        keras.Input((6, 6, 2)), L.Conv2D(3, 3, name="conv"), L.BatchNormalization(name="bn"), L.Flatten(),
        L.Dense(2, name="fc")])
    save(image, "image")
    x = rng.standard_normal((3, 6, 6, 2)).astype("f4")
    np.savez(folder / "image.npz", x=x.transpose(0, 3, 1, 2), y=image.predict(x, verbose=0))
    subprocess.run(
        [BALLAST["tools"] / "ballast-convert", folder / "image.keras", folder / "image.pth", "--quiet"], check=True)
    # As PyTorch alone would have saved them.
    torch.save(OrderedDict(torch.load(folder / "image.pth")), folder / "image.pth")
    other = keras.Sequential([keras.Input((6, 6, 2)), L.Conv2D(3, 3, name="conv"), L.Dense(2, name="fc")])
    save(other, "other")
    with zipfile.ZipFile(folder / "image.keras") as archive:
        (folder / "image.json").write_bytes(archive.read("config.json"))
    # As older versions wrote them.
    shutil.copy(folder / "image.h5", folder / "theano.h5")
    with h5py.File(folder / "theano.h5", "a") as file:
        for group in (file, file["model_weights"]):
            group.attrs["backend"] = "theano"
    with h5py.File(folder / "keras1.h5", "w") as file:
        layer = {"class_name": "Dense", "config": {"name": "dense_1", "output_dim": 2, "input_dim": 3, "bias": True}}
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": [layer]}).encode()
        file.attrs["keras_version"] = b"1.2.2"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"dense_1"])
        group.create_group("dense_1").attrs["weight_names"] = np.array([b"dense_1_W", b"dense_1_b"])
        group["dense_1/dense_1_W"], group["dense_1/dense_1_b"] = np.ones((3, 2), "f4"), np.zeros(2, "f4")


ORDER = "KerasOrderTests.twinsInPyTorchGiveTheSameOutputs"
order = chapter(
    "Orders of features in Keras",
    "Keras has the channels last and PyTorch first. Where features are flattened, reshaped, permuted or joined,\n"
    "their order is followed through the layers, and the weights come in that of PyTorch's twin. Where it cannot be\n"
    "known that is a loss of each weight.")
UNKNOWN = {"mystery", "per_place", "image_of_states"}
for name, what in ORDERS.items():
    order.row(
        what, f"orders/{name}.keras", "Keras", ORDER,
        "guessed: " if name in UNKNOWN else "not described to run")
order.row("the first as `.h5`", "orders/branches.h5", "Keras", "KerasOrderTests.allKindsOfFilesGiveTheSame", ...)
order.row(
    "the first as `.weights.h5`", "orders/branches.weights.h5", "Keras",
    "KerasOrderTests.allKindsOfFilesGiveTheSame", ...)

role = chapter(
    "Roles, names and the order of layers in Keras", "As Keras has them, and the same from each kind of file.")
ROLES = "KerasRoleTests.statisticsAreBuffers"
for kind in ("keras", "h5", "weights.h5"):
    role.row(f"`Normalization`, `SpectralNormalization`, a statistic of a class of its own, `.{kind}`",
             f"roles/roles.{kind}", "Keras", ROLES, ...)
role.row("twelve layers, `dense_10` after `dense_9`, `.weights.h5`", "keras/deep.weights.h5", "Keras",
         "KerasRoleTests.weightsAloneAreInTheOrderOfTheModel", ...)

kinds = chapter(
    "Other kinds of Keras's files", "Files of TF-Keras 2 and Keras 1, optimizers, quantised and adapted models.")
TF = "TFKerasTests"
kinds.row(
    "TF-Keras 2's `.keras`", "tf_archives/model.keras", "by hand",
    "TFKerasTests.archivesOfTFKerasGoThereAndBack", ...)
kinds.row(
    "TF-Keras 2's `.keras`", "tf_archives/model.keras", "by hand",
    "TFKerasTests.archivesOfTFKerasGoThereAndBack", ..., to=".keras")
kinds.row("TF-Keras 2's `.weights.h5`", "tf_archives/model.weights.h5", "by hand", "TFKerasTests", ...)
kinds.row(
    "TF-Keras 2's `.h5`, with Adam's state", "tf_files/image.h5", "by hand",
    "TFKerasTests.theOptimizersVariablesAreMatchedByName", ...)
kinds.row("Keras 1", "keras/keras1.h5", "by hand", "KerasTests.filesOfKeras1AreNamed", "Keras 1")
kinds.row("Theano's kernels", "keras/theano.h5", "by hand", "KerasTests.kernelsOfTheanoAreRefused", "Theano")
for name in ("Adam", "Nadam"):
    kinds.row(f"a model trained with {name}", f"keras/{name.lower()}.keras", "Keras", "", ...)
for mode, of in {"int8": ("keras", "h5", "weights.h5"), "int4": ("keras",), "float8": ("keras",)}.items():
    for kind in of:
        kinds.row(f"quantised to {mode}, `.{kind}`", f"keras/{mode}.{kind}", "Keras", "", ...)
kinds.row("LoRA", "keras/lora.keras", "Keras", "", ...)
kinds.row("`GRU(reset_after=False)`", "keras/gru.keras", "Keras", "KerasPeersTests", ...)
kinds.row("a `Lambda`, which is never run", "keras/lambda.keras", "Keras", "KerasTests.lambdasAreNeverRun", ...)

templates = chapter("Templates", "`--keras-template` says where in a file of Keras the weights go.")
templates.row(
    "the model's own config", "keras/image.pth", "Keras",
    "KerasMatrixTests.weightsTakeTheirConfigFromATemplate", ..., to=".keras",
    convert=("--keras-template", "image.json"), beside=("keras/image.json",))
templates.row("a file of weights alone, which does not fix the order", "keras/image.pth", "Keras",
              "KerasOrderTests.templatesThatDoNotFixTheOrderAreRefused", "error: ", to=".weights.h5",
              convert=("--keras-template", "image.weights.h5"),
              beside=("keras/image.weights.h5",))
templates.row("another model's config", "keras/image.pth", "Keras", "KerasOrderTests", "error: ", to=".keras",
              convert=("--keras-template", "other.keras"),
              beside=("keras/other.keras",))


def outputs_of_twin(path):
    """What PyTorch makes of the program and the file, held against what Keras made."""
    twin = runpy.run_path(str(path.parent / "twin.py"))["Twin"]()
    twin.load_state_dict(torch.load(path), strict=True)
    twin.eval()
    with np.load(path.parent / "image.npz") as arrays, torch.no_grad():
        apart = np.abs(twin(torch.from_numpy(arrays["x"])).numpy() - arrays["y"]).max()
    return "PyTorch takes it strictly, and its outputs are " + ("Keras's" if apart < 1e-5 else "OTHERS")


TWIN = ("--twin", "twin.py")
twins = chapter(
    "A twin in PyTorch", "The report says what the modules have to be told, and `--twin` writes them.", "--twin")
twins.row(
    "a model with a `BatchNormalization`", "keras/image.keras", "Keras",
    "TwinTests.theReportSaysWhatTheTwinHasToBeTold", "twin of bn", to=".pth")
twins.row(
    "the same", "keras/image.keras", "Keras", "KerasTwinTests.twinsTakeTheFileAndGiveTheSame", "twin of bn",
    convert=TWIN, to=".pth", judge=outputs_of_twin, beside=("keras/image.npz",))
twins.row(
    "the same of `.h5`", "keras/image.h5", "Keras", "KerasTwinTests.twinsTakeTheFileAndGiveTheSame", "twin of bn",
    convert=TWIN, to=".pth", judge=outputs_of_twin, beside=("keras/image.npz",))
twins.row(
    "weights without a config", "keras/image.weights.h5", "Keras", "KerasTwinTests", "error: ", convert=TWIN,
    to=".pth")
twins.row(
    "`GRU(reset_after=False)`", "keras/gru.keras", "Keras", "KerasTwinTests.otherLayersAreNamed", "error: ",
    convert=TWIN, to=".pth")
twins.row(
    "a `Lambda`", "keras/lambda.keras", "Keras", "KerasTwinTests.otherLayersAreNamed", "error: ", convert=TWIN,
    to=".pth")
