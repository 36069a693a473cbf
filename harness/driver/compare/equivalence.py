"""Is a difference smaller than matters? Equivalence has to be shown, by two one-sided tests, before "same" is said.

(Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987.) For numbers the second group is moved by the margin,
up and down, and its rank sum must still tell it from the first; for shares the interval of Newcombe (Statistics in Medicine
17, 1998, method 10) must lie within the margin.
"""

import warnings
from functools import cache
from typing import NamedTuple

import numpy as np
from statsmodels.stats.proportion import confint_proportions_2indep

from harness.driver.compare import ranks
from harness.driver.compare.metrics import Metric
from harness.driver.compare.ranks import Numbers

# In standard deviations. Two must be found; of one, twenty seeds a side could seldom show that it is not there.
MARGIN = 1.5
LEVEL = 0.025  # Of each side and look; docs/comparing.md measures what it comes to over all looks.


class Effect(NamedTuple):
    """How far NEW lies above BASE on the metric's scale, and how far it may before it matters."""

    size: float
    margin: float

    @property
    def matters(self) -> bool:
        """Whether it is worth acting on: half the margin, so that what is just above the margin is not left undecided."""
        return abs(self.size) >= self.margin / 2


def scaled(metric: Metric, values: Numbers) -> np.ndarray:
    """Return the values on the metric's scale; a logarithm of nothing is minus infinity."""
    with np.errstate(divide="ignore"):
        return np.log(values) if metric.is_log else np.asarray(values, float)


def effect(metric: Metric, base: np.ndarray, new: np.ndarray) -> Effect:
    """Return the effect between two groups of scaled values: of means or shares, of medians where values may be infinite.

    The margin is one and a half standard deviations between the base's seeds, of a share one, at least the metric's floor.
    """
    spread = MARGIN * _spread(base) if metric.is_log else (1 if metric.is_share else MARGIN) * float(base.std())
    return Effect(_distance(middle(metric, base), middle(metric, new)), max(metric.floor, spread))


def middle(metric: Metric, values: np.ndarray) -> float:
    """Return the mean or share, the median where values may be infinite."""
    return float(np.median(values) if metric.is_log else np.mean(values))


def is_shown(metric: Metric, base: np.ndarray, new: np.ndarray, margin: float) -> bool:
    """Whether these groups show that less than the margin lies between what they were drawn from."""
    if metric.is_share:
        return _interval_lies_within(base, new, margin)
    up, down = ranks.chance(base, new + margin), ranks.chance(base, new - margin)
    return max(up.above, down.below) <= LEVEL


def _interval_lies_within(base: np.ndarray, new: np.ndarray, margin: float) -> bool:
    low, high = _interval(int(new.sum()), len(new), int(base.sum()), len(base))
    return -margin < low and high < margin


@cache  # In most behaviours all runs of both sides agree.
def _interval(shown: int, of: int, base_shown: int, base_of: int) -> tuple[float, float]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # It divides by nothing on the way where all runs agree.
        low, high = confint_proportions_2indep(shown, of, base_shown, base_of, method="newcomb", alpha=2 * LEVEL)
    return float(low), float(high)


def _distance(base: float, new: float) -> float:
    return 0.0 if base == new else new - base  # Two that are both infinite do not differ.


def _spread(values: np.ndarray) -> float:
    """Return the standard deviation of the values that are finite, by their quartiles, which outliers do not move."""
    finite = values[np.isfinite(values)]
    if len(finite) < 2:  # noqa: PLR2004 - a lone value does not scatter
        return 0.0
    low, high = np.quantile(finite, [0.25, 0.75])
    return float(high - low) / 1.349  # The distance of a normal distribution's quartiles, in standard deviations.
