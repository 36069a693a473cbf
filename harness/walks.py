"""The clauses of the contract on how a sequence is walked: backwards, both ways, unrolled, past zeros, on from given states."""

import numpy as np

from harness.padding import LENGTHS, PADDING, PLACES, WITH_PADDING, padded
from harness.small import CLOSE, PLAIN, SAMPLES, STEPS, differ, samples

EVERY = PLAIN._replace(every_step=True)  # As other clauses ask it, and STACKED too, so that both are traced once.
BACKWARDS = PLAIN._replace(mask=PADDING, is_backwards=True)
BOTH_WAYS = PLAIN._replace(mask=PADDING, is_both_ways=True)
STACKED = PLAIN._replace(units=(8, 6), mask=PADDING)
KEEPING, KEEPING_BOTH = PLAIN._replace(batch_size=3), PLAIN._replace(batch_size=3, is_both_ways=True)
UNROLLED = STACKED._replace(steps=WITH_PADDING, is_unrolled=True)
HANDING = PLAIN._replace(hands_states=True)
EMBEDDED = PLAIN._replace(vocabulary=6)


def backwards_is_the_reversed_sequence(networks):
    """A layer that goes backwards answers as one that goes forwards does to the reversed sequence, and leaves padding out."""
    every = networks.get(EVERY)
    wanted = {how: _ends(_steps(every, [row[::-1] for row in rows])) for how, _, rows, _ in _asked()}
    words = "going backwards over rows that are {}, answers are {:.3g} away from those to the reversed rows"
    return _told(networks.get(BACKWARDS), wanted, words)


def both_ways_are_each_alone(networks):
    """A bidirectional layer is a layer each way, side by side, with weights of their own, and leaves padding out.

    Asked for its end, it answers from where each of the two ends; asked for every step, from where both pass it.
    """
    *arrays, dense, bias = networks.get(BOTH_WAYS).weights()
    half, units, every = len(arrays) // 2, len(dense) // 2, networks.get(EVERY)
    every.set_weights(arrays[:half] + [dense[:units], bias])
    there = {how: _steps(every, rows) for how, _, rows, _ in _asked()}
    every.set_weights(arrays[half:] + [dense[units:], 0 * bias])
    back = {how: _steps(every, [row[::-1] for row in rows]) for how, _, rows, _ in _asked()}
    ends = {how: _both(_ends(there[how]), _ends(back[how])) for how in there}
    words = "both ways over rows that are {}, answers are {:.3g} away from those of each way alone"
    return _told(networks.get(BOTH_WAYS), ends, words) or _told_step_by_step(networks, there, back)


def _told_step_by_step(networks, there, back):
    network = networks.get(BOTH_WAYS._replace(every_step=True))
    for how, x, _, places in _asked():
        found, ways = network.predict(x, SAMPLES), zip(there[how], back[how])
        wanted = [_both(one, other[::-1]) for one, other in ways]
        off = max(differ(found[row, place], wanted[row]) for row, place in enumerate(places))
        if off > CLOSE:
            return "both ways, step by step over rows that are {}, answers are {:.3g} away from those of each way".format(
                how, off
            )
    return None


def _both(one, other):
    """Return softmax(a + b) of softmax(a) and softmax(b): their product, over its sum."""
    product = one * other
    return product / product.sum(axis=-1, keepdims=True)


def both_ways_keeps_and_forgets(networks):
    """A bidirectional layer that keeps its state goes on each way from where that way ended, and forgets both at a reset."""
    x, _ = samples(count=3)
    *arrays, dense, bias = networks.get(KEEPING_BOTH).weights()
    half, units = len(arrays) // 2, len(dense) // 2
    there = _twice(networks, arrays[:half] + [dense[:units], bias], x)
    back = _twice(networks, arrays[half:] + [dense[units:], 0 * bias], x[:, ::-1])
    network = networks.get(KEEPING_BOTH)
    found = [network.predict(x, 3), network.predict(x, 3)]
    network.reset()
    found.append(network.predict(x, 3))
    if differ(found[0], found[1]) <= CLOSE:
        return "both ways, no state is kept"
    first, second = (_both(*ways) for ways in zip(there, back))
    for when, answer, wanted in zip(("at first", "from the kept state", "after a reset"), found, (first, second, first)):
        if differ(answer, wanted) > CLOSE:
            return "both ways, {} answers are {:.3g} away from those of each way alone".format(when, differ(answer, wanted))
    return None


