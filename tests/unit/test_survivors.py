"""A fault that the suite misses: dearer than the untouched framework, without any effect, or a survivor."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import backend, selfcheck
from harness.faults import equivalence, planting, prices

CLOCKS = np.zeros(2)  # Seconds of the CPU, and of the clock.


class Model:
    """What `predict` of the framework is."""

    def predict(self, x):
        CLOCKS[:] += 0.002
        return x


def wait(real, this, x):
    CLOCKS[1] += 0.0005
    return real(this, x)


def work(real, this, x):
    CLOCKS[:] += 0.0005
    return real(this, x)


def fault(wrapper):
    return planting.Fault("a_fault", "kind", "it is wrong", ("forward",), lambda site: site.around_model("predict", wrapper))


KERAS = SimpleNamespace(models=SimpleNamespace(Model=Model, Sequential=Model))
UNTOUCHED = fault(lambda real, this, x: real(this, x))


@pytest.fixture
def one_way(monkeypatch):
    monkeypatch.setattr(backend, "load", lambda: None)
    monkeypatch.setattr(prices, "_clocks", CLOCKS.copy)
    monkeypatch.setattr(prices.small, "Networks", lambda loaded: SimpleNamespace(new=lambda: None))
    monkeypatch.setattr(prices.cost, "ways", lambda network: [("predict", lambda: Model().predict(1))])


def test_calls_that_cost_as_much_are_not_dearer(one_way):
    assert prices.dearer(UNTOUCHED, KERAS) == ("", "")


@pytest.mark.parametrize("wrapper", [work, wait])
def test_a_fault_that_works_or_waits_is_dearer(one_way, wrapper):
    by, sentence = prices.dearer(fault(wrapper), KERAS)
    assert by == "price.predict"
    assert sentence.startswith("predict costs over 10% more than untouched in ")


@pytest.mark.parametrize(("name", "is_enough"), [("missed", True), ("mended", False), ("met", False)])
def test_a_contract_is_asked_on_until_something_is_missed(monkeypatch, name, is_enough):
    monkeypatch.setattr(selfcheck.judging, "judge_all", lambda declared, records: [SimpleNamespace(name=name)])
    assert selfcheck.is_missed(None, None) is is_enough


def test_what_is_missed_is_named_before_what_is_mended(monkeypatch):
    """A fault can hide what is known of a stack, which is mended then as far as anybody can see."""
    found = [SimpleNamespace(name=name, expectation=SimpleNamespace(probe=name), sentence="") for name in ("mended", "missed")]
    monkeypatch.setattr(selfcheck.judging, "judge_all", lambda declared, records: found)
    assert selfcheck.missed(None, [None]) == ("missed", "")
    assert selfcheck.missed(None, []) == ("", "")


@pytest.mark.parametrize(("ours", "theirs", "ulps"), [
    ([1.0], [1.0], 0), ([1.0], [1 + 2 ** -23], 1), ([0.0], [0.0], 0), ([0.0], [1.0], 2 ** 23), ([2.0, 1.0], [2.0, 1.5], 2 ** 22)
])  # fmt: skip
def test_distances_are_told_in_units_in_the_last_place(ours, theirs, ulps):
    assert equivalence.off([np.float32(ours)], [np.float32(theirs)]) == pytest.approx(ulps, abs=0.5)


@pytest.mark.parametrize("theirs", [[np.ones(3)], [np.ones(2), np.ones(1)], [np.array([1.0, np.nan])]])
def test_other_shapes_and_what_is_no_number_are_never_equivalent(theirs):
    assert equivalence.off([np.ones(2)], theirs) == float("inf")


@pytest.mark.parametrize(("kind", "by", "dear", "is_proved", "became"), [
    ("cost", "stages.forward", "price.fit", True, "caught"),
    ("cost", "", "price.fit", True, "caught"),
    ("cost", "", "", True, "survived"),
    ("state", "", "price.fit", True, "equivalent"),
    ("state", "", "", False, "survived"),
    ("contract", "", "price.fit", True, "survived"),
])  # fmt: skip
def test_what_the_suite_misses_is_dear_or_equivalent_or_survives(monkeypatch, kind, by, dear, is_proved, became):
    monkeypatch.setattr(backend, "load", lambda: None)
    monkeypatch.setattr(selfcheck, "caught", lambda declared, framework: (by, "told"))
    monkeypatch.setattr(prices, "dearer", lambda fault, keras: (dear, ""))
    monkeypatch.setattr(equivalence, "is_proved", lambda fault, keras: is_proved)
    found = selfcheck.check(None, KERAS, UNTOUCHED._replace(kind=kind))
    assert (found["state"], found["by"]) == (became, by or (dear if became == "caught" else ""))
