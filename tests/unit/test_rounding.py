"""How far a framework may stray from the reference: by what rounding explains, and by no more."""

import numpy as np
import pytest

from harness import experiments, framings, reference, rounding

MOMENTS = experiments.moment_label("first", "kernel")


@pytest.fixture(scope="module")
def given():
    """Weights that were drawn, the stages' samples, and today's numerics, in float64."""
    random, units, classes = np.random.RandomState(3), experiments.DESIGN.units, framings.classes(experiments.DESIGN)
    x, y = framings.arrays(experiments.DESIGN)
    shapes = [(x.shape[2], 4 * units), (units, 4 * units), (4 * units,), (units, classes), (classes,)]
    weights = [random.normal(0.0, 0.3, shape).astype("float32").astype("float64") for shape in shapes]
    return rounding.Given(weights, x.astype("float64"), y.astype("float64"), reference.NEWEST._replace(dtype="float64"))


def moved_by(given, part):
    """What is found where every step of Adam is this part of itself too long."""
    rate = given.numerics.learning_rate * (1 + part)
    return experiments.updates_alone(given._replace(numerics=given.numerics._replace(learning_rate=rate)))


def test_a_correction_that_is_off_by_a_rounding_of_its_power_explains_the_moments(given):
    part = rounding.UNIT / (1 - given.numerics.beta_2)
    units = rounding.deviations(moved_by(given, part), rounding.expected(experiments.updates_alone, given))
    assert units[MOMENTS] < 0.01


@pytest.mark.parametrize("part", [1e-2, -1e-2])
def test_steps_that_are_a_hundredth_too_long_or_short_are_not_explained(given, part):
    assert rounding.worst(moved_by(given, part), rounding.expected(experiments.updates_alone, given)) > 10


def test_what_writing_down_explains_takes_nothing_of_what_is_left():
    wanted = {"a": rounding.Wanted(np.zeros(2), np.array([3.0, 3.0]), np.array([2.0, 2.0]))}
    off = [rounding.worst({"a": np.array([one, 0.0])}, wanted) for one in (1.9, 2.5, 3.0, 4.5)]
    assert off == [0.0, 0.5, 1.0, 1.5]


def test_what_must_be_zero_may_not_stray():
    wanted = {"a": rounding.Wanted(np.zeros(1), np.zeros(1), np.zeros(1))}
    assert rounding.worst({"a": np.zeros(1)}, wanted) == 0.0
    assert rounding.worst({"a": np.array([1e-30])}, wanted) > 1


@pytest.mark.parametrize("found", [None, np.zeros(3), np.array([0.0, np.nan])])
def test_another_shape_nothing_or_no_number_is_infinitely_far(found):
    wanted = {"a": rounding.Wanted(np.zeros(2), np.ones(2), np.zeros(2))}
    assert rounding.worst({"a": found}, wanted) == np.inf
