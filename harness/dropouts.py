"""The clauses of the contract on dropout: it acts in training alone, on what comes in or on the state, each by its own rate.

Dropout puts zeros in the place of a share of what it acts on, multiplies the rest by 1 / (1 - rate) (Srivastava et al., JMLR
15, 2014, section 10), and keeps its mask over the steps of a sequence (Gal and Ghahramani, NIPS 2016). So where one number
alone can be dropped, a loss is one of a few that the reference tells exactly. How often
it is one of which, many rows tell.
"""

from functools import partial
from itertools import product

import numpy as np

from harness import reference, settings, slopes
from harness.backend import graphs
from harness.small import CLOSE, EMBEDDED, MORE_LOSS, PLAIN, SAMPLES, differ, samples, shaken

# Neither rate can stand in the other's place, or be taken for the share that is kept, unseen.
BOTH = PLAIN._replace(features=1, dropout=(0.45, 0.4))
ALONE = BOTH._replace(dropout=(0.45, 0.0))  # Many a framework goes another way where no state is dropped.
BEHIND = EMBEDDED._replace(between=0.5)
ASKED = (("dropout alone", ALONE, 0), ("dropout", BOTH, 0), ("recurrent dropout", BOTH, 1))
DROPPING = PLAIN._replace(dropout=BOTH.dropout, between=0.5)
# Rows; and how many standard errors their mean may be off, which it is once in 500 million times.
MANY, ERRORS = 4096, 6
GATES = 4  # Each may be dropped by a mask of its own (Keras 2), or all by one (Keras 3.0).
LOUD = 4.0  # Times the weights that can be dropped, so that each mask's loss is one of its own.
# Two calls of so few masks each are alike once in 26 times (0.52 ** 5). Where they are, or where the masks of a call are, as
# many as DRAWS of each are looked at instead, which are alike once in six million times (0.52 ** 24).
FEW, DRAWS = 5, 24
WAYS = 1, 2  # That a layer can compute by.
LONG = 20  # Steps, of which one at least gets another mask where none is kept: of all draws, but once in 10 ** 200.
SHORT = 2, 3  # Steps that meet two masks of either kind: no state comes into the first.


def dropout_in_training_alone(networks):
    """Dropout, of what comes in and of the recurrent state, acts in training alone, each by its own rate."""
    network, (x, y) = networks.get(BOTH), samples(BOTH)
    _, numerics = settings.odd(network.defaults())
    weights = network.weights()
    exact, wanted = _told(weights, numerics, x, y)
    if max(differ(network.predict(x, SAMPLES), exact) for _ in range(2)) > CLOSE:
        return "dropout changes the answers of predict"
    if differ(network.evaluate(x, y, SAMPLES)[0], wanted) > MORE_LOSS:
        return "dropout changes the loss of evaluate"
    found = [(name, _misdropped(networks.get(design, ()), design.dropout, numerics, place)) for name, design, place in ASKED]
    return "; ".join("{} {}".format(name, words) for name, words in found if words)


def _told(weights, numerics, x, y):
    """Return (answers, loss) of the reference."""
    answers = reference.Network(weights, numerics).forward(x).answers
    return answers, reference.loss(answers, y)


def _misdropped(network, rates, numerics, place):
    """Say what is wrong with the dropout of one kind, by weights with which it can drop a single number."""
    weights, own, other = _one_alone(network.weights(), place), rates[place], rates[1 - place]
    network.set_weights(weights)
    calls, masks = _calls(network, FEW), partial(losses_by_mask, weights, numerics, place)
    calls = _calls(network, DRAWS) if _same(calls) else calls
    losses = np.ravel(calls)
    if _are_among(losses, masks(own, LONG)):
        return _same(calls)
    if _are_among(losses, [_told(weights, numerics, *_sample(LONG))[1]]):
        return "does nothing in training"
    if other and _are_among(losses, masks(other, LONG)):
        return "of {} takes the other's rate".format(own)
    if _are_among(_drawn(network, SHORT[place]), masks(own, SHORT[place], is_kept=False)):
        return "of {} takes another mask at each step".format(own)
    return "of {} gives losses that no mask of it gives".format(own)


def _same(calls):
    """Say whether masks stay where they should not, by the losses of two calls (calls, epochs)."""
    if np.ptp(calls, axis=1).max() <= MORE_LOSS:
        return "drops the same in every batch"
    return "drops the same in every call" if differ(*calls) <= MORE_LOSS else None


