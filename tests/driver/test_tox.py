"""Real tox, in a copy of the tree: what `tox -e tf2` publishes with, and what a job of the night is given."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from harness.driver import endings, running
from harness.driver.nights import Job, Night

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


def host_python():
    """Return the Python that runs tox, or skip."""
    host = os.environ.get("HARNESS_HOST_PYTHON")
    return host or pytest.skip("needs the Python that runs tox, which tox.ini names in HARNESS_HOST_PYTHON")


def run_stack(tree, *words):
    """Run the stack's environment with nothing installed and nothing trained; return what was printed."""
    call = [
        host_python(),
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
    sources = copied_tree / "harness" / "driver" / "sources.py"
    sources.write_text(sources.read_text().replace(sentence, "nothing was written down so far"))
    assert "nothing was written down so far" in run_stack(copied_tree)


def test_a_stack_whose_python_is_missing_is_skipped_with_one_sentence(copied_tree):
    printed = run_stack(copied_tree, "-x", "testenv:tf2.base_python=python3.99")
    assert "tf2: skipped because could not find python interpreter with spec(s): cpython3.99" in printed
    assert "Traceback" not in printed
    assert "commands" not in printed


def test_a_job_of_the_night_gets_its_words_and_its_home_and_neither_publishes_nor_knows_the_tox_around_it(copied_tree):
    job = Job("tf2", "learn", "waiting", None, None, "", "")
    night = Night("20250102T030405-aaaaaa", "2025-01-02T03:04:05Z", "", 240, (job,))
    around = {**os.environ, "HARNESS_HOST_PYTHON": host_python(), "TOX_ENV_NAME": "driver", "TOX_WORK_DIR": "/nowhere"}
    program = "import os, sys; print(sorted(sys.argv[1:]), os.environ['HARNESS_HOME'], os.environ['TOX_ENV_NAME'])"
    (copied_tree / "look.py").write_text(program)
    caller = running.Caller(copied_tree, around, copied_tree / "home")
    words = caller.command(job, night)
    place = words.index("--")
    words[place:place] = ["-x", "testenv:tf2.deps=", "-x", "testenv:tf2.commands=python look.py {posargs}"]
    log = copied_tree / "log"
    process = running.Process(words, copied_tree, caller.environment(), log)
    while process.poll() is None:
        time.sleep(0.02)
    assert process.poll() == 0, log.read_text()
    assert f"{sorted(running.words(job, night))} ./home tf2" in log.read_text()
    assert any(endings.COMMANDS_BEGIN.match(line) for line in process.lines)
    assert "publish" not in log.read_text()
