"""Reads `expectations/` strictly: an unknown key is an error, never a guess.

One TOML file per framing; `suite.toml` holds the false-alarm budget and what is expected of every framing alike.
"""

import math
import sys
from pathlib import Path

from harness import framings, probes, record, releases, seeds
from harness.errors import ExpectationError, SeedsError
from harness.expectations import ENGINES, Declared, Deviation, Expectation, Reference

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).resolve().parent.parent / "expectations"
SUITE_FILE = "suite.toml"
ALL_NAMES = (*framings.NAMES, framings.STAGES.name)
BOUNDS = ("at_least", "at_most")


def load(folder=FOLDER):
    """Return everything declared in the folder; ExpectationError names the file and the key at fault."""
    folder = Path(folder)
    paths = sorted(path for path in folder.glob("*.toml") if path.name != SUITE_FILE)
    common, false_alarms = _suite_file(folder / SUITE_FILE)
    files = [_framing_file(path) for path in paths]
    references = {path.stem: references for path, (_, references) in zip(paths, files)}
    return Declared(common + tuple(entry for entries, _ in files for entry in entries), references, false_alarms)


def _suite_file(path):
    content = _read(path)
    _known_keys(content, ("false_alarms", "expect"), path.name)
    rate = content.get("false_alarms")
    if not isinstance(rate, float) or not 0 < rate < 1:
        raise ExpectationError(f"expectations/{path.name}: false_alarms is {rate!r}; allowed is a number between 0 and 1")
    entries = [entry for name in framings.NAMES for entry in _expectations(path, content, name)]
    return tuple(entries), rate


def _framing_file(path):
    content = _read(path)
    _known_keys(content, ("framing", "reference", "expect"), path.name)
    if content.get("framing") not in ALL_NAMES or content["framing"] != path.stem:
        raise ExpectationError(
            f"expectations/{path.name}: framing is {content.get('framing')!r}; "
            f"allowed is the file's own name, one of {', '.join(ALL_NAMES)}"
        )
    references = [_reference(path, table) for table in _tables(path, content, "reference")]
    return _expectations(path, content, path.stem), references


def _expectations(path, content, framing):
    tables = enumerate(_tables(path, content, "expect"), start=1)
    return [_expectation(path, number, table, framing) for number, table in tables]


def _read(path):
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ExpectationError(f"expectations/{path.name} is missing; restore it") from None
    except (ValueError, OSError) as error:
        raise ExpectationError(f"expectations/{path.name} cannot be read as TOML: {error}") from None


def _tables(path, content, key):
    tables = content.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ExpectationError(f"expectations/{path.name}: {key} must be written as [[{key}]] tables")
    return tables


def _known_keys(table, known, where):
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ExpectationError(f"expectations/{where}: unknown key {unknown[0]!r}; known: {', '.join(known)}")


def _reference(path, table):
    where = "{} in reference".format(path.name)
    _known_keys(table, Reference._fields, where)
    missing = sorted(set(Reference._fields) - set(table))
    if missing:
        raise ExpectationError(f"expectations/{where}: key {missing[0]!r} is missing")
    for key in ("records", "seeds"):
        if not isinstance(table[key], str):
            raise ExpectationError(f"expectations/{where}: {key} is {table[key]!r}; allowed is a text")
    _check_seeds(table["seeds"], where)
    editions = _chosen(table["editions"], framings.EDITIONS, "edition", where)
    return Reference(editions, table["records"], table["seeds"])


def _check_seeds(text, where):
    try:
        seeds.parse(text)
    except SeedsError as error:
        raise ExpectationError(f"expectations/{where}: {error}") from None


def _expectation(path, number, table, framing):
    where = "{} in expect {}".format(path.name, number)
    _known_keys(table, Expectation._fields[3:], where)
    for key in ("claim", "probe"):
        if not isinstance(table.get(key), str):
            raise ExpectationError(f"expectations/{where}: {key} is {table.get(key)!r}; allowed is a text")
    _check_values(table, where)
    lists = {
        "editions": _chosen(table.get("editions", framings.EDITIONS), framings.EDITIONS, "edition", where),
        "engines": _chosen(table.get("engines", ENGINES), ENGINES, "engine", where),
        "quantiles": tuple(table.get("quantiles", ())),
        "where": _requirements(table.get("where", ()), where),
        "known": tuple(_deviation(one, where) for one in _tables(path, table, "known")),
    }
    return Expectation(framing, path.name, number, **dict(table, **lists))


