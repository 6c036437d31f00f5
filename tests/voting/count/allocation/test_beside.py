"""What stands beside a decision: another rule's outcome, grades as given, how near options came."""

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from pabutools.analysis.mesanalytics import calculate_effective_support
from pabutools.election import Cardinality_Sat, Cost_Sat

from shared.events.ballots import Approval, Decision, Format, Grades, Score
from shared.events.rules import ByJuryRank, ByMedianGrade, ByVotes, Option, Rule
from shared.rules import presets
from tests.voting.count.allocation.drawn import Small, small
from tests.voting.count.allocation.library import Library
from tests.voting.count.allocation.rounds import FORMAT
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Result
from voting.count.beside import COMPARED, beside, shares

SEED = 11


def elections(*, points: bool = False) -> list[Small]:
    random = Random(SEED)
    return [small(random, points=points) for _ in range(200)]


def shown(election: Small, rule: Rule, result: Result | None = None) -> dict[str, Any]:
    ballots = profile(election.ballots, len(election.options))
    decided = election.count(rule) if result is None else result
    return beside(rule, election.form, election.options, ballots, decided)


def funded(election: Small, winners: list[str]) -> list[int]:
    """Of each ballot that says something, how many of its projects are funded; sorted."""
    ids = [option.id for option in election.options]
    named = [[ids[place] for place, _ in ballot] for ballot in election.ballots if ballot]
    return sorted(sum(id in winners for id in each) for each in named)


@pytest.mark.parametrize("points", [False, True])
def test_both_rules_stand_side_by_side_whichever_decided(points: bool) -> None:
    for election in elections(points=points):
        greedy = presets.one_envelope(election.budget, ByVotes(), ties=("option",))
        equal = presets.one_envelope(election.budget, shares(completed=True), ties=("option",))
        results = [election.count(rule) for rule in (greedy, equal)]
        by_votes, by_shares = (
            shown(election, rule, result)["comparison"]
            for rule, result in zip((greedy, equal), results, strict=True)
        )
        assert (by_votes["decided"], by_shares["decided"]) == ("greedy", "equal-shares")
        assert by_votes["greedy"] == by_shares["greedy"]
        assert by_votes["equal-shares"] == by_shares["equal-shares"]
        winners = [[*result.winners] for result in results]
        assert [by_votes[name]["winners"] for name in ("greedy", "equal-shares")] == winners


def test_voters_are_counted_by_how_many_of_their_projects_are_funded() -> None:
    for election in elections():
        found = shown(election, presets.greedy(election.budget))["comparison"]
        for name in ("greedy", "equal-shares"):
            outcome = found[name]
            each = funded(election, outcome["winners"])
            histogram = [each.count(n) for n in range(max(each, default=0) + 1)]
            assert outcome["voters"] == (histogram if each else [0]), election
            assert sum(outcome["voters"]) == found["voters"]


def test_who_says_nothing_for_a_project_or_something_against_it_has_none_of_hers_funded() -> None:
    options = [Option(id="a", number=1, cost=5)]
    form = Score(low=-1, high=2)
    ballots = profile([[(0, 2)], [(0, 0)], [(0, -1)]], 1)
    rule = presets.greedy(5)
    found = beside(rule, form, options, ballots, count(rule, form, options, ballots))["comparison"]
    assert found["greedy"]["winners"] == ["a"]
    assert found["greedy"]["voters"] == [2, 1]


def test_money_by_size_and_by_territory_is_all_that_was_spent() -> None:
    options = [
        Option(id=name, number=n, cost=cost, groups=groups)
        for n, (name, cost, groups) in enumerate(
            [
                ("a", 10, {"territory": ("north",)}),
                ("b", 20, {"territory": ("north", "south")}),
                ("c", 30, {}),
                ("d", 40, {"territory": ("south",)}),
            ],
            start=1,
        )
    ]
    ballots = profile([[(0, 1), (1, 1), (2, 1), (3, 1)]], 4)
    rule = presets.greedy(1000)
    result = count(rule, Approval(max=4), options, ballots)
    found = beside(rule, Approval(max=4), options, ballots, result)["comparison"]
    assert found["sizes"] == [10, 20]
    assert found["greedy"]["sizes"] == [[1, 10], [1, 20], [2, 70]]
    assert found["greedy"]["territories"] == {
        "": [1, 30],
        "north": [1, 10],
        "north, south": [1, 20],
        "south": [1, 40],
    }
    assert found["greedy"]["voters"] == [0, 0, 0, 0, 1]


