"""The clauses of the contract on several inputs and outputs: which is which goes by name, and each counts as its own."""

import numpy as np

from harness import walks
from harness.backend import graphs
from harness.small import CLOSE, MORE_LOSS, SAMPLES, differ, samples, shaken

BATCH = 3  # The last one is short.
ERRORS = {"mse": lambda off: float(np.square(off).mean()), "mae": lambda off: float(np.abs(off).mean())}
# No two alike, so that none can stand for another.
LOSSES, METRICS, SHARES = (dict(zip(graphs.HEADS, both)) for both in (("mse", "mae"), ("mae", "mse"), (2.0, 0.5)))
WITHOUT = walks.HANDING._replace(loss=[None, "mse", "mae"])  # Its answers have none; both states have one.


def inputs_go_by_their_names(networks):
    """A model of two inputs that is given them by name answers as where they are given in their order."""
    (x, _), network = samples(), networks.assembled(graphs.two_sequences)
    both = [x, x[::-1]]
    by_name = network.predict(dict(zip(graphs.SEQUENCES, both)), SAMPLES)
    off = differ(by_name, network.predict(both, SAMPLES))
    return None if off <= CLOSE else "of inputs by name, answers are {:.3g} away from those in their order".format(off)


def heads_have_their_own_losses(networks):
    """The loss of a model of two outputs, told by name, is that of each over its own targets, times what it counts."""
    found, _, errors = _told(networks)
    wanted = sum(share * errors[head][LOSSES[head]] for head, share in SHARES.items())
    return _odd({"loss": wanted}, found)


def loss_of_each_head_is_told(networks):
    """`fit` tells the loss of each output beside that of all: the mean over rows, whatever that counts in the sum."""
    found, _, errors = _told(networks)
    return _odd({head + "_loss": errors[head][LOSSES[head]] for head in graphs.HEADS}, found)


def heads_have_their_own_metrics(networks):
    """A metric of an output, told by its name, is over that output's answers and targets."""
    found, names, errors = _told(networks)
    return _odd({names.get(head, head): errors[head][METRICS[head]] for head in graphs.HEADS}, found)


def _told(networks):
    """Return ({name: what fit tells}, {head: the name of its metric}, {head: {error: its mean over rows}})."""
    told = {"loss": LOSSES, "metrics": {head: [name] for head, name in METRICS.items()}, "loss_weights": SHARES}
    network, (x, y) = networks.assembled(graphs.two_heads, **told), samples()
    targets = dict(zip(graphs.HEADS, (y, y[::-1])))
    off = {head: answers - targets[head] for head, answers in zip(graphs.HEADS, network.predict(x, SAMPLES))}
    found = {name: values[0] for name, values in network.fit(x, targets, BATCH, False).items()}
    names = {name.split("_")[0]: name for name in found if not name.endswith("loss")}
    return found, names, {head: {name: error(off[head]) for name, error in ERRORS.items()} for head in off}


def _odd(wanted, found):
    for name, value in wanted.items():
        if name not in found:
            return "of two outputs fit tells no {}, but {}".format(name, ", ".join(sorted(found)))
        if differ(found[name], value) > MORE_LOSS:
            return "of two outputs fit tells {} {:.6g}, where {:.6g} is right".format(name, found[name], value)
    return None


def output_without_a_loss_counts_nothing(networks):
    """Where the first of three outputs has no loss (None), the loss is that of the other two."""
    (x, y), network = samples(), shaken(networks.backend, WITHOUT, optimizer=networks.backend.descent(0.0))
    given = [np.zeros((SAMPLES, *WITHOUT.units), "float32") for _ in "hc"]
    _, *states = network.go_on(x, given)
    wanted = ERRORS["mse"](states[0]) + ERRORS["mae"](states[1])
    # Before TensorFlow 2.2, which has no such word any more, an output without a loss has no target.
    targets = given if networks.backend.compiles_with("sample_weight_mode") else [y, *given]
    found = network.test_on_batch([x, *given], targets)[0]
    if differ(found, wanted) <= MORE_LOSS:
        return None
    return "where the first output has no loss, that of a batch is {:.6g}, and of the others {:.6g}".format(found, wanted)


CLAUSES = (
    inputs_go_by_their_names,
    heads_have_their_own_losses,
    loss_of_each_head_is_told,
    heads_have_their_own_metrics,
    output_without_a_loss_counts_nothing,
)
