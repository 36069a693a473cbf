"""The declaration of stacks: what is read, what is refused with which sentence, and what tox.ini makes of it."""

import pytest

from harness.driver import environments, stacks
from harness.driver.errors import DeclarationError
from harness.driver.location import ROOT

DECLARED = """
observer = ["pytest", "tomli; python_version < '3.11'"]

[[stack]]
name = "tf9.1"
python = ["3.11"]
requires = ["tensorflow==9.1.0", "numpy<3"]
why = "a stack of this test"
"""


@pytest.fixture
def declare(tmp_path):
    """A function that writes a declaration and reads it."""

    def written_and_read(text):
        path = tmp_path / "stacks.toml"
        path.write_text(text, encoding="utf-8")
        return stacks.declaration(path)

    return written_and_read


def section(declared, number=0):
    return environments.section(declared.stacks[number], declared.observer).splitlines()


def test_what_is_declared_is_read(declare):
    (stack,) = declare(DECLARED + "as_of = 2024-03-09\nvariables = { KERAS_BACKEND = 'jax' }\n").stacks
    assert (stack.name, stack.python, stack.requires) == ("tf9.1", ("3.11",), ("tensorflow==9.1.0", "numpy<3"))
    assert (str(stack.as_of), stack.variables, stack.locked) == ("2024-03-09", {"KERAS_BACKEND": "jax"}, True)


@pytest.mark.parametrize(
    ("written", "instead", "sentence"),
    [
        ("why", "reason", "stack 'tf9.1': unknown key 'reason'; known: name, python, requires, why, as_of"),
        ('why = "a stack of this test"', "", "stack 'tf9.1': key 'why' is missing; allowed is one line"),
        ('"3.11"]', '"3.x"]', "stack 'tf9.1': python is ['3.x']; allowed is a list of versions, as [\"3.11\", \"3.12\"]"),
        ('["3.11"]', "[3.11]", "stack 'tf9.1': python is [3.11]; allowed is a list of versions"),
        (
            "numpy<3",
            "numpy<<3",
            "stack 'tf9.1': requires is ['tensorflow==9.1.0', 'numpy<<3']; allowed is a list of requirements",
        ),
        ('["tensorflow==9.1.0", "numpy<3"]', "[]", "stack 'tf9.1': requires is []; allowed is a list of requirements"),
        ("tf9.1", "TF 9.1", "stack 'TF 9.1': name is 'TF 9.1'; allowed is small letters and digits"),
        ("[[stack]]", "locked = false\n[[stack]]", "stacks.toml: unknown key 'locked'; known: observer, stack"),
        ('"pytest"', '"py test"', "stacks.toml: observer is ['py test', "),
        ("[[stack]]", "[stack]", "stacks.toml: stack is {'name': 'tf9.1', "),
        (
            DECLARED[DECLARED.index("[[stack]]") :],
            "stack = [1]",
            "stacks.toml: stack is [1]; allowed is tables, each written as [[stack]]",
        ),
        ("[[stack]]", "[[stack", "stacks.toml cannot be read as TOML: "),
    ],
)
def test_a_slip_is_one_sentence_that_names_the_stack_and_the_key(declare, written, instead, sentence):
    with pytest.raises(DeclarationError) as caught:
        declare(DECLARED.replace(written, instead))
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_beside_the_others_is_refused_whatever_it_holds(declare):
    for line, key in (("locked = 'no'", "locked"), ("as_of = 'then'", "as_of"), ("variables = { jax = '1' }", "variables")):
        with pytest.raises(DeclarationError, match=f"stack 'tf9.1': {key} is "):
            declare(DECLARED + line + "\n")


def test_two_stacks_of_one_name_are_refused(declare):
    with pytest.raises(DeclarationError, match=r"stack 'tf9\.1' is declared twice"):
        declare(DECLARED + DECLARED[DECLARED.index("[[stack]]") :])


@pytest.mark.parametrize("key", ["previous", "older"])
def test_files_of_a_stack_that_is_not_declared_are_refused(declare, key):
    with pytest.raises(DeclarationError, match=rf"stack 'tf9\.1': {key} is 'tf9\.0', which is no stack here"):
        declare(f"{DECLARED}{key} = 'tf9.0'\n")


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(DeclarationError, match=r"harness/driver/stacks\.toml is missing; restore it"):
        stacks.load(tmp_path / "stacks.toml")


def test_the_named_stacks_are_chosen_and_without_a_name_all():
    everything = stacks.load()
    assert [stack.name for stack in stacks.chosen(everything, ["tf2.15", "tf2"])] == ["tf2.15", "tf2"]
    assert stacks.chosen(everything, []) == everything