def kept_state_can_be_set(networks):
    """A state that was read and is set again by hand (`layer.reset_states(states)`) is gone on from as it was."""
    x, _ = samples(count=3)
    network = networks.get(KEEPING)
    network.predict(x, 3)
    states = network.states()
    wanted = network.predict(x, 3)
    network.reset()
    network.set_states(states)
    off = differ(network.predict(x, 3), wanted)
    return None if off <= CLOSE else "from a state that was set, answers are {:.3g} away from those from it".format(off)


def _twice(networks, weights, x):
    """Return the answers of a network that keeps its state to the same samples, asked twice."""
    network = networks.get(KEEPING)
    network.set_weights(weights)
    return [network.predict(x, len(x)) for _ in range(2)]


def unrolled_answers_alike(networks):
    """Two layers that are unrolled answer as two that are not, whatever is padded."""
    rolled = networks.get(STACKED)
    wanted = {how: rolled.predict(x, SAMPLES) for how, x, _, _ in _asked()}
    return _told(networks.get(UNROLLED), wanted, "unrolled, answers to rows that are {} are off by {:.3g}")


def _asked():
    """Yield (how the rows are padded, the samples, row by row the steps that are there, and where they are)."""
    x, _ = samples(steps=WITH_PADDING)
    yield "not padded", x, list(x), SAMPLES * [np.arange(WITH_PADDING)]
    for where in PLACES:
        places = [PLACES[where](length) for length in LENGTHS]
        yield "padded " + where, padded(x, LENGTHS, where), [row[:length] for row, length in zip(x, LENGTHS)], places


def _steps(every, rows):
    """Return what a network that answers every step says to each row, (steps, classes), whatever its length."""
    x = np.zeros((len(rows), WITH_PADDING, PLAIN.features), "float32")
    for place, row in enumerate(rows):
        x[place, : len(row)] = row
    return [answers[: len(row)] for answers, row in zip(every.predict(x, SAMPLES), rows)]


def _ends(steps):
    return np.array([answers[-1] for answers in steps])


def _told(network, wanted, words):
    """Say for which rows the answers are off, and by how much, None where they are for none."""
    for how, x, _, _ in _asked():
        off = differ(network.predict(x, SAMPLES), wanted[how])
        if off > CLOSE:
            return words.format(how, off)
    return None


def embedded_zeros_are_padding(networks):
    """What an Embedding makes vectors of is answered as those vectors are, and its zeros (`mask_zero`) as if not there."""
    table, *rest = networks.get(EMBEDDED).weights()
    every = networks.get(EVERY)
    every.set_weights(rest)
    tokens = np.random.RandomState(6).randint(1, EMBEDDED.vocabulary, (SAMPLES, STEPS))
    wanted = _ends(_steps(every, [table[row[:length]] for row, length in zip(tokens, LENGTHS)]))
    network = networks.get(EMBEDDED)
    for where in PLACES:
        asked = np.zeros((SAMPLES, WITH_PADDING), "int32")
        for row, length in enumerate(LENGTHS):
            asked[row, PLACES[where](length)] = tokens[row, :length]
        off = differ(network.predict(asked, SAMPLES), wanted)
        if off > CLOSE:
            return "embedded, with zeros {}, they are answered {:.3g} away from their vectors alone".format(where, off)
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
    rows = padded(samples()[0], LENGTHS, "before")
    for name, design in (("unrolled", UNROLLED), ("both ways", BOTH_WAYS), ("backwards", BACKWARDS)):
        network = networks.get(design)
        off = differ(network.anew().predict(rows, SAMPLES), network.predict(rows, SAMPLES))
        if off > CLOSE:
            return "made anew from its own settings, a model that goes {} answers {:.3g} away".format(name, off)
    return None


# Those that ask the same networks stand together.
CLAUSES = (
    backwards_is_the_reversed_sequence,
    both_ways_are_each_alone,
    both_ways_keeps_and_forgets,
    kept_state_can_be_set,
    unrolled_answers_alike,
    settings_make_it_anew,
    embedded_zeros_are_padding,
    states_handed_over_go_on,
)
