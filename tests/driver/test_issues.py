"""`harness issues`, with a `gh` that keeps its issues in a file."""

import json
import sys

import pytest
from click.testing import CliRunner
from records import FIRST, SECOND, fill, learnt

from harness.driver import commands, issues_commands, nights
from harness.driver.nights import Job, Night

GH = """#!{python}
import json, pathlib, sys
words, file = sys.argv[1:], pathlib.Path({file!r})
held = json.loads(file.read_text()) if file.exists() else {{"issues": [], "comments": [], "labels": [], "calls": []}}
held["calls"].append(words)
option = lambda name: words[words.index(name) + 1] if name in words else None
kept = {{"title": option("--title"), "body": sys.stdin.read() if "--body-file" in words else None}}
if option("--repo") == "me/private":
    sys.stderr.write("gh: look\\nHTTP 403: Resource not accessible by integration\\n")
    sys.exit(1)
if words[:2] == ["issue", "list"]:
    print(json.dumps(held["issues"]))
elif words[:2] == ["label", "create"]:
    held["labels"].append(words[2])
elif words[:2] == ["issue", "create"]:
    assert option("--label") in held["labels"]
    held["issues"].append({{"number": 1 + len(held["issues"]), **kept}})
elif words[:2] == ["issue", "edit"]:
    held["issues"] = [{{**one, **kept}} if str(one["number"]) == words[2] else one for one in held["issues"]]
elif words[:2] == ["issue", "close"]:
    held["issues"] = [one for one in held["issues"] if str(one["number"]) != words[2]]
    held["comments"].append(option("--comment"))
file.write_text(json.dumps(held))
"""


@pytest.fixture
def held(tmp_path, monkeypatch, folder):
    """A `gh` on PATH; returns a function that gives what it holds."""
    file, path = tmp_path / "gh.json", tmp_path / "bin" / "gh"
    path.parent.mkdir()
    path.write_text(GH.format(python=sys.executable, file=str(file)))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", str(path.parent), prepend=":")
    monkeypatch.setattr(issues_commands, "FOLDER", folder)
    return lambda: json.loads(file.read_text())


def call(*words):
    """Call `harness` as a person does."""
    return CliRunner().invoke(commands.main, ["issues", *words])


def a_night(store, *jobs, started="2025-01-02T03:04:05Z"):
    """Write a finished night of these jobs."""
    nights.write(store.home, Night(started[:10], started, started, 240, jobs))


def learn(invocation=FIRST, code=0, verdict="met", state="done", reason=""):
    return Job("tf2", "learn", state, code, 60.0, reason, invocation, verdict=verdict)


def test_a_miss_opens_one_issue_the_next_night_updates_it_and_a_met_one_closes_it(store, held):
    fill(store, learnt(1, loss=1.5), learnt(1, loss=2.5, invocation=SECOND), learnt(1, invocation="third"))
    a_night(store, learn(code=1, verdict="missed"))
    assert call().stdout == "open: tf2: naive loss is missed\n"
    assert call().stdout == "nothing to do: the open issues are as the newest nights have it\n"
    a_night(store, learn(SECOND, code=1, verdict="missed"), started="2025-01-03T03:04:05Z")
    assert call().stdout == "update #1: tf2: naive loss is missed\n"
    (issue,) = held()["issues"]
    assert "naive loss is 2.5" in issue["body"]
    assert "First seen in the night of 2025-01-02T03:04:05Z, last seen in that of 2025-01-03T03:04:05Z" in issue["body"]
    a_night(store, learn("third"), started="2025-01-04T03:04:05Z")
    outcome = call()
    assert (outcome.exit_code, outcome.stdout) == (0, "close #1: tf2: naive loss is missed\n")
    assert (held()["issues"], held()["comments"]) == ([], ["In the night of 2025-01-04T03:04:05Z all is as declared."])


def test_a_job_that_failed_opens_an_issue_and_one_that_was_left_out_says_nothing(store, held):
    fill(store, learnt(1, loss=1.5))
    a_night(store, learn(invocation="", code=1, state="failed", verdict="", reason="does not install: no keras"))
    assert call().stdout == "open: tf2: the job to learn fails\n"
    assert "- failed: does not install: no keras" in held()["issues"][0]["body"]
    a_night(store, learn(state="left out"), started="2025-01-03T03:04:05Z")
    assert call().stdout.startswith("nothing to do")


def price(number, state="done", reason=""):
    return Job("tf2", "price", state, 0 if state == "done" else 2, 60.0, reason, FIRST, round=number)


def test_a_round_of_prices_that_failed_opens_an_issue_whichever_it_was_and_the_next_night_closes_it(store, held):
    fill(store, learnt(1))
    a_night(store, price(1, "failed", "hung: over 200 minutes"), price(2))
    assert call().stdout == "open: tf2: the job to price fails\n"
    assert "- failed: hung: over 200 minutes" in held()["issues"][0]["body"]
    a_night(store, price(1), price(2), started="2025-01-03T03:04:05Z")
    assert call().stdout == "close #1: tf2: the job to price fails\n"


def test_a_dry_run_says_what_it_would_do_and_does_nothing(store, held):
    fill(store, learnt(1, loss=1.5))
    a_night(store, learn(code=1, verdict="missed"))
    assert call("--dry-run").stdout == "would open: tf2: naive loss is missed\n"
    (action,) = json.loads(call("--dry-run", "--json", "--repo", "me/mine").stdout)
    assert (action["what"], action["number"], action["title"]) == ("open", None, "tf2: naive loss is missed")
    assert held()["issues"] == []
    assert held()["calls"][-1][-2:] == ["--repo", "me/mine"]


def test_what_github_refuses_is_one_sentence_and_exit_code_2(store, held):
    a_night(store, learn(state="failed"))
    outcome = call("--repo", "me/private")
    told = "harness: `gh issue list` failed with exit code 1: HTTP 403: Resource not accessible by integration\n"
    assert (outcome.exit_code, outcome.stderr) == (2, told)


def test_without_gh_or_without_nights_the_sentence_says_what_to_do(store, monkeypatch, folder):
    assert call().stderr == "harness: there are no nights yet; `harness night` makes one\n"
    a_night(store, learn(state="failed"))
    monkeypatch.setattr(issues_commands, "FOLDER", folder)
    monkeypatch.setenv("PATH", "")
    outcome = call()
    told = "harness: `gh`, GitHub's command line, is not on PATH; install it and log in\n"
    assert (outcome.exit_code, outcome.stderr) == (2, told)


@pytest.mark.parametrize("name", ["night", "issues"])
def test_the_help_gives_an_example(name):
    assert f"harness {name}" in CliRunner().invoke(commands.main, [name, "-h"]).output.split("\n", 1)[1]
