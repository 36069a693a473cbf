"""Every framing is trained, observed and held against what was declared."""

import pytest

from harness import judging


def test_every_run_is_made_and_written_down(series, invocation):
    for run in series.runs:
        invocation.make(run)
    invocation.progress.clear()


def test_long_runs_end_well(series, invocation):
    invocation.finish_long(series.runs)
    invocation.progress.clear()
    sentences = invocation.reasons(series.runs)
    assert not sentences, "\n".join(sentences)
    assert all(invocation.is_made(run) for run in series.runs)


def test_what_was_declared_holds(series, expectation, invocation, declared, errors_of):
    invocation.make_rest(series.runs)
    invocation.progress.clear()
    records = [invocation.records[digest] for digest in map(invocation.digest, series.runs) if digest in invocation.records]
    alpha = declared.alpha(series.framing.edition)
    if records and judging.is_silenced(expectation, records):
        fail_where_missed([judging.judge(one, records, alpha) for one in errors_of(series)])
        pytest.skip("every run had nothing to ask, or ended with an error, which is judged for itself")
    fail_where_missed([judging.judge(expectation, records, alpha)], invocation.reasons(series.runs))


def fail_where_missed(verdicts, reasons=()):
    told = [verdict.sentence for verdict in verdicts if verdict.name in (*judging.FAILING, "absent")]
    if told:
        pytest.fail("\n".join([*told, *reasons]), pytrace=False)
