"""`harness` as a process of its own, with the stacks, expectations and MLflow of a test: $STACKS and $EXPECTATIONS."""

import os
from pathlib import Path

from harness.driver import commands, night_commands, publishing, stacks
from harness.driver.stacks import Stack


def declared():
    """Return the stacks that the test names."""
    return [Stack(name=name, python=("3.11",), requires=("numpy",), why="a test") for name in os.environ["STACKS"].split(",")]


if __name__ == "__main__":
    stacks.load = declared
    stacks.find_python = lambda versions: "python3"
    publishing.publish = lambda *_: 0
    night_commands.FOLDER = Path(os.environ["EXPECTATIONS"])
    commands.main(prog_name="harness")
