"""The commands `harness stacks` and `harness lock`: look at the declared stacks, and make of them what tox needs."""

import json
from typing import Any

import click
from rich.table import Table

from harness.driver import environments, locks, printing, stacks
from harness.driver.location import ROOT
from harness.driver.stacks import Stack

COLUMNS = ("name", "python", "here", "requires", "why")


@click.command("stacks")
@click.option("--write", "is_write", is_flag=True, help="Rewrite the part of tox.ini that holds the stacks; list nothing.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")
def list_stacks(is_write: bool, is_json: bool) -> None:
    """List the declared stacks, and whether this machine has a Python for each.

    They are declared in harness/driver/stacks.toml; to add one, write an entry there, then call the second and third of:

    \b
    harness stacks --json
    harness stacks --write
    harness lock NAME

    A stack that is absent here is skipped by tox with one sentence, unless uv may fetch a Python for it, which it can do
    from 3.8 on.
    """
    declared = stacks.declaration()
    if is_write:
        if is_json:
            raise click.UsageError("--write lists nothing, so it does not go with --json")
        ini = ROOT / "tox.ini"
        ini.write_text(environments.rewrite(ini.read_text(encoding="utf-8"), declared), encoding="utf-8")
        click.echo(f"wrote {len(declared.stacks)} stacks to tox.ini")
        return
    places = {python: stacks.find_python(python) for python in {stack.python for stack in declared.stacks}}
    rows = [_row(stack, places[stack.python]) for stack in declared.stacks]
    if is_json:
        click.echo(json.dumps(rows, indent=2))
        return
    printing.console().print(_table(rows))


@click.command("lock")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", is_flag=True, help="Resolve nothing; exit 1 if a lock does not hold what is declared.")
@click.option("--upgrade", "is_upgrade", is_flag=True, help="Take newer versions instead of those that the lock has.")
@click.pass_context
def lock(ctx: click.Context, names: tuple[str, ...], check: bool, is_upgrade: bool) -> None:
    """Resolve the named stacks, or all, and write ci/locks/NAME.txt; versions that are locked already stay.

    \b
    harness lock tf2.15
    harness lock --check
    """
    if check and is_upgrade:
        raise click.UsageError("--check resolves nothing, so it does not go with --upgrade")
    declared = stacks.declaration()
    chosen = stacks.chosen(declared.stacks, names)
    if check:
        faults = locks.faults(declared, chosen, locks.FOLDER) + ([] if names else locks.strays(declared, locks.FOLDER))
        for fault in faults:
            click.echo(fault)
        ctx.exit(int(bool(faults)))
    for stack in chosen:
        if stack.locked:
            click.echo(locks.write(stack, declared.observer, is_upgrade))
        elif names:
            click.echo(f"{stack.name} is resolved afresh by every run, so it has no lock")


def _row(stack: Stack, found: str | None) -> dict[str, Any]:
    content = stack.model_dump(mode="json")
    return {**content, "here": "absent" if found is None else "found"}


def _table(rows: list[dict[str, Any]]) -> Table:
    drawn = printing.empty_table()
    for name in COLUMNS:
        drawn.add_column(name, no_wrap=name in ("name", "here"))
    for row in rows:
        drawn.add_row(*(", ".join(row[name]) if isinstance(row[name], list) else row[name] for name in COLUMNS))
    return drawn
