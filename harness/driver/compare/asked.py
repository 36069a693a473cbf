"""What a call of `harness compare` asks, as a value."""

from typing import NamedTuple


class Asked(NamedTuple):
    """What is to be compared: two names, framings and an edition (none or None: all), and the budget of the whole table."""

    base: str
    new: str
    framings: tuple[str, ...]
    edition: str | None
    false_alarms: float
