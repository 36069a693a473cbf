"""`harness issues`: what the newest nights say, brought to the issue tracker."""

import json
from collections.abc import Iterator, Sequence

import click

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import location, nights, regressions, summary
from harness.driver.errors import NightError
from harness.driver.github import GitHub
from harness.driver.nights import Job, Night
from harness.driver.regressions import Finding
from harness.expectations import Declared
from harness.store import Store, default_home

ENDED = ("done", "failed")


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing; open issues are read all the same.")
@click.option(
    "--repo", "repository", default="", metavar="OWNER/NAME", help="On GitHub; else that of $GH_REPO or of this tree."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of lines.")
def issues(dry_run: bool, repository: str, is_json: bool) -> None:
    """Keep one GitHub issue for each regression: open it, bring it up to date, close it once all is as declared again.

    A regression is a stack, a framing, a probe and an edition; or a job that fails as a whole. What counts is the newest
    night in which the stack took part. `gh` must be there, and logged in or given a $GH_TOKEN that may write issues.

    \b
    harness issues --dry-run
    """
    store, tracker = Store(default_home(location.ROOT)), GitHub(repository)
    held = nights.read_all(store.home)
    if not held:
        raise NightError("there are no nights yet; `harness night` makes one")
    planned = regressions.actions(list(findings(store, declarations.load(FOLDER), held)), tracker.issues())
    for action in planned:
        if not dry_run:
            tracker.do(action)
        if not is_json:
            number = f" #{action.number}" if action.number else ""
            click.echo(f"{'would ' if dry_run else ''}{action.what}{number}: {action.title}")
    if is_json:
        click.echo(json.dumps([action._asdict() for action in planned], indent=2))
    elif not planned:
        click.echo("nothing to do: the open issues are as the newest nights have it")


def findings(store: Store, declared: Declared, held: Sequence[Night]) -> Iterator[Finding]:
    """Yield what the newest jobs of each stack, phase and edition say, and all verdicts over what they recorded.

    Of a phase with several rounds all that ended in the newest night speak.
    """
    newest: dict[tuple[str, str, str], tuple[Night, list[Job]]] = {}
    for night in held:
        for job in night.jobs:
            if job.state in ENDED:
                key = job.stack, job.phase, night.edition
                known, jobs = newest.get(key, (night, []))
                newest[key] = night, [*(jobs if known is night else []), job]
    for night, jobs in newest.values():
        for job in jobs:
            yield regressions.of_job(job, night)
            if job.state == "done" and job.phase == "learn":
                yield from _verdicts(store, declared, job, night)


def _verdicts(store: Store, declared: Declared, job: Job, night: Night) -> Iterator[Finding]:
    for group in summary.grouped(store.read(job.stack, job.invocation)):
        edition = group[0].question.framing["edition"]
        for verdict in summary.verdicts_of(declared, group):
            yield regressions.of_verdict(job.stack, edition, verdict, night.started)
