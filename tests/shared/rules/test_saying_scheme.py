"""What a charter says of its scheme is said in sentences: whatever changes reads otherwise."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import shared.rules
from shared.events.charter import CharterRules
from shared.rules.saying import Speech, of_scheme, speech
from shared.web.messages import translations
from tests.contracts.charters import rules

ROOM = Path(shared.rules.__file__).parent
# The parts that these sentences are about; a vote's and a body's own are said elsewhere.
PARTS = (
    *("envelope", "kind", "cycle", "levels", "territories", "submitting", "themes", "themes_open"),
    *("categories", "principles", "costs", "grant", "fund", "documents", "desks", "counters"),
    "funding",
)
OF_VOTE, OF_BODIES = ("links", "sworn", "channels"), ("admitted_by", "days", "amounts")
# Every other word that stands for one of several things somewhere.
WORDS = (
    *("live", "work", "study", "second-home", "interest", "neighbour", "seat", "seat-or-branch"),
    *("person", "collective", "class", "school", "association", "municipality", "operating"),
    *("investment", "before", "after", "nowhere", "next-year", "adviser", "instructor", "siret"),
    *("rna", "signature", "order", "invoice", "report", "carrier", "department", "web", "urn"),
    *("asked", "deliberated", "7 days", "9 months", "citizen-budget", "call-for-projects"),
    *("call-for-interest", "standing-fund"),
)


def spoken(language: str, found: CharterRules) -> Speech:
    return speech(language, translations([ROOM], language), found)


def said(found: CharterRules, language: str) -> list[str]:
    sentences = of_scheme(found, spoken(language, found))
    return [sentence for each in sentences.values() for sentence in each]


def changed(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Other values at each place inside of this one; names that nobody reads are left."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("name", "fr"):
                continue
            if key not in ("en", "role", "percent", "on"):
                yield f"{path}.{key}", {k: v for k, v in value.items() if k != key}
            for where, other in changed(inner, f"{path}.{key}"):
                yield where, {**value, key: other}
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield f"{path}.{number}", [*value[:number], *value[number + 1 :]]
            for where, other in changed(each, f"{path}.{number}"):
                yield where, [*value[:number], other, *value[number + 1 :]]
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int):
        yield path, value + 1
        yield path, value - 1
    else:
        yield from ((path, word) for word in WORDS if word != value)
        if path.endswith(".en"):
            yield path, "something else"


def places() -> Iterator[tuple[str, dict[str, Any]]]:
    """The sample, changed at one place each time."""
    whole = rules().model_dump(mode="json", exclude_none=True)
    for part in PARTS:
        yield part, {name: value for name, value in whole.items() if name != part}
        for where, other in changed(whole[part], part):
            yield where, {**whole, part: other}
    for part, fields in (("vote", OF_VOTE), ("bodies", OF_BODIES)):
        for where, other in changed(whole[part], part):
            if set(where.split(".")) & {*fields}:
                yield where, {**whole, part: other}


def test_what_is_changed_reads_otherwise_in_both_languages() -> None:
    as_it_is = {language: said(rules(), language) for language in ("en", "fr")}
    tried: set[str] = set()
    for where, data in places():
        try:
            other = CharterRules.model_validate_json(json.dumps(data))
        except ValidationError:
            continue
        if other == rules():
            continue
        tried.add(where)
        assert said(other, "en") != as_it_is["en"], where
        if not where.endswith(".en"):
            assert said(other, "fr") != as_it_is["fr"], where
    tops = {where.partition(".")[0] for where in tried}
    assert tops == {*PARTS, "vote", "bodies"}
    assert len(tried) > 100


@pytest.mark.parametrize("missing", [(), ("vote", "grant", "fund", "envelope", "costs")])
def test_nothing_is_left_in_english_and_nothing_empty(missing: tuple[str, ...]) -> None:
    found = rules().model_copy(update=dict.fromkeys(missing))
    english, french = (said(found, language) for language in ("en", "fr"))
    assert len(english) == len(french)
    for one, other in zip(english, french, strict=True):
        assert one != other and one.strip()
        assert "%(" not in one + other


def test_what_a_call_does_not_publish_is_said() -> None:
    missing = dict.fromkeys(("vote", "grant", "fund", "envelope", "costs"))
    sentences = said(rules().model_copy(update=missing), "en")
    assert len([each for each in sentences if each.endswith("not published.")]) == 4
