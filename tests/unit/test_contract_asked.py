"""The contract is asked clause by clause, and none leaves anything that those behind it would trip over."""

import pytest

from harness import contract
from harness.small import PLAIN
from tests.unit.summing import Backend


@pytest.fixture(autouse=True)
def without_costs(monkeypatch):
    monkeypatch.setattr(contract.cost, "observe", lambda networks, holds: {})


def clause(module, name, said):
    """Return a clause of this name in this module, which calls `said` with its name."""

    def ask(networks):
        said(name)

    ask.__module__, ask.__name__ = module, name
    return ask


def test_after_a_clause_that_fails_the_names_of_what_could_not_be_built_are_left(monkeypatch):
    def refuse(name):
        raise ValueError("it cannot be built")

    backend, left = Backend(), []
    backend.leave_names = lambda: left.append(1)
    monkeypatch.setattr(contract, "CLAUSES", [clause("walks", "first", refuse)])
    assert contract.observe(backend) == {"contract": {"first": "ValueError: it cannot be built"}}
    assert left == [1]


def test_clauses_of_another_module_are_asked_in_a_graph_of_their_own(monkeypatch):
    asked, backend = [], Backend()
    backend.begin_graph = lambda: asked.append("a new graph")
    named = ("walks", "first"), ("walks", "second"), ("masks", "third")
    monkeypatch.setattr(contract, "CLAUSES", [clause(*names, asked.append) for names in named])
    contract.observe(backend)
    assert asked == ["a new graph", "first", "second", "a new graph", "third", "a new graph"]  # The last for what is timed.


def test_once_enough_is_found_the_clauses_of_other_files_are_not_asked(monkeypatch):
    asked, named = [], (("walks", "first"), ("walks", "second"), ("masks", "third"))
    monkeypatch.setattr(contract, "CLAUSES", [clause(*names, asked.append) for names in named])
    found = contract.observe(Backend(), lambda found: "first" in found["contract"])
    assert (asked, found) == (["first", "second"], {"contract": {"first": "holds", "second": "holds"}})


def test_no_network_that_a_clause_holds_leaves_its_graph_while_it_is_asked(monkeypatch):
    begun, backend = [], Backend()
    backend.begin_graph = lambda: begun.append(1) is None

    def several(networks):
        before = len(begun)
        for units in range(1, 7):
            networks.get(PLAIN._replace(units=(units,)))
        return None if len(begun) == before else "a network was left"

    monkeypatch.setattr(contract, "CLAUSES", [several, several])
    assert contract.observe(backend) == {"contract": {"several": "holds"}}
    assert len(begun) == 3  # Before the first, as so many are in one graph then before the second, and for what is timed.
