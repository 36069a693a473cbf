"""Declarations, read strictly: each way to get one wrong is one sentence that names the file and the key."""

import importlib.util
import sys

import pytest

from harness import declarations, framings, probes, record
from harness.errors import ExpectationError
from harness.expectations import Expectation

HEAD = 'framing = "stateful"\n'
GOOD = '[[expect]]\nclaim = "a cold start goes on from B"\nprobe = "new_start"\nequals = "BCDEF"\n'
BOUNDS = '[[expect]]\nclaim = "it learns"\nprobe = "accuracy"\nat_least = 0.99\n'
REFERENCE = '[[reference]]\neditions = ["2018-08"]\nrecords = "records/stateful.jsonl"\nseeds = "1001-1300"\n'
SHARE = BOUNDS + "shown = 257\nof = 300\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "suite.toml").write_text("false_alarms = 0.01\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def loaded(folder):
    def load(text, name="stateful.toml"):
        (folder / name).write_text(text, encoding="utf-8")
        return declarations.load(folder)

    return load


def sentence_of(loaded, *text):
    with pytest.raises(ExpectationError) as caught:
        loaded(*text)
    assert str(caught.value).startswith("expectations/")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_declaration_is_read_as_it_stands(loaded):
    declared = loaded(HEAD + REFERENCE + GOOD + SHARE + 'page = "100.00%"\nholds = false\npurpose = "check"\n')
    first, second = declared.expectations
    assert first == Expectation("stateful", "stateful.toml", 1, "a cold start goes on from B", "new_start", equals="BCDEF")
    assert (second.number, second.at_least, second.shown, second.of) == (2, 0.99, 257, 300)
    assert (second.page, second.holds, second.purpose) == ("100.00%", False, "check")
    assert declared.false_alarms == 0.01
    assert declared.reference_seeds("stateful", "2018-08") == set(range(1001, 1301))


def test_expectations_are_found_by_framing_and_edition(loaded):
    declared = loaded(HEAD + GOOD + 'editions = ["2016-07"]\n' + BOUNDS)
    assert [entry.number for entry in declared.of("stateful", "2016-07", "fit", "learn")] == [1, 2]
    assert [entry.number for entry in declared.of("stateful", "2018-08", "fit", "learn")] == [2]
    assert declared.of("naive", "2018-08", "fit", "learn") == []


def test_the_budget_is_split_over_the_shares_of_an_edition_whatever_their_engines(loaded):
    declared = loaded(HEAD + GOOD + SHARE + 'engines = ["fit"]\n' + SHARE + 'editions = ["2018-08"]\n')
    assert declared.alpha("2018-08") == pytest.approx(0.01 / 2)
    assert declared.alpha("2016-07") == pytest.approx(0.01)


def test_without_shares_the_budget_is_not_divided_by_zero(loaded):
    assert loaded(HEAD + GOOD).alpha("2018-08") == pytest.approx(0.01)


def test_a_folder_without_framings_declares_nothing(folder):
    assert declarations.load(folder).expectations == ()


def test_an_expectation_says_where_it_stands(loaded):
    assert [entry.place for entry in loaded(HEAD + GOOD + BOUNDS).expectations] == [
        "expectations/stateful.toml, expect 1", "expectations/stateful.toml, expect 2",
    ]  # fmt: skip


@pytest.mark.parametrize(("values", "value", "is_shown"), [
    ({"equals": "BCDEF"}, "BCDEF", True), ({"equals": "BCDEF"}, "ZZZZZ", False), ({"equals": "BCDEF"}, None, False),
    ({"equals": True}, True, True), ({"equals": False}, False, True), ({"equals": True}, False, False),
    ({"equals": 0}, 0, True), ({"equals": 1}, 1.0, True), ({"equals": [1, 2]}, [1, 2], True),
    ({"equals": 1}, True, False), ({"equals": 0}, False, False), ({"equals": True}, 1, False), ({"equals": True}, 1.0, False),
    ({"at_least": 0.5}, 0.5, True), ({"at_least": 0.5}, 0.4, False), ({"at_most": 0.5}, 0.5, True),
    ({"at_most": 0.5}, 0.6, False), ({"at_least": 0.2, "at_most": 0.5}, 0.3, True), ({"at_least": 0}, None, False),
    ({"at_least": 0.2, "at_most": 0.5}, 0.1, False), ({"at_most": 1.0}, float("nan"), False),
    ({"at_least": 0.5}, "high", False), ({"at_most": 1}, ["A"], False), ({"at_least": 0.5}, {"K": 1}, False),
], ids=repr)  # fmt: skip
def test_a_value_shows_an_expectation_or_it_does_not(values, value, is_shown):
    assert Expectation("naive", "naive.toml", 1, "claim", "accuracy", **values).is_shown_by(value) is is_shown


