"""Every row of the other budgets is a charter, and does what the row says."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.charters.check import charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from shared.events.charter import CharterRules
from shared.events.rules import Option
from tests.variants.charters import BASE, ROWS, Row
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Result
from voting.count.charters import ballot_of, rule_of, vote_of

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "schemes.md"
BY_NAME = {row.name: row for row in ROWS}


def rules(name: str, more: str = "") -> CharterRules:
    data = merged(read_yaml(BASE), read_yaml(BY_NAME[name].said))
    return charter(merged(data, read_yaml(more)) if more else data).rules


def project(id: str, cost: int, votes: int, **groups: str) -> tuple[Option, int]:
    """A project of so many euros, with what ballots give it."""
    named = {kind: (value,) for kind, value in groups.items()}
    number = ord(id[0]) - ord("a") + 1
    return Option(id=id, number=number, cost=cost * 100, groups=named), votes


def decided(found: CharterRules, projects: Sequence[tuple[Option, int]]) -> Result:
    """The result where each project gets its votes from so many ballots of its own, whatever the
    ballot's format would ask for beside."""
    ballots = [[(place, 1)] for place, (_, votes) in enumerate(projects) for _ in range(votes)]
    form = ballot_of(vote_of(found)).model_copy(update={"min": 0})
    options = [option for option, _ in projects]
    return count(rule_of(found), form, options, profile(ballots, len(options)))


def void(
    found: CharterRules, *ballots: Sequence[str], projects: str = "abcdefghij"
) -> dict[str, int]:
    """The codes of ballots that name these projects."""
    options = [project(id, 1, 0, territory="north" if id < "e" else "south") for id in projects]
    named = [[(projects.index(id), 1) for id in ballot] for ballot in ballots]
    result = count(
        rule_of(found),
        ballot_of(vote_of(found)),
        [option for option, _ in options],
        profile(named, len(options)),
    )
    return dict(result.void)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_is_a_charter_that_differs_in_what_the_row_says_and_in_nothing_else(
    row: Row,
) -> None:
    base, found = charter(read_yaml(BASE)).rules, rules(row.name)
    parts = CharterRules.model_fields
    differs = {part for part in parts if getattr(found, part) != getattr(base, part)}
    assert differs == {*read_yaml(row.said)}


@pytest.mark.parametrize("row", [r for r in ROWS if r.forbidden], ids=lambda row: row.name)
def test_what_the_protocol_forbids_is_refused_with_its_reason(row: Row) -> None:
    assert row.forbidden is not None
    more, code, path = row.forbidden
    with pytest.raises(CharterRefused) as caught:
        rules(row.name, more)
    assert (code, path) in [(problem.code, problem.path) for problem in caught.value.problems]


def test_the_rows_are_those_of_the_facts() -> None:
    """Where the facts are beside the repository, as they are where it is built."""
    known = {re.sub(r"\s*\(20[0-9, -]+\)$", "", row.name) for row in ROWS}
    if not FACTS.exists():
        assert len(known) >= 20
        return
    part = FACTS.read_text().split("## 12.")[1].split("## 13.")[0]
    first = [
        line.split("|")[1].replace("**", "").strip() for line in part.splitlines() if "|" in line
    ]
    rows = {re.sub(r"\s*\(20[0-9, -]+\)$", "", name) for name in first[2:]}
    assert rows == known


def test_gers_1_takes_six_and_gives_youth_money_to_youth_alone() -> None:
    found = rules("Gers 1")
    assert void(found, "abcdef", "abcdefg") == {"too_many": 1}
    youth = [project(id, 60_000, 9, category="youth") for id in "ab"]
    result = decided(found, [*youth, project("c", 950_000, 20, category="other")])
    assert "c" not in result.winners, "100,000 are youth's"
    assert set(result.winners) == {"a", "b"}


def test_gers_2_a_project_is_out_when_its_band_is_spent() -> None:
    found = rules("Gers 2")
    small = [project(id, 4_000, 9, category="other") for id in "abc"]
    middle = [project(id, 19_000, 5, category="other") for id in "de"]
    assert set(decided(found, [*small, *middle]).winners) == {*"abcde"}
    many = [project(chr(97 + n), 19_000, 30 - n, category="other") for n in range(24)]
    assert len(decided(found, many).winners) == 23, "450,000 for this band, whatever others have"
    assert found.submitting is not None and found.submitting.barred_years == 1


def test_gers_3_wants_three_and_shares_two_cycles() -> None:
    found = rules("Gers 3")
    assert void(found, "ab", "abc", "abcd") == {"too_few": 1, "too_many": 1}
    assert found.cycle is not None and found.cycle.total == 1_000_000_00


