"""What a stack is declared to be: read strictly, so that a slip in the file is a sentence and never a guess."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from packaging.requirements import InvalidRequirement, Requirement
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, ValidationError

from harness.driver import resolving
from harness.driver.errors import DeclarationError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FILE = Path(__file__).with_name("stacks.toml")
SPELLED = "harness/driver/stacks.toml"
NEWEST = "tf2"  # The main job, which all prices are relative to.
LAST_KERAS_2 = "tf2.15"
SECONDS = 10  # A Python that does not tell its version within these is none.


def _requirement(text: str) -> str:
    try:
        Requirement(text)
    except InvalidRequirement as error:
        raise ValueError(str(error)) from None
    return text


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([.-][a-z0-9]+)*$")]
Version = Annotated[str, Field(pattern=r"^3\.\d+$")]
Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Line = Annotated[str, Field(pattern=r"^\S[^\n]*$")]
Requirements = Annotated[tuple[Annotated[str, AfterValidator(_requirement)], ...], Field(min_length=1)]


class Stack(BaseModel):
    """Pinned packages and a Python, and what they are there for. What a field's description says is allowed in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name = Field(description='small letters and digits, parted by dots and hyphens, as "tf2.10-oldnumpy"')
    python: tuple[Version, ...] = Field(min_length=1, description='a list of versions, as ["3.11", "3.12"]')
    requires: Requirements = Field(description='a list of requirements as pip takes them, as ["keras==3.15.1"]')
    why: Line = Field(description="one line that says what the stack is there for")
    as_of: date | None = Field(default=None, description="a date, as 2024-03-09")
    find_links: Line | None = Field(default=None, description="the address of a page or folder that lists wheels")
    variables: dict[Variable, Line] = Field(default={}, description='texts by name, as { KERAS_BACKEND = "jax" }')
    previous: Name | None = Field(default=None, description='the stack whose files it must read, as "tf2.20"')
    older: Name | None = Field(default=None, description='a stack further back whose files it must read, as "tf2.15"')
    locked: StrictBool = Field(default=True, description="true or false")


class Declaration(BaseModel):
    """All that the file declares: the stacks in its order, and what the harness itself needs beside each of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    observer: Requirements = Field(description='a list of requirements as pip takes them, as ["pytest"]')
    stacks: tuple[Stack, ...] = Field(alias="stack", description="tables, each written as [[stack]]")


def load(path: Path = FILE) -> tuple[Stack, ...]:
    """Return the declared stacks in the file's order; DeclarationError names the stack and the key at fault."""
    return declaration(path).stacks


def declaration(path: Path = FILE) -> Declaration:
    """Return everything that the file declares; DeclarationError names the stack and the key at fault."""
    content = _content(path)
    try:
        declared = Declaration.model_validate(content)
    except ValidationError as error:
        raise DeclarationError(_sentence(content, error)) from None
    names = [stack.name for stack in declared.stacks]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise DeclarationError(f"{SPELLED}: stack {name!r} is declared twice; give each a name of its own")
    for stack in declared.stacks:
        for key, named in (("previous", stack.previous), ("older", stack.older)):
            if named and named not in names:
                raise DeclarationError(f"{SPELLED}, stack {stack.name!r}: {key} is {named!r}, which is no stack here")
    return declared


def chosen(stacks: Sequence[Stack], names: Sequence[str]) -> tuple[Stack, ...]:
    """Return the named stacks, or all where no name is given; DeclarationError lists the known ones."""
    known = {stack.name: stack for stack in stacks}
    for name in names:
        if name not in known:
            raise DeclarationError(f"no stack {name!r} in {SPELLED}; known: {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def find_python(versions: Sequence[str]) -> str | None:
    """Return the path of a Python that runs and has one of the versions, the first one first; None where there is none.

    Looks on PATH, below pyenv's versions, and at those that uv keeps; fetches nothing.
    """
    for version in versions:
        for candidate in _candidates(version):
            found, path = _told(candidate)
            if found == version:
                return path
    return None


def _candidates(version: str) -> Iterator[str]:
    for place in os.environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(f"python{version}", path=place)
        if found:
            yield found
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python")))
    managed = resolving.managed_python(version)
    if managed:
        yield managed


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


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DeclarationError(f"{SPELLED} is missing; restore it") from None
    except (ValueError, OSError) as error:
        raise DeclarationError(f"{SPELLED} cannot be read as TOML: {error}") from None


def _sentence(content: dict[str, Any], error: ValidationError) -> str:
    # A misspelt key is missing as well; how it is written says more.
    place = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")["loc"]
    if place[2:]:
        table = content["stack"][place[1]]
        return _fault(Stack, table, str(place[2]), f"{SPELLED}, stack {table.get('name', int(place[1]) + 1)!r}")
    return _fault(Declaration, content, str(place[0]), SPELLED)


def _fault(model: type[BaseModel], table: dict[str, Any], key: str, where: str) -> str:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if key not in fields:
        return f"{where}: unknown key {key!r}; known: {', '.join(fields)}"
    if key not in table:
        return f"{where}: key {key!r} is missing; allowed is {fields[key].description}"
    return f"{where}: {key} is {table[key]!r}; allowed is {fields[key].description}"
