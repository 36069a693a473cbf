"""The only file that knows uv: what resolves to which versions, and which Pythons uv knows of."""

import os
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from uv import find_uv_bin

from harness.driver.errors import LockError

PLAIN = ("--no-header", "--no-annotate", "--no-emit-index-url", "--generate-hashes")  # Names, versions, hashes; no place.
LINES = 6  # Of what uv says when it finds no answer.


class Question(NamedTuple):
    """What is asked of uv: requirements for these Pythons, as of a day, within what is pinned already.

    For one Python the answer holds on Linux x86-64; for several it is one answer for all of them and every platform.
    `builds_with` is the path of a Python that runs what tells its metadata by its own setup.py alone.
    """

    requires: tuple[str, ...]
    python: tuple[str, ...]
    as_of: date | None = None
    pinned: str = ""
    find_links: str | None = None
    builds_with: str | None = None
    is_upgrade: bool = False


def resolve(question: Question, lock: str) -> str:
    """Return the text of a lock; versions in the given one stay where they can. LockError says what uv said."""
    with TemporaryDirectory() as folder:
        asked, pinned, answer = (Path(folder) / name for name in ("asked.in", "pinned.txt", "answer.txt"))
        asked.write_text("\n".join(question.requires), encoding="utf-8")
        pinned.write_text(question.pinned, encoding="utf-8")
        answer.write_text(lock, encoding="utf-8")
        words = ["pip", "compile", str(asked), "-c", str(pinned), "-o", str(answer), "--quiet", *PLAIN, *_options(question)]
        done = _uv(words, question.find_links)
        if done.returncode:
            said = " ".join(" ".join(done.stderr.splitlines()[:LINES]).split())
            raise LockError(f"uv finds no versions for {', '.join(question.requires)}: {said}")
        return answer.read_text(encoding="utf-8")


def managed_python(version: str) -> str | None:
    """Return the path of a Python that uv knows of or keeps itself, without fetching one; None where there is none."""
    done = _uv(["python", "find", "--no-python-downloads", "--system", version])
    return done.stdout.strip() if done.returncode == 0 else None


def _options(question: Question) -> list[str]:
    lowest = min(question.python, key=lambda version: int(version.partition(".")[2]))
    platform = ["--universal"] if len(question.python) > 1 else ["--python-platform", "linux"]
    return [
        *("--python-version", lowest, *platform),
        *(("--python", question.builds_with) if question.builds_with else ()),
        *(("--exclude-newer", question.as_of.isoformat()) if question.as_of else ()),
        *(("--upgrade",) if question.is_upgrade else ()),
    ]


def _uv(words: Sequence[str], find_links: str | None = None) -> "subprocess.CompletedProcess[str]":
    environment = dict(os.environ)
    if find_links:
        # As tox.ini has it for the installation.
        environment.setdefault("UV_FIND_LINKS", os.environ.get("PIP_FIND_LINKS", find_links))
    return subprocess.run([find_uv_bin(), *words], env=environment, capture_output=True, text=True, check=False)
