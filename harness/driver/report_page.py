"""The atlas as one page of HTML that needs nothing else: no network, no script, no font."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness import framings
from harness.driver import curves, phrases, prices, trust
from harness.driver.atlas import Atlas, Judgement, Row, Sheet, worst
from harness.driver.compare import page
from harness.driver.curves import Scale
from harness.driver.neighbours import NAMED
from harness.driver.sources import UNFINISHED
from harness.driver.stacks import NEWEST

TEMPLATE = "report.html"


class Claim(NamedTuple):
    """One expectation of a framing as a column: what it claims, whether the tutorial says so, and each stack's answer.

    answers: (verdict, words) of each row of the sheet, of both engines the worse.
    """

    claim: str
    page: str
    holds: bool
    answers: tuple[tuple[str, str], ...]


def render(atlas: Atlas) -> str:
    """Return the page. Every text is escaped, for records and reasons come from the stacks under test."""
    environment = Environment(
        loader=PackageLoader("harness.driver"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["slug"] = slug
    names = {"claims": claims, "is_safe": is_safe, "scales": scales, "wanted": wanted}
    return environment.get_template(TEMPLATE).render(
        atlas=atlas,
        since=atlas.since and page.section(atlas.since),
        costs=atlas.costs and page.section(atlas.costs),
        say=phrases,
        prices=prices,
        newest=NEWEST,
        named=NAMED,
        letters=framings.ALPHABET,
        trust=trust,
        curves=curves,
        **names,
    )


def claims(sheet: Sheet) -> Iterator[tuple[str, list[Claim]]]:
    """Yield the stages and each framing with its expectations, in the files' order, and the answer of every stack."""
    stages = [(row.stages, "none" if row.stages else _unmade(row)) for row in sheet.rows]
    yield framings.STAGES.name, _claims(stages) if any(judged for judged, _ in stages) else []
    for place, name in enumerate(sheet.framings):
        yield name, _claims([(row.cells[place].judgements if row.cells else (), _otherwise(row, place)) for row in sheet.rows])


def scales(sheet: Sheet) -> list[Scale | None]:
    """Return what the learning curves of each framing share, None where no stack has one."""
    return [curves.scale(row.cells[place].curve for row in sheet.rows if row.cells) for place in range(len(sheet.framings))]


def _claims(rows: Sequence[tuple[Sequence[Judgement], str]]) -> list[Claim]:
    found: dict[tuple[str, int], Judgement] = {}
    judged = [_by_place(judgements) for judgements, _ in rows]
    for row in judged:
        found.update({key: group[0] for key, group in row.items()})
    return [_claim(found[key], [row.get(key, []) for row in judged], [word for _, word in rows]) for key in sorted(found)]


def _by_place(judgements: Iterable[Judgement]) -> dict[tuple[str, int], list[Judgement]]:
    found: dict[tuple[str, int], list[Judgement]] = {}
    for one in judgements:
        found.setdefault(one.where, []).append(one)
    return found


def _claim(one: Judgement, rows: Iterable[Sequence[Judgement]], words: Iterable[str]) -> Claim:
    return Claim(one.claim, one.page, one.holds, tuple(answer(*pair) for pair in zip(rows, words, strict=True)))


def _otherwise(row: Row, place: int) -> str:
    if row.cells and row.cells[place].seeds:
        return "none"
    return _unmade(row)


def _unmade(row: Row) -> str:
    return row.state if row.state in UNFINISHED else "absent"


def answer(judgements: Sequence[Judgement], otherwise: str) -> tuple[str, str]:
    """Return the worst verdict on one expectation, and the same with how many of the most seeds showed it.

    otherwise: the word where it was not judged.
    """
    verdict = worst([one.verdict for one in judgements] or [otherwise])
    most = max((one for one in judgements if one.verdict == verdict), key=lambda one: one.of, default=None)
    return verdict, f"{verdict} {most.shown}/{most.of}" if most and most.of else verdict


def slug(text: str) -> str:
    """Return the text as the name of a class or a place on the page."""
    return "".join(sign if sign.isalnum() else "-" for sign in text)


def is_safe(link: str) -> bool:
    """Whether a declared link may be followed: an address on the web, and no script."""
    return link.startswith(("https://", "http://"))


def wanted(letter: str, keeps_state: bool) -> str:
    """Return the answer to a letter asked first of all: B of a network that counts positions, else the next letter."""
    place = framings.ALPHABET.index(letter)
    return framings.ALPHABET[1] if keeps_state else framings.ALPHABET[place + 1 : place + 2]
