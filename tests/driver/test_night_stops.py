"""A night that is killed or interrupted, and started again, as a process of its own with real jobs under a fake tox."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fake_host import processes

from harness.driver import nights

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("a_night.py")
PATIENCE = 60.0  # Of a busy machine; a quiet one takes two seconds.


class Call:
    """`harness night` on two stacks: `fine` ends at once, `slow` records one run and waits until it is told to go on."""

    def __init__(self, store, folder, host):
        self.home = store.home
        self.home.mkdir(exist_ok=True)
        given = {"STACKS": "fine,slow", "EXPECTATIONS": str(folder), "HARNESS_HOME": str(self.home), "PYTHONPATH": str(ROOT)}
        self.environ = {**os.environ, **given, "HARNESS_HOST_PYTHON": host}

    def begin(self, *words):
        """Start it and return its process."""
        command = [sys.executable, str(PROGRAM), "night", "--jobs", "2", *words]
        return subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def until_slow_waits(self):
        """Wait until `fine` has learnt and `slow` has recorded its first run, and return the night."""
        for _ in range(int(PATIENCE / 0.05)):
            (night,) = nights.read_all(self.home) or [None]
            states = {job.stack: job.state for job in night.jobs if job.phase == "learn"} if night else {}
            if states == {"fine": "done", "slow": "running"} and (self.home / "records" / "slow.jsonl").exists():
                return night
            time.sleep(0.05)
        return pytest.fail(f"the night did not come so far in {PATIENCE:.0f} s: {states}")

    def until_nothing_runs(self):
        """Wait until the processes of all jobs are gone."""
        deadline = time.monotonic() + PATIENCE
        while processes(self.home) and time.monotonic() < deadline:
            time.sleep(0.02)
        return processes(self.home) == []

    def go_on(self):
        """Let `slow` go on from now on, run the night to its end and return (exit code, night, output)."""
        (self.home / "go").touch()
        process = self.begin("--json")
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, nights.read_all(self.home)[-1], out + err

    def calls(self):
        """Return the stack and the phase of each job that was started, in order."""
        lines = [line.split() for line in (self.home / "calls.txt").read_text().splitlines()]
        return [(words[0], "price" if "timings" in words[1] else "learn") for words in lines]


@pytest.fixture
def call(store, folder, host):
    return Call(store, folder, host)


def test_a_killed_night_leaves_no_process_goes_on_without_repeating_and_the_next_trains_afresh(call, store):
    process = call.begin()
    killed = call.until_slow_waits()
    other = call.begin()
    assert "another night is running" in other.communicate(timeout=PATIENCE)[1]
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    assert (other.returncode, call.until_nothing_runs()) == (2, True)

    code, finished, output = call.go_on()
    assert (code, finished.name) == (0, killed.name), output
    assert call.calls().count(("fine", "learn")) == 1
    assert call.calls().count(("slow", "learn")) == 2
    assert finished.used_seconds > killed.used_seconds
    slow = next(job for job in finished.jobs if job.label == "slow learn")
    assert [record.question.seed for record in store.read("slow", slow.invocation)] == [1, 2]
    assert json.loads(output[: output.rindex("}") + 1][output.index("{") :])["name"] == killed.name

    code, fresh, _ = call.go_on()
    assert (code, fresh.name != finished.name, {job.state for job in fresh.jobs}) == (0, True, {"done"})
    assert not {job.invocation for job in fresh.jobs} & {job.invocation for job in finished.jobs}
    assert call.calls().count(("fine", "learn")) == 2


def test_ctrl_c_ends_all_jobs_says_how_to_go_on_and_exits_130(call):
    process = call.begin()
    call.until_slow_waits()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "harness: stopped with 5 of 6 jobs to go; the same call goes on" in told
    assert call.until_nothing_runs()
    (night,) = nights.read_all(call.home)
    assert {job.label: job.state for job in night.jobs}["slow learn"] == "running"
    assert night.used_seconds > 0
    other = call.begin("--stacks", "fine")
    assert "was stopped and asked for other stacks or another edition" in other.communicate(timeout=PATIENCE)[1]


def test_a_night_ends_with_the_tox_that_runs_it(call):
    words = ["sh", "-c", f"{sys.executable} {PROGRAM} night --jobs 2; true"]
    tox = subprocess.Popen(words, env={**call.environ, "TOX_ENV_NAME": "driver"}, stderr=subprocess.DEVNULL)
    call.until_slow_waits()
    tox.kill()
    tox.wait()
    assert call.until_nothing_runs()
    assert call.go_on()[0] == 0
