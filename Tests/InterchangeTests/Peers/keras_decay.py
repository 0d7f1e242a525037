"""A recurrent model trained with Adam and decay, as Keras writes it, and what its optimizer then holds.

    python keras_decay.py FOLDER

Saves `decay.keras` and `decay.h5`, and prints as JSON each variable of the optimizer by its path: its shape, and
its float32 in hexadecimal digits. Written with keras 3.15.1 (torch backend), seed 17.
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

keras.utils.set_random_seed(17)
folder = sys.argv[1]
model = keras.Sequential(
    [keras.Input((4, 2)), L.LSTM(3, name="cell"), L.Dense(2, name="head")], name="decay"
)
model.compile(optimizer=keras.optimizers.Adam(0.01, weight_decay=0.02), loss="mse")
random = np.random.default_rng(17)
x, y = random.random((6, 4, 2), "float32"), random.random((6, 2), "float32")
model.fit(x, y, epochs=2, batch_size=3, verbose=0)
model.save(f"{folder}/decay.keras")
model.save(f"{folder}/decay.h5")
found = {}
for variable in model.optimizer.variables:
    value = np.asarray(variable.value.detach().cpu().numpy(), "float32")
    found[variable.path] = {"shape": list(value.shape), "hex": value.tobytes().hex()}
print(json.dumps(found))
