"""Publishing into a real MLflow store: what arrives, what stays as it is, and what happens when it cannot be reached."""

import socket
import sqlite3
import time
from pathlib import Path

import pytest
from mlflow import MlflowClient
from published import publish, runs
from records import FIRST, SECOND, fill, learnt, looked

PARENT = "mlflow.parentRunId"
pytestmark = pytest.mark.usefixtures("folder")


def dump(uri):
    """Return every row of every table of the store."""
    with sqlite3.connect(uri.removeprefix("sqlite:///")) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        return {table: sorted(map(repr, database.execute(f"select * from {table}"))) for table in tables}


def test_an_invocation_becomes_a_parent_and_a_child_for_each_judged_record(store, uri):
    fill(store)
    outcome = publish()
    assert outcome.exit_code == 0, outcome.output
    assert sorted(runs(uri)) == [
        "naive compiled seed 1",
        "naive compiled seed 2",
        "naive compiled seed 3",
        "naive fit check seed 1",
        "tf2 2025-01-02 03:04",
    ]


def test_a_child_holds_the_parameters_metrics_and_tags_that_the_compare_view_shows(store, uri):
    fill(store)
    publish()
    shown = runs(uri)
    child, parent = shown["naive compiled seed 2"], shown["tf2 2025-01-02 03:04"]
    assert child.data.params == {
        "environment": "tf2", "framing": "naive", "edition": "2018-08", "seed": "2", "engine": "compiled", "units": "32",
        "epochs": "500", "batch_size": "1", "shuffle": "True", "stateful": "False", "window": "1", "program": "xla",
        "purpose": "learn", "python": "3.11.7", "tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.6",
        "device": "cpu",
    }  # fmt: skip
    metrics = {"accuracy": 0.84, "loss": 0.5, "fit_seconds": 0.16, "train_loss": 0.5, "train_accuracy": 0.84}
    assert child.data.metrics == metrics
    assert child.data.tags[PARENT] == parent.info.run_id
    assert {child.data.tags[name] for name in ("verdict", "stack", "invocation")} == {"met", "tf2", FIRST}
    assert child.info.status == "FINISHED"


def test_a_curve_arrives_with_its_epochs_as_steps(store, uri):
    fill(store)
    publish()
    history = MlflowClient(uri).get_metric_history(runs(uri)["naive compiled seed 1"].info.run_id, "train_loss")
    assert [(point.step, point.value) for point in history] == [(1, 3.0), (100, 2.0), (300, 1.0), (500, 0.5)]


def test_the_parent_holds_the_worst_verdict_and_the_numbers_of_each_framing(store, uri):
    fill(store)
    publish()
    parent = runs(uri)["tf2 2025-01-02 03:04"]
    assert parent.data.tags["verdict"] == "met"
    assert parent.data.params["environment"] == "tf2"
    names = ("accuracy_mean", "accuracy_min", "accuracy_low", "accuracy_high", "seeds", "behaviours_share")
    assert {name: parent.data.metrics[f"naive.{name}"] for name in names} == {
        "accuracy_mean": pytest.approx(0.84), "accuracy_min": 0.84, "accuracy_low": pytest.approx(0.84),
        "accuracy_high": pytest.approx(0.84), "seeds": 3, "behaviours_share": 1.0,
    }  # fmt: skip
    assert parent.data.tags["verdict.naive"] == "met"
    assert (parent.data.metrics["naive.behaviours_met"], parent.data.metrics["naive.behaviours"]) == (2, 2)
    assert parent.data.metrics["naive.epoch_seconds_median"] == 0.2


def test_the_parent_keeps_the_records_the_environment_the_transcript_the_pictures_and_the_report(store, uri, tmp_path):
    fill(store)
    (store.home / "transcripts").mkdir()
    (store.home / "transcripts" / f"{FIRST}.txt").write_text("what was seen\n")
    publish()
    parent = runs(uri)["tf2 2025-01-02 03:04"]
    names = {file.path for file in MlflowClient(uri).list_artifacts(parent.info.run_id)}
    pictures = {"learning-curves.png", "answers-naive.png"}
    assert names == {"environment.txt", "records.jsonl", "transcript.txt", "report.html"} | pictures
    page = MlflowClient(uri).download_artifacts(parent.info.run_id, "report.html", str(tmp_path))
    assert f"<p>Invocation {FIRST} of tf2: " in Path(page).read_text(encoding="utf-8")


def test_an_invocation_that_learnt_nothing_has_no_report(store, uri):
    record = learnt(1)
    fill(store, record._replace(question=record.question._replace(purpose="check")))
    publish()
    names = [file.path for file in MlflowClient(uri).list_artifacts(runs(uri)["tf2 2025-01-02 03:04"].info.run_id)]
    assert sorted(names) == ["environment.txt", "records.jsonl"]


def test_publishing_twice_changes_nothing(store, uri):
    fill(store)
    publish()
    before = dump(uri)
    assert "0 new runs" in publish().output
    assert dump(uri) == before


def test_a_run_that_a_kill_left_half_written_is_made_anew(store, uri):
    fill(store)
    publish()
    client, child = MlflowClient(uri), runs(uri)["naive compiled seed 2"]
    client.update_run(child.info.run_id, "RUNNING")
    client.delete_tag(runs(uri)["tf2 2025-01-02 03:04"].info.run_id, "harness.published")
    assert "1 new run " in publish().output
    again = runs(uri)["naive compiled seed 2"]
    assert again.info.run_id != child.info.run_id
    assert again.info.status == "FINISHED"
    assert len(runs(uri)) == 5


