"""The atlas as a page: whole, readable without colour, and safe whatever a stack under test wrote."""

from html.parser import HTMLParser

import pytest
from click.testing import CliRunner
from matrix import STATEFUL, checked, ended, fill, job, learnt, seeds, timed, versions, write_night

from harness import framings
from harness.declarations import load
from harness.driver import atlas, cells, commands, nights, report_page, sheets, sources
from harness.driver.atlas import Judgement

VOID = ("meta", "br", "link", "img", "input", "hr")
HOSTILE = "<script>alert(1)</script>"
COLD = {letter: {"answer": "B", "probability": 0.9} for letter in framings.ALPHABET}


class Page(HTMLParser):
    """Every element with its attributes and the text in it; complains where tags do not close in order."""

    def __init__(self, text):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), ""]
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        for element in self._open:
            element[2] += data

    def all(self, *tags):
        """Return (attributes, text) of every element of these kinds."""
        return [(attributes, text.strip()) for tag, attributes, text in self.elements if tag in tags]


@pytest.fixture
def page(store, folder, tmp_path):
    """The page of a night in which one stack missed, one failed, one warned and one was left out."""
    ends = {"cold_starts": COLD, "new_start": "BCDEF", "warm_start": "L", "free_run": "B" * 25}
    for name, loss in (("tf2", 0.5), ("tf2.15", 0.5), ("jax", 1.5)):
        fill(store, learnt(name, 9, loss)._replace(curves={"loss": [3.2, loss]}))
        fill(store, *seeds(name, [loss] * 5, installed=versions("2.15.1", "2.15.0") if name == "tf2.15" else None))
        fill(store, learnt(name, 1, framing=STATEFUL, observations=ends), timed(name), timed(name, framing=STATEFUL))
    fill(store, checked("tf2", defaults={"a": 1}), checked("jax", defaults={"a": 2}, warnings=[HOSTILE], differences=[{}]))
    jobs = job("tf2"), job("tf2.15"), job("jax"), job("torch", state="left out", reason="the budget was spent")
    write_night(store, *jobs, job("tf1.0", state="failed", reason=HOSTILE))
    path = tmp_path / "report.html"
    outcome = CliRunner().invoke(commands.main, ("report", "--html", str(path)))
    assert f"wrote {path}" in outcome.output
    return Page(path.read_text(encoding="utf-8"))


def test_no_cell_is_empty(page):
    assert [attributes for attributes, text in page.all("td", "th", "caption", "summary", "li") if not text] == []


def test_every_verdict_is_a_word(page):
    words = [
        (attributes["class"], text) for attributes, text in page.all("span") if attributes.get("class", "").startswith("v ")
    ]
    assert {text.split()[0] for _, text in words} == {"met", "missed", "failed", "none", "left"}
    assert all(names.split()[1] == text.split()[0] or names == "v left-out" for names, text in words)


def test_every_stack_that_learnt_has_its_curves_drawn_and_said(page):
    drawn = [attributes["aria-label"] for attributes, _ in page.all("svg")]
    assert len(drawn) == 3
    assert drawn[2] == "median loss 3.2 after epoch 1, 1.5 after epoch 2; the band there: 1 seed"


@pytest.fixture
def nights_of_two(store, folder):
    """Three nights in which a stack learnt, the last otherwise, and in each of which another's price alone was taken."""
    for number, digest in enumerate("aab", start=1):
        run, started = f"run-{number}", f"2026-10-0{number}T20:00:00Z"
        fill(store, learnt("tf2", 1, observations={"weights_digest": digest}, invocation=run, started=started))
        fill(store, timed("tf2", invocation=f"price-{number}"), timed("jax", invocation=f"jax-{number}"))
        jobs = [job("tf2", invocation=run), job("tf2", "price", invocation=f"price-{number}")]
        write_night(store, *jobs, job("jax", "price", invocation=f"jax-{number}"), name=f"night-{number}", started=started)


def told_of(tmp_path, *words):
    """Return the items of the page's lists."""
    path = tmp_path / "report.html"
    CliRunner().invoke(commands.main, ("report", "--html", str(path), *words), catch_exceptions=False)
    return [text for _, text in Page(path.read_text(encoding="utf-8")).all("li")]


def test_the_page_tells_what_changed_over_the_nights_of_a_stack(nights_of_two, tmp_path):
    told = told_of(tmp_path)
    assert [text for text in told if text.startswith("2026-10-03")] == [
        "2026-10-03 20:00 (run-3): naive (compiled) came out otherwise from the same seeds; nothing else was installed"
    ]
    assert any(text.startswith("tf2: 3 runs of the suite, 2026-10-01 to 2026-10-03") for text in told)
    assert not any(text.startswith("jax: ") for text in told)


def test_the_terminal_is_told_what_changed_and_of_whom_there_is_nothing_to_tell(nights_of_two):
    assert "tf2, 2026-10-03 20:00 (run-3): naive (compiled) came out" in CliRunner().invoke(commands.main, ["report"]).output
    earlier = CliRunner().invoke(commands.main, ["report", "--night", "night-2"]).output
    assert "nothing changed: tf2" in earlier


def test_the_page_of_an_earlier_night_knows_of_no_later_one(nights_of_two, tmp_path):
    told = told_of(tmp_path, "--night", "night-2")
    assert any(text.startswith("tf2: 2 runs of the suite") and text.endswith("nothing changed") for text in told)


def test_records_that_cannot_be_read_cost_the_history_of_their_stack_alone(nights_of_two, store, tmp_path):
    path = store.records_path("tf2")
    path.write_text(path.read_text().replace('"seed":1', '"seed":"one"', 1))
    assert "tf2: 0 runs of the suite" in " ".join(told_of(tmp_path, "--night", "night-3"))


