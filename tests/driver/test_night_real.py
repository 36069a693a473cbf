"""Each way in which a stack can fail, under real tox: in a tree of its own, with stacks that need nothing and train nothing."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from fake_host import Aged, Silent, is_running

from harness import declarations
from harness.driver import running
from harness.driver.crew import Crew
from harness.driver.night_run import Limits, NightRun
from harness.driver.nights import Job, Night

TREE = """
[tox]
requires =
    tox>=4.40
    tox-uv>=1.37
env_list = aborts, killed, sleeps, refuses, uninstallable, absent, good
skip_missing_interpreters = true

[testenv]
skip_install = true
pass_env = HARNESS_HOME
allowlist_externals = *
commands = {python} {{env_name}}.py {{posargs}}

[testenv:uninstallable]
deps = numpy==99.1+nowhere
set_env = UV_OFFLINE = 1

[testenv:absent]
base_python = python3.99
"""
PROGRAMS = {
    "aborts": "import os; os.abort()",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "sleeps": "import os, time; print(f'{os.getpid()}\\n[   0 s] waiting for a second process', flush=True); time.sleep(600)",
    "refuses": "import sys; print('ERROR: the stack declares tensorflow 2.15.1, but 2.16.2 is installed'); sys.exit(2)",
    "uninstallable": "",
    "absent": "",
    # What it records is what the fake's good job does; NumPy is this Python's.
    "good": "import sys; sys.path.insert(0, {folder!r}); import fake_tox; fake_tox.KINDS['fine']('good', sys.argv[1:])",
}
ENDS = {
    "aborts": ("failed", "crashed: Aborted (SIGABRT)"),
    "killed": ("failed", "killed (out of memory?)"),
    "sleeps": ("failed", "hung: over 60 minutes"),
    "refuses": ("failed", "the stack declares tensorflow 2.15.1, but 2.16.2 is installed"),
    "uninstallable": ("failed", "does not install: No solution found when resolving dependencies: "),
    "absent": ("absent", "skipped because could not find python interpreter"),
    "good": ("done", ""),
}


@pytest.fixture
def tree(tmp_path):
    """A tree of these stacks."""
    path = tmp_path / "tree"
    path.mkdir()
    (path / "tox.ini").write_text(TREE.format(python=sys.executable))
    for name, program in PROGRAMS.items():
        (path / f"{name}.py").write_text(program.format(folder=str(Path(__file__).parent)) if name == "good" else program)
    return path


def is_gone(process):
    """Whether the process has ended within ten seconds of the kill; one that nobody has asked after yet has ended."""
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        if not is_running(process):
            return True
        time.sleep(0.05)
    return False


def test_whatever_the_others_do_the_good_stack_s_cell_is_whole(tree, store, folder, monkeypatch):
    host = os.environ.get("HARNESS_HOST_PYTHON") or pytest.skip("needs the Python that runs tox, which tox.ini names")
    monkeypatch.setattr(running, "Process", Aged)
    crew = Crew(store, declarations.load(folder), tree, {**os.environ, "HARNESS_HOST_PYTHON": host})
    jobs = tuple(Job(stack, "learn", "waiting", None, None, "", "") for stack in ENDS)
    night = Night("20250102T030405-aaaaaa", "2025-01-02T03:04:05Z", "", 10, jobs)
    finished = NightRun(store.home, night, Limits(3, 60.0, 4.0), crew, Silent()).go()
    assert {job.stack: (job.state, job.reason[: len(ENDS[job.stack][1])]) for job in finished.jobs} == ENDS
    good = finished.jobs[-1]
    assert (good.exit_code, good.verdict, len(store.read("good", good.invocation))) == (0, "met", 2)
    assert [job.stack for job in finished.jobs if job.invocation] == store.stacks() == ["good"]
    log = (store.home / "nights" / night.name / "sleeps-learn.log").read_text()
    assert is_gone(int(log.partition("\n[")[0].rpartition("\n")[2]))
    assert signal.SIGABRT.name in finished.jobs[0].reason
