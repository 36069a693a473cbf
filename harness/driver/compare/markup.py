"""A comparison for a pull request, as Markdown, and for a build server, as JUnit's XML."""

from xml.etree import ElementTree as Xml

from harness.driver.compare.comparison import Comparison
from harness.driver.compare.differences import Difference
from harness.driver.compare.metrics import FAMILIES
from harness.driver.compare.sentences import counted, sentence
from harness.driver.compare.view import moved, of_word, rows, runs_of, told

TOLD = ("worse", "new", "undecided", "gone", "not comparable", "better")
MOST = 20  # Lines of one word; a comment that scrolls is not read.
FAILING = ("worse",)


def markdown(found: Comparison) -> str:
    """Return the comparison as GitHub shows it: what counts first, the table, and each word's lines folded away."""
    head = [f"**{found.base} → {found.new}: {counted(found.counts())}**", ""]
    releases = [f"- {line}" for line in moved(found)]
    columns = ("stack", "framing", "runs", *FAMILIES)
    table = ["", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    table += [
        f"| {' | '.join(_row(found, stack, framing, group))} |" for (stack, framing), group in rows(found.differences).items()
    ]
    return "\n".join([*head, *releases, *table, *(line for word in TOLD for line in _folded(word, found))]) + "\n"


def _row(found: Comparison, stack: str, framing: str, group: list[Difference]) -> list[str]:
    families = ([one for one in group if one.metric.family == family] for family in FAMILIES)
    return [stack, framing, runs_of(group), *(counted(found.counts(several)) if several else "" for several in families)]


def _folded(word: str, found: Comparison) -> list[str]:
    lines = told(found, word)
    if not lines:
        return []
    more = [f"- and {len(lines) - MOST} more"] if len(lines) > MOST else []
    is_open = " open" if word in FAILING else ""
    summary = f"{len(of_word(found, word))} {word}"
    return [
        "",
        f"<details{is_open}><summary>{summary}</summary>",
        "",
        *(f"- {line}" for line in lines[:MOST]),
        *more,
        "",
        "</details>",
    ]


def junit(found: Comparison) -> str:
    """Return a test case for each metric: worse is a failure, undecided and not comparable are skipped."""
    counts = found.counts()
    suite = Xml.Element(
        "testsuite",
        name=f"harness compare {found.base} {found.new}",
        tests=str(len(found.differences)),
        failures=str(counts.get("worse", 0)),
        skipped=str(sum(counts.get(word, 0) for word in ("undecided", "not comparable"))),
    )
    for one in found.differences:
        _case(suite, one)
    Xml.indent(suite)
    return Xml.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: Xml.Element, one: Difference) -> None:
    name = f"{one.key.purpose} {one.key.engine} {one.metric.name}"
    case = Xml.SubElement(suite, "testcase", classname=f"{one.stack}.{one.key.framing}.{one.metric.family}", name=name)
    if one.word in FAILING:
        Xml.SubElement(case, "failure", message=sentence(one))
    elif one.word in ("undecided", "not comparable"):
        Xml.SubElement(case, "skipped", message=sentence(one))
