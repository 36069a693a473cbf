"""Which records speak for each stack: those of a night, or, where a stack had no part in it, the newest that it has."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness.driver import publishing
from harness.driver import stacks as stacks_
from harness.driver.errors import ChoiceError
from harness.driver.nights import Job, Night
from harness.driver.summary import asked
from harness.record import LOOKS, Record
from harness.store import Store

WHOLE = ("learn", *LOOKS)  # Purposes that answer for a framing by themselves, as a check of two epochs does not.
RECENT = 10  # Invocations of a stack that are looked through for what no night holds.
# Of several jobs of a stack the first of these is said.
UNFINISHED = ("failed", "running", "waiting", "left out", "absent")
STATES = (*UNFINISHED, "done")

# What a job is said to be where nobody wrote down why.
LOST, NOTHING = "its records are gone", "it recorded nothing"
REASONS = {"running": "it is still training", "waiting": "its turn has not come"}


def recorded(known: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Return the names, or all that have records; ChoiceError where there are none at all, or none of one that is named."""
    if not known:
        raise ChoiceError("there are no records yet; `tox -e tf2` makes some")
    for name in names:
        if name not in known:
            raise ChoiceError(f"no records of stack {name!r}; known: {', '.join(known)}")
    return names or known


class Outcome(NamedTuple):
    """What became of one job: its state, why, and the editions that its records are of, or its night's if it left none."""

    state: str
    reason: str
    editions: frozenset[str]


class Source(NamedTuple):
    """What speaks for one stack.

    outcomes: of its jobs of the night, none where it had no part in it; since: the days of older records, "" otherwise.
    records: those judged; timed: those that hold timings, taken in the night or not; pricing: of its jobs that were to time.
    pooled: what several nights together have to compare.
    """

    stack: str
    why: str
    outcomes: tuple[Outcome, ...]
    since: str
    records: tuple[Record, ...]
    timed: tuple[Record, ...]
    is_timed_tonight: bool
    pricing: tuple[Outcome, ...]
    pooled: tuple[Record, ...]

    def outcome(self, edition: str) -> Outcome:
        """Return the worst outcome of training in an edition, "done" where there is none."""
        return _worst(self.outcomes, edition)

    def price_outcome(self, edition: str) -> Outcome:
        """Return the worst outcome of timing in an edition, "done" where there is none."""
        return _worst(self.pricing, edition)


def _worst(outcomes: Iterable[Outcome], edition: str) -> Outcome:
    mine = [one for one in outcomes if edition in one.editions]
    return min(mine, key=lambda one: STATES.index(one.state), default=Outcome("done", "", frozenset()))


def declared() -> dict[str, str]:
    """Return what each declared stack is there for, by name, in the order declared."""
    return {one.name: one.why for one in stacks_.load()}


def gather(store: Store, nights: Sequence[Night], stacks: dict[str, str]) -> list[Source]:
    """Return a source for each stack that has a job in the last of these nights, or any record at all.

    All nights given are pooled for comparing. Stacks that are not declared come last.
    """
    jobs = nights[-1].jobs if nights else ()
    names = dict.fromkeys([*stacks, *(job.stack for job in jobs), *store.stacks()])
    found = [_source(store, nights, name, stacks.get(name, "")) for name in names]
    return [source for source in found if source.records or source.timed or source.outcomes]


def alone(records: Sequence[Record]) -> Source:
    """Return what the records of one invocation say by themselves, outside of any night."""
    judged = tuple(one for one in records if one.question.purpose != "time")
    timed = tuple(one for one in records if one.question.purpose == "time")
    stack = records[0].stack
    return Source(stack, declared().get(stack, ""), (), "", judged, timed, bool(timed), (), judged)


def _source(store: Store, nights: Sequence[Night], stack: str, why: str) -> Source:
    jobs = _jobs(nights[-1], stack) if nights else []
    learning = [job for job in jobs if job.phase == "learn"]
    records = _read(store, stack, learning) if learning else _older(store, stack)
    timed, pricing = _timed(store, nights, stack, jobs, records)
    past = [job for night in nights[:-1] for job in _jobs(night, stack) if job.phase == "learn"]
    judged = tuple(one for one in records if one.question.purpose != "time")
    return Source(
        stack=stack,
        why=why,
        outcomes=tuple(_outcome(job, nights[-1].edition, records) for job in learning),
        since="" if learning else _days(records),
        records=judged,
        timed=timed,
        is_timed_tonight=bool(jobs) and bool(timed),
        pricing=pricing,
        pooled=(*_read(store, stack, past), *judged),
    )


def _jobs(night: Night, stack: str) -> list[Job]:
    return [job for job in night.jobs if job.stack == stack]


def _outcome(job: Job, edition: str, records: Iterable[Record]) -> Outcome:
    found = {one.question.framing["edition"] for one in records if one.invocation == job.invocation}
    state = "failed" if job.is_broken else job.state
    if state == "done" and not found:
        return Outcome("absent", LOST if job.invocation else NOTHING, frozenset({edition}))
    reason = job.reason or REASONS.get(state, f"no reason was kept; exit code {job.exit_code}")
    return Outcome(state, "" if state == "done" else reason, frozenset(found or {edition}))


def _read(store: Store, stack: str, jobs: Iterable[Job]) -> tuple[Record, ...]:
    names = dict.fromkeys(job.invocation for job in jobs if job.invocation)
    return tuple(one for name in names for one in store.read(stack, name))


def _timed(
    store: Store, nights: Sequence[Night], stack: str, jobs: Sequence[Job], records: Iterable[Record]
) -> tuple[tuple[Record, ...], tuple[Outcome, ...]]:
    """Return the records with timings, and what became of the jobs that were to take them.

    A night that measures prices does so with nothing else running; what its training measured beside others is no price.
    """
    if nights and jobs and any(job.phase == "price" for job in nights[-1].jobs):
        pricing = [job for job in jobs if job.phase == "price"]
        found = _read(store, stack, pricing)
        outcomes = tuple(_outcome(job, nights[-1].edition, found) for job in pricing)
        return tuple(one for one in found if one.question.purpose == "time"), outcomes
    return tuple(one for one in records if one.question.purpose == "time"), ()


def _older(store: Store, stack: str) -> tuple[Record, ...]:
    """Return, for each framing and edition, the records of the newest invocation that learnt it in full.

    Of the stages and the contract, which learn nothing, those of the newest that asked them.
    """
    names = [entry["invocation"] for entry in store.invocations(stack)]
    names = names or [one.name for one in publishing.invocations(store, stack)]
    found: dict[tuple[str, str], list[Record]] = {}
    for name in reversed(names[-RECENT:]):
        records = store.read(stack, name)
        learnt = {_column(one) for one in records if one.question.purpose in WHOLE} - set(found)
        for one in records:
            if _column(one) in learnt:
                found.setdefault(_column(one), []).append(one)
    return tuple(one for group in found.values() for one in group)


def _column(record: Record) -> tuple[str, str]:
    framing = record.question.framing
    return asked(framing["name"], record.question.purpose), framing["edition"]


def _days(records: Iterable[Record]) -> str:
    days = sorted({one.started[:10] for one in records})
    return " to ".join(dict.fromkeys([*days[:1], *days[-1:]]))