@pytest.mark.parametrize(("values", "wanted"), [
    ({"equals": "BCDEF"}, "'BCDEF'"), ({"equals": False}, "False"), ({"at_least": 0.8}, "at least 0.8"),
    ({"at_most": 1e-05}, "at most 1e-05"), ({"at_least": 0.8, "at_most": 0.92}, "at least 0.8 and at most 0.92"),
])  # fmt: skip
def test_what_is_wanted_is_said_in_words(values, wanted):
    assert Expectation("naive", "naive.toml", 1, "claim", "accuracy", **values).wanted == wanted


def test_an_unknown_key_is_named_with_the_known_ones(loaded):
    sentence = sentence_of(loaded, HEAD + GOOD + BOUNDS.replace("at_least", "at_leat"))
    assert sentence.startswith("expectations/stateful.toml in expect 2: unknown key 'at_leat'; known: claim, probe, equals, ")


@pytest.mark.parametrize("text", [
    'framing = "naive"\n', 'framing = "statefull"\n', "", "framing = 3\n", 'framing = ["stateful"]\n',
])  # fmt: skip
def test_a_framing_that_is_not_the_file_s_own_is_named(loaded, text):
    assert "expectations/stateful.toml: framing is " in sentence_of(loaded, text + GOOD)


def test_a_file_of_no_framing_is_refused(loaded):
    sentence = sentence_of(loaded, 'framing = "statefull"\n', "statefull.toml")
    assert sentence.startswith(
        "expectations/statefull.toml: framing is 'statefull'; allowed is the file's own name, one of naive"
    )


def test_an_unknown_key_of_a_file_is_named(loaded):
    sentence = sentence_of(loaded, HEAD + "seed = 7\n")
    assert sentence == "expectations/stateful.toml: unknown key 'seed'; known: framing, reference, expect"


@pytest.mark.parametrize("key", ["claim", "probe"])
@pytest.mark.parametrize("value", ["", "{} = 7\n", "{} = []\n"])
def test_a_missing_claim_or_probe_is_named(loaded, key, value):
    lines = [line for line in GOOD.splitlines() if not line.startswith(key)]
    sentence = sentence_of(loaded, HEAD + "\n".join(lines) + "\n" + value.format(key))
    assert sentence.startswith("expectations/stateful.toml in expect 1: {} is ".format(key))


@pytest.mark.parametrize("text", [GOOD + "at_least = 1\n", GOOD + "at_most = 1\n", GOOD.replace('equals = "BCDEF"\n', "")])
def test_both_equals_and_bounds_or_neither_is_refused(loaded, text):
    sentence = sentence_of(loaded, HEAD + text)
    assert sentence == "expectations/stateful.toml in expect 1: needs either equals or at_least and at_most"


@pytest.mark.parametrize(
    "counts", ["shown = 3\n", "of = 3\n", "shown = 4\nof = 3\n", "shown = -1\nof = 3\n", "shown = 0\nof = 0\n"]
)
def test_a_share_that_is_none_is_refused(loaded, counts):
    assert "expectations/stateful.toml in expect 1: shown = " in sentence_of(loaded, HEAD + BOUNDS + counts)


