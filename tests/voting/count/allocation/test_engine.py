"""Rules in all their parts: each as an example small enough to be counted by hand."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from shared.events.ballots import Approval, Decision, Format, Grades, PlusMinus
from shared.events.rules import Option, Rule
from voting.count.allocation.engine import count
from voting.count.allocation.limits import Limits
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Decided, Result, Tied

ENOUGH = 1_000


def option(id: str, cost: int, votes: int = 0, **facts: Any) -> tuple[Option, int]:
    """An option with what it gets; keywords that are no fields of it are its values in groups."""
    fields = {k: facts.pop(k) for k in list(facts) if k in Option.model_fields}
    groups = {
        kind: value if isinstance(value, tuple) else (value,) for kind, value in facts.items()
    }
    number = ord(id[0]) - ord("a") + 1
    return Option(id=id, number=number, cost=cost, groups=groups, **fields), votes


def rule(*passes: dict[str, Any], budget: int = ENOUGH, **parts: Any) -> Rule:
    named = [
        {"name": f"p{n}", "order": {"type": "votes"}, **p} for n, p in enumerate(passes or ({},))
    ]
    kinds = {"canton": (), "age": (), "carrier": (), "site": ()}
    return Rule.model_validate(
        {
            "groups": kinds,
            "envelopes": [{"name": "all", "amount": budget}],
            "passes": named,
            "ties": {"criteria": ["cost", "option"]},
            **parts,
        }
    )


def counted(options: Sequence[tuple[Option, int]], by: Rule, answers: Sequence[str] = ()) -> Result:
    """Each option gets its votes from so many ballots that name it alone."""
    ballots = [[(place, 1)] for place, (_, votes) in enumerate(options) for _ in range(votes)]
    return count(
        by, Approval(max=10), [o for o, _ in options], profile(ballots, len(options)), answers
    )


def of(result: Result, id: str) -> Decided:
    return next(decided for decided in result.options if decided.option == id)


def reasons(result: Result) -> dict[str, str]:
    return {decided.option: decided.reason for decided in result.options}


def test_one_a_canton_then_the_general_ranking() -> None:
    options = [
        option("a", 10, 9, canton="north"),
        option("b", 10, 8, canton="north"),
        option("c", 10, 1, canton="south"),
        option("d", 10, 7, canton="north"),
    ]
    by = rule({"quotas": [{"of": "canton", "most": 1}]}, {}, budget=30)
    result = counted(options, by)
    assert result.winners == ("a", "c", "b")
    assert [step.funded for step in result.steps] == [("a", "c"), ("b",)]
    assert [step.left["all"] for step in result.steps] == [10, 0]
    assert of(result, "d").reason == "does_not_fit"


def test_a_least_is_served_before_all_others_in_one_pass() -> None:
    options = [
        option("a", 10, 9, canton="north"),
        option("b", 10, 8, canton="north"),
        option("c", 10, 1, canton="south"),
    ]
    by = rule({"quotas": [{"of": "canton", "least": 1}]}, budget=20)
    assert counted(options, by).winners == ("a", "c")


def test_all_that_have_a_label_are_funded_whatever_their_votes() -> None:
    options = [option("a", 10, 5), option("b", 10, 0, age="youth")]
    labelled = {"options": {"groups": {"age": ["youth"]}}, "below_threshold": "taken"}
    assert counted(options, rule(labelled, {})).winners == ("b", "a")


def test_a_reserved_envelope_is_only_for_its_own_and_leaves_the_rest_to_its_parent() -> None:
    options = [
        option("a", 40, 9),
        option("b", 30, 8),
        option("c", 15, 1, age="youth"),
        option("d", 10, 2),
    ]
    youth = {
        "name": "youth",
        "within": "all",
        "amount": 20,
        "options": {"groups": {"age": ["youth"]}},
    }
    by = rule(envelopes=[{"name": "all", "amount": 75}, youth])
    result = counted(options, by)
    assert result.winners == ("c", "a", "d")
    assert [dict(step.left) for step in result.steps] == [
        {"all": 60, "youth": 0},
        {"all": 10, "youth": 0},
    ]
    kept = rule(envelopes=[{"name": "all", "amount": 75}, {**youth, "remainder": "next-year"}])
    result = counted(options, kept)
    assert (result.gone, result.steps[-1].left["all"]) == ({"youth": 5}, 5)


def test_a_remainder_goes_to_the_next_sibling_that_has_a_step_to_come() -> None:
    parts = [
        {
            "name": name,
            "within": "all",
            "amount": 20,
            "options": {"groups": {"canton": [name]}},
            "remainder": "next",
        }
        for name in ("north", "south")
    ]
    by = rule(envelopes=[{"name": "all", "amount": 40}, *parts])
    options = [option("a", 15, 1, canton="north"), option("b", 25, 1, canton="south")]
    result = counted(options, by)
    assert result.winners == ("a", "b")
    assert [dict(step.left) for step in result.steps] == [
        {"all": 0, "north": 0, "south": 25},
        {"all": 0, "north": 0, "south": 0},
        {"all": 0, "north": 0, "south": 0},
    ]


def test_a_most_envelope_limits_what_its_options_get_from_anywhere() -> None:
    large = {
        "name": "large",
        "within": "all",
        "amount": 50,
        "kind": "most",
        "options": {"cost_from": 30},
    }
    by = rule({"envelopes": ["all"]}, envelopes=[{"name": "all", "amount": 100}, large])
    options = [option("a", 30, 9), option("b", 40, 8), option("c", 20, 7)]
    result = counted(options, by)
    assert result.winners == ("a", "c")
    assert of(result, "b").reason == "limit"
    assert of(result, "b").facts == {"envelope": "large", "needs": 40, "left": 20}


def test_an_overshoot_is_money_that_is_there_for_winners_alone() -> None:
    options = [option("a", 60, 9), option("b", 50, 8)]
    envelope = {"name": "all", "amount": 100}
    assert counted(options, rule(envelopes=[{**envelope, "overshoot": 9}])).winners == ("a",)
    result = counted(options, rule(envelopes=[{**envelope, "overshoot": 10}]))
    assert (result.winners, result.steps[0].left["all"]) == (("a", "b"), -10)


def test_only_the_ballots_that_an_envelope_admits_decide_it() -> None:
    options = [option("a", 10)[0], option("b", 10)[0]]
    ballots = profile(
        [[(0, 1)], [(0, 1)], [(1, 1)]],
        2,
        kinds=[0, 0, 1],
        groups=[{"age": ("all",)}, {"age": ("youth",)}],
    )
    envelope = {"name": "all", "amount": 10, "voters": {"groups": {"age": ["youth"]}}}
    assert count(rule(envelopes=[envelope]), Approval(max=1), options, ballots).winners == ("b",)


@pytest.mark.parametrize(
    ("misfit", "winners", "left"),
    [
        ({"policy": "skip"}, ("a", "c"), 0),
        ({"policy": "stop"}, ("a",), 20),
        ({"policy": "fund-next", "at_least": "1/2"}, ("a", "b"), -20),
        ({"policy": "fund-next", "at_least": "2/3"}, ("a", "c"), 0),
        ({"policy": "fund-next", "at_least": "2/3", "otherwise": "stop"}, ("a",), 20),
        ({"policy": "part-fund", "at_least": "1/2"}, ("a", "b"), 0),
    ],
)
def test_what_happens_to_an_option_that_does_not_fit(
    misfit: dict[str, Any], winners: tuple[str, ...], left: int
) -> None:
    options = [option("a", 30, 9), option("b", 40, 8), option("c", 20, 7)]
    result = counted(options, rule({"misfit": misfit}, budget=50))
    assert result.winners == winners
    assert result.steps[0].left["all"] == left
    if "c" not in winners:
        assert of(result, "c").reason == "after_stop"
    if misfit["policy"] == "part-fund":
        assert (of(result, "b").reason, of(result, "b").amount) == ("part_funded", 20)


def test_options_of_one_carrier_or_one_site_exclude_one_another() -> None:
    options = [
        option("a", 1, 9, carrier="x"),
        option("b", 1, 8, carrier="x", site="hall"),
        option("c", 1, 7, carrier="y", site="hall"),
        option("d", 1, 6, carrier="z", site=("hall", "park")),
    ]
    result = counted(options, rule(caps=[{"of": "carrier"}, {"of": "site"}]))
    assert result.winners == ("a", "c")
    assert of(result, "b").facts["with"] == "a"
    assert of(result, "d").facts == {"of": "site", "value": "hall", "most": 1, "with": "c"}


def test_no_more_winners_than_there_may_be() -> None:
    options = [option("a", 1, 9), option("b", 1, 8), option("c", 1, 7)]
    assert reasons(counted(options, rule(most_winners=2)))["c"] == "most_winners"
    assert reasons(counted(options, rule({"most": 1})))["b"] == "after_stop"


@pytest.mark.parametrize(
    ("threshold", "winners"),
    [
        ({"votes": 2}, ("a", "b")),
        ({"votes": 3}, ("a",)),
        ({"share": "1/5"}, ("a", "b")),
        ({"share": "2/5"}, ("a",)),
        ({"per_euro": "2"}, ("a", "c")),
    ],
)
def test_thresholds_in_votes_in_shares_and_by_cost(
    threshold: dict[str, Any], winners: tuple[str, ...]
) -> None:
    """7, 2 and 1 of 10 ballots, for costs of 3.50, 1.01 and 0.50 euros."""
    options = [option("a", 350, 7), option("b", 101, 2), option("c", 50, 1)]
    result = counted(options, rule(thresholds=[threshold]))
    assert result.winners == winners
    assert all(d.reason == "below_threshold" for d in result.options if d.option not in winners)


def test_criteria_decide_ties_and_a_loser_is_told_which() -> None:
    options = [
        option("a", 20, 5, filed=2),
        option("b", 10, 5, filed=3),
        option("c", 20, 5, filed=1),
    ]
    result = counted(options, rule(budget=30))
    assert result.winners == ("b", "a")
    assert of(result, "c").reason == "lost_tie"
    assert of(result, "c").facts["to"] == "b"
    assert of(result, "c").facts["criterion"] == "cost"
    by_date = rule(budget=30, ties={"criteria": ["filed", "option"]})
    assert counted(options, by_date).winners == ("c", "b")
    dearest = rule(budget=30, ties={"criteria": ["dearest", "option"]})
    assert counted(options, dearest).winners == ("a", "b")


def test_who_comes_first_for_a_quota_has_won_no_tie() -> None:
    """By the criteria a is before b, which its canton puts before all."""
    options = [option("a", 10, 5), option("b", 10, 5, canton="north"), option("c", 10, 5)]
    quota = {"of": "canton", "least": 1}
    result = counted(options, rule({"quotas": [quota]}, budget=10))
    assert reasons(result) == {"a": "does_not_fit", "b": "funded", "c": "does_not_fit"}
    result = counted(options, rule({"quotas": [quota]}, budget=20))
    assert reasons(result) == {"a": "funded", "b": "funded", "c": "lost_tie"}
    assert of(result, "c").facts["to"] == "a"


def shared_by_four(*costs: int, **order: Any) -> Result:
    """Options a, b, c, … that all of four ballots name, who have 3 each."""
    options = [option("abcdef"[place], cost)[0] for place, cost in enumerate(costs)]
    ballots = [[(place, 1) for place in range(len(costs))]] * 4
    by = rule({"order": {"type": "equal-shares", **order}}, budget=12)
    return count(by, Approval(max=10), options, profile(ballots, len(costs)))


def test_under_equal_shares_a_loser_of_the_same_price_is_told_by_which_criterion() -> None:
    """a and b cost their supporters 2.50 a vote, c more from the beginning."""
    result = shared_by_four(10, 10, 11, utility="cardinality")
    assert reasons(result) == {"a": "funded", "b": "lost_tie", "c": "unaffordable"}
    assert of(result, "b").facts == {"needs": 10, "have": 2, "to": "a", "criterion": "option"}
    # By cost the price of all is the same, and the cheaper comes first.
    result = shared_by_four(11, 10, 12)
    assert reasons(result) == {"a": "lost_tie", "b": "funded", "c": "lost_tie"}
    assert of(result, "c").facts == {"needs": 12, "have": 2, "to": "b", "criterion": "cost"}


def test_a_tie_of_equal_shares_is_lost_only_where_they_count_and_nothing_funds_the_loser() -> None:
    """Two of ten name a and b, which cost all that these two have; the others name c."""
    options = [option(id, cost)[0] for id, cost in (("a", 4), ("b", 4), ("c", 18))]
    ballots = profile([[(0, 1), (1, 1)]] * 2 + [[(2, 1)]] * 8, 3)

    def told(**order: Any) -> dict[str, str]:
        by = rule({"order": {"type": "equal-shares", **order}}, budget=20)
        return reasons(count(by, Approval(max=10), options, ballots))

    assert told() == {"a": "funded", "b": "lost_tie", "c": "unaffordable"}
    assert told(top_up="votes") == {"a": "funded", "b": "funded", "c": "unaffordable"}
    # Eight prefer what greedy funds, c: then no option of equal shares won against another.
    instead = told(comparison={"by": "projects"})
    assert instead == {"a": "outvoted", "b": "unaffordable", "c": "funded"}


def test_a_lot_is_the_order_of_hashes_of_a_public_seed() -> None:
    """`(head -c 16 /dev/zero; printf a) | sha256sum`, and so on: 9c6b…, 12e6…, d5a6…"""
    options = [option("a", 1, 5), option("b", 1, 5), option("c", 1, 5)]
    by = rule(ties={"criteria": ["lot"], "seed": "00" * 16})
    assert counted(options, by).winners == ("b", "a", "c")


def test_a_count_is_suspended_where_officers_have_to_say() -> None:
    options = [option("a", 20, 5), option("b", 20, 5), option("c", 20, 7)]
    ask = {"criteria": ["cost", "ask"]}
    with pytest.raises(Tied) as tied:
        counted(options, rule(budget=40, ties=ask))
    assert (tied.value.options, tied.value.step) == (("a", "b"), ("p0", "all"))
    assert counted(options, rule(budget=40, ties=ask), ["b", "a"]).winners == ("c", "b")
    assert counted(options, rule(budget=60, ties=ask)).winners == ("c", "a", "b")
    assert counted(options, rule(budget=39, ties=ask)).winners == ("c",)
    # Officers said nothing of d and the others.
    three = [*options, option("d", 20, 5)]
    with pytest.raises(Tied) as tied:
        counted(three, rule(budget=60, ties=ask), ["d"])
    assert tied.value.options == ("a", "b", "d")
    assert counted(three, rule(budget=40, ties=ask), ["d", "a", "b"]).winners == ("c", "d")


GREEN = {"of": "theme", "least": 1}


def test_a_promise_to_a_group_makes_an_order_matter_though_all_would_fit() -> None:
    """As soon as a has won, red has what it was promised; b comes after c then."""
    options = [
        option("a", 1, 2, theme="red"),
        option("b", 1, 2, theme="red"),
        option("c", 1, 1, theme="green"),
    ]
    by = rule({"quotas": [GREEN]}, budget=2, ties={"criteria": ["ask"]}, groups={"theme": []})
    with pytest.raises(Tied) as tied:
        counted(options, by)
    assert tied.value.options == ("a", "b")
    assert counted(options, by, ["b", "a"]).winners == ("b", "c")


def test_who_was_promised_as_well_when_a_level_one_won_lost_the_tie_to_it() -> None:
    options = [option(each, 2, 1, theme="green") for each in "ab"]
    by = rule({"quotas": [GREEN]}, budget=3, groups={"theme": []})
    result = counted([*options, option("c", 1, 1)], by)
    assert reasons(result) == {"a": "funded", "b": "lost_tie", "c": "funded"}


def test_nobody_is_asked_about_options_behind_one_that_is_promised() -> None:
    options = [option("a", 2, 1, theme="green"), *(option(other, 2, 1) for other in "bcdefg")]
    by = rule({"quotas": [GREEN]}, budget=2, ties={"criteria": ["ask"]}, groups={"theme": []})
    assert counted(options, by).winners == ("a",)


def test_officers_are_asked_about_what_decides_in_the_step_that_it_decides() -> None:
    """b and a are level in the first step and both lose; of c and d one is funded in the second."""
    envelopes = [{"name": "all", "amount": 6}, {"name": "in", "within": "all", "amount": 1}]
    first = {"envelopes": ["in"], "options": {"cost_below": 3}, "misfit": {"policy": "stop"}}
    by = rule(
        {"name": "first", **first},
        {"name": "then", "envelopes": ["all"], "options": {"cost_from": 3}},
        envelopes=envelopes,
        ties={"criteria": ["ask"]},
    )
    options = [option("a", 2, 1), option("b", 2, 1), option("c", 4, 1), option("d", 4, 1)]
    with pytest.raises(Tied) as tied:
        counted(options, by)
    assert (tied.value.options, tied.value.step) == (("c", "d"), ("then", "all"))


def test_who_can_win_nothing_is_no_part_of_a_question() -> None:
    """Seven are level, but four cost more than there is."""
    options = [option(each, 20 if each < "d" else 90, 1) for each in "abcdefg"]
    by = rule(budget=40, ties={"criteria": ["ask"]})
    with pytest.raises(Tied) as tied:
        counted(options, by)
    assert tied.value.options == ("a", "b", "c")


def test_of_too_many_orders_what_decides_by_itself_is_asked_first() -> None:
    """Eleven pairs have more orders than are counted; only the last of them decides."""
    pairs = [option(f"{name}{n}", 1, 20 - n, theme="green") for n in range(10) for name in "ab"]
    options = [*pairs, option("y", 9, 1), option("z", 9, 1)]
    promised = {"quotas": [GREEN | {"least": 20}]}
    by = rule(promised, budget=30, ties={"criteria": ["ask"]}, groups={"theme": []})
    with pytest.raises(Tied) as tied:
        counted(options, by)
    assert tied.value.options == ("y", "z")


def test_more_options_than_are_tried_in_every_order_are_asked_about() -> None:
    options = [option(each, 10, 1) for each in "abcdefgh"]
    by = rule(budget=40, ties={"criteria": ["ask"]})
    with pytest.raises(Tied) as tied:
        counted(options, by)
    assert tied.value.options == tuple("abcdefgh")
    assert counted(options, by, "hgfedcba").winners == tuple("hgfe")


@pytest.mark.parametrize("criteria", [("option",), ("cost", "ask"), ("filed", "ask")])
def test_the_work_grows_with_the_options_not_with_their_square(
    criteria: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of them lose a tie, under a quota and a cap; where officers are asked as well."""
    many, done = 2_000, Counter[str]()
    options = [
        Option(id=f"{n:04}", number=n + 1, cost=1, filed=n, groups={"theme": (str(n % 20),)})
        for n in range(many)
    ]
    by = rule(
        {"quotas": [GREEN | {"least": 10}]},
        budget=many // 2,
        groups={"theme": []},
        caps=[{"of": "theme", "most": 75}],
        ties={"criteria": criteria},
    )

    def watched(name: str) -> Any:
        original = getattr(Limits, name)

        def watch(*given: Any) -> Any:
            done[name] += 1
            return original(*given)

        return watch

    for name in ("short", "forbidden", "take", "copy"):
        monkeypatch.setattr(Limits, name, watched(name))
    ballots = profile([[(n, 1) for n in range(many)]], many)
    # Where only officers can tell them apart, they said that the last comes first.
    said = [each.id for each in reversed(options)]
    assert len(count(by, Approval(max=many), options, ballots, said).winners) == many // 2
    assert done.total() < 12 * many


