"""In which night a stack changed: a vote that chance seldom wins, and what is other to the last bit."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from matrix import NAIVE, STATEFUL, fill, job, seeds, timed, versions, write_night

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import nights
from harness.driver.commands import main
from harness.driver.compare import changepoints, history


def night(store, number, losses, digest="", installed=None, stack="newest"):
    """Write what a stack learnt in the night of that number; a digest makes its weights known."""
    runs = seeds(
        stack, losses, installed=installed, invocation=f"night-{number:02d}", started=f"2026-10-{number:02d}T20:00:00Z"
    )
    known = [{**one.observations, **({"weights_digest": f"{digest}{one.question.seed}"} if digest else {})} for one in runs]
    fill(store, *(one._replace(observations=observed) for one, observed in zip(runs, known, strict=True)))


def told(*words):
    outcome = CliRunner().invoke(main, ["history", *words], catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


def losses(random, middle=0.5):
    return list(middle * np.exp(0.1 * random.normal(size=5)))


def test_a_stack_that_races_is_searched_by_the_medians_of_its_nights(store):
    random = np.random.default_rng(3)
    for number in range(1, 25):
        installed = versions(keras="3.15.1" if number < 16 else "3.16.0")
        night(store, number, losses(random, 0.5 if number < 16 else 0.8), digest=f"{number}-", installed=installed)
    (change,) = [one for one in json.loads(told("newest", "--json"))["newest"]["changes"] if one["metric"]]
    assert (change["metric"], change["invocation"], change["releases"]) == ("loss", "night-16", ["keras 3.15.1 -> 3.16.0"])
    assert change["p"] <= 0.05
    assert "2026-10-16 20:00 (night-16): naive (compiled) loss: 0." in told("newest")


def test_nights_that_only_scatter_are_told_as_unchanged(store):
    random = np.random.default_rng(4)
    for number in range(1, 25):
        night(store, number, losses(random))
    assert "nothing changed" in told("newest")


def test_a_stack_that_repeats_itself_is_told_to_the_last_bit(store):
    for number in range(1, 5):
        installed = versions(numpy="2.4.6" if number < 3 else "2.5.0")
        night(store, number, [0.5, 0.6], digest="a" if number < 3 else "b", installed=installed)
    assert (
        "2026-10-03 20:00 (night-03): naive (compiled) came out otherwise from the same seeds; numpy 2.4.6 -> 2.5.0" in told()
    )


def test_a_stack_that_never_repeats_itself_is_not_told_every_night(store):
    for number in range(1, 5):
        night(store, number, [0.5, 0.6], digest=f"{number}-")
    assert "too few runs to tell" in told("newest")


def test_costs_are_told_as_multiples_of_the_newest_stack_in_the_same_night(store):
    random = np.random.default_rng(8)
    for number in range(1, 15):
        names = [f"{stack}-{number}-{turn}" for turn, stack in enumerate(("tf2", "tf2.15", "tf2.15", "tf2"))]
        weather = np.exp(0.5 * random.normal())  # What else the machine did that night.
        for turn, name in enumerate(names):
            dearer = 2 if name.startswith("tf2.15") and number >= 8 else 1
            seconds = [0.1 * weather * dearer * np.exp(0.02 * random.normal())] * 3
            at = f"2026-10-{number:02d}T21:0{turn}:00Z"
            fill(
                store,
                *(
                    timed(name.split("-")[0], seconds, framing=one, invocation=name)._replace(started=at)
                    for one in (NAIVE, STATEFUL)
                ),
            )
        jobs = [job(name.split("-")[0], phase="price", invocation=name) for name in names]
        write_night(store, *jobs, name=f"night-{number:02d}", started=f"2026-10-{number:02d}T20:00:00Z")
    changes = json.loads(told("tf2.15", "--json"))["tf2.15"]["changes"]
    assert {(one["key"]["framing"], one["invocation"]) for one in changes} >= {("every framing", "night-08")}
    assert "every framing" in told("tf2.15")
    assert json.loads(told("tf2", "--json"))["tf2"]["changes"] == []


def test_what_is_no_series_of_costs_takes_none_of_their_budget(store):
    held = {"peak_memory": 2**29}
    fill(store, *(timed(stack, invocation=stack)._replace(observations=held) for stack in ("tf2", "tf2.15")))
    write_night(store, *(job(stack, phase="price", invocation=stack) for stack in ("tf2", "tf2.15")))
    (found,) = history.priced(declarations.load(FOLDER), store, nights.read_all(store.home), "tf2.15")
    parts = {"epoch_of_fit", "predict_one_letter", "compiled_steps"}
    assert [(set(cell.metrics), set(cell.columns)) for cell in found.cells.values()] == [(parts, parts)]


def test_a_stack_without_records_is_one_sentence(store):
    night(store, 1, [0.5])
    outcome = CliRunner().invoke(main, ["history", "tf9"])
    assert (outcome.exit_code, outcome.output) == (2, "harness: no records of stack 'tf9'; known: newest\n")


def test_where_nothing_was_recorded_one_sentence_says_so(store):
    outcome = CliRunner().invoke(main, ["history"])
    assert (outcome.exit_code, outcome.output) == (2, "harness: there are no records yet; `tox -e tf2` makes some\n")


@pytest.mark.parametrize("series", [[1.0] * 20, [1.0, 2.0, 1.0], []])
def test_a_series_that_never_moves_or_is_too_short_has_no_change(series):
    assert changepoints.find(series) == []


def test_a_change_is_located_to_the_night(store):
    random = np.random.default_rng(5)
    found = changepoints.find([*random.normal(size=20), *(4 + random.normal(size=10))])
    assert [one.place for one in found] == [20]
    assert found[0].p == pytest.approx(0.001)


def test_shuffled_nights_are_called_changed_as_seldom_as_p_says():
    random = np.random.default_rng(6)
    believed = [any(one.p <= 0.05 for one in changepoints.find(random.normal(size=12))) for _ in range(60)]
    assert np.mean(believed) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)
