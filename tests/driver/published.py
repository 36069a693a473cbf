"""Publishing as a person does it, and what the store shows then."""

from click.testing import CliRunner
from mlflow import MlflowClient
from mlflow.entities import ViewType

from harness.driver import commands


def publish(*options):
    """Call `harness publish` as a person does."""
    return CliRunner().invoke(commands.main, ["publish", *options])


def runs(uri, view=ViewType.ACTIVE_ONLY):
    """Return all runs that the store shows, by name."""
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("stateful-lstm")
    return {run.info.run_name: run for run in client.search_runs([experiment.experiment_id], run_view_type=view)}
