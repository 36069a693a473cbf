"""Calls that grow dearer, keep memory or trace anew are told; calls that merely vary are not."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from harness import contract, cost, small


class Network:
    """Answers at once; `spoil` is called with the number of calls so far, at every predict."""

    def __init__(self, design, spoil):
        self.design, self.spoil, self.calls = design, spoil, 0

    def weights(self):
        return [np.zeros(2)]

    def set_weights(self, weights):
        pass

    def predict(self, x, batch_size):
        self.calls += 1
        burn(0.0001)
        self.spoil(self)

    def fit(self, *words, validation_data=None, **named):
        burn(0.0001)
        if validation_data is not None:
            self.is_validated = True
            self.spoil(self)
            self.is_validated = False

    def reset(self):
        self.is_reset = True

    evaluate = train_on_batch = lambda self, *words, **named: burn(0.0001)


class Backend:
    def __init__(self, spoil):
        self.spoil = spoil

    def construct(self, design, metrics, optimizer):
        return Network(design, self.spoil)

    def adam(self, rate):
        return rate

    def leave_names(self):
        pass

    def begin_graph(self):
        return False


CLOCK = SimpleNamespace(now=0.0)


def burn(seconds):
    CLOCK.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Calls take as long as they say, 0.1 ms at least, and the loop between them a millisecond."""
    monkeypatch.setattr(cost, "time", SimpleNamespace(process_time=lambda: CLOCK.now))
    monkeypatch.setattr(cost, "_loop", lambda: burn(0.001))
    monkeypatch.setattr(cost, "QUARTER_SECONDS", 0.02)


KEPT = []


@pytest.fixture
def kept():
    yield
    KEPT.clear()


def told(spoil):
    return {
        clause: words for clause, words in cost.observe(small.Networks(Backend(spoil)), "holds").items() if words != "holds"
    }


def test_calls_that_stay_as_they_are_hold():
    assert told(lambda network: burn(0.001)) == {}


def test_calls_that_grow_dearer_are_told():
    words = told(lambda network: burn(0.0005 * network.calls))["seconds_do_not_grow"]
    assert words.startswith("predict costs ")
    assert " times as much after " in words


def test_calls_that_vary_by_a_factor_of_two_are_not_told():
    random = np.random.RandomState(0)
    assert [told(lambda network: burn(random.uniform(0.001, 0.002))) for _ in range(20)] == 20 * [{}]


def test_growth_is_told_on_a_machine_that_is_noisy():
    """Each call a tenth of the first dearer, under the noise of CPU seconds beside three jobs on two cores."""
    random = np.random.RandomState(0)
    found = [told(lambda network: burn(0.02 * (1 + 0.1 * network.calls) * np.exp(random.normal(0, 0.3)))) for _ in range(20)]
    assert sum("seconds_do_not_grow" in words for words in found) >= 18


def test_a_neighbour_that_comes_and_makes_calls_twice_as_dear_is_no_growth():
    random = np.random.RandomState(0)
    found = [
        told(lambda network, at=at: burn(0.02 * (1 + (network.calls > at)) * np.exp(random.normal(0, 0.3))))
        for at in range(0, 320, 16)
    ]
    assert found == 20 * [{}]


@pytest.mark.parametrize(("values", "share"), [([1, 2, 3], 1), ([3, 2, 1], -1), ([1, 3, 2], 1 / 3), ([2, 2, 2], 0)])
def test_tau_is_kendall_s(values, share):
    assert cost.tau(values) == pytest.approx(share)


@pytest.mark.parametrize(("rise", "quarters"), [(0.0, 8), (0.01, 16)])
def test_a_look_on_ends_as_soon_as_nothing_rises_and_where_it_is_told(rise, quarters):
    costs, later = [1.0, 1.0, 1.0, 1.3], itertools.count(1)
    way = SimpleNamespace(quarter=lambda: SimpleNamespace(cost=1 + rise * next(later)))
    assert not cost._grows(costs, way)
    assert len(costs) == quarters


def test_a_single_dear_stretch_is_no_growth():
    assert told(lambda network: burn(0.01 if 20 < network.calls < 30 else 0.002)) == {}


def test_memory_that_every_call_keeps_is_told(kept):
    assert told(lambda network: KEPT.append(np.ones(16384)))["memory_does_not_grow"].startswith("predict keeps 256 kB a call")


def test_memory_that_is_kept_once_is_not_told(kept):
    assert told(lambda network: KEPT.append(np.ones(100 * 16384)) if network.calls == 5 else None) == {}


def test_python_that_runs_at_every_call_is_told():
    words = told(lambda network: network.design.on_trace())["nothing_traced_anew"]
    assert words == "predict runs the Python of a layer 2 times a call, though each is like those before"


def test_python_that_runs_at_the_first_calls_alone_is_not_told():
    assert told(lambda network: network.calls <= 2 and network.design.on_trace()) == {}


def test_a_validation_that_is_traced_in_every_fit_is_told():
    words = told(lambda network: getattr(network, "is_validated", False) and network.design.on_trace())
    assert words == {"nothing_traced_anew": "fit with validation_data runs the Python of a layer again"}


def test_a_prediction_that_is_traced_after_every_reset_is_told():
    words = told(lambda network: getattr(network, "is_reset", False) and network.design.on_trace())
    assert words == {"nothing_traced_anew": "predict after a reset runs the Python of a layer again"}


def refuse(network):
    raise ValueError("no predict")


def test_what_a_call_raises_is_what_each_clause_found():
    assert set(told(refuse).values()) == {"ValueError: no predict"}
    assert set(told(refuse)) == set(cost.CLAUSES)


def test_the_contract_asks_for_the_cost_too():
    assert set(cost.CLAUSES) < set(contract.observe(Backend(refuse))["contract"])
