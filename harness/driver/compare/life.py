"""A stack's life in words, as reports tell it."""

from typing import NamedTuple

from harness.driver.summary import many

TOO_FEW = "too few runs to tell: it takes two of a stack that repeats itself, and eight of another"


class Life(NamedTuple):
    """What became of one stack over its runs of the suite: how many, the first and the last day, each change in a line.

    can_tell: whether a change would have been told.
    """

    stack: str
    runs: int
    first: str
    last: str
    changes: tuple[str, ...]
    can_tell: bool = False

    @property
    def sentence(self) -> str:
        """The runs in words."""
        span = f", {self.first} to {self.last}" if self.first else ""
        return f"{self.stack}: {many(self.runs, 'run')} of the suite{span}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What there is to say of them."""
        return self.changes or ("nothing changed" if self.can_tell else TOO_FEW,)
