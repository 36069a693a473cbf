"""The clauses on optimizers hold for those that obey, and say what they found where one does not."""

import itertools

import numpy as np
import pytest

from harness import judging, optimizers, reference, small
from harness.optimizers import SHORT

SHAPES = ((2, 32), (8, 32), (32,), (8, 5), (5,))


class Stepping(reference.Network):
    """The reference, trained by an optimizer that is a function of (rate, gradient)."""

    def __init__(self, optimizer):
        super().__init__([np.zeros(shape) for shape in SHAPES], reference.NEWEST)
        self.rate, self.step = optimizer

    def set_weights(self, weights):
        self.vector[:] = np.concatenate([np.ravel(array) for array in weights])

    def weights(self):
        return [array.copy() for array in reference.views(self.vector, SHAPES)]

    def defaults(self):
        return {}

    def learning_rate(self):
        return self.rate

    def set_rate_as_lr(self, rate):
        self.rate = rate

    def train_on_batch(self, x, y):
        self.vector -= self.step(self.rate, self.gradients(self.forward(x), y))

    def compile_again(self, optimizer):
        self.rate, self.step = optimizer


class Keeping(Stepping):
    """One that goes on with the optimizer that it had."""

    def compile_again(self, optimizer):
        pass


class Longer(Stepping):
    def compile_again(self, optimizer):
        self.rate, self.step = 2 * optimizer[0], optimizer[1]


class AtFirst(Stepping):
    """One that makes its step of the rate that it finds when it first trains."""

    def train_on_batch(self, x, y):
        self.made = getattr(self, "made", self.rate)
        self.vector -= self.made * self.gradients(self.forward(x), y)


class Halved(Stepping):
    def set_rate_as_lr(self, rate):
        self.rate = rate / 2


class Deaf(Stepping):
    def set_rate_as_lr(self, rate):
        self.lr = rate


class Refusing(Stepping):
    def set_rate_as_lr(self, rate):
        raise AttributeError("optimizer has no lr")


def rooted(root, keeps=0.9):
    """Return what makes an RMSprop whose steps are the gradient by root(its running mean square)."""

    def make():
        mean = [0.0]

        def step(rate, gradient):
            mean[0] = keeps * mean[0] + 0.1 * gradient**2
            return rate * gradient / root(mean[0])

        return step

    return make


def dividing(by):
    """Return what makes an optimizer whose steps are the gradient divided by `by` of it."""
    return lambda: lambda rate, gradient: rate * gradient / by(gradient)


def decaying(decay):
    """Return a descent whose rate is divided by 1 + decay * step."""
    steps = itertools.count()
    return lambda rate, gradient: rate * gradient / (1 + decay * next(steps))


def refused(decay):
    if decay:
        raise ValueError("decay is deprecated")
    return decaying(decay)


def by_momentum(rate, share, nesterov):
    """Return a descent that goes on by a share of the step before, and once more by it where it looks ahead."""
    velocity = [0.0]

    def step(rate, gradient):
        velocity[0] = share * velocity[0] + rate * gradient
        return share * velocity[0] + rate * gradient if nesterov else velocity[0]

    return step


def by_schedule(rates):
    """Return a descent whose steps are of one rate after the other."""
    each = iter(rates)
    return lambda rate, gradient: next(each) * gradient


def inside(mean):
    return np.sqrt(mean + 1e-7)


def outside(mean):
    return np.sqrt(mean) + 1e-7


class Backend:
    def __init__(
        self,
        kind=Stepping,
        root=rooted(inside),  # noqa: B008 - makes steps anew
        decays=decaying,
        pushes=by_momentum,
        schedule=by_schedule,
        **rates,
    ):
        self.kind, self.root, self.decays, self.pushes, self.schedule = kind, root, decays, pushes, schedule
        self.rates = rates

    def construct(self, design, metrics, optimizer):
        return self.kind(optimizer)

    def descent(self, rate, momentum=0.0, decay=0.0, nesterov=False):
        if callable(rate):
            return SHORT, rate
        return rate, self.pushes(rate, momentum, nesterov) if momentum else self.decays(decay)

    def rates_in_pieces(self, rates):
        return self.schedule and self.schedule(rates)

    adam = descent

    def rate_by_name(self, name):
        return {**optimizers.BY_NAME, **self.rates}[name]

    def optimizer(self, kind, rate):
        self.asked = kind
        return rate, self.root()


