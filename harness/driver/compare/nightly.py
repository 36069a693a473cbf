"""What a night tells of two stacks: each against its baseline, or else the night before, and what each costs beside another."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.driver import running
from harness.driver.compare import baselines, lines, pairs, reading
from harness.driver.compare.comparison import Comparison, decided
from harness.driver.compare.costs import PURPOSE
from harness.driver.compare.series import Cell, Key
from harness.driver.compare.sides import BASELINE
from harness.driver.nights import Job, Night
from harness.errors import RecordError
from harness.expectations import Declared
from harness.store import Store

BEFORE = "the night before"  # Or, of stacks that have one, the baseline.
PREVIOUS = "the stack before"
TOOK = ("done", "left out")  # One that was stopped at the end of the budget took some.
CALL = "tox -e driver -- compare"

Cells = dict[Key, Cell]


def since(
    declared: Declared, store: Store, nights: Sequence[Night], expectations: Path, false_alarms: float
) -> Comparison | None:
    """Return what changed since the nights before the last of these, None where nothing can be held against it."""
    if not nights:
        return None
    *earlier, tonight = [one for one in nights if one.edition == nights[-1].edition]
    accepted = baselines.in_force(expectations)
    newest = {job.stack: job.invocation for job in learnt(earlier)}
    sides: list[tuple[str, Cells, Cells]] = []
    calls: dict[str, str] = {}
    for job in learnt([tonight]):
        base = BASELINE if job.stack in accepted else newest.get(job.stack, "")
        before, after = (cells(declared, store, job.stack, name, expectations) for name in (base, job.invocation))
        if before and after:  # Whose records were moved away since cannot be held against any.
            sides.append((job.stack, before, after))
            calls[job.stack] = f"{CALL} {base} {job.invocation}"
    if not sides:
        return None
    paired = [pair for side in sides for pair in pairs.pairs(*side)]
    return decided(BEFORE, tonight.name, sides, paired, false_alarms)._replace(calls=calls)


def costs(declared: Declared, store: Store, nights: Sequence[Night], false_alarms: float) -> Comparison | None:
    """Return what each stack of the last of these nights costs against the one that it takes turns with, None of none.

    Of all turns that both took by then on what they had installed, those of earlier nights, too. Each pair of stacks has its
    even part of the budget, as `running.comparison` asks of the job.
    """
    night = nights[-1] if nights else None
    jobs = [job for job in night.jobs if job.beside] if night else []
    found = [_pair(declared, store, night, job, false_alarms / len(jobs)) for job in jobs if night and job.state in TOOK]
    told = [one for one in found if one.differences]
    if night is None or not told:
        return None
    return Comparison(
        base=PREVIOUS,
        new=night.name,
        false_alarms=false_alarms,
        releases={name: moved for one in told for name, moved in one.releases.items()},
        differences=tuple(difference for one in told for difference in one.differences),
        calls={name: call for one in told for name, call in one.calls.items()},
    )


def _pair(declared: Declared, store: Store, night: Night, job: Job, false_alarms: float) -> Comparison:
    """Return what one stack costs beside another; both are named in each difference."""
    name = f"{job.beside} -> {job.stack}"
    before, after = (_timed(declared, store, stack, night) for stack in (job.beside, job.stack))
    paired = [pair for pair in pairs.pairs(name, before, after) if pair.is_paired]
    sides = [(name, before, after)] if paired else []
    call = " ".join(["tox -e driver --", *running.comparison(job, night)])
    return decided(job.beside, job.stack, sides, paired, false_alarms)._replace(calls={name: call})


def _timed(declared: Declared, store: Store, stack: str, night: Night) -> Cells:
    """Return the cells of what a stack cost in turns up to the end of a night; of one whose records are broken, none."""
    try:
        names = [one["invocation"] for one in store.invocations(stack) if running.TIMINGS in one.get("call", ())]
        runs = lines.read(store.records_path(stack), names) if names else ()
        until = [run for run in runs if not night.finished or run.started <= night.finished]
    except RecordError:  # Its own learn job fails by it.
        return {}
    found = reading.cells(declared, until).get(stack, {})
    return {key: cell for key, cell in found.items() if (key.purpose, key.edition) == (PURPOSE, night.edition)}


def learnt(several: Iterable[Night]) -> list[Job]:
    """Return the jobs that trained something and came to their end, the oldest night's first."""
    return [job for night in several for job in night.jobs if job.phase == "learn" and job.state == "done" and job.invocation]


def cells(declared: Declared, store: Store, stack: str, name: str, expectations: Path) -> Cells:
    """Return the cells of a stack's baseline, or of one of its invocations; none of no name."""
    if not name:
        return {}
    is_accepted = name == BASELINE
    found = baselines.runs(expectations, stack) if is_accepted else lines.read(store.records_path(stack), (name,))
    return reading.cells(declared, found).get(stack, {})
