"""The clauses on optimizers that treat some weights otherwise: tokens that come often, and what is excluded from decay."""

import numpy as np
import pytest

from harness import judging, optimizers, small
from tests.unit.test_optimizers import Backend, Stepping


class Tokens:
    """An embedding of one gradient for each token that it sees, all alike, and Adam's moments of it."""

    def __init__(self, squared):
        self.squared, self.arrays = squared, [np.zeros((small.EMBEDDED.vocabulary, 2))]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = weights

    def defaults(self):
        return {}

    def train_on_batch(self, x, y):
        counts = -np.bincount(x.ravel(), minlength=len(self.arrays[0]))[:, None] * np.ones(2)
        self.moments = [0.1 * counts, 0.001 * self.squared(counts)]

    def slots(self):
        return [np.array(1), *self.moments]


@pytest.mark.parametrize(("squared", "is_told"), [(np.square, False), (np.abs, True)])
def test_an_adam_that_squares_before_it_adds_up_is_told(squared, is_told):
    class Embedded(Backend):
        def construct(self, design, metrics, optimizer):
            return Tokens(squared)

    words = optimizers.adam_squares_whole_gradients(small.Networks(Embedded()))
    assert bool(words) == is_told
    assert not is_told or words.startswith("where tokens come more than once, Adam's second moment is 0.1")


class Decaying(Stepping):
    """Takes of each array the share that the optimizer says for it, by its name."""

    def train_on_batch(self, x, y):
        self.set_weights([array * (1 - self.step("kernel" if array.ndim > 1 else "bias")) for array in self.weights()])


def excluding(named):
    """Return a backend whose AdamW takes what it should of all but arrays of these names."""

    class Excluding(Backend):
        def decaying_adam(self, rate, decay, excluded, epsilon):
            assert excluded == ["bias"]
            return rate, lambda name: 0.0 if name in named else rate * decay

    return Excluding(Decaying)


@pytest.mark.parametrize(("named", "words"), [
    (["bias"], None),
    ([], "AdamW takes 0.125 of a bias, which is excluded, where 0 is right"),
    (["bias", "kernel"], "AdamW takes 0 of a kernel where 0.125 is right"),
])  # fmt: skip
def test_an_adamw_that_takes_of_what_is_excluded_or_of_nothing_is_told(named, words):
    assert optimizers.excluded_weights_do_not_decay(small.Networks(excluding(named))) == words


def test_where_there_is_no_adamw_nothing_is_asked():
    without = Backend()
    without.decaying_adam = lambda *words, **named: None
    assert optimizers.excluded_weights_do_not_decay(small.Networks(without)) == judging.NOT_ASKED


class Keeping:
    """One weight whose gradient is the mean weight of the rows, and Adam's steps, of which it has counted some before."""

    def __init__(self, largest, first):
        self.largest, self.weight, self.count, self.squares = largest, 0.0, first, [0.0]

    def weights(self):
        return [np.array([self.weight])]

    def set_weights(self, weights):
        self.weight = 0.0

    def train_on_batch(self, x, y, sample_weight=1.0):
        gradient, beta = float(np.mean(sample_weight)), optimizers.FADING
        self.count += 1
        self.squares.append(beta * self.squares[-1] + (1 - beta) * gradient**2)
        self.weight -= np.sqrt(1 - beta**self.count) * gradient / np.sqrt(self.largest(self.squares))


def amsgrad(largest, first):
    class Kept(Backend):
        def adam(self, rate, beta_1, beta_2, amsgrad):
            assert (beta_1, beta_2, amsgrad) == (0.0, optimizers.FADING, True)

        def construct(self, design, metrics, optimizer):
            return Keeping(largest, first)

    return optimizers.amsgrad_keeps_the_largest(small.Networks(Kept()))


@pytest.mark.parametrize("first", [0, 1])
def test_an_adam_that_keeps_no_largest_mean_square_is_told_even_where_steps_are_counted_too_soon(first):
    assert amsgrad(max, first) is None
    words = "with amsgrad the step of a tenth of the gradient is 0.14"
    assert amsgrad(lambda squares: squares[-1], first).startswith(words)


@pytest.mark.parametrize("refusal", [TypeError, ValueError])
def test_where_adam_refuses_amsgrad_nothing_is_asked(refusal):
    def refuse(*words, **named):
        raise refusal

    without = Backend()
    without.adam = refuse
    assert optimizers.amsgrad_keeps_the_largest(small.Networks(without)) == judging.NOT_ASKED
