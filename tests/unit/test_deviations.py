"""Known deviations: declared with where, why and a link, and strict."""

import pytest

from harness import judging
from harness.errors import ExpectationError
from harness.expectations import Deviation, Expectation
from tests.factories import a_record
from tests.unit.test_expectations import GOOD, HEAD, SHARE, folder, loaded, sentence_of  # noqa: F401 - fixtures

OLD, NEW = {"keras": "2.0.9", "tensorflow": "1.4.1"}, {"keras": "2.2.6", "tensorflow": "1.4.1"}
ALWAYS = Deviation(("keras>=2.0.9,<2.2.6",), "the state is lost", "https://example.org/9174")
SOMETIMES = ALWAYS._replace(shown=10, of=60, records="records/known.jsonl.gz")
FACT = Expectation("stateful", "stateful.toml", 1, "it goes on from B", "new_start", equals="BCDEF", known=(ALWAYS,))
KNOWN = '[[expect.known]]\nwhere = ["keras<2.3"]\nwhy = "hard sigmoid"\nlink = "https://example.org"\n'


def verdict(expectation, installed, *answers):
    runs = [
        a_record(question={"seed": seed, "distributions": installed}, observations={"new_start": answer})
        for seed, answer in enumerate(answers)
    ]
    return judging.judge(expectation, runs, 0.001)


@pytest.mark.parametrize(("installed", "answers", "name"), [
    (OLD, ["ZZZZZ"] * 3, "known"), (OLD, ["BCDEF"] * 3, "mended"), (OLD, ["BCDEF", "ZZZZZ"], "missed"),
    (NEW, ["ZZZZZ"] * 3, "missed"), (NEW, ["BCDEF"] * 3, "met"),
])  # fmt: skip
def test_a_deviation_of_every_run_is_known_where_declared_and_mended_once_gone(installed, answers, name):
    assert verdict(FACT, installed, *answers).name == name


@pytest.mark.parametrize(("right", "of", "name"), [
    (0, 5, "known"), (1, 5, "known"), (3, 5, "known"), (20, 20, "mended"), (16, 20, "missed"), (4, 5, "known"),
])  # fmt: skip
def test_a_racy_deviation_is_known_until_the_seeds_exclude_its_share(right, of, name):
    racy = FACT._replace(known=(SOMETIMES,))
    assert verdict(racy, OLD, *["BCDEF"] * right, *["ZZZZZ"] * (of - right)).name == name


@pytest.mark.parametrize(
    ("answers", "name"),
    [(["ZZZZZ"] * 3, "known"), (["ZZZZZ", "QQQQQ"], "missed"), (["BCDEF"], "mended"), (["ZZZZZ and so on"], "known")],
)
def test_where_it_is_said_what_comes_instead_anything_else_is_missed(answers, name):
    assert verdict(FACT._replace(known=(ALWAYS._replace(instead="ZZZZZ"),)), OLD, *answers).name == name


@pytest.mark.parametrize(("named", "name"), [(("stateful",), "known"), (("naive",), "missed")])
def test_a_deviation_may_be_known_of_some_framings_alone(named, name):
    assert verdict(FACT._replace(known=(ALWAYS._replace(framings=named),)), OLD, "ZZZZZ").name == name


def test_a_value_that_is_no_text_comes_instead_only_as_it_is():
    assert (ALWAYS._replace(instead=2).allows(2), ALWAYS._replace(instead=2).allows(3), ALWAYS.allows(3)) == (True, False, True)


def test_the_sentence_says_why_and_where_to_read_on():
    found = verdict(FACT, OLD, "ZZZZZ")
    assert found.sentence.endswith("; known here: the state is lost (https://example.org/9174)")
    assert found.deviation == ALWAYS
    assert verdict(FACT, NEW, "BCDEF").deviation is None


def test_an_expectation_speaks_only_of_the_stacks_it_names():
    limited = FACT._replace(where=("tensorflow>=2",))
    assert verdict(limited, OLD, "BCDEF").name == "absent"


def test_a_deviation_is_read_as_it_stands(loaded):  # noqa: F811
    (entry,) = loaded(HEAD + SHARE + KNOWN + 'shown = 2\nof = 60\nrecords = "records/old.jsonl.gz"\n').expectations
    assert entry.known == (Deviation(("keras<2.3",), "hard sigmoid", "https://example.org", 2, 60, "records/old.jsonl.gz"),)


def test_a_fact_with_a_racy_deviation_takes_its_part_of_the_budget(loaded):  # noqa: F811
    text = HEAD + GOOD + KNOWN + 'shown = 2\nof = 60\nrecords = "records/old.jsonl.gz"\n' + SHARE
    assert loaded(text).alpha("2018-08") == pytest.approx(0.01 / 2)


@pytest.mark.parametrize(("table", "said"), [
    ('[[expect.known]]\nwhere = ["keras<2.3"]\nwhy = "x"\n', "known: link is None; allowed is a text"),
    ('[[expect.known]]\nwhere = []\nwhy = "x"\nlink = "y"\n', "known: where is empty; a deviation is known of some stacks"),
    ('[[expect.known]]\nwhere = "keras"\nwhy = "x"\nlink = "y"\n', "where is 'keras'; allowed is a list such as"),
    (KNOWN + "since = 2\n", "known: unknown key 'since'; known: where, why"),
    (KNOWN + 'framings = ["alphabet"]\n', "known: unknown framing 'alphabet'; known: naive"),
    (KNOWN + "shown = 2\n", "known: shown = 2, of = None; allowed are both"),
    (KNOWN + "shown = 2\nof = 3\n", "known: a share needs the records that it was counted on"),
    (KNOWN + 'shown = "2"\nof = 3\n', "known: shown is '2'; allowed is a number"),
])  # fmt: skip
def test_a_deviation_that_says_too_little_is_refused(loaded, table, said):  # noqa: F811
    assert said in sentence_of(loaded, HEAD + GOOD + table)


def test_where_must_be_requirements(loaded):  # noqa: F811
    with pytest.raises(ExpectationError, match="where has 'Keras 2'; allowed are a name and bounds"):
        loaded(HEAD + GOOD + 'where = ["Keras 2"]\n')


def test_a_known_share_that_no_count_could_miss_is_said_to_be_undecidable():
    few = FACT._replace(known=(SOMETIMES._replace(shown=0, of=3),))
    assert verdict(few, OLD, *["ZZZZZ"] * 5).is_undecidable
    assert not verdict(few._replace(known=(SOMETIMES._replace(shown=0, of=75),)), OLD, *["ZZZZZ"] * 5).is_undecidable
    assert not verdict(FACT, OLD, "ZZZZZ").is_undecidable