def test_a_tie_that_was_tried_and_changes_nothing_puts_nobody_first() -> None:
    """The jury's first step has no money: the order of b and c decides nothing there, and neither
    is before a for it where all three are level."""
    envelopes = [{"name": "all", "amount": 9}, {"name": "none", "within": "all", "amount": 0}]
    jury = {"envelopes": ["none"], "order": {"type": "jury-rank"}, "misfit": {"policy": "stop"}}
    by = rule(
        {"name": "first", **jury},
        {"name": "then", "envelopes": ["all"], "order": {"type": "votes"}},
        envelopes=envelopes,
        ties={"criteria": ["ask"]},
    )
    ranked = [option("c", 1, 1, jury_rank=1), option("b", 1, 1, jury_rank=1), option("a", 1, 1)]
    assert counted(ranked, by).winners == ("a", "b", "c")


def test_a_grant_is_a_part_of_the_cost_and_co_financed() -> None:
    grants = [
        {"options": {"groups": {"age": ["youth"]}}, "ceiling": 50},
        {"percent": 80, "ceiling": 100, "floor": 10, "cofinanced": 15},
    ]
    options = [
        option("a", 33, 5, age="youth"),
        option("b", 99, 5, age="youth"),
        option("c", 99, 5, other_money=15),
        option("d", 200, 5, other_money=40),
        option("e", 100, 5, other_money=14),
        option("f", 10, 5, other_money=4),
        option("g", 100, 5, other_money=90),
    ]
    result = counted(options, rule(grants=grants))
    assert {d.option: d.amount or d.reason for d in result.options} == {
        "a": 33,
        "b": 50,
        "c": 79,
        "d": 100,
        "e": "not_cofinanced",
        "f": "below_floor",
        "g": 10,
    }


