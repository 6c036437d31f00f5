"""The presets say what is published of each scheme, and mark what is not."""

from gettext import NullTranslations
from importlib import resources

import pytest

from shared.charters.check import Charter, read_charter
from shared.charters.problems import CharterRefused
from shared.events.charter import CharterRules
from shared.rules.saying import of_scheme, speech
from tests.shared.charters.broken import BUDGET

HERE = resources.files("submission") / "presets"
PRESETS = {
    file.name.removesuffix(".yaml"): file.read_text()
    for file in HERE.iterdir()
    if file.name.endswith(".yaml")
}


def edition(name: str, more: str = "") -> Charter:
    return read_charter(f"preset: {name}\nedition: 2027\n{more}", PRESETS)


def rules(name: str) -> CharterRules:
    return edition(name).rules


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_an_edition_of_each_preset_may_be_published(name: str) -> None:
    found = edition(name)
    assert (found.rules.preset, found.rules.edition) == (name, "2027")
    assert found.rules.assumed, "no scheme publishes everything"


def test_the_presets_are_those_of_the_programmes() -> None:
    assert {*PRESETS} == {
        "bid-54",
        "haute-garonne-rebound-fund",
        "moselle-social-innovation",
        "participatory-budget-import",
        "pas-de-calais-citizen-budget",
    }


def test_the_rebound_fund_has_money_for_a_year_and_four_kinds_of_cost() -> None:
    found = rules("haute-garonne-rebound-fund")
    assert found.kind == "standing-fund"
    assert found.fund is not None and found.costs is not None
    assert (found.fund.year_amount, found.fund.project_year_ceiling) == (100_000_00, 15_000_00)
    assert [kind.name for kind in found.costs.kinds or ()] == [
        "operational-study",
        "feasibility-study",
        "impact-qualification",
        "first-employee",
    ]
    assert (found.envelope, found.grant, found.vote) == (None, None, None), "no rate is published"


@pytest.mark.parametrize("name", ["bid-54", "moselle-social-innovation"])
def test_no_amount_is_said_where_none_is_published(name: str) -> None:
    found = rules(name)
    assert (found.envelope, found.grant, found.fund, found.vote) == (None, None, None, None)
    assert not found.families
    [jury] = found.bodies or ()
    assert (jury.decides, jury.amounts, jury.rule) == ("money", "deliberated", None)


def test_the_call_of_moselle_is_for_associations_and_not_for_consumables() -> None:
    found = rules("moselle-social-innovation")
    assert found.submitting is not None and found.costs is not None
    assert found.submitting.dossiers_by == ("association",)
    assert found.submitting.winners_only == ("impact-measurement",)
    assert [each.name for each in found.costs.excluded or ()] == ["consumables"]
    assert len(found.themes or ()) == 4


@pytest.mark.parametrize("outcome", ["ranked-until-exhausted", "all-labelled"])
def test_the_citizen_budget_has_both_outcomes(outcome: str) -> None:
    found = edition("pas-de-calais-citizen-budget", f"vote: {{outcome: {outcome}}}\n").rules
    assert found.vote is not None and found.vote.outcome == outcome
    assert "vote.outcome" not in {each.of for each in found.assumed}


@pytest.mark.parametrize(
    ("name", "unsaid"),
    [
        ("bid-54", {"envelope", "part", "at most", "eligible"}),
        ("haute-garonne-rebound-fund", {"part"}),
        ("moselle-social-innovation", {"envelope", "part", "at most"}),
        ("pas-de-calais-citizen-budget", set()),
    ],
)
def test_an_official_value_that_is_missing_is_read_as_not_published(
    name: str, unsaid: set[str]
) -> None:
    found = rules(name)
    said = of_scheme(found, speech("en", NullTranslations(), found)).values()
    missing = [each for part in said for each in part if each.endswith(": not published.")]
    assert {
        word
        for word in ("envelope", "part", "at most", "eligible")
        for each in missing
        if word in each
    } == unsaid
    assert len(missing) == len(unsaid)


def test_a_preset_that_nobody_knows_is_told_before_all_that_is_missing() -> None:
    with pytest.raises(CharterRefused) as caught:
        read_charter("preset: bid-45\nedition: 2027\n", PRESETS)
    first, *others = caught.value.problems
    assert (first.code, first.path) == ("preset_unknown", "preset")
    assert "bid-45" in first.sentence and "bid-54" in first.sentence
    assert ("missing", "phases") in [(each.code, each.path) for each in others]


def test_a_charter_that_says_everything_needs_no_preset() -> None:
    assert read_charter(BUDGET, PRESETS).rules.preset == "broken"


def test_an_edition_can_leave_out_what_its_preset_says() -> None:
    said = edition("pas-de-calais-citizen-budget", "funding: null\ndesks: null\n").rules
    assert (said.funding, said.desks) == (None, None)
    assert not [each for each in said.assumed if each.of.startswith(("funding", "desks"))]
