"""The clauses of the contract on kinds of recurrent layer. GRU is there in two forms, each of weights of its own."""

import numpy as np

from harness import reference, settings
from harness.padding import LENGTHS, PADDING, PLACES, padded
from harness.small import CLOSE, KEEPING, PLAIN, SAMPLES, STEPS, differ, samples

GRU, SIMPLE = (PLAIN._replace(kind=kind) for kind in ("GRU", "SimpleRNN"))
SQUASHED = PLAIN._replace(activation="sigmoid")  # No layer's own.
GATES = {"sigmoids": reference.sigmoid, "hard sigmoids": reference.hard_sigmoid}
KINDS = "GRU", "SimpleRNN"
# No word here has the value that it has where nobody says it.
TOLD = {
    "use_bias": False,
    "unit_forget_bias": False,
    "dropout": 0.25,
    "recurrent_dropout": 0.5,
    "return_sequences": True,
    "go_backwards": True,
    "stateful": True,
    "unroll": True,
}
FORMS = {"after": True, "before": False}


def gru_answers_as_defined(networks):
    """A GRU's gates are sigmoids, and its reset comes after the recurrent kernel, where a bias of its own is.

    That is the form of cuDNN; Cho et al. (Learning phrase representations using RNN encoder-decoder, EMNLP 2014) reset the
    state itself, before the recurrent kernel.
    """
    network, (x, _) = networks.get(GRU), samples()
    found, weights = network.predict(x, SAMPLES), network.weights()
    for when, is_after in FORMS.items():
        for name, gate in GATES.items():
            if differ(found, answers(weights, x, gate, is_after)) <= CLOSE:
                wanted = (when, name) == ("after", "sigmoids")
                return None if wanted else "a GRU resets {} the recurrent kernel, and its gates are {}".format(when, name)
    return "a GRU answers as neither of its two forms does"


def answers(weights, x, gate, is_after):
    """Return the softmax, (samples, classes), of a GRU over x (samples, steps, features).

    weights: kernel, recurrent kernel, bias, dense kernel, dense bias; gates in the order update, reset, candidate. The bias has
    one row, or a second for the recurrent kernel. is_after: reset what the recurrent kernel made of the state, not the state.
    """
    kernel, recurrent, bias, dense, dense_bias = (array.astype("float64") for array in weights)
    rows, units = bias.reshape(-1, recurrent.shape[1]), len(recurrent)
    given, kept = rows[0], rows[1:].sum(axis=0)
    update, reset, candidate = (slice(units * place, units * (place + 1)) for place in range(3))
    state = np.zeros((len(x), units))
    for step in range(x.shape[1]):
        came, was = x[:, step].dot(kernel) + given, state.dot(recurrent) + kept
        stays, resets = (gate(came[:, part] + was[:, part]) for part in (update, reset))
        again = resets * was[:, candidate] if is_after else (resets * state).dot(recurrent[:, candidate]) + kept[candidate]
        state = stays * state + (1 - stays) * np.tanh(came[:, candidate] + again)
    return reference.softmax(state.dot(dense) + dense_bias)


def simple_layer_answers_as_defined(networks):
    """A SimpleRNN is tanh of what comes in and of what it was, each times its kernel, and a bias.

    (Elman, Finding structure in time, Cognitive Science 14(2), 1990, with tanh for the logistic function.)
    """
    network, (x, _) = networks.get(SIMPLE), samples()
    kernel, recurrent, bias, dense, dense_bias = (array.astype("float64") for array in network.weights())
    state = np.zeros((len(x), len(recurrent)))
    for step in range(x.shape[1]):
        state = np.tanh(x[:, step].dot(kernel) + state.dot(recurrent) + bias)
    off = differ(network.predict(x, SAMPLES), reference.softmax(state.dot(dense) + dense_bias))
    return None if off <= CLOSE else "a SimpleRNN answers {:.3g} away from its definition".format(off)


def told_activation_is_used(networks):
    """An LSTM that is told its activation (`activation="sigmoid"`) squashes its candidates and its cells by that one."""
    network, (x, _) = networks.get(SQUASHED), samples()
    gate = reference.GATES[settings.odd(network.defaults())[1].gate][0]
    found, weights = network.predict(x, SAMPLES), network.weights()
    if differ(found, squashed(weights, x, gate, reference.sigmoid)) <= CLOSE:
        return None
    is_own = differ(found, squashed(weights, x, gate, np.tanh)) <= CLOSE
    return "an LSTM that is told to squash by a sigmoid " + ("squashes by tanh" if is_own else "answers otherwise")


