"""The numbers in expectations/ come from records: derived, checked, and replaced from an invocation."""

import gzip

import pytest
from click.testing import CliRunner
from records import FIRST, SECOND, fill, learnt

from harness import declarations, record
from harness.driver import commands, derivation

SEEDS = range(101, 121)


def derive(*options):
    """Call `harness derive` as a person does."""
    return CliRunner().invoke(commands.main, ["derive", *options])


@pytest.fixture
def referenced(folder):
    """The folder of declarations with its reference: 20 seeds of which 19 lie in the band."""
    runs = [learnt(seed, accuracy=0.95 if seed == 101 else 0.6 + seed / 1000) for seed in SEEDS]
    (folder / "records").mkdir()
    text = "".join(record.to_line(run) + "\n" for run in runs)
    (folder / "records" / "naive.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def edit(folder, old, new):
    """Replace a text in the declarations of the naive framing."""
    path = folder / "naive.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_numbers_that_the_records_bear_out_pass_the_check(referenced):
    outcome = derive("--check")
    assert outcome.exit_code == 0, outcome.output


def test_an_edited_number_is_caught_and_named_and_nothing_is_written(referenced):
    edit(referenced, "shown = 19", "shown = 18")
    before = (referenced / "naive.toml").read_text()
    outcome = derive("--check")
    assert outcome.exit_code == 1
    assert outcome.output == "expectations/naive.toml, expect 1: shown is 18, the records say 19\n"
    assert (referenced / "naive.toml").read_text() == before


def test_deriving_corrects_the_number_and_keeps_the_comments(referenced):
    edit(referenced, "shown = 19", "shown = 18")
    assert derive().exit_code == 0
    text = (referenced / "naive.toml").read_text()
    assert "shown = 19" in text
    assert "# A comment that stays." in text


def test_quantiles_set_the_bounds_before_the_seeds_within_them_are_counted(referenced):
    edit(referenced, "at_most = 0.9\n", "at_most = 0.9\nquantiles = [0.1, 0.95]\n")
    assert derive().exit_code == 0
    entry = declarations.load(referenced).expectations[0]
    assert (entry.at_least, entry.at_most, entry.shown, entry.of) == (0.703, 0.72, 18, 20)
    assert derive("--check").exit_code == 0


def test_one_quantile_is_an_upper_bound(referenced):
    edit(referenced, "at_least = 0.5\nat_most = 0.9\n", "at_most = 0.9\nquantiles = [0.5]\n")
    assert derive().exit_code == 0
    entry = declarations.load(referenced).expectations[0]
    assert (entry.at_least, entry.at_most, entry.shown) == (None, 0.711, 10)


def test_a_bound_is_rounded_outward():
    assert derivation.outward(0.12345678, derivation.ENDS["at_least"]) == 0.123456
    assert derivation.outward(0.12345678, derivation.ENDS["at_most"]) == 0.123457
    assert derivation.outward(0.84, derivation.ENDS["at_least"]) == 0.84
    assert derivation.outward(0.0, derivation.ENDS["at_most"]) == 0.0


def test_missing_records_and_missing_seeds_give_one_sentence(referenced):
    edit(referenced, 'seeds = "101-120"', 'seeds = "101-121"')
    assert "was not observed in seeds 121" in derive("--check").stderr
    (referenced / "records" / "naive.jsonl.gz").unlink()
    outcome = derive("--check")
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("harness: expectations/records/naive.jsonl.gz is missing")


def test_an_invocation_becomes_the_reference_without_its_curves(store, folder):
    fill(store, *(learnt(seed) for seed in (201, 202, 203)))
    outcome = derive("--from-invocation", FIRST, "--stack", "tf2")
    assert outcome.exit_code == 0, outcome.output
    (reference,) = declarations.load(folder).references["naive"]
    entry = declarations.load(folder).expectations[0]
    assert (reference.seeds, entry.shown, entry.of) == ("201-203", 3, 3)
    packed = (folder / "records" / "naive.jsonl.gz").read_bytes()
    assert all(not record.from_line(line, "").curves for line in gzip.decompress(packed).decode().splitlines())
    derive("--from-invocation", FIRST, "--stack", "tf2")
    assert (folder / "records" / "naive.jsonl.gz").read_bytes() == packed, "the same records are the same bytes"


def test_more_runs_join_those_that_are_the_reference_already(store, folder):
    fill(store, *(learnt(seed) for seed in (201, 202)), *(learnt(seed, invocation=SECOND, loss=0.25) for seed in (202, 203)))
    derive("--from-invocation", FIRST, "--stack", "tf2")
    outcome = derive("--from-invocation", SECOND, "--stack", "tf2", "--more")
    assert outcome.exit_code == 0, outcome.output
    (reference,) = declarations.load(folder).references["naive"]
    lines = gzip.decompress((folder / "records" / "naive.jsonl.gz").read_bytes()).decode().splitlines()
    found = {one.question.seed: one.look_up("loss") for one in (record.from_line(line, "") for line in lines)}
    assert (reference.seeds, found) == ("201-203", {201: 0.5, 202: 0.25, 203: 0.25})
    assert derive("--more").exit_code == 2


KNOWN = """
[[expect.known]]
where = ["keras<2.3"]
why = "hard sigmoid"
link = "https://example.org"
records = "records/stacks.jsonl.gz"
shown = 0
of = 1
"""


@pytest.fixture
def deviating(referenced, store):
    """A deviation that is declared as 0 of 1, and an invocation of an old stack in which 1 of 3 seeds is as expected."""
    edit(referenced, "of = 20\n", "of = 20\n" + KNOWN)
    old = {"keras": "2.0.9", "tensorflow": "1.4.1"}
    runs = [learnt(seed, accuracy=0.75 if seed == 1 else 0.3) for seed in (1, 2, 3)]
    fill(store, *[run._replace(stack="old", question=run.question._replace(distributions=old)) for run in runs])
    return referenced


def test_a_known_deviation_is_counted_on_the_runs_of_its_stacks(deviating):
    added = derive("--from-invocation", FIRST, "--stack", "old", "--known")
    assert added.exit_code == 0, added.output
    assert added.output.startswith("wrote expectations/records/stacks.jsonl.gz\n")
    assert declarations.load(deviating).expectations[0].known[0][3:5] == (1, 3)
    assert derive("--check").exit_code == 0
