"""The clauses of the contract on kinds of recurrent layer. GRU is there in two forms, each of weights of its own."""

import numpy as np

from harness import reference
from harness.padding import LENGTHS, PADDING, PLACES, padded
from harness.small import CLOSE, KEEPING, PLAIN, SAMPLES, STEPS, differ, samples

GRU = PLAIN._replace(kind="GRU")
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
    gru_answers_as_defined,
    layers_are_made_anew_as_told,
    other_kinds_keep_their_state,
    other_kinds_leave_padding_out,
)
