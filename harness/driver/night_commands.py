"""`harness night`: the call, and what follows the night's end: MLflow and the report."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
import psutil

from harness import declarations, framings, machine
from harness.declarations import FOLDER
from harness.driver import (
    candidates,
    gathering,
    location,
    night_view,
    nights,
    printing,
    publishing,
    report_commands,
    schedule,
    stacks,
)
from harness.driver.crew import Crew
from harness.driver.endings import INTERRUPTED
from harness.driver.errors import NightError
from harness.driver.night_run import GIBIBYTE, Limits, NightRun
from harness.driver.nights import Night
from harness.errors import UserError
from harness.parent import end_with_parent
from harness.store import Store, default_home, new_name, utc_now

# PyTorch learns in 90 to 130 minutes beside another job on two cores: `within_batch` takes 25 for five seeds, one seed of
# variable length 49 on a quiet machine.
JOB_MINUTES = 200.0


@click.command()
@click.option("--stacks", "chosen", default="", metavar="A,B", help="Only these stacks of the declared ones.")
@click.option("--edition", default=framings.NEWEST_EDITION, show_default=True, help="The edition of the tutorial to learn.")
@click.option(
    "--budget", default=240, show_default=True, type=click.IntRange(1), metavar="MINUTES", help="For the whole night."
)
@click.option("--jobs", "slots", type=click.IntRange(1), metavar="N", help="At a time; else one for each core it may use.")
@click.option(
    "--job-minutes",
    default=JOB_MINUTES,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="A longer job is killed.",
)
@click.option(
    "--memory", type=click.FloatRange(0, min_open=True), metavar="GIB", help="A job over it is killed; else its share of all."
)
@click.option("--fresh", is_flag=True, help="Do not go on with a night that was stopped: begin another.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def night(
    ctx: click.Context,
    chosen: str,
    edition: str,
    budget: int,
    slots: int | None,
    job_minutes: float,
    memory: float | None,
    fresh: bool,
    is_json: bool,
) -> None:
    """Run the whole matrix, each stack in its own process: learn, price, take turns; publish and report what came out.

    New releases come first, then what failed or was undecided in their last night, then what waited longest. What does not
    fit into the budget is left out and listed. A stack that crashes, hangs, runs out of memory or does not install costs
    only its own jobs; one whose Python is missing is absent. At last each is timed in turns with the one before it. The call
    goes on with a night that stopped within 20 hours, or publishes it if that is all it lacks.

    \b
    harness night
    harness night --stacks tf2,tf2.15 --budget 30

    Exit code 0: all is as declared; 1: something was missed, mended or got worse, or a job failed; 2: a wrong call; 130: ^C.
    """
    if "TOX_ENV_NAME" in os.environ:  # A shell that ends, as under nohup, is no reason to; a killed tox is.
        end_with_parent()
    framings.framings(edition)
    limits = _limits(slots, job_minutes, memory)
    store = Store(default_home(location.ROOT))
    with nights.alone(store.home):
        opened = _opened(store.home, _split(chosen), edition, budget, fresh)
        finished = opened if opened.finished else _run(store, opened, limits)
        if finished is None:
            raise click.exceptions.Exit(INTERRUPTED)
        finished = _conclude(store, finished)
    if is_json:
        click.echo(json.dumps({**nights.as_json(finished), "exit_code": finished.exit_code}, indent=2))
    else:
        night_view.show(finished)
    ctx.exit(finished.exit_code)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def gather(folders: tuple[Path, ...]) -> None:
    """Bring the records of other homes into this one, and make one night of theirs; doing so again changes nothing.

    For nights whose stacks ran on several machines: each leaves a folder as $HARNESS_HOME is one. What becomes one is the
    newest night of each, where they are of one edition and began within 20 hours; older nights are copied.

    \b
    harness gather night-tf2 night-jax
    """
    home = default_home(location.ROOT)
    with nights.alone(home):
        for one in gathering.gather(home, folders):
            click.echo(night_view.headline(one))


def _split(chosen: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in chosen.split(",") if name.strip()))


def _limits(slots: int | None, job_minutes: float, memory: float | None) -> Limits:
    count = slots or machine.cores()
    return Limits(count, job_minutes, memory or psutil.virtual_memory().total / GIBIBYTE / count)


def _opened(home: Path, chosen: tuple[str, ...], edition: str, budget: int, fresh: bool) -> Night:
    """Return the night to go on with, else a fresh one; one that was stopped too long ago is closed.

    A finished one is returned where it was killed before it was published. A fresh one publishes all that was recorded.
    """
    earlier, now = nights.read_all(home), utc_now()
    known = None if fresh else nights.unfinished(earlier, now)
    is_same = known is not None and (known.edition, known.chosen) == (edition, chosen)
    if known is not None and known.finished and is_same:
        click.echo(f"harness: night {known.name} is finished; it is only published and reported", err=True)
        return known
    if known is not None and not known.finished:
        if not is_same:
            raise NightError(
                f"night {known.name} ({_words(known)}) was stopped and asked for other stacks or another edition; "
                "call it with the same words to go on, or with --fresh to leave it"
            )
        return known._replace(budget_minutes=budget)
    asked = candidates.candidates(stacks.chosen(stacks.load(), chosen))
    earlier = [one if one.finished else nights.closed(one, now) for one in earlier]
    for one in earlier:
        if one.finished == now:
            nights.write(home, one)
    jobs = schedule.plan(asked, earlier, edition)
    return Night(new_name(), now, "", budget, jobs, edition, chosen)


def _words(known: Night) -> str:
    return " ".join(["harness night --edition", known.edition, *(["--stacks", ",".join(known.chosen)] if known.chosen else [])])


def _run(store: Store, begun: Night, limits: Limits) -> Night | None:
    """Return the finished night, None if it was interrupted: its file says how far it came."""
    crew = Crew(store, declarations.load(FOLDER), location.ROOT, os.environ)
    with _one_interrupt(), night_view.Progress(printing.console(is_error=True, width=night_view.UNFOLDED)) as view:
        run = NightRun(store.home, begun, limits, crew, view)
        try:
            return run.go()
        except KeyboardInterrupt:
            left = sum(job.state in nights.OPEN for job in run.night.jobs)
            click.echo(f"\nharness: stopped with {left} of {len(run.night.jobs)} jobs to go; the same call goes on", err=True)
            return None


@contextmanager
def _one_interrupt() -> Iterator[None]:
    """Take SIGINT and SIGTERM for one interrupt and be deaf from then on: tox sends them again and again."""
    known = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def interrupt(_: int, __: FrameType | None) -> None:
        for one in known:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    for one in known:
        signal.signal(one, interrupt)
    try:
        yield
    finally:
        for one, handler in known.items():
            if signal.getsignal(one) is interrupt:
                signal.signal(one, handler)


def _conclude(store: Store, finished: Night) -> Night:
    """Publish and report the night, and return it as written down after that."""
    _publish(store)
    finished = finished._replace(published=True, worse=_report(store.home / "report.html"))
    nights.write(store.home, finished)
    return finished


def _publish(store: Store) -> None:
    """Bring all records into MLflow; what MLflow refuses costs the night nothing."""
    try:
        found = [one for stack in store.stacks() for one in publishing.invocations(store, stack)]
        publishing.publish(declarations.load(FOLDER), found, store.home, location.tracking_uri())
    except UserError as error:
        click.echo(f"harness: {error}; `harness publish` brings the records in later", err=True)


def _report(path: Path) -> int:
    """Write the report to the path; return how many metrics it tells as worse than in the nights before, or the baselines."""
    from harness.driver import report_page  # noqa: PLC0415 - SciPy and the template, which a night loads when its jobs are over

    worse = 0
    try:
        drawn = report_commands.draw()
        worse = drawn.since.counts().get("worse", 0) if drawn.since else 0
        printing.write(path, report_page.render(drawn))
    except UserError as error:
        click.echo(f"harness: the report was not written: {error}", err=True)
    return worse
