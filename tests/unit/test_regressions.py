"""One issue for each regression: opened, kept up to date, closed; the same findings twice change nothing."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.driver import regressions
from harness.driver.regressions import Action, Finding, Issue, Place
from harness.judging import Verdict
from tests.unit.nights import a_job, a_night, ran

LOSS = Place("tf2.16", "stateful", "loss", "2018-08")
FIRST, SECOND = "2025-01-02T03:04:05Z", "2025-01-03T03:04:05Z"


class Tracker:
    """Open issues that do as they are told."""

    def __init__(self):
        self.issues, self.closed = [], {}

    def do(self, *findings):
        """Do what the findings ask for, and return it in words."""
        planned = regressions.actions(findings, self.issues)
        for action in planned:
            self.issues = [issue for issue in self.issues if issue.number != action.number]
            if action.what == "close":
                self.closed[action.number] = action.text
            else:
                number = action.number or 1 + len(self.closed) + len(self.issues)
                self.issues.append(Issue(number, action.title, action.text))
        return [(action.what, action.number) for action in planned]


def found(name="missed", sentence="loss is 1.5, at most 0.5", seen=FIRST, place=LOSS):
    return Finding(place, name, sentence, seen)


def test_a_regression_is_opened_once_kept_up_to_date_and_closed_when_it_is_met_again():
    tracker = Tracker()
    assert tracker.do(found()) == [("open", None)]
    assert tracker.do(found()) == []
    assert tracker.do(found(seen=SECOND)) == [("update", 1)]
    (issue,) = tracker.issues
    assert issue.title == "tf2.16: stateful loss is missed"
    assert "- loss is 1.5, at most 0.5" in issue.body
    assert f"First seen in the night of {FIRST}, last seen in that of {SECOND}." in issue.body
    assert "tox -e tf2.16 -- -k stateful\n" in issue.body
    assert tracker.do(found("met", seen=SECOND)) == [("close", 1)]
    assert (tracker.issues, tracker.closed) == ([], {1: f"In the night of {SECOND} all is as declared."})
    assert tracker.do(found("met", seen=SECOND)) == []


def test_what_comes_back_is_a_new_issue():
    tracker = Tracker()
    tracker.do(found())
    tracker.do(found("met"))
    assert tracker.do(found(seen=SECOND)) == [("open", None)]


@pytest.mark.parametrize("change", [{"stack": "tf2"}, {"framing": "naive"}, {"probe": "accuracy"}, {"edition": "2017-03"}])
def test_another_stack_framing_probe_or_edition_is_another_regression(change):
    tracker = Tracker()
    tracker.do(found())
    assert tracker.do(found(), found(place=LOSS._replace(**change))) == [("open", None)]
    assert len({issue.title for issue in tracker.issues}) == 2


@pytest.mark.parametrize(("name", "sentence"), [
    ("known", "a known deviation is declared for it"), ("met", "all is as declared"),
])  # fmt: skip
def test_what_is_met_or_known_closes_the_issue_and_says_why(name, sentence):
    tracker = Tracker()
    tracker.do(found())
    tracker.do(found(name))
    assert sentence in tracker.closed[1]


def test_what_was_not_observed_leaves_the_issue_open():
    tracker = Tracker()
    tracker.do(found())
    assert tracker.do(found("absent")) == []
    assert tracker.do(found("absent"), found("met")) == []
    assert tracker.do() == []


def test_two_engines_that_miss_the_same_are_one_issue_and_one_that_still_misses_keeps_it_open():
    tracker = Tracker()
    assert tracker.do(found(sentence="by fit"), found("mended", sentence="by compiled")) == [("open", None)]
    assert "- by compiled\n- by fit\n" in tracker.issues[0].body
    assert tracker.do(found("met"), found("mended", sentence="by compiled")) == [("update", 1)]
    assert tracker.issues[0].title == "tf2.16: stateful loss is mended"


def test_issues_of_people_are_left_alone_and_doubles_of_ours_are_closed():
    tracker = Tracker()
    tracker.do(found())
    ours = tracker.issues[0]
    strangers = [Issue(7, "help", "no hidden line"), Issue(8, "odd", "<!-- lstm-harness: {not json} -->")]
    planned = regressions.actions([found()], [ours._replace(number=9), *strangers, ours])
    assert planned == [Action("close", 9, ours.title, "The same as #1.")]


def test_an_issue_that_was_edited_in_a_browser_is_known_by_its_hidden_line_and_written_anew():
    tracker = Tracker()
    tracker.do(found())
    body = tracker.issues[0].body.replace("\n", "\r\n")
    tracker.issues = [tracker.issues[0]._replace(body=body)]
    assert tracker.do(found()) == []
    tracker.issues = [Issue(1, "My title", body + "\r\nI saw this, too.")]
    assert tracker.do(found()) == [("update", 1)]


def test_a_verdict_is_found_where_its_expectation_stands():
    expectation = SimpleNamespace(framing="naive", probe="accuracy")
    finding = regressions.of_verdict("tf2", "2018-08", Verdict("missed", expectation, "fit", 0, 1, (1, 1), "got 0"), FIRST)
    assert finding == Finding(Place("tf2", "naive", "accuracy", "2018-08"), "missed", "missed: got 0", FIRST)


@pytest.mark.parametrize(("job", "name"), [
    (a_job(state="failed", reason="hung"), "failed"), (ran(), "met"), (ran(exit_code=1, verdict="missed"), "met"),
    (ran(exit_code=1, verdict="met", reason="ValueError: x"), "failed"), (ran(exit_code=1, verdict="absent"), "failed"),
])  # fmt: skip
def test_a_job_that_fails_for_more_than_a_miss_is_a_regression_of_its_own(job, name):
    finding = regressions.of_job(job, a_night(job))
    assert (finding.place, finding.name) == (Place("tf2", "", "learn", "2018-08"), name)
    titles = [action.title for action in regressions.actions([finding], [])]
    assert titles == (["tf2: the job to learn fails"] if name == "failed" else [])


places = st.builds(
    Place, st.sampled_from(["tf2", "jax"]), st.sampled_from(["naive", ""]), st.text(max_size=5), st.just("2018-08")
)
names = st.sampled_from(["met", "missed", "mended", "known", "absent", "failed"])
many = st.lists(st.builds(Finding, places, names, st.text(max_size=20), st.sampled_from([FIRST, SECOND])), max_size=8)


@given(many, many)
def test_after_any_two_nights_the_second_s_regressions_are_open_once_and_doing_it_again_changes_nothing(first, second):
    tracker = Tracker()
    tracker.do(*first)
    tracker.do(*second)
    open_places = [regressions.place_of(issue) for issue in tracker.issues]
    assert len(set(open_places)) == len(open_places)
    assert {finding.place for finding in second if finding.name in regressions.BROKEN} <= set(open_places)
    assert tracker.do(*second) == []