def test_what_a_stack_wrote_is_text_and_never_markup(page):
    assert page.all("script") == []
    assert [text for _, text in page.all("li") if HOSTILE in text]


def test_the_page_needs_nothing_from_elsewhere(page):
    assert page.all("link", "img", "iframe", "object", "script") == []
    assert {attributes["href"][0] for attributes, _ in page.all("a")} == {"#"}
    assert "url(" not in page.all("style")[0][1]


def test_every_place_that_a_link_names_is_on_the_page(page):
    places = {attributes["id"] for _, attributes, _ in page.elements if "id" in attributes}
    assert {attributes["href"][1:] for attributes, _ in page.all("a")} <= places


def test_tables_have_a_caption_heads_that_name_their_direction_and_a_region_that_keys_can_scroll(page):
    tables, regions = page.all("table"), [one for one, _ in page.all("div") if one.get("class") == "scroll"]
    assert len(tables) == len(page.all("caption")) == len(regions) > 5
    assert {attributes.get("scope") for attributes, _ in page.all("th")} == {"col", "row"}
    assert all(region["tabindex"] == "0" and region["role"] == "region" and region["aria-label"] for region in regions)


def test_the_first_thing_said_is_the_verdict_and_what_changed(page):
    assert page.all("title")[0][1].startswith("missed")
    assert "accuracy" in page.all("ol")[0][1] or "loss rose" in page.all("ol")[0][1]


def test_an_error_that_ended_a_run_is_cut_in_its_cell_and_whole_below(store, folder, tmp_path):
    error = "RuntimeError: " + "<in place> " * 20
    fill(store, ended("torch", 1, error))
    path = tmp_path / "report.html"
    CliRunner().invoke(commands.main, ("report", "--html", str(path)))
    found = Page(path.read_text(encoding="utf-8"))
    assert f"torch, naive, 1 of 1 run: {error}".strip() in [text for _, text in found.all("li")]
    assert [text for one, text in found.all("span") if one.get("class") == "why"] == [error[:60].strip() + "…"]


def test_a_price_that_failed_says_why_in_its_cell(store, folder, tmp_path):
    fill(store, learnt("tf2", 1))
    write_night(store, job("tf2"), job("tf2", phase="price", state="failed", reason=HOSTILE))
    path = tmp_path / "report.html"
    CliRunner().invoke(commands.main, ("report", "--html", str(path)))
    found = Page(path.read_text(encoding="utf-8"))
    assert [text for one, text in found.all("small") if one.get("class") == "why"] == [f"failed: {HOSTILE}"] * 2


def a_judgement(**changes):
    """Return a known deviation."""
    known = Judgement(
        framing="naive",
        edition="2018-08",
        verdict="known",
        claim="Most seeds are good.",
        page="",
        holds=True,
        probe="accuracy",
        where=("naive.toml", 1),
        engine="fit",
        shown=0,
        of=5,
        sentence="naive accuracy is 0.3",
        why="It races.",
        link="https://github.com/keras-team/keras/issues/9174",
    )
    return known._replace(**changes)


def rendered(store, folder, **changes):
    """Return the page of one stack with one known deviation."""
    fill(store, learnt("tf2", 1))
    drawn = sheets.draw(load(folder), sources.gather(store, [], sources.declared()), None, None, ())
    row = drawn.sheets[0].rows[0]
    cell = row.cells[0]._replace(judgements=(a_judgement(**changes),), verdict="known")
    sheet = drawn.sheets[0]._replace(rows=(row._replace(cells=(cell,), verdict="known"),))
    return Page(report_page.render(drawn._replace(sheets=(sheet,))))


def test_a_known_deviation_says_why_and_links_there(store, folder):
    page = rendered(store, folder)
    assert [text for _, text in page.all("li") if "It races." in text]
    assert page.all("a")[-1][0]["href"] == "https://github.com/keras-team/keras/issues/9174"


def test_a_link_that_is_no_address_on_the_web_is_text(store, folder):
    page = rendered(store, folder, link="javascript:alert(1)")
    assert not [one for one, _ in page.all("a") if not one["href"].startswith("#")]
    assert [text for _, text in page.all("li") if "javascript:alert(1)" in text]


def test_an_expectation_of_two_engines_shows_the_worse():
    met = a_judgement(verdict="met", of=20, shown=20, engine="compiled")
    assert report_page.answer([met, a_judgement(verdict="missed")], "none") == ("missed", "missed 0/5")
    assert report_page.answer([met, a_judgement(verdict="met", of=1, shown=1)], "none") == ("met", "met 20/20")
    assert report_page.answer([], "left out") == ("left out", "left out")


def test_every_declared_probe_stands_in_a_column_of_behaviours():
    probes = {entry.probe for entry in load().expectations}
    assert {cells.behaviour_of(probe) for probe in probes} == set(atlas.BEHAVIOURS)


def test_every_word_of_a_night_has_its_rank_among_the_verdicts():
    assert set(nights.STATES) - {"done"} <= set(atlas.WORDS)
    assert atlas.worst(["met", "known", "left out", "failed", "missed"]) == "missed"


def test_the_page_of_thirty_stacks_stays_under_a_megabyte(store, folder):
    names = [f"stack{number}" for number in range(30)]
    asked = {"cold_starts": COLD, "new_start": "BCDEF", "warm_start": "L"}
    runs = [learnt(name, 1, framing=one, observations=asked) for name in names for one in framings.framings()]
    fill(store, *runs, *(checked(name, framing=one) for name in names for one in framings.framings()))
    drawn = sheets.draw(load(), sources.gather(store, [], {}), None, None, ())
    assert 200_000 < len(report_page.render(drawn).encode()) < 1_000_000
