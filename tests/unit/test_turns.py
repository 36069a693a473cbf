"""Two processes take turns, round by round; each goes on alone where the other is gone. Threads and a real socket stand in."""

import contextlib
import socket
import threading
import time

import pytest

from harness import turns
from harness.errors import TurnsError
from tests.suite import test_timings

PARTS = ("00 naive fit", "01 naive predict", "02 stateful fit")


@pytest.fixture
def two():
    both = [turns.Turns("pair", line, is_first) for line, is_first in zip(socket.socketpair(), (True, False))]
    yield both
    for one in both:
        one.leave()


def rounds(turn, told, who, parts, count):
    """Take so many rounds of each part; (who, part) is told when a round begins, and when it ends; return whose turns."""
    took = []
    for part in parts:
        with turn.taken(part) as begin:
            for _ in range(count):
                begin()
                told.append((who, part))
                time.sleep(0.002)
                told.append((who, part))
        took.append(turn.took)
    return took


def both(first, second):
    """Run two calls at once, each to its end."""
    threads = [threading.Thread(target=call, daemon=True) for call in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def test_rounds_alternate_and_none_begins_before_the_other_has_ended(two):
    (one, other), told = two, []
    both(lambda: rounds(one, told, "a", PARTS, 3), lambda: rounds(other, told, "b", PARTS, 3))
    assert told == [(who, part) for part in PARTS for _ in range(3) for who in "aabb"]
    assert (one.took, other.took) == ("pair", "pair")


def test_where_the_other_ends_early_this_one_goes_on_alone(two):
    (one, other), told, took = two, [], []

    def leave():
        rounds(other, [], "b", PARTS[:1], 2)
        other.leave()

    both(lambda: took.extend(rounds(one, told, "a", PARTS[:2], 2)), leave)
    assert [part for _, part in told] == [PARTS[0]] * 4 + [PARTS[1]] * 4
    assert took == ["pair", ""]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_part_that_one_leaves_out_is_timed_alone_and_the_next_in_turns_again(two, is_first):
    (one, other), told, took = two if is_first else two[::-1], [], []
    both(lambda: took.extend(rounds(one, told, "a", PARTS, 2)), lambda: rounds(other, told, "b", PARTS[::2], 2))
    assert took == ["pair", "", "pair"]
    assert told[8:12] == [("a", PARTS[1])] * 4
    assert len(told) == 20


def test_a_round_that_fails_lets_the_other_go_on(two):
    (one, other), told = two, []

    def fail():
        with pytest.raises(ArithmeticError), other.taken(PARTS[0]) as begin:
            begin()
            raise ArithmeticError

    both(lambda: rounds(one, told, "a", PARTS, 2), fail)
    assert (len(told), one.took) == (12, "")


def test_who_is_alone_waits_for_nobody():
    alone, told = turns.joined({}), []
    assert rounds(alone, told, "a", PARTS, 2) == ["", "", ""]
    assert len(told) == 12


def test_the_environment_names_the_turns_by_their_socket(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "name"))
        server.listen(1)
        found = turns.joined({turns.VARIABLE: "1 {}".format(tmp_path / "name")})
    assert (found.name, found.is_first) == ("name", False)
    found.leave()


@pytest.mark.parametrize(("text", "told"), [("2 /x", "allowed is 0 or 1"), ("0 /nowhere/x", "nobody listens at /nowhere/x")])
def test_what_names_no_turns_is_one_sentence(text, told):
    with pytest.raises(TurnsError, match=told):
        turns.joined({turns.VARIABLE: text})


class Benchmark:
    """Calls what is timed as pytest-benchmark does; `stats.stats.data` holds a second for each round."""

    def pedantic(self, work, setup, rounds):
        for _ in range(rounds):
            setup()
            work()
        self.stats = self
        self.data = [1.0] * rounds


def test_who_meets_an_error_takes_its_rounds_all_the_same_and_both_take_turns_at_the_next_part(two):
    (one, other), took = two, []

    def fails():
        raise ValueError("not here")

    def meet(turn, work):
        with contextlib.suppress(ValueError):
            test_timings.in_turns(Benchmark(), turn, PARTS[0], work, 3)
        assert test_timings.in_turns(Benchmark(), turn, PARTS[1], int, 2)[0] == [1.0, 1.0]
        took.append(turn.took)

    both(lambda: meet(one, fails), lambda: meet(other, int))
    assert took == ["pair", "pair"]
    with pytest.raises(ValueError, match="not here"):
        test_timings.in_turns(Benchmark(), turns.Alone(), PARTS[0], fails, 1)
