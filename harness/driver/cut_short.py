"""How a long call ends: whole, or cut short by Ctrl-C or an error, and what came until then is kept and told."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import click

from harness.driver.endings import INTERRUPTED
from harness.errors import UserError

T = TypeVar("T")


def gather(into: list[T], told: Iterable[T], show: Callable[[T], None]) -> BaseException | None:
    """Add everything that is told, and show it; return what ended it early, Ctrl-C or a UserError, or None."""
    try:
        for one in told:
            into.append(one)
            show(one)
    except (KeyboardInterrupt, UserError) as end:
        return end
    return None


def leave(ctx: click.Context, end: BaseException | None, code: int) -> None:
    """End the command: by the UserError that cut it short, by 130 after Ctrl-C, else by its own exit code."""
    if isinstance(end, UserError):
        raise end
    ctx.exit(INTERRUPTED if end else code)
