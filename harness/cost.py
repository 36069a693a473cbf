"""The clauses of the contract on cost: no call costs more, keeps more memory, or is traced anew, however many came before.

CPU seconds, not those of the clock, which other programs stretch; and as a ratio to a loop that is timed in between, because
even CPU seconds grow where the neighbour on the same core is busy.
"""

import contextlib
import ctypes
import gc
import sys
import time
from typing import NamedTuple

import numpy as np

from harness.errors import reason
from harness.small import KEEPING, samples

CLAUSES = ("nothing_traced_anew", "seconds_do_not_grow", "memory_does_not_grow")
WARM = 2  # The first call traces, the second of `fit` and of some predictions too.
QUARTERS = 4
QUARTER_SECONDS, FEWEST, MOST = 0.05, 5, 200  # Calls in a quarter: as many as take so long, but not fewer nor more.
# (Of three a quarter the noise beside three jobs hid a `predict` of tf2 that had grown 7.5 times as dear: tau was 0.73.)
# Where a later of four quarters is a quarter dearer than an earlier one, and call for call they rise, too, there are eight,
# then sixteen, and if need be 32. Growth is told where the last quarter of them is half as dear again as the first, and
# Kendall's tau is so high: that comes once in 40,000 times where sixteen merely vary, in ten million where 32 do (Kendall 1938:
# its standard deviation is sqrt(2 (2n + 5) / (9n (n - 1))), 0.185 and 0.124). A step in the middle of 32 has 0.53.
# Eight tell nothing, but they end two of three looks at what merely varies by 1.3, and one in a hundred at what grows by a
# thirtieth of its first call with each (simulated: 4,000 of noise, 1,000 of growth).
# Untouched stacks vary by a factor of two under three other jobs on two cores. Where calls vary by 1.3 (a standard deviation),
# one quarter is so dear in half of all cases, which cost 30 s of TensorFlow 2.21; call for call a tenth of those rise.
DEARER, RISING, GROWN = 1.25, 0.2, 1.5
NEVER = 2.0  # No tau is above 1.
LOOKS = (8, RISING, NEVER), (16, 0.5, 0.75), (32, 0.65, 0.65)  # Quarters; the tau that is worth another look; that of growth.
# Bytes of a block of Python's own allocator, which has 16 to 512. A `fit` of TensorFlow 2.0 leaves 3,154 of them, and its
# process grows by 207 kB more than the C allocator tells: 67 each.
BLOCK = 64
KEPT = 20 * 1024  # TensorFlow 2.15 keeps up to 11 kB of every `fit`, the most of those that no issue speaks of.


def observe(networks, holds):
    """Return {clause: `holds`, or what was found instead}: one network is called over and over through each way there is."""
    try:
        warm = [Way(name, call) for name, call in ways(networks.get())]
        with _set_aside():
            rounds = _rounds(warm, networks.traces)
            told = [_traced_told(rounds, warm), _seconds_told(rounds, warm), _memory_told(rounds, warm)]
            told[0] = told[0] or _traced_again(networks)
    except Exception as error:  # noqa: BLE001 - what a stack cannot do is what was found
        told = [reason(error)] * len(CLAUSES)
    return {clause: words or holds for clause, words in zip(CLAUSES, told)}


@contextlib.contextmanager
def _set_aside():
    """No collection looks at what is there already, which takes a quarter of a second with TensorFlow; since Python 3.7."""
    gc.collect()
    getattr(gc, "freeze", bool)()  # Not by its name, which vermin refuses for Python 3.6.
    try:
        yield
    finally:
        getattr(gc, "unfreeze", bool)()


def ways(network):
    """Yield (what it is called, a call of it): on one row, but `fit` over twenty steps, `predict` on one and then on two."""
    x, y = samples()
    many = np.repeat(x[:1], 20, axis=0), np.repeat(y[:1], 20, axis=0)
    yield "fit", lambda: network.fit(many[0], many[1], 1, shuffle=False)
    yield "predict", lambda: [network.predict(x[:count], 2) for count in (1, 2)]
    yield "evaluate", lambda: network.evaluate(x[:1], y[:1], 1)
    yield "train_on_batch", lambda: network.train_on_batch(x[:1], y[:1])


class Way:
    """One way to call a network, warm, and how many calls of it make a quarter."""

    def __init__(self, name, call):
        self.name, self.call = name, call
        for _ in range(WARM):
            call()
        self.count = int(min(MOST, max(FEWEST, QUARTER_SECONDS / max(_seconds(call), 1e-6))))

    def quarter(self, traces=()):
        """Return a Quarter of calls; `traces` grows whenever they run a layer's Python."""
        before = len(traces)
        spent, loops = np.transpose([(_seconds(self.call), _seconds(_loop)) for _ in range(self.count)])
        return Quarter(float(spent.min() / loops.min()), spent, len(traces) - before)


