"""In which night did a series change? A vote of existing detectors, and how often it would say so by chance. Pure.

One detector alone is either blind or cries wolf: on a year of a browser's alerts, votes of several did best ("Perfherder",
arXiv 2606.18377). Three of `ruptures` vote here (Truong, Oudre, Vayatis, Signal Processing 167, 2020), which look at the mean,
at the whole distribution and at the ranks. What the vote finds is believed where shuffled nights seldom show as much.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import ruptures
from scipy.stats import rankdata

from harness.driver.compare.ranks import Numbers

FEWEST = 8  # Nights; of fewer no shuffling is rare enough.
SHORTEST = 2  # Nights before and after: one night that differs is an outlier.
NEAR = 1  # Nights by which detectors that mean the same change may differ.
VOTES = 2
SHUFFLES = 999
BLOCK, ORDINARY = 50, 0.2  # After so many shuffles a series is given up of which more than a fifth show as much.
# Of a change, times log(nights): what the modified BIC takes for a moved mean (Zhang and Siegmund, Biometrics 63, 2007), and a
# third of it where a kernel bounds what a night can add. They say what is voted on; shuffles say what is believed.
PENALTY, KERNEL_PENALTY = 3.0, 1.0


class Change(NamedTuple):
    """A change of a series: the first night that is other, by its place, and the chance that shuffled nights show as much."""

    place: int
    p: float


def find(values: Numbers) -> list[Change]:
    """Return the changes of a series of nights; none of one that is too short, or never moves."""
    series = np.asarray(values, float)
    if len(series) < FEWEST or np.ptp(series) == 0:
        return []
    places = voted(series)
    if not places:
        return []
    p = _chance(series, _strength(series, places))
    return [Change(place, p) for place in places]


def voted(series: np.ndarray) -> list[int]:
    """Return the places that two of three detectors find, each told once."""
    z = _scaled(series)
    found = [_mean(z), _distribution(z)]
    if any(found):  # Else one vote is left.
        found.append(_ranks(z))
    places = sorted(set().union(*found))
    agreed = [place for place in places if sum(any(abs(place - one) <= NEAR for one in several) for several in found) >= VOTES]
    return [place for place in agreed if not any(0 < place - other <= NEAR for other in agreed)]


def _scaled(series: np.ndarray) -> np.ndarray:
    """Return the series in units of its noise, by the differences from night to night, which a few changes do not move."""
    steps = np.diff(series)
    noise = np.median(abs(steps - np.median(steps))) / 0.6745 / np.sqrt(2)  # Of a normal distribution, in deviations.
    return (series - np.median(series)) / (noise or series.std())


def _mean(z: np.ndarray) -> set[int]:
    return _split(z, "linear", PENALTY)


def _distribution(z: np.ndarray) -> set[int]:
    return _split(z, "rbf", KERNEL_PENALTY)


def _ranks(z: np.ndarray) -> set[int]:
    """Return where the mean of the ranks moves, in deviations of all of them; ties share theirs."""
    ranks = rankdata(z)
    return _split((ranks - ranks.mean()) / ranks.std(), "linear", PENALTY)


def _split(z: np.ndarray, kernel: str, penalty: float) -> set[int]:
    # By PELT, in C: the linear kernel's cost is the squared distance from the mean, as of `ruptures.Pelt(model="l2")`, which
    # takes fifty times as long (Arlot, Celisse, Harchaoui, Journal of Machine Learning Research 20, 2019).
    found = ruptures.KernelCPD(kernel=kernel, min_size=SHORTEST).fit(z[:, None]).predict(pen=penalty * np.log(len(z)))
    return {int(place) for place in found} - {len(z)}


def _strength(series: np.ndarray, places: Sequence[int]) -> float:
    """Return which part of the series' scatter the changes explain, 0 to 1."""
    pieces = np.split(series, places)
    within = sum(float(((piece - piece.mean()) ** 2).sum()) for piece in pieces)
    return 1 - within / float(((series - series.mean()) ** 2).sum())


def _chance(series: np.ndarray, strength: float) -> float:
    """Return the share of shuffled nights in which a vote finds changes as strong, the seen order counted as one."""
    random, as_strong = np.random.default_rng(0), 1
    for done in range(1, SHUFFLES + 1):
        shuffled = random.permutation(series)
        places = voted(shuffled)
        as_strong += bool(places) and _strength(shuffled, places) >= strength
        if done % BLOCK == 0 and as_strong > ORDINARY * done:
            return as_strong / (done + 1)
    return as_strong / (SHUFFLES + 1)