@pytest.mark.parametrize(
    ("equal_ranks", "prizes"),
    [
        ("order", {("a", 1, 100), ("b", 2, 50), ("c", 3, 25)}),
        ("each", {("a", 1, 100), ("b", 2, 50), ("c", 2, 50)}),
        ("shared", {("a", 1, 100), ("b", 2, 25), ("c", 2, 25), ("b", 2, 12), ("c", 2, 12)}),
    ],
)
def test_prizes_of_sponsors_and_equal_ranks(
    equal_ranks: str, prizes: set[tuple[str, int, int]]
) -> None:
    options = [
        option("a", 0, jury_rank=1),
        option("b", 0, jury_rank=2),
        option("c", 0, jury_rank=2),
        option("d", 0),
    ]
    given = [
        {"place": place, "sponsor": f"The bank at {place}", "amount": amount}
        for place, amount in ((1, 100), (2, 50), (3, 25))
    ]
    by = rule(
        {"order": {"type": "jury-rank"}}, prizes={"prizes": given, "equal_ranks": equal_ranks}
    )
    result = counted(options, by)
    assert {(prize.option, prize.place, prize.amount) for prize in result.prizes} == prizes
    assert of(result, "d").reason == "not_ranked"


def test_under_equal_shares_winners_of_one_price_are_level_whatever_their_votes() -> None:
    """Each of nine has 10: a is 15 for three, b 10 for two, both 5 each; c and d with the same
    votes are 6 and 8 for one; e and f come with the money that is left, by their votes."""
    options = [
        option("a", 15, 3),
        option("b", 10, 2),
        option("c", 6, 1),
        option("d", 8, 1),
        option("e", 11, 1),
        option("f", 12, 1),
    ]
    given = [{"place": n, "sponsor": "S", "amount": 100 * n} for n in range(1, 7)]
    order = {"type": "equal-shares", "utility": "cardinality", "top_up": "votes"}
    result = counted(
        options,
        rule({"order": order}, budget=90, prizes={"prizes": given, "equal_ranks": "each"}),
    )
    assert result.winners == ("b", "a", "c", "d", "e", "f")
    assert [prize.place for prize in result.prizes] == [1, 1, 3, 4, 5, 5]


