"""Records and questions as a test needs them: realistic defaults, and only what the test speaks of is spelled out."""

from harness import framings
from harness.record import Question, Record

DISTRIBUTIONS = {"tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.4.6"}

QUESTION = Question(
    framing=dict(framings.STATEFUL._asdict()),
    seed=7,
    engine="compiled",
    purpose="learn",
    distributions=DISTRIBUTIONS,
    python="3.11.7",
    device="cpu",
    probes=1,
)

RECORD = Record(
    stack="tf2",
    invocation="20250102T030405-abc123",
    question=QUESTION,
    program="xla",
    started="2025-01-02T03:04:05Z",
    seconds={"build": 0.21, "train": 0.16, "probe": 0.4},
    machine={"cpu": "A processor", "cores": 2, "system": "Linux x86_64", "variables": {"OMP_NUM_THREADS": "2"}},
    observations={"accuracy": 1.0, "loss": 0.0105, "new_start": "BCDEF", "cold_starts_all_b": True},
    curves={"loss": [3.2, 0.0105], "accuracy": [0.04, 1.0], "epoch": [1, 300]},
    timings={},
    not_finite=[],
)


def a_question(**changes):
    """Return the default question with some fields changed; a framing may be given as a value or a dict."""
    if isinstance(changes.get("framing"), framings.Framing):
        changes["framing"] = dict(changes["framing"]._asdict())
    return QUESTION._replace(**changes)


def a_record(**changes):
    """Return the default record with some fields changed; `question` may be a dict of the question's changed fields."""
    if isinstance(changes.get("question"), dict):
        changes["question"] = a_question(**changes["question"])
    return RECORD._replace(**changes)