FORMS = [
    *({"type": "approval", "max": most} for most in (1, 3)),
    {"type": "knapsack", "cap": 12},
    {"type": "contests", "own": {"max": 1}, "general": {"max": 2}},
    {"type": "cumulative", "total": 4, "most_each": 3},
    {"type": "ranking", "points": [3, 2, 1], "max": 3},
    {"type": "ranking", "points": [1], "max": 1},
    {"type": "score", "high": 2},
    {"type": "plus-minus", "most_plus": 2, "most_minus": 1},
    {"type": "grades", "grades": ["poor", "good"]},
    {"type": "decision", "members": 5},
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_rules_are_compared_where_ballots_make_sense_of_both(form: dict[str, Any]) -> None:
    """Never with ballots that name a single project: equal shares say nothing there."""
    parsed: Format = FORMAT.validate_python(form)
    options = [Option(id=f"{n}", number=n, cost=5) for n in (1, 2, 3)]
    ballots = profile([[(0, 1)], [(1, 1)]], 3)
    rule = presets.greedy(10)
    found = beside(rule, parsed, options, ballots, count(rule, parsed, options, ballots))
    wanted = form["type"] in COMPARED and form.get("max") != 1
    assert ("comparison" in found) is wanted


@pytest.mark.parametrize(
    "rule",
    [
        presets.one_envelope(10, ByJuryRank()),
        presets.greedy(10).model_validate(
            presets.greedy(10).model_dump()
            | {
                "groups": {"area": ()},
                "passes": [
                    {
                        "name": "all",
                        "order": {"type": "votes"},
                        "quotas": [{"of": "area", "least": 1}],
                    }
                ],
            }
        ),
    ],
    ids=["a jury decides", "a least, which equal shares do not know"],
)
def test_what_is_neither_of_both_rules_is_not_compared(rule: Rule) -> None:
    options = [
        Option(id=f"{n}", number=n, cost=5, jury_rank=n, groups={"area": ("x",)}) for n in (1, 2)
    ]
    ballots = profile([[(0, 1)], [(1, 1)]], 2)
    form = Approval(max=2)
    assert beside(rule, form, options, ballots, count(rule, form, options, ballots)) == {}


def test_where_officers_are_asked_about_ties_nobody_is_asked_here() -> None:
    options = [Option(id=f"{n}", number=n, cost=5) for n in (1, 2)]
    ballots = profile([[(0, 1)], [(1, 1)]], 2)
    form, rule = Approval(max=2), presets.one_envelope(5, ByVotes(), ties=("ask",))
    result = count(rule, form, options, ballots, ["2", "1"])
    found = beside(rule, form, options, ballots, result)["comparison"]
    assert found["greedy"]["winners"] == ["2"] and found["equal-shares"]["winners"] == ["1"]


def test_grades_are_shown_as_ballots_gave_them() -> None:
    """Blank and void ballots aside; whoever grades nothing of an option gives it the worst."""
    options = [Option(id=id, number=n, cost=5) for n, id in enumerate("ab", start=1)]
    form = Grades(grades=("poor", "good", "great"), min=1)
    ballots = profile([[(0, 2), (1, 1)], [(0, 1)], []], 2)
    rule = presets.one_envelope(10, ByMedianGrade())
    found = beside(rule, form, options, ballots, count(rule, form, options, ballots))
    assert found == {"grades": {"a": [0, 1, 1], "b": [1, 1, 0]}}


def test_answers_are_shown_as_members_gave_them() -> None:
    options = [Option(id="a", number=1, cost=5)]
    ballots = profile([[(0, 1)], [(0, 1)], [(0, 2)], [(0, 0)], [(0, 3)]], 1)
    form, rule = Decision(members=6), presets.greedy(10)
    found = beside(rule, form, options, ballots, count(rule, form, options, ballots))
    assert found == {"answers": {"a": [1, 2, 1, 1]}}


def naive_support(election: Small, rule: Rule, loser: int, *, by_cost: bool) -> int:
    """The definition in fractions, by trying."""
    result = election.count(rule)
    share = Fraction(str(result.steps[0].facts["last_share"]))
    costs = [option.cost for option in election.options]
    places = {option.id: place for place, option in enumerate(election.options)}
    worth = [{o: v * (costs[o] if by_cost else 1) for o, v in each} for each in election.ballots]
    money, best = [share] * len(worth), Fraction(0)
    for winner in map(places.__getitem__, result.winners):
        backers = [v for v, each in enumerate(worth) if winner in each]
        prices = [
            price
            for split in [Fraction(0), *(money[v] / worth[v][winner] for v in backers)]
            for rich in [[v for v in backers if money[v] > split * worth[v][winner]]]
            if rich
            for price in [
                (costs[winner] - sum(money[v] for v in backers if v not in rich))
                / Fraction(sum(worth[v][winner] for v in rich))
            ]
            if sum(min(money[v], price * worth[v][winner]) for v in backers) == costs[winner]
        ]
        price = min(prices, default=Fraction(0))
        if not prices:
            price = max(money[v] / worth[v][winner] for v in backers)
        covered = sum(
            min(m, price * each[loser])
            for m, each in zip(money, worth, strict=True)
            if loser in each
        )
        best = max(best, covered / Fraction(costs[loser]))
        money = [
            m - min(m, price * each.get(winner, 0)) for m, each in zip(money, worth, strict=True)
        ]
    left = sum(m for m, each in zip(money, worth, strict=True) if loser in each)
    return int(max(best, Fraction(left) / costs[loser]) * 100)


@pytest.mark.parametrize(
    ("points", "utility"), [(False, "cost"), (False, "cardinality"), (True, "cardinality")]
)
def test_effective_support_is_what_its_definition_says(points: bool, utility: str) -> None:
    for election in elections(points=points):
        rule = presets.equal_shares(election.budget, utility=utility)
        support = shown(election, rule).get("support", {})
        winners = set(election.winners(rule))
        anybody = any(election.ballots)
        assert support.keys() == {o.id for o in election.options if anybody}
        for place, option in enumerate(election.options if anybody else ()):
            if option.id in winners:
                assert support[option.id] == 100
            else:
                wanted = naive_support(election, rule, place, by_cost=utility == "cost")
                assert support[option.id] == wanted, (option.id, election)


@pytest.mark.parametrize("utility", ["cost", "cardinality"])
def test_the_library_never_finds_more_support(utility: str) -> None:
    """It looks after each winner is paid, we before: of losers ours is as much or more, and below
    100 unless a tie was lost."""
    sat, close = Cost_Sat if utility == "cost" else Cardinality_Sat, 0
    for election in elections()[:150]:
        rule = presets.equal_shares(election.budget, utility=utility)
        support, winners = shown(election, rule).get("support", {}), election.winners(rule)
        library = Library(election.options, election.ballots, election.budget)
        for project in library.instance:
            if support.get(project.name) and project.name not in winners:
                theirs = calculate_effective_support(
                    library.instance, library.profile, project, False, {"sat_class": sat}
                )
                assert theirs <= support[project.name] <= 100
                close += theirs == support[project.name]
    assert close > 50


def test_support_is_looked_at_only_where_equal_shares_decided() -> None:
    for election in elections()[:20]:
        assert "support" not in shown(election, presets.greedy(election.budget))


def test_of_very_many_ballots_only_what_is_cheap_is_computed() -> None:
    """And that is said, for whoever reads the comparison."""
    for election in elections()[:40]:
        ballots = profile(election.ballots, len(election.options))
        rule = presets.one_envelope(election.budget, shares(completed=False), ties=("option",))
        args = (rule, election.form, election.options, ballots, election.count(rule))
        most = len(election.ballots)
        whole, short = beside(*args, most=most), beside(*args, most=most - 1)
        assert whole["comparison"]["completed"] and not short["comparison"]["completed"]
        assert "support" not in short
        assert short["comparison"]["equal-shares"]["winners"] == election.winners(rule)
    greedy = presets.one_envelope(election.budget, ByVotes(), ties=("option",))
    found = beside(greedy, election.form, election.options, ballots, election.count(greedy), 0)
    assert found["comparison"]["equal-shares"]["winners"] == election.winners(rule)
