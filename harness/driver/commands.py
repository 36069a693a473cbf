"""The command line `harness`. Reads the call and leaves the work to others; a UserError becomes exit code 2."""

import json
from collections.abc import Sequence
from typing import Any

import click

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import (
    clean_commands,
    derivation,
    issues_commands,
    location,
    night_commands,
    printing,
    publishing,
    report_commands,
    selfcheck_commands,
    sources,
    stacks_commands,
    summary,
    viewing,
)
from harness.driver.compare import baseline_commands, history_commands, simulate_commands
from harness.driver.compare import commands as compare_commands
from harness.driver.endings import INTERRUPTED
from harness.driver.errors import ChoiceError
from harness.driver.publishing import Invocation
from harness.driver.summary import Summary
from harness.errors import UserError
from harness.expectations import Declared
from harness.record import JUDGED
from harness.store import Store, default_home

SOME = 5  # Invocations that a sentence names.


class Commands(click.Group):
    """A group whose commands end with one sentence: exit code 2 where the user's input was wrong, 130 after Ctrl-C."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was called."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"harness: {error}", err=True)
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("harness: interrupted; what was recorded is kept", err=True)
            ctx.exit(INTERRUPTED)


stack_option = click.option("--stack", "stacks", multiple=True, metavar="NAME", help="Only this stack; repeatable.")
json_option = click.option("--json", "is_json", is_flag=True, help="Print JSON instead of a table.")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Look at what `tox -e STACK` recorded: judge it, publish it to MLflow, open it.

    \b
    tox -e tf2              trains, probes and records the six framings
    harness judge           judges those records against expectations/
    harness publish         brings them into MLflow
    harness report          draws the atlas of all stacks
    harness compare A B     says what changed between two of them
    harness ui              opens MLflow on them
    harness selfcheck       breaks a framework on purpose, to see what notices

    Exit code 0: all is as declared; 1: something was missed or mended, or got worse; 2: the call or its
    input was wrong; 3: undecided, more seeds are needed; 130: interrupted.
    """


@main.command()
@stack_option
@click.option("--after-run", is_flag=True, help="Exit 0 though nothing can be published: the run's own code counts.")
def publish(stacks: tuple[str, ...], after_run: bool) -> None:
    """Bring all records that MLflow does not show yet into it; doing so again changes nothing.

    The store is $MLFLOW_TRACKING_URI, else mlflow.db at the repository's root. With --stack only that stack's
    summary is printed.

    \b
    harness publish --stack tf2
    """
    try:
        new = _publish(stacks, after_run)
    except UserError as error:
        if not after_run:
            raise
        click.echo(f"harness: {error}", err=True)
        return
    click.echo(f"{summary.many(new, 'new run')} in {location.spell(location.tracking_uri())}; look at them with:")
    click.echo(f"  {location.look_command()}")


@main.command()
@stack_option
@click.option("--invocation", metavar="ID", help="This invocation instead of the newest.")
@json_option
@click.pass_context
def judge(ctx: click.Context, stacks: tuple[str, ...], invocation: str | None, is_json: bool) -> None:
    """Judge stored records against expectations/ again, without training; exit 1 if something is missed or mended.

    \b
    harness judge --stack tf2
    """
    store, declared = Store(default_home(location.ROOT)), declarations.load(FOLDER)
    summaries = [_summary(declared, one) for one in _of_name(_chosen(store, stacks), invocation)]
    _print(summaries, is_json)
    ctx.exit(int(any(one.is_failing for one in summaries)))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.pass_context
