"""What a job's end is told as. The output is that of tox 4.67 with uv 0.13, and of pip."""

import pytest

from harness.driver import endings
from harness.driver.summary import Summary

BEGINS = "tf2: commands[0]> python -m harness tests/suite/test_framings.py"
FIRST_LINE = "harness: stack torch, edition 2018-08, seeds 1-5"
MISSED = Summary("tf2", "x", "", "missed", (), ("missed: naive loss is 1.5", "missed: naive accuracy is 0.1"), ())
MET = MISSED._replace(verdict="met", failures=())
PIP = ["tf2: install_deps> python -I -m pip install keras==99", "ERROR: No matching distribution found for keras==99"]
UV = [
    "tf2: install_deps> uv pip install -r lock.txt", "error: Failed to download `pip==25.0`",
    "  cause: Hash mismatch for `pip==25.0`", "         Expected:", "tf2: exit 1 (0.61 seconds) .> uv pip install pid=1",
    "  tf2: FAIL code 1 (1.82 seconds)", "  evaluation failed :( (1.90 seconds)",
]  # fmt: skip
OLDER_UV = ["  \N{MULTIPLICATION SIGN} No solution found:", "  ╰─▶ Because there is no keras==99"]


@pytest.mark.parametrize(("code", "summary", "lines", "state", "reason"), [
    (0, MET, [BEGINS], "done", ""), (1, MISSED, [BEGINS], "done", "missed: naive loss is 1.5 (and 1 more)"),
    (1, MET, [BEGINS, "E   ValueError: no such layer", "1 failed"], "done", "ValueError: no such layer"),
    (1, None, PIP, "failed", "does not install: No matching distribution found for keras==99"),
    (1, None, UV, "failed", "does not install: Failed to download `pip==25.0`: Hash mismatch for `pip==25.0`"),
    (1, None, OLDER_UV, "failed", "does not install: No solution found: Because there is no keras==99"),
    (1, None, ["tf2: FAIL code 1 (1.82 seconds)"], "failed", "does not install: tox ended with exit code 1"),
    (2, None, [BEGINS, "ERROR: the stack holds keras 3", "ValueError: x"], "failed", "the stack holds keras 3"),
    (2, MET, [BEGINS, "harness: records cannot be kept"], "failed", "records cannot be kept"),
    (1, None, [BEGINS, "E   ImportError: numpy.core", "E   ImportError: libx", "ran 3"], "failed", "ImportError: libx"),
    (3, None, [BEGINS, "tf.errors.InternalError: bad", "tf2: exit 3 (1 seconds)"], "failed", "tf.errors.InternalError: bad"),
    (0, None, [BEGINS], "failed", "ended with exit code 0 and recorded nothing"),
    (247, None, [BEGINS, "tf2: exit -9 (0.01 seconds) .> python"], "failed", "killed (out of memory?)"),
    (137, MET, [BEGINS], "failed", "killed (out of memory?)"),
    (245, None, [BEGINS, "tf2: exit -11 (0.01 seconds)"], "failed", "crashed: Segmentation fault (SIGSEGV)"),
    (134, None, [BEGINS], "failed", "crashed: Aborted (SIGABRT)"),
    (254, None, ["ROOT: HandledError| no environment"], "failed", "does not install: ROOT: HandledError| no environment"),
    (1, None, ["tf1.0: skipped because of no python3.6", "  tf1.0: SKIP (0.1 s)"], "absent", "skipped because of no python3.6"),
])  # fmt: skip
def test_how_a_job_that_learns_ended(code, summary, lines, state, reason):
    assert endings.outcome("learn", code, summary, lines) == (state, reason)


def test_a_job_that_takes_prices_has_nothing_to_miss_so_that_exit_code_1_is_a_failure():
    assert endings.outcome("price", 0, MET, [BEGINS]) == ("done", "")
    assert endings.outcome("price", 1, MET, [BEGINS, FIRST_LINE, "E  OSError: x"]) == ("failed", "OSError: x")


@pytest.mark.parametrize(("code", "lines", "found"), [
    (0, ["a -> b: 9 same"], ("done", "")), (1, ["a -> b: 1 worse", "worse: naive"], ("done", "")),
    (1, ["Traceback (most recent call last):", "ValueError: no"], ("failed", "ValueError: no")),
    (1, [], ("failed", "ended with exit code 1 and said nothing")),
    (2, ["harness: a takes turns: it ended with exit code 4"], ("failed", "a takes turns: it ended with exit code 4")),
    (137, [], ("failed", "killed (out of memory?)")),
])  # fmt: skip
def test_a_comparison_that_came_to_its_end_is_done_whichever_stack_is_dearer(code, lines, found):
    assert endings.compared(code, "a -> b: ", lines) == found


def test_a_reason_is_one_line_of_at_most_300_characters():
    reason = endings.outcome("learn", 2, None, [BEGINS, "ERROR: " + "x" * 1000]).reason
    assert (len(reason), reason[-4:]) == (300, "x...")
