"""Keras as the judge of files whose names and config are larger than an attribute can be.

make FOLDER     saves a model of many layers with long names, and one with a weight that is compressed.
judge FOLDER    opens what Ballast wrote of it with Keras, and compares the weights.

Prints a line for each check. Written with keras 3.15.1 (torch backend), h5py 3.16.0.
"""

import glob
import os
import sys
import zipfile

os.environ["KERAS_BACKEND"] = "torch"

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

folder = sys.argv[2]
LIMIT = 64 * 1024


def deep():
    """310 layers, whose names together, and whose config, are larger than 64 KiB."""
    name = "_".join(3 * ["a_layer_with_a_name_that_is_so_long_that_all_of_them_fit_no_attribute"])
    layers = [L.Dense(1, name=f"{name}_{number:04}") for number in range(310)]
    return keras.Sequential([keras.Input((1,)), *layers], name="deep")


def wide():
    """Weights of several chunks, which shrink, and small ones."""
    model = keras.Sequential(
        [keras.Input((700,)), L.Dense(700, name="wide"), L.Dense(3, name="out")], name="net"
    )
    kernel = np.zeros((700, 700), "f4")
    kernel[::7] = np.random.default_rng(1).normal(size=(100, 700))
    model.get_layer("wide").set_weights([kernel, np.arange(700, dtype="f4")])
    return model


keras.utils.set_random_seed(7)
models = {"deep": deep(), "wide": wide()}
if sys.argv[1] == "make":
    for name, model in models.items():
        model.save(os.path.join(folder, f"{name}.keras"))
        model.save_weights(os.path.join(folder, f"{name}.weights.h5"))
    sys.exit()

for path in sorted(glob.glob(os.path.join(folder, "*.out.*"))):
    name = os.path.basename(path)
    expected = models[name.split(".")[0]]
    if name.endswith(".weights.h5"):
        opened = keras.models.clone_model(expected)
        opened.set_weights([np.zeros_like(weight) for weight in expected.get_weights()])
        opened.load_weights(path)
    else:
        opened = keras.saving.load_model(path)
    same = len(opened.weights) == len(expected.weights) and all(
        np.array_equal(left, right)
        for left, right in zip(opened.get_weights(), expected.get_weights())
    )
    print("ok" if same else "DIFFERENT", name)
    if name == "deep.out.h5":
        with h5py.File(path) as f:
            config = len(f.attrs["model_config"])
            names = [key for key in f["model_weights"].attrs if key.startswith("layer_names")]
            print("ok" if config > LIMIT and names == ["layer_names0", "layer_names1"] else "NO", names)
    if name == "wide.out.compressed.keras":
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            info = archive.getinfo("model.weights.h5")
            print("ok" if info.file_size < 700 * 700 * 2 else "LARGE", info.file_size)
            assert archive.infolist()[-1] is info
            with archive.open(info) as member, h5py.File(member) as f:
                kernel = f["layers/dense/vars/0"]
                print("ok" if kernel.compression == "gzip" and kernel.shuffle else "NO", kernel)
