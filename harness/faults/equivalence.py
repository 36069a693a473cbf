"""Does a fault change anything at all? Only a run can prove that it does not."""

import numpy as np

from harness import backend, framings
from harness.faults.planting import planted

EPOCHS, SEED = 2, 1
ULPS = 4
KINDS = ("data", "default", "numbers", "gradient", "state")  # What others change, as files or masks, is not asked here.


def is_proved(fault, keras):
    """Whether weights after two epochs of every framing and all public answers are within 4 ulp of the untouched ones."""
    untouched = answers(backend.load())
    with planted(fault, keras):
        found = answers(backend.load())
    return off(untouched, found) <= ULPS


def answers(loaded):
    """Return every framing's arrays: losses and accuracies, weights, predictions and what evaluate says after two epochs."""
    found = []
    for framing in framings.framings(framings.NEWEST_EDITION):
        loaded.seed(SEED)
        network = loaded.build(framing)
        x, y = loaded.arrays(framing)
        history = network.fit(x, y, framing.batch_size, framing.shuffle, epochs=EPOCHS)
        found += [np.asarray(history[name], "float32") for name in sorted(history)]
        found += [np.asarray(array, "float32") for array in network.weights() + network.states()]
        found.append(np.asarray(network.predict(x, framing.batch_size), "float32"))
        found.append(np.asarray(network.evaluate(x, y, framing.batch_size), "float32"))
    return found


def off(ours, theirs):
    """Return the largest distance between numbers at the same place, in units in the last place; infinite for other shapes."""
    if [one.shape for one in ours] != [one.shape for one in theirs]:
        return float("inf")
    distances = [np.abs(a - b) / np.spacing(np.maximum(np.abs(a), np.abs(b))) for a, b in zip(ours, theirs)]
    worst = max(float(one.max()) if one.size else 0.0 for one in distances)
    return worst if np.isfinite(worst) else float("inf")
