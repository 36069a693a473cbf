"""Puts a night before a person: what is going on, line by line or in place, and the table of what became of it."""

from collections.abc import Mapping

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.driver import nights
from harness.driver.night_run import Running
from harness.driver.nights import Job, Night
from harness.driver.printing import COLOURS, console, empty_table
from harness.driver.summary import many

STATES = {"done": "green", "failed": "bold red", "absent": "yellow", "left out": "yellow"}
COLUMNS = ("stack", "phase", "state", "verdict", "minutes", "reason")
PAINTED_PER_SECOND = 2
ONE_AND_A_HALF = 1.5
UNFOLDED = 1000  # A line in a log stays one line.


class Progress:
    """Tells what happens: in place on a terminal, else one line for each job's start and end."""

    def __init__(self, screen: Console) -> None:
        self.screen = screen
        self.live = Live(console=screen, refresh_per_second=PAINTED_PER_SECOND, transient=True) if screen.is_terminal else None

    def __enter__(self) -> "Progress":
        if self.live:
            self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self.live.stop()

    def begun(self, job: Job) -> None:
        """Say that a job starts; on a terminal it is seen anyway."""
        if not self.live:
            self.screen.print(f"{job.label}: begins, {roughly(job.minutes_left)}", markup=False)

    def ended(self, night: Night, job: Job) -> None:
        """Say what became of a job."""
        over = sum(one.state not in nights.OPEN for one in night.jobs)
        line = Text(f"{job.label}: ").append(job.state, style=STATES.get(job.state, ""))
        line.append(f" after {minutes(job)} minutes" + (f", {job.verdict}" if job.verdict else ""))
        self.screen.print(line.append(f" ({over} of {len(night.jobs)})" + (f": {job.reason}" if job.reason else "")))

    def show(self, night: Night, running: Mapping[int, Running], minutes_to_go: float) -> None:
        """Paint the running jobs with what each does, how many are over, and when the night will roughly end."""
        if not self.live:
            return
        drawn = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        for place, process in running.items():
            job = night.jobs[place]
            doing = process.doing or ("taking turns" if job.beside else "installing, or starting")
            drawn.add_row(job.label, f"{process.seconds / 60:.1f} min", doing)
        over = sum(job.state not in nights.OPEN for job in night.jobs)
        used = f"{night.used_seconds / 60:.0f} of {night.budget_minutes} minutes"
        self.live.update(Group(drawn, f"{over} of {len(night.jobs)} jobs, {used}; {roughly(minutes_to_go)} to go"))


def show(night: Night) -> None:
    """Print the night's table on standard output, and under it what was left out."""
    screen = console()
    screen.print(Text(headline(night)))
    screen.print(table(night))
    if night.worse:
        told = f"worse since the night before, or the baseline: {many(night.worse, 'metric')}; `harness report` names them"
        screen.print(Text(told, style="bold red"), soft_wrap=True)
    for job in night.jobs:
        if job.state == "left out":
            screen.print(Text(f"left out: {job.label}, {roughly(job.minutes)}: {job.reason}"), soft_wrap=True)


def headline(night: Night) -> str:
    """Return the night in one line: how many jobs came to what, and how much of the budget that took."""
    counts = [(state, sum(job.state == state for job in night.jobs)) for state in nights.STATES]
    told = ", ".join(f"{count} {state}" for state, count in counts if count)
    return (
        f"night {night.name}, edition {night.edition}: {told}; {night.used_seconds / 60:.0f} of {night.budget_minutes} minutes"
    )


def table(night: Night) -> Table:
    """Return what became of each job that was not left out, as a table for a terminal."""
    drawn = empty_table()
    for name in COLUMNS:
        drawn.add_column(name, justify="right" if name == "minutes" else "left", no_wrap=name != "reason")
    for job in night.jobs:
        if job.state != "left out":
            state, verdict = Text(job.state, STATES.get(job.state, "")), Text(job.verdict, COLOURS.get(job.verdict, ""))
            phase = job.label.removeprefix(job.stack).strip()
            drawn.add_row(job.stack, phase, state, verdict, minutes(job), Text(job.reason))
    return drawn


def roughly(minutes: float) -> str:
    """Return an estimate in words."""
    return "under a minute" if minutes < 1 else "about a minute" if minutes < ONE_AND_A_HALF else f"about {minutes:.0f} minutes"


def minutes(job: Job) -> str:
    """Return how long the job took, "" where it never ran."""
    return "" if job.seconds is None else f"{job.seconds / 60:.1f}"
