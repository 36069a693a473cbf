"""Which runs are held against which: framing by framing, engine by engine."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.driver import running
from harness.driver.compare import costs, sequential
from harness.driver.compare.metrics import MEMORY, Metric
from harness.driver.compare.series import Cell, Key
from harness.record import Question

SEVERAL = 2  # A lone run does not show how far runs lie apart.
*MOST, LAST = TOLD = (*running.TURNS, "later_epoch", MEMORY.name)  # What processes that take turns tell.
APART = f"{', '.join(MOST)} and {LAST} were not measured in turns; --until-decided does it".replace("_", " ")
ALONE = "other calls were timed by each process alone, of which nothing is concluded"


class Pair(NamedTuple):
    """Two cells that are held against each other; either may be missing. Where `is_main` is not set, only facts are asked.

    is_paired: the n-th run of one took turns with the n-th of the other.
    """

    stack: str
    key: Key
    base: Cell | None
    new: Cell | None
    is_main: bool = True
    is_paired: bool = False

    @property
    def metrics(self) -> dict[str, Metric]:
        """All metrics by name. A fact is one only where both sides say so: of some stacks a race is known."""
        base, new = (side.metrics if side else {} for side in (self.base, self.new))
        found = {**base, **new}
        return {name: metric._replace(is_fact=_is_fact(name, base, new)) for name, metric in found.items()}

    def unlike(self, name: str) -> str:
        """Return what is not alike in how the two were asked for a metric; "" where both answered the same question."""
        if self.base is None or self.new is None:
            return ""
        if self.key.purpose == costs.PURPOSE and not self.is_paired:
            return APART if name in TOLD else ALONE
        return _other_question(self.base.question, self.new.question)

    def known(self, name: str) -> tuple[str, str]:
        """Return what is declared to deviate in BASE and in NEW, "" where nothing is."""
        base, new = (side.known.get(name, "") if side else "" for side in (self.base, self.new))
        return base, new

    def said(self, name: str) -> str:
        """Return what a stage or a clause of NEW says where it is not as declared, "" elsewhere."""
        return self.new.said.get(name, "") if self.new else ""

    @property
    def looks(self) -> int:
        """How often NEW was or could have been looked at: each batch of runs that brought a new one is a look.

        A process that timed is a batch of one, so of those the looks follow from their number.
        """
        if self.new is None:
            return 0
        runs = len(self.new.batches)
        return sequential.looks(runs) if self.key.purpose == costs.PURPOSE else len(set(self.new.batches))

    @property
    def twins(self) -> tuple[list[int], list[int]]:
        """The places of common seeds in BASE and NEW; none unless the weights of all are equal to the last bit."""
        if self.base is None or self.new is None:
            return [], []
        here = {seed: place for place, seed in enumerate(self.new.seeds)}
        common = [(place, here[seed]) for place, seed in enumerate(self.base.seeds) if seed in here]
        if not all(self._is_twin(*one) for one in common):
            return [], []
        return [one for one, _ in common], [other for _, other in common]

    def _is_twin(self, one: int, other: int) -> bool:
        assert self.base and self.new  # noqa: S101 - for mypy; `twins` has asked
        return self.base.digests[one] == self.new.digests[other] != ""


def _other_question(one: Question, other: Question) -> str:
    values = [name for name in {**one.framing, **other.framing} if one.framing.get(name) != other.framing.get(name)]
    moved = [f"{name} {one.framing.get(name)!r} -> {other.framing.get(name)!r}" for name in values]
    probes = [] if one.probes == other.probes else [f"the probes {one.probes} -> {other.probes}"]
    return f"another question: {', '.join([*moved, *probes])}" if moved or probes else ""


def _is_fact(name: str, base: Mapping[str, Metric], new: Mapping[str, Metric]) -> bool:
    return all(side[name].is_fact for side in (base, new) if name in side)


def pairs(stack: str, base: Mapping[Key, Cell], new: Mapping[Key, Cell]) -> Iterator[Pair]:
    """Yield what is held against each other on one stack, or on two.

    Both engines train the same network: where none has runs on both sides, or a lone one, that with most on each is taken.
    """
    base, new = costs.in_turns(dict(base), dict(new))
    for group in dict.fromkeys(key._replace(engine="") for key in (*base, *new)):
        there, here = _of(group, base), _of(group, new)
        common = [key for key in there if key in here]
        main = max(common, key=lambda key: _fewer(base[key], new[key]), default=None)
        one, other = _largest(there), _largest(here)
        if main is None or _fewer(base[main], new[main]) < SEVERAL <= _fewer(one, other):
            main = None
            yield Pair(stack, group, one, other)
        for key in common:
            is_paired = key.purpose == costs.PURPOSE and costs.are_paired(base[key], new[key])
            yield Pair(stack, key, base[key], new[key], key == main, is_paired)


def _of(group: Key, cells: Mapping[Key, Cell]) -> dict[Key, Cell]:
    return {key: cell for key, cell in cells.items() if key._replace(engine="") == group}


def _fewer(base: Cell | None, new: Cell | None) -> int:
    return min(len(side.seeds) if side else 0 for side in (base, new))


def _largest(cells: Mapping[Key, Cell]) -> Cell | None:
    return max(cells.values(), key=lambda cell: len(cell.seeds), default=None)
