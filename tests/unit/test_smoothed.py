"""The clause on smoothed classes holds for a loss that deals out what it is told, and says so of one that does not."""

import numpy as np
import pytest

from harness import judging, reference, small, targets


class Smoothed:
    """A softmax of what it sees, and the loss over rows that are smoothed by some share."""

    def __init__(self, share):
        self.share = share

    def weights(self):
        return [np.zeros((small.PLAIN.features, small.PLAIN.classes))]

    def set_weights(self, weights):
        (self.kernel,) = weights

    def predict(self, x, batch_size):
        return reference.softmax(x.sum(axis=1).dot(self.kernel))

    def evaluate(self, x, y, batch_size):
        y = (1 - self.share) * y + self.share / y.shape[1]
        return float(-(y * np.log(self.predict(x, len(x)))).sum(axis=1).mean()), 0.0


class Backend:
    """Takes of the share that it is told so much, or knows no such loss."""

    def __init__(self, taken):
        self.taken = taken

    def loss(self, name, label_smoothing):
        return None if self.taken is None else self.taken * label_smoothing

    def descent(self, rate):
        return rate

    def construct(self, design, metrics, optimizer):
        return Smoothed(design.loss)


@pytest.mark.parametrize(("taken", "is_told"), [(1, False), (0, True), (0.5, True)])
def test_classes_that_are_smoothed_otherwise_are_told(taken, is_told):
    words = targets.smoothed_classes_count(small.Networks(Backend(taken)))
    assert bool(words) == is_told
    assert not is_told or words.startswith("of classes smoothed by 0.25 evaluate gives ")


def test_where_losses_are_no_classes_nothing_is_asked():
    assert targets.smoothed_classes_count(small.Networks(Backend(None))) == judging.NOT_ASKED
