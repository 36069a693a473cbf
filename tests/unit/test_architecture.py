"""Imports point one way, each foreign library has one border, and the inside runs on Python 3.6."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HARNESS = ROOT / "harness"

# Each module may import those before it, never one after it. What stands in harness/ stands here.
ORDER = (
    "errors", "parent", "calibration", "turns", "seeds", "shares", "framings", "reference", "rounding", "diagnosis",
    "experiments", "settings", "subjects", "record", "store", "machine", "lock", "probes", "releases", "expectations",
    "declarations", "judging", "backend", "training", "checks", "initial", "another_epoch", "gradients", "stages", "small",
    "clipping", "slopes", "dropouts", "sizes", "padding", "masks", "cells", "walks", "wrapped", "heads", "feeding", "batches",
    "targets", "telling", "callbacks", "resumed", "optimizers", "kinds", "saved", "anew", "cost", "contract", "pipeline",
    "faults", "beside", "selfcheck", "clean", "worker", "invocation", "progress", "transcript", "benchmarks", "plugin",
    "__main__",
)  # fmt: skip
FRAMEWORKS = {"keras", "tensorflow", "tf_keras", "theano", "jax", "torch"}
IMPORTING_CALLS = ("import_module", "__import__", "importorskip")
FILES = sorted(HARNESS.rglob("*.py"))
INSIDE = [path for path in FILES if "driver" not in path.relative_to(HARNESS).parts]
# What needs neither numpy nor a TOML reader is imported by a bare 3.6, which has neither; the rest is compiled there.
BARE = (
    "errors", "parent", "seeds", "shares", "record", "store", "machine", "lock", "releases", "turns", "beside", "progress",
    "transcript", "benchmarks",
)  # fmt: skip


def imports(source):
    """Return the dotted names that the source imports, be it at the top, in a function or by name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            found.update("{}.{}".format(start, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node) in IMPORTING_CALLS and node.args:
            found.add(str(getattr(node.args[0], "value", "")))
    return found


def _called(node):
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def imports_of(path):
    return imports(path.read_text(encoding="utf-8"))


def tops(path):
    return {name.split(".")[0] for name in imports_of(path)}


def own_modules(path):
    return {name.split(".")[1] for name in imports_of(path) if name.startswith("harness.")}


def module(path):
    return path.relative_to(HARNESS).parts[0].replace(".py", "")


def spelled(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(("source", "found"), [
    ("import keras.layers as k", "keras.layers"), ("def f():\n    from tensorflow import keras", "tensorflow.keras"),
    ("importlib.import_module('tensorflow')", "tensorflow"), ("__import__('mlflow')", "mlflow"),
    ("from harness import record as r", "harness.record"), ("from . import store", "..store"),
])  # fmt: skip
def test_an_import_is_seen_however_it_is_spelled(source, found):
    assert found in imports(source)


def test_every_module_has_its_place_in_the_order():
    assert {module(path) for path in FILES} - {"__init__", "driver"} <= set(ORDER)


@pytest.mark.parametrize("path", INSIDE, ids=spelled)
def test_no_module_imports_one_that_stands_later(path):
    own = own_modules(path) - {module(path)}
    allowed = ORDER[: ORDER.index(module(path))] if module(path) in ORDER else ()
    assert own <= set(allowed)


@pytest.mark.parametrize("path", FILES, ids=spelled)
def test_imports_are_absolute(path):
    assert not [name for name in imports_of(path) if name.startswith(".")]


@pytest.mark.parametrize("path", [path for path in FILES if module(path) != "backend"], ids=spelled)
def test_only_the_backend_knows_a_framework(path):
    assert not tops(path) & FRAMEWORKS


@pytest.mark.parametrize("path", [path for path in FILES if spelled(path) != "harness/driver/tracking.py"], ids=spelled)
def test_only_tracking_knows_mlflow(path):
    assert "mlflow" not in tops(path)


@pytest.mark.parametrize("path", [path for path in FILES if spelled(path) != "harness/driver/resolving.py"], ids=spelled)
def test_only_resolving_knows_uv(path):
    assert "uv" not in tops(path)


@pytest.mark.parametrize("path", INSIDE, ids=spelled)
def test_the_inside_does_not_know_the_driver(path):
    assert "driver" not in own_modules(path)


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "unit").rglob("*.py")), ids=lambda path: path.name)
def test_no_unit_test_needs_a_framework(path):
    assert not tops(path) & FRAMEWORKS


def test_importing_the_inside_imports_no_framework_and_no_mlflow():
    names = ["harness." + name for name in ORDER if name in {module(path) for path in INSIDE}]
    program = "import sys, {}; print(sorted({!r} & set(sys.modules)))".format(", ".join(names), FRAMEWORKS | {"mlflow"})
    done = subprocess.run([sys.executable, "-c", program], cwd=str(ROOT), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def python36():
    """Return a Python 3.6 that runs, or skip: behind pyenv's shims it may be found and not run."""
    pyenv = sorted(Path.home().glob(".pyenv/versions/3.6*/bin/python"))
    for candidate in [*pyenv, shutil.which("python3.6")]:
        if candidate and "3.6." in _version(candidate):
            return str(candidate)
    return pytest.skip("no Python 3.6 here")


def _version(python):
    return subprocess.run([str(python), "--version"], capture_output=True, text=True, check=False).stdout


def test_the_inside_is_python_3_6():
    program = "import sys\nfor path in sys.argv[1:]:\n    compile(open(path, encoding='utf-8').read(), path, 'exec')"
    paths = [str(path) for path in INSIDE]
    done = subprocess.run([python36(), "-c", program, *paths], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_what_needs_no_numpy_can_be_imported_by_a_bare_python_3_6():
    program = "import " + ", ".join("harness." + name for name in BARE)
    done = subprocess.run([python36(), "-B", "-c", program], cwd=str(ROOT), capture_output=True, text=True, check=False)
    assert done.stderr == ""
