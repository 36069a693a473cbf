"""Nights on disk: which stacks a night was to train and price, and what became of each. `.harness/nights/NAME.json`."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from harness.errors import UserError

PHASES = ("learn", "price")
STATES = ("waiting", "running", "done", "absent", "failed", "left out")


class NightError(UserError):
    """A file of a night that is broken or was written by hand."""


class Job(NamedTuple):
    """One stack in one phase of a night. reason: why it is not done, one line; invocation: "" until it has one."""

    stack: str
    phase: str
    state: str
    exit_code: int | None
    seconds: float | None
    reason: str
    invocation: str


class Night(NamedTuple):
    """A run of many stacks within a budget; finished is "" while it runs."""

    name: str
    started: str
    finished: str
    budget_minutes: int
    jobs: tuple[Job, ...]


def read_all(home: Path) -> list[Night]:
    """Return all nights below the records' home, oldest first; a NightError names the file that is broken."""
    nights = [_read(path) for path in sorted((home / "nights").glob("*.json"))]
    return sorted(nights, key=lambda night: night.started)


def _read(path: Path) -> Night:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        jobs = tuple(_job(one) for one in fields.pop("jobs"))
        return Night(jobs=jobs, **fields)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NightError(f"nights/{path.name} is not a night ({error}); remove the file") from None


def _job(fields: dict[str, Any]) -> Job:
    job = Job(**fields)
    if job.phase not in PHASES or job.state not in STATES:
        raise ValueError(f"phase {job.phase!r}, state {job.state!r}; allowed: {', '.join(PHASES)}; {', '.join(STATES)}")
    return job
