"""Copies records into MLflow. MLflow is a view; the JSON lines are the truth.

The only file that imports MLflow. Runs are found by their tags, so that publishing again changes nothing; a run that a
kill left half written is made anew; a parent is marked as done last. What a person deleted in MLflow stays deleted.
"""

import logging
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from multiprocessing.pool import Pool
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # Read once, while mlflow is imported.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # Its own 7 retries and 120 s keep a run waiting.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")

# The lines above must come first.
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag, ViewType
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from harness.driver import location, publication
from harness.driver.errors import ChoiceError, StoreError
from harness.driver.publication import Child, Made, Parent

EXPERIMENT = "stateful-lstm"
KIND = {"mlflow.experimentKind": "custom_model_development"}  # MLflow's own mark of what trains.
PARENT = "mlflow.parentRunId"
KEY = "harness.key"
PUBLISHED = "harness.published"
OURS = re.compile(r"(verdict|base|since_base)(\..*)?")  # Tags of a parent that may hold no more.
PAGE = 1000


class Tracker:
    """One MLflow store, while something is published to it. The writers must be forked after `prepare`."""

    def __init__(self, uri: str, writers: Pool) -> None:
        self.uri, self.writers = uri, writers

    def connect(self) -> None:
        """Find the experiment and the parents in it, or raise StoreError."""
        with _as_store_error(self.uri):
            self.experiment = _experiment(self.uri)
            found = self._search("tags.`harness.kind` = 'invocation'")
            self.parents = {run.data.tags.get(KEY, ""): run for run in found}

    def is_current(self, parent: Parent) -> bool:
        """Whether MLflow shows this invocation as it is, or a person has deleted it there."""
        run = self.parents.get(parent.key)
        return run is not None and (_is_deleted(run) or run.data.tags.get(PUBLISHED) == parent.fingerprint)

    def publish(self, parent: Parent, make: Callable[[], Made]) -> int:
        """Bring one invocation up to date and return how many runs were new; what takes long is asked for once those are in."""
        with _as_store_error(self.uri):
            run = self.parents.get(parent.key) or self._start(parent)
            new = self._children(run, parent)
            made = make()
            _store_files(_client(self.uri), run.info.run_id, made.files)
            self._finish(run, parent, made)
            return new

    def _start(self, parent: Parent) -> Run:
        tags = {KEY: parent.key, "harness.kind": "invocation"}
        return _client(self.uri).create_run(self.experiment, parent.started, tags, parent.name)

    def _children(self, run: Run, parent: Parent) -> int:
        present = self._present(run.info.run_id)
        missing = [child for child in parent.children if child.key not in present]
        for child in parent.children:
            if child.key in present:
                self._judge_again(present[child.key], child)
        calls = [(self.uri, self.experiment, run.info.run_id, child) for child in missing]
        self.writers.starmap(_write_child, calls, chunksize=1)
        return len(missing)

    def _present(self, parent_id: str) -> dict[str, Run]:
        present: dict[str, Run] = {}
        for run in self._search(f"tags.`{PARENT}` = '{parent_id}'"):
            if run.info.status == "RUNNING" and not _is_deleted(run):
                _client(self.uri).delete_run(run.info.run_id)
            elif run.info.status != "RUNNING":
                present[run.data.tags.get(KEY, "")] = run
        return present

    def _judge_again(self, run: Run, child: Child) -> None:
        if run.data.tags.get("verdict") != child.verdict and not _is_deleted(run):
            _client(self.uri).set_tag(run.info.run_id, "verdict", child.verdict)
            _client(self.uri).update_run(run.info.run_id, child.status)

    def _finish(self, run: Run, parent: Parent, made: Made) -> None:
        client, known = _client(self.uri), run.data
        found = {**parent.metrics, **made.metrics}
        changed = {key: value for key, value in found.items() if known.metrics.get(key) != value}
        # Of equal steps MLflow shows the latest, so a corrected number needs a later time than the first had.
        metrics = [Metric(key, value, int(1000 * time.time()), 0) for key, value in changed.items()]
        params = [Param(key, value) for key, value in parent.params.items() if key not in known.params]
        tags = {**parent.tags, **made.tags}
        for name in [name for name in known.tags if OURS.fullmatch(name) and name not in tags]:
            client.delete_tag(run.info.run_id, name)
        client.log_batch(run.info.run_id, metrics, params, _tags(tags))
        client.set_terminated(run.info.run_id, parent.status, parent.ended)
        client.set_tag(run.info.run_id, PUBLISHED, parent.fingerprint)

    def _search(self, wanted: str) -> Iterator[Run]:
        token = None
        while True:
            page = _client(self.uri).search_runs([self.experiment], wanted, ViewType.ALL, PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return


def records_of(uri: str, run_id: str, folder: Path) -> Path:
    """Fetch into the folder the file of records that hangs on a run, or on its parent, and return where it is.

    ChoiceError where the store has no such run, or is not there: to ask MLflow would make an empty one.
    """
    with _as_store_error(uri):
        run = _run(uri, run_id) if location.is_there(uri) else None
        if run is None:
            raise ChoiceError(
                f"{run_id!r} is no run of MLflow's store {location.spell(uri)}; take one from its page "
                f"({location.look_command()}), or set MLFLOW_TRACKING_URI to another store"
            )
        return Path(_client(uri).download_artifacts(run.data.tags.get(PARENT, run_id), "records.jsonl", str(folder)))


def _run(uri: str, run_id: str) -> Run | None:
    try:
        return _client(uri).get_run(run_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise


def prepare(uri: str) -> None:
    """Import what the store needs and forget open connections, so that processes forked now start with all but those."""
    for name in ("alembic", "mlflow"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if not location.is_server(uri):
        import_module("mlflow.store.tracking.sqlalchemy_store")
    _client.cache_clear()


@cache
def _client(uri: str) -> MlflowClient:
    return MlflowClient(uri)


def _is_deleted(run: Run) -> bool:
    return bool(run.info.lifecycle_stage == "deleted")


def _tags(tags: Mapping[str, str]) -> list[RunTag]:
    return [RunTag(key, value) for key, value in tags.items()]


def _experiment(uri: str) -> str:
    found = _client(uri).get_experiment_by_name(EXPERIMENT)
    if found is None:
        return str(_client(uri).create_experiment(EXPERIMENT, location.artifact_folder(uri), KIND))
    if found.lifecycle_stage == "deleted":
        raise MlflowException(f"its experiment {EXPERIMENT} was deleted; restore it there")
    return str(found.experiment_id)


def _write_child(uri: str, experiment: str, parent_id: str, child: Child) -> None:
    """Write one run whole; it stays RUNNING until its last value is there, which is how a half-written one is known."""
    with _as_store_error(uri):
        client, record = _client(uri), child.record
        tags = {PARENT: parent_id, KEY: child.key}
        run = client.create_run(experiment, publication.milliseconds(record.started), tags, child.name)
        run_id = run.info.run_id
        metrics = [Metric(point.key, point.value, point.at, point.step) for point in publication.points_of(record)]
        params = [Param(key, value) for key, value in publication.params_of(record).items()]
        client.log_batch(run_id, metrics, params, _tags(publication.tags_of(child)))
        client.set_terminated(run_id, child.status, publication.ended(record))


def _store_files(client: MlflowClient, run_id: str, files: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        client.log_artifacts(run_id, folder)


@contextmanager
def _as_store_error(uri: str) -> Iterator[None]:
    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError, ImportError) as error:  # The last: no driver for its database.
        raise StoreError(
            f"MLflow's store {location.spell(uri)} cannot be used ({_reason(error, uri)}); "
            "the records are kept, and `harness publish` brings them in later"
        ) from None


def _reason(error: Exception, uri: str) -> str:
    """The heart of the matter in a few words: MLflow wraps it in addresses, classes and advice over many lines."""
    text = str(error).replace(uri, location.spell(uri))
    system = re.search(r"\[Errno -?\d+\] ([\w ,]+)", text)
    if system:
        return system.group(1)
    first = re.split(r"\n|[.;] (?=[A-Z])", text.strip())[0]
    return re.sub(r"://[^/@\s]*@", "://", first)[:200].rstrip(". ")
