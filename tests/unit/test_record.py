"""One run, written down and read back; and every way in which a line can be wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import record
from harness.errors import RecordError
from tests.factories import a_question, a_record

WHERE = "tf2.jsonl, line 3"
NAN, INFINITE = float("nan"), float("inf")
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def changed(line=None, digest=None, **fields):
    """Return a good record's line with some of its top fields changed and its digest made to fit, or as given."""
    content = dict(json.loads(line or record.to_line(a_record())), **fields)
    content["digest"] = digest or record.digest(a_question(**content["question"]))
    return json.dumps(content)


def sentence_of(line):
    with pytest.raises(RecordError) as caught:
        record.from_line(line, WHERE)
    assert str(caught.value).startswith(WHERE)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_record_is_read_back_as_it_was_written():
    assert record.from_line(record.to_line(a_record()), WHERE) == a_record()


@given(st.dictionaries(st.text(), values, max_size=4))
def test_any_observation_survives_its_line(observations):
    written = a_record(observations=observations)
    line = record.to_line(written)
    assert "\n" not in line
    assert record.from_line(line, WHERE) == written


def test_a_line_names_its_schema_and_its_digest():
    fields = json.loads(record.to_line(a_record()))
    assert (fields["schema"], fields["digest"]) == (1, a_record().digest)


@pytest.mark.parametrize("value", [NAN, INFINITE, -INFINITE])
def test_a_diverged_value_becomes_null_with_a_flag(value):
    diverged = a_record(observations={"loss": value, "accuracy": 0.1}, curves={"loss": [3.0, value]})
    back = record.from_line(record.to_line(diverged), WHERE)
    assert back.observations == {"loss": None, "accuracy": 0.1}
    assert back.curves == {"loss": [3.0, None]}
    assert back.not_finite == ["curves.loss.1", "observations.loss"]


def test_flags_that_a_record_already_has_are_kept_once():
    diverged = a_record(observations={"loss": NAN}, not_finite=["observations.loss", "timings.fit"])
    again = record.to_line(record.from_line(record.to_line(diverged), WHERE))
    assert json.loads(again)["not_finite"] == ["observations.loss", "timings.fit"]


def test_tuples_are_looked_through_for_what_is_not_finite():
    assert record.finite({"a": (1.0, NAN), "b": "x"}) == ({"a": [1.0, None], "b": "x"}, ["a.1"])


def test_the_digest_is_sixteen_hexadecimal_digits():
    assert len(a_record().digest) == 16
    int(a_record().digest, 16)


@pytest.mark.parametrize("change", [
    {"seed": 8}, {"engine": "fit"}, {"purpose": "check"}, {"python": "3.12.1"}, {"device": "gpu"}, {"probes": 2},
    {"framing": dict(a_question().framing, units=16)}, {"distributions": {"tensorflow": "2.20.0"}},
], ids=lambda change: next(iter(change)))  # fmt: skip
def test_another_question_has_another_digest(change):
    assert a_record(question=change).digest != a_record().digest


def test_the_digest_names_the_question_and_not_the_answer():
    other = a_record(observations={"accuracy": 0.2}, seconds={}, invocation="another", stack="tf2.20", machine={})
    assert other.digest == a_record().digest


def test_the_order_of_keys_does_not_change_the_digest():
    turned = dict(reversed(list(a_question().framing.items())))
    assert record.digest(a_question(framing=turned)) == record.digest(a_question())


def test_an_observation_is_found_at_its_dotted_path():
    kept = a_record(observations={"cold_starts": {"K": {"answer": "B"}}, "right": 1.0})
    assert kept.look_up("cold_starts.K.answer") == "B"
    assert kept.look_up("right") == 1.0


@pytest.mark.parametrize("path", ["loss", "right.K", "cold_starts.Q.answer", "answers.0"])
def test_an_observation_that_is_not_there_is_none(path):
    assert a_record(observations={"cold_starts": {"K": 1}, "right": 1.0, "answers": ["A"]}).look_up(path) is None


