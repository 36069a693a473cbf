"""The tables of docs/faults.md, made of what `harness selfcheck STACK --json` printed into docs/faults/STACK.json.

`python -m harness.driver.faults_page`, at the root of the repository, writes them between their marks.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.driver import location, marks
from harness.driver.selfchecks import Outcome, Sum, total

PAGE, FOLDER = Path("docs", "faults.md"), Path("docs", "faults")
SPELLED = {"no place": "no place here", "equivalent": "changes nothing"}
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def read(folder: Path) -> dict[str, list[Outcome]]:
    """Return what became of each fault by stack; the stacks by name."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}
    return {stack: [Outcome(**one) for one in told["faults"]] for stack, told in found.items()}


def tables(found: Mapping[str, Sequence[Outcome]]) -> str:
    """Return both tables in Markdown: how many faults each stack caught, and what caught each fault on each stack."""
    sums = [_row([stack, *_counts(total(outcomes))]) for stack, outcomes in found.items()]
    return "\n".join(
        [
            *_head(["stack", "planted", "caught", "of these at the right stage", "change nothing", "no place"]),
            *sums,
            "",
            *_each(found),
        ]
    )


def _counts(one: Sum) -> list[str]:
    caught, right = (f"{part} ({part / whole:.0%})" for part, whole in ((one.caught, one.planted), (one.right, one.caught)))
    return [str(one.planted), caught, right, str(len(one.equivalent)), str(len(one.placeless))]


def _each(found: Mapping[str, Sequence[Outcome]]) -> Iterable[str]:
    by_name: dict[str, dict[str, Outcome]] = {}
    for stack, outcomes in found.items():
        for one in outcomes:
            by_name.setdefault(one.fault, {})[stack] = one
    yield from _head(["fault", "what is wrong", *found])
    for name, told in by_name.items():
        says = next(iter(told.values())).says
        yield _row([f"`{name}`", says, *(_cell(told[stack]) if stack in told else "" for stack in found)])


def _cell(one: Outcome) -> str:
    if one.state != "caught":
        return SPELLED.get(one.state, f"**{one.state}**")
    mark = "" if one.is_right else " (late)"
    return f"{one.by.split('.', 1)[-1]}{mark}, {one.seconds:.0f} s"


def _head(names: Sequence[str]) -> list[str]:
    return [_row(names), "|" + "---|" * len(names)]


def _row(cells: Iterable[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def rewrite(text: str, made: str) -> str:
    """Return the page with the tables made anew; DeclarationError where a mark is missing."""
    return marks.between(text, f"{BEGIN}\n{made}\n{END}", BEGIN, END, str(PAGE))


def main() -> None:
    """Write the page."""
    page = location.ROOT / PAGE
    page.write_text(rewrite(page.read_text(encoding="utf-8"), tables(read(location.ROOT / FOLDER))), encoding="utf-8")


if __name__ == "__main__":
    main()
