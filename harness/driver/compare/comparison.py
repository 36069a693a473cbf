"""All differences of two sets of runs: what `harness compare` decides, before anybody prints it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.driver import neighbours
from harness.driver.compare import differences
from harness.driver.compare.differences import WORDS, Difference
from harness.driver.compare.pairs import Pair
from harness.driver.compare.series import Cell, Key

EXITS = {"worse": 1, "undecided": 3}


class Comparison(NamedTuple):
    """What came of comparing. releases: the distributions that differ, in words, by stack; false_alarms: of the whole table.

    calls: by stack, the command that compares it alone again, where that is another one. unchanged: the stacks in which the
    same was installed on both sides.
    """

    base: str
    new: str
    false_alarms: float
    releases: dict[str, tuple[str, ...]]
    differences: tuple[Difference, ...]
    calls: dict[str, str] = {}  # noqa: RUF012 - never changed
    unchanged: frozenset[str] = frozenset()

    @property
    def word(self) -> str:
        """The worst of all differences, "same" where nothing was compared that differs."""
        return min((one.word for one in self.differences), key=WORDS.index, default="same")

    @property
    def exit_code(self) -> int:
        """0: nothing got worse; 1: something did; 3: nothing did, but something is undecided, or nothing can be compared."""
        words = {one.word for one in self.differences}
        if words == {"not comparable"}:
            return EXITS["undecided"]
        return next((code for word, code in EXITS.items() if word in words), 0)

    def counts(self, found: Iterable[Difference] | None = None) -> dict[str, int]:
        """Return how many differences there are by word, the words that a reader must look at first."""
        counted = Counter(one.word for one in (self.differences if found is None else found))
        return {word: counted[word] for word in WORDS if counted[word]}


def only(found: Comparison, stacks: Sequence[str]) -> Comparison:
    """Return what was found of these stacks, as it was decided among all."""
    return found._replace(
        releases={stack: several for stack, several in found.releases.items() if stack in stacks},
        differences=tuple(one for one in found.differences if one.stack in stacks),
        unchanged=found.unchanged & frozenset(stacks),
    )


def decided(
    base: str, new: str, sides: Sequence[tuple[str, dict[Key, Cell], dict[Key, Cell]]], pairs: Sequence[Pair], budget: float
) -> Comparison:
    """Return the comparison of these pairs."""
    return Comparison(
        base=base,
        new=new,
        false_alarms=budget,
        releases={stack: _releases(before, after) for stack, before, after in sides},
        differences=tuple(differences.compare(pairs, budget)),
        unchanged=frozenset(stack for stack, before, after in sides if _installed(before) == _installed(after)),
    )


def _installed(side: dict[Key, Cell]) -> tuple[str, dict[str, str], str]:
    question = next(iter(side.values())).question
    return question.python, question.distributions, question.backend


def _releases(base: dict[Key, Cell], new: dict[Key, Cell]) -> tuple[str, ...]:
    before, after = (neighbours.versions(next(iter(side.values())).question) for side in (base, new))
    return tuple(one.sentence for one in neighbours.differences(before, after))
