"""The second process: its orders, its news, and that it ends with the one that started it."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from harness import framings, pipeline, worker
from harness.store import Store
from harness.worker import Worker
from tests.unit.fakes import Backend

ROOT = Path(__file__).resolve().parents[2]
RUN = pipeline.Run(framings.STATEFUL.replace(epochs=12), "compiled", 1)

# Speaks the protocol without a framework: seed 9 fails, seed 13 ends the process in mid-run, 14 with half a line of news.
STAND_IN = """
import json, sys
for line in sys.stdin:
    order = json.loads(line)
    seed = order["run"]["seed"]
    print(json.dumps({"epoch": 5}), flush=True)
    if seed in (13, 14):
        sys.stdout.write('{"done": ' if seed == 14 else "")
        sys.exit(3)
    print(json.dumps({"failed": "ValueError: no"} if seed == 9 else {"done": order["home"]}), flush=True)
"""
GRANDCHILD = """
import os, time
from harness.parent import end_with_parent
end_with_parent()
print(os.getpid(), flush=True)
time.sleep(60)
"""
PARENT = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]]).wait()
"""


@pytest.fixture
def helper(tmp_path):
    (tmp_path / "harness").mkdir()
    (tmp_path / "harness" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "harness" / "worker.py").write_text(STAND_IN, encoding="utf-8")
    helper = Worker(tmp_path)
    yield helper
    helper.stop()
    for pipe in (helper.process.stdin, helper.process.stdout) if helper.process else ():
        with suppress(BrokenPipeError):  # What was written to a process that is gone cannot be flushed.
            pipe.close()


def made(helper, seed, told=None):
    return helper.make(RUN._replace(seed=seed), "tf2", "name", "home", (told if told is not None else []).append)


def order(run, home):
    """Return an order as it arrives: through JSON."""
    fields = dict(run._asdict(), framing=dict(run.framing._asdict()))
    return json.loads(json.dumps({"run": fields, "stack": "tf2", "invocation": "name", "home": str(home)}))


def served(run, home, *broken):
    news = io.StringIO()
    answer = worker._serve(pipeline.Laboratory(Backend(*broken)), order(run, home), news)
    return answer, [json.loads(line) for line in news.getvalue().splitlines()]


@pytest.mark.parametrize("run", [
    RUN,
    pipeline.check(framings.VARIABLE_LENGTH, 4_000_000_000, "fit"),
    pipeline.Run(framings.NAIVE, "fit", 3, "learn", repeat=True),
], ids=lambda run: run.framing.name)  # fmt: skip
def test_a_run_arrives_as_it_was_sent(run):
    assert worker.run_of(order(run, "home")["run"]) == run


def test_an_order_is_answered_when_its_record_is_in_the_store(tmp_path):
    answer, news = served(RUN, tmp_path)
    (entry,) = Store(tmp_path).read("tf2", "name")
    assert answer == {"done": entry.digest}
    assert news == [{"epoch": 0}]


def test_epochs_are_told_every_so_many(tmp_path):
    _, news = served(pipeline.Run(framings.STATEFUL.replace(epochs=12), "fit", 1), tmp_path)
    assert news == [{"epoch": 5}, {"epoch": 10}, {"epoch": 0}]


def test_an_order_that_fails_is_answered_with_one_line(tmp_path):
    batches = pipeline.Run(framings.WITHIN_BATCH.replace(batch_size=10), "compiled", 1)
    answer, _ = served(batches, tmp_path)
    assert answer["failed"].startswith("FramingError: within_batch has 25 patterns in batches of 10")
    assert Store(tmp_path).stacks() == []


def test_nothing_is_written_for_a_parent_that_is_gone(tmp_path):
    class Gone(io.StringIO):
        def flush(self):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        worker._serve(pipeline.Laboratory(Backend()), order(RUN, tmp_path), Gone())
    assert Store(tmp_path).stacks() == []


@pytest.mark.parametrize(("error", "line"), [
    (ValueError("one\ntwo"), "ValueError: one"), (KeyError("x"), "KeyError: 'x'"), (MemoryError(), "MemoryError: "),
    (ValueError(300 * "x"), "ValueError: " + 200 * "x" + "..."),
], ids=repr)  # fmt: skip
def test_an_exception_is_told_in_one_line(error, line):
    assert worker.reason(error) == line


def test_one_process_makes_one_run_after_the_other(helper):
    told = []
    assert [made(helper, 1, told), made(helper, 9, told), made(helper, 2, told)] == [None, "ValueError: no", None]
    assert told == [5, 5, 5]
    assert not helper.has_ended


def test_a_process_that_was_never_started_has_not_ended_and_can_be_stopped(helper):
    assert not helper.has_ended
    helper.stop()


@pytest.mark.parametrize("seed", [13, 14])
def test_a_process_that_dies_in_mid_run_is_told(helper, seed):
    told = []
    assert made(helper, seed, told) == "the second process ended (3)"
    assert told == [5]
    assert helper.has_ended


def test_an_order_to_a_process_that_is_gone_is_told(helper):
    made(helper, 1)
    helper.process.kill()
    helper.process.wait()
    assert made(helper, 2) == "the second process ended (-9)"


def test_a_stopped_process_has_ended(helper):
    made(helper, 1)
    helper.stop()
    assert helper.has_ended


def test_a_worker_without_a_framework_ends_and_says_so(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('none here')", encoding="utf-8")
    program = "import sys; sys.path.insert(0, sys.argv[1]); from harness import worker; worker.main()"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=str(ROOT), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "has no Keras that can be used (none here)" in done.stderr


def test_a_process_ends_soon_after_the_one_that_started_it_was_killed():
    words = [sys.executable, "-c", PARENT, GRANDCHILD]
    with subprocess.Popen(words, cwd=str(ROOT), stdout=subprocess.PIPE, text=True) as parent:
        grandchild = int(parent.stdout.readline())
        os.kill(grandchild, 0)  # It is there: else this would raise.
        parent.send_signal(signal.SIGKILL)
        started = time.monotonic()
        parent.communicate(timeout=10)  # The grandchild holds the pipe open for as long as it lives.
    assert time.monotonic() - started < 2
