"""The clauses of the contract on what is made anew, of settings or of a file: it has what it was told."""

import os
import tempfile
from functools import partial

import numpy as np

from harness.backend import graphs
from harness.judging import NOT_ASKED
from harness.padding import LENGTHS, padded
from harness.saved import OWN, loaded
from harness.small import CLOSE, EMBEDDED, PLAIN, SAMPLES, STEPS, alike, differ, samples, shaken, taken
from harness.walks import BACKWARDS, BOTH_WAYS, UNROLLED
from harness.wrapped import FROZEN

RATES = [2.0**-10, 2.0**-12]  # Of the first step, and of those behind it; see `small.SHORT`.
TOKENS = np.random.RandomState(6).randint(1, EMBEDDED.vocabulary, (SAMPLES, STEPS)).astype("int32")
TOKENS[:, STEPS // 2 :] = 0  # Padding.


def settings_make_it_anew(networks):
    """A model that is made of the settings of another, and given its weights, answers as that one does."""
    rows, get = padded(samples()[0], LENGTHS, "before"), networks.get
    asked = (
        ("unrolled", rows, partial(get, UNROLLED)),
        ("both ways", rows, partial(get, BOTH_WAYS)),
        ("backwards", rows, partial(get, BACKWARDS)),
        ("past the zeros of an Embedding", TOKENS, partial(get, EMBEDDED)),
        # Keras 3 writes the mask of a functional model down as an operation of its own, whatever the Embedding says.
        ("layer by layer past the zeros of an Embedding", TOKENS, partial(networks.assembled, graphs.tokens_in_a_row)),
    )
    for name, x, made in asked:
        network = made()
        off = differ(network.anew().predict(x, SAMPLES), network.predict(x, SAMPLES))
        if off > CLOSE:
            return "made anew from its own settings, a model that goes {} answers {:.3g} away".format(name, off)
    return None


def frozen_layers_are_made_anew_frozen(networks):
    """A model that is made of the settings of one whose layers are frozen lets a step move as few arrays as that one."""
    network = networks.backend.construct(FROZEN)
    wanted, found = network.learning(), network.anew().learning()
    if found == wanted:
        return None
    return "made anew from its own settings, a model has {} arrays that a step may move, not {}".format(found, wanted)


def saved_has_its_schedule(networks):
    """A model whose rate is a schedule, saved after its first step, takes the next one at the schedule's second rate."""
    schedule = networks.backend.rates_in_pieces(RATES)
    if schedule is None:  # A separate Keras 2.
        return NOT_ASKED
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(schedule))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + OWN)
        whole = taken(network, lambda: network.train_on_batch(*samples())) * RATES[1] / RATES[0]
        network.save(path)
        other = loaded(network, path)
    step = taken(other, lambda: other.train_on_batch(*samples()))
    if alike(step, whole):
        return None
    words = "saved and loaded, a model whose second rate is {:.3g} times its first takes a step of {:.3g} times the first"
    return words.format(RATES[1] / RATES[0], np.abs(step).max() / np.abs(whole).max() * RATES[1] / RATES[0])


CLAUSES = (settings_make_it_anew, frozen_layers_are_made_anew_frozen, saved_has_its_schedule)