def test_whom_only_the_top_up_funds_is_outvoted_with_the_others_where_greedy_counts() -> None:
    """Each of ten has 1: b is bought, a is not, c takes what is left. Six of ten prefer a alone."""
    options = [option("a", 9, 6), option("b", 3, 3), option("c", 7, 1)]
    order = {"type": "equal-shares", "top_up": "votes", "comparison": {"by": "projects"}}
    result = counted(options, rule({"order": order}, budget=10))
    assert reasons(result) == {"a": "funded", "b": "outvoted", "c": "outvoted"}


def votes_of(form: Format, ballots: list[list[tuple[int, int]]], by: Rule) -> Result:
    options = [option(id, 10)[0] for id in "abc"]
    return count(by, form, options, profile(ballots, 3))


def test_a_committee_decides_with_quorum_and_recusals() -> None:
    """Answers: 0 abstain, 1 yes, 2 no, 3 recused; five members, half of them are a quorum."""
    form = Decision(members=5, quorum="1/2", majority="1/2")
    ballots = [
        [(0, 1), (1, 1), (2, 3)],
        [(0, 1), (1, 2), (2, 1)],
        [(0, 2), (1, 0), (2, 1)],
        [(0, 0)],
    ]
    assert reasons(votes_of(form, ballots, rule())) == {
        "a": "funded",  # two to one of four; quorum is three
        "b": "rejected",  # a tie
        "c": "funded",  # two of the four who were not recused
    }
    strict = form.model_copy(update={"quorum": "3/5"})
    assert reasons(votes_of(strict, ballots, rule()))["c"] == "no_quorum"
    counting = form.model_copy(update={"abstentions": "counted"})
    assert reasons(votes_of(counting, ballots, rule()))["a"] == "rejected"


