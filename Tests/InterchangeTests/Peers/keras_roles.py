"""Models whose layers have weights that are not learned, as Keras writes them.

    python keras_roles.py FOLDER

Saves `roles` in the three kinds of files. Written with keras 3.15.1 (torch backend).
"""

import os
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

keras.utils.set_random_seed(13)
folder = sys.argv[1]


@keras.saving.register_keras_serializable("roles")
class Scale(L.Layer):
    """A class of which nothing is known, with a factor and a statistic."""

    def build(self, shape):
        self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="uniform")
        self.moving_mean = self.add_weight(name="moving_mean", shape=(shape[-1],), trainable=False)
        self.built = True

    def call(self, x):
        return x * self.factor - self.moving_mean


normalization = L.Normalization(name="norm")
normalization.adapt(np.random.default_rng(13).random((20, 6, 6, 2)))
layers = [
    keras.Input((6, 6, 2)), normalization,
    L.SpectralNormalization(L.Conv2D(3, 3, name="inner"), name="spectral"),
    L.BatchNormalization(name="bn"), L.Flatten(name="f"),
]
for number in range(12):
    layers += [L.Dense(4, name=f"d{number}"), Scale(name=f"s{number}"), L.Dropout(0.5, name=f"drop{number}")]
model = keras.Sequential(layers, name="roles")
model.predict(np.zeros((1, 6, 6, 2)), verbose=0)
model.save(f"{folder}/roles.keras")
model.save(f"{folder}/roles.h5")
model.save_weights(f"{folder}/roles.weights.h5")
