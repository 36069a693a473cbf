"""What an upgrade changes in stages and clauses, said in the sentences that declare them."""

import pytest
from click.testing import CliRunner
from factories import a_record

from harness import framings, judging
from harness.driver.commands import main

KERAS_2 = {"tensorflow": "2.15.1", "keras": "2.15.0", "numpy": "1.26.4"}
KERAS_3 = {"tensorflow": "2.19.0", "keras": "3.9.0", "numpy": "2.1.3"}
BEFORE = {
    "decay_is_in_effect": "holds",
    "best_weights_are_restored": "the model holds the weights of epoch 5 of 5, not those of the best epoch",
    "older_file_is_loaded": judging.NOT_ASKED,
    "older_keras_file_is_loaded": judging.NOT_ASKED,
    "metrics_named": "holds",
    "chunks_make_the_whole": "holds",
    "padding_is_left_out_beside_given_states": "holds",
    "kept_state_refuses_other_batches": "a network that keeps the state of 3 rows answers 6 of 4 rows",
}
AFTER = {
    "decay_is_in_effect": "a decay changes nothing: the second step is as long as without one",
    "best_weights_are_restored": "holds",
    "older_file_is_loaded": "ValueError: Unrecognized keyword arguments passed to LSTM: {'time_major': False}",
    "older_keras_file_is_loaded": "holds",
    "metrics_named": "holds",
    "chunks_make_the_whole": "pieces end 0.1 away",
    "padding_is_left_out_beside_given_states": "RuntimeError: another thing",
    "kept_state_refuses_other_batches": "a network that keeps the state of 3 rows answers 6 of 4 rows",
}


@pytest.fixture
def told(store):
    """What `compare` prints of the two, with these words after it."""
    question = {"framing": framings.STAGES, "seed": 1, "engine": "fit", "purpose": "contract"}
    for stack, distributions, clauses in (("before", KERAS_2, BEFORE), ("after", KERAS_3, AFTER)):
        asked = {**question, "distributions": distributions}
        store.append(a_record(stack=stack, question=asked, observations={"contract": clauses}, curves={}))

    def call(*options):
        return CliRunner().invoke(main, ["compare", "before", "after", *options], catch_exceptions=False).stdout

    return call


def test_a_clause_that_holds_no_more_is_its_sentence_with_the_reason_that_is_declared(told):
    (line,) = [line for line in told().splitlines() if "decay_is_in_effect" in line]
    begin = (
        'worse: contract decay_is_in_effect: "A decay that an optimizer is given, as before 2023, is in effect, or is refused."'
    )
    assert line.startswith(begin + " holds no more: the optimizers of Keras 3 drop a decay, and warn (https://")


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("chunks_make_the_whole", "pieces end 0.1 away"),
        ("padding_is_left_out_beside_given_states", "RuntimeError: another thing"),
    ],
    ids=["nothing is declared", "another thing is declared"],
)
def test_what_is_not_declared_is_told_in_its_own_words(told, clause, said):
    (line,) = [line for line in told().splitlines() if clause in line]
    assert line.endswith(f'" holds no more, but says "{said}"')


def test_a_stage_names_its_engine_and_an_error_its_run(store):
    question = {"framing": framings.STAGES, "seed": 1, "purpose": "stage"}
    asked = [(stack, engine) for stack in ("before", "after") for engine in ("fit", "compiled")]
    for stack, engine in asked:
        is_broken = (stack, engine) == ("after", "fit")
        found = {"stages": {"gradient": "it is zero" if is_broken else "agrees"}, "error": "no memory" if is_broken else "none"}
        store.append(a_record(stack=stack, question={**question, "engine": engine}, observations=found, curves={}))
    text = CliRunner().invoke(main, ["compare", "before", "after", "--all"], catch_exceptions=False).stdout
    assert 'worse: stages error (fit): "' in text
    assert 'worse: stages gradient (fit): "' in text
    assert 'same: stages gradient (compiled): "' in text


def test_a_stage_that_only_one_side_was_asked_names_its_engine(store):
    question = {"framing": framings.STAGES, "seed": 1, "purpose": "stage", "engine": "fit"}
    store.append(a_record(stack="before", question={**question, "purpose": "contract"}, observations={}, curves={}))
    store.append(a_record(stack="after", question=question, observations={"stages": {"gradient": "it is zero"}}, curves={}))
    text = CliRunner().invoke(main, ["compare", "before", "after"], catch_exceptions=False).stdout
    assert 'new: stages gradient (fit): "' in text


def test_one_that_holds_now_says_why_it_did_not_before(told):
    (line,) = [line for line in told().splitlines() if line.startswith("better")]
    assert " holds now; before: Keras 2 restores the best weights only where it ends the training" in line


def test_what_was_not_asked_before_is_told_where_it_does_not_hold(told):
    (line,) = [line for line in told().splitlines() if line.startswith("new")]
    assert " was not asked before, and does not hold: Keras 3 refuses the LSTM of every HDF5 file that tf.keras wrote" in line


def test_a_clause_on_which_the_runs_of_one_side_disagree_is_no_sentence(store):
    for seed, words in ((1, "holds"), (2, "a decay changes nothing")):
        question = {"framing": framings.STAGES, "seed": seed, "engine": "fit", "purpose": "contract", "distributions": KERAS_3}
        found = {"contract": {"decay_is_in_effect": words}}
        store.append(a_record(stack="after", question=question, observations=found, curves={}))
        base = {"contract": {"metrics_named": "holds"}}
        store.append(a_record(stack="before", question=question, observations=base, curves={}))
    text = CliRunner().invoke(main, ["compare", "before", "after", "--all"], catch_exceptions=False).stdout
    (line,) = [line for line in text.splitlines() if "decay_is_in_effect is 'holds' (\"A decay that " in line]
    assert 'or is refused."): nothing -> 1 of 2 runs' in line


def test_what_is_as_before_is_told_when_all_is_asked_for(told):
    assert "same:" not in told()
    lines = [line for line in told("--all").splitlines() if line.startswith("same")]
    assert [line.partition('" ')[2].partition(":")[0] for line in lines] == ["holds as before", "does not hold, as before"]


def test_markdown_for_a_pull_request_tells_both(told, tmp_path):
    told("--markdown", str(tmp_path / "told.md"))
    text = (tmp_path / "told.md").read_text()
    assert "<details open><summary>3 worse</summary>" in text
    assert "<summary>1 new</summary>\n\n- contract older_file_is_loaded: " in text
