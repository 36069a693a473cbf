"""The command `harness clean`: run a stack's quick stages over and over, and count how often they cry wolf."""

import json
import os
from functools import partial

import click
from rich.console import Console

from harness import machine
from harness.driver import clean_runs, cut_short, location, printing, stacks, trials
from harness.driver.clean_runs import CleanRun
from harness.driver.errors import SelfcheckError
from harness.driver.running import Caller
from harness.store import default_home


@click.command("clean")
@click.argument("stack")
@click.option("--runs", "count", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@click.option("--from", "first", type=click.IntRange(1), default=1, show_default=True, help="The first seed.")
@click.option("--stages", "is_short", is_flag=True, help="The stages alone, ten seconds a run of tf2.")
@click.option("--jobs", type=click.IntRange(1), help="At a time; else one for each core it may use.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON; the lines go to standard error.")
@click.pass_context
def clean(ctx: click.Context, stack: str, count: int, first: int, is_short: bool, jobs: int | None, is_json: bool) -> None:
    """Run the stages and the contract of STACK as it is over and over, a new seed each time, and count the alarms.

    A stack that nothing changed should raise none: this measures how often the harness is wrong. Each run takes one to three
    minutes on tf2; the contract, which most of that goes into, has no seed. Ctrl-C sums up what is known by then.

    \b
    harness clean tf2
    harness clean tf2 --runs 300 --from 1001 --stages

    Exit code 0: no alarm; 1: one or more; 2: the call was wrong; 130: interrupted.
    """
    stacks.chosen(stacks.load(), [stack])
    found: list[CleanRun] = []
    home, screen, seeds = default_home(location.ROOT), printing.console(is_error=is_json), range(first, first + count)
    told = clean_runs.runs(Caller(location.ROOT, os.environ, home), stack, seeds, jobs or machine.cores(), is_short)
    end = cut_short.gather(found, trials.kept(home, f"{trials.CLEAN}/{stack}", told), partial(_show, screen))
    if end is None and len(found) < count:
        end = SelfcheckError(f"{stack} made {len(found)} runs alone; see what `tox -e {stack}` says")
    alarms = sum(bool(one.by) for one in found)
    if is_json:
        known = {"stack": stack, "runs": len(found), "alarms": alarms, "whole": end is None}
        click.echo(json.dumps({**known, **clean_runs.limits(found), "found": [one._asdict() for one in found]}, indent=2))
    else:
        click.echo(clean_runs.sentence(stack, found))
    cut_short.leave(ctx, end, int(bool(alarms)))


def _show(screen: Console, one: CleanRun) -> None:
    said = one.sentence or "silent"
    screen.print(f"seed {one.seed}  {one.seconds:6.1f} s  {said}", soft_wrap=True, highlight=False)
