"""Every row of the other budgets is a charter, and does what the row says."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from shared.charters import Charter
from shared.charters.check import charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from shared.events.charter import CharterRules
from shared.events.rules import Option
from submission.carriers import limits
from submission.projects.naming import themes
from tests.variants.bullets import (
    cleared,
    deciders,
    funded_on,
    labelled,
    money,
    months,
    sponsored,
    territory,
    theme,
)
from tests.variants.charters import BASE, ROWS, Row, cantons
from tests.variants.effects import (
    TAKEN,
    TODAY,
    asks,
    born,
    code,
    deposits,
    organised,
    plan,
    project,
    votes,
)
from tests.variants.voting import seats
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Result
from voting.count.charters import NoVotePhase, ballot_of, rule_of, vote_of

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "schemes.md"
BY_NAME = {row.called: row for row in ROWS}


def variant(name: str, more: str = "") -> Charter:
    data = merged(read_yaml(BASE), read_yaml(BY_NAME[name].said))
    return charter(merged(data, read_yaml(more)) if more else data)


def rules(name: str, more: str = "") -> CharterRules:
    return variant(name, more).rules


def alike(many: int, cost: int, votes: int = 9, **groups: str) -> list[tuple[Option, int]]:
    """So many projects of one cost, each with a vote less than the one before."""
    found = [project(chr(97 + n), cost, votes + many - n, **groups) for n in range(many)]
    assert len({option.id for option, _ in found}) == many
    return found


def decided(found: CharterRules, projects: Sequence[tuple[Option, int]]) -> Result:
    """The result where each project gets its votes from so many ballots of its own, whatever the
    ballot's format would ask for beside."""
    ballots = [[(place, 1)] for place, (_, votes) in enumerate(projects) for _ in range(votes)]
    form = ballot_of(vote_of(found)).model_copy(update={"min": 0})
    options = [option for option, _ in projects]
    return count(rule_of(found), form, options, profile(ballots, len(options)))


def won(found: CharterRules, *projects: tuple[Option, int]) -> str:
    """The projects that are funded, in the order of their names."""
    return "".join(sorted(decided(found, projects).winners))


def void(
    found: CharterRules, *ballots: Sequence[str], projects: str = "abcdefghij"
) -> dict[str, int]:
    """The codes of ballots that name these projects: the first are of the north, the last of no
    canton, the others of the south."""
    options = [project(id, 1, 0, **_placed(id)) for id in projects]
    named = [[(projects.index(id), 1) for id in ballot] for ballot in ballots]
    result = count(
        rule_of(found),
        ballot_of(vote_of(found)),
        [option for option, _ in options],
        profile(named, len(options)),
    )
    return dict(result.void)


def _placed(id: str) -> dict[str, str]:
    return {} if id > "u" else {"territory": "north" if id < "e" else "south"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.called)
def test_a_row_is_a_charter_that_differs_in_what_the_row_says_and_in_nothing_else(
    row: Row,
) -> None:
    base, found = charter(read_yaml(BASE)).rules, rules(row.called)
    parts = CharterRules.model_fields
    differs = {part for part in parts if getattr(found, part) != getattr(base, part)}
    assert differs == {*read_yaml(row.said)}


@pytest.mark.parametrize("row", [r for r in ROWS if r.forbidden], ids=lambda row: row.called)
def test_what_the_protocol_forbids_is_refused_with_its_reason(row: Row) -> None:
    assert row.forbidden is not None
    more, code, path = row.forbidden
    with pytest.raises(CharterRefused) as caught:
        rules(row.called, more)
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
    assert votes(30, "work")(variant("Gers 1")) == "not_linked", "residents vote"


def test_gers_2_a_project_is_out_when_its_band_is_spent() -> None:
    found = rules("Gers 2")
    small = [project(id, 4_000, 9, category="other") for id in "abc"]
    middle = [project(id, 19_000, 5, category="other") for id in "de"]
    assert set(decided(found, [*small, *middle]).winners) == {*"abcde"}
    many = alike(24, 19_000, category="other")
    assert len(decided(found, many).winners) == 23, "450,000 for this band, whatever others have"


