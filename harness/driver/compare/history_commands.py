"""The command `harness history`: in which night did a stack change, and what was installed that night?"""

import json
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import location, nights, printing, sources
from harness.store import Store, default_home

if TYPE_CHECKING:
    from harness.driver.compare.history import Event, Night
    from harness.driver.compare.life import Life


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

    store, declared = Store(default_home(location.ROOT)), declarations.load(FOLDER)
    all_nights = nights.read_all(store.home)
    found = [told.of(declared, store, all_nights, stack) for stack in sources.recorded(store.stacks(), stacks)]
    if is_json:
        click.echo(json.dumps({life.stack: _plain(runs, events) for life, runs, events in found}, indent=2))
        return
    for life, _, _ in found:
        _tell(life)


def _tell(life: "Life") -> None:
    screen = printing.console()
    screen.print(Text(life.sentence, style="bold"))
    for line in life.lines:
        screen.print(Text(f"  {line}"), soft_wrap=True)


def _plain(runs: "list[Night]", events: "list[Event]") -> dict[str, Any]:
    plain = [{**one._asdict(), "key": one.key._asdict(), "metric": one.metric.name if one.metric else None} for one in events]
    return {"nights": [{"invocation": one.invocation, "day": one.day} for one in runs], "changes": plain}
