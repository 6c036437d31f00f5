"""Charters that say what ballots say and how they are counted: all that is refused, and where."""

import copy
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
import yaml

from shared.charters.check import charter, read_charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from shared.events.ballots import Approval, Grades, Knapsack
from shared.events.charter import CharterRules
from shared.events.rules import Rule
from voting.count.charters import ballot_of, rule_of, vote_of

NAME = "pas-de-calais-citizen-budget"
PRESETS = {NAME: (resources.files("submission") / "presets" / f"{NAME}.yaml").read_text()}
EDITION = f"preset: {NAME}\nedition: 2027\n"

FORMAT = "{type: approval, min: 0, max: 5}"
RULE = """
groups: {territory: [calaisis, artois], family: []}
thresholds: [{votes: 10}]
caps: [{of: family, value: cooperation, most: 9}]
envelopes:
  - {name: all, amount: 572 000 EUR}
  - name: calaisis
    within: all
    amount: 100 000 EUR
    options: {groups: {territory: [calaisis]}}
    remainder: parent
  - {name: small, within: all, kind: most, amount: 50 000.50 EUR, options: {cost_below: 9 000 EUR}}
passes:
  - name: one-each
    envelopes: [all]
    order: {type: votes}
    quotas:
      - {of: territory, most: 1, required: true}
      - {of: family, least: 1}
  - name: general
    order: {type: equal-shares, completion: {cents: 1 EUR, stop: overspend}}
ties: {criteria: [cost, option]}
grants: [{percent: 80, ceiling: 20 000 EUR, options: {groups: {family: [cooperation]}}}]
prizes: {prizes: [{place: 1, sponsor: La Banque, amount: 500 EUR}]}
"""


def vote(**said: Any) -> dict[str, Any]:
    """An edition of the preset that says this of the vote."""
    return merged(
        read_yaml(PRESETS[NAME]), {"preset": NAME, "edition": "2027", "vote": copy.deepcopy(said)}
    )


def rule() -> dict[str, Any]:
    return read_yaml(RULE)


def form() -> dict[str, Any]:
    return read_yaml(FORMAT)