def test_minus_takes_votes_away_and_who_has_none_left_does_not_win() -> None:
    form = PlusMinus(most_plus=2, most_minus=1)
    ballots = [[(0, 1), (1, 1)], [(0, 1), (1, -1)], [(2, -1)]]
    result = votes_of(form, ballots, rule())
    assert {d.option: d.votes for d in result.options} == {"a": 2, "b": 0, "c": -1}
    assert reasons(result) == {"a": "funded", "b": "no_votes", "c": "no_votes"}


def test_median_grades_rank_and_a_poor_median_is_below_the_threshold() -> None:
    form = Grades(grades=("poor", "fair", "good"))
    ballots = [[(0, 2), (1, 1)], [(0, 2), (1, 1)], [(1, 2), (2, 2)]]
    order = {"order": {"type": "median-grade", "at_least": "fair"}}
    result = votes_of(form, ballots, rule(order))
    assert result.winners == ("a", "b")
    assert reasons(result)["c"] == "below_threshold"


def test_who_is_out_says_why() -> None:
    options = [
        option("a", 1, 5, withdrawn="The carrier moved away"),
        option("b", 1, 0),
        option("c", 1, 5, age="youth"),
    ]
    old = {"options": {"groups": {"age": ["old"]}}}
    assert reasons(counted(options, rule())) == {
        "a": "withdrawn",
        "b": "no_votes",
        "c": "funded",
    }
    assert reasons(counted(options, rule(old)))["c"] == "not_admitted"


