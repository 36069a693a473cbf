"""A real MLflow store for each test: made once, because its tables take seconds, and copied."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fake_host import host  # noqa: F401 - a fixture

from harness import declarations
from harness.driver import commands, night_commands, report_commands, running
from harness.store import Store

EXPECTATIONS = {
    "suite.toml": "false_alarms = 0.01\n",
    "naive.toml": """
framing = "naive"

[[reference]]
editions = ["2018-08"]
records = "records/naive.jsonl.gz"
seeds = "101-120"

[[expect]]
claim = "Most seeds are good."  # A comment that stays.
probe = "accuracy"
at_least = 0.5
at_most = 0.9
shown = 19
of = 20

[[expect]]
claim = "Every seed ends below 1."
probe = "loss"
at_most = 1.0
""",
}


@pytest.fixture
def printing_tox(tmp_path, monkeypatch, store):
    """Put in tox's place what prints these objects as JSON, among a framework's own lines, and ends with this code."""

    def put(objects, code=0):
        lines = ["a warning of the framework", "[1, 2]", *map(json.dumps, objects), "{half a line"]
        script = tmp_path / "tox.py"
        script.write_text(f"import sys\nfor line in {lines!r}:\n    print(line)\nsys.exit({code})\n")
        monkeypatch.setattr(running, "tox", lambda environ: [sys.executable, str(script)])

    return put


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """A database with MLflow's tables and no experiment of ours."""
    path = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def uri(empty_database, tmp_path, monkeypatch):
    """The address of a MLflow store of this test alone, which the harness takes for the user's."""
    path = tmp_path / "mlflow.db"
    shutil.copy(empty_database, path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{path}")
    return f"sqlite:///{path}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of declarations about the naive framing alone, which the harness takes for its own."""
    path = tmp_path / "expectations"
    path.mkdir()
    for name, text in EXPECTATIONS.items():
        (path / name).write_text(text)
    monkeypatch.setattr(commands, "FOLDER", path)
    monkeypatch.setattr(report_commands, "FOLDER", path)
    monkeypatch.setattr(night_commands, "FOLDER", path)
    return path


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A folder for records that the harness takes for the user's, so that no test writes among the real ones."""
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def store(home):
    """An empty store of records there."""
    return Store(home)


@pytest.fixture
def declared(folder):
    """What that folder declares."""
    return declarations.load(folder)
