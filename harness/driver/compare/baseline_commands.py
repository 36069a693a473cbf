"""The commands `harness baseline accept` and `harness baseline list`."""

import json

import click

from harness.declarations import FOLDER
from harness.driver import location, printing
from harness.store import Store, default_home, utc_now


@click.group()
def baseline() -> None:
    """Say which runs are right, so that `harness compare baseline NEW` holds later ones against them.

    \b
    harness baseline accept tf2 --why "Keras 3.15 trains train_on_batch's own loss again"
    harness baseline list
    harness compare baseline tf2
    """


@baseline.command()
@click.argument("new")
@click.option("--why", required=True, help="In a sentence, for whoever reviews the change.")
def accept(new: str, why: str) -> None:
    """Make what NEW names (as for `harness compare`) the baseline of its stacks. The old one is kept beside it."""
    from harness.driver.compare import baselines, sides  # noqa: PLC0415 - NumPy and msgspec, which other commands do without

    if not why.strip():
        raise click.UsageError("--why is empty; say in a sentence why these runs are right")
    store = Store(default_home(location.ROOT))
    for one in baselines.accept(FOLDER, list(sides.choose(new, store, FOLDER)), why.strip(), utc_now()):
        click.echo(f"{one.stack}: {one.runs} runs, seeds {one.seeds}; wrote expectations/baselines/{one.records}")
    click.echo("commit expectations/baselines/ to share it; `git revert` takes it back")


@baseline.command("list")
@click.option("--json", "is_json", is_flag=True, help="Print JSON instead of lines.")
def list_all(is_json: bool) -> None:
    """List what was ever accepted, oldest first; the last of a stack is in force."""
    from harness.driver.compare import baselines  # noqa: PLC0415 - as above

    found = baselines.read_all(FOLDER)
    if is_json:
        click.echo(json.dumps([one._asdict() for one in found], indent=2))
        return
    for one in found:
        printing.console().print(f"{one.accepted}  {one.stack}  {one.runs} runs, seeds {one.seeds}: {one.why}", soft_wrap=True)
    if not found:
        click.echo("nothing was accepted yet; `harness baseline accept tf2 --why ...` does")