def test_the_rates_of_optimizers_asked_for_by_name_hold_as_float32_has_them_and_others_are_told():
    assert optimizers.rates_by_name(small.Networks(Backend(sgd=float(np.float32(0.01))))) is None
    words = optimizers.rates_by_name(small.Networks(Backend(nadam=0.002, adadelta=1.0)))
    assert words == "the learning rate of adadelta is 1, of nadam is 0.002"


def test_a_rate_that_is_set_by_its_old_name_counts_or_is_refused():
    for kind in (Stepping, Refusing):
        assert optimizers.rate_set_as_lr_is_in_effect(small.Networks(Backend(kind))) is None


@pytest.mark.parametrize(("kind", "words"), [
    (Stepping, None),
    (Keeping, "compiled again, a model is trained by the optimizer that it had"),
    (Longer, "compiled again, a model takes a step of another length than its rate"),
])  # fmt: skip
def test_an_optimizer_that_is_compiled_again_and_does_not_count_is_told(kind, words):
    assert optimizers.compiled_again_takes_its_rate(small.Networks(Backend(kind))) == words


NOTHING = "a rate that is set as optimizer.lr changes nothing: training goes on with the one before"


@pytest.mark.parametrize(("kind", "words"), [
    (Deaf, NOTHING), (AtFirst, NOTHING), (Halved, "a step at a rate that is set as optimizer.lr is of another length"),
])  # fmt: skip
def test_a_rate_that_is_set_by_its_old_name_and_does_not_count_is_told(kind, words):
    assert optimizers.rate_set_as_lr_is_in_effect(small.Networks(Backend(kind))) == words


@pytest.mark.parametrize(("decays", "words"), [
    (decaying, None),
    (refused, None),
    (lambda decay: decaying(0.0), "a decay changes nothing: the second step is as long as without one"),
    (lambda decay: decaying(3 * decay), "with a decay of 1 the second step is not half as long as without one"),
])  # fmt: skip
def test_a_decay_counts_or_is_refused_or_that_is_told(decays, words):
    assert optimizers.decay_is_in_effect(small.Networks(Backend(decays=decays))) == words


AS_MOMENTUM = "by Nesterov's momentum, steps are those of momentum alone"


@pytest.mark.parametrize(("pushes", "words"), [
    (by_momentum, None),
    (lambda rate, share, nesterov: by_momentum(rate, share, False), AS_MOMENTUM),
    (lambda rate, share, nesterov: by_momentum(rate, share / 2, nesterov),
     "by Nesterov's momentum, steps are of other lengths than it has"),
])  # fmt: skip
def test_a_momentum_that_does_not_look_ahead_is_told(pushes, words):
    assert optimizers.nesterov_looks_ahead(small.Networks(Backend(pushes=pushes))) == words


@pytest.mark.parametrize(("schedule", "words"), [
    (by_schedule, None),
    (None, judging.NOT_ASKED),
    (lambda rates: by_schedule([rates[0], rates[0]]),
     "by a schedule of two rates, the second step is of another length than its rate gives"),
    (lambda rates: by_schedule(rates[::-1]),
     "by a schedule of two rates, the first step is of another length than its rate gives"),
])  # fmt: skip
def test_a_schedule_whose_rates_are_not_taken_is_told(schedule, words):
    assert optimizers.scheduled_rate_is_in_effect(small.Networks(Backend(schedule=schedule))) == words


@pytest.mark.parametrize(("root", "words"), [
    (rooted(inside), None),
    (rooted(outside), "RMSprop adds epsilon to the root"),
    (rooted(lambda mean: 1.1 * inside(mean)), "RMSprop takes other steps than its definition"),
    (rooted(inside, keeps=0.0), "RMSprop takes other steps than its definition"),
])  # fmt: skip
def test_where_rmsprop_has_its_epsilon_is_told(root, words):
    backend = Backend(root=root)
    assert (optimizers.rmsprop_divides_by_the_root(small.Networks(backend)), backend.asked) == (words, "RMSprop")


@pytest.mark.parametrize(("by", "words"), [
    (lambda gradient: np.sqrt(0.1 + gradient**2), None),
    (np.abs, "Adagrad's first step is the rate, whatever the gradient is"),
    (lambda gradient: np.sqrt(1 + gradient**2), "Adagrad's first step is another than its definition"),
])  # fmt: skip
def test_where_adagrad_begins_is_told(by, words):
    backend = Backend(root=dividing(by))
    assert (optimizers.adagrad_begins_at_a_tenth(small.Networks(backend)), backend.asked) == (words, "Adagrad")
