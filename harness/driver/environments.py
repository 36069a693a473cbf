"""The tox environments of the declared stacks, as text. tox.ini holds them between two marks; what stands around is ours."""

import re
from collections.abc import Sequence

from packaging.requirements import Requirement

from harness.driver import marks
from harness.driver.stacks import Declaration, Stack

BEGIN = "# stacks: begin. What follows is made of harness/driver/stacks.toml by `tox -e driver -- stacks --write`."
END = "# stacks: end."


def region(declared: Declaration) -> str:
    """Return the sections of all stacks with the marks around them, as they stand in tox.ini."""
    return "\n\n".join([BEGIN, *(section(stack, declared.observer) for stack in declared.stacks), END])


def rewrite(text: str, declared: Declaration) -> str:
    """Return the text of tox.ini with the region made anew; DeclarationError where a mark is missing."""
    return marks.between(text, region(declared), BEGIN, END, "tox.ini")


def section(stack: Stack, observer: Sequence[str]) -> str:
    """Return the section of one stack. One that is not locked is made anew each time, of whatever is released by then."""
    variables = _variables(stack)
    lines = [
        f"[testenv:{stack.name}]",
        f"description = {_plain(stack.why)}",
        "base = testenv, stack",
        "base_python = " + ", ".join(f"python{version}" for version in stack.python),
        *([f"deps = -r ci/locks/{stack.name}.txt"] if stack.locked else _afresh(stack, observer)),
        *([_setting("set_env", ["{[stack]set_env}", *variables])] if variables else []),
    ]
    return "\n".join(lines)


def _afresh(stack: Stack, observer: Sequence[str]) -> list[str]:
    # A specifier that names a pre-release is not enough: from 0.12 on uv prefers a stable version to it.
    early = [f"--prerelease-package {Requirement(one).name}=allow" for one in stack.requires]
    return [
        _setting("deps", [_plain(one) for one in (*stack.requires, *observer)]),
        _setting("install_command", ["uv pip install", *early, "{opts} {packages}"]),
        "recreate = true",
    ]


def _variables(stack: Stack) -> list[str]:
    named = {name: _plain(value) for name, value in stack.variables.items()}
    if len(stack.python) == 1:
        # Behind pyenv's shims uv finds a Python only where pyenv was told its version.
        named = {"PYENV_VERSION": stack.python[0], **named}
    if stack.previous:
        named["HARNESS_PREVIOUS"] = stack.previous
    if stack.older:
        named["HARNESS_OLDER"] = stack.older
    if stack.find_links:
        # uv reads none of pip's variables; who keeps wheels for pip keeps them for this.
        page = _plain(stack.find_links)
        named["UV_FIND_LINKS"] = f"{{env:UV_FIND_LINKS:{{env:PIP_FIND_LINKS:{page}}}}}"
    return [f"{name} = {value}" for name, value in named.items()]


def _plain(text: str) -> str:
    # To tox a number sign begins a comment, a colon ends a condition, and braces hold a reference.
    return re.sub("[#:{}]", r"\\\g<0>", text)


def _setting(key: str, values: list[str]) -> str:
    return "\n    ".join([f"{key} =", *values])
