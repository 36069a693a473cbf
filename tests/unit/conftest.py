"""Keeps what Hypothesis remembers out of the repository, and its examples the same on every machine."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(str(Path(tempfile.gettempdir()) / "lstm-harness-hypothesis"))
settings.register_profile("unit", database=None, deadline=None, derandomize=True, max_examples=50)
settings.load_profile("unit")
