"""Locks: what is asked of the resolver, in which order, and when a lock no longer holds what is declared."""

import re
import sys
import zipfile

import pytest
from packaging.requirements import Requirement

from harness.driver import locks, resolving, stacks
from harness.driver.errors import LockError
from harness.driver.resolving import Question
from harness.driver.stacks import Declaration, Stack

PYTHON = "{}.{}".format(*sys.version_info)
OBSERVER = ("pytest", "tomli; python_version < '3.11'")
A_LOCK = """\
pytest==9.0 \\
    --hash=sha256:00
tensor-flow==9.1.0 \\
    --hash=sha256:11 \\
    --hash=sha256:22
"""


def a_stack(**changes):
    return Stack(**{"name": "tf9.1", "python": ["3.11"], "requires": ["Tensor_Flow==9.1.*"], "why": "a test", **changes})


def declared(stack):
    return Declaration(observer=OBSERVER, stack=[stack])


def faults(folder, stack):
    return locks.faults(declared(stack), [stack], folder)


@pytest.fixture
def folder(tmp_path):
    """A folder of locks with that of the stack."""
    path = tmp_path / "locks"
    path.mkdir()
    (path / "tf9.1.txt").write_text(A_LOCK)
    return path


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder with three releases of `anchor`, the only place that uv may look into."""
    path = tmp_path / "wheels"
    path.mkdir()
    for version in ("1.0", "1.1", "2.0"):
        with zipfile.ZipFile(path / f"anchor-{version}-py3-none-any.whl", "w") as wheel:
            home = f"anchor-{version}.dist-info"
            wheel.writestr(f"{home}/METADATA", f"Metadata-Version: 2.1\nName: anchor\nVersion: {version}\n")
            wheel.writestr(f"{home}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{home}/RECORD", "")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return path


class FakeResolver:
    """Knows one release of each package before and one after; keeps what it was asked."""

    def __init__(self):
        self.questions = []

    def __call__(self, question, lock):
        self.questions.append(question)
        fixed = {pin.name: str(pin) for pin in map(Requirement, question.pinned.splitlines())}
        newest = "1.0" if question.as_of else "2.0"
        names = {Requirement(wanted).name for wanted in question.requires} | {"numpy"}
        return "".join(fixed.get(name, f"{name}=={newest}") + " \\\n    --hash=sha256:00\n" for name in sorted(names))


@pytest.fixture
def resolver(monkeypatch):
    """A resolver that needs no network."""
    fake = FakeResolver()
    monkeypatch.setattr(resolving, "resolve", fake)
    return fake


def test_what_a_stack_requires_is_of_its_day_and_what_the_harness_needs_is_of_today(resolver):
    made = locks.make(a_stack(requires=["keras"], as_of="2024-03-09"), ["pytest"], "")
    assert [str(pin) for pin in locks.pins(made)] == ["keras==1.0", "numpy==1.0", "pytest==2.0"]
    assert [str(question.as_of) for question in resolver.questions] == ["2024-03-09", "None"]


def test_a_stack_without_a_day_is_resolved_at_once(resolver):
    made = locks.make(a_stack(requires=["keras"]), ["pytest"], "")
    assert [str(pin) for pin in locks.pins(made)] == ["keras==2.0", "numpy==2.0", "pytest==2.0"]
    assert len(resolver.questions) == 1


def test_a_written_lock_is_that_of_the_resolver_and_the_sentence_says_if_it_moved(resolver, folder):
    stack = a_stack(requires=["keras"])
    assert locks.write(stack, ["pytest"], folder=folder) == "ci/locks/tf9.1.txt: 3 distributions, written"
    assert locks.write(stack, ["pytest"], folder=folder) == "ci/locks/tf9.1.txt: 3 distributions, as before"
    assert "keras==2.0" in (folder / "tf9.1.txt").read_text()


@pytest.mark.parametrize("python", [(PYTHON,), ("3.11", "3.12")])
def test_a_lock_holds_names_versions_and_hashes_and_no_place(wheels, python):
    lock = resolving.resolve(Question(("anchor<2",), python, find_links=str(wheels)), "")
    first, *rest = lock.splitlines()
    assert first == "anchor==1.1 \\"
    assert [line for line in rest if not re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line)] == []


def test_a_locked_version_stays_until_it_is_to_be_upgraded(wheels):
    question = Question(("anchor",), (PYTHON,), find_links=str(wheels))
    assert resolving.resolve(question, "anchor==1.0\n").startswith("anchor==1.0 ")
    assert resolving.resolve(question._replace(is_upgrade=True), "anchor==1.0\n").startswith("anchor==2.0 ")


def test_what_is_pinned_bounds_the_answer(wheels):
    question = Question(("anchor",), (PYTHON,), pinned="anchor==1.1", find_links=str(wheels))
    assert resolving.resolve(question, "").startswith("anchor==1.1 ")


def test_what_cannot_be_resolved_is_a_sentence_with_what_uv_says(wheels):
    with pytest.raises(LockError, match=r"uv finds no versions for anchor>2: .*only anchor<=2\.0 is available"):
        resolving.resolve(Question(("anchor>2",), (PYTHON,), find_links=str(wheels)), "")


def test_a_lock_that_holds_what_is_declared_has_no_fault(folder):
    assert faults(folder, a_stack()) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"requires": ["tensor-flow>=9.2"]},
            "pins tensor-flow==9.1.0, and harness/driver/stacks.toml requires tensor-flow>=9.2",
        ),
        ({"requires": ["keras"]}, "pins no keras, and harness/driver/stacks.toml requires keras"),
        ({"python": ["3.10", "3.11"]}, 'pins no tomli, and harness/driver/stacks.toml requires tomli; python_version < "3.11"'),
        ({"name": "tf9.2"}, "ci/locks/tf9.2.txt is missing"),
    ],
)
def test_a_lock_that_does_not_is_a_sentence_with_the_remedy(folder, changes, sentence):
    stack = a_stack(**changes)
    (fault,) = faults(folder, stack)
    assert sentence in fault
    assert fault.endswith(f"; `tox -e driver -- lock {stack.name}` makes it anew")


def test_a_stack_that_is_not_locked_has_no_lock_to_be_at_fault(folder):
    assert faults(folder, a_stack(name="newest", locked=False)) == []


def test_the_lock_of_no_stack_is_a_stray(folder):
    assert locks.strays(declared(a_stack()), folder) == []
    (stray,) = locks.strays(declared(a_stack(name="tf9.2")), folder)
    assert stray == "ci/locks/tf9.1.txt is the lock of no stack in harness/driver/stacks.toml; remove it"


def test_every_lock_holds_what_is_declared_and_none_is_a_stray():
    real = stacks.declaration()
    assert locks.faults(real, real.stacks) == []
    assert locks.strays(real) == []


@pytest.mark.parametrize("path", sorted(locks.FOLDER.iterdir()), ids=lambda path: path.stem)
def test_every_line_of_a_lock_is_a_pin_or_a_hash(path):
    allowed = r"[a-z0-9.-]+==[a-z0-9.+]+( ; [^/:\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?"
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if not re.fullmatch(allowed, line)] == []
