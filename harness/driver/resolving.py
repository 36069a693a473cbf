"""The only file that knows uv: what resolves to which versions, and where there is a Python to run them on."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from uv import find_uv_bin

from harness.driver.errors import LockError

PLAIN = ("--no-header", "--no-annotate", "--no-emit-index-url", "--generate-hashes")  # Names, versions, hashes; no place.
SECONDS = 10  # A Python that does not tell its version within these is none.
LINES = 6  # Of what uv says when it finds no answer.


class Question(NamedTuple):
    """What is asked of uv: requirements for these Pythons, as of a day, within what is pinned already.

    For one Python the answer holds on Linux x86-64; for several it is one answer for all of them and every platform.
    """

    requires: tuple[str, ...]
    python: tuple[str, ...]
    as_of: date | None = None
    pinned: str = ""
    find_links: str | None = None
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
            said = "\n".join(done.stderr.strip().splitlines()[:LINES])
            raise LockError(f"uv finds no versions for {', '.join(question.requires)}: {said}")
        return answer.read_text(encoding="utf-8")


def find_python(versions: Sequence[str]) -> str | None:
    """Return the path of a Python that runs and has one of the versions, the first one first; None where there is none."""
    for version in versions:
        for candidate in _candidates(version):
            found, path = _told(candidate)
            if found == version:
                return path
    return None


def _options(question: Question) -> list[str]:
    lowest = min(question.python, key=lambda version: int(version.partition(".")[2]))
    platform = ["--universal"] if len(question.python) > 1 else ["--python-platform", "linux"]
    # What has no metadata but by its own setup.py needs a Python of its time.
    python = find_python(question.python[:1])
    return [
        *("--python-version", lowest, *platform),
        *(("--python", python) if python else ()),
        *(("--exclude-newer", question.as_of.isoformat()) if question.as_of else ()),
        *(("--upgrade",) if question.is_upgrade else ()),
    ]


def _uv(words: Sequence[str], find_links: str | None = None) -> "subprocess.CompletedProcess[str]":
    environment = dict(os.environ)
    if find_links:
        # As tox.ini has it for the installation.
        environment.setdefault("UV_FIND_LINKS", os.environ.get("PIP_FIND_LINKS", find_links))
    return subprocess.run([find_uv_bin(), *words], env=environment, capture_output=True, text=True, check=False)


def _candidates(version: str) -> Iterator[str]:
    for place in os.environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(f"python{version}", path=place)
        if found:
            yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python")))
    done = _uv(["python", "find", "--no-python-downloads", "--system", version])
    if done.returncode == 0:
        yield done.stdout.strip()


def _told(python: str) -> tuple[str, str]:
    """Return the version and the path that a Python tells of itself, both empty if it does not run.

    Behind pyenv's shims it may be found and not run; where one runs, the path is that of the Python behind it.
    """
    program = "import sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"
    try:
        done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return "", ""
    version, _, path = done.stdout.strip().partition("\n")
    return version, path
