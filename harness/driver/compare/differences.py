"""What changed between two sets of runs, one word for each metric. Unlike things are called not comparable, never subtracted.

The method, its assumptions and how often it is wrong are in docs/comparing.md.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.driver.compare import budget, costs, equivalence, paired, ranks
from harness.driver.compare.equivalence import Effect
from harness.driver.compare.metrics import FAMILIES, Metric
from harness.driver.compare.pairs import Pair
from harness.driver.compare.ranks import Chance
from harness.driver.compare.series import Cell, Key
from harness.record import LOOKS

WORDS = ("worse", "undecided", "gone", "not comparable", "better", "new", "same")  # What a reader must look at comes first.
SHARES = len(FAMILIES) + 1  # Of the budget: one for each family, and one for costs of all framings together.
IDENTICAL = "equal to the last bit"
FACT = "does not depend on the seed"
NEW_ALONE, BASE_ALONE = "BASE has none", "NEW has none"
TESTED, PAIRED = "rank sums", "Student's t over pairs of processes"
EQUIVALENT = "shown to differ by less than matters"


class Side(NamedTuple):
    """The runs of one metric on one side: which engine made them, how many they are, and their middle, None without any."""

    engine: str
    runs: int
    middle: float | None


class Difference(NamedTuple):
    """One metric of one framing in two sets of runs.

    rule: what decided. p: corrected for the whole table and for every look. effect, margin: on the metric's scale. known,
    known_before: what is declared of NEW and of BASE here, and where that is said, "" where nothing is. said: what a stage or
    a clause of NEW says, "" where it is as declared.
    """

    key: Key
    stack: str
    metric: Metric
    base: Side
    new: Side
    word: str = "undecided"
    rule: str = ""
    p: float | None = None
    effect: float | None = None
    margin: float | None = None
    known: str = ""
    known_before: str = ""
    said: str = ""

    @property
    def is_clause(self) -> bool:
        """Whether a sentence says it whole: a fact of a stage or of the contract, as each side's runs agree on it."""
        is_agreed = all(side.middle in (None, 0.0, 1.0) for side in (self.base, self.new))
        return self.metric.is_fact and self.key.purpose in LOOKS and self.rule in (FACT, NEW_ALONE, BASE_ALONE) and is_agreed

    @property
    def is_lost(self) -> bool:
        """Whether BASE was not asked, and NEW does not do what is declared."""
        return self.word == "new" and self.is_clause and not self.new.middle


class _Case(NamedTuple):
    """A metric of a pair with its values, without those that were not asked; word, rule: where no statistics are needed."""

    pair: Pair
    metric: Metric
    base: np.ndarray
    new: np.ndarray
    word: str
    rule: str
    looks: int


def compare(
    found: Iterable[Pair], false_alarms: float, asked: Callable[[Key, Metric], bool] = lambda key, metric: True
) -> list[Difference]:
    """Return the difference of every metric that is asked for; all count where the chance of a false alarm is shared.

    false_alarms is the chance of one or more in a table without a change.
    """
    cases, alpha = [case for pair in found for case in _cases(pair)], false_alarms / SHARES
    believed = _believed(cases, alpha)
    return [_decided(case, believed.get(place), alpha) for place, case in enumerate(cases) if asked(case.pair.key, case.metric)]


def alarms(found: Iterable[Pair], false_alarms: float) -> int:
    """Return how many metrics `compare` would call better or worse; it is not asked which of the others are the same."""
    cases, alpha = [case for pair in found for case in _cases(pair)], false_alarms / SHARES
    believed = _believed(cases, alpha)
    return sum(p <= alpha and _effect(cases[place]).matters for place, p in believed.items())


def _cases(pair: Pair) -> Iterator[_Case]:
    twins, looks = pair.twins, pair.looks
    for name, metric in pair.metrics.items():
        base, new = _values(pair, name)
        if not len(base) and not len(new):
            continue
        word, rule = (
            _there(base, new, pair.unlike(name)) or _identical(pair, name, twins) or _fact(metric, base, new) or ("", "")
        )
        if word or pair.is_main:
            yield _Case(pair, metric, base, new, word, rule, looks)


