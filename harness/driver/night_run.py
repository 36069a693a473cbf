"""A night under way: starts the jobs that the schedule names, watches them, and writes down what became of each."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from harness.driver import nights, schedule
from harness.driver.nights import Job, Night
from harness.store import utc_now

SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_BETWEEN_WRITES = 5.0  # What a kill takes from the budget's account.
GIBIBYTE = 2**30


class Limits(NamedTuple):
    """What a night may take: jobs at a time, minutes and gibibytes for each job."""

    slots: int
    job_minutes: float
    gibibytes: float


class Running(Protocol):
    """A job's process, as `running.Process` is one."""

    @property
    def seconds(self) -> float:
        """For how long it has run."""

    @property
    def doing(self) -> str:
        """What it last said that it does, "" before that."""

    @property
    def lines(self) -> list[str]:
        """What it printed."""

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""

    def memory(self) -> int:
        """Return the bytes that it holds."""

    def let_go(self) -> None:
        """Have it killed."""

    def stop(self) -> None:
        """Kill it and wait until it is gone."""


class Crew(Protocol):
    """Who does the work of a night: starts a job, and says what became of one that ended by itself."""

    def start(self, night: Night, job: Job) -> Running:
        """Start the job's process."""

    def settle(self, job: Job, process: Running, code: int) -> Job:
        """Return the job as it ended."""

    def made(self, job: Job) -> str:
        """Return the invocation that the job's newest process began, "" if none."""


class View(Protocol):
    """Who tells a person what happens."""

    def begun(self, job: Job) -> None:
        """Say that a job starts."""

    def ended(self, night: Night, job: Job) -> None:
        """Say what became of a job."""

    def show(self, night: Night, running: Mapping[int, Running], minutes_to_go: float) -> None:
        """Show what is going on."""


class NightRun:
    """Brings a night to its end within its budget. Jobs are known by their place in the night."""

    def __init__(self, home: Path, night: Night, limits: Limits, crew: Crew, view: View) -> None:
        self.home, self.night, self.limits, self.crew, self.view = home, night, limits, crew, view
        self.running: dict[int, Running] = {}
        self.began, self.used_before, self.written = time.monotonic(), night.used_seconds, 0.0
        self.before = {place: job.seconds or 0.0 for place, job in enumerate(night.jobs)}

    @property
    def left_minutes(self) -> float:
        """What is left of the budget."""
        return self.night.budget_minutes - self._used() / 60

    def go(self) -> Night:
        """Run until no job is left that fits, and return the finished night. Whatever stops it, no process stays behind."""
        try:
            self._write()
            while self._look():
                time.sleep(SECONDS_BETWEEN_LOOKS)
        except BaseException:
            for process in self.running.values():
                process.let_go()
            self._write()
            raise
        self._finish()
        return self.night

    def _look(self) -> bool:
        for place in list(self.running):
            self._watch(place)
        self._begin_all()
        if time.monotonic() - self.written > SECONDS_BETWEEN_WRITES:
            self._write()
        to_go = schedule.minutes_to_go(self.night.jobs, self.limits.slots, self.left_minutes)
        self.view.show(self.night, self.running, to_go)
        return bool(self.running)

    def _begin_all(self) -> None:
        place = self._next()
        while place is not None:
            self._begin(place)
            place = self._next()

    def _next(self) -> int | None:
        return schedule.next_job(self.night.jobs, list(self.running), self.limits.slots, self.left_minutes)

    def _begin(self, place: int) -> None:
        job = self.night.jobs[place]
        self.running[place] = self.crew.start(self.night, job)
        self.night = self.night.with_job(place, job._replace(state="running"))
        self._write()
        self.view.begun(job)

    def _watch(self, place: int) -> None:
        process, job = self.running[place], self.night.jobs[place]
        code = process.poll()
        if code is not None:
            self._end(place, self.crew.settle(job, process, code))
            return
        state, reason = self._over(process)
        if state:
            process.stop()
            self._end(place, job._replace(state=state, reason=reason, invocation=self.crew.made(job)))

    def _over(self, process: Running) -> tuple[str, str]:
        """The state and the reason of a job that is over a limit, else two empty texts."""
        if process.seconds > self.limits.job_minutes * 60:
            return "failed", f"hung: over {self.limits.job_minutes:g} minutes"
        if process.memory() > self.limits.gibibytes * GIBIBYTE:
            return "failed", f"out of memory: over {self.limits.gibibytes:.3g} GiB"
        if self.left_minutes <= 0:
            return "left out", f"stopped after {process.seconds / 60:.0f} minutes, at the end of the budget"
        return "", ""

    def _end(self, place: int, job: Job) -> None:
        process = self.running.pop(place)
        job = job._replace(seconds=self._seconds(place, process))
        self.night = self.night.with_job(place, job)
        if job.state == "failed" and not job.invocation:
            self._leave_the_rest_out(job)
        self._write()
        self.view.ended(self.night, job)

    def _leave_the_rest_out(self, failed: Job) -> None:
        """What cannot be installed or imported has no price, and what was not priced takes no turns."""
        for place, job in enumerate(self.night.jobs):
            is_later = nights.PHASES.index(job.phase) > nights.PHASES.index(failed.phase)
            if failed.stack in (job.stack, job.beside) and is_later and job.state in nights.OPEN:
                reason = f"the {failed.phase} job of {failed.stack} recorded nothing"
                self.night = self.night.with_job(place, job._replace(state="left out", reason=reason))

    def _seconds(self, place: int, process: Running) -> float:
        return round(self.before[place] + process.seconds, 1)

    def _used(self) -> float:
        return self.used_before + time.monotonic() - self.began

    def _write(self) -> None:
        for place, process in self.running.items():
            self.night = self.night.with_job(place, self.night.jobs[place]._replace(seconds=self._seconds(place, process)))
        self.night = self.night._replace(used_seconds=round(self._used(), 1), seen=utc_now())
        nights.write(self.home, self.night)
        self.written = time.monotonic()

    def _finish(self) -> None:
        for place, job in enumerate(self.night.jobs):
            if job.state in nights.OPEN:
                reason = f"{job.minutes:.0f} minutes did not fit into the budget"
                self.night = self.night.with_job(place, job._replace(state="left out", reason=reason))
        self.night = self.night._replace(finished=utc_now(), published=False)
        self._write()
