"""Opens MLflow on the store. Runs MLflow's own server; writes nothing."""

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

from harness.driver.errors import StoreError

# What a look at runs needs of MLflow: no word home, no background jobs.
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
TRAINING = "#/experiments?workflowType=machine_learning"  # Else MLflow opens on its pages about language models.


def address(host: str, port: int) -> str:
    """Return the address to open in a browser; StoreError where something else listens there already."""
    with contextlib.closing(socket.socket()) as probe:
        # As the server does, or a port that was just given up would count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StoreError(f"{host}:{port} cannot be listened on ({error.strerror}); give another --port") from None
    return f"http://{host}:{port}/{TRAINING}"


def serve(uri: str, host: str, port: int, root: Path) -> int:
    """Run `mlflow ui` on the store until it is interrupted, and return its exit code."""
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", uri, "--host", host, "--port", str(port)]
    # One worker: one person looks, and each worker takes seconds and memory to start.
    server = subprocess.Popen([*command, "--workers", "1"], cwd=root, env={**QUIET, **os.environ})
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.wait()
        return 0
