"""Puts the atlas before a person in a terminal. Everything in it was decided elsewhere."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.driver import phrases, prices, printing, trust
from harness.driver.atlas import Atlas, Cell, Row, Sheet, Stack
from harness.driver.compare import page, view
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.life import Life
from harness.driver.prices import Price
from harness.driver.stacks import NEWEST

COLOURS = {
    **printing.COLOURS,
    "failed": "bold red",
    "running": "yellow",
    "waiting": "yellow",
    "left out": "yellow",
    "none": "dim",
}
MOST = 12  # Sentences of one sort that a terminal is given; the page and --json hold all.


def show(atlas: Atlas, screen: Console | None = None) -> None:
    """Print the atlas: what changed, what failed, the tables, and what code must say differently."""
    screen = screen or printing.console()
    screen.print(Text(phrases.headline(atlas) + ": ").append(_word(atlas.verdict)))
    for title, found in ((phrases.SINCE, atlas.since), (phrases.COSTS, atlas.costs)):
        if found:
            _show_compared(title, found, screen)
    _lines(screen, "" if atlas.costs else phrases.COSTS, phrases.untimed(atlas.night))
    for sheet in atlas.sheets:
        _show_sheet(sheet, screen)
    _lines(screen, phrases.LIVES, _lives(atlas.lives))
    _show_adaptations(atlas.stacks, screen)
    if atlas.unseen:
        _lines(screen, "", [f"never run here: {', '.join(atlas.unseen)}"])
    if atlas.trust:
        _lines(screen, trust.TITLE, trust.sentences(atlas.trust), is_whole=False)
    _lines(screen, "", [phrases.RULE, phrases.base()], is_whole=False)


def _show_compared(title: str, found: Comparison, screen: Console) -> None:
    screen.print()
    screen.print(Text(title, style="bold"))
    view.show(found, screen, is_all=False)
    _lines(screen, "", [f"{stack} alone: {found.calls[stack]}" for stack in page.to_look_at(found)])


def _show_sheet(sheet: Sheet, screen: Console) -> None:
    screen.print()
    screen.print(Text(f"{phrases.title(sheet)}; {phrases.tally(sheet.rows)}", style="bold"))
    changes = [one.sentence for one in sheet.compared.changes] or [phrases.has_no_changes(sheet.compared)]
    _lines(screen, "What changed from one stack to the next", [*changes, phrases.undecided(sheet.compared)])
    below = f"Below each verdict: the price of fit, {NEWEST} being 1 ({phrases.ALONE}), and the answers that follow a cold K"
    _print_table(screen, below, atlas_table(sheet))
    _lines(screen, "", [": ".join(one) for one in phrases.unfinished(sheet.rows)])
    told = [phrases.sentence(*one) for one in phrases.told(sheet.rows)]
    left = [f"... and {len(told) - MOST} more; --html and --json give all"] if len(told) > MOST else []
    _lines(screen, "", told[:MOST] + left)
    _print_table(screen, "Behaviours, over all framings", behaviours_table(sheet))
    for part, title in phrases.PARTS.items():
        _print_table(screen, f"{title}, {NEWEST} being 1, with its 95 % interval", prices_table(sheet, part))
    _print_table(screen, phrases.KERAS_3, keras_table(sheet))
    for place, name in enumerate(sheet.framings):
        title = (
            f"{name}: the commonest answer to each letter from a cold start; below, the tenths of seeds that give it (dot: all)"
        )
        if phrases.keeps_state(sheet, place):
            _print_table(screen, title, starts_table(sheet.rows, place))


def _print_table(screen: Console, title: str, table: Table) -> None:
    if table.row_count:
        screen.print()
        screen.print(Text(title, style="bold"))
        screen.print(table)


def _lines(screen: Console, title: str, lines: Iterable[str], is_whole: bool = True) -> None:
    said = [line for line in lines if line]
    if said:
        screen.print()
    if said and title:
        screen.print(Text(title, style="bold"))
    for line in said:
        # A sentence stays whole, so that it can be searched for and copied; the rules may fold.
        screen.print(Text(line), soft_wrap=is_whole)


def _table(*columns: str) -> Table:
    drawn = printing.empty_table()
    for name in columns:
        drawn.add_column(name)
    return drawn


def atlas_table(sheet: Sheet) -> Table:
    """Return the atlas: in each cell verdict and accuracy, below it the price of fit and what follows a cold K."""
    drawn = _table("stack", *sheet.framings)
    for row in sheet.rows:
        since = f"\nfrom {row.since}" if row.since else ""
        name = Text(row.stack + "\n").append(_word(row.verdict)).append(since)
        drawn.add_row(name, *(_cell(cell) for cell in row.cells))
    return drawn


def _cell(cell: Cell) -> Text:
    first = _word(cell.verdict).append(f" {phrases.accuracy(cell)}")
    if not cell.seeds:
        return first
    error = f"\n{phrases.error(cell)}" if cell.errors else ""
    return first.append(f"{error}\n{phrases.price(cell)} {phrases.start(cell)}")


def behaviours_table(sheet: Sheet) -> Table:
    """Return the verdict of each group of behaviours, over all framings, with how many were met."""
    names, rows = phrases.behaviours(sheet)
    drawn = _table("stack", *names)
    for stack, cells in rows:
        drawn.add_row(stack, *(Text(words, style=COLOURS[verdict]) for verdict, words in cells))
    return drawn


def prices_table(sheet: Sheet, part: str) -> Table:
    """Return what one part costs on each stack that was timed, with its interval."""
    drawn = _table("stack", *sheet.framings)
    for row in sheet.rows:
        found = [(cell.fit if part == "fit" else cell.predict, cell.untimed) for cell in row.cells]
        if row.unpriced or any(price for price, _ in found):
            drawn.add_row(row.stack, *(_price(*one) for one in found))
    return drawn


def keras_table(sheet: Sheet) -> Table:
    """Return what an epoch of fit costs on each Keras 3, relative to the last Keras 2."""
    drawn = _table("stack", *sheet.framings)
    for name, row in sheet.keras_3.items():
        drawn.add_row(name, *(_price(price) for price in row))
    return drawn


def _price(price: Price | None, untimed: str = "absent") -> str:
    if price is None:
        return prices.spell(None, untimed)
    seconds = "" if price.ratio is None else f" {prices.duration(price.seconds)}"
    interval = prices.spell_interval(price)
    return prices.spell(price) + seconds + (f"\n{interval}" if interval else "")


def starts_table(rows: Sequence[Row], place: int) -> Table:
    """Return what each stack answers to A to Z from a cold start, and how it goes on."""
    drawn = _table("stack", "seeds", "A to Z, each asked first", "B", "K goes on", "warm L", "alphabet")
    for row in rows:
        found = row.cells[place].starts
        if found:
            answering, asked = found.answering_b
            below = f"\n{found.agreement}" if found.agreement else ""
            ends = phrases.of(found.new_start), phrases.right(found.warm_start), phrases.right(found.free_run)
            drawn.add_row(row.stack, str(found.seeds), found.strip + below, phrases.percent(answering / asked), *ends)
    return drawn


def _lives(lives: Sequence[Life]) -> list[str]:
    """Return what changed, and how many have nothing to tell."""
    told = [f"{life.stack}, {line}" for life in lives for line in life.changes]
    left = [f"... and {len(told) - MOST} more; --html and --json give all"] if len(told) > MOST else []
    still = [life.stack for life in lives if not life.changes and life.can_tell]
    few = [life.stack for life in lives if not life.changes and not life.can_tell]
    ends = [
        f"{what}: {', '.join(names)}" for what, names in (("nothing changed", still), ("too few runs to tell", few)) if names
    ]
    return told[:MOST] + left + ends


def _show_adaptations(stacks: Sequence[Stack], screen: Console) -> None:
    for names, found in phrases.adapted(stacks):
        lines = [f"  {one.topic}: {one.listing} must be {one.said} ({one.error})" for one in found.sayings]
        lines += [f"  warns: {one.text}" for one in found.warnings]
        lines += [f"  default {one.name}: {one.here}, on {NEWEST} {one.newest}" for one in found.defaults]
        _lines(screen, f"What your code meets on {', '.join(names)}", lines)
    _lines(screen, "What your code meets elsewhere", [phrases.unobserved(stacks)])


def _word(verdict: str) -> Text:
    return Text(verdict, style=COLOURS[verdict])
