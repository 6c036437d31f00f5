"""A rule that contradicts itself is refused when it is written, with the place in it."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.events.ballots import Approval, Contests, Decision, Format, Grades, Knapsack, Limits
from shared.events.rules import Completion, EqualShares, Option, Rule
from shared.rules import presets
from shared.rules.together import Finding
from voting.count.allocation import setup

FORMAT: TypeAdapter[Format] = TypeAdapter(Format)


def rule() -> dict[str, Any]:
    """One per canton out of an envelope for youth, then a general ranking."""
    return {
        "groups": {"canton": ["north", "south"], "age": ["youth", "all"], "carrier": []},
        "thresholds": [{"votes": 2}],
        "caps": [{"of": "carrier"}],
        "envelopes": [
            {"name": "all", "amount": 100_00},
            {
                "name": "youth",
                "within": "all",
                "amount": 10_00,
                "options": {"groups": {"age": ["youth"]}},
            },
            {"name": "small", "within": "all", "amount": 20_00, "kind": "most"},
        ],
        "passes": [
            {
                "name": "cantons",
                "envelopes": ["all"],
                "order": {"type": "votes"},
                "quotas": [{"of": "canton", "most": 1, "required": True}],
            },
            {"name": "general", "order": {"type": "equal-shares"}},
        ],
        "ties": {"criteria": ["cost", "option"]},
        "grants": [{"percent": 80, "ceiling": 12_00}],
        "prizes": {"prizes": [{"place": 1, "sponsor": "The Bank", "amount": 5_00}]},
    }


def test_a_rule_is_data_that_comes_back_as_it_was() -> None:
    written = Rule.model_validate_json(TypeAdapter(Any).dump_json(rule()))
    assert Rule.model_validate_json(written.model_dump_json()) == written


BROKEN: list[tuple[str, str, Callable[[dict[str, Any]], Any]]] = [
    (
        "passes.0.quotas.0.of",
        "no kind of group valley",
        lambda r: r["passes"][0]["quotas"][0].update(of="valley"),
    ),
    (
        "passes.0.quotas.0.value",
        "no canton west",
        lambda r: r["passes"][0]["quotas"][0].update(value="west"),
    ),
    ("caps.0.of", "no kind of group person", lambda r: r["caps"][0].update(of="person")),
    (
        "envelopes.1.options.groups.age",
        "no age old",
        lambda r: r["envelopes"][1]["options"]["groups"].update(age=["old"]),
    ),
    (
        "envelopes.0.within",
        "all is within itself",
        lambda r: r["envelopes"][0].update(within="youth"),
    ),
    (
        "envelopes.1.within",
        "there is no envelope valley",
        lambda r: r["envelopes"][1].update(within="valley"),
    ),
    (
        "envelopes",
        "exactly one envelope is within no other",
        lambda r: r["envelopes"][1].pop("within"),
    ),
    ("envelopes.0.amount", "are reserved", lambda r: r["envelopes"][1].update(amount=100_01)),
    ("envelopes.1.name", "all is there twice", lambda r: r["envelopes"][1].update(name="all")),
    (
        "envelopes.1.name",
        "no pass spends youth",
        lambda r: r["passes"][1].update(envelopes=["all"]),
    ),
    (
        "passes.1.envelopes.0",
        "there is no envelope valley",
        lambda r: r["passes"][1].update(envelopes=["valley"]),
    ),
    (
        "passes.1.misfit",
        "equal shares",
        lambda r: r["passes"][1].update(misfit={"policy": "stop"}),
    ),
    (
        "passes.0.misfit.at_least",
        "said with",
        lambda r: r["passes"][0].update(misfit={"policy": "fund-next"}),
    ),
    (
        "passes.0.misfit.at_least",
        "more than all",
        lambda r: r["passes"][0].update(misfit={"policy": "part-fund", "at_least": "5/4"}),
    ),
    (
        "passes.1.order.completion",
        "exactly one",
        lambda r: r["passes"][1]["order"].update(completion={"stop": "overspend"}),
    ),
    ("thresholds.0", "exactly one", lambda r: r["thresholds"][0].update(share="1/20")),
    ("ties.criteria", "no total order", lambda r: r["ties"].update(criteria=["cost"])),
    ("ties.criteria", "last word", lambda r: r["ties"].update(criteria=["ask", "option"])),
    ("ties.seed", "needs a seed", lambda r: r["ties"].update(criteria=["lot"])),
    ("grants.0.percent", "less than or equal to 100", lambda r: r["grants"][0].update(percent=101)),
    ("grants.0.floor", "more than the ceiling", lambda r: r["grants"][0].update(floor=12_01)),
    (
        "prizes.prizes",
        "leave none out",
        lambda r: r["prizes"]["prizes"][0].update(place=2),
    ),
    (
        "passes.0.quotas.0.least",
        "the pass has 1 winners at most",
        lambda r: (
            r["passes"][0].update(most=1),
            r["passes"][0]["quotas"][0].update(least=2, most=2),
        ),
    ),
    (
        "passes.0.quotas.0.least",
        "a cap lets 1 of a canton win",
        lambda r: (
            r.update(caps=[{"of": "canton"}]),
            r["passes"][0]["quotas"][0].update(least=2, most=2),
        ),
    ),
    (
        "envelopes.1.options.cost_below",
        "no cost is below 50 and not below 50",
        lambda r: r["envelopes"][1]["options"].update(cost_from=50, cost_below=50),
    ),
    (
        "grants.0.floor",
        "more than what is fixed",
        lambda r: r.update(grants=[{"fixed": 5_00, "floor": 5_01}]),
    ),
    (
        "passes.1.order.completion.share",
        "by 1/100000 of itself at least",
        lambda r: r["passes"][1]["order"].update(
            completion={"share": "1/100001", "stop": "overspend"}
        ),
    ),
    ("envelopes.0.amount", "valid integer", lambda r: r["envelopes"][0].update(amount=0.5)),
]


@pytest.mark.parametrize(
    ("path", "what", "breaking"),
    BROKEN,
    ids=lambda value: value[:60] if isinstance(value, str) else "broken",
)
def test_a_contradiction_is_refused_with_its_path(
    path: str, what: str, breaking: Callable[[dict[str, Any]], Any]
) -> None:
    broken = rule()
    breaking(broken)
    with pytest.raises(ValidationError) as refused:
        Rule.model_validate(broken)
    said = [
        f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in refused.value.errors()
    ]
    assert any(f"{path}: " in each and what in each for each in said), said


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"type": "approval", "min": 4, "max": 3}, "min"),
        ({"type": "cumulative", "total": 3, "least_total": 4, "most_each": 1}, "least_total"),
        ({"type": "ranking", "points": [1, 2], "max": 2}, "points"),
        ({"type": "score", "low": 3, "high": 2}, "low"),
        ({"type": "grades", "grades": ["poor", "poor"]}, "grades"),
        ({"type": "decision", "members": 5, "quorum": "6/5"}, "quorum"),
    ],
)
def test_a_format_with_limits_that_no_ballot_can_keep_is_refused(
    form: dict[str, Any], path: str
) -> None:
    with pytest.raises(ValidationError, match=f"{path}: "):
        FORMAT.validate_python(form)


def options() -> list[Option]:
    return [
        Option(id=f"{n}", number=n, cost=40_00, groups={"canton": (canton,)})
        for n, canton in enumerate(("north", "north", "south"), start=1)
    ]


def found(changed: Callable[[dict[str, Any]], Any], form: Format | None = None) -> set[str]:
    data = rule()
    changed(data)
    findings = setup.check(Rule.model_validate(data), form or Approval(min=1, max=3), options())
    return {f"{'refused' if f.refused else 'said'} {f.path}: {f.what}" for f in findings}


def test_quotas_that_exceed_an_envelope_are_said_before_opening() -> None:
    assert found(lambda r: None) == set()
    assert found(lambda r: r["passes"][0]["quotas"][0].update(most=2)) == {
        "said passes.0.quotas.0: the quotas exceed the envelope: "
        "12000 cents at least, all has 10000"
    }


def test_a_quota_above_the_number_of_options_is_refused() -> None:
    least = {"of": "canton", "least": 3}
    refused = found(lambda r: r["passes"][0].update(quotas=[least]))
    assert "refused passes.0.quotas.0.least: north has 2 options of 3 in all" in refused
    named = {"of": "canton", "value": "south", "least": 2}
    refused = found(lambda r: r["passes"][0].update(quotas=[named]))
    assert "refused passes.0.quotas.0.least: south has 1 options of 2 in all" in refused


def test_of_who_cast_a_ballot_only_the_tier_is_known() -> None:
    voters = {"groups": {"canton": ["north"]}}
    path = "envelopes.1.voters.groups.canton"
    refused = found(lambda r: r["envelopes"][1].update(voters=voters))
    assert f"refused {path}: of who cast a ballot only the tier is known" in refused
    tier = {"groups": {"tier": ["a"]}}
    known = found(lambda r: (r["groups"].update(tier=["a"]), r["envelopes"][1].update(voters=tier)))
    assert not any("voters" in each for each in known)


@pytest.mark.parametrize(("cents", "said"), [(1, True), (100, False)])
def test_steps_that_no_count_has_time_for_are_said(cents: int, said: bool) -> None:
    """A million euros, a cent at a time: a thousand ballots double their share in 100,000 steps."""
    order = {"type": "equal-shares", "completion": {"cents": cents, "stop": "exhaustive"}}
    findings = found(
        lambda r: (r["envelopes"][0].update(amount=10**8), r["passes"][1].update(order=order))
    )
    what = "said passes.1.order.completion.cents: with fewer than 1000 ballots, 1 cents are many"
    assert any(each.startswith(what) for each in findings) is said


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (Approval(max=1), "refused passes.1.order: no equal shares where a ballot names a single"),
        (Approval(max=2), "said passes.1.order: equal shares want at least three choices"),
        (Approval(min=4, max=4), "refused format.min: there are only 3 options"),
        (Knapsack(cap=1), "refused format.cap: no option costs so little"),
        (Grades(grades=("poor", "good")), "refused passes.1.order: grades are not added up"),
        (Decision(members=3), "refused passes.1.order: equal shares divide money"),
    ],
)
def test_a_rule_that_does_not_fit_the_ballots_is_found(form: Format, said: str) -> None:
    assert any(each.startswith(said) for each in found(lambda r: None, form))


def test_an_option_of_two_territories_is_refused_where_each_has_its_contest() -> None:
    contests = Contests(group="canton", own=Limits(max=2), general=Limits(max=1))
    assert not any("groups" in each for each in found(lambda r: None, contests))
    two = options()[0].model_copy(update={"groups": {"canton": ("south", "north")}})
    findings = setup.check(Rule.model_validate(rule()), contests, [two, *options()[1:]])
    assert Finding("options.1.groups.canton", "in 2 contests, south, north") in findings


def test_a_rule_whose_result_no_event_could_hold_is_refused() -> None:
    """Fifty passes over fifty-one envelopes: 2,550 steps, each with the money of all."""
    inner = [{"name": f"e{n}", "within": "all", "amount": 1} for n in range(50)]
    passes = [{"name": f"p{n}", "order": {"type": "votes"}} for n in range(50)]
    big = {
        "envelopes": [{"name": "all", "amount": 50}, *inner],
        "passes": passes,
        "ties": {"criteria": ["option"]},
    }
    with pytest.raises(ValidationError, match="passes: 2550 steps over 51 envelopes"):
        Rule.model_validate(big)
    Rule.model_validate(big | {"passes": passes[:1]})


def test_a_median_grade_needs_grades() -> None:
    order = {"type": "median-grade", "at_least": "fair"}
    refused = found(lambda r: r["passes"][1].update(order=order))
    assert "refused passes.1.order: a median grade needs ballots with grades" in refused
    refused = found(lambda r: r["passes"][1].update(order=order), Grades(grades=("poor", "good")))
    assert "refused passes.1.order.at_least: no ballot says fair" in refused


def test_presets_are_rules() -> None:
    assert presets.greedy(1000).ties.criteria == ("cost", "option")
    add1 = presets.equal_shares(1000, completion=presets.add1(exhaustive=True))
    assert add1.passes[0].order == EqualShares(completion=Completion(cents=100, stop="exhaustive"))