def test_gers_2_youth_has_bands_and_a_cap_of_its_own() -> None:
    found = variant("Gers 2")
    youth = [project(id, 24_000, 9, category="youth") for id in "abc"]
    assert len(decided(found.rules, youth).winners) == 2, "50,000 from 10,000 on"
    assert won(found.rules, project("a", 25_001, 9, category="youth")) == ""
    assert labelled(25_001, "youth")(found) == "cost_over_ceiling"
    assert labelled(50_000, "eligible")(found) == TAKEN


def test_gers_2_keeps_the_winner_of_last_year_out() -> None:
    found = variant("Gers 2")
    assert funded_on(TODAY.replace(year=TODAY.year - 1, month=9))(found) == "earlier_winner"
    assert funded_on(TODAY.replace(year=TODAY.year - 2))(found) == TAKEN


def test_gers_3_wants_three_and_takes_no_other_theme() -> None:
    found = rules("Gers 3")
    assert void(found, "ab", "abc", "abcd") == {"too_few": 1, "too_many": 1}
    assert theme("roads")(variant("Gers 3")) == "theme_unknown"
    assert len(decided(found, alike(6, 100_000)).winners) == 5, "500,000 of the million"


def test_landes_2_is_from_seven_and_gives_no_more_than_its_cap() -> None:
    found = variant("Landes 2")
    assert votes(6, consent=True)(found) == "too_young"
    assert votes(7, consent=True)(found) == TAKEN
    assert asks(100_001)(found) == "cost_over_ceiling"
    assert len(decided(found.rules, alike(16, 100_000)).winners) == 15


def test_landes_3_goes_beyond_a_band_by_what_is_allowed() -> None:
    found = rules("Landes 3")
    assert void(found, "a", "ab", "abcdefg") == {"too_few": 1, "too_many": 1}
    small = decided(found, alike(36, 14_421)).options
    assert sum(each.amount for each in small) == 35 * 14_421_00 > 500_000_00
    without = rules("Landes 3", BY_NAME["Landes 3"].said.replace("overshoot: 4 761 EUR, ", ""))
    assert len(decided(without, alike(36, 14_421)).winners) == 34


def test_landes_3_ranks_each_band_by_itself() -> None:
    found = rules("Landes 3")
    middle = [project(id, 69_000, 90) for id in "abcdefghijk"]
    others = [project("y", 90_000, 1), project("z", 14_000, 1), project("x", 100_001, 99)]
    winners = decided(found, [*middle, *others]).winners
    assert {*"yz"} < {*winners} and len(winners) == 12, "ten of 69,000 are in the middle band"
    assert "x" not in winners, "beyond the exceptional band"


def test_landes_4_has_two_a_canton_and_one_of_them_is_of_youth() -> None:
    found = rules("Landes 4")
    others = [project(id, 10_000, 9, territory="north", category="x") for id in "ab"]
    youth = project("c", 10_000, 1, territory="north", category="youth")
    assert set(decided(found, [*others, youth]).winners) == {"a", "c"}
    assert set(decided(found, others).winners) == {"a", "b"}, "where none exists"


def test_landes_4_asks_for_an_interest_and_caps_youth_lower() -> None:
    found = variant("Landes 4")
    assert deposits()(found) == "links_missing"
    assert deposits(30, "interest")(found) == TAKEN
    assert deposits(18, "interest", category="youth")(found) == "category_refused"
    assert labelled(30_001, "youth")(found) == "cost_over_ceiling"
    assert labelled(50_000, "eligible")(found) == TAKEN


@pytest.mark.parametrize("name", ["Lot-et-Garonne 1", "Meuse"])
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


