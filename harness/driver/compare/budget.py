"""Which differences of a whole table may be believed, so that one false alarm in so many tables is all there ever is.

The budget is split evenly over the families of metrics, costs of all framings together being one, and within each corrected
after Holm. What could not reach its level however its runs came out does not count (Tarone, Biometrics 46, 1990): that follows
from how many runs there are and from their ties, never from which run is whose, so leaving it out is no choice by result.
"""

from collections.abc import Sequence

import numpy as np
from statsmodels.stats.multitest import multipletests

from harness.driver.compare.ranks import Chance


def penalty(looks: int) -> int:
    """Return what p is multiplied by at the so-manieth look: 1/2 + 1/6 + 1/12 + ... of the budget is at most all of it."""
    return looks * (looks + 1)


def adjusted(chances: Sequence[Chance], looks: Sequence[int], alpha: float) -> list[float]:
    """Return each two-sided p, corrected for one another and for the looks that were taken; 1 of what could not be decided.

    A difference may be believed where this is at most alpha.
    """
    least = [min(1.0, penalty(look) * one.least) for one, look in zip(chances, looks, strict=True)]
    able = decidable(least, alpha)
    p = [min(1.0, penalty(look) * one.two_sided) for one, look in zip(chances, looks, strict=True)]
    corrected = np.ones(len(p))
    if able:
        corrected[able] = multipletests(np.array(p)[able], method="holm")[1]
    return [float(one) for one in corrected]


def decidable(least: Sequence[float], alpha: float) -> list[int]:
    """Return the places of the most that can all be decided when they are corrected for one another.

    least: the smallest p that each could give.
    """
    order = sorted(range(len(least)), key=lambda place: least[place])
    counts = [count for count, place in enumerate(order, start=1) if least[place] * count <= alpha]
    return order[: max(counts, default=0)]
