"""What a parent in MLflow says of the invocation before it, in a real store."""

import pytest
from mlflow import MlflowClient
from published import publish, runs
from records import FIRST, SECOND, fill, learnt

pytestmark = pytest.mark.usefixtures("folder")


def test_a_parent_names_the_invocation_that_it_is_compared_with(store, uri):
    fill(store, learnt(1), learnt(1, invocation=SECOND, started="2025-01-03T03:04:05Z"))
    publish()
    shown = runs(uri)
    assert not [name for name in shown["tf2 2025-01-02 03:04"].data.tags if name.startswith(("base", "since"))]
    assert shown["tf2 2025-01-03 03:04"].data.tags["base"] == FIRST


@pytest.mark.parametrize(("accuracy", "word"), [(0.84, "same"), (0.2, "worse")])
def test_a_parent_says_in_words_and_counts_what_changed_since_its_base(store, uri, accuracy, word):
    later = {"invocation": SECOND, "started": "2025-01-03T03:04:05Z"}
    before = [learnt(seed, accuracy=0.84 + seed / 1000) for seed in range(1, 13)]
    fill(store, *before, *(learnt(20 + seed, accuracy=accuracy + seed / 1000, **later) for seed in range(1, 13)))
    publish()
    shown = runs(uri)["tf2 2025-01-03 03:04"].data
    assert (shown.metrics["since_base.worse"] > 0) == (word == "worse")
    assert (shown.tags["since_base"], shown.tags["since_base.naive"]) == (word, word)


def test_a_tag_that_holds_no_more_is_taken_from_the_parent(store, uri):
    fill(store)
    publish()
    client, parent = MlflowClient(uri), runs(uri)["tf2 2025-01-02 03:04"].info.run_id
    for name in ("base", "since_base.naive", "verdict.of_an_earlier_day", "mine"):
        client.set_tag(parent, name, "met")
    client.delete_tag(parent, "harness.published")
    publish()
    tags = runs(uri)["tf2 2025-01-02 03:04"].data.tags
    assert {"base", "since_base.naive", "verdict.of_an_earlier_day"} & set(tags) == set()
    assert (tags["mine"], tags["verdict"]) == ("met", "met")


def test_what_only_measured_has_no_verdict_and_no_base(store, uri):
    one = learnt(1, invocation=SECOND, started="2025-01-03T03:04:05Z")
    fill(store, learnt(1), one._replace(question=one.question._replace(purpose="time")))
    publish()
    tags = runs(uri)["tf2 2025-01-03 03:04"].data.tags
    assert {"verdict", "base"} & set(tags) == set()
    assert tags["purpose"] == "time"
