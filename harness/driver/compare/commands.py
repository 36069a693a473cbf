"""The command `harness compare`: reads the call, and leaves reading, deciding and printing to others."""

import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from harness import declarations, framings
from harness.declarations import FOLDER
from harness.driver import location, printing
from harness.driver.compare import sequential
from harness.driver.compare.asked import FALSE_ALARMS, Asked
from harness.driver.endings import INTERRUPTED
from harness.driver.running import Caller
from harness.store import Store, default_home

if TYPE_CHECKING:
    from harness.driver.compare.comparison import Comparison
    from harness.driver.compare.settling import More

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("base")
@click.argument("new")
@click.option("--framing", "names", multiple=True, type=click.Choice(framings.NAMES), help="Only this framing; repeatable.")
@click.option("--edition", type=click.Choice(framings.EDITIONS), help="Only this edition of the tutorial.")
@click.option(
    "--false-alarms",
    default=FALSE_ALARMS,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="The chance of one or more false alarms in a whole table.",
)
@click.option("--until-decided", "is_settled", is_flag=True, help="Train more seeds where nothing is decided, sixty at most.")
@click.option("--costs", "is_cost", is_flag=True, help="Only what calls cost.")
@click.option(
    "--pairs",
    default=str(sequential.MOST_TIMED),
    show_default=True,
    type=click.Choice([str(size) for size in sequential.sizes(sequential.FIRST_TIMED, sequential.MOST_TIMED)]),
    help="With --until-decided: time no more pairs of processes in turns.",
)
@click.option("--all", "is_all", is_flag=True, help="Tell every metric, also what is the same.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--markdown", type=FILE, metavar="FILE", help="Write it as Markdown, too, for a pull request.")
@click.option("--junit", type=FILE, metavar="FILE", help="Write it as JUnit's XML, too, for a build server.")
@click.pass_context
def compare(
    ctx: click.Context,
    base: str,
    new: str,
    names: tuple[str, ...],
    edition: str | None,
    false_alarms: float,
    is_settled: bool,
    is_cost: bool,
    pairs: str,
    is_all: bool,
    is_json: bool,
    markdown: Path | None,
    junit: Path | None,
) -> None:
    """Say of every framing and metric whether NEW is the same as BASE, better, worse, or not decided yet.

    BASE and NEW are each a stack (all its runs on what it has installed now), STACK@DAY, a day (all stacks of it),
    `baseline` (what was accepted, see `harness baseline`), an invocation, a file of records, or a run of MLflow.

    \b
    harness compare tf2.15 tf2.21
    harness compare baseline tf2
    harness compare newest@2026-11-21 newest@2026-11-22
    harness compare expectations/records/variable_length.jsonl.gz tf2 --framing variable_length
    harness compare tf2.15 tf2.21 --framing time_steps --until-decided
    harness compare tf2.15 tf2.21 --costs --until-decided

    Exit code 0: nothing got worse; 1: something did; 2: the call was wrong; 3: undecided, more seeds are needed, or nothing
    can be compared; 130: interrupted.
    """
    if not is_settled and ctx.get_parameter_source("pairs") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--pairs bounds what --until-decided times: give both, or neither")
    try:
        found = _found(Asked(base, new, names, edition, false_alarms, is_cost, int(pairs)), is_settled)
    except KeyboardInterrupt:
        click.echo("harness: interrupted; what was recorded by now is kept, and the same call goes on from there", err=True)
        ctx.exit(INTERRUPTED)
    _tell(found, is_all, is_json, markdown, junit)
    ctx.exit(found.exit_code)


def _found(asked: Asked, is_settled: bool) -> "Comparison":
    # Here, because SciPy and statsmodels take two seconds that no other command should wait for.
    from harness.driver.compare import comparing  # noqa: PLC0415 - see above

    store, declared = Store(default_home(location.ROOT)), declarations.load(FOLDER)
    if is_settled:
        return comparing.settle(asked, store, declared, partial(_train, store.home))[0]
    return comparing.compare(asked, store, declared)[0]


def _tell(found: "Comparison", is_all: bool, is_json: bool, markdown: Path | None, junit: Path | None) -> None:
    from harness.driver.compare import markup, report, view  # noqa: PLC0415 - as above

    for path, write in ((markdown, markup.markdown), (junit, markup.junit)):
        if path:
            printing.write(path, write(found))
    if is_json:
        click.echo(json.dumps(report.plain(found), indent=2, allow_nan=False))
    else:
        view.show(found, printing.console(), is_all)


def _train(home: Path, several: "Sequence[More]") -> None:
    from harness.driver.compare import settling  # noqa: PLC0415 - as above

    click.echo(settling.announcement(several), err=True)
    settling.train(Caller(location.ROOT, os.environ, home), several, partial(click.echo, err=True))
