"""What is going on right now, as a terminal and as a file see it."""

from types import SimpleNamespace

import pytest

from harness.progress import Progress


class Capture:
    """Counts how often capturing was lifted."""

    def __init__(self):
        self.lifted = 0

    def global_and_fixture_disabled(self):
        return self

    def __enter__(self):
        self.lifted += 1

    def __exit__(self, *error):
        pass


@pytest.fixture
def shown():
    """Return (progress, texts written, capture): on a terminal or not, captured or not, with a reporter or without."""

    def show(is_terminal=True, is_captured=False, is_quiet=False):
        texts, capture = [], Capture() if is_captured else None
        reporter = SimpleNamespace(isatty=is_terminal, write=lambda text, flush: texts.append(text))
        plugins = {"terminalreporter": None if is_quiet else reporter, "capturemanager": capture}
        progress = Progress(SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=plugins.get)))
        return progress, texts, capture

    return show


def later(progress, seconds):
    """Let so many seconds pass."""
    progress.last -= seconds
    progress.started -= seconds


def test_a_line_on_a_terminal_is_written_over_and_its_tail_wiped(shown):
    progress, texts, _ = shown()
    for text in ("a longer text", "short"):
        later(progress, 1)
        progress.say(text)
    assert texts == ["\r[   1 s] a longer text", "\r[   2 s] short        "]


def test_a_line_is_let_stand_for_a_moment(shown):
    progress, texts, _ = shown()
    later(progress, 1)
    progress.say("first")
    progress.say("second")
    assert len(texts) == 1


def test_where_there_is_no_terminal_a_minute_goes_by_between_lines_that_stay(shown):
    progress, texts, _ = shown(is_terminal=False)
    for seconds in (59, 2, 59, 2):
        later(progress, seconds)
        progress.say("text")
    assert texts == ["\n[  61 s] text\n", "\n[ 122 s] text\n"]


def test_a_cleared_line_leaves_blanks_once(shown):
    progress, texts, _ = shown()
    later(progress, 1)
    progress.say("text")
    progress.clear()
    progress.clear()
    assert texts[1:] == ["\r" + " " * len("[   1 s] text") + "\r"]


def test_an_announcement_stays_on_a_line_of_its_own(shown):
    progress, texts, _ = shown()
    later(progress, 1)
    progress.say("text")
    progress.announce("5 of 20 runs are made already")
    assert texts[-1] == "\n5 of 20 runs are made already\n"
    assert texts[-2].strip() == ""


def test_where_no_terminal_is_nothing_is_cleared(shown):
    progress, texts, _ = shown(is_terminal=False)
    progress.announce("text")
    progress.clear()
    assert texts == ["\ntext\n"]


def test_capturing_is_lifted_while_something_is_written(shown):
    progress, texts, capture = shown(is_captured=True)
    later(progress, 1)
    progress.say("text")
    progress.announce("text")
    assert capture.lifted == len(texts) == 3


def test_without_a_reporter_nothing_is_said(shown):
    progress, texts, _ = shown(is_quiet=True)
    later(progress, 100)
    progress.say("text")
    progress.clear()
    assert texts == []