def test_how_near_a_loser_was_is_said_and_true() -> None:
    options = [option("a", 30, 9), option("b", 40, 8), option("c", 20, 7)]
    result = counted(options, rule(budget=50))
    assert of(result, "b").facts == {"needs": 40, "left": 20, "cheaper_by": 20, "more_votes": 2}
    assert "b" in counted([options[0], option("b", 20, 8), options[2]], rule(budget=50)).winners
    assert "b" in counted([options[0], option("b", 40, 10), options[2]], rule(budget=50)).winners
    assert "b" not in counted([options[0], option("b", 40, 9), options[2]], rule(budget=50)).winners


def test_void_ballots_count_nowhere_and_blank_ones_where_the_rule_says() -> None:
    options = [option("a", 10)[0], option("b", 10)[0]]
    ballots = profile([[(0, 1)], [(0, 1), (1, 1)], [], []], 2)
    for blank, counts in (("counted", 3), ("set-aside", 1)):
        by = rule(electorate={"blank": blank})
        result = count(by, Approval(min=1, max=1), options, ballots)
        assert (result.counted, result.blank, result.void) == (counts, 2, {"too_many": 1})
        assert of(result, "b").votes == 0


def equal(budget: int, **settings: Any) -> Rule:
    return rule(
        {"order": {"type": "equal-shares", **settings}},
        budget=budget,
        electorate={"blank": "counted"},
    )


