"""A stack's life in words, as reports tell it."""

from typing import NamedTuple

from harness.driver.printing import many


class Life(NamedTuple):
    """What became of one stack over its runs of the suite: how many, the first and the last day, each change in a line."""

    stack: str
    runs: int
    first: str
    last: str
    changes: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The runs in words."""
        return f"{self.stack}: {many(self.runs, 'run')} of the suite, {self.first} to {self.last}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What there is to say of them."""
        return self.changes or ("nothing changed" if self.runs > 1 else "one run has none before it to be held against",)
