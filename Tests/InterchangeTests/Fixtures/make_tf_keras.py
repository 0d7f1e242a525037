"""Makes the fixtures of `keras/` that TF-Keras wrote: layers of cuDNN, and optimizers of both kinds.

    python make_tf_keras.py FOLDER

Written with tensorflow-cpu 2.21.0, tf_keras 2.21.0. The layers of cuDNN run on no processor; what they are is told
by TF-Keras's own layers that take their weights: `tf_lstm.h5` has those of `tf_cudnn_lstm.h5`.
"""

import os
import sys

import numpy as np
import tf_keras as keras
from tf_keras import layers as L
from tf_keras.src.layers.rnn.cudnn_gru import CuDNNGRU
from tf_keras.src.layers.rnn.cudnn_lstm import CuDNNLSTM

folder = sys.argv[1]
keras.utils.set_random_seed(9)
rng = np.random.default_rng(9)


def path(name):
    return os.path.join(folder, name + ".h5")


def recurrent(layer, both):
    x = keras.Input((5, 3))
    layer = L.Bidirectional(layer, name="both") if both else layer
    return keras.Model(x, L.Dense(2, name="d")(layer(x)))


for name, packed, plain in (("lstm", CuDNNLSTM, L.LSTM), ("gru", CuDNNGRU, L.GRU)):
    for both in (False, True):
        own = name + ("_both" if both else "")
        model = recurrent(packed(4, name="r"), both)
        for weight in model.weights:
            weight.assign(rng.standard_normal(weight.shape))
        model.save(path("tf_cudnn_" + own))
        other = recurrent(plain(4, name="r"), both)
        other.load_weights(path("tf_cudnn_" + own))
        other.save(path("tf_" + own))

x, y = rng.standard_normal((8, 3)).astype("f4"), rng.standard_normal((8, 2)).astype("f4")
for name, optimizer in (
    ("tf_adam", keras.optimizers.Adam(amsgrad=True)),
    ("tf_old_adam", keras.optimizers.legacy.Adam(amsgrad=True)),
    ("tf_rmsprop", keras.optimizers.RMSprop(momentum=0.5, centered=True)),
    ("tf_old_rmsprop", keras.optimizers.legacy.RMSprop(momentum=0.5, centered=True)),
    ("tf_nadam", keras.optimizers.Nadam()),
    ("tf_old_decayed", keras.optimizers.legacy.SGD(momentum=0.5, decay=0.1)),
):
    keras.backend.clear_session()
    model = keras.Sequential([keras.Input((3,)), L.Dense(4, "relu", name="a"), L.Dense(2, name="b")])
    model.compile(optimizer, "mse")
    model.fit(x, y, epochs=3, verbose=0)
    model.save(path(name))
