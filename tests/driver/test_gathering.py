"""The records of several machines in one place, with their nights as one."""

import pytest
from click.testing import CliRunner
from records import FIRST, SECOND, learnt

from harness.driver import commands, nights
from harness.driver.nights import Job, Night
from harness.store import Store


@pytest.fixture
def homes(tmp_path):
    """Two homes, as two machines of one night leave them."""
    made = []
    for stack, invocation, started in (("jax", FIRST, "2025-01-02T03:04:05Z"), ("tf2", SECOND, "2025-01-02T03:05:00Z")):
        store = Store(tmp_path / f"night-{stack}")
        store.start(stack, ["tests/suite"], invocation)
        store.append(learnt(1, invocation=invocation)._replace(stack=stack))
        job = Job(stack, "learn", "done", 0, 60.0, "", invocation, verdict="met")
        night = Night(
            f"2025-{stack}", started, started, 240, (job,), chosen=(stack,), used_seconds=90.0, worse=3 * (stack == "tf2")
        )
        nights.write(store.home, night)
        nights.log_path(store.home, night, job).parent.mkdir()
        nights.log_path(store.home, night, job).write_text(f"{stack} was here\n")
        (store.home / "transcripts").mkdir()
        (store.home / "transcripts" / f"{invocation}.txt").write_text("a transcript")
        made.append(store.home)
    return made


def call(*folders):
    """Call `harness gather` as a person does."""
    return CliRunner().invoke(commands.main, ["gather", *map(str, folders)])


def test_records_logs_and_transcripts_come_together_and_the_nights_become_one(homes, store):
    outcome = call(*homes)
    told = "night 2025-jax, edition 2018-08: 2 done; 2 of 240 minutes\n"
    assert (outcome.exit_code, outcome.stdout) == (0, told)
    (night,) = nights.read_all(store.home)
    assert [job.stack for job in night.jobs] == ["jax", "tf2"]
    assert (night.chosen, night.finished) == ((), "2025-01-02T03:05:00Z")
    assert (night.worse, night.exit_code) == (3, 1)
    assert {nights.log_path(store.home, night, job).read_text() for job in night.jobs} == {"jax was here\n", "tf2 was here\n"}
    assert [store.read(stack)[0].invocation for stack in store.stacks()] == [FIRST, SECOND]
    assert len(list((store.home / "transcripts").iterdir())) == 2


def files(home):
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_gathering_again_changes_nothing(homes, store):
    call(*homes)
    before = files(store.home)
    assert call(*homes).exit_code == 0
    assert files(store.home) == before


def test_the_night_before_that_was_gathered_stays_as_it_was(homes, store):
    began = "2025-01-01T03:04:05Z"
    earlier = Night("2025-earlier", began, began, 240, (Job("jax", "learn", "done", 0, 60.0, "", FIRST),), published=True)
    nights.write(store.home, earlier)
    assert call(*homes).exit_code == 0
    assert [night.name for night in nights.read_all(store.home)] == ["2025-earlier", "2025-jax"]
    assert nights.read_all(store.home)[0] == earlier


def test_a_home_is_not_gathered_into_itself(homes, store):
    call(*homes)
    before = files(store.home)
    outcome = call(*homes, store.home)
    assert (outcome.exit_code, outcome.stderr.count("\n"), files(store.home) == before) == (2, 1, True)
    assert f"{store.home} is the home that records are gathered into; name others" in outcome.stderr


def test_only_the_newest_nights_of_the_homes_are_merged_and_older_ones_come_as_they_are(homes, store):
    (night,) = nights.read_all(homes[0])
    older = night._replace(name="2025-older", started="2025-01-01T03:04:05Z", finished="2025-01-01T04:00:00Z", used_seconds=9.0)
    nights.write(homes[0], older)
    log = nights.log_path(homes[0], older, older.jobs[0])
    log.parent.mkdir()
    log.write_text("the day before")
    assert call(*homes).stdout.count("night 2025-") == 1
    first, second = nights.read_all(store.home)
    assert (first, [job.stack for job in second.jobs]) == (older, ["jax", "tf2"])
    assert nights.log_path(store.home, first, first.jobs[0]).read_text() == "the day before"
    before = files(store.home)
    call(*homes)
    assert files(store.home) == before


@pytest.mark.parametrize(("began", "count"), [("2025-01-02T23:04:05Z", 1), ("2025-01-02T23:04:06Z", 2)])
def test_nights_that_began_within_20_hours_belong_together(homes, store, began, count):
    (night,) = nights.read_all(homes[1])
    nights.write(homes[1], night._replace(started=began, finished=began))
    assert call(*homes).stdout.count("\n") == count
    assert len(nights.read_all(store.home)) == count


def test_what_a_home_holds_of_a_night_is_not_lost_to_one_that_tells_less(homes, store):
    call(*homes)
    before = nights.read_all(store.home)
    (night,) = nights.read_all(homes[0])
    nights.write(homes[0], night._replace(jobs=(night.jobs[0]._replace(state="left out", seconds=None, invocation=""),)))
    call(homes[0])
    assert nights.read_all(store.home) == before


def test_a_night_that_went_on_after_it_was_gathered_is_brought_up_to_date(homes, store):
    (night,) = nights.read_all(homes[0])
    stopped = night._replace(finished="", seen=night.started, jobs=(night.jobs[0]._replace(state="running"),))
    nights.write(homes[0], stopped)
    call(*homes)
    assert [job.state for job in nights.read_all(store.home)[0].jobs] == ["left out", "done"]
    nights.write(homes[0], night)
    call(homes[0])
    assert [job.state for job in nights.read_all(store.home)[0].jobs] == ["done", "done"]


def test_a_night_that_did_not_finish_is_closed_and_another_edition_stays_a_night_of_its_own(homes, store):
    for home, changes in zip(homes, ({"finished": "", "seen": "2025-01-02T04:00:00Z"}, {"edition": "2017-03"}), strict=True):
        (night,) = nights.read_all(home)
        nights.write(home, night._replace(**changes))
    call(*homes)
    first, second = nights.read_all(store.home)
    assert (first.finished, first.edition, second.edition) == ("2025-01-02T04:00:00Z", "2018-08", "2017-03")


def test_folders_without_a_night_are_refused_with_one_sentence(tmp_path, store):
    (tmp_path / "empty").mkdir()
    outcome = call(tmp_path / "empty")
    assert (outcome.exit_code, outcome.stderr.count("\n"), "no night was found in" in outcome.stderr) == (2, 1, True)
