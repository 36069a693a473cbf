"""The clauses of the contract on what is put together of recurrent layers: one over cells, and both ways merged into one."""

import numpy as np

from harness.backend import graphs
from harness.judging import NOT_ASKED
from harness.padding import LENGTHS, padded
from harness.small import CLOSE, PLAIN, SAMPLES, differ, samples

UNITS = {(8,): "a cell", (8, 6): "two cells"}


def cells_answer_as_their_layers(networks):
    """One layer (`RNN`) over an LSTMCell answers as the LSTM of its weights, over two as two LSTMs; padding is left out."""
    if not networks.backend.has_layer("RNN"):  # Before Keras 2.0.9.
        return NOT_ASKED
    x = padded(samples()[0], LENGTHS, "after")
    for units, name in UNITS.items():
        wanted = networks.get(PLAIN._replace(mask=graphs.PADDING, units=units)).predict(x, SAMPLES)
        off = differ(networks.assembled(graphs.cells(units)).predict(x, SAMPLES), wanted)
        if off > CLOSE:
            return "a layer over {} answers {:.3g} away from what layers of the same weights do".format(name, off)
    return None


def both_ways_are_merged_as_told(networks):
    """A bidirectional layer gives, as it is told (`merge_mode`), both ends side by side, their sum, product or mean."""
    (x, _), network = samples(), networks.assembled(graphs.merged_ways)
    arrays = network.weights()
    network.set_weights(len(graphs.MERGES) * arrays[: len(arrays) // len(graphs.MERGES)])
    there, back, *found = np.split(network.predict(x, SAMPLES), 1 + len(graphs.MERGES), axis=1)
    wanted = there + back, there * back, (there + back) / 2
    for name, ours, right in zip(graphs.MERGES[1:], found, wanted):
        off = differ(ours, right)
        if off > CLOSE:
            return "merged by {}, both ways end {:.3g} away from what their ends make".format(name, off)
    return None


CLAUSES = (cells_answer_as_their_layers, both_ways_are_merged_as_told)
