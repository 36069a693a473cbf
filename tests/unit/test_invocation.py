"""One call of the suite: what is made here, what elsewhere, and what is made already."""

import threading

import pytest

from harness import framings, pipeline, record, store
from harness.invocation import Invocation, is_long
from tests.factories import a_record
from tests.unit.fakes import Backend

SHORT = [pipeline.Run(framings.STATEFUL, "compiled", seed) for seed in (1, 2, 3)]
LONG = [pipeline.Run(framing, "fit", 1) for framing in (framings.STATEFUL, framings.NAIVE, framings.VARIABLE_LENGTH)]
CONTRACT = pipeline.look("2018-08", 1, "fit", "contract")


class Laboratory:
    """Makes records without training; a run among `faulty` raises."""

    def __init__(self, *faulty):
        self.backend, self.faulty, self.made, self.has_made = Backend(), faulty, [], threading.Event()

    def observe(self, run, stack, invocation, progress):
        progress(3)
        if run in self.faulty:
            raise RuntimeError("no memory\nand more lines")
        self.made.append(run)
        self.has_made.set()
        return a_record(question=run.question(self.backend), stack=stack, invocation=invocation)

    def time(self, run, stack, invocation, timings):
        return a_record(question=run.question(self.backend), stack=stack, invocation=invocation, timings=timings)


class Helper:
    """Stands in for the second process: writes records, or answers with a sentence, or dies over its first order."""

    def __init__(self, failure=None, dies=False, waits_for=None):
        self.failure, self.dies, self.waits_for = failure, dies, waits_for or threading.Event()
        self.made, self.has_ended, self.is_stopped, self.has_begun = [], False, False, threading.Event()
        if waits_for is None:
            self.waits_for.set()

    def make(self, run, stack, invocation, home, on_epoch):
        on_epoch(5)
        self.has_begun.set()
        assert self.waits_for.wait(5)
        if self.failure or self.dies:
            self.has_ended = self.dies
            return self.failure or "the second process ended (-9)"
        self.made.append(run)
        question = run.question(Backend())
        store.Store(home).append(a_record(question=question, stack=stack, invocation=invocation))
        return None

    def stop(self):
        self.is_stopped = True


class Said:
    """Remembers what progress was told, and on which thread."""

    def __init__(self):
        self.texts, self.threads = [], set()

    def say(self, text):
        self.texts.append(text)
        self.threads.add(threading.current_thread())


@pytest.fixture
def begun(tmp_path):
    def begin(laboratory=None, helper=None, name="now"):
        invocation = Invocation(store.Store(tmp_path), "tf2", name, laboratory or Laboratory(), Said())
        invocation.worker = helper or Helper()
        return invocation

    return begin


def finished(invocation, runs):
    invocation.begin_long(runs)
    invocation.finish_long(runs)
    return invocation


def test_whole_budgets_of_fit_and_half_a_million_compiled_steps_are_long():
    assert all(is_long(run) for run in LONG)
    assert is_long(pipeline.Run(framings.VARIABLE_LENGTH, "compiled", 1))
    assert not any(is_long(run) for run in SHORT)


def test_a_check_is_never_long():
    assert not any(is_long(pipeline.check(framing, 1, "fit")) for framing in framings.FRAMINGS)
    assert not is_long(pipeline.look("2018-08", 1, "fit", "stage"))


def test_the_contract_vouches_for_nothing_and_may_be_asked_elsewhere():
    assert is_long(CONTRACT)


def test_the_contract_is_begun_before_all_that_takes_less(begun):
    invocation = begun()
    invocation.begin_long([LONG[0], CONTRACT])
    assert invocation.worker.has_begun.wait(5)
    invocation.finish_long([LONG[0], CONTRACT])
    assert invocation.worker.made[0] == CONTRACT


def test_a_record_is_on_disk_before_the_next_run_begins(begun):
    invocation = begun()
    for count, run in enumerate(SHORT, start=1):
        invocation.make(run)
        assert len(invocation.store.read("tf2")) == count
        assert invocation.is_made(run)


def test_a_run_is_not_made_twice(begun):
    invocation = begun()
    for _ in range(2):
        invocation.make(SHORT[0])
    assert invocation.laboratory.made == SHORT[:1]
    assert len(invocation.store.read("tf2")) == 1


def test_a_resumed_invocation_makes_only_what_is_missing(begun):
    begun().make(SHORT[0])
    resumed = begun()
    for run in SHORT:
        resumed.make(run)
    assert resumed.laboratory.made == SHORT[1:]
    assert set(resumed.records) == {resumed.digest(run) for run in SHORT}


def test_another_invocation_makes_everything_anew(begun):
    begun().make(SHORT[0])
    other = begun(name="later")
    assert not other.is_made(SHORT[0])


def test_records_of_older_invocations_are_taken_over_once_under_the_new_name(begun):
    begun().make(SHORT[0])
    later = begun(name="later")
    for _ in range(2):
        later.adopt_older(SHORT)
    assert [later.is_made(run) for run in SHORT] == [True, False, False]
    assert [entry.invocation for entry in later.store.read("tf2")] == ["now", "later"]
    assert later.records[later.digest(SHORT[0])].invocation == "later"


def test_what_no_test_before_has_made_is_made_to_be_judged_and_nothing_twice(begun):
    laboratory, helper = Laboratory(), Helper()
    invocation = begun(laboratory, helper)
    invocation.begin_long([CONTRACT])
    for _ in range(2):
        invocation.make_rest([CONTRACT, SHORT[0]])
    assert (sorted(map(str, laboratory.made + helper.made)), invocation.is_made(CONTRACT)) == (
        sorted(map(str, [CONTRACT, SHORT[0]])),
        True,
    )