def _requirements(found, where):
    if not isinstance(found, (list, tuple)):
        raise ExpectationError(f"expectations/{where}: where is {found!r}; allowed is a list such as ['keras<2.3']")
    for requirement in found:
        releases.check(requirement, where)
    return tuple(found)


def _deviation(table, entry):
    where = "{}, known".format(entry)
    _known_keys(table, Deviation._fields, where)
    for key in ("why", "link"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise ExpectationError(f"expectations/{where}: {key} is {table.get(key)!r}; allowed is a text")
    requirements = _requirements(table.get("where"), where)
    if not requirements:
        raise ExpectationError(f"expectations/{where}: where is empty; a deviation is known of some stacks, not of all")
    _check_share(table, where)
    if ("of" in table) != ("records" in table) or not isinstance(table.get("records", ""), str):
        raise ExpectationError(f"expectations/{where}: a share needs the records that it was counted on, and they need it")
    named = _chosen(table.get("framings", ALL_NAMES), ALL_NAMES, "framing", where)
    return Deviation(**dict(table, where=requirements, framings=named))


def _check_values(table, where):
    _check_one_of(table["probe"].split(".")[0], probes.NAMES, "probe", where)
    _check_one_of(table.get("purpose", "learn"), record.JUDGED, "purpose", where)
    _check_share(table, where)
    bounds = "at_least" in table or "at_most" in table
    if bounds == ("equals" in table):
        raise ExpectationError(f"expectations/{where}: needs either equals or at_least and at_most")
    if table.get("at_least", -math.inf) > table.get("at_most", math.inf):
        raise ExpectationError(f"expectations/{where}: at_least is above at_most, which nothing can meet")


def _check_share(table, where):
    _check_numbers(table, where)
    shown, of = table.get("shown", 0), table.get("of", 1)
    if ("shown" in table) != ("of" in table) or not 0 <= shown <= of or of == 0:
        raise ExpectationError(
            f"expectations/{where}: shown = {table.get('shown')!r}, of = {table.get('of')!r}; "
            "allowed are both, 0 <= shown <= of"
        )


def _check_numbers(table, where):
    kinds = {"at_least": (int, float), "at_most": (int, float), "shown": int, "of": int, "holds": bool, "page": str}
    for key, kind in kinds.items():
        if key in table and not _is_of_kind(table[key], kind):
            allowed = {bool: "true or false", str: "a text"}.get(kind, "a number")
            raise ExpectationError(f"expectations/{where}: {key} is {table[key]!r}; allowed is {allowed}")
    quantiles = table.get("quantiles", [])
    if not isinstance(quantiles, list) or len(quantiles) > len(BOUNDS) or not all(map(_is_part, quantiles)):
        raise ExpectationError(f"expectations/{where}: quantiles is {quantiles!r}; allowed are one or two numbers from 0 to 1")


def _is_part(value):
    return _is_of_kind(value, (int, float)) and 0 <= value <= 1


def _is_of_kind(value, kind):
    is_true_or_false = isinstance(value, bool)
    is_nan = isinstance(value, float) and math.isnan(value)
    return isinstance(value, kind) and is_true_or_false == (kind is bool) and not is_nan


def _check_one_of(value, known, key, where):
    if value not in known:
        raise ExpectationError(f"expectations/{where}: unknown {key} {value!r}; known: {', '.join(known)}")


def _chosen(values, known, key, where):
    """Return the values as a tuple; an ExpectationError if they are no list or one of them is not known."""
    if not isinstance(values, (list, tuple)) or not values:
        raise ExpectationError(f"expectations/{where}: {key}s is {values!r}; allowed is a list of {known}")
    for value in values:
        _check_one_of(value, known, key, where)
    return tuple(values)
