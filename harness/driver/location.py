"""Where MLflow keeps its runs, and how a person gets there. Starts nothing and imports no MLflow."""

import os
import shlex
import shutil
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import harness

ROOT = Path(harness.__file__).resolve().parent.parent
DEFAULT_URI = "sqlite:///mlflow.db"
ARTIFACTS = "mlartifacts"  # Not mlruns, which MLflow may take for an old file store.


def tracking_uri(root: Path = ROOT) -> str:
    """Return $MLFLOW_TRACKING_URI, or the address of `mlflow.db` at the root, wherever the call came from."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{root / 'mlflow.db'}"


def spell(uri: str, root: Path = ROOT) -> str:
    """Return the address as it may be printed: without a password, and relative to the root where it lies below it."""
    if uri == f"sqlite:///{root / 'mlflow.db'}":
        return DEFAULT_URI
    parts = urlsplit(uri)
    if "@" not in parts.netloc:
        return uri
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def is_server(uri: str) -> bool:
    """Whether the address is that of a running MLflow server."""
    return urlsplit(uri).scheme in ("http", "https")


def is_there(uri: str) -> bool:
    """Whether a store can be asked without being made: a file of SQLite is there, or it is another kind of store."""
    return not uri.startswith("sqlite:///") or Path(uri.removeprefix("sqlite:///")).exists()


def artifact_folder(uri: str) -> str | None:
    """Return where the artifacts of a SQLite store go, beside its file; None where the store itself decides."""
    if not uri.startswith("sqlite:///"):
        return None
    return str(Path(uri.removeprefix("sqlite:///")).resolve().parent / ARTIFACTS)


def look_command(root: Path = ROOT) -> str:
    """Return the command that opens MLflow on the store, such that it works pasted into a new shell at the root."""
    return f"{shlex.quote(_tox(root))} -e driver -- ui"


def _tox(root: Path) -> str:
    found = [_on_path(root), *(str(path) for path in sorted(root.glob("*/bin/tox")))]
    below = [Path(path).relative_to(root) for path in found if path and Path(path).is_relative_to(root)]
    return "tox" if found[0] and not Path(found[0]).is_relative_to(root) else str(next(iter(below), "tox"))


def _on_path(root: Path) -> str | None:
    # The environments that tox makes are first on PATH while it runs and gone from it afterwards.
    places = os.environ.get("PATH", "").split(os.pathsep)
    return shutil.which("tox", path=os.pathsep.join(place for place in places if str(root / ".tox") not in place))
