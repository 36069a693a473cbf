"""The command `harness report`: reads the call, and leaves gathering, deciding and printing to others."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness import declarations, framings
from harness.declarations import FOLDER
from harness.driver import location, nights, printing
from harness.driver.compare.asked import FALSE_ALARMS
from harness.driver.errors import ReportError
from harness.driver.nights import Night
from harness.errors import UserError
from harness.store import Store, default_home

if TYPE_CHECKING:
    from harness.driver.atlas import Atlas
    from harness.driver.trials import NightTrial


FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--night", metavar="NAME", help="This night instead of the newest.")
@click.option(
    "--nights", "count", default=1, show_default=True, type=click.IntRange(1), help="Nights pooled to compare stacks."
)
@click.option("--edition", type=click.Choice(framings.EDITIONS), help="Only this edition of the tutorial.")
@click.option("--stack", "stacks", multiple=True, metavar="NAME", help="Only this stack; repeatable.")
@click.option("--html", "page", metavar="FILE", type=FILE, help="Write a page, too.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--markdown", type=FILE, metavar="FILE", help="Write it as Markdown, too, for a pull request.")
@click.option("--junit", type=FILE, metavar="FILE", help="Write it as JUnit's XML, too, for a build server.")
@click.pass_context
def report(
    ctx: click.Context,
    night: str | None,
    count: int,
    edition: str | None,
    stacks: tuple[str, ...],
    page: Path | None,
    is_json: bool,
    markdown: Path | None,
    junit: Path | None,
) -> None:
    """Draw the atlas: every stack of the newest night, what it learns, answers and costs, and what changed in between.

    A stack that had no part in the night stands with its newest runs and their day. Prices are relative to tf2.

    \b
    harness report
    harness report --html report.html
    harness report --edition 2017-03 --nights 3
    harness report --markdown report.md --junit report.xml

    Exit code 0: all is as declared; 1: something was missed, mended or not observed, or is worse than in the night before or
    than the baseline, or a stack or its price failed; 2: the call was wrong.
    """
    # Here, because SciPy and the template take a second that no other command should wait for.
    from harness.driver import report_json, report_markup, report_page, report_text  # noqa: PLC0415 - see above

    drawn = draw(night, count, edition, stacks)
    forms = {page: report_page.render, markdown: report_markup.markdown, junit: report_markup.junit}
    files = [(path, write) for path, write in forms.items() if path]
    for path, write in files:
        printing.write(path, write(drawn))
    if is_json:
        click.echo(json.dumps(report_json.plain(drawn), indent=2, allow_nan=False))
    else:
        report_text.show(drawn)
        click.echo("".join(f"wrote {path}\n" for path, _ in files), nl=False)
    ctx.exit(int(drawn.is_failing))


def draw(night: str | None = None, count: int = 1, edition: str | None = None, stacks: tuple[str, ...] = ()) -> "Atlas":
    """Return the atlas of the newest night or of that one, with what changed; `count` nights are pooled."""
    from harness.driver import sheets, sources, trust  # noqa: PLC0415 - as above
    from harness.driver.compare import history, nightly, unchanged  # noqa: PLC0415 - as above

    store, declared = Store(default_home(location.ROOT)), declarations.load(FOLDER)
    known_nights = _nights(nights.read_all(store.home), night)
    chosen = known_nights[-count:]
    names = sources.declared()
    found = sources.gather(store, chosen, names)
    known = [source.stack for source in found]
    sources.recorded(known, stacks)
    drawn = sheets.draw(declared, found, chosen[-1] if chosen else None, edition, [name for name in names if name not in known])
    if edition and not any(sheet.rows for sheet in drawn.sheets):
        raise ReportError(f"no records of edition {edition!r}; known: {', '.join(sheets.editions(found))}")
    since = nightly.since(declared, store, known_nights, FOLDER, FALSE_ALARMS)
    if chosen and chosen[-1].finished:
        _keep(store.home, unchanged.trial(declared, store, chosen[-1], FOLDER, FALSE_ALARMS, since))
    lives = history.lives(declared, store, known_nights)
    costs = nightly.costs(declared, store, chosen, FALSE_ALARMS)
    return sheets.only(drawn._replace(since=since, costs=costs, lives=lives, trust=trust.gather(store.home)), stacks)


def _keep(home: Path, trial: "NightTrial") -> None:
    """Write down what the night called a change, unless that is known; where nothing can be written the report goes on."""
    from harness.driver import trials  # noqa: PLC0415 - as above

    try:
        if trial not in trials.read(home, trials.NIGHTS, type(trial)):
            trials.keep(home, trials.NIGHTS, trial)
    except UserError as error:
        click.echo(f"harness: {error}", err=True)


def _nights(found: list[Night], name: str | None) -> list[Night]:
    """Return the nights up to the one of that name, or all."""
    if name is None:
        return found
    names = [night.name for night in found]
    if name not in names:
        raise ReportError(f"there is no night {name!r}; known: {', '.join(names) or 'none'}")
    return found[: names.index(name) + 1]
