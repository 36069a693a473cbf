"""What was printed, kept without what names the machine."""

import os
import platform
from types import SimpleNamespace

import pytest

from harness import transcript
from harness.transcript import Transcript, without_names

ROOT = os.path.join(os.sep, "somewhere", "harness")


@pytest.fixture
def named(monkeypatch):
    """A home and a host that are known."""
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setattr(platform, "node", lambda: "her-laptop")


@pytest.mark.parametrize(("printed", "kept"), [
    ("\x1b[32m98 passed\x1b[0m in 3 s", "98 passed in 3 s"),
    ("\x1b[1;31mF\x1b[0m\x1b[K", "F"),
    ("rootdir: /somewhere/harness, home /home/somebody/x", "rootdir: ., home ~/x"),
    ("/somewhere/harness/tests/a.py on her-laptop", "./tests/a.py on host"),
    ("\r[   1 s] naive\r[   2 s] stateful\r              \rtests passed\n", "tests passed\n"),
    ("one\n\r[   1 s] naive\r              \r.\ntwo\n", "one\n.\ntwo\n"),
    ("a line\r\nanother\r\n", "a line\nanother\n"),
    ("", ""), ("déjà vu, 26 letters\n", "déjà vu, 26 letters\n"),
])  # fmt: skip
def test_a_transcript_has_no_colours_no_names_and_nothing_that_was_written_over(named, printed, kept):
    assert without_names(printed, ROOT) == kept


@pytest.mark.parametrize("name", ["", "x"])
def test_a_host_without_a_name_of_its_own_changes_nothing(monkeypatch, name):
    monkeypatch.setattr(platform, "node", lambda: name)
    assert without_names("exact x text", ROOT) == "exact x text"


def test_a_root_that_is_the_whole_disk_changes_nothing(named):
    assert without_names("/usr/bin", "/") == "/usr/bin"


def test_all_that_is_written_is_kept_and_still_written(tmp_path):
    shown = []
    reporter = SimpleNamespace(_tw=SimpleNamespace(write=lambda text, **markup: shown.append((text, markup))))
    kept = Transcript(reporter)
    reporter._tw.write("one ", bold=True)
    reporter._tw.write("two\n", flush=True)
    assert shown == [("one ", {"bold": True}), ("two\n", {"flush": True})]
    kept.save(tmp_path / "transcripts" / "name.txt", tmp_path)
    assert (tmp_path / "transcripts" / "name.txt").read_text(encoding="utf-8") == "one two\n"


def test_a_transcript_is_saved_anew_each_time(tmp_path):
    kept = Transcript(SimpleNamespace(_tw=SimpleNamespace(write=lambda text, **markup: None)))
    path = tmp_path / "name.txt"
    for text in ("é ", str(tmp_path)):
        kept.parts.append(text)
        kept.save(path, tmp_path)
    assert path.read_text(encoding="utf-8") == "é ."
    assert transcript.ANSI.sub("", "\x1b[0m") == ""