def test_an_unknown_stack_gives_a_sentence_that_lists_the_known_ones(declare):
    with pytest.raises(DeclarationError, match=r"no stack 'tf9' in harness/driver/stacks\.toml; known: tf9\.1"):
        stacks.chosen(declare(DECLARED).stacks, ["tf9"])


def test_tox_ini_holds_what_is_declared():
    text = (ROOT / "tox.ini").read_text(encoding="utf-8")
    assert environments.region(stacks.declaration()) in text, "call `tox -e driver -- stacks --write`"
    assert environments.rewrite(text, stacks.declaration()) == text


def test_a_new_stack_goes_between_the_marks_and_the_rest_stays(declare):
    text = f"[tox]\n{environments.BEGIN}\n[testenv:old]\n{environments.END}\n[testenv:lint]\n"
    written = environments.rewrite(text, declare(DECLARED))
    assert written.startswith("[tox]\n" + environments.BEGIN + "\n\n[testenv:tf9.1]\n")
    assert written.endswith("\n\n" + environments.END + "\n[testenv:lint]\n")
    assert "old" not in written


@pytest.mark.parametrize("mark", [environments.BEGIN, environments.END])
def test_a_lost_mark_is_a_sentence_and_nothing_is_written(declare, mark):
    text = environments.BEGIN + environments.END
    with pytest.raises(DeclarationError, match=r"^tox\.ini: no line '# stacks: "):
        environments.rewrite(text.replace(mark, ""), declare(DECLARED))


def test_a_stack_is_installed_from_its_lock_and_pyenv_is_told_its_python(declare):
    lines = section(declare(DECLARED))
    assert lines[:4] == [
        "[testenv:tf9.1]",
        "description = a stack of this test",
        "base = testenv, stack",
        "base_python = python3.11",
    ]
    assert lines[4:] == ["deps = -r ci/locks/tf9.1.txt", "set_env =", "    {[stack]set_env}", "    PYENV_VERSION = 3.11"]


def test_a_stack_for_several_pythons_leaves_the_choice_to_tox(declare):
    lines = section(declare(DECLARED.replace('["3.11"]', '["3.11", "3.12"]')))
    assert "base_python = python3.11, python3.12" in lines
    assert not [line for line in lines if "set_env" in line]


def test_a_stack_that_is_not_locked_is_made_anew_each_time_and_takes_pre_releases_of_what_it_requires(declare):
    lines = section(declare(DECLARED + "locked = false\n"))
    assert "recreate = true" in lines
    assert lines[4:9] == ["deps =", "    tensorflow==9.1.0", "    numpy<3", "    pytest", "    tomli; python_version < '3.11'"]
    assert "    --prerelease-package tensorflow=allow" in lines
    assert "locks" not in "".join(lines)


def test_what_tox_would_take_for_its_own_signs_stays_what_was_written(declare):
    lines = section(declare(DECLARED.replace("a stack of this test", "jax: {new} #9174")))
    assert r"description = jax\: \{new\} \#9174" in lines


def test_wheels_that_pypi_has_not_are_looked_for_where_the_user_keeps_them_and_then_at_the_declared_page(declare):
    lines = section(declare(DECLARED + 'find_links = "https://example.org/cpu/"\n'))
    assert r"    UV_FIND_LINKS = {env:UV_FIND_LINKS:{env:PIP_FIND_LINKS:https\://example.org/cpu/}}" in lines


def python(place, name, says):
    """Put a program there that answers as a Python would."""
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
    (place / name).chmod(0o755)


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A machine without any Python: PATH, pyenv and uv look in empty folders."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'first'}:{tmp_path / 'second'}:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    return tmp_path


def test_a_python_counts_only_if_it_runs_and_says_that_it_has_the_version(places):
    python(places / "first", "python3.98", "echo 'pyenv: python3.98: command not found' >&2; exit 127")
    assert stacks.find_python(["3.98"]) is None
    python(places / "second", "python3.98", "echo 3.97; echo /opt/python3.97")
    assert stacks.find_python(["3.98"]) is None
    python(places / "pyenv" / "versions" / "3.98.2" / "bin", "python", "echo 3.98; echo /opt/python3.98")
    assert stacks.find_python(["3.98"]) == "/opt/python3.98"


def test_of_several_versions_the_first_that_is_here_is_found(places):
    for version in ("3.97", "3.98"):
        python(places / "first", f"python{version}", f"echo {version}; echo /opt/python{version}")
    assert stacks.find_python(["3.99", "3.98", "3.97"]) == "/opt/python3.98"
    assert stacks.find_python(["3.99"]) is None
