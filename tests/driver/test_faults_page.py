"""docs/faults.md says what was measured: its tables are those of the outcomes beside it."""

import pytest

from harness import faults
from harness.driver import faults_page, location
from harness.driver.errors import DeclarationError
from harness.driver.selfchecks import Outcome


def outcome(fault, state="caught", by="stages.gradient", is_right=True):
    return Outcome(fault, "gradient", "it is wrong", state, by, is_right, "", 12.4)


FOUND = {
    "tf2": [outcome("one"), outcome("two", "survived", "")],
    "theano": [outcome("one", is_right=False), outcome("two", "no place", "")],
}


def test_each_fault_is_told_of_on_each_stack():
    lines = faults_page.tables(FOUND).splitlines()
    assert lines[2:4] == ["| tf2 | 2 | 1 (50%) | 1 (100%) | 0 | 0 |", "| theano | 1 | 1 (100%) | 0 (0%) | 0 | 1 |"]
    assert lines[-2:] == [
        "| `one` | it is wrong | gradient, 12 s | gradient (late), 12 s |",
        "| `two` | it is wrong | **survived** | no place here |",
    ]


def test_the_page_is_what_was_measured():
    page = (location.ROOT / faults_page.PAGE).read_text(encoding="utf-8")
    assert faults_page.rewrite(page, faults_page.tables(faults_page.read(location.ROOT / faults_page.FOLDER))) == page


def test_every_fault_of_the_catalogue_was_planted_on_all_three_stacks():
    found = faults_page.read(location.ROOT / faults_page.FOLDER)
    assert set(found) == {"tf2", "tf2.15", "keras2.0.8"}
    for stack, outcomes in found.items():
        assert [one.fault for one in outcomes] == [one.name for one in faults.FAULTS], stack


def test_a_page_without_marks_is_one_sentence():
    with pytest.raises(DeclarationError, match=r"faults\.md: no line '<!-- faults: begin -->'"):
        faults_page.rewrite("nothing", "")
