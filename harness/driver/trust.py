"""How often the harness itself is wrong, as its own trials measured it so far: what it catches, and when it cries wolf."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from scipy.stats import binomtest

from harness.driver import clean_runs, selfchecks, trials
from harness.driver.clean_runs import CONFIDENCE, CleanRun
from harness.driver.selfchecks import Outcome, Sum
from harness.driver.summary import many
from harness.driver.trials import NightTrial

TITLE = "How often this harness is wrong"
NOTHING = (
    "Nothing was measured here so far: `tox -e driver -- selfcheck tf2` plants faults and tells which are caught, "
    "`tox -e driver -- clean tf2` counts the alarms of an untouched stack, and every night adds its own."
)


class Trust(NamedTuple):
    """What was measured: by stack the sum of the planted faults and the clean runs, and what each night called a change."""

    faults: dict[str, Sum]
    clean: dict[str, tuple[CleanRun, ...]]
    nights: tuple[NightTrial, ...]

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return " ".join(sentences(self))


def gather(home: Path) -> Trust:
    """Return all trials that were kept in this home."""

    def of(sort: str, kind: type[trials.Kind]) -> Iterator[tuple[str, list[trials.Kind]]]:
        return ((stack, trials.read(home, f"{sort}/{stack}", kind)) for stack in trials.stacks(home, sort))

    return Trust(
        faults={stack: selfchecks.total(found) for stack, found in of(trials.FAULTS, Outcome)},
        clean={stack: tuple(found) for stack, found in of(trials.CLEAN, CleanRun)},
        nights=tuple(trials.read(home, trials.NIGHTS, NightTrial)),
    )


def sentences(found: Trust) -> list[str]:
    """Return what was measured in sentences: recall, false alarms of clean runs, then of nights, and precision."""
    told = [f"{stack}: {one.sentence}{_recall(one)}." for stack, one in found.faults.items()]
    told += [_clean(stack, runs) for stack, runs in found.clean.items()]
    return [*told, *_nights(found.nights)] or [NOTHING]


def _recall(one: Sum) -> str:
    if not one.planted:
        return ""
    least = binomtest(one.caught, one.planted, alternative="greater").proportion_ci(CONFIDENCE, method="exact").low
    return f"; of faults like these at least {least:.0%} are caught, with {CONFIDENCE:.0%} confidence"


def _clean(stack: str, runs: Sequence[CleanRun]) -> str:
    alarms = sum(bool(one.by) for one in runs)
    told = f"{stack}: {many(alarms, 'alarm')} in {many(len(runs), 'clean run')} of the quick stages"
    return f"{told}{_at_most(alarms, len(runs))}."


def _at_most(wrong: int, of: int) -> str:
    return f" (at most {clean_runs.bound(wrong, of):.2g} of all, with {CONFIDENCE:.0%} confidence)"


def _nights(found: Sequence[NightTrial]) -> Iterator[str]:
    still = [one for one in found if one.unchanged]
    if still:
        stacks = many(sum(one.unchanged for one in still), "stack")
        told = _alarming([one.false_alarms for one in still])
        yield f"Of {stacks}, night by night, the same was installed as before: {told}."
    dealt = [one for one in found if one.dealt]
    if dealt:
        metrics = many(sum(one.dealt for one in dealt), "metric")
        told = _alarming([one.dealt_alarms for one in dealt])
        yield f"The runs of each night, dealt to two sides by chance ({metrics}): {told}."
    yield from _precision(sum(one.alarms for one in found), sum(one.false_alarms for one in found))


def _alarming(alarms: Sequence[int]) -> str:
    """Return in how many nights there was an alarm, from the alarms of each."""
    wrong, of = sum(map(bool, alarms)), len(alarms)
    return f"{wrong} of {many(of, 'night')} raised an alarm{_at_most(wrong, of)}"


def _precision(true: int, false: int) -> Iterator[str]:
    """Yield what is known of precision: an alarm is false where nothing was installed anew, and may be true elsewhere."""
    if true + false:
        told = f"Of {many(true + false, 'metric')} called better or worse so far, {true} were of stacks"
        yield f"{told} in which something else was installed: a precision of {true / (true + false):.0%} at most."