def _one_alone(weights, place):
    """Return the weights with which one input (place 0) or the first unit's state (place 1) is all that can be dropped."""
    kernels = [LOUD * np.array(array) for array in weights[:2]]
    kernels[1 - place][:] = 0.0
    kernels[place][1:] = 0.0
    return kernels + list(weights[2:])


def _sample(steps):
    """Return (x, y) of one sequence."""
    return samples(BOTH, steps, count=1)


def _calls(network, draws):
    """Return the losses of two calls (2, draws) of one long sequence."""
    return np.array([_drawn(network, LONG, draws) for _ in range(2)])


def _drawn(network, steps, draws=FEW):
    """Return the losses of some epochs of one sequence in one call: each has a mask of its own."""
    return network.fit(*_sample(steps), batch_size=1, shuffle=False, epochs=draws)["loss"]


def _are_among(losses, among):
    return np.abs(np.subtract.outer(losses, among)).min(axis=1).max() <= MORE_LOSS


def losses_by_mask(weights, numerics, place, rate, steps, is_kept=True):
    """Return the losses of a sequence, one under every mask of four gates, kept to the end or with another at the last step.

    A mask is 0 for what is dropped, and 1 / (1 - rate).
    """
    masks = list(product((0.0, 1 / (1 - rate)), repeat=GATES))
    pairs = zip(masks, masks) if is_kept else product(masks, masks)
    return np.array([_masked(weights, numerics, place, [first] * (steps - 1) + [last]) for first, last in pairs])


def _masked(weights, numerics, place, masks):
    """Return the loss of a sequence of which each step has a mask of its own."""
    (x, y), states = _sample(len(masks)), None
    for step, mask in enumerate(masks):
        masked = list(weights)
        masked[place] = weights[place] * np.repeat(mask, BOTH.units[0])
        one = reference.Network(masked, numerics).forward(x[:, step : step + 1], states)
        states = one.states
    return reference.loss(one.answers, y)


def dropout_layer_leaves_padding_out(networks):
    """A Dropout behind an Embedding drops in training alone, other numbers in every batch, and hands the mask on in both."""
    tokens, y = slopes.asked()
    wanted = networks.get(EMBEDDED).predict(tokens, SAMPLES)
    network = networks.get(BEHIND)
    if differ(network.predict(tokens, SAMPLES), wanted) > CLOSE:
        return "a Dropout behind an Embedding changes the answers of predict"
    if np.ptp(network.fit(tokens, y, SAMPLES, shuffle=False, epochs=FEW)["loss"]) <= MORE_LOSS:
        return "a Dropout behind an Embedding drops the same in every batch"
    table, kernel, *others = network.weights()
    # What comes in, dropped or not, counts nothing then: how many steps there are alone does, and by 0.03 of the loss.
    network.set_weights([table, 0 * kernel, *(LOUD * array for array in others)])
    wanted = reference.loss(network.predict(tokens, SAMPLES), y)
    found = network.fit(tokens, y, SAMPLES, shuffle=False)["loss"][0]
    if differ(found, wanted) <= MORE_LOSS:
        return None
    return "behind a Dropout fit trains on padding: its loss is {:.6g}, where {:.6g} is right".format(found, wanted)


def dropout_acts_however_it_is_computed(networks):
    """Dropout acts in training by whichever way a layer is told to compute (`implementation`)."""
    x, y = samples()
    for way in WAYS:
        network = networks.get(PLAIN._replace(dropout=(0.5, 0.0), implementation=way))
        if np.ptp(network.fit(x, y, SAMPLES, shuffle=False, epochs=FEW)["loss"]) <= MORE_LOSS:
            return "with an implementation of {} dropout does nothing in training".format(way)
    return None


def dropout_step_by_step_acts(networks):
    """A Dropout in a TimeDistributed, of as many rows as are said, acts in training, and not in `predict`."""
    x, y = samples()
    wanted = networks.get().predict(x, SAMPLES)  # Of the same weights.
    network = networks.assembled(graphs.dropped_step_by_step)
    if differ(network.predict(x, SAMPLES), wanted) > CLOSE:
        return "a Dropout in a TimeDistributed changes the answers of predict"
    if np.ptp(network.fit(x, y, SAMPLES, shuffle=False, epochs=FEW)["loss"]) > MORE_LOSS:
        return None
    return "a Dropout in a TimeDistributed does nothing in training"


