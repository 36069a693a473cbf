"""The clauses of the contract on what is large: many rows at once, and many steps."""

from harness import reference, settings
from harness.small import CLOSE, PLAIN, differ, samples
from harness.subjects import CROOKED, astray, between, firsts

MANY_ROWS, MANY_STEPS = 96, 72
LONG = 4.0  # Added to the bias of a forget gate, so that after so many steps a tenth of a state and more is there.


def many_rows_are_taken_as_one(networks):
    """A batch of many rows is answered, and learned from, as the reference does."""
    network, (x, y) = networks.get(), samples(count=MANY_ROWS)
    return _off_the_reference(network, x, y, "{} rows at once".format(MANY_ROWS))


def many_steps_are_walked_to_their_first(networks):
    """A sequence of many steps, of known length, is answered as the reference does, and learned from to its first."""
    network, (x, y) = networks.get(PLAIN._replace(steps=MANY_STEPS)), samples(steps=MANY_STEPS, count=2)
    weights, units = network.weights(), PLAIN.units[0]
    weights[2][units : 2 * units] += LONG
    network.set_weights(weights)
    return _off_the_reference(network, x, y, "{} steps".format(MANY_STEPS))


def _off_the_reference(network, x, y, words):
    exact = reference.Network(network.weights(), settings.odd(network.defaults())[1]._replace(dtype="float64"))
    found = exact.forward(x.astype("float64"))
    off = differ(network.predict(x, len(x)), found.answers)
    if off > CLOSE:
        return "{} are answered {:.3g} away from the reference".format(words, off)
    gradients = reference.views(exact.gradients(found, y), [array.shape for array in network.weights()])
    off = astray(_taken(network, x, y), gradients)
    return None if off <= CROOKED else "over {} fit takes a gradient that is off by {:.3g} of itself".format(words, off)


def _taken(network, x, y):
    """Return the gradient of each array that a step of `fit` takes over all rows, of a network whose Adam moves no weight."""
    told = []
    for _ in range(2):  # Some have no moments before their first step.
        network.fit(x, y, len(x), shuffle=False)
        told.append(firsts(network))
    return between(network, *told)


CLAUSES = (many_rows_are_taken_as_one, many_steps_are_walked_to_their_first)
