"""Whether what was declared did happen. Pure: the same records and declarations always give the same verdicts."""

from typing import Any, NamedTuple

from harness import framings, seeds, shares

# From worst to best: the whole has the verdict of its worst part.
VERDICTS = ("missed", "mended", "absent", "known", "met")
FAILING = ("missed", "mended")
VALUES_NAMED = 4  # More would push the rule and the file out of a terminal's line.
PACKAGES_NAMED = ("tensorflow", "keras")
NOT_ASKED = "not asked"  # What a probe says where it has nothing to ask, as of a file where no stack is named that wrote it.


class Verdict(NamedTuple):
    """What became of one expectation over one engine's runs of one stack.

    shown, of: seeds that showed the declared value, and seeds that were asked. needed: the fewest and the most that
    may show it (both `of` for what every run must show). sentence: got, wanted, for whom, declared where. deviation: what
    is known of this stack, or None.
    """

    name: str
    expectation: Any
    engine: str
    shown: int
    of: int
    needed: tuple
    sentence: str
    deviation: Any = None

    @property
    def is_undecidable(self):
        """Whether no count at all could have been missed: too few seeds for the false-alarm budget."""
        is_share = self.expectation.is_judged_by_share(self.deviation)
        return self.of > 0 and is_share and self.needed == (0, self.of)


def worst(names):
    """Return the worst of the verdicts' names, "absent" if there are none."""
    return min(names, key=VERDICTS.index, default="absent")


def judge(expectation, records, alpha):
    """Return the verdict of one expectation over the records of one engine; only records that were asked count."""
    asked = [record for record in records if was_asked(expectation, record)]
    engine = records[0].question.engine if records else ""
    if not asked:
        return Verdict("absent", expectation, engine, 0, 0, (0, 0), _absent_sentence(expectation))
    shown = sum(expectation.is_shown_by(record.look_up(expectation.probe)) for record in asked)
    needed = _needed(expectation, len(asked), alpha)
    name = "met" if needed[0] <= shown <= needed[1] else "missed"
    sentence, deviation = _sentence(expectation, asked, shown, needed), expectation.deviation(asked[0].question)
    if deviation is not None:
        needed = shares.bounds(len(asked), deviation.shown, deviation.of, alpha) if deviation.of else (0, 0)
        name = _name_of_known(shown, needed, name)
        name = "missed" if _are_strange(expectation, deviation, asked) else name
        sentence += "; known here: {} ({})".format(deviation.why, deviation.link)
    return Verdict(name, expectation, engine, shown, len(asked), needed, sentence, deviation)


def _are_strange(expectation, deviation, records):
    """Whether a run shows neither what was declared nor what is known to come instead."""
    values = [record.look_up(expectation.probe) for record in records]
    return not all(expectation.is_shown_by(value) or deviation.allows(value) for value in values)


def _name_of_known(shown, needed, otherwise):
    """Return "known" while as many runs deviate as was declared, "mended" where they are as expected again, else "missed"."""
    if needed[0] <= shown <= needed[1]:
        return "known"
    return "mended" if otherwise == "met" else "missed"


def is_silenced(expectation, records):
    """Whether nothing can be said: every one of these runs had nothing to ask, or ended with an error.

    Of the error another entry speaks.
    """
    return expectation.probe != "error" and all(_says_nothing(expectation, record) for record in records)


def _says_nothing(expectation, record):
    return bool(record.error) or record.look_up(expectation.probe) == NOT_ASKED


def was_asked(expectation, record):
    """Whether this record holds an answer for this expectation, be it one that was not finite."""
    question = record.question
    if question.purpose != expectation.purpose or question.engine not in expectation.engines:
        return False
    if not expectation.speaks_of(question):
        return False
    if not _is_published(expectation, record):
        return False
    path = "observations." + expectation.probe
    return record.look_up(expectation.probe) not in (None, NOT_ASKED) or path in record.not_finite


