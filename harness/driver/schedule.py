"""What a night runs, in which order, and whether it still fits into the budget. Pure: no clock, no file, no process."""

from collections.abc import Sequence
from typing import NamedTuple

from harness.driver import nights
from harness.driver.nights import Job, Night

# What a stack's last night says of it, from what tells most to what tells least.
NEW, FAILING, UNDECIDED, SETTLED = range(4)
ROUNDS = 2  # Prices are taken twice, in opposite order, so that a machine that drifts hits all stacks alike.
RAN = ("done", "failed")
# Minutes that a stack's first night may take, by what it requires: the first that fits counts. They are those of the night of
# 2026-11-30, two stacks at a time on two fast cores (AMD EPYC) of a shared machine, with 87 clauses, and two more for the other
# fifty: 24 on Theano, 42 on PyTorch, 25 to 33 on TensorFlow 1, 12 on 2.4, 6 to 10 later, 5 on JAX. TensorFlow 2.0 took 40
# without XLA, and with it 7.6 CPU minutes but for the contract's. From the second night on a stack's own time counts.
FIRST_MINUTES = (
    ("theano", 26.0),
    ("torch", 45.0),
    ("tensorflow==1.", 35.0),
    ("keras==2.", 35.0),
    ("tensorflow==2.0.", 13.0),
    ("tensorflow==2.4.", 13.0),
    ("jax", 6.0),
    ("tensorflow", 9.0),
    ("", 9.0),
)
# Fourteen pairs of processes of tf2.15 and tf2.21 took turns for 15 minutes, 60 to 71 s each (two cores, nothing beside).
OTHER_MINUTES = {"price": 1.0, "turns": 15.0}


class Candidate(NamedTuple):
    """A stack that a night may ask.

    requires: as declared; lock: the digest of its lock, "" where it is resolved afresh; absence: why it is absent; beside: the
    stack of the night that came before it, with which it is timed in turns, "" where there is none.
    """

    stack: str
    requires: tuple[str, ...]
    lock: str
    absence: str = ""
    beside: str = ""


def plan(candidates: Sequence[Candidate], earlier: Sequence[Night], edition: str) -> tuple[Job, ...]:
    """Return a fresh night's jobs in the order in which they start.

    All that learn, then the prices, round by round, then what takes turns, which tells of a tenth, where prices tell of a half.
    """
    same = [night for night in earlier if night.edition == edition]
    here = sorted((one for one in candidates if not one.absence), key=lambda one: _order(one, same, earlier))
    learn = [_job(one, "learn", earlier) for one in here]
    rounds = [(number, here if number % 2 else here[::-1]) for number in range(1, ROUNDS + 1)]
    price = [_job(one, "price", earlier)._replace(round=number) for number, order in rounds for one in order]
    paired = sorted((one for one in here if one.beside), key=lambda one: (tier(one, same), _last_night(one, same, "turns")))
    turns = [_job(one, "turns", earlier)._replace(beside=one.beside) for one in paired]
    absent = [Job(one.stack, "learn", "absent", None, None, one.absence, "") for one in candidates if one.absence]
    return (*learn, *price, *turns, *absent)


def _order(candidate: Candidate, same: Sequence[Night], earlier: Sequence[Night]) -> tuple[int, str, float]:
    """New and telling stacks first, then those that waited longest, then the longest, so that the cores stay busy."""
    return tier(candidate, same), _last_night(candidate, same, "learn"), -minutes(candidate, "learn", earlier)


def _job(candidate: Candidate, phase: str, earlier: Sequence[Night]) -> Job:
    estimate = round(minutes(candidate, phase, earlier), 2)
    return Job(candidate.stack, phase, "waiting", None, None, "", "", minutes=estimate, lock=candidate.lock)


def tier(candidate: Candidate, earlier: Sequence[Night]) -> int:
    """Return what the stack's last night says of it: NEW, FAILING, UNDECIDED or SETTLED."""
    ran = [job for job in _attempts(candidate, "learn", earlier) if job.state in RAN]
    if not ran or not candidate.lock or ran[-1].lock != candidate.lock:
        return NEW
    if ran[-1].is_failing:
        return FAILING
    return UNDECIDED if ran[-1].undecided else SETTLED


def minutes(candidate: Candidate, phase: str, earlier: Sequence[Night]) -> float:
    """Return how long the job will take: as last time, or as its kind does; and at least what ended too early since."""
    attempts = [job for job in _attempts(candidate, phase, earlier) if job.seconds is not None]
    done = [index for index, job in enumerate(attempts) if job.state == "done"]
    taken = [(job.seconds or 0.0) / 60 for job in attempts]
    if done:
        return max(taken[done[-1] :])
    first = next(value for start, value in FIRST_MINUTES if any(one.startswith(start) for one in (*candidate.requires, "")))
    return max([OTHER_MINUTES.get(phase, first), *taken])


def _attempts(candidate: Candidate, phase: str, earlier: Sequence[Night]) -> list[Job]:
    found = [job for night in earlier for job in night.jobs if (job.stack, job.phase) == (candidate.stack, phase)]
    if phase != "turns":
        return found
    # What is decided of two stacks takes no time any more, until another release or another stack stands there.
    return [job for job in found if job.beside == candidate.beside and job.lock == candidate.lock != ""]


def _last_night(candidate: Candidate, earlier: Sequence[Night], phase: str) -> str:
    """Return when the last night began in which the stack came to this phase, "" if none did."""
    ran = [night.started for night in earlier if any(job.state in RAN for job in _attempts(candidate, phase, [night]))]
    return max(ran, default="")


def next_job(jobs: Sequence[Job], running: Sequence[int], slots: int, left_minutes: float) -> int | None:
    """Return the place of the job to start now, None if none may: what times waits until nothing else runs and runs alone.

    A job that does not fit into what is left of the budget is passed over for one that does.
    """
    fitting = [place for place, job in enumerate(jobs) if _may_begin(place, job, running) and job.minutes_left <= left_minutes]
    learn = [place for place in fitting if jobs[place].phase == "learn"]
    is_timing = any(jobs[place].phase != "learn" for place in running)
    if learn and not is_timing and len(running) < slots:
        return learn[0]
    return fitting[0] if fitting and not learn and not running else None


def _may_begin(place: int, job: Job, running: Sequence[int]) -> bool:
    return job.state in nights.OPEN and place not in running


def minutes_to_go(jobs: Sequence[Job], slots: int, left_minutes: float) -> float:
    """Return in how many minutes the night will roughly end."""
    to_go = [job for job in jobs if job.state in nights.OPEN]
    learn = [job.minutes_left for job in to_go if job.phase == "learn"]
    alone = sum(job.minutes_left for job in to_go if job.phase != "learn")
    return min(left_minutes, max(sum(learn) / slots, max(learn, default=0.0)) + alone)