def test_a_unit_rounds_the_share_down_and_a_top_up_spends_what_is_left() -> None:
    options = [option("a", 30, 3), option("b", 10, 1)]
    assert counted(options, equal(43)).winners == ("a", "b")
    facts = counted(options, equal(43, unit=4)).steps[0].facts
    assert facts["share"] == "8"
    assert counted(options, equal(43, unit=4)).winners == ()
    assert counted(options, equal(43, unit=4, top_up="votes")).winners == ("a", "b")


def test_greedy_counts_instead_where_more_ballots_prefer_it() -> None:
    """Two small camps can pay for theirs, the large one cannot: its option costs nearly all."""
    options = [option("a", 95, 6), option("b", 20, 2), option("c", 20, 2)]
    assert counted(options, equal(100)).winners == ("b", "c")
    for by, ours, theirs in (("projects", 4, 6), ("money", 4, 6), ("excluded", 6, 4)):
        result = counted(options, equal(100, comparison={"by": by}))
        assert result.winners == ("a",)
        facts = result.steps[0].facts
        assert (facts["equal_shares"], facts["greedy"]) == (ours, theirs)
        assert reasons(result)["b"] == "outvoted"


def test_equal_shares_keep_to_caps_and_say_what_supporters_have() -> None:
    options = [option("a", 20, 5, carrier="x"), option("b", 20, 3, carrier="x"), option("c", 30, 2)]
    result = counted(
        options, rule({"order": {"type": "equal-shares"}}, caps=[{"of": "carrier"}], budget=100)
    )
    assert result.winners == ("a",)
    assert reasons(result) == {"a": "funded", "b": "exclusive", "c": "unaffordable"}
    assert of(result, "c").facts == {"needs": 30, "have": 20}


