"""The rule that a file declares is read as far as it says it, and not a step further."""

from typing import Any

import pytest

from shared.events.ballots import Approval, Cumulative, Ranking, Score
from shared.events.rules import (
    ByVotes,
    Comparison,
    Completion,
    EqualShares,
    Misfit,
    Rule,
    Threshold,
)
from shared.pabulib import Declared, declared, read_bytes
from shared.pabulib.declared import WAYS
from tests.shared.pabulib.files import VOTES, small


def of(kind: str = "approval", rule: str = "greedy", meta: str = "", **changes: str) -> Declared:
    text = small(kind).replace("rule;greedy", f"rule;{rule}")
    text = text.replace("PROJECTS\n", f"{meta}PROJECTS\n")
    for old, new in changes.items():
        text = text.replace(old, new)
    return declared(read_bytes(text.encode(), "town.pb"))


def ruled(found: Declared) -> Rule:
    assert found.rule is not None, found.notes
    return found.rule


def test_greedy_is_most_votes_first_over_one_envelope() -> None:
    rule = ruled(of())
    [only] = rule.passes
    assert only.order == ByVotes()
    assert only.misfit == Misfit()
    assert [(e.name, e.amount) for e in rule.envelopes] == [("all", 1000_00)]
    assert rule.ties.criteria == ("option",)


def test_without_skipping_the_first_misfit_ends_it() -> None:
    assert ruled(of(rule="greedy-no-skip")).passes[0].misfit == Misfit(policy="stop")


def test_a_threshold_is_read_or_asked_for() -> None:
    threshold = "min_project_score_threshold;7\n"
    assert ruled(of(rule="greedy-threshold", meta=threshold)).thresholds == (Threshold(votes=7),)
    missing = of(rule="greedy-threshold")
    assert missing.rule is None
    assert missing.notes == ("the rule has a threshold, and the file does not say which",)


def test_exclusive_projects_are_not_guessed() -> None:
    found = of(rule="greedy-exclusive")
    assert ruled(found).caps == ()
    assert found.notes == ("the file does not say which projects exclude one another",)


SHARES: dict[str, dict[str, Any]] = {
    "equalshares": {},
    "equalshares-comparison": {"comparison": Comparison(by="projects")},
    "equalshares/add1": {"unit": 100, "completion": Completion(cents=100, stop="overspend")},
    "equalshares/add1-comparison": {
        "unit": 100,
        "completion": Completion(cents=100, stop="overspend"),
        "comparison": Comparison(by="projects"),
    },
}


@pytest.mark.parametrize("name", SHARES)
def test_equal_shares_divide_among_all_who_voted(name: str) -> None:
    rule = ruled(of(rule=name))
    assert rule.passes[0].order == EqualShares(**SHARES[name])
    assert rule.electorate.blank == "counted"
    assert rule.ties.criteria == ("cost", "votes", "option")


def test_every_word_of_the_checker_is_known_but_those_that_say_nothing() -> None:
    from pabulib.checker import Checker

    assert {*WAYS, "greedy-custom", "unknown"} == Checker.VALID_RULES


@pytest.mark.parametrize("rule", ["unknown", "greedy-custom", "quota greedy", ""])
def test_a_rule_that_is_not_published_is_said_to_be_none(rule: str) -> None:
    found = of(rule=rule)
    assert found.rule is None
    [note] = found.notes
    assert (repr(rule) if rule else "no rule") in note


def test_poznan_s_custom_is_its_rule_of_four_fifths() -> None:
    rule = ruled(of(rule="greedy-custom", Town="Poznań"))
    assert rule.passes[0].misfit == Misfit(policy="fund-next", at_least="4/5", otherwise="stop")


def test_a_withdrawn_project_is_out_whatever_its_votes() -> None:
    found = of(**{"b;500.25": "b;999999999"})
    assert [option.withdrawn is not None for option in found.options] == [False, True, False]


PARTS = "categories;sport,culture\nbudget_per_category;300,600\n"


@pytest.mark.parametrize(("leftover", "goes"), [("", "nowhere"), ("citywide", "parent")])
def test_parts_of_the_budget_are_envelopes(leftover: str, goes: str) -> None:
    found = of(meta=PARTS + (f"leftover_budget;{leftover}\n" if leftover else ""))
    rule = ruled(found)
    assert [(e.within, e.amount) for e in rule.envelopes] == [
        (None, 1000_00),
        ("all", 300_00),
        ("all", 600_00),
    ]
    assert [e.options.groups for e in rule.envelopes[1:]] == [
        {"category": ("sport",)},
        {"category": ("culture",)},
    ]
    assert {e.remainder for e in rule.envelopes[1:]} == {goes}
    assert Rule.model_validate_json(rule.model_dump_json()) == rule


def test_parts_that_contradict_one_another_are_no_rule() -> None:
    assert of(meta=PARTS.replace("300", "401")).rule is None
    both = of(meta=PARTS + "neighborhoods;North\nbudget_per_neighborhood;5\n")
    assert both.rule is None
    assert "two ways" in both.notes[0]


def test_each_vote_type_is_a_format() -> None:
    found = {kind: of(kind) for kind in VOTES}
    assert found["approval"].form == Approval(min=0, max=3)
    assert found["approval"].choices == ([1, 2], [3], [])
    assert found["choose-1"].form == Approval(min=1, max=1)
    assert found["cumulative"].form == Cumulative(total=6, most_each=4)
    assert found["cumulative"].choices == ([[1, 4], [2, 2]], [[3, 1]], [])
    assert found["scoring"].form == Score(low=-2, high=4)
    assert found["ordinal"].form == Ranking(points=(2, 1), min=0, max=2)
    assert found["ordinal"].choices == ([1, 2], [3, 1], [2, 3])


def test_ranks_with_points_of_the_voters_own_are_scores() -> None:
    found = of("ordinal", **{"1;a,b;2,1": "1;a,b;3,1"})
    assert found.form == Score(low=0, high=3, max=2)
    assert found.choices[0] == [[1, 3], [2, 1]]


def test_ranks_without_points_count_as_pabulib_counts_them() -> None:
    found = of("ordinal", **{";points": "", ";2,1": ""})
    assert found.form == Ranking(points=(2, 1), min=0, max=2)


def test_a_default_score_is_what_a_voter_leaves_out() -> None:
    found = of("scoring", **{"default_score;0": "default_score;-1"})
    assert found.choices == ([[1, 4], [2, -2], [3, -1]], [[1, -1], [2, -1], [3, 1]], [])


def test_ballots_that_the_city_counted_are_not_void() -> None:
    found = of(meta="max_length;1\n")
    assert found.form == Approval(min=0, max=2)
    assert found.notes == ("ballots name 1 to 2 projects, the file allows others",)
