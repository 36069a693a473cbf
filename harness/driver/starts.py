"""What a stack's seeds answer to each letter asked first of all, and how they go on: counted, not judged."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from harness import framings
from harness.record import Record

FIRST = "B"  # What a network that counts positions answers to whatever comes first.
NEW_START = "BCDEF"
WARM = "L"
WHOLE = framings.ALPHABET[1:]


class Letter(NamedTuple):
    """The commonest answer to one letter, how many seeds give it, and how many answer B; `?` where none answered."""

    letter: str
    answer: str
    agreeing: int
    answering_b: int


class Count(NamedTuple):
    """The commonest answer to one question, how many of all seeds give it, and how many give the one that shows state."""

    answer: str
    agreeing: int
    right: int
    of: int


class Starts(NamedTuple):
    """What the seeds of one framing and engine answer. warm_start and free_run are None where the network keeps no state."""

    engine: str
    seeds: int
    letters: tuple[Letter, ...]
    new_start: Count
    warm_start: Count | None
    free_run: Count | None

    @property
    def strip(self) -> str:
        """The commonest answers to A to Z as one text."""
        return "".join(one.answer for one in self.letters)

    @property
    def agreement(self) -> str:
        """One sign a letter: a dot where all seeds agree, else the tenths that do; "" where all do everywhere."""
        signs = "".join("·" if one.agreeing == self.seeds else str(10 * one.agreeing // self.seeds) for one in self.letters)
        return "" if set(signs) == {"·"} else signs

    @property
    def answering_b(self) -> tuple[int, int]:
        """How many of all answers are B, and how many answers there are."""
        return sum(one.answering_b for one in self.letters), self.seeds * len(self.letters)


def count(records: Sequence[Record]) -> Starts | None:
    """Return what the seeds of one framing and engine answered, None where they were not asked for single letters."""
    asked = [one for one in records if isinstance(one.look_up("cold_starts"), dict)]
    if not asked:
        return None
    is_stateful = any(one.look_up("warm_start") for one in asked)
    return Starts(
        engine=asked[0].question.engine,
        seeds=len(asked),
        letters=tuple(_letter(asked, letter) for letter in framings.ALPHABET),
        new_start=_count(asked, "new_start", NEW_START),
        warm_start=_count(asked, "warm_start", WARM) if is_stateful else None,
        free_run=_count(asked, "free_run", WHOLE) if is_stateful else None,
    )


def _letter(records: Sequence[Record], letter: str) -> Letter:
    answers = _answers(records, f"cold_starts.{letter}.answer")
    answer, agreeing = _commonest(answers)
    return Letter(letter, answer, agreeing, sum(one == FIRST for one in answers))


def _count(records: Sequence[Record], path: str, right: str) -> Count:
    answers = _answers(records, path)
    answer, agreeing = _commonest(answers)
    return Count(answer, agreeing, sum(one == right for one in answers), len(records))


def _answers(records: Iterable[Record], path: str) -> list[str]:
    return [str(one.look_up(path)) for one in records if one.look_up(path)]


def _commonest(answers: Iterable[str]) -> tuple[str, int]:
    # Of two that are as common the first in the alphabet, whatever the seeds' order.
    found = sorted(Counter(answers).items(), key=lambda item: (-item[1], item[0]))
    return found[0] if found else ("?", 0)
