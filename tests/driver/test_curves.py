"""Learning curves on the page: the median and the band of the seeds, on a scale that a column shares."""

import math

import pytest
from matrix import learnt

from harness.driver import curves


def runs(*losses, epochs=()):
    """Return a run of each list of losses."""
    return [learnt("tf2", seed)._replace(curves={"loss": one, "epoch": list(epochs)}) for seed, one in enumerate(losses)]


def test_the_line_is_the_median_and_the_band_leaves_out_a_tenth_of_many_seeds_on_either_side():
    found = curves.of(runs(*([float(seed), 1.0] for seed in range(1, 22))))
    assert (found.seeds, found.epochs) == (21, (1, 2))
    assert (found.low[0], found.middle[0], found.high[0]) == (3.0, 11.0, 19.0)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_of_few_seeds_all_lie_in_the_band(seeds):
    found = curves.of(runs(*([float(seed)] for seed in range(1, seeds + 1))))
    assert (found.low[0], found.high[0]) == (1.0, seeds)


def test_a_curve_stands_at_the_epochs_that_the_record_kept():
    assert curves.of(runs([3.0, 2.0, 1.0], epochs=(10, 20, 30))).epochs == (10, 20, 30)


def test_a_long_curve_keeps_its_ends_and_few_points_between_them():
    found = curves.of(runs([1.0] * 500))
    assert (found.epochs[0], found.epochs[-1], len(found.epochs)) == (1, 500, curves.POINTS)


def test_a_seed_that_diverged_is_the_worst_there_is():
    found = curves.of(runs([3.0, 0.5], *9 * [[3.0, None]]))
    assert found.middle == (3.0, math.inf)
    assert (
        found.sentence == "median loss 3 after epoch 1, not finite after epoch 2; the band there: 0.5 to not finite, 10 seeds"
    )


def test_what_is_not_finite_stands_at_the_top():
    found = curves.of(runs([1.0, 0.1, None]))
    assert curves.middle(found, curves.scale([found])) == "0.0,0.0 60.0,44.0 120.0,0.0"


@pytest.mark.parametrize("told", [{}, {"loss": []}, {"loss": [3.0, 1.0], "epoch": [1]}])
def test_without_losses_and_their_epochs_there_is_no_curve(told):
    assert curves.of([learnt("tf2", 1)._replace(curves=told)]) is None


def test_runs_of_another_budget_are_left_out():
    assert curves.of(runs([4.0, 2.0], [5.0, 3.0], [2.0])).middle == (4.5, 2.5)


def test_drawings_of_a_column_share_the_longest_epochs_and_the_widest_losses():
    one, other = curves.of(runs([3.0, 0.5])), curves.of(runs([1.0, 0.1, 0.2]))
    assert curves.scale([one, None, other]) == (1, 3, 0.1, 3.0)
    assert curves.scale([None]) is None


def test_the_most_stands_at_the_top_the_least_at_the_bottom_and_their_geometric_mean_between_them():
    found = curves.of(runs([1.0, 0.1, 0.01]))
    assert curves.middle(found, curves.scale([found])) == "0.0,0.0 60.0,22.0 120.0,44.0"


def test_the_band_is_drawn_there_along_its_upper_edge_and_back_along_its_lower_one():
    found = curves.Curve(5, (1, 2), (0.1, 0.1), (0.3, 0.3), (1.0, 1.0))
    assert curves.band(found, curves.scale([found])) == "0.0,0.0 120.0,0.0 120.0,44.0 0.0,44.0"


def test_a_loss_of_zero_and_a_flat_line_are_drawn_too():
    found = curves.of(runs([0.0, 0.0]))
    points = [float(number) for pair in curves.middle(found, curves.scale([found])).split() for number in pair.split(",")]
    assert all(map(math.isfinite, points))


def test_who_cannot_see_the_drawing_is_told_where_it_begins_and_ends():
    words = curves.of(runs([3.26, 1.0], [3.26, 3.0])).sentence
    assert words == "median loss 3.26 after epoch 1, 2 after epoch 2; the band there: 1 to 3, 2 seeds"