@pytest.mark.parametrize(
    "name", ["Lot-et-Garonne 1", "Dordogne 1", "Gironde 2", "Landes 4", "Nièvre"]
)
def test_a_part_of_the_money_is_of_youth_alone(name: str) -> None:
    """However many votes others have, 100,000 euros are not theirs."""
    found = rules(name)
    envelope = found.envelope or 0
    others = project("b", envelope // 100 - 50_000, 9, territory="north", category="x")
    youth = project("a", 90_000, 1, territory="north", category="youth")
    assert won(found, others, youth) == "a"


@pytest.mark.parametrize(
    ("name", "cap"),
    [
        *(("Landes 2", 100_000), ("Landes 4", 50_000), ("Gers 2", 50_000), ("Dordogne 1", 36_000)),
        *(("Dordogne 2", 12_000), ("Seine-Saint-Denis (2019 design)", 50_000)),
        *(("Gironde 2", 20_000), ("Tarn 1", 40_000)),
    ],
)
def test_no_dossier_asks_for_more_than_the_cap(name: str, cap: int) -> None:
    found = variant(name)
    assert (asks(cap)(found), asks(cap + 1)(found)) == (TAKEN, "cost_over_ceiling")


@pytest.mark.parametrize(
    ("name", "age"),
    [("Landes 3", 7), ("Dordogne 2", 8), ("Tarn 1", 16), ("Calais", 8), ("Gironde 2", 11)],
)
def test_voters_have_the_age_of_their_row(name: str, age: int) -> None:
    found = variant(name)
    assert votes(age - 1, consent=True)(found) == "too_young"
    assert votes(age, consent=True)(found) == TAKEN


@pytest.mark.parametrize("name", ["Lot-et-Garonne 2", "Lot-et-Garonne 3", "Aude 2"])
def test_exactly_three_or_void(name: str) -> None:
    assert void(rules(name), "ab", "abc", "aei") == {"too_few": 1}, "of any canton"


def test_lot_et_garonne_2_asks_a_parent_below_fifteen_and_has_themes_and_labels() -> None:
    found = variant("Lot-et-Garonne 2")
    assert votes(14)(found) == "consent_missing"
    assert votes(15)(found) == TAKEN
    assert len(themes(found.rules)) == 5
    assert theme("roads")(found) == "theme_unknown"
    assert labelled(1_000, "rural")(found) == TAKEN
    assert labelled(1_000, "eligible")(found) == "family_unknown"


def test_aude_2_is_sworn_on_the_web_and_stays_the_larger_part() -> None:
    found = variant("Aude 2")
    assert votes(30, "live", sworn=False)(found) == "not_sworn"
    assert plan(500, 1_000)(found) == "budget_minority"
    assert plan(501, 1_000, public=499)(found) == TAKEN
    assert plan(75_001, 75_001)(found) == "asked_over_ceiling"


def test_aude_3_has_ideas_for_a_canton_or_for_all() -> None:
    found = variant("Aude 3")
    assert deposits(10)(found) == "age_refused"
    places = ("north", "whole", "paris")
    assert [territory(each)(found) for each in places] == [TAKEN, TAKEN, "territory_unknown"]


def test_nievre_pays_youth_in_full_and_schools_from_their_own_money() -> None:
    found = variant("Nièvre")
    assert plan(801, 1_000)(found) == "over_rate"
    assert plan(1_000, 1_000, category="youth")(found) == TAKEN
    assert plan(15_001, 20_000)(found) == "asked_over_ceiling"
    general = project("a", 370_000, 9, category="other")
    school = project("b", 30_000, 1, category="schools")
    assert won(found.rules, general, school) == "b", "100,000 and 30,000 are not for all"
    assert won(found.rules, project("a", 250_000, 9, category="other"), school) == "ab"
    assert votes(30, "work")(found) == "not_linked"
    assert votes(30, "neighbour")(found) == TAKEN


def test_seine_saint_denis_has_three_of_the_own_canton_and_three_of_all() -> None:
    found = rules("Seine-Saint-Denis (2019 design)")
    assert void(found, "abc", "abcd", "ae") == {"too_many": 1, "two_territories": 1}
    assert void(found, "abcxyz", projects="abcxyz") == {}, "those of nowhere are of all"


def test_seine_saint_denis_funds_as_many_as_fit_each_envelope() -> None:
    found = rules("Seine-Saint-Denis (2019 design)")
    north = [project(id, 50_000, 90, territory="north") for id in "abc"]
    canton = project("d", 50_000, 1, territory="canton-21")
    general = [project(id, 50_000, 40 - n) for n, id in enumerate("fghijklmnop")]
    winners = decided(found, [*north, canton, *general]).winners
    assert len({*winners} & {*"abc"}) == 2, "100,000 in the north, and the rest is not its own"
    assert "d" in winners and "p" not in winners
    assert len({*winners} & {*"fghijklmno"}) == 10, "500,000 of the département"


def test_seine_saint_denis_builds_itself_and_asks_for_a_link() -> None:
    found = variant("Seine-Saint-Denis (2022)")
    numbers = variant("Seine-Saint-Denis (2022)", "funding: {identifiers: [siret]}")
    assert cleared("association")(numbers) == (), "nobody gets money, so nobody is checked"
    assert votes(30, "interest")(found) == "not_linked"
    assert votes(30, "study")(found) == TAKEN
    large = project("a", 2_900_000, 90, territory="whole")
    canton = project("b", 125_000, 1, territory="canton-21")
    assert won(found.rules, large, canton) == "b"


def test_tarn_1_has_one_a_canton_and_two_of_the_departement() -> None:
    found = rules("Tarn 1")
    whole = [project(id, 10_000, 9 - n, territory="whole") for n, id in enumerate("abc")]
    canton = [project(id, 10_000, 1, territory="north") for id in "de"]
    assert set(decided(found, [*whole, *canton]).winners) == {"a", "b", "d"}
    last = project("f", 10_000, 1, territory=cantons(23)[-1])
    assert won(found, *whole, *canton, last) == "abdf"
    assert void(found, "abcdefgh", "abcdefghi") == {"too_many": 1}


def test_tarn_3_gives_each_label_its_money_and_asks_a_representative() -> None:
    found = variant("Tarn 3")
    assert deposits(15)(found) == "age_refused"
    assert [limits.needs_consent(found.rules, limits.Depositor("person", born(age)), TODAY)
            for age in (17, 18)] == [True, False]  # fmt: skip
    young = TODAY.replace(year=TODAY.year - 2)
    assert organised(founded_on=young)(found) == "carrier_too_young"
    others = project("c", 700_000, 99, category="x", family="eligible")
    youth = project("a", 119_000, 1, category="youth", family="eligible")
    sport = project("b", 199_000, 1, category="x", family="sport")
    assert won(found.rules, others, youth, sport) == "ab", "680,000 are for all"


def test_gironde_1_is_of_youth_and_of_a_commission() -> None:
    found = variant("Gironde 1")
    assert [deposits(age)(found) for age in (10, 11, 30, 31)] == [
        "age_refused", TAKEN, TAKEN, "age_refused",
    ]  # fmt: skip
    assert deciders(found) == ("commission in instruction",)
    assert seats(40)(found) == "seats_taken"
    with pytest.raises(NoVotePhase):
        vote_of(found.rules)


def test_herault_takes_investments_of_one_to_three_years() -> None:
    found = variant("Hérault 3")
    assert deposits(10)(found) == "age_refused"
    assert money("operating")(found) == "nature_refused"
    assert money("investment")(found) == TAKEN
    refused = "months_refused"
    said = [months(each)(found) for each in ("11", "12", "36", "37")]
    assert said == [refused, TAKEN, TAKEN, refused]


def test_charente_has_one_theme_and_one_project_for_each_holder() -> None:
    found = variant("Charente 2")
    assert theme("roads")(found) == "theme_unknown"
    assert code(lambda: limits.check_ideas(found.rules, 9)) == TAKEN
    assert code(lambda: limits.check_voted(found.rules, [["a", "b"]])) == "too_many_of_carrier"
    assert sponsored("person")(found) == "sponsor_missing"


def test_grenoble_asks_for_one_of_three_ties() -> None:
    found = variant("Grenoble")
    assert votes(15, "live", consent=True)(found) == "too_young"
    assert votes(16, "second-home")(found) == "not_linked"
    assert votes(16, "study")(found) == TAKEN


def test_calais_takes_three() -> None:
    assert void(rules("Calais"), "abc", "abcd") == {"too_many": 1}


def test_pont_pean_funds_the_best_grades_within_ten_thousand() -> None:
    found = rules("Pont-Péan")
    options = [project(id, 6_000, 0)[0] for id in "ab"]
    ballots = [[(0, 1), (1, 2)], [(0, 2), (1, 2)], [(0, 0), (1, 1)]]
    result = count(rule_of(found), ballot_of(vote_of(found)), options, profile(ballots, 2))
    assert result.winners == ("b",)
