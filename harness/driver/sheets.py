"""Draws the atlas: one sheet for each edition of the tutorial that stacks were asked in. Pure; another module prints it."""

from collections.abc import Mapping, Sequence

from harness import framings
from harness.driver import adaptations, cells, changes, prices
from harness.driver.adaptations import Adaptations
from harness.driver.atlas import Atlas, Sheet, Stack, worst
from harness.driver.cells import Columns
from harness.driver.compare import comparison
from harness.driver.compare.comparison import Comparison
from harness.driver.neighbours import installed
from harness.driver.nights import Night
from harness.driver.prices import Price
from harness.driver.sources import UNFINISHED, Source
from harness.driver.stacks import LAST_KERAS_2, NEWEST
from harness.expectations import Declared
from harness.record import Record

KERAS_3 = 3


def draw(
    declared: Declared, sources: Sequence[Source], night: Night | None, edition: str | None, unseen: Sequence[str]
) -> Atlas:
    """Return the atlas of these sources, the newest edition first; `edition` asks for one only."""
    asked = (edition,) if edition else editions(sources)
    sheets = tuple(sheet(declared, sources, one) for one in asked)
    newest = next((source for source in sources if source.stack == NEWEST), None)
    return Atlas(
        verdict=worst(row.verdict for one in sheets for row in one.rows),
        night=night,
        sheets=sheets,
        stacks=tuple(_stack(source, newest) for source in sources),
        unseen=tuple(unseen),
    )


def editions(sources: Sequence[Source]) -> tuple[str, ...]:
    """Return the editions that these sources were or should have been asked in, the newest first; it alone where none was."""
    found = {record.question.framing["edition"] for source in sources for record in source.records}
    found |= {edition for source in sources for outcome in source.outcomes for edition in outcome.editions}
    return tuple(one for one in reversed(framings.EDITIONS) if one in found) or (framings.NEWEST_EDITION,)


def sheet(declared: Declared, sources: Sequence[Source], edition: str) -> Sheet:
    """Return the sheet of one edition; a stack that could not run at all stands in that of its night."""
    here = [one for one in sources if _of(one, edition) or one.outcome(edition).state in UNFINISHED]
    found = {one.question.framing["name"]: one.question.framing for source in here for one in _of(source, edition)}
    others = sorted(set(found) - {*framings.NAMES, framings.STAGES.name})
    names = (*(name for name in framings.NAMES if name in found), *others)
    taken = prices.rounds(here)
    columns = Columns(edition, names or framings.NAMES, prices.prices(taken, NEWEST))
    return Sheet(
        edition=edition,
        framings=columns.framings,
        units=tuple(found[name]["units"] for name in names),
        rows=tuple(cells.row(declared, source, columns) for source in here),
        compared=changes.compare(here, edition, NEWEST),
        keras_3=_keras_3(here, columns, prices.prices(taken, LAST_KERAS_2)),
    )


def _of(source: Source, edition: str) -> list[Record]:
    return [one for one in source.records if one.question.framing["edition"] == edition]


def _keras_3(
    here: Sequence[Source], columns: Columns, taken: Mapping[prices.Key, Price]
) -> dict[str, tuple[Price | None, ...]]:
    """Return what each Keras 3 costs against the last Keras 2, where both were timed side by side."""
    found = {}
    for source in here:
        keys = [(source.stack, name, columns.edition, "fit") for name in columns.framings]
        row = tuple(taken[key] if key in taken and taken[key].is_side_by_side else None for key in keys)
        if _is_keras_3(installed(source)) and any(row):
            found[source.stack] = row
    return found


def _is_keras_3(distributions: Mapping[str, str]) -> bool:
    major = distributions.get("keras", "").split(".")[0]
    return "tf-keras" not in distributions and major.isdigit() and int(major) >= KERAS_3


def _stack(source: Source, newest: Source | None) -> Stack:
    # The newest differs from itself in nothing; it still has warnings.
    found: Adaptations = adaptations.of(source, newest)
    return Stack(source.stack, source.why, installed(source), found)


def only(atlas: Atlas, stacks: Sequence[str]) -> Atlas:
    """Return the atlas of these stacks alone, of all where none is named; a change belongs to both its stacks."""
    if not stacks:
        return atlas
    sheets = tuple(_only(one, stacks) for one in atlas.sheets)
    return atlas._replace(
        verdict=worst(row.verdict for one in sheets for row in one.rows),
        sheets=sheets,
        stacks=tuple(one for one in atlas.stacks if one.name in stacks),
        unseen=(),
        since=atlas.since and comparison.only(atlas.since, stacks),
        costs=atlas.costs and comparison.only(atlas.costs, _beside(atlas.costs, stacks)),
        lives=tuple(one for one in atlas.lives if one.stack in stacks),
    )


def _beside(costs: Comparison, stacks: Sequence[str]) -> list[str]:
    """Return the pairs of stacks that one of these belongs to."""
    return [name for name in costs.releases if set(name.split(" -> ")) & set(stacks)]


def _only(sheet: Sheet, stacks: Sequence[str]) -> Sheet:
    changes = tuple(one for one in sheet.compared.changes if set(one.stacks) & set(stacks))
    undecided = tuple(one for one in sheet.compared.undecided if set(one.stacks) & set(stacks))
    return sheet._replace(
        rows=tuple(row for row in sheet.rows if row.stack in stacks),
        compared=sheet.compared._replace(changes=changes, undecided=undecided),
        keras_3={name: row for name, row in sheet.keras_3.items() if name in stacks},
    )
