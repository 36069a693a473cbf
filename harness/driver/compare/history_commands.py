"""The command `harness history`: in which night did a stack change, and what was installed that night?"""

import json
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import location, nights, printing
from harness.driver.errors import ChoiceError
from harness.store import Store, default_home

if TYPE_CHECKING:
    from harness.driver.compare.history import Event, Night


@click.command()
@click.argument("stacks", nargs=-1, metavar="[STACK]...")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of lines.")
def history(stacks: tuple[str, ...], is_json: bool) -> None:
    """Tell in which night each STACK (or every one that has records) began to do otherwise, and what was installed then.

    A stack that repeats itself is told to the last bit. Of one that does not, the medians of its nights are searched by a
    vote of change-point detectors, from eight nights on; shuffled nights say how often a vote finds as much by chance.
    Costs are those of a night as multiples of what tf2 cost in it.

    \b
    harness history newest
    """
    # Here, because SciPy, statsmodels and ruptures take seconds that no other command should wait for.
    from harness.driver.compare import history as told  # noqa: PLC0415 - see above
    from harness.driver.compare import lines  # noqa: PLC0415 - as above

    store, declared = Store(default_home(location.ROOT)), declarations.load(FOLDER)
    known, all_nights = store.stacks(), nights.read_all(store.home)
    for stack in stacks:
        if stack not in known:
            raise ChoiceError(f"no records of stack {stack!r}; known: {', '.join(known) or 'none'}")
    found = {}
    for stack in stacks or known:
        runs = told.nights(declared, lines.read(store.records_path(stack)))
        found[stack] = (runs, told.events([*runs, *told.priced(declared, store, all_nights, stack)]))
    if is_json:
        click.echo(json.dumps({stack: _plain(*one) for stack, one in found.items()}, indent=2))
        return
    for stack, (runs, events) in found.items():
        _tell(stack, runs, events)


def _tell(stack: str, runs: "list[Night]", events: "list[Event]") -> None:
    from harness.driver.compare.history import lines_of  # noqa: PLC0415 - as above

    screen = printing.console()
    span = f"{runs[0].day[:10]} to {runs[-1].day[:10]}"
    screen.print(Text(f"{stack}: {len(runs)} runs of the suite, {span}", style="bold"))
    for line in lines_of(events) or ["nothing changed"]:
        screen.print(Text(f"  {line}"), soft_wrap=True)


def _plain(runs: "list[Night]", events: "list[Event]") -> dict[str, Any]:
    plain = [{**one._asdict(), "key": one.key._asdict(), "metric": one.metric.name if one.metric else None} for one in events]
    return {"nights": [{"invocation": one.invocation, "day": one.day} for one in runs], "changes": plain}