def _is_published(expectation, record):
    """Whether the record's framing is the declared one, value for value; a check trains fewer epochs of it."""
    found = record.question.framing
    if found["name"] != expectation.framing or found["edition"] not in expectation.editions:
        return False
    published = framings.named(found["name"], found["edition"])._asdict()
    epochs = {} if expectation.purpose == "learn" else {"epochs": found["epochs"]}
    return found == dict(published, **epochs)


def judge_all(declared, records):
    """Return the verdicts of every expectation that speaks of these records, engine by engine.

    Later records of the same seed replace earlier ones, whatever was installed then, so that a seed never counts twice.
    Seeds that set the numbers do not judge.
    """
    judges = [record for record in records if not _is_reference(declared, record)]
    latest = {(_group(record), record.question.seed): record for record in judges}
    verdicts = []
    for key in sorted({_group(record) for record in latest.values()}):
        group = [record for record in latest.values() if _group(record) == key]
        _, framing, edition, engine, purpose = key
        asked = [one for one in declared.of(framing, edition, engine, purpose) if one.speaks_of(group[0].question)]
        asked = [one for one in asked if not is_silenced(one, group)]
        verdicts += [judge(expectation, group, declared.alpha(edition)) for expectation in asked]
    return verdicts


def _is_reference(declared, record):
    question = record.question
    known = declared.reference_seeds(question.framing["name"], question.framing["edition"])
    return question.purpose == "learn" and question.seed in known


def _group(record):
    question = record.question
    return record.stack, question.framing["name"], question.framing["edition"], question.engine, question.purpose


def verdict_of_run(declared, record):
    """Return "missed" if this one run breaks what every run must show, else "met": a share says nothing of one seed."""
    framing = record.question.framing
    asked = declared.of(framing["name"], framing["edition"], record.question.engine, record.question.purpose)
    rules = [rule for rule in asked if not _is_judged_by_share(rule, record) and was_asked(rule, record)]
    return worst([judge(rule, [record], 0).name for rule in rules] or ["met"])


def _is_judged_by_share(expectation, record):
    return expectation.is_judged_by_share(expectation.deviation(record.question))


def _needed(expectation, of, alpha):
    if not expectation.is_share:
        return of, of
    return shares.bounds(of, expectation.shown, expectation.of, alpha)


def _absent_sentence(expectation):
    return "{} {} was not observed; {}".format(expectation.framing, expectation.probe, expectation.place)


def _sentence(expectation, records, shown, needed):
    got = "{} {} is {}".format(expectation.framing, expectation.probe, _values(expectation, records))
    count = "{} in {} of {} seeds".format(expectation.wanted, shown, len(records))
    return "{}: {}, {} [{}] {}".format(
        got, count, _rule(expectation, len(records), needed), _who(expectation, records), expectation.place
    )


def _values(expectation, records):
    values = [record.look_up(expectation.probe) for record in records]
    odd = [value for value in values if not expectation.is_shown_by(value)] or values
    spelled = sorted({_spell(value) for value in odd})
    return ", ".join(spelled[:VALUES_NAMED]) + (", ..." if len(spelled) > VALUES_NAMED else "")


def _spell(value):
    return "{:.6g}".format(value) if isinstance(value, float) else "not finite" if value is None else repr(value)


def _rule(expectation, of, needed):
    if not expectation.is_share:
        return "declared in every one"
    least, most = needed
    span = "at least {}".format(least) if most == of else "{} to {}".format(least, most)
    return "declared in {} of {}, so {} of {}".format(expectation.shown, expectation.of, span, of)


def _who(expectation, records):
    installed = records[0].question.distributions
    packages = ["{} {}".format(name, installed[name]) for name in PACKAGES_NAMED if name in installed]
    against = [r.question.seed for r in records if not expectation.is_shown_by(r.look_up(expectation.probe))]
    words = [records[0].stack] + packages + [records[0].question.engine]
    return ", ".join(words) + ("; not in seeds {}".format(seeds.spell(against)) if against else "")
