"""`harness night` as a person meets it: what is asked, in which night, and what is printed. Jobs run under a fake tox."""

import errno
import io
import json
import os
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from rich.console import Console

from harness.driver import candidates, commands, night_commands, night_view, nights, publishing, stacks
from harness.driver.errors import StoreError
from harness.driver.night_run import Limits
from harness.driver.nights import Job, Night
from harness.driver.stacks import Stack

pytestmark = pytest.mark.usefixtures("folder", "declared")
NAMES = ("fine", "misses", "old")


@pytest.fixture
def declared(monkeypatch, tmp_path, host):
    """Three stacks, one without its Python, a lock for one; and a MLflow that takes whatever it is given."""
    monkeypatch.setenv("HARNESS_HOST_PYTHON", host)
    known = [a_stack(name=name, python=("3.6" if name == "old" else "3.11",)) for name in NAMES]
    monkeypatch.setattr(stacks, "load", lambda: known)
    monkeypatch.setattr(stacks, "find_python", lambda versions: None if "3.6" in versions else "python3")
    monkeypatch.setattr(publishing, "publish", lambda *_: 0)
    (tmp_path / "home").mkdir()


def a_stack(**changes):
    return Stack(**{"name": "fine", "python": ("3.11",), "requires": ("numpy",), "why": "a test", **changes})


def call(*words):
    """Call `harness` as a person does."""
    return CliRunner().invoke(commands.main, ["night", *words])


def a_night(*jobs, **changes):
    return Night("20250102T030405-aaaaaa", "2025-01-02T03:04:05Z", "", 240, jobs)._replace(**changes)


def test_the_table_tells_of_every_job_and_the_exit_code_is_that_of_the_worst(store):
    outcome = call("--edition", "2017-03")
    assert outcome.exit_code == 1
    (night,) = nights.read_all(store.home)
    assert f"night {night.name}, edition 2017-03: 6 done, 1 absent; 0 of 240 minutes" in outcome.stdout
    assert "no Python 3.6 was found here" in outcome.stdout
    assert "misses learn: done after 0.0 minutes, missed" in outcome.stderr
    assert "\x1b" not in outcome.output


def test_the_same_as_json_and_nothing_else_on_standard_output(store):
    told = json.loads(call("--stacks", "fine", "--json").stdout)
    assert (told["exit_code"], told["chosen"], [job["verdict"] for job in told["jobs"]]) == (0, ["fine"], ["met", "", ""])


def test_a_stack_that_is_named_twice_is_asked_once(store):
    assert call("--stacks", "fine,fine").exit_code == 0
    (night,) = nights.read_all(store.home)
    assert (night.chosen, [job.label for job in night.jobs]) == (("fine",), ["fine learn", "fine price", "fine price 2"])


def test_an_absent_stack_is_no_failure_and_no_pass():
    outcome = call("--stacks", "old")
    assert (outcome.exit_code, "1 absent; 0 of 240 minutes" in outcome.stdout, "done" in outcome.stdout) == (0, True, False)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--stacks", "tf9"), "no stack 'tf9' in harness/driver/stacks.toml; known: fine, misses, old"),
        (("--edition", "2001-01"), "2001-01"),
        (("--budget", "0"), "--budget"),
        (("--memory", "-1"), "--memory"),
    ],
)
def test_a_wrong_call_exits_2_with_one_sentence_and_begins_no_night(store, words, sentence):
    outcome = call(*words)
    assert (outcome.exit_code, sentence in outcome.stderr, nights.read_all(store.home)) == (2, True, [])


@pytest.mark.parametrize("words", [("night", "--stacks", "fine"), ("gather", ".")])
@pytest.mark.parametrize(("home", "reason"), [("file", "Not a directory"), ("/proc/nohome", "No such file or directory")])
def test_where_no_records_can_be_kept_one_sentence_says_so(monkeypatch, tmp_path, words, home, reason):
    (tmp_path / "file").touch()
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / home))
    outcome = CliRunner().invoke(commands.main, words)
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1)
    assert outcome.stderr.startswith(f"harness: records cannot be kept in {tmp_path / home} ({reason}: ")


def test_a_disk_that_is_full_in_mid_night_is_one_sentence(monkeypatch):
    def fill(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "nights/x.new")

    monkeypatch.setattr(nights, "write", fill)
    outcome = call("--stacks", "fine")
    assert (outcome.exit_code, "(No space left on device: nights/x.new)" in outcome.stderr) == (2, True)


