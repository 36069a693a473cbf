"""How many more runs, and when to look again: where nothing is decided, half as many again, until there are sixty.

Each look spends its own part of the budget (`budget.penalty`), so that all of them together raise no more false alarms than
one would, however often it looks.
"""

import math
from collections.abc import Iterator

GROWTH = 1.5
MOST = 60
FIRST_TIMED, MOST_TIMED = 6, 24  # Processes of each stack, two of which take turns.


def sizes(first: int, most: int = MOST) -> Iterator[int]:
    """Yield how many runs there are at each look: `first`, then half as many again, until there are `most`."""
    size = max(1, first)
    yield size
    while size < most:
        size = min(most, math.ceil(GROWTH * size))
        yield size


def whole(runs: int) -> int:
    """Return of how many of so many processes that timed is told: as many as at the last look, so that no look is unpaid."""
    return max((size for size in sizes(FIRST_TIMED, MOST_TIMED) if size <= runs), default=runs)


def looks(runs: int) -> int:
    """Return the number of the look at so many processes that timed, if every size from the first on was looked at."""
    return 1 + sum(size < runs for size in sizes(FIRST_TIMED, MOST_TIMED))
