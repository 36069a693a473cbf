"""The clauses of the contract on how a sequence is walked through: backwards, both ways, unrolled, on from given states."""

import numpy as np

from harness.padding import LENGTHS, PADDING, PLACES, WITH_PADDING, padded
from harness.small import CLOSE, PLAIN, SAMPLES, STEPS, differ, samples

EVERY = PLAIN._replace(every_step=True)  # As other clauses ask it, and STACKED too, so that both are traced once.
BACKWARDS = PLAIN._replace(mask=PADDING, is_backwards=True)
BOTH_WAYS = PLAIN._replace(mask=PADDING, is_both_ways=True)
STACKED = PLAIN._replace(units=(8, 6), mask=PADDING)
UNROLLED = STACKED._replace(steps=WITH_PADDING, is_unrolled=True)
HANDING = PLAIN._replace(hands_states=True)


def backwards_is_the_reversed_sequence(networks):
    """A layer that goes backwards answers as one that goes forwards does to the reversed sequence, and leaves padding out."""
    every = networks.get(EVERY)
    wanted = {how: _ends(every, [row[::-1] for row in rows]) for how, _, rows in _asked()}
    words = "going backwards over rows that are {}, answers are {:.3g} away from those to the reversed rows"
    return _told(networks.get(BACKWARDS), wanted, words)


def both_ways_are_each_alone(networks):
    """A bidirectional layer is a layer each way, side by side, with weights of their own, and leaves padding out."""
    *arrays, dense, bias = networks.get(BOTH_WAYS).weights()
    half, units, every = len(arrays) // 2, len(dense) // 2, networks.get(EVERY)
    every.set_weights(arrays[:half] + [dense[:units], bias])
    wanted = {how: _ends(every, rows) for how, _, rows in _asked()}
    every.set_weights(arrays[half:] + [dense[units:], 0 * bias])
    for how, _, rows in _asked():
        both = wanted[how] * _ends(every, [row[::-1] for row in rows])
        wanted[how] = both / both.sum(axis=1, keepdims=True)  # softmax(a + b) is softmax(a) softmax(b), over its sum.
    words = "both ways over rows that are {}, answers are {:.3g} away from those of each way alone"
    return _told(networks.get(BOTH_WAYS), wanted, words)


def unrolled_answers_alike(networks):
    """Two layers that are unrolled answer as two that are not, whatever is padded."""
    rolled = networks.get(STACKED)
    wanted = {how: rolled.predict(x, SAMPLES) for how, x, _ in _asked()}
    return _told(networks.get(UNROLLED), wanted, "unrolled, answers to rows that are {} are off by {:.3g}")


def _asked():
    """Yield (how the rows are padded, the samples, the steps that are there, row by row), all of one shape."""
    x, _ = samples(steps=WITH_PADDING)
    yield "not padded", x, list(x)
    for where in PLACES:
        yield "padded " + where, padded(x, LENGTHS, where), [row[:length] for row, length in zip(x, LENGTHS)]


def _ends(every, rows):
    """Return what a network that answers every step says at the end of each row, whatever its length."""
    x = np.zeros((len(rows), WITH_PADDING, PLAIN.features), "float32")
    for place, row in enumerate(rows):
        x[place, : len(row)] = row
    return every.predict(x, SAMPLES)[np.arange(len(rows)), [len(row) - 1 for row in rows]]


def _told(network, wanted, words):
    """Say for which rows the answers are off, and by how much, None where they are for none."""
    for how, x, _ in _asked():
        off = differ(network.predict(x, SAMPLES), wanted[how])
        if off > CLOSE:
            return words.format(how, off)
    return None


def states_handed_over_go_on(networks):
    """The states that a layer gives after half of a sequence lead a call that is given them to the end of the whole."""
    x, _ = samples()
    plain, network = networks.get().predict(x, SAMPLES), networks.get(HANDING)
    zeros = [np.zeros((SAMPLES, units), "float32") for units in 2 * HANDING.units]
    whole = network.go_on(x, zeros)
    pieces = network.go_on(x[:, STEPS // 2 :], network.go_on(x[:, : STEPS // 2], zeros)[1:])
    for name, ours, theirs in zip(("answers", "hidden state", "cell state"), pieces, whole):
        if differ(ours, theirs) > CLOSE:
            words = "from the states after {} steps on, the {} {} by {:.3g}"
            return words.format(STEPS // 2, name, "differ" if name == "answers" else "differs", differ(ours, theirs))
    off = differ(whole[0], plain)
    return None if off <= CLOSE else "from states of zeros, answers are {:.3g} away from those without states".format(off)


def settings_make_it_anew(networks):
    """A model that is made of the settings of another, and given its weights, answers as that one does."""
    network, (x, _) = networks.get(BOTH_WAYS), samples()
    rows = padded(x, LENGTHS, "before")
    off = differ(network.anew().predict(rows, SAMPLES), network.predict(rows, SAMPLES))
    return None if off <= CLOSE else "made anew from its own settings, a model answers {:.3g} away".format(off)


# Those that ask the same networks stand together.
CLAUSES = (
    backwards_is_the_reversed_sequence,
    both_ways_are_each_alone,
    settings_make_it_anew,
    unrolled_answers_alike,
    states_handed_over_go_on,
)