@pytest.mark.parametrize(("line", "allowed"), [
    ('at_most = "1"', "a number"), ("at_most = true", "a number"), ("at_most = [1]", "a number"), ("at_most = nan", "a number"),
    ('shown = "3"\nof = 5', "a number"), ("shown = 3.0\nof = 5", "a number"), ("shown = true\nof = 5", "a number"),
    ("shown = 3\nof = 5.5", "a number"), ("quantiles = 0.5", "numbers"), ("quantiles = [0.5, 'x']", "numbers"),
    ("quantiles = [true]", "numbers"), ("quantiles = [0.1, 0.5, 0.9]", "one or two numbers from 0 to 1"),
    ("quantiles = [1.01]", "numbers from 0 to 1"), ("quantiles = [-0.01, 0.5]", "numbers from 0 to 1"),
    ('holds = "no"', "true or false"), ("holds = 0", "true or false"), ("page = 7", "a text"),
])  # fmt: skip
def test_a_value_of_another_kind_is_named(loaded, line, allowed):
    sentence = sentence_of(loaded, HEAD + BOUNDS + line + "\n")
    assert sentence.startswith("expectations/stateful.toml in expect 1: ")
    assert any(word in sentence for word in ("at_most is", "shown is", "of is", "holds is", "page is", "quantiles is"))
    assert allowed in sentence


def test_bounds_that_nothing_can_meet_are_refused(loaded):
    assert "expect 1" in sentence_of(loaded, HEAD + BOUNDS + "at_most = 0.5\n")


@pytest.mark.parametrize(("old", "new", "sentence"), [
    ("accuracy", "acuracy", "unknown probe 'acuracy'; known: " + ", ".join(probes.NAMES)),
    ("accuracy", "", "unknown probe ''; known: "),
    ("accuracy", ".accuracy", "unknown probe ''; known: "),
    ("at_least = 0.99", 'at_least = 0.99\npurpose = "lern"', "unknown purpose 'lern'; known: " + ", ".join(record.JUDGED)),
    ("at_least = 0.99", 'at_least = 0.99\npurpose = "time"', "unknown purpose 'time'; known: learn, check"),
    ("at_least = 0.99", 'at_least = 0.99\npurpose = ["learn"]', "unknown purpose ['learn']; known: "),
    ("at_least = 0.99", 'at_least = 0.99\neditions = ["2019"]', "unknown edition '2019'; known: 2016-07, 2017-03, 2018-08"),
])  # fmt: skip
def test_what_is_unknown_is_named_with_what_is_known(loaded, old, new, sentence):
    assert sentence_of(loaded, HEAD + BOUNDS.replace(old, new)).startswith(
        "expectations/stateful.toml in expect 1: " + sentence
    )


@pytest.mark.parametrize("value", ['"2018-08"', "5", "[]", "true"])
def test_editions_that_are_no_list_or_none_are_named(loaded, value):
    for text in (BOUNDS + "editions = {}\n".format(value), REFERENCE.replace('["2018-08"]', value)):
        assert "editions is " in sentence_of(loaded, HEAD + text)


def test_a_probe_is_known_by_the_first_word_of_its_path(loaded):
    (entry,) = loaded(HEAD + GOOD.replace("new_start", "cold_starts.K.answer")).expectations
    assert entry.probe == "cold_starts.K.answer"


@pytest.mark.parametrize("key", ["expect", "reference"])
@pytest.mark.parametrize("value", ["{} = 3\n", "{} = [1]\n", "[{}]\n"])
def test_entries_that_are_no_list_of_tables_are_named(loaded, key, value):
    sentence = sentence_of(loaded, HEAD + value.format(key))
    assert sentence == "expectations/stateful.toml: {0} must be written as [[{0}]] tables".format(key)


@pytest.mark.parametrize("key", ["editions", "records", "seeds"])
def test_a_reference_without_one_of_its_keys_is_named(loaded, key):
    lines = [line for line in REFERENCE.splitlines() if not line.startswith(key)]
    sentence = sentence_of(loaded, HEAD + "\n".join(lines))
    assert sentence == "expectations/stateful.toml in reference: key '{}' is missing".format(key)


@pytest.mark.parametrize(("old", "new", "part"), [
    ("records =", "record =", "unknown key 'record'; known: editions, records, seeds"), ("1001-1300", "many", "'many'"),
    ('"1001-1300"', "7", "seeds is 7"), ('"records/stateful.jsonl"', "5", "records is 5"), ("2018-08", "2019", "'2019'"),
])  # fmt: skip
def test_a_reference_that_cannot_be_read_is_named(loaded, old, new, part):
    sentence = sentence_of(loaded, HEAD + REFERENCE.replace(old, new))
    assert sentence.startswith("expectations/stateful.toml in reference: ")
    assert part in sentence


