"""`python -m harness [pytest's words]`: the suite as plain pytest, with exit codes 0 (as declared), 1 (missed), 2 (wrong call).

pytest's own codes are 0 to 5: 2 interrupted, 3 internal error, 4 wrong call, 5 no test chosen; all of these are 2 here.
"""

import sys
from pathlib import Path

import pytest

from harness.invocation import ROOT

SUITE = "tests/suite"


def words(arguments):
    """Return pytest's words: without a path of the caller's own, the suite less what is marked slow."""
    has_path = any((ROOT / word.split("::")[0]).exists() for word in arguments if not word.startswith("-"))
    return arguments if has_path else [SUITE, "-m", "not slow"] + arguments


def main():
    """Run the suite and return the exit code."""
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    code = int(pytest.main(words(sys.argv[1:])))
    return code if code in (0, 1) else 2


if __name__ == "__main__":
    sys.exit(main())
