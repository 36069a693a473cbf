"""The clauses of the contract on how a sequence is walked: backwards, both ways, unrolled, past zeros, on from given states."""

import numpy as np

from harness.padding import LENGTHS, PADDING, PLACES, WITH_PADDING, padded
from harness.small import CLOSE, EMBEDDED, KEEPING, PLAIN, SAMPLES, STEPS, VOCABULARY, differ, farthest, samples

EVERY = PLAIN._replace(every_step=True)  # As other clauses ask it, and STACKED too, so that both are traced once.
BACKWARDS = PLAIN._replace(mask=PADDING, is_backwards=True)
BOTH_WAYS = PLAIN._replace(mask=PADDING, is_both_ways=True)
STACKED = PLAIN._replace(units=(8, 6), mask=PADDING)
KEEPING_BOTH = KEEPING._replace(is_both_ways=True)
UNROLLED = STACKED._replace(steps=WITH_PADDING, is_unrolled=True)
HANDING = PLAIN._replace(mask=PADDING, hands_states=True)
SHORT = 2**16  # So many kinds of token 16 bits tell apart.
MANY = EMBEDDED._replace(vocabulary=SHORT + VOCABULARY)


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
    ends = {how: both(_ends(there[how]), _ends(back[how])) for how in there}
    words = "both ways over rows that are {}, answers are {:.3g} away from those of each way alone"
    return _told(networks.get(BOTH_WAYS), ends, words) or _told_step_by_step(networks, there, back)


def _told_step_by_step(networks, there, back):
    network = networks.get(BOTH_WAYS._replace(every_step=True))
    for how, x, _, places in _asked():
        found, ways = network.predict(x, SAMPLES), zip(there[how], back[how])
        wanted = [both(one, other[::-1]) for one, other in ways]
        off = max(differ(found[row, place], wanted[row]) for row, place in enumerate(places))
        if off > CLOSE:
            return "both ways, step by step over rows that are {}, answers are {:.3g} away from those of each way".format(
                how, off
            )
    return None


def both(one, other):
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
    first, second = (both(*ways) for ways in zip(there, back))
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


def state_is_kept_by_train_on_batch(networks):
    """A network that keeps its state has the same after `train_on_batch` as after `predict` of the same rows."""
    x, y = samples(count=KEEPING.batch_size)
    network = networks.get(KEEPING)
    network.predict(x, len(x))
    wanted = network.states()
    if not np.any(np.concatenate(wanted)):
        return "no state is kept"
    network = networks.get(KEEPING)  # Its state is forgotten.
    network.train_on_batch(x, y)
    off = farthest(network.states(), wanted)
    return None if off <= CLOSE else "after train_on_batch the state is {:.3g} away from that after predict".format(off)


def _twice(networks, weights, x):
    """Return the answers of a network that keeps its state to the same samples, asked twice."""
    network = networks.get(KEEPING)
    network.set_weights(weights)
    return [network.predict(x, len(x)) for _ in range(2)]