def squashed(weights, x, gate, squash):
    """Return the softmax, (samples, classes), of an LSTM over x (samples, steps, features), its candidates squashed by this."""
    kernel, recurrent, bias, dense, dense_bias = (array.astype("float64") for array in weights)
    state = cells = np.zeros((len(x), len(recurrent)))
    for step in range(x.shape[1]):
        comes, stays, new, shown = np.split(x[:, step].dot(kernel) + state.dot(recurrent) + bias, 4, axis=1)
        cells = gate(stays) * cells + gate(comes) * squash(new)
        state = gate(shown) * squash(cells)
    return reference.softmax(state.dot(dense) + dense_bias)


def other_kinds_keep_their_state(networks):
    """A GRU and a SimpleRNN that keep their state end two halves of a sequence as they end the whole, again after a reset."""
    (x, _), half, odd = samples(count=KEEPING.batch_size), STEPS // 2, []
    for kind in KINDS:
        whole = networks.get(PLAIN._replace(kind=kind)).predict(x, len(x))
        network = networks.get(KEEPING._replace(kind=kind))
        for when in ("", " after a reset"):
            network.reset()
            network.predict(x[:, :half], len(x))
            off = differ(network.predict(x[:, half:], len(x)), whole)
            if off > CLOSE:
                odd.append("a {}{} {:.3g}".format(kind, when, off))
                break
    return "two halves end {} away from the whole".format(" and ".join(odd)) if odd else None


def other_kinds_keep_their_state_in_training(networks):
    """A GRU and a SimpleRNN that keep their state have, after a step of `fit`, that to which the rows of it lead."""
    (x, y), half = samples(count=KEEPING.batch_size), STEPS // 2
    for kind in KINDS:
        whole = networks.get(PLAIN._replace(kind=kind)).predict(x, len(x))
        network = networks.get(KEEPING._replace(kind=kind))
        network.fit(x[:, :half], y, len(x), shuffle=False)
        off = differ(network.predict(x[:, half:], len(x)), whole)
        if off > CLOSE:
            return "after fit has seen its first half, a {} ends {:.3g} away from the whole".format(kind, off)
    return None


def other_kinds_leave_padding_out(networks):
    """What is padded and masked is answered by a GRU and a SimpleRNN as the rows without padding, one layer without a mask."""
    x, _ = samples()
    for kind in KINDS:
        network, wanted = networks.get(PLAIN._replace(kind=kind)), np.zeros((SAMPLES, PLAIN.classes))
        for length in set(LENGTHS):
            rows = length == LENGTHS
            wanted[rows] = network.predict(x[rows, :length], SAMPLES)
        masked = networks.get(PLAIN._replace(kind=kind, mask=PADDING))
        off = {where: differ(masked.predict(padded(x, LENGTHS, where), SAMPLES), wanted) for where in PLACES}
        where = max(PLACES, key=off.get)
        if off[where] > CLOSE:
            return "padding {} changes the answers of a {} by {:.3g}".format(where, kind, off[where])
    return None


def layers_are_made_anew_as_told(networks):
    """A layer that is made of the settings of another has its units, biases and dropouts, and walks as it was told to."""
    for kind in ("LSTM", *KINDS):
        told = dict(TOLD, units=3)
        if kind != "LSTM":
            del told["unit_forget_bias"]
        found = networks.backend.remade(kind, told)
        lost = ["{} is {}, not {}".format(word, found[word], told[word]) for word in sorted(told) if found[word] != told[word]]
        if lost:
            return "of a {} that is made of another's settings, {}".format(kind, ", ".join(lost))
    return None


def seed_of_zero_is_a_seed(networks):
    """An initializer of seed 0 draws the same weights each time, as one of any other seed does, and not those of another."""
    for seed in (0, 1):
        first, again, other = (networks.backend.drawn(one)[0] for one in (seed, seed, 2))
        if differ(first, again) > 0:
            return "an initializer of seed {} draws other weights each time".format(seed)
        if differ(first, other) == 0:
            return "initializers of seeds {} and 2 draw the same weights".format(seed)
    return None


def shared_initializer_draws_anew(networks):
    """An initializer without a seed that two layers share draws other weights for each."""
    first, second = networks.backend.drawn(None, layers=2)
    return None if differ(first, second) > 0 else "an initializer that two layers share draws the same weights for both"


def embedding_takes_its_table(networks):
    """An Embedding that is given a table (`weights=[table]`), as people give it pretrained vectors, holds it."""
    table = np.arange(12, dtype="float32").reshape(6, 2)
    off = differ(networks.backend.embedded(table), table)
    return None if off == 0 else "an Embedding that is given a table holds another"


CLAUSES = (
    seed_of_zero_is_a_seed,
    shared_initializer_draws_anew,
    embedding_takes_its_table,
    told_activation_is_used,
    gru_answers_as_defined,
    simple_layer_answers_as_defined,
    layers_are_made_anew_as_told,
    other_kinds_keep_their_state,
    other_kinds_keep_their_state_in_training,
    other_kinds_leave_padding_out,
)
