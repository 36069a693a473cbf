"""The declared stacks, and the Pythons of this machine that they may run on."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DECLARATION = Path(__file__).with_name("stacks.toml")


class Stack(NamedTuple):
    """A declared set of packages and the Pythons that it may run on; one that is not locked is resolved afresh."""

    name: str
    python: tuple[str, ...]
    requires: tuple[str, ...]
    why: str
    locked: bool = True


def load(path: Path = DECLARATION) -> list[Stack]:
    """Return the declared stacks in the order of the file."""
    declared = tomllib.loads(path.read_text(encoding="utf-8"))["stack"]
    return [
        Stack(one["name"], tuple(one["python"]), tuple(one["requires"]), one["why"], one.get("locked", True))
        for one in declared
    ]


def find_python(versions: Sequence[str]) -> str | None:
    """Return the first Python of these versions that runs here, None where there is none."""
    for version in versions:
        pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for candidate in [*map(str, pyenv), shutil.which(f"python{version}")]:
            # Behind pyenv's shims a Python may be found and not run.
            if candidate and subprocess.run([candidate, "--version"], capture_output=True, check=False).returncode == 0:
                return candidate
    return None
