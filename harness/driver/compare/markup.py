"""A comparison for a pull request, as Markdown, and for a build server, as JUnit's XML."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from harness.driver.compare.comparison import Comparison
from harness.driver.compare.differences import Difference
from harness.driver.compare.metrics import FAMILIES
from harness.driver.compare.sentences import counted, sentence
from harness.driver.compare.view import moved, of_word, rows, runs_of, told

TOLD = ("worse", "new", "undecided", "gone", "not comparable", "better")
MOST = 20  # Lines of one word; a comment that scrolls is not read.
FAILING = ("worse",)
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2.


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
    return ["", folded(f"{len(of_word(found, word))} {word}", lines, word in FAILING)] if lines else []


def folded(title: str, lines: Sequence[str], is_open: bool) -> str:
    """Return lines as a list that unfolds below its title, cut at MOST."""
    more = [f"- and {len(lines) - MOST} more"] if len(lines) > MOST else []
    opening = f"<details{' open' if is_open else ''}><summary>{title}</summary>"
    return "\n".join([opening, "", *(f"- {escaped(line)}" for line in lines[:MOST]), *more, "", "</details>"])


def escaped(text: str) -> str:
    """Return a text that GitHub shows as it is: what a framework raised may look like a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def junit(found: Comparison) -> str:
    """Return a test case for each metric: worse is a failure, undecided and not comparable are skipped."""
    return written(suite(found))


def written(root: Xml.Element) -> str:
    """Return a tree as a file's text, without the signs that XML cannot hold."""
    for element in root.iter():
        element.attrib.update({name: NO_XML.sub("?", value) for name, value in element.attrib.items()})
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def suite(found: Comparison) -> Xml.Element:
    """Return the suite of a comparison."""
    counts = found.counts()
    made = Xml.Element(
        "testsuite",
        name=f"harness compare {found.base} {found.new}",
        tests=str(len(found.differences)),
        failures=str(counts.get("worse", 0)),
        skipped=str(sum(counts.get(word, 0) for word in ("undecided", "not comparable"))),
    )
    for one in found.differences:
        _case(made, one)
    return made


def _case(suite: Xml.Element, one: Difference) -> None:
    name = f"{one.key.purpose} {one.key.engine} {one.metric.name}"
    case = Xml.SubElement(suite, "testcase", classname=f"{one.stack}.{one.key.framing}.{one.metric.family}", name=name)
    if one.word in FAILING:
        Xml.SubElement(case, "failure", message=sentence(one))
    elif one.word in ("undecided", "not comparable"):
        Xml.SubElement(case, "skipped", message=sentence(one))
