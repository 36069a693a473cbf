"""Real tox, in a copy of the tree: what `tox -e tf2` publishes with is the driver as it is now, not as it once was."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TREE = ("harness", "expectations", "pyproject.toml", "tox.ini", "README.md", "LICENSE")


@pytest.fixture
def copied_tree(tmp_path):
    """A copy of what tox needs, with a store of its own."""
    for name in TREE:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    return tmp_path


def run_stack(tree, *words):
    """Run the stack's environment with nothing installed and nothing trained; return what was printed."""
    host = os.environ.get("HARNESS_HOST_PYTHON")
    if not host:
        pytest.skip("needs the Python that runs tox, which tox.ini names in HARNESS_HOST_PYTHON")
    call = [
        host,
        "-m",
        "tox",
        "run",
        "-e",
        "tf2",
        "-x",
        "testenv:tf2.deps=",
        "-x",
        "testenv:tf2.commands=python --version",
        *words,
    ]
    named = {name: value for name, value in os.environ.items() if not name.startswith(("TOX_", "HARNESS_", "COVERAGE_"))}
    done = subprocess.run(call, cwd=tree, env=named, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_an_edit_in_the_driver_takes_effect_in_the_next_run_of_a_stack(copied_tree):
    sentence = "there are no records yet"
    assert sentence in run_stack(copied_tree)
    commands = copied_tree / "harness" / "driver" / "commands.py"
    commands.write_text(commands.read_text().replace(sentence, "nothing was written down so far"))
    assert "nothing was written down so far" in run_stack(copied_tree)


def test_a_stack_whose_python_is_missing_is_skipped_with_one_sentence(copied_tree):
    printed = run_stack(copied_tree, "-x", "testenv:tf2.base_python=python3.99")
    assert "tf2: skipped because could not find python interpreter with spec(s): cpython3.99" in printed
    assert "Traceback" not in printed
    assert "commands" not in printed
