"""Verdicts as a pure function of records and declarations."""

import pytest

from harness import framings, judging, shares
from harness.expectations import Declared, Expectation, Reference
from tests.factories import a_record

ALPHA = 0.001
EVERY = Expectation("stateful", "stateful.toml", 1, "the new start goes on from B", "new_start", equals="BCDEF")
REFERENCE = Reference(("2018-08",), "records/stateful.jsonl", "1-2")
SHARE = Expectation("stateful", "stateful.toml", 2, "most see all letters", "accuracy", at_least=0.99, shown=257, of=300)


def records(*accuracies, **changes):
    """Return one record a value, with seeds from 1."""
    observed = [{"accuracy": value, "new_start": "BCDEF"} for value in accuracies]
    return [a_record(question=dict(changes, seed=seed), observations=seen) for seed, seen in enumerate(observed, start=1)]


def declared(*expectations, false_alarms=0.01):
    return Declared(tuple(expectations), {}, false_alarms)


def test_what_every_run_must_show_is_met_when_all_do():
    verdict = judging.judge(EVERY, records(1.0, 1.0), ALPHA)
    assert (verdict.name, verdict.shown, verdict.of, verdict.needed) == ("met", 2, 2, (2, 2))
    assert verdict.engine == "compiled"


def test_what_every_run_must_show_is_missed_by_one_exception():
    runs = [*records(1.0, 1.0), a_record(question={"seed": 9}, observations={"new_start": "ZZZZZ"})]
    assert judging.judge(EVERY, runs, ALPHA).name == "missed"


@pytest.mark.parametrize("shown", range(21))
def test_a_share_is_missed_exactly_where_fisher_s_test_says_so(shown):
    runs = records(*[1.0] * shown, *[0.5] * (20 - shown))
    verdict = judging.judge(SHARE, runs, ALPHA)
    assert verdict.name == ("met" if shares.p_value(shown, 20, 257, 300) >= ALPHA else "missed")
    assert verdict.needed == shares.bounds(20, 257, 300, ALPHA)


def test_a_behaviour_that_suddenly_all_seeds_show_is_missed_too():
    rare = SHARE._replace(shown=3, of=300)
    assert judging.judge(rare, records(*[1.0] * 20), ALPHA).name == "missed"
    assert judging.judge(rare, records(*[0.5] * 20), ALPHA).name == "met"


def test_a_value_that_was_not_finite_counts_as_not_shown():
    diverged = a_record(observations={"accuracy": None}, not_finite=["observations.accuracy"])
    every = EVERY._replace(probe="accuracy", equals=None, at_least=0.0)
    verdict = judging.judge(every, [diverged], ALPHA)
    assert (verdict.name, verdict.shown, verdict.of) == ("missed", 0, 1)
    assert "stateful accuracy is not finite" in verdict.sentence


def test_runs_that_were_not_asked_do_not_count():
    runs = records(1.0) + [
        a_record(observations={"accuracy": 0.1}),
        a_record(question={"purpose": "check"}, observations={"new_start": "Z"}),
        a_record(question={"framing": framings.NAIVE}, observations={"new_start": "Z"}),
    ]
    assert judging.judge(EVERY, runs, ALPHA).of == 1


def test_runs_of_an_edition_that_is_not_declared_do_not_count():
    old = a_record(question={"framing": framings.named("stateful", "2016-07")})
    assert not judging.was_asked(EVERY._replace(editions=("2018-08",)), old)
    assert judging.was_asked(EVERY, old)


@pytest.mark.parametrize(("runs", "engine"), [([], ""), ([a_record(observations={})], "compiled")])
def test_what_nobody_observed_is_absent(runs, engine):
    verdict = judging.judge(EVERY, runs, ALPHA)
    assert (verdict.name, verdict.engine, verdict.shown, verdict.of) == ("absent", engine, 0, 0)
    assert verdict.sentence == "stateful new_start was not observed; expectations/stateful.toml, expect 1"


def test_the_order_from_worst_to_best_is_missed_mended_absent_known_met():
    assert judging.VERDICTS == ("missed", "mended", "absent", "known", "met")
    for place, name in enumerate(judging.VERDICTS):
        assert judging.worst(reversed(judging.VERDICTS[place:])) == name


def test_the_whole_of_nothing_is_absent():
    assert judging.worst([]) == "absent"


def test_too_few_seeds_for_the_budget_are_undecidable():
    assert judging.judge(SHARE._replace(shown=150), records(1.0, 0.5), ALPHA).is_undecidable