class Quarter(NamedTuple):
    """A quarter of a way's calls: the cost of one, the CPU seconds of each, and how often they ran a layer's Python.

    cost: the least CPU seconds, in units of the loop between calls. The least, because threads that wait for a core spend
    seconds on it: with three other jobs on two cores the median of 200 calls of Keras 2.0.8 grew to 2.5 times what it was.
    """

    cost: float
    seconds: np.ndarray
    traced: int


class Round(NamedTuple):
    """A Quarter of each way, by its name, and the bytes that all together kept."""

    quarters: dict
    kept: int


def _rounds(warm, traces):
    """Return four rounds. What one leaves is what the next begins with: to look takes 0.25 s on Python 3.6."""
    rounds, held = [], _held()
    for _ in range(QUARTERS):
        quarters = {way.name: way.quarter(traces) for way in warm}
        before, held = held, _held()
        rounds.append(Round(quarters, held - before))
    return rounds


def _seconds(work):
    started = time.process_time()
    work()
    return time.process_time() - started


def _loop():
    return sum(number * number for number in range(10000))


class _Mallinfo(ctypes.Structure):
    """What glibc tells of its allocator (mallinfo2(3), since glibc 2.33), in bytes."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "free_chunks", "fast_chunks", "maps", "mapped", "peak", "fast", "used", "free", "top")
    ]


def _held():
    """Return the bytes in use: of the C allocator, and of Python's own small blocks, each counted as BLOCK; else 0.

    Not those that the process holds: what earlier networks left free is filled before they grow. Nothing is told where the C
    library does not tell (glibc before 2.33, other systems), nor of what is allocated past it (TensorFlow 1.0 to 1.8 has
    an allocator of its own for tensors).
    """
    gc.collect()
    ask = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if ask is None:
        return 0
    ask.restype = _Mallinfo
    told = ask()
    return told.used + told.mapped + BLOCK * sys.getallocatedblocks()


def _traced_told(rounds, warm):
    """Say which calls, though like those before, ran a layer's Python again: what was traced, or built, should be used."""
    for way in warm:
        runs = max(one.quarters[way.name].traced for one in rounds)
        if runs:
            return "{} runs the Python of a layer {:.2g} times a call, though each is like those before".format(
                way.name, runs / way.count
            )
    return None


def _traced_again(networks):
    """Say which calls that are not timed trace anew what they had traced before."""
    for name, call in _beside(networks):
        for _ in range(WARM):
            call()
        before = len(networks.traces)
        call()
        if len(networks.traces) > before:
            return "{} runs the Python of a layer again".format(name)
    return None


def _beside(networks):
    """Yield (what it is called, a call of it): `fit` that validates, and `predict` where the state was forgotten before."""
    (x, y), plain = samples(count=KEEPING.batch_size), networks.get()
    yield "fit with validation_data", lambda: plain.fit(x, y, len(x), False, epochs=2, validation_data=(x, y))
    keeping = networks.get(KEEPING)
    yield "predict after a reset", lambda: (keeping.reset(), keeping.predict(x, len(x)))


def _seconds_told(rounds, warm):
    """Say which calls grow dearer, the more there were."""
    for way in warm:
        quarters = [one.quarters[way.name] for one in rounds]
        costs = [one.cost for one in quarters]
        if _may_grow(costs, np.concatenate([one.seconds for one in quarters])) and _grows(costs, way):
            return "{} costs {:.2g} times as much after {} calls".format(way.name, growth(costs), way.count * len(costs))
    return None


def _may_grow(costs, seconds):
    half = len(costs) // 2
    return max(costs[half:]) >= DEARER * min(costs[:half]) and tau(seconds) >= RISING


def _grows(costs, way):
    """Whether calls grow dearer: adds quarters to `costs` until that is told, or not worth another look."""
    for count, worth, enough in LOOKS:
        costs += [way.quarter().cost for _ in range(count - len(costs))]
        rise = tau(costs)
        if rise < worth:
            return False
        if rise >= enough:
            return growth(costs) >= GROWN
    return False


def growth(costs):
    """Return how many times as dear the last quarter of these is as the first, by their medians."""
    part = len(costs) // 4
    return float(np.median(costs[-part:]) / np.median(costs[:part]))


def tau(values):
    """Return Kendall's tau of values against their order: the share of pairs that rise, less that of those that fall."""
    later, earlier = np.tril_indices(len(values), -1)
    values = np.asarray(values)
    return float(np.sign(values[later] - values[earlier]).mean())


def _memory_told(rounds, warm):
    """Say which calls keep memory in every quarter, alone and, but for the first, which keeps much once, together."""
    if min(one.kept for one in rounds[1:]) <= KEPT * min(way.count for way in warm):
        return None
    for way in warm:
        kept = min(one.kept for one in _rounds([way], [])) / way.count
        if kept > KEPT:
            return "{} keeps {:.0f} kB a call".format(way.name, kept / 1024)
    return None
