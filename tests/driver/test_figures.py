"""Pictures: what is in them is decided as data, and each is a PNG."""

import pytest
from factories import a_record
from records import learnt

from harness import framings
from harness.driver import figures

COLD = {letter: {"answer": "Z" if letter == "K" else "B", "probability": 0.9} for letter in framings.ALPHABET}


def test_the_grid_of_answers_has_a_row_per_run_and_a_column_per_pattern():
    grid = figures.pattern_grid([learnt(1), learnt(2)])
    assert grid.rows == ("1", "2")
    assert "".join(grid.columns) == framings.ALPHABET[:-1]
    assert grid.right(0) == 25


def test_patterns_of_mixed_length_are_sorted_by_their_last_letter():
    asked = list(dict.fromkeys(framings.patterns(framings.VARIABLE_LENGTH)))
    answers = {"answers": [[text, letter, 1.0] for text, letter in asked]}
    grid = figures.pattern_grid([a_record(question={"framing": framings.VARIABLE_LENGTH}, observations=answers)])
    last = [text[-1] for text in grid.columns]
    assert last == sorted(last)
    assert grid.right(0) == len(grid.columns) == 114
    assert [len(piece.columns) for piece in grid.pieces()] == [38, 38, 38]


def test_a_cold_start_is_right_where_it_answers_as_the_page_says():
    grid = figures.cold_grid([a_record(observations={"cold_starts": COLD})])
    assert grid.right(0) == 25


@pytest.mark.parametrize("records", [[], [learnt(1)], [learnt(1)._replace(curves={"loss": [None, 1.0], "epoch": [1, 500]})]])
def test_learning_curves_are_drawn_with_none_one_and_gaps(records):
    assert figures.learning_curves(records).startswith(b"\x89PNG")


def with_cold_starts(framing):
    answers = [[text, letter, 1.0] for text, letter in framings.patterns(framing)]
    return a_record(question={"framing": framing}, observations={"answers": answers, "cold_starts": COLD})


def test_cold_starts_are_drawn_only_where_a_state_is_kept():
    stateless, stateful = (with_cold_starts(framing) for framing in (framings.NAIVE, framings.STATEFUL))
    small, large = figures.answers([stateless], "naive"), figures.answers([stateful], "stateful")
    assert small.startswith(b"\x89PNG")
    assert len(large) > 1.5 * len(small)