def test_a_run_that_failed_is_not_tried_again_by_what_is_judged_of_it(begun):
    invocation = begun(Laboratory(SHORT[0]))
    with pytest.raises(RuntimeError):
        invocation.make(SHORT[0])
    invocation.make_rest(SHORT[:1])
    assert not invocation.is_made(SHORT[0])


def test_a_run_that_fails_here_raises_and_leaves_no_record(begun):
    invocation = begun(Laboratory(SHORT[0]))
    with pytest.raises(RuntimeError):
        invocation.make(SHORT[0])
    assert invocation.store.read("tf2") == []


def test_a_long_run_waits_for_its_turn(begun):
    invocation = begun()
    invocation.make(LONG[0])
    assert not invocation.is_made(LONG[0])


def test_the_second_process_takes_the_longest_run_and_the_rest_is_made_here(begun):
    laboratory = Laboratory()
    invocation = begun(laboratory, Helper(waits_for=laboratory.has_made))
    invocation.begin_long([*LONG[1:], *SHORT])
    assert invocation.worker.has_begun.wait(5)
    invocation.finish_long(LONG)
    assert (invocation.worker.made, laboratory.made) == ([LONG[2]], [LONG[1]])
    assert all(invocation.is_made(run) for run in LONG[1:])
    assert len(invocation.store.read("tf2")) == 2


def test_every_long_run_is_made_once_wherever_it_was_made(begun):
    invocation = finished(begun(), LONG)
    assert sorted(invocation.worker.made + invocation.laboratory.made) == sorted(LONG)
    assert sorted(entry.digest for entry in invocation.store.read("tf2")) == sorted(map(invocation.digest, LONG))
    assert (invocation.thread, invocation.elsewhere) == (None, "")


def test_long_runs_that_are_made_already_are_not_begun(begun):
    finished(begun(), LONG)
    resumed = finished(begun(), LONG)
    assert (resumed.worker.made, resumed.laboratory.made) == ([], [])


def test_without_long_runs_there_is_nothing_to_wait_for(begun):
    invocation = finished(begun(), SHORT)
    assert (invocation.thread, invocation.worker.made, invocation.progress.texts) == (None, [], [])


def test_short_runs_wait_for_no_long_one(begun):
    later = threading.Event()
    invocation = begun(helper=Helper(waits_for=later))
    invocation.begin_long(LONG)
    assert invocation.worker.has_begun.wait(5)
    invocation.finish_long(SHORT)
    assert (invocation.worker.made, invocation.laboratory.made) == ([], [])
    later.set()
    invocation.finish_long(LONG)


def test_the_runs_of_a_second_process_that_died_are_made_here(begun):
    invocation = finished(begun(helper=Helper(dies=True)), LONG)
    assert sorted(invocation.laboratory.made) == sorted(LONG)
    assert invocation.failures == {}


def test_a_run_that_comes_back_after_the_queue_was_emptied_is_made_here(begun):
    later = threading.Event()
    invocation = begun(helper=Helper(dies=True, waits_for=later))
    invocation.begin_long(LONG[1:])
    assert invocation.worker.has_begun.wait(5)
    threading.Timer(0.1, later.set).start()
    invocation.finish_long(LONG)
    assert invocation.laboratory.made == LONG[1:]


def test_a_run_that_failed_elsewhere_is_told_and_the_others_are_made(begun):
    invocation = finished(begun(helper=Helper(failure="ValueError: no")), LONG)
    assert set(invocation.failures.values()) <= {"ValueError: no"}
    assert sorted([*invocation.failures, *invocation.laboratory.made]) == sorted(LONG)


def test_a_long_run_that_failed_here_is_told_in_one_line_and_the_others_are_made(begun):
    laboratory = Laboratory(LONG[1])
    invocation = finished(begun(laboratory, Helper(dies=True)), LONG)
    assert invocation.failures == {LONG[1]: "RuntimeError: no memory"}
    assert sorted(laboratory.made) == sorted([LONG[0], LONG[2]])


def test_progress_is_told_on_the_main_thread_what_goes_on_here_and_beside_it(begun):
    laboratory = Laboratory()
    invocation = begun(laboratory, Helper(waits_for=laboratory.has_made))
    invocation.begin_long(LONG[1:])
    assert invocation.worker.has_begun.wait(5)
    invocation.make(SHORT[0])
    invocation.finish_long(LONG)
    beside = "; beside it variable_length fit seed 1: epoch 5 of 500"
    assert invocation.progress.texts[0] == "stateful compiled seed 1: epoch 3 of 300" + beside
    assert invocation.progress.texts[-1].startswith("waiting for the second process")
    assert invocation.progress.threads == {threading.main_thread()}


def test_timings_are_written_down_at_once(begun):
    invocation = begun()
    run = pipeline.timing(framings.STATEFUL, 1)
    invocation.write_timings(run, {"evaluate": {"rounds": [0.1]}})
    (entry,) = invocation.store.read("tf2", "now")
    assert (entry.timings, entry.digest) == ({"evaluate": {"rounds": [0.1]}}, record.digest(run.question(Backend())))


def test_stopping_leaves_nothing_in_the_queue_and_ends_the_second_process(begun):
    invocation = begun()
    invocation.waiting.extend(LONG)
    invocation.stop()
    assert (list(invocation.waiting), invocation.worker.is_stopped) == ([], True)
