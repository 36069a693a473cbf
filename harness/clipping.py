"""The clause of the contract on clipped gradients, by which recurrent networks are trained because theirs may explode.

(Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, ICML 2013.)
"""

import numpy as np

from harness import reference, settings
from harness.gradients import MOMENTUM, SMALL_RATE
from harness.small import EMBEDDED, PLAIN, STEPS, joined, samples, shaken
from harness.subjects import moments

NEWER = "global_clipnorm"  # Before Keras 2.4 it is refused.
RATE, BOUND = 0.25, 2.0**-6  # A fifth of the norm that the gradient of a table has here.
OFF_TOKENS = 1e-2  # Of BOUND: some divide by the norm and 1e-6.
OFF = 1e-3  # Of the largest number. Half of what is clipped is bounded to half of itself, and float32 is off by 1e-6.


def gradients_are_clipped(networks):
    """A step goes as far as `clipvalue`, `clipnorm` or, where it is known, `global_clipnorm` lets the gradient go.

    They bound each number of it, the norm of each array, and that of all together.
    """
    exact = gradient(networks.get())
    norms = [np.linalg.norm(array) for array in exact]
    asked = [("clipvalue", np.abs(joined(exact)).max(), by_value), ("clipnorm", np.median(norms), by_norm)]
    if _is_known(networks.backend, NEWER):
        asked.append((NEWER, np.linalg.norm(norms), by_norm_of_all))
    for word, largest, clipped in asked:
        bound = float(largest) / 2
        found = _stepped(networks.backend, word, bound)
        if not _are_alike(found, clipped(exact, bound)):
            return "{} {}".format(word, _instead(found, exact, bound))
    return None


def gradients_of_tokens_are_clipped(networks):
    """The gradient of an Embedding, which comes token by token, is clipped as that of any other array (`clipnorm`)."""
    network = shaken(networks.backend, EMBEDDED, optimizer=networks.backend.descent(RATE, clipnorm=BOUND))
    # Each once: of a token that comes more often, some take the norm of the parts of its gradient, not of their sum.
    tokens, table = 1 + np.arange(STEPS)[None], network.weights()[0]
    network.train_on_batch(tokens, samples(count=1)[1])
    norm = float(np.linalg.norm(table - network.weights()[0])) / RATE
    if 0 < norm <= (1 + OFF_TOKENS) * BOUND:  # Before tf.keras all arrays together are bounded.
        return None
    return "clipped to a norm of {:.3g}, the gradient of an Embedding has one of {:.3g}".format(BOUND, norm)


def _is_known(backend, word):
    try:
        backend.descent(SMALL_RATE, MOMENTUM, **{word: 1.0})
    except (TypeError, ValueError):
        return False
    return True


def by_value(arrays, bound):
    """Return the arrays with every number within the bound."""
    return [np.clip(array, -bound, bound) for array in arrays]


def by_norm(arrays, bound):
    """Return the arrays, each scaled down to a norm of the bound where its own is larger."""
    return [array * min(1.0, bound / np.linalg.norm(array)) for array in arrays]


def by_norm_of_all(arrays, bound):
    """Return the arrays, all scaled down alike to a common norm of the bound."""
    norm = np.linalg.norm(joined(arrays))
    return [array * min(1.0, bound / norm) for array in arrays]


def gradient(network):
    """Return the gradient of each array by the reference, at the weights that every network of PLAIN has here."""
    (x, y), weights = samples(), network.weights()
    exact = reference.Network(weights, settings.odd(network.defaults())[1])
    return reference.views(exact.gradients(exact.forward(x), y), [array.shape for array in weights])


def _stepped(backend, word, bound):
    """Return what the first step of a descent takes, in gradients: its momentum, which no race spoils, as `gradients` says."""
    network = shaken(backend, PLAIN, optimizer=backend.descent(SMALL_RATE, MOMENTUM, **{word: bound}))
    network.train_on_batch(*samples())
    return [-first / SMALL_RATE for first, _ in moments(network.slots(), network.weights())]


def _are_alike(found, wanted):
    largest = max(np.abs(array).max() for array in wanted)
    return all(np.abs(one - other).max() <= OFF * largest for one, other in zip(found, wanted))


def _instead(found, exact, bound):
    if _are_alike(found, exact):
        return "clips nothing"
    for whose, clipped in (("all arrays together", by_norm_of_all), ("each array", by_norm)):
        if _are_alike(found, clipped(exact, bound)):
            return "bounds the norm of " + whose
    return "makes other gradients of those that it is to bound"


CLAUSES = (gradients_are_clipped, gradients_of_tokens_are_clipped)
