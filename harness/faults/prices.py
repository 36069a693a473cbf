"""Is a planted fault dearer than the untouched framework? Both are called in turn: what slows the machine slows both."""

import time

import numpy as np

from harness import backend, cost, faults, small

PAIRS = 40
DEARER = 1.1
# With a slow-down of a tenth, half of the pairs show more: 32 of 40 then come about once in 10,000 times (binomial tail).
ENOUGH = 32
WARM = 3


def dearer(fault, keras):
    """Return ("price.WAY", sentence) of the first way in which calls cost over a tenth more, two empty texts where none does.

    CPU seconds and those of the clock are both asked: a fault that waits spends none of the former.
    """
    plain = dict(cost.ways(small.Networks(backend.load()).new()))
    with faults.planted(fault, keras):
        touched = dict(cost.ways(small.Networks(backend.load()).new()))
        _warm(touched)
    _warm(plain)
    for name, call in plain.items():
        ratios = np.array([_ratios(call, touched[name], fault, keras) for _ in range(PAIRS)])
        shown = int((ratios > DEARER).sum(axis=0).max())
        if shown >= ENOUGH:
            words = "{} costs over {:.0%} more than untouched in {} of {} pairs of calls"
            return "price." + name, words.format(name, DEARER - 1, shown, PAIRS)
    return "", ""


def _warm(ways):
    for call in ways.values():
        for _ in range(WARM):
            call()


def _ratios(plain, touched, fault, keras):
    """Return what a call with the fault costs over one without: in seconds of the CPU, and in those of the clock."""
    without = _spent(plain)
    with faults.planted(fault, keras):
        planted = _spent(touched)
    return planted / np.maximum(without, 1e-9)


def _spent(call):
    started = _clocks()
    call()
    return _clocks() - started


def _clocks():
    return np.array([time.process_time(), time.perf_counter()])
