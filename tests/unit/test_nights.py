"""A night's file: whole at any moment, read strictly, gone on with or closed."""

import json

import pytest

from harness.driver import nights
from harness.driver.errors import NightError
from tests.unit.nights import a_job, a_night, ran


def test_a_night_is_read_as_it_was_written_and_nights_come_oldest_first(tmp_path):
    older = a_night(ran(undecided=2), a_job("jax", "price", round=2, seconds=1.5, reason="é"), chosen=("tf2", "jax"))
    newer = a_night(name="20250101T000000-bbbbbb", started="2025-01-03T00:00:00Z")
    nights.write(tmp_path, newer)
    nights.write(tmp_path, older)
    assert nights.read_all(tmp_path) == [older, newer]


def test_a_draft_that_a_kill_left_is_no_night(tmp_path):
    nights.write(tmp_path, a_night())
    (tmp_path / "nights" / "20250102T030405-aaaaaa.new").write_text('{"name": "20')
    assert nights.read_all(tmp_path) == [a_night()]
    assert nights.read_all(tmp_path / "elsewhere") == []


def test_a_file_that_does_not_say_whether_its_night_was_published_is_read(tmp_path):
    nights.write(tmp_path, a_night())
    path = tmp_path / "nights" / "20250102T030405-aaaaaa.json"
    fields = json.loads(path.read_text())
    del fields["published"]
    path.write_text(json.dumps(fields))
    assert nights.read_all(tmp_path) == [a_night(published=True)]


@pytest.mark.parametrize(("change", "sentence"), [
    ("not JSON", "Invalid JSON: expected ident"), ([], "field required"),
    ({"name": 3}, "name is 3: input should be a valid string"), ({"colour": 1}, "colour is 1: "),
    ({"started": "yesterday"}, "started is 'yesterday': allowed is a time in UTC such as 2025-01-02T03:04:05Z"),
    ({"started": ""}, "started is ''"), ({"seen": "2025-01-02T03:04:05"}, "seen is '2025-01-02T03:04:05'"),
    ({"finished": "2025-13-01T00:00:00Z"}, "finished is '2025-13"), ({"seen": 3}, "seen is 3: "),
    ({"edition": None}, "edition is None: "), ({"worse": True}, "worse is True: "), ({"chosen": [1]}, "chosen.0 is 1: "),
    ({"budget_minutes": 2.5}, "budget_minutes is 2.5: input should be a valid integer"),
    ({"jobs": [{**a_job()._asdict(), "verdict": 3}]}, "jobs.0.verdict is 3: "),
    ({"jobs": [{"stack": "tf2"}]}, "jobs.0.phase is {'stack': 'tf2'}: field required"),
    ({"jobs": [a_job(state="asleep")._asdict()]}, "jobs.0.state is 'asleep': allowed are waiting, running"),
    ({"jobs": [a_job(phase="rest")._asdict()]}, "jobs.0.phase is 'rest': allowed are learn, price, turns"),
])  # fmt: skip
def test_a_broken_file_is_one_sentence_that_names_it(tmp_path, change, sentence):
    nights.write(tmp_path, a_night())
    path = tmp_path / "nights" / "20250102T030405-aaaaaa.json"
    fields = {**json.loads(path.read_text()), **change} if isinstance(change, dict) else change
    path.write_text(fields if isinstance(fields, str) else json.dumps(fields))
    with pytest.raises(NightError) as caught:
        nights.read_all(tmp_path)
    assert str(caught.value).startswith("nights/20250102T030405-aaaaaa.json")
    assert sentence in str(caught.value)
    assert str(caught.value).endswith("; remove the file")


def test_two_nights_at_once_in_one_home_are_refused(tmp_path):
    with nights.alone(tmp_path), pytest.raises(NightError, match="another night is running"), nights.alone(tmp_path):
        pass
    with nights.alone(tmp_path):
        pass


@pytest.mark.parametrize(("changes", "now", "goes_on"), [
    ({}, "2025-01-02T06:00:00Z", True), ({}, "2025-01-03T01:00:00Z", True), ({}, "2025-01-03T01:00:01Z", False),
    ({"seen": ""}, "2025-01-02T23:04:05Z", True), ({"seen": ""}, "2025-01-02T23:04:06Z", False),
    ({"finished": "2025-01-02T05:00:00Z"}, "2025-01-02T06:00:00Z", False),
    ({"finished": "2025-01-02T05:00:00Z", "published": False}, "2025-01-02T06:00:00Z", True),
    ({"finished": "2025-01-02T05:00:00Z", "published": False}, "2025-01-03T01:00:01Z", False),
])  # fmt: skip
def test_a_night_goes_on_within_20_hours_of_its_last_sign_of_life_unless_it_was_published(changes, now, goes_on):
    night = a_night(**changes)
    assert nights.unfinished([a_night(name="older"), night], now) == (night if goes_on else None)
    assert nights.unfinished([], now) is None


def test_a_closed_night_leaves_out_what_did_not_end_and_keeps_the_rest():
    night = a_night(ran(), a_job(state="running"), a_job("jax"), a_job("torch", state="failed", reason="hung"))
    closed = nights.closed(night, "2025-01-05T00:00:00Z")
    assert [job.state for job in closed.jobs] == ["done", "left out", "left out", "failed"]
    assert closed.jobs[1].reason == "the night stopped at 2025-01-02T05:00:00Z and did not go on"
    assert (closed.finished, closed.jobs[0], closed.jobs[3]) == ("2025-01-05T00:00:00Z", night.jobs[0], night.jobs[3])


@pytest.mark.parametrize(("job", "code"), [
    (ran(), 0), (ran(exit_code=1, verdict="missed"), 1), (ran(verdict="mended"), 1), (ran(verdict="known"), 0),
    (ran(exit_code=1), 1), (a_job(state="failed"), 1), (a_job(state="absent"), 0), (a_job(state="left out"), 0),
    (ran(verdict="absent"), 0),
])  # fmt: skip
def test_a_night_exits_by_its_worst_job_and_neither_an_absent_nor_a_left_out_one_fails_it(job, code):
    assert a_night(ran(), job).exit_code == code


def test_a_job_s_label_and_log_tell_its_round_from_the_second_on(tmp_path):
    first, second = a_job(phase="price"), a_job(phase="price", round=2)
    assert (first.label, second.label) == ("tf2 price", "tf2 price 2")
    assert nights.log_path(tmp_path, a_night(), second).name == "tf2-price-2.log"
