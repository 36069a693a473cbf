"""What is installed is what was locked, or nothing is trained."""

import pytest

from harness import lock
from harness.errors import StackError

TEXT = """keras==2.0.9 \\
    --hash=sha256:00
tensorflow==1.4.1 \\
    --hash=sha256:00
tomli==2.0.1 ; python_version < '3' \\
    --hash=sha256:00
numpy==1.16.6 ; python_version >= '3' \\
    --hash=sha256:00
"""


def test_a_lock_pins_what_applies_to_this_python(tmp_path):
    path = tmp_path / "keras2.0.9.txt"
    assert lock.pinned(path) is None
    path.write_text(TEXT, encoding="utf-8")
    assert lock.pinned(path) == {"keras": "2.0.9", "tensorflow": "1.4.1", "numpy": "1.16.6"}


@pytest.mark.parametrize("found", [{"keras": "2.0.9"}, {"keras": "2.0.9+local"}])
def test_what_is_as_locked_passes_and_so_does_a_stack_without_a_lock(found):
    lock.prove("keras2.0.9", {"keras": "2.0.9"}, found)
    lock.prove("here", None, found)


@pytest.mark.parametrize(("found", "said"), [
    ({"keras": "2.0.8"}, "keras 2.0.8 (locked: 2.0.9)"), ({}, "keras missing (locked: 2.0.9)"),
    ({"keras": "2.0.9", "rich": "1"}, "rich 1 (locked: none)"),
])  # fmt: skip
def test_what_is_not_as_locked_is_named(found, said):
    with pytest.raises(StackError) as caught:
        lock.prove("keras2.0.9", {"keras": "2.0.9"}, found)
    assert said in str(caught.value)
    assert str(caught.value).endswith("; make it anew with `tox -r -e keras2.0.9`")


def test_at_most_three_are_named():
    with pytest.raises(StackError, match=r"a 1 .*, b 1 .*, c 1 \(locked: none\), \.\.\.; make"):
        lock.prove("x", {}, dict.fromkeys("abcd", "1"))
