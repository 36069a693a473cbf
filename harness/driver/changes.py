"""What moved from one stack to the next: final losses and accuracies of neighbours, held against each other seed by seed.

The rule, and how often it is wrong, are in docs/judging.md.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import mean, median
from typing import NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from harness.driver import neighbours
from harness.driver.compare import budget
from harness.driver.neighbours import Difference
from harness.driver.sources import Source
from harness.record import Record

LEVEL = 0.05
RESAMPLES = 9999  # All groupings of the seeds where there are fewer, so that the test is exact.
# Below this a difference is not worth a sentence, whatever its chance: with it a night of thirty equal stacks states one in
# less than a hundredth of cases (docs/judging.md, and tests/bench/neighbours.py, which deals). The readers' 36 % cost the
# stateful network with 50 units 1.8 times its loss.
FLOOR_ACCURACY = 0.1
FLOOR_LOSS = 1.6
FLOOR_APART = 1.5  # Times what the seeds of the two spread, added up.
ALIKE = 1e-9


class Sample(NamedTuple):
    """Seeds of one framing, edition and engine on one stack: a loss and an accuracy each; not finite is the worst there is."""

    engine: str
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]


class Change(NamedTuple):
    """One framing that moved between two stacks. engines, seeds, accuracies (means) and losses (medians) are (before, after).

    p: the chance of so large a difference between seeds of equal stacks, the other framings of the two counted in.
    is_apart: whether the losses of the two lie well further from each other than those of either's seeds lie together.
    """

    framing: str
    edition: str
    units: int
    stacks: tuple[str, str]
    engines: tuple[str, str]
    seeds: tuple[int, int]
    accuracies: tuple[float, float]
    losses: tuple[float, float]
    p: float
    is_apart: bool
    differences: tuple[Difference, ...]

    @property
    def step(self) -> float:
        """How far the mean accuracy moved, 0 where it is not worth naming."""
        step = abs(self.accuracies[1] - self.accuracies[0])
        return step if step >= FLOOR_ACCURACY - ALIKE else 0.0

    @property
    def size(self) -> tuple[float, float, bool]:
        """What changes are ordered by: points of accuracy, then powers of ten of the loss; of two alike the worse is larger."""
        worse = self.losses[1] > self.losses[0]
        return round(self.step, 2), round(math.log10(ratio(self.losses)), 1), worse

    @property
    def sentence(self) -> str:
        """The change in plain words."""
        before, after = self.stacks
        moved = ", ".join(one.sentence for one in self.differences) or "nothing named differs"
        return f"{self.framing} ({self.units} units): {self._what} between {before} and {after} ({moved}), {self._how}"

    @property
    def _what(self) -> str:
        before, after = (f"{100 * share:.0f} %" for share in self.accuracies)
        if self.step:
            return f"accuracy {_way(self.accuracies)} from {before} to {after}"
        lost = f"the final loss {_way(self.losses)} from {_spell(self.losses[0])} to {_spell(self.losses[1])}"
        return f"{lost} while accuracy stayed at {after}" if before == after else f"{lost} (accuracy {before}, then {after})"

    @property
    def _how(self) -> str:
        kinds = f"{self.seeds[0]} and {self.seeds[1]} seeds"
        engine = self.engines[0] if self.engines[0] == self.engines[1] else f"{self.engines[0]} against {self.engines[1]}"
        return f"p = {_chance(self.p)} ({kinds}, {engine})"


class Comparison(NamedTuple):
    """Two stacks' seeds of one framing, and the p of their difference. least: the smallest p that these seeds could give."""

    change: Change
    least: float


class Compared(NamedTuple):
    """What came of comparing: the changes, largest first, how many comparisons could decide and which could not."""

    changes: tuple[Change, ...]
    decided: int
    undecided: tuple[Change, ...]


def compare(stacks: Sequence[Source], edition: str, newest: str) -> Compared:
    """Compare each stack with the one before it, framing by framing, in one edition."""
    changes: list[Change] = []
    undecided: list[Change] = []
    decided = 0
    there = [source._replace(records=_of_edition(source.records, edition)) for source in stacks]
    for before, after in neighbours.pairs(there, newest):
        found = comparisons(before, after, edition)
        able = [found[place] for place in budget.decidable([one.least for one in found], LEVEL)]
        decided += len(able)
        undecided += [one.change for one in found if one not in able]
        changes += [change for change in corrected(able) if change.p <= LEVEL and is_large(change)]
    return Compared(tuple(sorted(changes, key=lambda one: one.size, reverse=True)), decided, tuple(undecided))


def comparisons(before: Source, after: Source, edition: str) -> list[Comparison]:
    """Return the comparison of each framing that both stacks have learnt in this edition, each with a p of its own."""
    framings = _framings(before, edition)
    common = [name for name in framings if name in _framings(after, edition)]
    return [_comparison(before, after, framings[name]) for name in common]


def _comparison(before: Source, after: Source, framing: dict) -> Comparison:
    one, other = chosen(samples(before.pooled, framing), samples(after.pooled, framing))
    p, least = chance(one, other)
    change = Change(
        framing=framing["name"],
        edition=framing["edition"],
        units=framing["units"],
        stacks=(before.stack, after.stack),
        engines=(one.engine, other.engine),
        seeds=(len(one.losses), len(other.losses)),
        accuracies=(mean(one.accuracies), mean(other.accuracies)),
        losses=(median(one.losses), median(other.losses)),
        p=p,
        is_apart=is_apart(one.losses, other.losses),
        differences=neighbours.differences(neighbours.installed(before), neighbours.installed(after)),
    )
    return Comparison(change, least)


