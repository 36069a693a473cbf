"""Brings the records of several homes into one, as when each stack of a night ran on a machine of its own."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.driver import nights
from harness.driver.errors import NightError
from harness.driver.nights import Job, Night
from harness.store import append_line, read_lines, utc_now

LINES = ("records", "invocations")
FILES = ("transcripts", "benchmarks")


def gather(home: Path, folders: Sequence[Path]) -> list[Night]:
    """Add to `home` what these homes hold; return their nights as one for each edition. Doing so again changes nothing."""
    held = {folder: nights.read_all(folder) for folder in folders}
    if not any(held.values()):
        raise NightError(
            f"no night was found in {', '.join(map(str, folders)) or 'no folder at all'}; name homes that hold one"
        )
    for folder in folders:
        _gather_records(home, folder)
    everything = [night for each in held.values() for night in each]
    one_each = [merged([night for night in everything if night.edition == edition]) for edition in _editions(everything)]
    for folder, each in held.items():
        for night in each:
            whole = next(one for one in one_each if one.edition == night.edition)
            _copy(nights.folder(folder) / night.name, nights.folder(home) / whole.name)
    for one in one_each:
        nights.write(home, one)
    return one_each


def merged(several: Sequence[Night]) -> Night:
    """Return the nights of one edition as one that began with the first; of one job told twice the later night's counts."""
    ordered = sorted(several, key=lambda night: (night.started, night.name))
    closed = [night if night.finished else nights.closed(night, night.seen or utc_now()) for night in ordered]
    jobs: dict[tuple[str, str, int], Job] = {(job.stack, job.phase, job.round): job for night in closed for job in night.jobs}
    return closed[0]._replace(
        finished=max(night.finished for night in closed),
        seen=max(night.seen for night in closed),
        budget_minutes=max(night.budget_minutes for night in closed),
        used_seconds=max(night.used_seconds for night in closed),
        chosen=(),
        jobs=tuple(jobs.values()),
    )


def _editions(several: Iterable[Night]) -> list[str]:
    return sorted({night.edition for night in several})


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
