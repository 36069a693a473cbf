"""Small by habit: what a file and a function may grow to."""

import ast
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
HARNESS = sorted((ROOT / "harness").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def spelled(path):
    return str(path.relative_to(ROOT))


def functions(path):
    """Return {name: lines} of every function of the file, methods and inner ones too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return {"{}:{}".format(node.name, node.lineno): node.end_lineno - node.lineno + 1 for node in found}


@pytest.mark.parametrize("path", HARNESS + TESTS, ids=spelled)
def test_no_file_is_over_300_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", HARNESS, ids=spelled)
def test_no_function_is_over_40_lines(path):
    assert {name: lines for name, lines in functions(path).items() if lines > 40} == {}


def test_the_median_function_is_under_10_lines():
    assert median(lines for path in HARNESS for lines in functions(path).values()) < 10


@pytest.mark.parametrize("path", [path for path in HARNESS if path.stat().st_size], ids=spelled)
def test_every_file_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
