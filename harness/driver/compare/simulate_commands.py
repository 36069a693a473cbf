"""The command `harness simulate`: how often `harness compare` is wrong, and what it finds, on runs whose truth is known."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from rich.progress import Progress
from rich.table import Table

from harness import declarations, machine
from harness.declarations import FOLDER
from harness.driver import cut_short, printing
from harness.driver.compare import sequential
from harness.driver.compare.commands import FALSE_ALARMS
from harness.driver.forking import forked

if TYPE_CHECKING:
    from harness.driver.compare.simulation import Case, Followed

T = TypeVar("T")
FEWEST = click.IntRange(1, sequential.MOST)
CHUNK = 10  # Pieces of work handed to a process at a time.


class Tally(NamedTuple):
    """What became of one case over so many deals: words after the first look and after the last, mean runs of NEW."""

    framing: str
    metric: str
    change: str
    base: int
    first: dict[str, int]
    last: dict[str, int]
    runs: float


@click.command()
@click.option("--nights", default=1000, show_default=True, type=click.IntRange(0), help="Nights without a change.")
@click.option("--deals", default=100, show_default=True, type=click.IntRange(0), help="Deals of each case that is followed.")
@click.option("--base", default=30, show_default=True, type=click.IntRange(2), help="Runs of BASE in those.")
@click.option("--new", "first", default=5, show_default=True, type=FEWEST, help="Runs of NEW at the first look.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Of the dealing.")
@click.option("--jobs", type=click.IntRange(1), help="At a time; else one for each core it may use.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def simulate(
    ctx: click.Context, nights: int, deals: int, base: int, first: int, seed: int, jobs: int | None, is_json: bool
) -> None:
    """Deal real runs of one stack to two sides, unchanged or changed by so much, and count what `harness compare` says.

    The runs are those that expectations/ was counted on. A night is 29 stacks of six framings, half of each for BASE, and 28
    neighbours of which fourteen pairs of processes took turns. A case is one metric, followed as --until-decided follows it,
    up to sixty runs. Ctrl-C tells what is counted by then.

    \b
    harness simulate --nights 10000 --deals 0
    harness simulate --nights 0 --deals 200 --base 100
    """
    # Here, because SciPy and statsmodels take two seconds that no other command should wait for.
    from harness.driver.compare import simulation, turned  # noqa: PLC0415 - see above

    pools = simulation.pools(declarations.load(FOLDER), FOLDER)
    cases = simulation.cases(pools, base) if deals else []
    _check(nights, deals, base, cases)
    a_night = partial(simulation.numbered_night, pools, turned.load(FOLDER), FALSE_ALARMS, seed)
    a_deal = partial(simulation.numbered_deal, pools, cases, first, FALSE_ALARMS, seed)
    alarms: list[int] = []
    followed: list[Followed] = []
    with forked(jobs or machine.cores()) as pool, Progress(console=printing.console(is_error=True), transient=True) as progress:
        end = _gather(alarms, pool.imap(a_night, range(nights), CHUNK), progress, "nights", nights)
        if end is None:
            count = deals * len(cases)
            end = _gather(followed, pool.imap(a_deal, range(count), CHUNK), progress, "deals", count)
    _tell(alarms, list(_tallies(cases, followed)), is_json)
    cut_short.leave(ctx, end, 0)


def _check(nights: int, deals: int, base: int, cases: Sequence["Case"]) -> None:
    if not nights and not deals:
        raise click.UsageError("--nights 0 and --deals 0 leave nothing to do; give one of them a number")
    if deals and not cases:
        raise click.UsageError(f"--base {base}: no framing has so many reference runs and sixty more for NEW; give fewer")


def _gather(into: list[T], told: Iterable[T], progress: Progress, what: str, count: int) -> BaseException | None:
    task = progress.add_task(what, total=count)
    return cut_short.gather(into, told, lambda one: progress.advance(task))


def _tallies(cases: Sequence["Case"], followed: Sequence["Followed"]) -> Iterator[Tally]:
    for place, case in enumerate(cases):
        mine = followed[place :: len(cases)]
        if not mine:  # Interrupted before its turn came.
            continue
        first, last = Counter(one.first for one in mine), Counter(one.last for one in mine)
        runs = sum(one.runs for one in mine) / len(mine)
        yield Tally(case.framing, case.metric.name, case.change, case.base, dict(first), dict(last), runs)


def _tell(alarms: Sequence[int], tallies: Sequence[Tally], is_json: bool) -> None:
    raised = sum(bool(one) for one in alarms)
    if is_json:
        found: dict[str, Any] = {"nights": len(alarms), "alarms": raised, "cases": [one._asdict() for one in tallies]}
        click.echo(json.dumps(found, indent=2))
        return
    if alarms:
        from harness.driver.clean_runs import bound  # noqa: PLC0415 - SciPy, as above

        least = f"at most {bound(raised, len(alarms)):.2%} do, with 95% confidence"
        click.echo(f"{raised} of {len(alarms)} nights without a change raised an alarm; {least}")
    if tallies:
        printing.console().print(_table(tallies))


def _table(tallies: Iterable[Tally]) -> Table:
    drawn = printing.empty_table()
    for name in ("framing", "metric", "change", "base", "first look", "in the end", "runs of NEW"):
        drawn.add_column(name, justify="right" if name in ("base", "runs of NEW") else "left")
    for one in tallies:
        words = (", ".join(f"{count} {word}" for word, count in sorted(each.items())) for each in (one.first, one.last))
        drawn.add_row(one.framing, one.metric, one.change, str(one.base), *words, f"{one.runs:.1f}")
    return drawn
