"""The command `harness selfcheck`: break a stack's framework on purpose, and see whether the harness notices."""

import json
import os
from functools import partial

import click
from rich.console import Console
from rich.text import Text

from harness import faults, machine
from harness.driver import cut_short, location, printing, selfchecks, stacks, trials
from harness.driver.errors import SelfcheckError
from harness.driver.running import Caller
from harness.driver.selfchecks import Outcome
from harness.store import default_home

NAMES = [fault.name for fault in faults.FAULTS]
WIDTH = max(map(len, NAMES))
COLOURS = {"caught": "green", "survived": "red", "equivalent": "yellow", "no place": "yellow"}


@click.command("selfcheck")
@click.argument("stack")
@click.option("--fault", "chosen", multiple=True, metavar="NAME", help="Only this fault; repeatable.")
@click.option("--jobs", type=click.IntRange(1), help="At a time; else one for each core it may use.")
@click.option("--list", "is_list", is_flag=True, help="List the faults and plant none.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON; the lines go to standard error.")
@click.pass_context
def selfcheck(ctx: click.Context, stack: str, chosen: tuple[str, ...], jobs: int | None, is_list: bool, is_json: bool) -> None:
    """Plant one fault after the other into the framework of STACK, while it runs, and tell by what each is caught.

    Nothing on disk is changed. The suite's quick parts are asked in their order (stages, contract, checks of two epochs), until
    one misses what is declared; a fault that none of them misses has survived. The stack as it is comes first, and must miss
    nothing: that takes one to three minutes. Ctrl-C sums up what is known by then.

    \b
    harness selfcheck tf2
    harness selfcheck tf2 --fault swapped_states --fault large_epsilon

    Exit code 0: every fault that has a place there is caught; 1: one survived; 2: the call was wrong; 130: interrupted.
    """
    _check(stack, chosen)
    if is_list:
        _list(chosen or NAMES, is_json)
        return
    found: list[Outcome] = []
    home, screen = default_home(location.ROOT), printing.console(is_error=is_json)
    told = selfchecks.outcomes(Caller(location.ROOT, os.environ, home), stack, chosen, jobs or machine.cores())
    end = cut_short.gather(found, trials.kept(home, f"{trials.FAULTS}/{stack}", told), partial(_show, screen))
    if end is None and len(found) < len(set(chosen) or NAMES):
        end = SelfcheckError(f"the self-check of {stack} told of {len(found)} faults alone; see what `tox -e {stack}` says")
    found.sort(key=lambda one: NAMES.index(one.fault))  # Of several jobs they come as they end.
    total = selfchecks.total(found)
    if is_json:
        click.echo(json.dumps({**total._asdict(), "stack": stack, "faults": [one._asdict() for one in found]}, indent=2))
    else:
        click.echo(f"{stack}: {total.sentence}")
    cut_short.leave(ctx, end, int(bool(total.survivors)))


def _check(stack: str, chosen: tuple[str, ...]) -> None:
    stacks.chosen(stacks.load(), [stack])
    unknown = sorted(set(chosen) - set(NAMES))
    if unknown:
        raise click.UsageError(f"unknown fault {unknown[0]!r}; `harness selfcheck {stack} --list` tells all")


def _list(names: tuple[str, ...] | list[str], is_json: bool) -> None:
    told = [one for one in faults.FAULTS if one.name in names]
    if is_json:
        click.echo(json.dumps([{"fault": one.name, "kind": one.kind, "says": one.says} for one in told], indent=2))
        return
    for one in told:
        click.echo(f"{one.name:{WIDTH}}  {one.kind:9}  {one.says}")


def _show(screen: Console, one: Outcome) -> None:
    """Print one line: colour only on a terminal, and not where NO_COLOR is set."""
    mark = "" if one.is_right or one.state != "caught" else " (another stage was expected)"
    line = Text(f"{one.fault:{WIDTH}}  ").append(f"{one.state:10}", style=COLOURS[one.state])
    screen.print(line.append(f"  {one.seconds:6.1f} s  {one.by}{mark}".rstrip()), soft_wrap=True)
