"""What the stages and the contract said is part of a report, with a night or without."""

import json

import pytest
from click.testing import CliRunner
from factories import a_record
from matrix import asked_of, fill, learnt

from harness.driver import commands
from harness.framings import STAGES

pytestmark = pytest.mark.usefixtures("folder")


def verdict():
    """Return the exit code of a report, and the verdict of the one stack in it."""
    outcome = CliRunner().invoke(commands.main, ("report", "--json"))
    return outcome.exit_code, json.loads(outcome.stdout)["sheets"][0]["rows"][0]["verdict"]


def test_without_a_night_what_the_newest_stages_and_clauses_say_is_judged_too(store, folder):
    entry = '[[expect]]\nclaim = "A decay is in effect."\nprobe = "contract.decay"\nequals = "holds"\npurpose = "contract"\n'
    (folder / "stages.toml").write_text('framing = "stages"\n' + entry)
    fill(store, learnt("tf2", 1), asked_of("tf2", {"decay": "it does nothing"}))
    assert verdict() == (1, "missed")
    fill(store, asked_of("tf2", {"decay": "holds"}, invocation="later"))
    assert verdict() == (0, "met")


def test_a_contract_that_was_asked_alone_hides_no_stage_that_was_missed(store, folder):
    entry = '[[expect]]\nclaim = "x"\nprobe = "stages.loss"\nequals = "agrees"\npurpose = "stage"\n'
    (folder / "stages.toml").write_text('framing = "stages"\n' + entry)
    question = {"framing": STAGES, "seed": 1, "engine": "fit", "purpose": "stage"}
    missed = a_record(
        stack="tf2", invocation="tf2", question=question, observations={"stages": {"loss": "it is zero"}}, curves={}
    )
    fill(store, learnt("tf2", 1), missed, asked_of("tf2", {"decay": "holds"}, invocation="later"))
    assert verdict() == (1, "missed")