def samples(records: Iterable[Record], framing: dict) -> list[Sample]:
    """Return the seeds of one framing and edition, engine by engine, those of one engine in one sample.

    A seed that came out the same to the last digit in another night says nothing new and counts once. A run that ended with
    an error learnt nothing worse or better: it is left out, and stands in its cell.
    """
    found: dict[str, dict[tuple[int, float, float], None]] = {}
    for record in records:
        question = record.question
        same = (question.framing["name"], question.framing["edition"]) == (framing["name"], framing["edition"])
        if same and _has_learnt(record):
            loss, accuracy = record.look_up("loss"), record.look_up("accuracy")
            outcome = (math.inf if loss is None else loss, 0.0 if accuracy is None else accuracy)
            found.setdefault(question.engine, {})[(question.seed, *outcome)] = None
    return [Sample(engine, tuple(key[1] for key in keys), tuple(key[2] for key in keys)) for engine, keys in found.items()]


def chosen(before: Sequence[Sample], after: Sequence[Sample]) -> tuple[Sample, Sample]:
    """Return the two samples to compare: the engine with most seeds on both sides, if these could decide anything.

    Else the largest of each: both engines train the same network.
    """
    engines = {one.engine: one for one in after}
    common = [(one, engines[one.engine]) for one in before if one.engine in engines]
    pair = max(common, key=lambda two: min(len(two[0].losses), len(two[1].losses)), default=None)
    if pair and _least(pair[0].losses, pair[1].losses) <= LEVEL:
        return pair
    largest = [max(side, key=lambda one: len(one.losses)) for side in (before, after)]
    return largest[0], largest[1]


def chance(before: Sample, after: Sample) -> tuple[float, float]:
    """Return (p, the smallest p that these seeds could give), by permutation, of the larger of two rank sums.

    The two are those of the losses and of the accuracies: under the null hypothesis any seed may be of either stack.
    """
    scores = np.array([_scores(before.losses + after.losses), _scores(before.accuracies + after.accuracies)])
    split, seeds = len(before.losses), np.arange(scores.shape[1])
    least = _least(before.losses, after.losses)
    if least > LEVEL:
        return 1.0, 1.0
    if not scores.any():
        return 1.0, least  # So many seeds that are all equal have decided: nothing moved.
    found = stats.permutation_test(
        (seeds[:split], seeds[split:]),
        lambda one, other, axis: np.abs(scores[:, one].sum(axis=-1)).max(axis=0),
        vectorized=True,
        n_resamples=RESAMPLES,
        alternative="greater",
        rng=np.random.default_rng(0),
    )
    null = found.null_distribution
    return float(found.pvalue), float(np.mean(null >= null.max() - ALIKE))


def _least(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the smallest two-sided p that so many seeds can give: two of all groupings are at the far ends."""
    if min(len(before), len(after)) < 2:  # noqa: PLR2004 - a lone seed does not show how far seeds lie apart
        return 1.0
    return 2 / math.comb(len(before) + len(after), len(before))


def _scores(values: Sequence[float]) -> np.ndarray:
    """Return the ranks, shifted to a mean of 0 and scaled to a deviation of 1; zeros where all values are equal."""
    ranks = stats.rankdata(values)
    spread = ranks.std()
    return (ranks - ranks.mean()) / spread if spread else np.zeros(len(ranks))


def corrected(found: Sequence[Comparison]) -> list[Change]:
    """Return the changes with p corrected for the number of comparisons, after Holm."""
    p = multipletests([one.change.p for one in found], method="holm")[1] if found else []
    return [one.change._replace(p=float(each)) for one, each in zip(found, p, strict=True)]


def is_large(change: Change) -> bool:
    """Whether the difference is worth a sentence: ten points of accuracy, 1.6 times the loss, or well apart."""
    return change.step > 0 or ratio(change.losses) >= FLOOR_LOSS or change.is_apart


def is_apart(before: Sequence[float], after: Sequence[float]) -> bool:
    """Whether the medians of two samples of losses lie half as far apart again as their ranges are wide together."""
    if math.isinf(max(*before, *after)):
        return False
    ranges = sum(max(side) - min(side) for side in (before, after))
    return min(len(before), len(after)) > 1 and abs(median(before) - median(after)) > FLOOR_APART * ranges


def ratio(losses: tuple[float, float]) -> float:
    """Return the larger loss over the smaller, 1 where both are not finite, infinity where one is."""
    low, high = sorted(max(loss, ALIKE) for loss in losses)
    if math.isinf(low):
        return 1.0
    return high / low


def _way(values: tuple[float, float]) -> str:
    return "rose" if values[1] > values[0] else "fell"


def _spell(loss: float) -> str:
    return "not finite" if math.isinf(loss) else f"{loss:.2g}"


def _chance(p: float) -> str:
    return f"{p:.1g}" if p < LEVEL / 5 else f"{p:.2g}"


def _of_edition(records: Iterable[Record], edition: str) -> tuple[Record, ...]:
    return tuple(one for one in records if one.question.framing["edition"] == edition)


def _has_learnt(record: Record) -> bool:
    return record.question.purpose == "learn" and not record.error


def _framings(source: Source, edition: str) -> dict[str, dict]:
    found = [one.question.framing for one in source.pooled if _has_learnt(one)]
    return {framing["name"]: framing for framing in found if framing["edition"] == edition}
