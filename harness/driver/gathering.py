"""Brings the records of several homes into one, as when each stack of a night ran on a machine of its own."""

import shutil
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from harness.driver import nights
from harness.driver.errors import NightError
from harness.driver.nights import Job, Night
from harness.store import append_line, read_lines, utc_now

LINES = ("records", "invocations")
FILES = ("transcripts", "benchmarks")
# How much a state tells of a job: what ran is not given up for what did not.
TELLING = {"done": 2, "failed": 2, "absent": 1}


class Held(NamedTuple):
    """A night, and the home that holds it."""

    folder: Path
    night: Night


def gather(home: Path, folders: Sequence[Path]) -> list[Night]:
    """Add to `home` what these homes hold, and return their newest nights: those that belong together as one.

    Together are nights of one edition that began within 20 hours. Older nights are copied as they are. A night that `home`
    holds already keeps each job that ran. Doing so again changes nothing.
    """
    for folder in folders:
        if folder.resolve() == home.resolve():
            raise NightError(
                f"{folder} is the home that records are gathered into; name others, or set HARNESS_HOME to another"
            )
    found = {folder: nights.read_all(folder) for folder in folders}
    if not any(found.values()):
        raise NightError(
            f"no night was found in {', '.join(map(str, folders)) or 'no folder at all'}; name homes that hold one"
        )
    known = {night.name: night for night in nights.read_all(home)}
    for folder in folders:
        _gather_records(home, folder)
    newest = [Held(folder, night) for folder, each in found.items() for night in _newest(each)]
    older = [Held(folder, night) for folder, each in found.items() for night in each if night not in _newest(each)]
    for one in older:
        _keep(home, known, one.night, [one])
    return [_keep(home, known, merged([one.night for one in group]), group) for group in _together(newest)]


def merged(several: Sequence[Night]) -> Night:
    """Return nights as one that began with the first; of one job told twice the later that ran counts."""
    ordered = sorted(several, key=lambda night: (night.started, night.name))
    closed = [night if night.finished else nights.closed(night, night.seen or utc_now()) for night in ordered]
    return closed[0]._replace(
        finished=max(night.finished for night in closed),
        seen=max(night.seen for night in closed),
        budget_minutes=max(night.budget_minutes for night in closed),
        used_seconds=max(night.used_seconds for night in closed),
        worse=max(night.worse for night in closed),  # Of stacks apart: the report tells of all.
        chosen=(),
        published=True,  # It is nobody's to go on with: `harness publish` and `harness report` tell of it.
        jobs=_jobs(closed),
    )


def _jobs(several: Iterable[Night]) -> tuple[Job, ...]:
    jobs: dict[tuple[str, str, int, str], Job] = {}
    for job in (job for night in several for job in night.jobs):
        key = job.stack, job.phase, job.round, job.beside
        if key not in jobs or TELLING.get(job.state, 0) >= TELLING.get(jobs[key].state, 0):
            jobs[key] = job
    return tuple(jobs.values())


def _newest(several: Sequence[Night]) -> list[Night]:
    """Return the newest night of each edition; they come oldest first."""
    return list({night.edition: night for night in several}.values())


def _together(several: Iterable[Held]) -> list[list[Held]]:
    groups: list[list[Held]] = []
    for one in sorted(several, key=lambda held: (held.night.edition, held.night.started, held.night.name)):
        if groups and _belong_together(groups[-1][0].night, one.night):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _belong_together(first: Night, other: Night) -> bool:
    began = nights.moment(other.started) - nights.moment(first.started)
    return first.edition == other.edition and began <= timedelta(hours=nights.HOURS_TO_GO_ON)


def _keep(home: Path, known: dict[str, Night], night: Night, group: Iterable[Held]) -> Night:
    """Write the night and the logs of those that it was made of; what the home knows of it already is added to, never lost."""
    before = known.get(night.name)
    whole = night if before in (None, night) else merged([before, night])
    for one in group:
        _copy(nights.folder(one.folder) / one.night.name, nights.folder(home) / whole.name)
    if whole != before:
        nights.write(home, whole)
    known[whole.name] = whole
    return whole


def _gather_records(home: Path, folder: Path) -> None:
    for kind in LINES:
        for path in sorted((folder / kind).glob("*.jsonl")):
            known = {line for _, line in read_lines(home / kind / path.name)}
            for _, line in read_lines(path):
                if line not in known:
                    append_line(home / kind / path.name, line)
    for kind in FILES:
        _copy(folder / kind, home / kind)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir() and source.resolve() != target.resolve():
        shutil.copytree(source, target, dirs_exist_ok=True)
