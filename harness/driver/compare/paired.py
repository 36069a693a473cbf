"""What two stacks cost that were timed in turns: one difference for each pair of processes, and whether their mean is 0.

Student's t of the differences of logarithms ("The probable error of a mean", Biometrika 6, 1908). It assumes that they scatter
like a normal distribution: each is a trimmed mean of the log ratios of many rounds. Of fewer than are timed at first nothing is
said; where some lie far off, their own scatter grows, and t is the more cautious for it.
"""

import math

import numpy as np
from scipy import special, stats

from harness.driver.compare import sequential
from harness.driver.compare.equivalence import LEVEL, Effect
from harness.driver.compare.metrics import Metric
from harness.driver.compare.ranks import SURE, Chance


def chance(found: np.ndarray) -> Chance:
    """Return how rare so large a mean of these differences is, though nothing changed; of too few, all is as likely."""
    if not _tells(found):
        return SURE
    # As `scipy.stats.ttest_1samp` has it, which takes a thousand times as long: `simulate` deals a night 84 tables of costs.
    size = len(found)
    statistic = found.mean() / (found.std(ddof=1) / math.sqrt(size))
    above, below = special.stdtr(size - 1, -statistic), special.stdtr(size - 1, statistic)
    return Chance(float(above), float(below), float(2 * min(above, below)), 0.0)


def effect(metric: Metric, found: np.ndarray) -> Effect:
    """Return the mean difference, and how large it may be before it matters."""
    return Effect(float(found.mean()), metric.floor)


def is_shown(found: np.ndarray, margin: float) -> bool:
    """Whether these differences show that less than the margin lies between the stacks, by two one-sided tests."""
    if not _tells(found):
        return False
    up = stats.ttest_1samp(found, -margin, alternative="greater").pvalue
    return bool(max(up, stats.ttest_1samp(found, margin, alternative="less").pvalue) <= LEVEL)


def _tells(found: np.ndarray) -> bool:
    return len(found) >= sequential.FIRST_TIMED and float(np.ptp(found)) > 0
