"""What a call of `harness compare` asks, as a value."""

from typing import NamedTuple

from harness.driver.compare import sequential

FALSE_ALARMS = 0.01  # In a table without a change, as docs/comparing.md argues and measures.


class Asked(NamedTuple):
    """What is to be compared: two names, framings and an edition (none or None: all), and the budget of the whole table.

    is_cost: only what calls cost; most_timed: no more pairs of processes are timed in turns.
    """

    base: str
    new: str
    framings: tuple[str, ...]
    edition: str | None
    false_alarms: float
    is_cost: bool = False
    most_timed: int = sequential.MOST_TIMED
