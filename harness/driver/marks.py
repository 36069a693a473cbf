"""Files that are made anew in part: what stands between two marks is ours, what stands around is a person's."""

from harness.driver.errors import DeclarationError


def between(text: str, made: str, begin: str, end: str, where: str) -> str:
    """Return the text of the file `where`, all from mark to mark replaced; DeclarationError where a mark is missing."""
    before, first, rest = text.partition(begin)
    _, last, after = rest.partition(end)
    if not first or not last:
        raise DeclarationError(f"{where}: no line {end if first else begin!r}; restore it, what is made goes between the two")
    return f"{before}{made}{after}"