def test_records_that_arrive_later_join_their_parent(store, uri):
    fill(store)
    publish()
    fill(store, learnt(4, accuracy=0.72))
    assert "1 new run " in publish().output
    shown = runs(uri)
    assert len(shown) == 6
    assert shown["tf2 2025-01-02 03:04"].data.metrics["naive.seeds"] == 4
    assert shown["tf2 2025-01-02 03:04"].data.metrics["naive.accuracy_mean"] == pytest.approx(0.81)


def test_a_changed_expectation_changes_the_verdicts_and_makes_no_new_runs(store, uri, folder):
    fill(store)
    publish()
    path = folder / "naive.toml"
    path.write_text(path.read_text().replace("at_most = 1.0", "at_most = 0.1"))
    assert "0 new runs" in publish().output
    shown = runs(uri)
    assert {shown[name].data.tags["verdict"] for name in ("naive compiled seed 1", "tf2 2025-01-02 03:04")} == {"missed"}
    assert shown["naive compiled seed 1"].info.status == "FAILED"


def test_what_a_person_deleted_in_mlflow_stays_deleted(store, uri):
    fill(store)
    publish()
    for run in runs(uri).values():
        MlflowClient(uri).delete_run(run.info.run_id)
    assert "0 new runs" in publish().output
    assert runs(uri) == {}


def test_another_invocation_becomes_another_parent(store, uri):
    fill(store)
    fill(store, learnt(1, invocation=SECOND, started="2025-01-03T03:04:05Z"))
    publish()
    assert {"tf2 2025-01-02 03:04", "tf2 2025-01-03 03:04"} < set(runs(uri))


def test_an_interrupted_invocation_is_shown_as_killed(store, uri):
    store.start("tf2", ["a call"], FIRST)
    fill(store)
    publish()
    parent = next(run for run in runs(uri).values() if PARENT not in run.data.tags)
    assert parent.info.status == "KILLED"


def test_a_value_that_was_not_finite_is_left_out_and_noted(store, uri):
    broken = learnt(1, loss=float("nan"))
    fill(store, broken._replace(curves={"loss": [3.0, float("inf")], "accuracy": [0.0, 0.1], "epoch": [1, 500]}))
    publish()
    child = runs(uri)["naive compiled seed 1"]
    assert "loss" not in child.data.metrics
    assert child.data.metrics["train_loss"] == 3.0
    assert child.data.tags["not_finite"] == "curves.loss, observations.loss"
    assert child.data.tags["verdict"] == "missed"


def test_a_dead_server_gives_one_sentence_within_seconds_and_the_records_come_in_later(store, uri, monkeypatch):
    fill(store)
    store.note_latest("tf2", FIRST)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{nobody.getsockname()[1]}")
        started = time.monotonic()
        outcome = publish("--stack", "tf2", "--after-run")
    assert time.monotonic() - started < 15
    assert outcome.exit_code == 0
    assert "naive" in outcome.stdout, "the table is printed all the same"
    assert "Connection refused" in outcome.stderr
    assert "harness publish" in outcome.stderr
    assert "secret" not in outcome.output
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert "4 new runs" in publish().output


def test_a_database_of_another_mlflow_is_refused_with_one_sentence(store, uri):
    with sqlite3.connect(uri.removeprefix("sqlite:///")) as database:
        database.execute("update alembic_version set version_num = 'from the future'")
    fill(store)
    outcome = publish()
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("harness: MLflow's store sqlite:///")
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize("address", ["nonsense://there", "sqlite:////proc/nowhere/mlflow.db", "file:mlruns"])
def test_an_address_that_is_no_store_is_refused_with_one_sentence(store, monkeypatch, address):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    fill(store)
    outcome = publish()
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1), outcome.output


def test_after_a_call_that_recorded_nothing_no_older_table_is_shown(store, uri):
    fill(store)
    store.note_latest("tf2", "")
    outcome = publish("--stack", "tf2", "--after-run")
    assert (outcome.exit_code, "4 new runs" in outcome.stdout, "met" in outcome.stdout) == (0, True, False)


def test_broken_records_of_another_stack_leave_a_run_its_table_and_its_exit_code(store, uri):
    fill(store)
    store.note_latest("tf2", FIRST)
    (store.home / "records" / "jax.jsonl").write_text("nonsense\n")
    outcome = publish("--stack", "tf2", "--after-run")
    assert (outcome.exit_code, "naive" in outcome.stdout, "jax.jsonl" in outcome.stderr) == (0, True, True)
    assert publish().exit_code == 2


def test_a_folder_of_records_that_cannot_be_written_to_is_one_sentence(store, uri):
    fill(store)
    (store.home / "publishing.lock").mkdir()
    outcome = publish()
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1)
    assert "cannot be written to (Is a directory); set HARNESS_HOME to a folder to write in" in outcome.stderr


def test_the_contract_has_a_name_of_its_own_beside_the_stages(store, uri):
    asked = [("compiled", "stage"), ("fit", "stage"), ("fit", "contract")]
    fill(store, *(looked(engine, purpose) for engine, purpose in asked))
    publish()
    shown = runs(uri)
    assert {name for name in shown if "seed" in name} == {"contract fit seed 1", "stages fit seed 1", "stages compiled seed 1"}
    metrics = next(run for name, run in shown.items() if "seed" not in name).data.metrics
    assert {name for name in metrics if name.endswith(".seeds")} == {"stages.seeds", "stages.fit.seeds", "contract.seeds"}


def test_a_call_that_recorded_nothing_leaves_the_exit_code_alone(store, uri):
    assert publish("--after-run").exit_code == 0
    assert publish().exit_code == 2