def test_what_the_suite_expects_is_expected_of_every_framing_and_says_where_it_stands(folder):
    (folder / "suite.toml").write_text("false_alarms = 0.01\n" + GOOD + BOUNDS, encoding="utf-8")
    declared = declarations.load(folder)
    for name in framings.NAMES:
        assert [entry.probe for entry in declared.of(name, "2018-08", "compiled", "learn")] == ["new_start", "accuracy"]
        assert declared.of(name, "2018-08", "compiled", "learn")[1].place == "expectations/suite.toml, expect 2"


@pytest.mark.parametrize(("line", "quantiles"), [
    ("", ()), ("quantiles = []\n", ()), ("quantiles = [0.05]\n", (0.05,)), ("quantiles = [0, 1]\n", (0, 1)),
])  # fmt: skip
def test_quantiles_are_read_as_they_stand(loaded, line, quantiles):
    assert loaded(HEAD + SHARE + line).expectations[0].quantiles == quantiles


@pytest.mark.parametrize("rate", ["0", "1", "0.0", "1.0", "-0.1", '"0.01"', "true", "nan"])
def test_a_budget_that_is_no_share_of_runs_is_named(folder, rate):
    (folder / "suite.toml").write_text("false_alarms = {}\n".format(rate), encoding="utf-8")
    with pytest.raises(ExpectationError, match=r"^expectations/suite\.toml: false_alarms is .*between 0 and 1$"):
        declarations.load(folder)


def test_a_suite_without_its_budget_or_with_another_key_is_named(folder):
    for text, sentence in (("", "false_alarms is None"), ("false_alarm = 0.1\n", "unknown key 'false_alarm'")):
        (folder / "suite.toml").write_text(text, encoding="utf-8")
        with pytest.raises(ExpectationError, match=r"^expectations/suite\.toml: " + sentence):
            declarations.load(folder)


def test_a_missing_suite_file_is_one_sentence(tmp_path):
    with pytest.raises(ExpectationError, match=r"^expectations/suite\.toml is missing; restore it$"):
        declarations.load(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"framing = \n", b"\xff\xfe", b'framing = "stateful"\nframing = "stateful"\n'])
def test_a_file_that_is_not_toml_is_one_sentence(loaded, folder, content):
    (folder / "stateful.toml").write_bytes(content)
    with pytest.raises(ExpectationError, match=r"^expectations/stateful\.toml cannot be read as TOML: [^\n]+$"):
        declarations.load(folder)


def test_a_folder_in_place_of_a_file_is_one_sentence(folder):
    (folder / "stateful.toml").mkdir()
    with pytest.raises(ExpectationError, match=r"^expectations/stateful\.toml cannot be read"):
        declarations.load(folder)


@pytest.mark.parametrize(("version", "reader"), [((3, 6, 15), "tomli"), ((3, 11, 0), "tomllib")])
def test_the_toml_reader_is_python_s_own_where_it_has_one(monkeypatch, version, reader):
    stand_in = type(sys)(reader)
    monkeypatch.setitem(sys.modules, reader, stand_in)
    monkeypatch.setattr(sys, "version_info", version)
    spec = importlib.util.spec_from_file_location("expectations_again", declarations.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.tomllib is stand_in


def test_the_repository_s_own_declarations_can_be_read():
    if not (declarations.FOLDER / declarations.SUITE_FILE).exists():
        pytest.skip("expectations/ is not written yet")
    declared = declarations.load()
    assert {entry.framing for entry in declared.expectations} == {"stages", *framings.NAMES}


def test_an_expectation_of_one_engine_is_not_asked_of_the_other(loaded):
    declared = loaded(HEAD + GOOD + 'engines = ["compiled"]\n')
    assert [entry.number for entry in declared.of("stateful", "2018-08", "compiled", "learn")] == [1]
    assert declared.of("stateful", "2018-08", "fit", "learn") == []
    assert declared.expectations[0].engines == ("compiled",)


def test_a_sentence_of_the_tutorial_that_is_said_to_hold_is_shown_by_most_reference_seeds():
    declared = declarations.load().expectations
    few = [one.claim for one in declared if one.page and one.holds and one.of and 2 * one.shown < one.of]
    assert few == []
