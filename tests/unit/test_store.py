"""Records on disk: what a kill, a torn tail, a broken line and several writers leave of them."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from harness import record, store
from harness.errors import RecordError
from tests.factories import a_record

ROOT = Path(__file__).resolve().parents[2]
CALL = ["tests/suite", "--seeds", "1-20"]

# Appends lines of half a megabyte and says how many are on disk after each, so that a kill falls into a write.
APPENDING = """
import sys
from pathlib import Path
from harness import store
first = int(sys.argv[2])
for number in range(first, first + int(sys.argv[3])):
    store.append_line(Path(sys.argv[1]), '{"number": %d, "padding": "%s"}' % (number, "x" * int(sys.argv[4])))
    print(number, flush=True)
"""
HOLDING = """
import sys, time
from harness import store
with store.Store(sys.argv[1]).running(sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def kept(tmp_path):
    return store.Store(tmp_path)


def started(program, *words):
    words = [str(word) for word in words]
    return subprocess.Popen([sys.executable, "-c", program, *words], cwd=str(ROOT), stdout=subprocess.PIPE, text=True)


def numbers(path):
    return [json.loads(line)["number"] for _, line in store.read_lines(path)]


def begun(kept, stack="tf2", call=CALL):
    """Begin an invocation and return its name."""
    name = store.new_name()
    kept.start(stack, call, name)
    return name


def test_what_is_appended_is_read_back_in_order(kept):
    written = [a_record(question={"seed": seed}) for seed in (3, 1, 2)]
    for entry in written:
        kept.append(entry)
    assert kept.read("tf2") == written


def test_records_can_be_read_of_one_invocation_only(kept):
    for name in ("first", "second", "first"):
        kept.append(a_record(invocation=name))
    assert [entry.invocation for entry in kept.read("tf2", "first")] == ["first", "first"]
    assert kept.read("tf2", "third") == []


def test_a_line_of_another_invocation_is_not_even_read_as_a_record(kept):
    kept.append(a_record(invocation="first"))
    store.append_line(kept.records_path("tf2"), '{"schema":9,"invocation":"second"}')
    assert kept.read("tf2", "first") == [a_record(invocation="first")]
    with pytest.raises(RecordError, match=r"^tf2\.jsonl, line 2: "):
        kept.read("tf2", "second")


def test_a_record_that_only_speaks_of_an_invocation_is_not_its_own(kept):
    kept.append(a_record(invocation="second", machine={"invocation": "first"}))
    assert kept.read("tf2", "first") == []


def test_a_store_without_records_is_empty(kept):
    assert (kept.read("tf2"), kept.stacks(), kept.invocations("tf2"), kept.unfinished("tf2", CALL)) == (
        [],
        [],
        [],
        None,
    )


def test_every_stack_has_its_own_file(kept):
    kept.append(a_record(stack="tf2.20"))
    kept.append(a_record(stack="keras2.0.8"))
    assert kept.stacks() == ["keras2.0.8", "tf2.20"]
    assert kept.read("tf2.20") == [a_record(stack="tf2.20")]
    assert kept.records_path("tf2.20").parent.name == "records"


def test_wherever_a_kill_tore_the_last_line_the_others_survive_and_the_next_append_works(tmp_path):
    path, whole = tmp_path / "tf2.jsonl", b'{"number": 1, "text": "\xc3\xa9\xe2\x82\xac"}'
    for cut in range(len(whole)):
        path.write_bytes(b'{"number": 0}\n' + whole[:cut])
        assert numbers(path) == [0]
        store.append_line(path, '{"number": 2}')
        assert path.read_bytes() == b'{"number": 0}\n{"number": 2}\n'


def test_a_last_line_that_only_lacks_its_end_is_kept(tmp_path):
    path = tmp_path / "tf2.jsonl"
    path.write_bytes(b'{"number": 0}\n{"number": 1}')
    assert numbers(path) == [0, 1]
    store.append_line(path, '{"number": 2}')
    assert numbers(path) == [0, 1, 2]


def test_a_torn_first_line_leaves_an_empty_file(tmp_path):
    path = tmp_path / "tf2.jsonl"
    path.write_bytes(b'{"numb')
    store.append_line(path, '{"number": 2}')
    assert path.read_bytes() == b'{"number": 2}\n'


def test_empty_lines_are_passed_over(tmp_path):
    path = tmp_path / "tf2.jsonl"
    path.write_bytes(b'\n{"number": 0}\n \n{"number": 1}\n\n')
    assert list(store.read_lines(path)) == [
        ("tf2.jsonl, line 2", '{"number": 0}'),
        ("tf2.jsonl, line 4", '{"number": 1}'),
    ]


@pytest.mark.parametrize("broken", [b"{", b"nonsense", b"[]", b'{"schema": 9}', b"\xff\xfe"])
def test_a_broken_line_in_the_middle_is_one_sentence_and_loses_nothing(kept, broken):
    kept.append(a_record())
    path = kept.records_path("tf2")
    before = path.read_bytes() + broken + b"\n"
    path.write_bytes(before)
    kept.append(a_record())
    with pytest.raises(RecordError, match=r"^\S*tf2\.jsonl, line 2: [^\n]+$"):
        kept.read("tf2")
    assert path.read_bytes().startswith(before)


def test_a_store_that_cannot_be_read_is_one_sentence(kept):
    kept.records_path("tf2").mkdir(parents=True)
    with pytest.raises(RecordError, match=r"tf2\.jsonl"):
        kept.read("tf2")


def test_many_records_are_read_in_good_time(tmp_path):
    path = tmp_path / "tf2.jsonl"
    path.write_bytes(b'{"number": 0, "padding": "%s"}\n' % (b"x" * 5000) * 2000)
    before = time.perf_counter()
    assert len(list(store.read_lines(path))) == 2000
    assert time.perf_counter() - before < 1  # 10 MB take 20 ms; counting all lines anew for each of them took 5 s.


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is for POSIX")
def test_a_kill_9_at_any_moment_loses_at_most_the_line_being_written(tmp_path):
    path, moments = tmp_path / "records" / "tf2.jsonl", random.Random(7)
    kept = 0
    for _ in range(5):
        writer = started(APPENDING, path, kept, 10**6, 500_000)
        said = [int(writer.stdout.readline())]
        time.sleep(moments.uniform(0, 0.1))
        writer.kill()
        said += [int(line) for line in writer.communicate()[0].splitlines()]
        assert said == list(range(kept, kept + len(said)))
        kept = len(numbers(path))
        assert kept - said[-1] in (1, 2)  # What was said to be on disk is, and at most one line that was not said yet.
    store.append_line(path, json.dumps({"number": kept}))
    assert numbers(path) == list(range(kept + 1))


def test_several_processes_that_append_at_once_lose_nothing(tmp_path):
    path = tmp_path / "tf2.jsonl"
    path.write_bytes(b'{"number": -1}\n{"torn')
    writers = [started(APPENDING, path, first, 40, 20_000) for first in (0, 1000, 2000)]
    assert [writer.communicate()[0].count("\n") for writer in writers] == [40] * 3
    found = numbers(path)
    assert sorted(found) == [-1] + [first + step for first in (0, 1000, 2000) for step in range(40)]
    for first in (0, 1000, 2000):
        assert [number for number in found if first <= number < first + 1000] == list(range(first, first + 40))


def test_an_invocation_is_known_from_its_start_to_its_end(kept):
    name = begun(kept)
    (entry,) = kept.invocations("tf2")
    assert (entry["invocation"], entry["call"], entry["finished"]) == (name, CALL, None)
    kept.finish("tf2", name)
    (entry,) = kept.invocations("tf2")
    assert entry["started"] <= entry["finished"]


def test_invocations_have_names_of_their_own(kept):
    names = [begun(kept) for _ in range(20)]
    assert len(set(names)) == 20
    assert [entry["invocation"] for entry in kept.invocations("tf2")] == names


def test_an_invocation_that_did_not_finish_is_found_again(kept):
    name = begun(kept)
    assert kept.unfinished("tf2", CALL) == name


def test_a_finished_invocation_is_not_resumed(kept):
    kept.finish("tf2", begun(kept))
    assert kept.unfinished("tf2", CALL) is None


def test_an_invocation_of_another_call_or_stack_is_not_resumed(kept):
    begun(kept)
    assert kept.unfinished("tf2", [*CALL, "-k", "stateful"]) is None
    assert kept.unfinished("tf2.20", CALL) is None


def test_the_newest_of_several_unfinished_ones_is_resumed(kept):
    begun(kept)
    newest = begun(kept)
    assert kept.unfinished("tf2", CALL) == newest


def test_an_end_without_its_start_is_no_call_to_resume(kept):
    kept.finish("tf2", "20250102T030405-abc123")
    assert kept.unfinished("tf2", CALL) is None


@pytest.mark.parametrize("line", ["nonsense", "[]", "3", '"text"', "{}", '{"started": "now"}'])
def test_a_broken_invocation_line_is_one_sentence(kept, line):
    path = kept.home / "invocations" / "tf2.jsonl"
    path.parent.mkdir()
    path.write_text(line + "\n" + "{}" + "\n", encoding="utf-8")
    with pytest.raises(RecordError, match=r"^invocations/tf2\.jsonl, line 1: [^\n]+$"):
        kept.invocations("tf2")


def test_an_invocation_that_is_still_running_is_not_resumed(kept):
    name = begun(kept)
    with kept.running(name):
        assert kept.unfinished("tf2", CALL) is None
    assert kept.unfinished("tf2", CALL) == name


def test_a_killed_invocation_lets_go_of_its_lock(kept):
    name = begun(kept)
    holder = started(HOLDING, kept.home, name)
    assert holder.stdout.readline() == "held\n"
    assert kept.unfinished("tf2", CALL) is None
    holder.kill()
    holder.communicate()
    assert kept.unfinished("tf2", CALL) == name


def test_looking_whether_it_runs_from_several_places_at_once_does_not_look_like_running(kept):
    name = begun(kept)
    with kept.running("another"), open(str(kept.home / "running" / name), "w"):
        pass  # What a killed invocation leaves: its file, and no lock.
    answers = []
    lookers = [
        threading.Thread(target=lambda: answers.extend(kept.unfinished("tf2", CALL) for _ in range(200))) for _ in range(4)
    ]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert set(answers) == {name}


def test_the_lock_s_file_goes_when_the_invocation_ends_well_or_badly(kept):
    with kept.running("well"):
        pass
    with pytest.raises(KeyError), kept.running("badly"):
        raise KeyError
    assert list((kept.home / "running").iterdir()) == []


def test_a_lock_s_file_that_was_cleaned_away_is_no_error(kept):
    with kept.running("cleaned"):
        (kept.home / "running" / "cleaned").unlink()


def test_a_record_of_a_newer_harness_is_refused_and_kept(kept):
    newer = json.dumps(dict(json.loads(record.to_line(a_record())), schema=2))
    store.append_line(kept.records_path("tf2"), newer)
    with pytest.raises(RecordError, match="newer harness"):
        kept.read("tf2")
    assert kept.records_path("tf2").read_text(encoding="utf-8") == newer + "\n"