def _values(pair: Pair, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of both sides, without those that were not asked; of a pair of processes neither, or both."""
    base, new = (np.empty(0) if cell is None else cell.columns.get(name, np.empty(0)) for cell in (pair.base, pair.new))
    if pair.is_paired:
        is_asked = ~(np.isnan(base) | np.isnan(new))
        return base[is_asked], new[is_asked]
    return base[~np.isnan(base)], new[~np.isnan(new)]


def _there(base: np.ndarray, new: np.ndarray, unlike: str) -> tuple[str, str] | None:
    if not len(base) or not len(new):
        return ("new", NEW_ALONE) if len(new) else ("gone", BASE_ALONE)
    return ("not comparable", unlike) if unlike else None


def _identical(pair: Pair, name: str, twins: tuple[list[int], list[int]]) -> tuple[str, str] | None:
    if pair.base is None or pair.new is None or not twins[0]:
        return None
    base, new = pair.base.columns[name][twins[0]], pair.new.columns[name][twins[1]]
    return ("same", IDENTICAL) if np.array_equal(base, new, equal_nan=True) else None


def _fact(metric: Metric, base: np.ndarray, new: np.ndarray) -> tuple[str, str] | None:
    """Return the word of what does not depend on the seed; where runs of one side disagree, it does."""
    if not metric.is_fact or len(set(base)) > 1 or len(set(new)) > 1:
        return None
    return ("same" if base[0] == new[0] else "better" if new[0] > base[0] else "worse"), FACT


def _believed(cases: Sequence[_Case], alpha: float) -> dict[int, float]:
    """Return the corrected p of each case that statistics must decide, by its place; alpha is that of each share."""
    chances = _chances({place: case for place, case in enumerate(cases) if not case.word})
    shares: dict[tuple[str, bool], list[int]] = {}
    for place in chances:
        shares.setdefault((cases[place].metric.family, cases[place].pair.key.framing == costs.EVERY), []).append(place)
    found: dict[int, float] = {}
    for places in shares.values():
        looks = [cases[place].looks for place in places]
        found.update(zip(places, budget.adjusted([chances[place] for place in places], looks, alpha), strict=True))
    return found


def _chances(cases: Mapping[int, _Case]) -> dict[int, Chance]:
    """Return the chance of each case; groups of the same sizes are ranked together, which is ten times as fast."""
    found = {place: paired.chance(_apart(case)) for place, case in cases.items() if case.pair.is_paired}
    sizes: dict[tuple[int, int], list[int]] = {}
    for place, case in cases.items():
        if not case.pair.is_paired:
            sizes.setdefault((len(case.base), len(case.new)), []).append(place)
    for places in sizes.values():
        base, new = np.array([cases[place].base for place in places]), np.array([cases[place].new for place in places])
        found.update(zip(places, ranks.chances(base, new), strict=True))
    return found


def _effect(case: _Case) -> Effect:
    if case.pair.is_paired:
        return paired.effect(case.metric, _apart(case))
    return equivalence.effect(case.metric, *_scaled(case))


def _is_same(case: _Case, margin: float) -> bool:
    if case.pair.is_paired:
        return paired.is_shown(_apart(case), margin)
    return equivalence.is_shown(case.metric, *_scaled(case), margin)


def _apart(case: _Case) -> np.ndarray:
    """Return how far NEW lies above BASE in each pair of processes."""
    base, new = _scaled(case)
    return new - base


def _scaled(case: _Case) -> tuple[np.ndarray, np.ndarray]:
    return equivalence.scaled(case.metric, case.base), equivalence.scaled(case.metric, case.new)


def _decided(case: _Case, p: float | None, alpha: float) -> Difference:
    pair, metric = case.pair, case.metric
    sides = _side(pair.base, metric, case.base), _side(pair.new, metric, case.new)
    before, known = pair.known(metric.name)
    said = pair.said(metric.name)
    found = Difference(pair.key, pair.stack, metric, *sides, known=known, known_before=before, said=said)
    if p is None:
        return found._replace(word=case.word, rule=case.rule)
    effect = _effect(case)
    found = found._replace(p=p, effect=effect.size, margin=effect.margin)
    if p <= alpha and effect.matters:
        rule = PAIRED if pair.is_paired else TESTED
        return found._replace(word="better" if effect.size * metric.better > 0 else "worse", rule=rule)
    return found._replace(word="same", rule=EQUIVALENT) if _is_same(case, effect.margin) else found


def _side(cell: Cell | None, metric: Metric, values: np.ndarray) -> Side:
    middle = equivalence.middle(metric, values) if len(values) else None
    return Side("" if cell is None else cell.question.engine, len(values), middle)
