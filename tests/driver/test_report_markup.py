"""The report as a pull request and a build server get it: Markdown, and JUnit's XML."""

from xml.etree import ElementTree as Xml

import pytest
from click.testing import CliRunner
from matrix import fill, job, learnt, write_night
from test_since import LOSSES, MONDAY, TUESDAY, night

from harness.driver import commands

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def written(tmp_path):
    """Call `harness report`, and return (its exit code, the Markdown, the root of the XML)."""

    def write():
        paths = [tmp_path / "report.md", tmp_path / "report.xml"]
        outcome = CliRunner().invoke(commands.main, ["report", "--markdown", str(paths[0]), "--junit", str(paths[1])])
        assert all(f"wrote {path}\n" in outcome.output for path in paths)
        return outcome.exit_code, paths[0].read_text(), Xml.parse(paths[1]).getroot()

    return write


def failures(root):
    """Return what failed, {suite: messages}."""
    found = {suite.get("name"): [one.get("message") for one in suite.findall("testcase/failure")] for suite in root}
    assert all(len(messages) == int(root.find(f"*[@name='{name}']").get("failures")) for name, messages in found.items())
    return {name: messages for name, messages in found.items() if messages}


def test_what_is_missed_stands_open_in_markdown_and_fails_its_case(store, written):
    fill(store, learnt("tf2", 1), learnt("jax", 1, loss=1.5))
    code, text, root = written()
    assert code == 1
    assert text.startswith("**No night yet: the newest runs of each stack: missed**\n")
    assert "<details open><summary>1 missed</summary>\n\n- missed: naive loss is 1.5" in text
    assert any(line.startswith("| jax | missed | missed ") for line in text.splitlines())
    ((name, (message,)),) = failures(root).items()
    assert (name.split()[0], message.startswith("missed: naive loss is 1.5")) == ("jax", True)


def test_a_stack_that_failed_is_a_failure_and_one_that_had_no_turn_is_skipped(store, written):
    fill(store, learnt("tf2", 1))
    reason = "killed by <signal 9>\x1b[0m"
    write_night(store, job("tf2"), job("torch", state="failed", reason=reason), job("theano", state="left out"))
    code, text, root = written()
    assert code == 1
    assert "- failed: torch: killed by &lt;signal 9>" in text
    ((name, (message,)),) = failures(root).items()
    assert (name.split()[0], message) == ("torch", "torch: failed: killed by <signal 9>?[0m")
    (suite,) = [suite for suite in root if suite.get("name").startswith("theano")]
    assert (suite.get("skipped"), len(suite.findall("testcase/skipped"))) == ("1", 1)


def test_what_got_worse_since_the_night_before_is_a_failure(store, written):
    night(store, MONDAY, LOSSES, digest="a")
    night(store, TUESDAY, [3 * loss for loss in LOSSES], digest="b")
    code, text, root = written()
    assert code == 1
    assert f"## What changed since the night before\n\n**the night before → {TUESDAY}: " in text
    assert "worse</summary>\n\n- naive (compiled) loss: " in text
    assert any(message.startswith("naive (compiled) loss: ") for messages in failures(root).values() for message in messages)