def test_enough_seeds_and_every_run_expectations_are_decidable():
    assert not judging.judge(SHARE, records(*[1.0] * 20), ALPHA).is_undecidable
    assert not judging.judge(EVERY, [], ALPHA).is_undecidable


def test_a_miss_says_what_was_got_wanted_for_whom_and_where():
    runs = records(1.0) + [a_record(question={"seed": 9}, observations={"new_start": "ZZZZZ"})]
    assert judging.judge(EVERY, runs, ALPHA).sentence == (
        "stateful new_start is 'ZZZZZ': 'BCDEF' in 1 of 2 seeds, declared in every one "
        "[tf2, tensorflow 2.21.0, keras 3.15.1, compiled; not in seeds 9] expectations/stateful.toml, expect 1"
    )


def test_a_missed_share_says_the_declared_share_and_what_was_needed():
    least, _ = shares.bounds(20, 257, 300, ALPHA)
    sentence = judging.judge(SHARE, records(*[0.5] * 20), ALPHA).sentence
    assert "stateful accuracy is 0.5: at least 0.99 in 0 of 20 seeds, declared in 257 of 300, so " in sentence
    assert "so at least {} of 20 [".format(least) in sentence
    assert "not in seeds 1-20] expectations/stateful.toml, expect 2" in sentence


def test_a_share_with_an_upper_end_says_both_ends():
    rare = SHARE._replace(shown=3)
    least, most = shares.bounds(20, 3, 300, ALPHA)
    assert "so {} to {} of 20 [".format(least, most) in judging.judge(rare, records(*[1.0] * 20), ALPHA).sentence


def test_when_all_show_it_the_sentence_has_the_values_and_no_seeds():
    sentence = judging.judge(EVERY, records(1.0), ALPHA).sentence
    assert sentence.startswith("stateful new_start is 'BCDEF': ")
    assert "not in seeds" not in sentence


def test_many_different_values_are_cut_short():
    sentence = judging.judge(SHARE, records(0.1, 0.2, 0.3, 0.4, 0.5), ALPHA).sentence
    assert "accuracy is 0.1, 0.2, 0.3, 0.4, ...: " in sentence


def test_only_packages_that_are_installed_are_named():
    sentence = judging.judge(EVERY, records(1.0, distributions={"keras": "2.0.8"}), ALPHA).sentence
    assert "[tf2, keras 2.0.8, compiled]" in sentence


def test_all_is_judged_engine_by_engine():
    runs = records(1.0, 1.0) + records(0.5, engine="fit")
    verdicts = judging.judge_all(declared(EVERY, SHARE), runs)
    assert [(v.engine, v.expectation.number, v.of) for v in verdicts] == [
        ("compiled", 1, 2), ("compiled", 2, 2), ("fit", 1, 1), ("fit", 2, 1),
    ]  # fmt: skip


def test_all_is_judged_stack_by_stack_and_edition_by_edition():
    runs = records(1.0) + [a_record(stack="jax"), a_record(question={"framing": framings.named("stateful", "2016-07")})]
    verdicts = judging.judge_all(declared(EVERY), runs)
    assert [verdict.of for verdict in verdicts] == [1, 1, 1]


def test_an_expectation_of_another_purpose_or_framing_is_not_judged():
    other = [EVERY._replace(purpose="check"), EVERY._replace(framing="naive"), EVERY._replace(editions=("2016-07",))]
    assert judging.judge_all(declared(*other), records(1.0)) == []


def test_an_expectation_that_its_runs_do_not_answer_is_absent():
    (verdict,) = judging.judge_all(declared(EVERY._replace(probe="free_run")), records(1.0))
    assert verdict.name == "absent"


def test_each_share_is_judged_at_its_part_of_the_budget():
    three = declared(EVERY, SHARE, SHARE._replace(number=3), false_alarms=0.04)
    assert three.alpha("2018-08") == pytest.approx(0.04 / 2)
    verdicts = judging.judge_all(three, records(*[1.0] * 20))
    assert verdicts[1].needed == shares.bounds(20, 257, 300, 0.02)


def test_a_later_record_of_the_same_question_replaces_the_earlier_one():
    runs = records(0.5) + records(1.0)
    (verdict,) = judging.judge_all(declared(SHARE), runs)
    assert (verdict.shown, verdict.of) == (1, 1)


def test_a_seed_never_counts_twice_even_after_an_upgrade():
    runs = records(0.5) + records(1.0, distributions={"tensorflow": "2.22.0"})
    assert [verdict.of for verdict in judging.judge_all(declared(SHARE), runs)][-1] == 1


