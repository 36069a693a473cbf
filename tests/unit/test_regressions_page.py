"""docs/regressions.md says what is declared: the bad stack's deviation is known, with that link, and the good one's is not."""

import re
from pathlib import Path

import pytest

from harness import declarations, framings
from tests.factories import a_question

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"\| \[.*?\]\((?P<link>.*?)\).*? \| (?P<good>\S+) \| (?P<bad>\S+) \| (?P<probe>\S+) \| (?P<says>.*) \|")
ROWS = [found.groupdict() for found in map(ROW.fullmatch, (ROOT / "docs" / "regressions.md").read_text().splitlines()) if found]
DECLARED = declarations.load().of(framings.STAGES.name, framings.NEWEST_EDITION, "fit", "contract")
DECLARED += declarations.load().of(framings.STAGES.name, framings.NEWEST_EDITION, "fit", "stage")


def deviation(stack, probe):
    """Return what is known of the probe where this stack's lock is installed, None where nothing is."""
    lock = (ROOT / "ci" / "locks" / (stack + ".txt")).read_text()
    installed = dict(re.findall(r"^([\w.-]+)==([\w.!+]+)", lock, re.MULTILINE))
    question = a_question(framing=framings.STAGES, distributions=installed)
    expectation = next(one for one in DECLARED if one.probe == probe)
    return expectation.deviation(question)


def test_the_page_has_more_than_ten_regressions():
    assert len(ROWS) == (ROOT / "docs" / "regressions.md").read_text().count("\n| [") >= 10


@pytest.mark.parametrize("row", ROWS, ids=["{bad}-{probe}".format(**row) for row in ROWS])
def test_the_bad_stack_is_known_for_it_and_the_good_one_is_not(row):
    known, good = deviation(row["bad"], row["probe"]), deviation(row["good"], row["probe"])
    assert known.link == row["link"]
    assert known.instead is None or row["says"].startswith(known.instead)
    assert good is None or (good.instead and not row["says"].startswith(good.instead))
