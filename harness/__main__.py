"""`python -m harness [pytest's words]`: the suite as plain pytest, with exit codes 0 (as declared), 1 (missed), 2 (wrong call).

pytest's own codes are 0 to 5: 2 interrupted, 3 internal error, 4 wrong call, 5 no test chosen; all of these are 2 here.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness import framings
from harness.invocation import ROOT
from harness.parent import end_with_parent

SUITE = "tests/suite"
# The columns that stay readable on a terminal of 120; the kept JSON has all.
BENCHMARK_TABLE = ["--benchmark-sort=name", "--benchmark-columns=min,median,iqr,rounds", "-W", "ignore:Not saving anything"]


def words(arguments):
    """Return pytest's words: without a path of the caller's own, the suite less what is marked slow."""
    has_path = any(_is_test_path(word) for word in arguments)
    table = BENCHMARK_TABLE if find_spec("pytest_benchmark") else []
    return table + (arguments if has_path else [SUITE, "-m", "not slow"] + arguments)


def _is_test_path(word):
    path = word.split("::")[0]
    # An option's value, as in `-k harness`, may bear the name of a folder; a test's path has a slash or an ending.
    return ("/" in path or path.endswith(".py")) and not path.startswith("-") and (ROOT / path).exists()


def main():
    """Run the suite and return the exit code."""
    if "TOX_ENV_NAME" in os.environ:  # A shell that ends, as under nohup, is no reason to; a killed tox is.
        end_with_parent()
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    code = int(pytest.main(words(sys.argv[1:])))
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        sys.stderr.write("ERROR: no test has such a name; the framings are {}\n".format(", ".join(framings.NAMES)))
    return code if code in (0, 1) else 2


if __name__ == "__main__":
    sys.exit(main())