def test_equal_shares_ask_about_a_tie_too() -> None:
    options = [option("a", 20, 2), option("b", 20, 2)]
    ask = {"criteria": ["ask"]}
    order = {"order": {"type": "equal-shares"}}
    assert counted(options, rule(order, budget=40, ties=ask)).winners == ("a", "b")
    by = rule(order, budget=40, ties=ask, most_winners=1)
    with pytest.raises(Tied):
        counted(options, by)
    assert counted(options, by, ["b", "a"]).winners == ("b",)


def test_where_as_many_prefer_greedy_equal_shares_count() -> None:
    options = [option("a", 95, 5), option("b", 20, 2), option("c", 20, 3)]
    for by in ("projects", "money", "excluded"):
        result = counted(options, equal(100, comparison={"by": by}))
        facts = result.steps[0].facts
        assert (facts["equal_shares"], facts["greedy"], facts["result"]) == (5, 5, "equal-shares")
        assert result.winners == ("c", "b")


def test_a_completion_stops_when_nothing_more_fits_or_goes_on_until_overspent() -> None:
    """One of two voters supports both: 3.5 cents pay for b; 6 would pay for a, and 9 for both."""
    options = [option("a", 6)[0], option("b", 3)[0]]
    ballots = profile([[(0, 1), (1, 1)], []], 2)
    for stop, winners, share in (("exhaustive", ("b",), "7/2"), ("overspend", ("a",), "17/2")):
        order = {"type": "equal-shares", "completion": {"cents": 1, "stop": stop}}
        by = rule(
            {"order": order},
            budget=7,
            electorate={"blank": "counted"},
            ties={"criteria": ["option"]},
        )
        result = count(by, Approval(max=2), options, ballots)
        assert result.winners == winners
        assert result.steps[0].facts["last_share"] == share


def test_a_quota_is_the_reason_also_where_equal_shares_have_nothing_to_divide() -> None:
    """An earlier step was allowed to spend more than there was."""
    order = {"type": "votes"}
    rest = {"type": "equal-shares"}
    misfit = {"policy": "fund-next", "at_least": "0"}
    written = {
        "groups": {"area": ["north"]},
        "envelopes": [{"name": "all", "amount": 6}],
        "passes": [
            {"name": "first", "order": order, "misfit": misfit},
            {"name": "rest", "order": rest, "quotas": [{"of": "area", "most": 1}]},
        ],
        "ties": {"criteria": ["option"]},
    }
    by = Rule.model_validate_json(json.dumps(written))
    options = [
        Option(id=name, number=n, cost=cost, groups={"area": ("north",)})
        for n, (name, cost) in enumerate((("a", 7), ("b", 1)), start=1)
    ]
    result = count(by, Approval(max=2), options, profile([[(0, 1), (1, 1)]], 2))
    assert [each.reason for each in result.options] == ["funded", "quota"]