def refused(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Codes and places of everything that is wrong."""
    with pytest.raises(CharterRefused) as caught:
        charter(data)
    assert all(problem.sentence for problem in caught.value.problems)
    return [(problem.code, problem.path) for problem in caught.value.problems]


def test_an_edition_says_its_ballot_and_its_rule_instead_of_its_presets() -> None:
    said = yaml.safe_dump({"vote": {"format": form(), "rule": rule()}}, allow_unicode=True)
    rules = read_charter(EDITION + said, PRESETS).rules
    assert vote_of(rules).format == Approval(min=0, max=5)
    assert (vote_of(rules).least, vote_of(rules).most, vote_of(rules).outcome) == (None, None, None)
    found = vote_of(rules).rule
    assert found is not None
    assert [envelope.amount for envelope in found.envelopes] == [572_000_00, 100_000_00, 50_000_50]
    assert found.envelopes[2].options.cost_below == 9_000_00
    assert (found.grants[0].ceiling, found.passes[1].order.type) == (20_000_00, "equal-shares")
    assert found.prizes is not None and found.prizes.prizes[0].amount == 500_00
    of = {assumption.of for assumption in rules.assumed}
    assert of.isdisjoint({"vote.least", "vote.outcome", "vote.partial_grants", "vote.ties"})
    assert "vote.minimum_age" in of, "what is still said is still assumed"
    assert CharterRules.model_validate_json(rules.model_dump_json(exclude_none=True)) == rules


def test_without_them_a_charter_decides_as_it_did() -> None:
    rules = read_charter(EDITION, PRESETS).rules
    assert (vote_of(rules).format, vote_of(rules).rule) == (None, None)
    assert ballot_of(vote_of(rules)) == Approval(min=1, max=3, wrong="refused")
    decides = rule_of(rules)
    assert (decides.budget, decides.passes[0].order.type) == (rules.envelope, "votes")
    assert decides.ties.criteria == ("cost", "option")


def test_a_ballot_of_another_type_takes_nothing_over_from_its_presets() -> None:
    preset = {"vote": {"format": {"type": "knapsack", "cap": "1 000 EUR", "max": 9}}}
    another = merged(preset, {"vote": {"format": {"type": "approval", "max": 3}}})
    assert another["vote"]["format"] == {"type": "approval", "max": 3}
    more = merged(preset, {"vote": {"format": {"max": 5}}})
    assert more["vote"]["format"] == {"type": "knapsack", "cap": "1 000 EUR", "max": 5}
    with_cap = charter(vote(format=more["vote"]["format"])).rules
    assert vote_of(with_cap).format == Knapsack(cap=1_000_00, max=5)


def test_what_is_assumed_of_a_rule_has_its_place_in_it() -> None:
    assumed = [{"of": "vote.rule.ties.criteria", "fr": "Un", "en": "One"}]
    data = vote(format=form(), rule=rule()) | {"assumed": assumed}
    assert [each.of for each in charter(data).rules.assumed] == ["vote.rule.ties.criteria"]
    assumed[0]["of"] = "vote.rule.passes.general.order"
    assert charter(data).rules.assumed
    assumed[0]["of"] = "vote.rule.ties.seed"
    assert refused(data) == [("assumption_of_nothing", "assumed.vote.rule.ties.seed")]


GRADED = {"type": "grades", "grades": ["poor", "good"]}
type Breaking = Callable[[dict[str, Any], dict[str, Any]], Any]
# A code, a place in the vote, and how it gets there.
BROKEN: list[tuple[str, str, Breaking]] = [
    # What a ballot says.
    ("missing", "format.max", lambda f, r: f.pop("max")),
    ("missing", "format.type", lambda f, r: f.pop("type")),
    ("malformed", "format.type", lambda f, r: f.update(type="loudest")),
    ("malformed", "format.max", lambda f, r: f.update(max="5")),
    ("malformed", "format.wrong", lambda f, r: f.update(wrong="mended")),
    ("unknown_key", "format.cap", lambda f, r: f.update(cap="5 EUR")),
    ("contradiction", "format.min", lambda f, r: f.update(min=6)),
    (
        "contradiction",
        "format.own.min",
        lambda f, r: anew(
            f, type="contests", own={"min": 3, "max": 2}, general={"max": 2}, group="territory"
        ),
    ),
    (
        "kind_unknown",
        "format.group",
        lambda f, r: anew(f, type="contests", own={"max": 2}, general={"max": 2}, group="canton"),
    ),
    ("malformed", "format.cap", lambda f, r: anew(f, type="knapsack", cap=500)),
    ("malformed", "format.cap", lambda f, r: anew(f, type="knapsack", cap="500")),
    ("contradiction", "format.points", lambda f, r: anew(f, type="ranking", points=[1, 2], max=2)),
    ("contradiction", "format.grades", lambda f, r: anew(f, **GRADED | {"grades": ["a", "a"]})),
    (
        "contradiction",
        "format.quorum",
        lambda f, r: anew(f, type="decision", members=9, quorum="2"),
    ),
    # Its money.
    (
        "malformed",
        "rule.envelopes.0.amount",
        lambda f, r: r["envelopes"][0].update(amount=57200000),
    ),
    (
        "malformed",
        "rule.envelopes.1.amount",
        lambda f, r: r["envelopes"][1].update(amount="1,5 EUR"),
    ),
    ("malformed", "rule.grants.0.ceiling", lambda f, r: r["grants"][0].update(ceiling=2_000_000)),
    (
        "malformed",
        "rule.passes.1.order.completion.cents",
        lambda f, r: r["passes"][1]["order"]["completion"].update(cents="0 EUR"),
    ),
    (
        "envelope_differs",
        "rule.envelopes.0.amount",
        lambda f, r: r["envelopes"][0].update(amount="572 000.01 EUR"),
    ),
    (
        "contradiction",
        "rule.envelopes.0.amount",
        lambda f, r: r["envelopes"][1].update(amount="572 001 EUR"),
    ),
    ("contradiction", "rule.envelopes.1.within", lambda f, r: r["envelopes"][1].update(within="x")),
    # Its groups.
    (
        "not_of_charter",
        "rule.groups.territory",
        lambda f, r: r["groups"]["territory"].append("ternois"),
    ),
    (
        "not_of_charter",
        "rule.groups.family",
        lambda f, r: r["groups"].update(family=["cooperation", "x"]),
    ),
    ("kind_unknown", "rule.groups.canton", lambda f, r: r["groups"].update(canton=["north"])),
    ("not_of_charter", "rule.caps.0.value", lambda f, r: r["caps"][0].update(value="x")),
    (
        "not_of_charter",
        "rule.grants.0.options.groups.family",
        lambda f, r: r["grants"][0]["options"]["groups"].update(family=["cooperation", "x"]),
    ),
    (
        "contradiction",
        "rule.envelopes.1.options.groups.territory",
        lambda f, r: r["envelopes"][1]["options"]["groups"].update(territory=["boulonnais"]),
    ),
    (
        "kind_of_projects",
        "rule.envelopes.1.voters.groups.territory",
        lambda f, r: r["envelopes"][1].update(voters={"groups": {"territory": ["calaisis"]}}),
    ),
    (
        "kind_of_ballots",
        "rule.passes.0.quotas.0.of",
        lambda f, r: (r["groups"].update(tier=[]), r["passes"][0]["quotas"][0].update(of="tier")),
    ),
    # Its passes.
    ("contradiction", "rule.passes.0.quotas.1.of", lambda f, r: r["groups"].pop("family")),
    (
        "contradiction",
        "rule.passes.0.quotas.1.least",
        lambda f, r: r["passes"][0]["quotas"][1].update(least=3, most=2),
    ),
    ("malformed", "rule.passes.0.quotas.1.least", lambda f, r: least(r, 0)),
    (
        "malformed",
        "rule.passes.1.order.type",
        lambda f, r: r["passes"][1].update(order={"type": "x"}),
    ),
    (
        "unknown_key",
        "rule.passes.1.order.units",
        lambda f, r: r["passes"][1]["order"].update(units=1),
    ),
    ("missing", "rule.passes.0.order", lambda f, r: r["passes"][0].pop("order")),
    (
        "contradiction",
        "rule.passes.1.misfit",
        lambda f, r: r["passes"][1].update(misfit={"policy": "stop"}),
    ),
    ("malformed", "rule.passes", lambda f, r: r.update(passes=[])),
    (
        "no_jury",
        "rule.passes.0.order",
        lambda f, r: r["passes"][0].update(order={"type": "jury-rank"}),
    ),
    # The rest of it.
    ("contradiction", "rule.ties.criteria", lambda f, r: r["ties"].update(criteria=["cost"])),
    ("contradiction", "rule.thresholds.0", lambda f, r: r["thresholds"][0].update(share="1/20")),
    ("malformed", "rule.thresholds.0.share", lambda f, r: r["thresholds"][0].update(share="5%")),
    ("malformed", "rule.grants.0.percent", lambda f, r: r["grants"][0].update(percent=101)),
    ("contradiction", "rule.prizes.prizes", lambda f, r: r["prizes"]["prizes"][0].update(place=2)),
    ("missing", "rule.ties", lambda f, r: r.pop("ties")),
    # The two together.
    (
        "not_together",
        "rule.passes.0.order",
        lambda f, r: r["passes"][0].update(order={"type": "median-grade"}),
    ),
    ("not_together", "rule.passes.1.order", lambda f, r: f.update(max=1)),
    ("not_together", "rule.passes.1.order", lambda f, r: anew(f, **GRADED)),
    (
        "not_together",
        "rule.passes.0.order.at_least",
        lambda f, r: (
            anew(f, **GRADED),
            r["passes"][0].update(order={"type": "median-grade", "at_least": "fine"}),
        ),
    ),
    ("not_together", "rule.passes.1.order", lambda f, r: anew(f, type="decision", members=9)),
]


def anew(data: dict[str, Any], **said: Any) -> Any:
    data.clear()
    data.update(said)


def least(data: dict[str, Any], number: int) -> None:
    data["passes"][0]["quotas"][1].update(least=number)


@pytest.mark.parametrize(("code", "place", "breaking"), BROKEN)
def test_a_ballot_or_a_rule_is_refused_with_the_path_of_the_field(
    code: str, place: str, breaking: Breaking
) -> None:
    written, ruled = form(), rule()
    breaking(written, ruled)
    assert (code, f"vote.{place}") in refused(vote(format=written, rule=ruled))


@pytest.mark.parametrize(
    ("said", "code", "place"),
    [
        ({"format": {"type": "approval", "max": 3}, "least": 1}, "said_by_format", "vote.least"),
        ({"format": {"type": "approval", "max": 3}, "most": 3}, "said_by_format", "vote.most"),
        ({"rule": rule(), "outcome": "ranked-until-exhausted"}, "said_by_rule", "vote.outcome"),
        ({"rule": rule(), "ties": "cheaper-first"}, "said_by_rule", "vote.ties"),
        ({"rule": rule(), "partial_grants": False}, "said_by_rule", "vote.partial_grants"),
        ({"rule": rule(), "most": 1}, "not_together", "vote.rule.passes.1.order"),
        ({"rule": None}, "malformed", "vote.rule"),
        ({"format": "approval"}, "malformed", "vote.format"),
    ],
)
def test_nothing_is_said_twice_and_what_is_said_in_short_goes_with_the_rule(
    said: dict[str, Any], code: str, place: str
) -> None:
    assert (code, place) in refused(vote(**said))


@pytest.mark.parametrize("name", ["least", "most", "outcome"])
def test_what_neither_a_format_nor_a_rule_says_has_to_be_said(name: str) -> None:
    data = vote()
    del data["vote"][name]
    assert ("missing", f"vote.{name}") in refused(data)


def test_both_figures_are_told_where_the_rule_gives_out_something_else() -> None:
    ruled = rule()
    ruled["envelopes"][0]["amount"] = "571 000 EUR"
    with pytest.raises(CharterRefused) as caught:
        charter(vote(format=form(), rule=ruled))
    [problem] = caught.value.problems
    assert problem.values == {"amount": "571000", "envelope": "572000"}


def test_everything_is_told_at_once_and_nothing_in_a_rule_hides_the_rest() -> None:
    written, ruled = form(), rule()
    written.update(colour="red", min=9)
    ruled.update(colour="red")
    ruled["ties"]["criteria"] = ["cost"]
    ruled["passes"][0]["quotas"][1]["least"] = 3
    ruled["passes"][0]["quotas"][1]["most"] = 2
    data = vote(format=written, rule=ruled, own_project="excluded")
    assert set(refused(data)) == {
        ("unknown_key", "vote.format.colour"),
        ("contradiction", "vote.format.min"),
        ("unknown_key", "vote.rule.colour"),
        ("contradiction", "vote.rule.ties.criteria"),
        ("contradiction", "vote.rule.passes.0.quotas.1.least"),
        ("own_project_excluded", "vote.own_project"),
    }


def test_a_key_of_the_file_is_no_part_of_the_vote() -> None:
    assert ("unknown_key", "vote.rule") in refused(vote() | {"vote.rule": rule()})


def test_a_ballot_alone_goes_with_the_decision_that_the_preset_makes() -> None:
    rules = charter(vote(format=GRADED)).rules
    assert isinstance(vote_of(rules).format, Grades)
    assert vote_of(rules).outcome == "ranked-until-exhausted"
    assert isinstance(rule_of(rules), Rule)


COMMITTEE = """
name: committee
fr: Comité de labellisation
en: Labelling committee
members: 9
decides: labels
during: labelling
format: {type: decision, members: 9}
"""
JURY = """
name: jury
fr: Jury
en: Jury
members: 7
quorum: 2/3
seats_by: administrator
decides: money
during: vote
format: {type: grades, grades: [poor, fair, good]}
rule:
  envelopes: [{name: all, amount: 20 000 EUR}]
  passes: [{name: all, order: {type: median-grade}}]
  ties: {criteria: [ask]}
"""


def bodies(*written: str, **others: Any) -> CharterRules:
    """An edition with these bodies, the last one with something else in it."""
    said = [read_yaml(each) for each in written]
    said[-1] |= others
    data = merged(read_yaml(PRESETS[NAME]), {"preset": NAME, "edition": "2027", "bodies": said})
    return charter(data).rules


def test_a_charter_has_bodies_that_decide_by_name() -> None:
    committee, jury = bodies(COMMITTEE, JURY).bodies or ()
    assert (committee.members, committee.quorum, committee.rule) == (9, "1/2", None)
    assert committee.seats_by == "returning-officer"
    assert (jury.members, jury.quorum, jury.seats_by) == (7, "2/3", "administrator")
    assert jury.rule is not None and jury.rule.budget == 20_000_00


@pytest.mark.parametrize(
    ("written", "others", "code", "path"),
    [
        (COMMITTEE, {"name": "other"}, "labels_twice", "bodies.other.decides"),
        (COMMITTEE, {}, "name_twice", "bodies.committee"),
        (COMMITTEE, {"quorum": "2/3"}, "contradiction", "bodies.committee.format.quorum"),
        (COMMITTEE, {"quorum": "3/2"}, "contradiction", "bodies.committee.quorum"),
        (COMMITTEE, {"members": 8}, "contradiction", "bodies.committee.format.members"),
        (COMMITTEE, {"during": "vote"}, "contradiction", "bodies.committee.during"),
        (COMMITTEE, {"seats_by": "carrier"}, "malformed", "bodies.committee.seats_by"),
        (
            JURY,
            {"format": {"type": "score", "high": 5}},
            "contradiction",
            "bodies.jury.format.type",
        ),
        (
            JURY,
            {"format": {"type": "ranking", "points": [2, 1], "min": 1, "max": 2}},
            "contradiction",
            "bodies.jury.format.min",
        ),
        (
            JURY,
            {"format": {"type": "approval", "max": 2}},
            "not_together",
            "bodies.jury.rule.passes.0.order",
        ),
        (JURY, {"rule": None}, "contradiction", "bodies.jury.rule"),
        (JURY, {"decides": "opinion"}, "contradiction", "bodies.jury.rule"),
        (JURY, {"decides": "labels"}, "contradiction", "bodies.jury.format.type"),
    ],
)
def test_a_body_that_could_not_decide_is_refused(
    written: str, others: dict[str, Any], code: str, path: str
) -> None:
    with pytest.raises(CharterRefused) as caught:
        bodies(COMMITTEE, written, **others)
    assert (code, path) in [(each.code, each.path) for each in caught.value.problems]