def ui(ctx: click.Context, host: str, port: int) -> None:
    """Open MLflow on the published runs; Ctrl-C ends it.

    \b
    harness ui --port 5001
    """
    uri = location.tracking_uri()
    if location.is_server(uri):
        click.echo(f"The runs are on a server already: {location.spell(uri)}")
        return
    click.echo(f"Open {viewing.address(host, port)} in a browser once it is up; Ctrl-C ends it.")
    ctx.exit(viewing.serve(uri, host, port, location.ROOT))


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a number is not what its records say.")
@click.option("--from-invocation", "invocation", metavar="ID", help="First make this invocation's runs the reference.")
@click.option("--stack", metavar="NAME", help="The stack of that invocation.")
@click.option("--more", "is_more", is_flag=True, help="Keep the runs that are the reference already beside them.")
@click.option("--known", "is_known", is_flag=True, help="Count known deviations on it instead, beside the runs there are.")
@click.pass_context
def derive(ctx: click.Context, check: bool, invocation: str | None, stack: str | None, is_more: bool, is_known: bool) -> None:
    """Derive the numbers in expectations/ from the records that they name, and write them there.

    \b
    harness derive --check
    harness derive --from-invocation 20261122T153000-1a2b3c --stack tf2
    harness derive --from-invocation 20261123T171722-a4644b --stack tf2 --more
    harness derive --from-invocation 20261122T164500-4d5e6f --stack keras2.0.9 --known
    """
    if (is_known or is_more) and not invocation:
        raise click.UsageError("--known and --more need --from-invocation")
    if invocation and (check or not stack):
        raise click.UsageError("--from-invocation needs --stack, and writes, so it does not go with --check")
    if invocation and stack:
        store = Store(default_home(location.ROOT))
        if is_known:
            click.echo(f"wrote {derivation.add_to_known(FOLDER, store, stack, invocation)}")
        else:
            for name in derivation.replace_references(FOLDER, store, stack, invocation, is_more):
                click.echo(f"wrote {name}")
    changes = derivation.differences(FOLDER)
    if not check:
        derivation.write(FOLDER, changes)
    for change in changes[:1] if check else changes:
        click.echo(change.sentence)
    ctx.exit(int(check and bool(changes)))


main.add_command(stacks_commands.list_stacks)
main.add_command(stacks_commands.lock)
main.add_command(report_commands.report)
main.add_command(night_commands.night)
main.add_command(night_commands.gather)
main.add_command(issues_commands.issues)
main.add_command(selfcheck_commands.selfcheck)
main.add_command(clean_commands.clean)
main.add_command(compare_commands.compare)
main.add_command(simulate_commands.simulate)
main.add_command(baseline_commands.baseline)
main.add_command(history_commands.history)


def _publish(stacks: Sequence[str], after_run: bool) -> int:
    """Print the chosen stacks' summaries, then bring the records of all into MLflow; return how many runs were new to it."""
    store, declared = Store(default_home(location.ROOT)), declarations.load(FOLDER)
    found = _chosen(store, stacks)
    newest = [_newest(invocations) for invocations in found.values()]
    shown = [one for one in newest if not after_run or one.name == store.latest(one.stack)]
    _print([_summary(declared, one) for one in shown], is_json=False)
    found.update((name, publishing.invocations(store, name)) for name in store.stacks() if name not in found)
    everything = [one for invocations in found.values() for one in invocations]
    return publishing.publish(declared, everything, store.home, location.tracking_uri())


def _chosen(store: Store, stacks: Sequence[str]) -> dict[str, list[Invocation]]:
    """Return the invocations of these stacks, else of all; no other stack's records are read, which might be broken."""
    known = store.stacks()
    found = {stack: publishing.invocations(store, stack) for stack in stacks or known if stack in known}
    held = [stack for stack in known if found.get(stack) != []]  # A kill may leave an empty file.
    return {stack: found[stack] for stack in sources.recorded(held, stacks)}


def _newest(invocations: Sequence[Invocation]) -> Invocation:
    """Return the newest that has anything to judge, else the newest: what takes turns only measures."""
    judged = [one for one in invocations if any(record.question.purpose in JUDGED for record in one.records)]
    return (judged or invocations)[-1]


def _of_name(found: dict[str, list[Invocation]], name: str | None) -> list[Invocation]:
    if name is None:
        return [_newest(invocations) for invocations in found.values()]
    everything = [one for invocations in found.values() for one in invocations]
    chosen = [one for one in everything if one.name == name]
    if not chosen:
        known = ", ".join(one.name for one in everything[-SOME:])
        raise ChoiceError(f"no records of invocation {name!r}; the newest known: {known}")
    return chosen


def _summary(declared: Declared, invocation: Invocation) -> Summary:
    return summary.summarise(declared, invocation.records, invocation.started)


def _print(summaries: Sequence[Summary], is_json: bool) -> None:
    if is_json:
        click.echo(json.dumps([printing.as_json(one) for one in summaries], indent=2))
        return
    screen = printing.console()
    for one in summaries:
        printing.show(one, screen)


if __name__ == "__main__":
    main(prog_name="harness")
