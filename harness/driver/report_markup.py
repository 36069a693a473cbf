"""The report for a pull request, as Markdown, and for a build server, as JUnit's XML."""

from itertools import groupby
from xml.etree import ElementTree as Xml

from harness.driver import phrases
from harness.driver.atlas import FAILING, Atlas, Cell, Judgement, Row, Sheet
from harness.driver.compare import markup

CASES = "harness report"
OPEN = (*FAILING, "absent")  # What fails a report is not folded away.


def markdown(atlas: Atlas) -> str:
    """Return the report as GitHub shows it: what changed, each edition's table, and what is not as the tutorial has it."""
    head = [f"**{phrases.headline(atlas)}: {atlas.verdict}**"]
    compared = [(phrases.SINCE, atlas.since), (phrases.COSTS, atlas.costs)]
    told = [f"## {title}\n\n{markup.markdown(found).strip()}" for title, found in compared if found]
    return "\n\n".join([*head, *told, *(block for sheet in atlas.sheets for block in _sheet(sheet))]) + "\n"


def _sheet(sheet: Sheet) -> list[str]:
    changes = [one.sentence for one in sheet.compared.changes] or [phrases.has_no_changes(sheet.compared)]
    changes += [one for one in (phrases.undecided(sheet.compared),) if one]
    ended = [f"{word}: {stack}: {reason}" for word, stack, reason in phrases.unfinished(sheet.rows)]
    return [
        f"## {phrases.title(sheet)}; {phrases.tally(sheet.rows)}",
        "\n".join(["What changed from one stack to the next:", "", *(f"- {markup.escaped(line)}" for line in changes)]),
        _table(sheet),
        *(["\n".join(f"- {markup.escaped(line)}" for line in ended)] if ended else []),
        *_told(sheet),
    ]


def _table(sheet: Sheet) -> str:
    lines = [f"| stack | verdict | {' | '.join(sheet.framings)} |", "|---" * (len(sheet.framings) + 2) + "|"]
    lines += [f"| {' | '.join([row.stack, row.verdict, *map(_cell, row.cells)])} |" for row in sheet.rows]
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    parts = (cell.verdict, phrases.accuracy(cell), phrases.error(cell))
    return markup.escaped(" ".join(part for part in parts if part)).replace("|", "\\|")


def _told(sheet: Sheet) -> list[str]:
    found = phrases.told(sheet.rows)
    return [
        _block(word, [phrases.sentence(*one) for one in several])
        for word, several in groupby(found, key=lambda pair: pair[1].verdict)
    ]


def _block(word: str, lines: list[str]) -> str:
    return markup.folded(f"{len(lines)} {word}", lines, is_open=word in OPEN)


def junit(atlas: Atlas) -> str:
    """Return a test case for everything that was judged, of each stack, and a suite of what changed since the night before.

    A failure is what the exit code of the report counts: missed, mended, not observed, a job that failed, or worse.
    """
    suites = Xml.Element("testsuites", name=CASES)
    for sheet in atlas.sheets:
        for row in sheet.rows:
            suites.append(_suite(sheet.edition, row))
    if atlas.since:
        suites.append(markup.suite(atlas.since))
    return markup.written(suites)


def _suite(edition: str, row: Row) -> Xml.Element:
    suite = Xml.Element("testsuite", name=f"{row.stack} {edition}")
    failures = sum(_case(suite, row.stack, one) for one in row.judgements)
    for word, _, reason in phrases.unfinished([row]):
        case = Xml.SubElement(suite, "testcase", classname=row.stack, name=f"comes to its end: {word}")
        is_failure = word in FAILING
        Xml.SubElement(case, "failure" if is_failure else "skipped", message=f"{row.stack}: {word}: {reason}")
        failures += is_failure
    skipped = len(suite.findall("testcase/skipped"))
    suite.attrib.update(tests=str(len(suite)), failures=str(failures), skipped=str(skipped))
    return suite


def _case(suite: Xml.Element, stack: str, one: Judgement) -> bool:
    """Add the case of a verdict, and return whether it is a failure."""
    classname = f"{stack}.{one.framing}"
    case = Xml.SubElement(suite, "testcase", classname=classname, name=f"{one.engine} {one.probe}: {one.claim}")
    is_failure = one.verdict in OPEN
    if is_failure:
        Xml.SubElement(case, "failure", message=f"{one.verdict}: {one.sentence}")
    elif one.verdict not in ("met", "known"):
        Xml.SubElement(case, "skipped", message=f"{one.verdict}: {one.sentence}")
    return is_failure
