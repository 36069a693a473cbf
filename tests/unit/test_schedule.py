"""What a night runs and in which order: what tells most first, never over the budget, prices alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.driver import nights, schedule
from harness.driver.schedule import FAILING, NEW, SETTLED, UNDECIDED, Candidate
from tests.unit.nights import JOB, a_job, a_night, ran

TF2 = Candidate("tf2", ("tensorflow==2.21.0", "keras==3.15.1"), JOB.lock)
NEWEST = Candidate("newest", ("tensorflow", "keras"), "")


def candidate(stack, **changes):
    return TF2._replace(stack=stack, **changes)


def learn_order(jobs):
    return [job.stack for job in jobs if (job.phase, job.state) == ("learn", "waiting")]


@pytest.mark.parametrize(("earlier", "found"), [
    ([], NEW), ([a_night(a_job(state="left out"))], NEW), ([a_night(ran(lock="another"))], NEW), ([a_night(ran())], SETTLED),
    ([a_night(ran(exit_code=1))], FAILING), ([a_night(ran(verdict="mended"))], FAILING),
    ([a_night(a_job(state="failed"))], FAILING), ([a_night(ran(undecided=2))], UNDECIDED),
    ([a_night(ran(exit_code=1)), a_night(ran())], SETTLED), ([a_night(ran()), a_night(a_job(state="left out"))], SETTLED),
])  # fmt: skip
def test_what_a_stack_s_last_night_says_of_it(earlier, found):
    assert schedule.tier(TF2, earlier) == found


def test_a_stack_that_is_resolved_afresh_is_always_new():
    assert schedule.tier(NEWEST, [a_night(ran("newest", lock=""))]) == NEW


def test_new_stacks_come_first_then_failing_then_undecided_then_those_that_waited_longest_then_the_longest():
    old = a_night(ran("stale"), started="2025-01-01T00:00:00Z")
    last = a_night(
        *(ran("failing", exit_code=1), ran("undecided", undecided=1), ran("short", 2.0), ran("long", 9.0)),
        started="2025-01-02T00:00:00Z",
    )
    names = ("short", "long", "undecided", "stale", "failing", "new")
    jobs = schedule.plan([candidate(name) for name in names], [old, last], last.edition)
    assert learn_order(jobs) == ["new", "failing", "undecided", "stale", "long", "short"]


def test_a_night_of_another_edition_decides_nothing_but_tells_how_long_a_stack_takes():
    other = a_night(ran("a", 3.0), ran("b", 9.0), edition="2017-03")
    jobs = schedule.plan([candidate("a"), candidate("b")], [other], "2018-08")
    assert [(job.stack, job.minutes) for job in jobs if job.phase == "learn"] == [("b", 9.0), ("a", 3.0)]


def test_prices_come_after_all_that_learns_in_two_rounds_of_opposite_order():
    jobs = schedule.plan([candidate("a"), candidate("b")], [], "2018-08")
    assert [job.label for job in jobs] == ["a learn", "b learn", "a price", "b price", "b price 2", "a price 2"]


def test_turns_come_last_of_telling_stacks_first_then_of_those_that_waited_longest():
    turns = [a_job(name, "turns", "done", seconds=60.0, beside="a") for name in ("b", "c")]
    earlier = [
        a_night(*(ran(name) for name in "abc"), turns[1], started="2025-01-01T00:00:00Z"),
        a_night(turns[0], started="2025-01-02T00:00:00Z"),
    ]
    stacks = [candidate("a"), *(candidate(name, beside="a") for name in "bc"), candidate("new", beside="a")]
    jobs = schedule.plan(stacks, earlier, earlier[0].edition)
    assert [job.label for job in jobs[-3:]] == ["new turns with a", "c turns with a", "b turns with a"]
    assert [job.minutes for job in jobs[-3:]] == [schedule.OTHER_MINUTES["turns"], 1.0, 1.0]
    assert not any(job.beside for job in jobs[:-3])


def test_a_stack_whose_python_is_missing_is_absent_with_its_sentence_and_has_no_price():
    (job,) = schedule.plan([candidate("tf1.0", absence="no Python 3.6 was found here")], [], "2018-08")
    assert (job.stack, job.phase, job.state, job.reason) == ("tf1.0", "learn", "absent", "no Python 3.6 was found here")


@pytest.mark.parametrize(("requires", "minutes"), [
    (("theano==0.9.0", "keras==2.0.2"), 26), (("tensorflow==1.0.1", "keras==2.0.2"), 35), (("tensorflow==1.15.5",), 35),
    (("tensorflow==1.4.1", "keras==2.0.8"), 35), (("keras==3.15.1", "torch==2.13.0"), 45), (("tensorflow==2.0.4",), 13),
    (("tensorflow==2.4.4",), 13), (("tensorflow==2.10.1", "numpy<2"), 9), (("tensorflow==2.21.0", "tf-keras==2.21.0"), 9),
    (("keras==3.15.1", "jax==0.10.2"), 6), (("tensorflow", "keras"), 9), (("keras",), 9), ((), 9),
])  # fmt: skip
def test_a_stack_s_first_night_takes_as_long_as_its_kind_does(requires, minutes):
    asked = candidate("x", requires=requires)
    assert schedule.minutes(asked, "learn", []) == minutes
    assert schedule.minutes(asked, "price", []) == schedule.OTHER_MINUTES["price"]


@pytest.mark.parametrize(("jobs", "minutes"), [
    ([ran(minutes=9.0), ran(minutes=4.0)], 4.0), ([ran(minutes=4.0), a_job(state="failed", seconds=7200.0)], 120.0),
    ([ran(minutes=4.0), a_job(state="failed", seconds=3.0)], 4.0), ([a_job(state="left out", seconds=1800.0)], 30.0),
    ([a_job(state="failed", seconds=3.0)], 9.0),
])  # fmt: skip
def test_a_stack_takes_as_long_as_last_time_and_at_least_as_long_as_it_ran_in_vain_since(jobs, minutes):
    assert schedule.minutes(TF2, "learn", [a_night(job) for job in jobs]) == minutes


def test_a_job_that_does_not_fit_is_passed_over_and_one_that_is_half_done_needs_only_the_rest():
    jobs = [a_job("long", minutes=30.0), a_job("short", minutes=5.0)]
    assert schedule.next_job(jobs, [], 2, 20.0) == 1
    half = [jobs[0]._replace(state="running", seconds=900.0), jobs[1]]
    assert schedule.next_job(half, [], 2, 20.0) == 0
    assert schedule.next_job(jobs, [], 2, 4.0) is None


def test_the_end_is_told_from_the_rest_of_each_estimate_and_never_later_than_the_budget():
    jobs = [a_job(minutes=10.0), a_job(minutes=4.0), a_job(phase="price", minutes=2.0), ran()]
    assert schedule.minutes_to_go(jobs, 2, 100.0) == 12.0
    running = [jobs[0]._replace(state="running", seconds=540.0), *jobs[1:]]
    assert schedule.minutes_to_go(running, 2, 100.0) == 6.0
    late = [jobs[0]._replace(state="running", seconds=660.0), *jobs[1:]]
    assert schedule.minutes_to_go(late, 1, 5.0) == 5.0


jobs_of_a_night = st.lists(
    st.tuples(st.sampled_from(nights.PHASES), st.floats(0.1, 60), st.sampled_from(["waiting", "running", "done"])),
    max_size=12,
)


@given(jobs_of_a_night, st.integers(1, 4), st.floats(1, 120))
def test_whatever_the_jobs_every_one_that_fits_runs_once_within_the_slots_and_the_budget_and_what_times_runs_alone(
    given, slots, budget
):
    """A night simulated with estimates that come true; a clock that jumps from one end to the next."""
    jobs = [a_job(str(place), phase, state, minutes=minutes) for place, (phase, minutes, state) in enumerate(given)]
    clock, ends, begun = 0.0, {}, []
    while True:
        place = schedule.next_job(jobs, list(ends), slots, budget - clock)
        while place is not None:
            begun.append(place)
            ends[place] = clock + jobs[place].minutes
            place = schedule.next_job(jobs, list(ends), slots, budget - clock)
        phases = [jobs[place].phase for place in ends]
        assert len(ends) <= slots
        assert {*phases} <= {"learn"} or len(phases) == 1
        if not ends:
            break
        place = min(ends, key=ends.get)
        clock = ends.pop(place)
        jobs[place] = jobs[place]._replace(state="done")
        assert clock <= budget + 1e-9
    assert len(set(begun)) == len(begun)
    assert all(job.state == "done" or job.minutes > budget - clock for job in jobs)
    learnt = [place for place in begun if jobs[place].phase == "learn"]
    assert begun[: len(learnt)] == learnt
