"""Each way in which a stack can fail costs only its own job. Real processes; tox is a fake that fails as its stack says."""

import sys
import time

import pytest
from factories import a_record
from fake_host import Aged, Silent, processes

from harness import declarations, framings
from harness.driver import nights, running, schedule
from harness.driver.crew import Crew
from harness.driver.night_run import Limits, NightRun
from harness.driver.nights import Night
from harness.driver.schedule import Candidate
from harness.invocation import ROOT

REASONS = {
    "uninstallable": "does not install: No solution found when resolving dependencies: Because there is no version of",
    "crashes": "crashed: Segmentation fault (SIGSEGV)",
    "killed": "killed (out of memory?)",
    "hangs": "hung: over 60 minutes",
    "eats": "out of memory: over 0.25 GiB",
    "refuses": "the stack declares tensorflow 2.15.1, but 2.16.2 is installed",
}


@pytest.fixture
def crew(store, folder, host, tmp_path, monkeypatch):
    store.home.mkdir()
    monkeypatch.setattr(running, "Process", Aged)
    return Crew(store, declarations.load(folder), tmp_path, {"HARNESS_HOST_PYTHON": host, "TOX_ENV_NAME": "driver"})


def a_night(*stacks, budget=10):
    jobs = schedule.plan([Candidate(name, (), "") for name in stacks], [], "2018-08")
    return Night("20250102T030405-aaaaaa", "2025-01-02T03:04:05Z", "", budget, jobs)


def run(crew, night, slots=4, view=None, **limits):
    given = Limits(**{"slots": slots, "job_minutes": 60.0, "gibibytes": 4.0, **limits})
    return NightRun(crew.store.home, night, given, crew, view or Silent()).go()


def test_each_way_of_failing_costs_its_own_stack_and_leaves_the_others_whole(crew, store):
    stacks = (*REASONS, "misses", "fine", "fine-too")
    finished = run(crew, a_night(*stacks), gibibytes=0.25)
    learn = {job.stack: job for job in finished.jobs if job.phase == "learn"}
    for stack, reason in REASONS.items():
        assert (learn[stack].state, learn[stack].reason[: len(reason)]) == ("failed", reason)
    assert (learn["misses"].state, learn["misses"].exit_code, learn["misses"].verdict) == ("done", 1, "missed")
    assert "naive loss is 1.5" in learn["misses"].reason
    for stack in ("fine", "fine-too"):
        assert (learn[stack].state, learn[stack].exit_code, learn[stack].verdict, learn[stack].reason) == ("done", 0, "met", "")
        assert len(store.read(stack, learn[stack].invocation)) == 2
    assert {job.state for job in finished.jobs if job.phase == "price" and job.stack == "uninstallable"} == {"left out"}
    assert (finished.exit_code, processes(store.home)) == (1, [])
    assert nights.read_all(store.home) == [finished]


def test_stacks_learn_side_by_side_and_are_priced_alone_in_two_rounds_of_opposite_order(crew, store):
    view = Silent()
    finished = run(crew, a_night("fine-a", "fine-b", "fine-c"), slots=2, view=view)
    assert (view.most, view.beside_price, finished.exit_code) == (2, 0, 0)
    calls = [line.split()[0] for line in (store.home / "calls.txt").read_text().splitlines() if "timings" in line]
    assert calls == ["fine-a", "fine-b", "fine-c", "fine-c", "fine-b", "fine-a"]
    made = [job.invocation for job in finished.jobs]
    assert len(set(made)) == len(made) == 9


TURNS = schedule.plan([Candidate("fine", (), "", beside="fine-too")], [], "2018-08")[-1]._replace(minutes=1.0)


def test_stacks_that_take_turns_are_compared_by_a_process_of_their_own_that_is_told_which_tox(crew, monkeypatch):
    told = []
    monkeypatch.setattr(running, "Process", lambda words, root, environ, log: told.append((words, environ, log.name)))
    crew.start(a_night("fine")._replace(jobs=(TURNS, TURNS), edition="2017-03"), TURNS)
    ((words, environ, log),) = told
    asked = ["--costs", "--until-decided", "--edition", "2017-03", "--false-alarms", "0.005", "--pairs", "14"]
    assert (words[-len(asked) - 3 :], log) == (["compare", "fine-too", "fine", *asked], "fine-turns-with-fine-too.log")
    assert environ["HARNESS_HOST_PYTHON"] == crew.caller.environ["HARNESS_HOST_PYTHON"]


def test_turns_are_done_once_the_comparison_is_told_whatever_it_says(crew, monkeypatch):
    monkeypatch.setattr(running, "MODULE", [sys.executable, "-c", "print('fine-too -> fine: 1 worse'); exit(1)"])
    finished = run(crew, a_night("fine")._replace(jobs=(TURNS,)))
    assert [(job.state, job.reason, job.exit_code) for job in finished.jobs] == [("done", "", 0)]
    assert finished.exit_code == 0