def dropped_state_is_kept(networks):
    """A GRU's recurrent dropout drops what the state tells the gates, not the state that is kept."""
    network, (x, y) = networks.get(PLAIN._replace(kind="GRU", dropout=BOTH.dropout)), samples()
    kernel, recurrent, bias, *answer = network.weights()
    network.set_weights([0 * kernel, 0 * recurrent, 0 * bias + 1, *answer])  # No gate hears of the state.
    wanted = network.evaluate(x, y, SAMPLES)[0]
    off = differ(network.fit(x, y, SAMPLES, shuffle=False, epochs=FEW)["loss"], np.repeat(wanted, FEW))
    return None if off <= MORE_LOSS else "a GRU's recurrent dropout drops its state: losses are up to {:.3g} off".format(off)


def other_kinds_drop_in_training(networks):
    """Dropout of what comes into a GRU and a SimpleRNN, and that of their state, acts in training."""
    x, y = samples()
    for kind in ("GRU", "SimpleRNN"):
        network = networks.get(PLAIN._replace(kind=kind, dropout=BOTH.dropout), ())
        kernel, recurrent, *others = network.weights()
        for name, arrays in (("dropout", [kernel, 0 * recurrent]), ("recurrent dropout", [0 * kernel, recurrent])):
            network.set_weights([*arrays, *others])
            if np.ptp(network.fit(x, y, SAMPLES, shuffle=False, epochs=FEW)["loss"]) <= MORE_LOSS:
                return "{} of a {} does nothing in training".format(name, kind)
    return None


def dropped_as_often_as_told(networks):
    """Over many rows, each with masks of its own, dropout drops as often as its rate says: their mean loss is as expected."""
    for name, design, place in ASKED[1:]:
        network, rate = networks.get(design, ()), design.dropout[place]
        network.set_weights(_one_alone(network.weights(), place))
        rows = [np.repeat(array, MANY, axis=0) for array in _sample(SHORT[place])]
        found, wanted = network.fit(*rows, batch_size=MANY, shuffle=False)["loss"][0], []
        # Masks that are kept first: where there is another at each step (TensorFlow 2.15), more of them have to be reckoned.
        for is_kept in (True, False):
            wanted += list(_expected(network, place, rate, is_kept))
            if any(abs(found - mean) <= ERRORS * error + MORE_LOSS for mean, error in wanted):
                break
        else:
            words = "{} of {} gives {} rows a mean loss of {:.6g}, where {} is expected"
            return words.format(name, rate, MANY, found, " or ".join("{:.6g}".format(mean) for mean, _ in wanted))
    return None


def _expected(network, place, rate, is_kept):
    """Yield (the mean loss of many rows, its standard error), each gate having a mask of its own, then all having one."""
    losses = losses_by_mask(network.weights(), settings.odd(network.defaults())[1], place, rate, SHORT[place], is_kept)
    own = np.prod(list(product((rate, 1 - rate), repeat=GATES)), axis=1)
    for once in (own, np.array([rate, *(2**GATES - 2) * [0], 1 - rate])):
        shares = once if is_kept else np.outer(once, once).ravel()
        mean = np.dot(shares, losses)
        yield mean, np.sqrt(np.dot(shares, (losses - mean) ** 2) / MANY)


def seed_fixes_what_is_dropped(networks):
    """Two networks that are built and trained after the same seed was set drop the same.

    Of one step: where each step draws a mask of its own (TensorFlow 2.15), steps race for who draws first.
    """
    told = []
    for _ in range(2):
        networks.begin_graph()
        networks.backend.seed(1)
        network = shaken(networks.backend, DROPPING, optimizer=networks.backend.descent(0.0))
        told.append(network.fit(*samples(steps=1), batch_size=SAMPLES, shuffle=False, epochs=FEW)["loss"])
    networks.begin_graph()
    networks.backend.seed(None)
    return None if differ(*told) <= MORE_LOSS else "after the same seed, two networks drop otherwise"


CLAUSES = (
    dropout_in_training_alone,
    dropout_acts_however_it_is_computed,
    dropout_step_by_step_acts,
    dropped_state_is_kept,
    other_kinds_drop_in_training,
    dropped_as_often_as_told,
    dropout_layer_leaves_padding_out,
    seed_fixes_what_is_dropped,
)
