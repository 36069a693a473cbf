"""What a stack's lock pins, and whether that is what is installed: a record must not speak of another release."""

import re

from harness.errors import StackError


def pinned(path):
    """Return {name: version} of the lock file as it applies to this Python; None where there is no such file."""
    if not path.exists():
        return None
    lines = [line.rstrip(" \\") for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"[a-z0-9]", line)]
    return dict(line.partition(";")[0].strip().split("==") for line in lines if _applies(line.partition(";")[2]))


def _applies(marker):
    if not marker.strip():
        return True
    from packaging.markers import Marker  # noqa: PLC0415 - comes with pytest; only a lock for several Pythons has markers

    return Marker(marker.strip()).evaluate()


def prove(stack, wanted, found):
    """Raise a StackError that names the first distributions that are not installed as locked; None is no lock."""
    if wanted is None:
        return
    names = sorted(set(wanted) | set(found))
    odd = [name for name in names if _public(wanted.get(name)) != _public(found.get(name))]
    if odd:
        spelled = ["{} {} (locked: {})".format(name, found.get(name, "missing"), wanted.get(name, "none")) for name in odd]
        raise StackError(
            f"what is installed is not stack {stack} as ci/locks/{stack}.txt has it: {', '.join(spelled[:3])}"
            f"{', ...' if len(odd) > 3 else ''}; make it anew with `tox -r -e {stack}`"  # noqa: PLR2004 - three are named
        )


def _public(version):
    """A version without its local part: a CPU build of the same release calls itself 2.13.0+cpu."""
    return (version or "").partition("+")[0]