def test_landes_3_goes_beyond_a_band_by_what_is_allowed() -> None:
    found = rules("Landes 3")
    assert void(found, "a", "ab", "abcdefg") == {"too_few": 1, "too_many": 1}
    [small] = [each for each in rule_of(found).envelopes if each.name == "small"]
    assert small.overshoot == 4_761_00


def test_landes_4_has_two_a_canton_and_one_of_them_is_of_youth() -> None:
    found = rules("Landes 4")
    others = [project(id, 10_000, 9, territory="north", category="x") for id in "ab"]
    youth = project("c", 10_000, 1, territory="north", category="youth")
    assert set(decided(found, [*others, youth]).winners) == {"a", "c"}
    assert set(decided(found, others).winners) == {"a", "b"}, "where none exists"


@pytest.mark.parametrize("name", ["Lot-et-Garonne 1", "Meuse", "Aude 3"])
def test_the_first_of_each_canton_comes_before_the_rest(name: str) -> None:
    found = rules(name)
    north = [project(id, 400_000, 9 - n, territory="north") for n, id in enumerate("ab")]
    south = project("c", 400_000, 1, territory="south")
    assert set(decided(found, [*north, south]).winners) == {"a", "c"}


@pytest.mark.parametrize(
    ("name", "least"), [("Dordogne 1", 1), ("Gironde 2", 1), ("Dordogne 2", 3)]
)
def test_a_canton_that_is_short_comes_first(name: str, least: int) -> None:
    found = rules(name)
    north = [project(id, 160_000, 9, territory="north") for id in "abcd"]
    south = [project(id, 160_000, 1, territory="south") for id in "efg"[:least]]
    winners = set(decided(found, [*north, *south]).winners)
    assert {option.id for option, _ in south} <= winners


@pytest.mark.parametrize("name", ["Lot-et-Garonne 2", "Lot-et-Garonne 3", "Aude 2"])
def test_exactly_three_or_void(name: str) -> None:
    assert void(rules(name), "ab", "abc") == {"too_few": 1}


def test_nievre_pays_youth_and_schools_from_their_own_money() -> None:
    found = rules("Nièvre")
    assert found.grant is not None
    assert (found.grant.percent, found.grant.full_for) == (80, ("youth",))
    assert {each.name: each.amount for each in rule_of(found).envelopes} == {
        "all": 380_000_00,
        "youth": 100_000_00,
        "schools": 30_000_00,
    }


def test_seine_saint_denis_has_three_of_the_own_canton() -> None:
    found = rules("Seine-Saint-Denis (2019 design)")
    assert void(found, "abc", "abcd", "ae") == {"too_many": 1, "two_territories": 1}


def test_seine_saint_denis_builds_itself_and_asks_for_a_link() -> None:
    found = rules("Seine-Saint-Denis (2022)")
    assert found.funding is not None and found.funding.built_by == "department"
    links = vote_of(found).links
    assert links is not None and (links.of, links.least) == (("live", "work", "study"), 1)


def test_tarn_1_has_one_a_canton_and_two_of_the_departement() -> None:
    found = rules("Tarn 1")
    whole = [project(id, 10_000, 9 - n, territory="whole") for n, id in enumerate("abc")]
    canton = [project(id, 10_000, 1, territory="north") for id in "de"]
    assert set(decided(found, [*whole, *canton]).winners) == {"a", "b", "d"}


def test_the_ages_of_those_who_submit_and_vote_are_apart() -> None:
    tarn, gironde, landes = (rules(name) for name in ("Tarn 3", "Gironde 1", "Landes 2"))
    assert tarn.submitting is not None and gironde.submitting is not None
    assert (tarn.submitting.minimum_age, tarn.submitting.consent_below) == (16, 18)
    assert (tarn.submitting.minimum_years, vote_of(tarn).minimum_age) == (3, 11)
    assert gironde.submitting.maximum_age == 30
    assert vote_of(landes).minimum_age == 7 and vote_of(landes).paper


def test_herault_takes_investments_of_one_to_three_years() -> None:
    costs = rules("Hérault 3").costs
    assert costs is not None
    assert (costs.nature, costs.operating_years_free) == ("investment", 3)
    assert (costs.months_least, costs.months_most) == (12, 36)


def test_charente_has_one_theme_and_one_project_for_each_holder() -> None:
    found = rules("Charente 2")
    assert found.submitting is not None
    assert (found.submitting.most_voted, found.submitting.sponsored) == (1, ("person",))
    assert (len(found.themes or ()), found.themes_open) == (1, None)


def test_pont_pean_funds_the_best_grades_within_ten_thousand() -> None:
    found = rules("*Communes, for the mechanism*")
    options = [project(id, 6_000, 0)[0] for id in "ab"]
    ballots = [[(0, 1), (1, 2)], [(0, 2), (1, 2)], [(0, 0), (1, 1)]]
    result = count(rule_of(found), ballot_of(vote_of(found)), options, profile(ballots, 2))
    assert result.winners == ("b",)
