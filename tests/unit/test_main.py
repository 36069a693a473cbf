"""What `python -m harness` makes of the words after `--`."""

import pytest

from harness.__main__ import BENCHMARK_TABLE, SUITE, words


def chosen(*arguments):
    """Return the words, without those for the benchmark's table."""
    return [word for word in words(list(arguments)) if word not in BENCHMARK_TABLE or word in arguments]


@pytest.mark.parametrize("arguments", [(), ("-k", "stateful"), ("--seeds", "1-3"), ("-k", "harness"), ("-k", "tests")])
def test_without_a_path_the_suite_runs_less_what_is_slow(arguments):
    assert chosen(*arguments) == [SUITE, "-m", "not slow", *arguments]


@pytest.mark.parametrize("path", ["tests/suite/test_program.py", "tests/suite/test_program.py::test_x", "tests/suite"])
def test_a_path_replaces_the_suite(path):
    assert chosen("-q", path) == ["-q", path]