def test_the_same_records_in_another_order_give_the_same_verdicts():
    runs = records(1.0, 0.5, 1.0) + records(1.0, engine="fit")
    first = judging.judge_all(declared(EVERY, SHARE), runs)
    turned = judging.judge_all(declared(EVERY, SHARE), runs[::-1])
    assert [(v.name, v.shown, v.of) for v in first] == [(v.name, v.shown, v.of) for v in turned]


@pytest.mark.parametrize(("new_start", "name"), [("BCDEF", "met"), ("ZZZZZ", "missed")])
def test_one_run_is_judged_by_what_every_run_must_show(new_start, name):
    run = a_record(observations={"new_start": new_start, "accuracy": 0.0})
    assert judging.verdict_of_run(declared(EVERY, SHARE), run) == name


def test_one_run_is_not_judged_by_what_it_was_not_asked():
    assert judging.verdict_of_run(declared(EVERY), a_record(observations={"accuracy": 0.0})) == "met"


def test_a_changed_threshold_judges_old_records_anew():
    runs = records(0.95, 0.95)
    loose, strict = EVERY._replace(probe="accuracy", equals=None, at_least=0.9), SHARE._replace(shown=None, of=None)
    assert [judging.judge(rule, runs, ALPHA).name for rule in (loose, strict)] == ["met", "missed"]


def test_the_reference_s_seeds_are_found_by_framing_and_edition():
    known = Declared((), {"stateful": (Reference(("2016-07",), "records/a", "1-3"), Reference(("2018-08",), "b", "5"))}, 0.01)
    assert known.reference_seeds("stateful", "2018-08") == {5}
    assert known.reference_seeds("stateful", "2016-07") == {1, 2, 3}
    assert known.reference_seeds("stateful", "2017-03") == known.reference_seeds("naive", "2018-08") == set()


def test_an_expectation_of_one_engine_is_absent_where_the_other_ran():
    rule, runs = EVERY._replace(engines=("fit",)), records(1.0, engine="compiled")
    assert judging.judge(rule, runs, ALPHA).name == "absent"
    assert judging.judge_all(declared(rule), runs) == []


def test_a_framing_with_another_budget_was_not_asked():
    published = a_record()
    shorter = dict(published.question.framing, epochs=3)
    question = published.question._replace(framing=shorter)
    assert not judging.was_asked(EVERY, published._replace(question=question))
    check = published._replace(question=question._replace(purpose="check"))
    assert judging.was_asked(EVERY._replace(purpose="check"), check)


@pytest.mark.parametrize(
    ("changes", "of"), [({}, 2), ({"purpose": "check"}, 4), ({"framing": framings.named("stateful", "2016-07")}, 4)]
)
def test_only_learnt_runs_of_the_seeds_that_set_the_numbers_do_not_judge(changes, of):
    known = Declared((EVERY._replace(purpose=changes.get("purpose", "learn")),), {"stateful": (REFERENCE,)}, 0.01)
    assert [verdict.of for verdict in judging.judge_all(known, records(1.0, 1.0, 1.0, 1.0, **changes))] == [of]


def test_where_only_seeds_that_set_the_numbers_ran_nothing_is_judged():
    known = Declared((EVERY,), {"stateful": (REFERENCE,)}, 0.01)
    assert judging.judge_all(known, records(1.0, 1.0)) == []


def test_of_runs_that_all_ended_with_an_error_only_the_error_is_judged():
    fact = EVERY._replace(probe="error", equals="none", number=9)
    failed = [a_record(question={"seed": seed}, observations={"error": "RuntimeError: no"}) for seed in (1, 2)]
    assert [one.name for one in judging.judge_all(declared(EVERY, fact), failed)] == ["missed"]
    fine = a_record(question={"seed": 3}, observations={"error": "none", "new_start": "BCDEF"})
    assert [one.name for one in judging.judge_all(declared(EVERY, fact), [*failed, fine])] == ["met", "missed"]


def test_where_runs_had_nothing_to_ask_nothing_is_judged_not_even_what_is_known_there():
    idle = [a_record(question={"seed": seed}, observations={"new_start": judging.NOT_ASKED}) for seed in (1, 2)]
    assert judging.judge_all(declared(EVERY), idle) == []
    asked = a_record(question={"seed": 3}, observations={"new_start": "BCDEF"})
    (verdict,) = judging.judge_all(declared(EVERY), [*idle, asked])
    assert (verdict.name, verdict.of) == ("met", 1)
