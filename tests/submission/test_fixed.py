"""What of a published charter can still be amended: each part of it, however far the edition is."""

from typing import Any

import pytest

from shared.charters.check import charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from shared.events.charter import CharterRules
from shared.events.scheme import Labelled
from shared.events.screening import Screening
from submission.programmes.fixed import (
    FIXED_BY,
    IN_USE,
    Standing,
    check_amendment,
    check_title,
)
from tests.contracts.charters import rules as every_part
from tests.shared.charters.broken import BUDGET

STANDINGS = {
    "published": Standing(),
    "deposited": Standing(deposited=True),
    "frozen": Standing(deposited=True, frozen=True),
    "opened": Standing(deposited=True, opened=frozenset({"jury", "readers"})),
    "agreed": Standing(deposited=True, agreed=True),
}
NEVER = dict.fromkeys(STANDINGS, "")
PUBLISHED = dict.fromkeys(STANDINGS, "fixed_published")
FROZEN = NEVER | {"frozen": "fixed_frozen"}
OPENED = NEVER | {"opened": "fixed_opened"}
AGREED = NEVER | {"agreed": "fixed_agreed"}
# Where the sample has not a name that the charter has, and ideas may have it.
NAMED = dict.fromkeys(("deposited", "frozen", "opened", "agreed"), "in_use")
# Part by part, what another value of it is refused by; written down here, and not read where the
# rule is.
REFUSED: dict[str, dict[str, str]] = {
    "preset": PUBLISHED,
    "edition": PUBLISHED,
    "kind": PUBLISHED,
    "phases": dict.fromkeys(STANDINGS, "phases_are_redated"),
    "envelope": FROZEN,
    "cycle": FROZEN,
    "levels": NEVER | NAMED | {"frozen": "fixed_frozen"},
    "territories": NEVER | NAMED | {"frozen": "fixed_frozen"},
    "themes": NEVER | NAMED | {"frozen": "fixed_frozen"},
    "families": NEVER | NAMED | {"frozen": "fixed_frozen"},
    "themes_open": FROZEN,
    "categories": FROZEN,
    "carrier_statuses": FROZEN,
    "submitting": FROZEN,
    "counter_attended": FROZEN,
    "principles": FROZEN,
    "documents": FROZEN,
    "costs": FROZEN,
    "grant": FROZEN,
    "vote": FROZEN,
    "screening": FROZEN,
    "bodies": OPENED,
    "fund": OPENED,
    "funding": AGREED,
    "desks": NEVER | NAMED,
    "counters": NEVER,
    "second_officer": NEVER,
    "assumed": NEVER,
}

# Where the sample has what the charter has.
OTHERWISE: dict[str, Any] = {
    "envelope": 1_00,
    "counter_attended": False,
    "screening": Screening(burst=3),
    "themes": (Labelled(name="air", fr="Air", en="Air"),),
}


def edition(**said: Any) -> CharterRules:
    return charter(merged(read_yaml(BUDGET), said)).rules


def refused(old: CharterRules, new: CharterRules, standing: Standing) -> list[tuple[str, str]]:
    try:
        check_amendment(old, new, standing)
    except CharterRefused as refusal:
        assert all(problem.sentence for problem in refusal.problems)
        return [(problem.code, problem.path) for problem in refusal.problems]
    return []


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("part", sorted(CharterRules.model_fields))
def test_a_part_is_fixed_by_what_depends_on_it_and_by_nothing_else(
    part: str, standing: str
) -> None:
    """Part by standing: every other charter has another value of it."""
    old = edition()
    new = old.model_copy(update={part: OTHERWISE.get(part, getattr(every_part(), part))})
    found = {code for code, _ in refused(old, new, STANDINGS[standing])}
    expected = REFUSED[part][standing]
    assert found == ({expected} if expected else set())


def test_every_part_that_is_fixed_is_one_of_a_charter() -> None:
    assert {*FIXED_BY} | {*IN_USE} <= {*CharterRules.model_fields} == {*REFUSED}


def test_an_amendment_that_changes_nothing_is_none() -> None:
    assert refused(edition(), edition(), Standing()) == [("nothing_amended", "")]


def test_an_edition_is_called_what_it_was_called() -> None:
    check_title("Un budget", "Un budget")
    with pytest.raises(CharterRefused) as caught:
        check_title("Un budget", "Un autre budget")
    [problem] = caught.value.problems
    assert (problem.code, problem.path) == ("title_fixed", "title")
    assert "Un budget" in problem.sentence


def test_a_name_joins_and_is_called_otherwise_but_does_not_leave() -> None:
    nature = {"name": "nature", "fr": "La nature", "en": "Nature"}
    air = {"name": "air", "fr": "Air", "en": "Air"}
    deposited = STANDINGS["deposited"]
    assert refused(edition(), edition(themes=[nature, air]), deposited) == []
    assert refused(edition(), edition(themes=[air]), deposited) == [("in_use", "themes.nature")]
    assert refused(edition(), edition(themes=[air]), Standing()) == []


def test_a_body_is_fixed_by_its_own_round() -> None:
    bodies = read_yaml(BUDGET)["bodies"]
    more = edition(bodies=[{**bodies[0], "en": "The readers"}])
    assert refused(edition(), more, STANDINGS["opened"]) == [("fixed_opened", "bodies.readers.en")]
    assert refused(edition(), more, Standing(opened=frozenset({"jury"}))) == []


@pytest.mark.parametrize(
    ("decides", "fixed"), [("labels", {"families"}), ("money", {"envelope"}), ("admits", set())]
)
def test_what_a_body_votes_on_is_fixed_by_its_first_round(decides: str, fixed: set[str]) -> None:
    old = edition()
    assert old.bodies is not None
    old = old.model_copy(
        update={"bodies": (old.bodies[0].model_copy(update={"decides": decides}),)}
    )
    lower = tuple(each.model_copy(update={"ceiling": 5_000_00}) for each in old.families)
    voting = Standing(deposited=True, opened=frozenset({"readers"}))
    for part, value in (("families", lower), ("envelope", 1_00)):
        new = old.model_copy(update={part: value})
        codes = {code for code, _ in refused(old, new, voting)}
        assert codes == ({"fixed_opened"} if part in fixed else set())
        assert refused(old, new, Standing(deposited=True)) == []