def test_where_the_system_does_not_tell_which_cores_it_may_use_a_night_takes_all(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert night_commands._limits(None, 60.0, 1.0) == Limits(3, 60.0, 1.0)


def test_a_night_that_stopped_long_ago_is_closed_and_another_begins(store):
    nights.write(store.home, a_night(Job("fine", "learn", "running", None, 60.0, "", ""), seen="2025-01-02T04:00:00Z"))
    assert call("--stacks", "fine").exit_code == 0
    older, newer = nights.read_all(store.home)
    assert (older.jobs[0].state, bool(older.finished), newer.jobs[0].state) == ("left out", True, "done")


@pytest.mark.parametrize(
    ("words", "reason"),
    [(("--job-minutes", "0.001"), "hung: over 0.001 minutes"), (("--memory", "0.001"), "out of memory: over 0.001 GiB")],
)
def test_a_night_that_was_stopped_goes_on_within_the_limits_of_the_new_call(store, words, reason):
    stopped = a_night(Job("hangs", "learn", "running", None, 60.0, "", ""), started=night_commands.utc_now(), chosen=("hangs",))
    nights.write(store.home, stopped)
    assert call("--stacks", "hangs", *words).exit_code == 1
    (night,) = nights.read_all(store.home)
    assert (night.jobs[0].state, night.jobs[0].reason) == ("failed", reason)


def test_a_job_may_take_as_long_as_the_slowest_stack_beside_another():
    assert "200" in call("--help").stdout.partition("--job-minutes")[2].partition("killed")[2].split("]")[0]


def test_a_call_for_other_stacks_leaves_a_stopped_night_only_when_told_to(store):
    begun = a_night(Job("fine", "learn", "waiting", None, None, "", ""), started=night_commands.utc_now(), chosen=("fine",))
    nights.write(store.home, begun)
    outcome = call("--stacks", "old")
    assert outcome.exit_code == 2
    assert "(harness night --edition 2018-08 --stacks fine) was stopped and asked for other stacks" in outcome.stderr
    assert call("--stacks", "old", "--fresh").exit_code == 0
    assert [night.chosen for night in nights.read_all(store.home)] == [("fine",), ("old",)]


def test_a_mlflow_out_of_reach_is_one_sentence_and_the_night_keeps_its_verdict(monkeypatch):
    def refuse(*_):
        raise StoreError("the MLflow store cannot be reached")

    monkeypatch.setattr(publishing, "publish", refuse)
    outcome = call("--stacks", "fine")
    assert "harness: the MLflow store cannot be reached; `harness publish` brings the records in later" in outcome.stderr
    assert (outcome.exit_code, "3 done" in outcome.stdout) == (0, True)


def test_a_night_that_was_killed_while_it_was_published_is_only_published_by_the_same_call(monkeypatch, store):
    def die(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(publishing, "publish", die)
        assert call("--stacks", "misses").exit_code == 130
    (night,) = nights.read_all(store.home)
    assert (bool(night.finished), night.published) == (True, False)
    calls = (store.home / "calls.txt").read_text()
    outcome = call("--stacks", "misses")
    assert (outcome.exit_code, f"night {night.name}, edition" in outcome.stdout) == (1, True)
    assert f"harness: night {night.name} is finished; it is only published and reported\n" in outcome.stderr
    assert (nights.read_all(store.home), (store.home / "calls.txt").read_text()) == ([night._replace(published=True)], calls)


@pytest.mark.parametrize("words", [("--stacks", "fine", "--fresh"), ("--stacks", "old")])
def test_an_unpublished_night_keeps_no_fresh_one_and_none_of_other_stacks_from_beginning(store, words):
    now = night_commands.utc_now()
    job = Job("fine", "learn", "done", 0, 60.0, "", "")
    nights.write(store.home, a_night(job, started=now, finished=now, chosen=("fine",), published=False))
    assert call(*words).exit_code == 0
    assert len(nights.read_all(store.home)) == 2


def test_a_report_that_cannot_be_drawn_is_one_sentence_and_costs_the_night_nothing(monkeypatch, store):
    def draw():
        raise StoreError("there is no room")

    monkeypatch.setattr(night_commands.report_commands, "draw", draw)
    outcome = call("--stacks", "old")
    assert (outcome.exit_code, "harness: the report was not written: there is no room" in outcome.stderr) == (0, True)


def test_what_got_worse_counts_though_the_report_has_no_room(monkeypatch, store):
    def full(path, text):
        raise StoreError("there is no room")

    drawn = SimpleNamespace(since=SimpleNamespace(counts=lambda: {"worse": 2}))
    monkeypatch.setattr(night_commands.report_commands, "draw", lambda: drawn)
    monkeypatch.setattr("harness.driver.report_page.render", lambda drawn: "a page")
    monkeypatch.setattr(night_commands.printing, "write", full)
    outcome = call("--stacks", "old")
    assert (outcome.exit_code, "harness: the report was not written: there is no room" in outcome.stderr) == (1, True)
    assert nights.read_all(store.home)[-1].worse == 2


def test_the_digest_of_a_lock_follows_its_text_and_a_stack_without_one_has_none(monkeypatch, tmp_path):
    monkeypatch.setattr(night_commands.location, "ROOT", tmp_path)
    monkeypatch.setattr(night_commands.stacks, "load", lambda: [a_stack()])

    def digest(stack):
        return candidates.candidates([stack])[0].lock

    (tmp_path / "ci" / "locks").mkdir(parents=True)
    assert digest(a_stack()) == ""
    (tmp_path / "ci" / "locks" / "fine.txt").write_text("numpy==2.0\n")
    first = digest(a_stack())
    (tmp_path / "ci" / "locks" / "fine.txt").write_text("numpy==2.1\n")
    assert (len(first), first != digest(a_stack())) == (16, True)
    assert digest(a_stack(locked=False)) == ""


class Held:
    """A job's process that has run for two minutes."""

    seconds, doing = 120.0, "naive compiled seed 3: epoch 20 of 500"


def test_on_a_terminal_each_running_job_is_shown_with_what_it_does_and_when_the_night_will_end():
    screen = Console(file=io.StringIO(), force_terminal=True, width=120, highlight=False)
    job = Job("tf2", "learn", "running", None, None, "", "")
    night = a_night(job._replace(state="done"), job, used_seconds=600.0)
    with night_view.Progress(screen) as progress:
        progress.begun(job)
        progress.show(night, {1: Held()}, 7.4)
        progress.live.refresh()
    shown = screen.file.getvalue()
    assert "tf2 learn  2.0 min  naive compiled seed 3: epoch 20 of 500" in shown
    assert "1 of 2 jobs, 10 of 240 minutes; about 7 minutes to go" in shown


@pytest.mark.parametrize(("minutes", "words"), [(0.4, "under a minute"), (1.2, "about a minute"), (1.6, "about 2 minutes")])
def test_an_estimate_is_told_in_round_words(minutes, words):
    assert night_view.roughly(minutes) == words