def test_a_newer_schema_is_refused_by_name():
    sentence = sentence_of(changed(schema=2, surprise=True))
    assert "written by a newer harness (record schema 2, this one reads up to 1); update the harness" in sentence


@pytest.mark.parametrize("schema", [0, None, "1", 1.5, [1], True])
def test_a_schema_that_never_was_is_refused(schema):
    assert "record schema {!r} is unknown, allowed is 1; remove the line".format(schema) in sentence_of(changed(schema=schema))


@pytest.mark.parametrize("line", ["", "{", "nonsense", '{"stack": "tf2"', record.to_line(a_record())[:-1]])
def test_a_line_that_is_not_json_is_one_sentence(line):
    assert "not a record, because it is not JSON" in sentence_of(line)


@pytest.mark.parametrize(("line", "kind"), [("[]", "list"), ("3", "int"), ("null", "NoneType"), ('"text"', "str")])
def test_json_that_is_no_object_is_one_sentence(line, kind):
    assert sentence_of(line) == "{}: not a record but a {}; remove the line".format(WHERE, kind)


def test_a_missing_and_an_unknown_key_are_named():
    fields = dict(json.loads(changed()), colour="red")
    del fields["stack"]
    assert "missing keys ['stack'], unknown keys ['colour']" in sentence_of(json.dumps(fields))


def test_a_question_with_a_missing_key_is_named():
    fields = json.loads(changed())
    del fields["question"]["seed"]
    assert "question: not a record; missing keys ['seed'], unknown keys []" in sentence_of(json.dumps(fields))


@pytest.mark.parametrize("question", [None, 7, "text", []])
def test_a_question_that_is_no_object_is_one_sentence(question):
    fields = dict(json.loads(changed()), question=question)
    assert "question: expected an object, got {!r}".format(question) in sentence_of(json.dumps(fields))


def test_a_line_changed_by_hand_is_found_out():
    fields = json.loads(changed())
    fields["question"]["seed"] = 8
    assert "does not fit its question" in sentence_of(json.dumps(fields))


def test_a_line_without_its_digest_is_refused():
    fields = json.loads(changed())
    del fields["digest"]
    assert "digest None does not fit its question" in sentence_of(json.dumps(fields))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_line_with_a_number_that_is_not_json_is_refused(word):
    assert "not JSON" in sentence_of(changed().replace("0.0105", word))


@pytest.mark.parametrize(("key", "value"), [
    ("stack", 5), ("invocation", None), ("program", []), ("seconds", []), ("machine", "x"), ("observations", [1]),
    ("curves", None), ("timings", 0), ("not_finite", None),
])  # fmt: skip
def test_a_field_of_another_kind_is_named(key, value):
    assert key in sentence_of(changed(**{key: value}))


@pytest.mark.parametrize(("key", "value"), [
    ("framing", "naive"), ("seed", "7"), ("seed", True), ("engine", 1), ("distributions", ["keras"]), ("probes", None),
])  # fmt: skip
def test_a_field_of_the_question_of_another_kind_is_named(key, value):
    question = dict(a_question()._asdict(), **{key: value})
    assert key in sentence_of(changed(question=question))


@pytest.mark.parametrize("key", ["name", "edition"])
def test_a_question_whose_framing_lacks_its_name_or_edition_is_refused(key):
    framing = {name: value for name, value in a_question().framing.items() if name != key}
    assert key in sentence_of(changed(question=dict(a_question()._asdict(), framing=framing)))


def test_a_backend_that_nobody_had_to_choose_is_not_written_and_changes_no_digest():
    alone, chosen = a_record(), a_record(question={"backend": "jax"})
    assert '"backend"' not in record.to_line(alone)
    assert record.from_line(record.to_line(chosen), "here").question.backend == "jax"
    assert chosen.digest != alone.digest == "9bc241d68cab4933"
