"""The command line as a person meets it: tables, sentences and exit codes. MLflow is not needed for any of it."""

import json
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner
from factories import a_record
from records import FIRST, SECOND, STACK, checked, fill, learnt, timed

from harness import framings
from harness.driver import commands, location

pytestmark = pytest.mark.usefixtures("folder")


def call(*words):
    """Call `harness` as a person does."""
    return CliRunner().invoke(commands.main, words)


def test_judge_exits_0_when_all_is_as_declared(store):
    fill(store)
    outcome = call("judge")
    assert outcome.exit_code == 0, outcome.output
    assert "50.0 to 90.0 %" in outcome.output
    assert "fit (2 epochs)" in outcome.output


def test_judge_of_one_stack_reads_no_other_whose_records_are_broken(store):
    fill(store)
    (store.home / "records" / "jax.jsonl").write_text("nonsense\n")
    assert call("judge", "--stack", "tf2").exit_code == 0
    assert (call("judge").exit_code, "jax.jsonl" in call("judge").stderr) == (2, True)


@pytest.mark.parametrize("words", [(), ("--stack", "tf2")])
def test_a_file_that_a_kill_left_empty_is_no_pass(store, words):
    (store.home / "records").mkdir(parents=True)
    (store.home / "records" / "tf2.jsonl").touch()
    outcome = call("judge", *words)
    assert (outcome.exit_code, "there are no records yet" in outcome.stderr) == (2, True)


def test_ctrl_c_is_one_sentence_and_exit_code_130(store, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    fill(store)
    monkeypatch.setattr(commands.publishing, "invocations", interrupt)
    outcome = call("judge")
    assert (outcome.exit_code, outcome.stderr) == (130, "harness: interrupted; what was recorded is kept\n")


def test_a_command_that_computes_nothing_waits_for_no_library_that_does():
    heavy = {"mlflow", "matplotlib", "pandas", "scipy", "statsmodels"}
    program = f"import sys, harness.driver.commands; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=str(location.ROOT), capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_judge_exits_1_and_says_what_was_missed_where_it_is_declared(store):
    fill(store, learnt(1), learnt(2, loss=1.5))
    outcome = call("judge")
    assert outcome.exit_code == 1
    assert "missed: naive loss is 1.5" in outcome.output
    assert "expectations/naive.toml, expect 2" in outcome.output


def test_judge_says_once_why_what_is_known_deviates(store, folder):
    fill(store, learnt(1, loss=1.5), learnt(2, loss=1.6))
    known = '[[expect.known]]\nwhere = ["keras>=3"]\nwhy = "another optimizer"\nlink = "https://example.org/1"\n'
    path = folder / "naive.toml"
    path.write_text(path.read_text() + known)
    outcome = call("judge")
    assert (outcome.exit_code, "missed: " in outcome.output) == (0, False)
    assert outcome.output.count("known of naive: another optimizer (https://example.org/1)") == 1


def test_judge_says_which_stage_is_known_to_deviate_and_what_it_says(store, folder):
    question = {"framing": framings.STAGES, "engine": "fit", "purpose": "stage"}
    fill(
        store,
        a_record(stack=STACK, invocation=FIRST, question=question, observations={"stages": {"loss": "it is zero" + 300 * "!"}}),
    )
    entry = '[[expect]]\nclaim = "x"\nprobe = "stages.loss"\nequals = "agrees"\npurpose = "stage"\n'
    known = '[[expect.known]]\nwhere = ["keras>=3"]\nwhy = "no loss"\nlink = "https://example.org/1"\n'
    (folder / "stages.toml").write_text('framing = "stages"\n' + entry + known)
    assert f"known of stages.loss: no loss (https://example.org/1) [it is zero{187 * '!'}...]" in call("judge").output


def test_judge_follows_an_edit_of_the_expectations_without_training(store, folder):
    fill(store)
    assert call("judge").exit_code == 0
    path = folder / "naive.toml"
    path.write_text(path.read_text().replace("at_most = 1.0", "at_most = 0.1"))
    assert call("judge").exit_code == 1


def test_judge_takes_the_newest_invocation_unless_another_is_named(store):
    fill(store, learnt(1, loss=1.5), learnt(1, invocation=SECOND))
    assert call("judge").exit_code == 0
    assert call("judge", "--invocation", FIRST).exit_code == 1


def test_judge_passes_over_an_invocation_that_only_measured(store):
    fill(store, learnt(1), timed()._replace(invocation=SECOND))
    assert f"invocation {FIRST}: met" in call("judge").output


def test_judge_says_how_many_shares_so_few_seeds_cannot_miss(store):
    fill(store, learnt(1))
    assert "1 share of naive cannot be missed with 1 seed; give more --seeds" in call("judge").output


def test_judge_gives_the_same_as_json(store):
    fill(store, learnt(1), learnt(2, accuracy=0.8), checked())
    (summary,) = json.loads(call("judge", "--json").stdout)
    row = summary["rows"][0]
    assert (summary["stack"], summary["verdict"], row["met"], row["of"]) == ("tf2", "met", 2, 2)
    assert (row["accuracy"], row["band"], row["seeds"]) == (pytest.approx(0.82), [0.5, 0.9], [1, 2])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--stack", "tf9"), "no records of stack 'tf9'; known: tf2"),
        (("--invocation", "x"), f"no records of invocation 'x'; the newest known: {FIRST}"),
    ],
)
def test_an_unknown_name_gives_one_sentence_that_lists_the_known_ones(store, words, sentence):
    fill(store)
    outcome = call("judge", *words)
    assert (outcome.exit_code, outcome.stderr) == (2, f"harness: {sentence}\n")


def test_a_broken_record_and_a_broken_declaration_exit_2_with_one_sentence(store, folder):
    fill(store)
    (folder / "naive.toml").write_text('framing = "naive"\n[[expect]]\nat_leat = 1\n')
    assert call("judge").exit_code == 2
    with store.records_path("tf2").open("a") as file:
        file.write("not a record\n")
    outcome = call("judge")
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1)


def test_without_records_the_sentence_says_how_to_make_some(store):
    assert call("judge").stderr == "harness: there are no records yet; `tox -e tf2` makes some\n"


def test_the_table_has_no_colours_where_it_is_not_a_terminal(store):
    fill(store, learnt(1, loss=1.5))
    assert "\x1b" not in call("judge").output


@pytest.mark.parametrize("words", [("--help",), ("publish", "-h"), ("judge", "-h"), ("ui", "-h"), ("derive", "-h")])
def test_the_help_gives_an_example(words):
    assert "harness " in call(*words).output.split("\n", 1)[1]


def test_the_address_is_printed_without_its_password_and_below_the_root_without_the_root(tmp_path):
    assert location.spell("http://me:secret@host:5000/x") == "http://host:5000/x"
    assert location.spell(f"sqlite:///{tmp_path}/mlflow.db", tmp_path) == "sqlite:///mlflow.db"


def test_the_command_to_look_names_the_tox_of_the_repository_where_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / ".tox" / "driver" / "bin"))
    assert location.look_command(tmp_path) == "tox -e driver -- ui"
    tox = tmp_path / ".venv" / "bin" / "tox"
    tox.parent.mkdir(parents=True)
    tox.touch(mode=0o755)
    assert location.look_command(tmp_path) == ".venv/bin/tox -e driver -- ui"


def test_a_taken_port_is_refused_with_one_sentence(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        outcome = call("ui", "--port", str(taken.getsockname()[1]))
    assert outcome.exit_code == 2
    assert "give another --port" in outcome.stderr
