"""The small networks and samples that the contract asks about: no seed and no training decides what they are."""

import numpy as np

from harness.backend.networks import Design

SAMPLES, STEPS = 7, 4
PLAIN = Design()


def samples(design=PLAIN, steps=STEPS, count=SAMPLES):
    """Return (x, y): samples (count, steps, features) between 0 and 1, and one-hot targets (count, classes), float32."""
    random = np.random.RandomState(3)
    x = random.uniform(0, 1, (count, steps, design.features)).astype("float32")
    return x, np.eye(design.classes, dtype="float32")[random.randint(design.classes, size=count)]


def shaken(backend, design=PLAIN, metrics=("accuracy",), optimizer="adam"):
    """Return a network of this design whose weights depend on nothing but their shapes, none of them zero."""
    network = backend.construct(design, metrics, optimizer)
    random = np.random.RandomState(4)
    network.set_weights([random.normal(0, 0.4, array.shape).astype("float32") for array in network.weights()])
    return network