def test_what_two_stacks_cannot_say_of_each_other_is_the_failure_of_its_own_job(crew, store):
    crew.caller = crew.caller._replace(root=ROOT)
    finished = run(crew, a_night("fine")._replace(jobs=(TURNS,)))
    (job,) = finished.jobs
    assert (job.state, job.exit_code) == ("failed", 2)
    assert job.reason == "NEW is 'fine'; only a stack can train more seeds (known: none)"


def test_a_stack_that_does_not_install_leaves_the_other_without_turns(crew):
    learn = schedule.plan([Candidate("uninstallable", (), "")], [], "2018-08")[0]
    finished = run(crew, a_night("fine")._replace(jobs=(learn, TURNS._replace(beside="uninstallable"))))
    assert (finished.jobs[1].state, finished.jobs[1].reason) == ("left out", "the learn job of uninstallable recorded nothing")


def test_at_the_end_of_the_budget_what_still_runs_is_stopped_and_what_waits_is_left_out(crew, store):
    night = a_night("slow", "fine", budget=1)
    jobs = tuple(job._replace(minutes=0.01 if job.stack == "slow" else 6.0) for job in night.jobs)
    finished = run(crew, night._replace(jobs=jobs, used_seconds=59.3))
    told = {job.label: (job.state, job.reason) for job in finished.jobs}
    assert told["slow learn"] == ("left out", "stopped after 0 minutes, at the end of the budget")
    assert told["fine learn"] == ("left out", "6 minutes did not fit into the budget")
    assert (finished.exit_code, processes(store.home)) == (0, [])


def test_the_log_holds_what_a_job_printed_without_the_names_of_this_machine(crew, store, tmp_path):
    finished = run(crew, a_night("refuses"))
    log = nights.log_path(store.home, finished, finished.jobs[0])
    assert log.name == "refuses-learn.log"
    assert "ERROR: the stack declares" in log.read_text()
    process = running.Process(["/bin/echo", f"\x1b[31min {tmp_path}"], tmp_path, {}, tmp_path / "log")
    while process.poll() is None:
        time.sleep(0.02)
    assert (tmp_path / "log").read_text() == "in .\n"


def test_records_that_cannot_be_read_are_the_failure_of_their_own_stack(crew):
    finished = run(crew, a_night("garbles", "fine"))
    states = {job.label: (job.state, job.reason.partition(":")[0]) for job in finished.jobs}
    assert states["garbles learn"] == ("failed", "garbles.jsonl, line 3")
    assert states["fine learn"] == ("done", "")


def test_a_tox_that_is_not_there_is_a_failure_and_no_traceback(crew):
    crew.caller = crew.caller._replace(environ={"HARNESS_HOST_PYTHON": "/nowhere/python"})
    finished = run(crew, a_night("fine"))
    assert finished.jobs[0].reason == "does not install: /nowhere/python cannot be run (No such file or directory)"


def test_what_a_night_began_and_did_not_end_is_not_gone_on_with_by_the_next(crew, store, monkeypatch):
    monkeypatch.setattr(Aged, "waits", "naive compiled seed 2: epoch 20 of 500")
    night = a_night("slow")._replace(jobs=a_night("slow").jobs[:1])
    first = run(crew, night).jobs[0]
    assert (first.state, [entry["finished"] for entry in store.invocations("slow")]) == ("failed", [None])
    (store.home / "go").touch()
    second = run(crew, night._replace(name="20250103T030405-bbbbbb")).jobs[0]
    assert (second.state, second.invocation != first.invocation) == ("done", True)
    assert [record.question.seed for record in store.read("slow", second.invocation)] == [1, 2]


@pytest.mark.parametrize("stack", ["visited", "misspelt"])
def test_what_a_person_asks_of_a_stack_meanwhile_is_none_of_the_night_s(crew, store, stack):
    for job in run(crew, a_night(stack)).jobs:
        assert (job.state, job.exit_code, job.verdict in ("met", "")) == ("done", 0, True)
        assert (len(store.read(stack, job.invocation)), job.invocation == store.latest(stack)) == (2, False)


def test_a_round_of_prices_that_recorded_nothing_does_not_take_what_the_first_did(crew):
    _, first, second = run(crew, a_night("once")).jobs
    assert (first.state, second.state, bool(first.invocation), second.invocation) == ("done", "failed", True, "")


def test_a_job_gone_on_with_that_breaks_at_once_has_failed_whatever_it_recorded_before(crew, store):
    night = a_night("breaks")._replace(jobs=a_night("breaks").jobs[:1])
    store.start("breaks", running.words(night.jobs[0], night), "before")
    store.append(
        a_record(stack="breaks", invocation="before", question={"framing": framings.NAIVE}, observations={"loss": 1.5})
    )
    job = run(crew, night).jobs[0]
    assert (job.state, job.reason) == ("failed", "ImportError: numpy.core.multiarray failed to import")
    assert job.invocation == "before"