def distributed_layer_answers_every_step(networks):
    """A layer in a TimeDistributed answers every step of every row, as it does alone, also where lengths change."""
    x, _ = samples(count=STEPS - 1)
    pieces = x[:, : STEPS // 2], x  # What is traced for one length may be traced for any at the next.
    wanted = [networks.get(EVERY).predict(piece, len(piece)) for piece in pieces]
    network = networks.get(EVERY._replace(is_distributed=True))
    for piece, answers in zip(pieces, wanted):
        found = network.predict(piece, len(piece))
        if found.shape != answers.shape:
            words = "of {} rows a layer in a TimeDistributed answers {} of {} steps"
            return words.format(len(piece), found.shape[1], piece.shape[1])
        if differ(found, answers) > CLOSE:
            return "in a TimeDistributed, a layer's answers are {:.3g} away from its own".format(differ(found, answers))
    return None


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
    """What an Embedding makes vectors of is answered as those vectors are, and its zeros (`mask_zero`) as if not there.

    Its tokens are the least and the greatest of 65,542 kinds.
    """
    table, *rest = networks.get(MANY).weights()
    every = networks.get(EVERY)
    every.set_weights(rest)
    tokens = np.random.RandomState(6).randint(1, VOCABULARY, (SAMPLES, STEPS))
    tokens[:, ::2] += SHORT
    wanted = _ends(_steps(every, [table[row[:length]] for row, length in zip(tokens, LENGTHS)]))
    network = networks.get(MANY)
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
    whole = network.go_on(x, _nothing())
    pieces = network.go_on(x[:, STEPS // 2 :], network.go_on(x[:, : STEPS // 2], _nothing())[1:])
    words = "from the states after {} steps on, the {{}} by {{:.3g}}".format(STEPS // 2)
    off = differ(whole[0], plain)
    if off > CLOSE:
        return "from states of zeros, answers are {:.3g} away from those without states".format(off)
    return _differing(pieces, whole, words)


def both_ways_give_their_states(networks):
    """A bidirectional layer gives, beside its answers, both states of the way there, then both of the way back."""
    (x, _), design = samples(), HANDING._replace(is_both_ways=True)
    *arrays, dense, bias = networks.get(design).weights()
    half, units, wanted = len(arrays) // 2, len(dense) // 2, []
    for first, rows in ((0, x), (half, x[:, ::-1])):
        alone = networks.get(HANDING)
        alone.set_weights([*arrays[first : first + half], dense[:units], bias])
        wanted += alone.go_on(rows, _nothing())[1:]
    _, *found = networks.get(design).go_on(x, [])
    off = [differ(ours, theirs) for ours, theirs in zip(found, wanted)]
    if len(found) == len(wanted) and max(off) <= CLOSE:
        return None
    words = "both ways, {} states are given, {} of them those of each way alone"
    return words.format(len(found), sum(one <= CLOSE for one in off))


def padding_is_left_out_beside_given_states(networks):
    """A layer that is given its states leaves padding out: neither what it answers nor the states that it gives see any."""
    (x, _), network = samples(), networks.get(HANDING)
    alone = network.go_on(x[:, : STEPS // 2], _nothing())
    behind = network.go_on(padded(x, SAMPLES * [STEPS // 2], "after"), _nothing())
    return _differing(behind, alone, "where states are given, padding counts: the {} by {:.3g}")


def _nothing():
    return [np.zeros((SAMPLES, *HANDING.units), "float32") for _ in "hc"]


def _differing(found, wanted, words):
    """Say which of [answers, h, c] differs, and by how much, or that some are not given; None where all are alike."""
    if len(found) != len(wanted):
        return words.format("answers and states are others", abs(len(found) - len(wanted)))
    for name, ours, theirs in zip(("answers differ", "hidden state differs", "cell state differs"), found, wanted):
        if differ(ours, theirs) > CLOSE:
            return words.format(name, differ(ours, theirs))
    return None


def states_beside_every_step_are_the_last(networks):
    """A layer that answers every step and gives its states, too, gives those after the last step, as one that ends there."""
    (x, _), network = samples(), networks.get(HANDING._replace(every_step=True))
    wanted = networks.get(HANDING).go_on(x, _nothing())
    every, *states = network.go_on(x, _nothing())
    return _differing([every[:, -1], *states], wanted, "where every step is answered, too, the {} by {:.3g}")


def given_state_is_gone_on_from(networks):
    """A layer that keeps its state, and is given another, goes on from the one that it is given, call after call."""
    x, _ = samples(count=KEEPING.batch_size)
    states = [np.full((len(x), *PLAIN.units), value, "float32") for value in (0.3, -0.5)]
    wanted, network = networks.get(HANDING).go_on(x, states), networks.get(HANDING._replace(batch_size=len(x)))
    for call in ("first", "second"):
        off = farthest(network.go_on(x, states), wanted)
        if off > CLOSE:
            return "where it keeps a state, the {} call is {:.3g} away from where the given states lead".format(call, off)
    return None


# Those that ask the same networks stand together.
CLAUSES = (
    backwards_is_the_reversed_sequence,
    both_ways_are_each_alone,
    both_ways_keeps_and_forgets,
    kept_state_can_be_set,
    state_is_kept_by_train_on_batch,
    distributed_layer_answers_every_step,
    unrolled_answers_alike,
    embedded_zeros_are_padding,
    states_handed_over_go_on,
    states_beside_every_step_are_the_last,
    both_ways_give_their_states,
    padding_is_left_out_beside_given_states,
    given_state_is_gone_on_from,
)
