"""Writes `.npy` files whose elements are Python objects, as `numpy.save` makes them.

    python write_objects.py FOLDER

Written with numpy 2.4.6.
"""

import os
import sys

import numpy as np

folder = sys.argv[1]
rng = np.random.default_rng(4)


def save(name, value):
    np.save(os.path.join(folder, name + ".npy"), value, allow_pickle=True)


weight, bias = np.arange(6, dtype="f4").reshape(2, 3), np.array([1.5, -2.0])
save("weights", {"fc.weight": weight, "fc.bias": bias})
save("training", {"model": {"fc": {"weight": weight, "bias": bias}}, "epoch": 3, "names": ["a", "b"]})
save("turned", {"w": np.asfortranarray(weight), "big": bias.astype(">f8"), "flags": np.array([True, False])})
save("list", np.array([weight, bias, None], dtype=object))
save("texts", {"w": weight, "labels": np.array(["a", "b"]), "kinds": np.array(["x", None], dtype=object)})
save("nothing", np.array([None, "a"], dtype=object))


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


save("evil", {"w": weight, "run": Evil()})
