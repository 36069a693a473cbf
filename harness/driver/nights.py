"""A night: one attempt at the whole matrix, and its file. A kill at any moment leaves the file whole.

`.harness/nights/NAME.json` is the night, `.harness/nights/NAME/STACK-PHASE.log` what a job printed.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Annotated, Any, NamedTuple

from pydantic import AfterValidator, TypeAdapter, ValidationError

from harness import framings, judging
from harness.driver.errors import NightError

PHASES = ("learn", "price", "turns")
STATES = ("waiting", "running", "done", "absent", "failed", "left out")
OPEN = ("waiting", "running")
HOURS_TO_GO_ON = 20  # A night of yesterday evening goes on in the morning; the next evening begins another.


def moment(text: str) -> datetime:
    """Return a time as nights have it; ValueError where the text is none."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _in_utc(text: str) -> str:
    try:
        is_told = moment(text).tzinfo is not None
    except ValueError:
        is_told = False
    if not is_told:
        raise ValueError("allowed is a time in UTC such as 2025-01-02T03:04:05Z")
    return text


def _one_of(allowed: Sequence[str]) -> AfterValidator:
    def checked(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"allowed are {', '.join(allowed)}")
        return text

    return AfterValidator(checked)


Moment = Annotated[str, AfterValidator(_in_utc)]
LaterMoment = Annotated[str, AfterValidator(lambda text: text and _in_utc(text))]  # "" until it has come.


class Job(NamedTuple):
    """What a night asks of one stack.

    phase: "learn" trains, checks and judges; "price" times, in two rounds; "turns" times in turns with another stack. state:
    one of STATES; "running" in the file of a night that was killed means that the job begins again. seconds: over all its
    starts. reason: one sentence, "" where all went well. invocation: "" where nothing was recorded. minutes: as estimated
    before. lock: digest of the lock file, "" where the stack is resolved afresh. verdict: as in `judging`, "" where nothing
    was judged. undecided: how many sentences said that too few seeds were asked. beside: the stack that takes turns with this
    one, "" where none does.
    """

    stack: str
    phase: Annotated[str, _one_of(PHASES)]
    state: Annotated[str, _one_of(STATES)]
    exit_code: int | None
    seconds: float | None
    reason: str
    invocation: str
    round: int = 1
    minutes: float = 0.0
    lock: str = ""
    verdict: str = ""
    undecided: int = 0
    beside: str = ""

    @property
    def label(self) -> str:
        """How the job is called: its stack and phase, and the round where it is not the first."""
        others = f" {self.round}" if self.round > 1 else f" with {self.beside}" if self.beside else ""
        return f"{self.stack} {self.phase}{others}"

    @property
    def minutes_left(self) -> float:
        """What is left of the estimate after earlier starts: what those recorded is not made again."""
        return max(0.0, self.minutes - (self.seconds or 0.0) / 60)

    @property
    def is_failing(self) -> bool:
        """Whether it failed, or something was missed or mended."""
        return self.state == "failed" or self.exit_code == 1 or self.verdict in judging.FAILING

    @property
    def is_broken(self) -> bool:
        """Whether it failed as a whole, so that its verdicts do not tell why: what was missed or mended is told by them."""
        return self.state == "failed" or (self.state == "done" and self.exit_code == 1 and self.verdict not in judging.FAILING)


class Night(NamedTuple):
    """One attempt at the matrix; its jobs stand in the order in which they start.

    started, finished, seen: times in UTC; finished is "" while it is not, seen is when the file was last written. chosen: the
    stacks that the call named, none for all. used_seconds: of the budget, over all starts of the night. published: whether
    MLflow and the report were told what came out; a file without it is of a night that was. worse: how many metrics got worse
    since the nights before, or the baselines, as the report tells them.
    """

    name: str
    started: Moment
    finished: LaterMoment
    budget_minutes: int
    jobs: tuple[Job, ...]
    edition: str = framings.NEWEST_EDITION
    chosen: tuple[str, ...] = ()
    used_seconds: float = 0.0
    seen: LaterMoment = ""
    published: bool = True
    worse: int = 0

    def with_job(self, index: int, job: Job) -> "Night":
        """Return the night with another job at this place."""
        return self._replace(jobs=(*self.jobs[:index], job, *self.jobs[index + 1 :]))

    @property
    def exit_code(self) -> int:
        """1 if a job failed, something was missed or mended, or got worse, else 0: an absent stack is no failure.

        Nor is one that was left out, or what costs more beside the stack before.
        """
        return int(self.worse > 0 or any(job.is_failing for job in self.jobs))


_NIGHT = TypeAdapter(Night)


def folder(home: Path) -> Path:
    """Return where the nights of this home are kept."""
    return home / "nights"


def log_path(home: Path, night: Night, job: Job) -> Path:
    """Return the file that holds what the job printed."""
    return folder(home) / night.name / f"{job.label.replace(' ', '-')}.log"


def read_all(home: Path) -> list[Night]:
    """Return the nights of this home, oldest first; a broken file is a NightError."""
    return sorted((_read(path) for path in folder(home).glob("*.json")), key=lambda night: (night.started, night.name))


def write(home: Path, night: Night) -> None:
    """Write the night's file so that it is whole at any moment, and on disk when this returns."""
    path = folder(home) / f"{night.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(as_json(night), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def as_json(night: Night) -> dict[str, Any]:
    """Return the night as plain JSON values."""
    return {**night._asdict(), "jobs": [job._asdict() for job in night.jobs]}


def _read(path: Path) -> Night:
    try:
        return _NIGHT.validate_json(path.read_bytes(), strict=True)
    except (OSError, ValidationError) as error:
        told = _slip(error) if isinstance(error, ValidationError) else error
        raise NightError(f"nights/{path.name}: {told}; remove the file") from None


def _slip(error: ValidationError) -> str:
    slip = error.errors()[0]
    place, said = ".".join(map(str, slip["loc"])), slip["msg"].removeprefix("Value error, ")
    return f"{place} is {slip['input']!r}: {said[0].lower()}{said[1:]}" if place else said


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the lock of the nights; NightError where another night runs in this home, or nothing can be kept in it."""
    try:
        folder(home).mkdir(parents=True, exist_ok=True)
        with (folder(home) / "lock").open("w") as file:
            _hold(file)
            yield
    except OSError as error:
        told = f"{error.strerror}: {error.filename}" if error.strerror and error.filename else error
        raise NightError(f"records cannot be kept in {home} ({told}); set HARNESS_HOME to a folder to write in") from None


def _hold(file: IO[str]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise NightError(
            "another night is running with the same records; wait for its end, or set HARNESS_HOME to another folder"
        ) from None


def unfinished(nights: Sequence[Night], now: str) -> Night | None:
    """Return the newest night if it may still go on, be it only to be published; None if it is over or stopped too long ago.

    now: in UTC.
    """
    newest = nights[-1] if nights else None
    if newest is None or (newest.finished and newest.published):
        return None
    idle = moment(now) - moment(newest.seen or newest.started)
    return newest if idle <= timedelta(hours=HOURS_TO_GO_ON) else None


def closed(night: Night, now: str) -> Night:
    """Return the night as finished; what did not come to its end is left out."""
    reason = f"the night stopped at {night.seen or night.started} and did not go on"
    jobs = tuple(job._replace(state="left out", reason=reason) if job.state in OPEN else job for job in night.jobs)
    return night._replace(finished=now, jobs=jobs)
