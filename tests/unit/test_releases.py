"""Which releases a requirement speaks of."""

import pytest
from packaging.version import Version

from harness import expectations, releases
from harness.errors import ExpectationError
from tests.factories import a_question

ORDERED = ["2.0.2", "2.0.9", "2.0.10", "2.1.6", "2.4.0rc1", "2.4", "2.4.4", "2.10.1", "3.0.0.dev1", "3.0.0", "3.15.1"]


def test_releases_sort_as_packaging_sorts_them():
    assert sorted(ORDERED, key=releases.key) == sorted(ORDERED, key=Version) == ORDERED


@pytest.mark.parametrize(("requirement", "is_met"), [
    ("keras", True), ("keras>=2.0.9,<2.2.6", True), ("keras<2.2.4", False), ("keras==2.2.4.0", True), ("keras!=2.2.4", False),
    ("keras<=2.2.4", True), ("keras>2.2.4", False), ("theano", False), ("theano<9", False), ("python<3.7", True),
    ("!theano", True), ("!keras", False),
])  # fmt: skip
def test_a_requirement_is_met_by_what_is_installed(requirement, is_met):
    assert releases.is_met(requirement, {"keras": "2.2.4", "python": "3.6.15"}) is is_met


def test_all_requirements_must_be_met_and_none_always_is():
    installed = {"keras": "2.2.4", "tensorflow": "1.13.1"}
    assert releases.all_met(("keras>=2", "tensorflow<2"), installed)
    assert not releases.all_met(("keras>=2", "tensorflow>=2"), installed)
    assert releases.all_met((), {})


@pytest.mark.parametrize("text", ["Keras>=2", "keras>=", "keras~=2.0", "keras >= 2", "", 7])
def test_what_is_no_requirement_is_refused_by_place(text):
    with pytest.raises(ExpectationError, match=r"naive.toml in expect 1: where has .*; allowed are a name and bounds"):
        releases.check(text, "naive.toml in expect 1")


@pytest.mark.parametrize("text", ["keras=2.3", "keras!2", "!tf-keras>=2.16", "keras>=2.0<3", "keras>=2,", "keras>=2x.1"])
def test_a_slip_in_a_requirement_is_refused(text):
    with pytest.raises(ExpectationError, match="allowed are a name and bounds"):
        releases.check(text, "naive.toml in expect 1")


def test_a_build_under_another_name_is_the_release_it_is_of():
    found = releases.installed({"keras-nightly": "3.16.0.dev2026", "tf-nightly": "2.22.0", "numpy": "2.4"})
    assert releases.all_met(("keras>=3", "tensorflow>=2.16", "!tf-keras"), found)
    assert releases.installed({"keras": "3.15.1", "keras-nightly": "3.16.0"})["keras"] == "3.15.1"


def test_a_version_without_a_number_is_before_all_others():
    assert not releases.is_met("keras>=2", {"keras": "unknown"})


BOTH = {"keras": "3.15.1", "tensorflow-cpu": "2.21.0", "jax": "0.11.0", "numpy": "2.4.6"}


def test_where_keras_had_backends_to_choose_from_the_others_are_not_in_use():
    assert releases.chosen(BOTH, "jax") == "jax"
    in_use = releases.in_use(BOTH, "jax")
    assert releases.all_met(["jax", "!tensorflow", "!torch"], in_use)
    assert releases.all_met(["tensorflow>=2.21", "!jax"], releases.in_use(BOTH, "tensorflow"))


@pytest.mark.parametrize("distributions", [
    {"keras": "3.15.1", "jax": "0.11.0"},
    {"keras": "2.15.0", "tensorflow": "2.15.1", "jax": "0.4.0"},
    {"keras": "2.0.2", "tensorflow": "1.0.1", "theano": "0.9.0"},
    {"tensorflow": "2.0.4", "torch": "1.4.0"},
])  # fmt: skip
def test_where_one_backend_is_installed_or_keras_takes_but_one_there_is_nothing_to_choose(distributions):
    assert releases.chosen(distributions, "tensorflow") == ""
    assert releases.in_use(distributions, "") == distributions


def test_what_is_known_of_a_backend_is_known_of_no_stack_that_has_it_beside_the_one_it_takes():
    known = expectations.Deviation(where=("jax",), why="keeps no state", link="https://example.org", framings=("stateful",))
    for backend, is_known in (("jax", True), ("tensorflow", False)):
        assert known.covers(a_question(distributions=BOTH, backend=backend)) == is_known
