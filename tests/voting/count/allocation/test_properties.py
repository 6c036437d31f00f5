"""What holds of every count, whatever is drawn."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ledger_audit.reference import plain
from shared.events.ballots import Approval
from shared.events.rules import ByVotes, Misfit, Option, Rule
from shared.rules import presets
from tests.contracts.examples import opened_before
from tests.voting.count.allocation.drawn import Small, smalls
from voting.count.allocation.engine import count
from voting.count.allocation.profile import Profile, merged, profile
from voting.count.allocation.result import Result
from voting.count.allocation.tally import Tally


def rules(budget: int) -> list[Rule]:
    add1, over = presets.add1(True, 1), presets.add1(False, 1)
    return [
        presets.greedy(budget),
        presets.library_greedy(budget, by_cost=True),
        presets.one_envelope(budget, ByVotes(), misfit=Misfit(policy="stop")),
        presets.equal_shares(budget),
        presets.equal_shares(budget, utility="cardinality"),
        presets.equal_shares(budget, completion=add1),
        presets.equal_shares(budget, completion=over, top_up="votes"),
        presets.equal_shares(budget, comparison=presets.compared_with_greedy()),
    ]


EVERY = st.integers(0, 7)


@given(smalls(points=True), EVERY, st.randoms())
def test_the_order_of_ballots_and_of_options_changes_nothing(
    election: Small, which: int, random: Random
) -> None:
    by = rules(election.budget)[which]
    ballots = random.sample(election.ballots, len(election.ballots))
    assert replace(election, ballots=ballots).count(by) == election.count(by)
    order = random.sample(range(len(election.options)), len(election.options))
    moved = replace(
        election,
        options=[election.options[o] for o in order],
        ballots=[[(order.index(o), v) for o, v in each] for each in election.ballots],
    )
    assert moved.winners(by) == election.winners(by)


@given(smalls(points=True), EVERY)
def test_a_budget_is_never_exceeded_and_every_option_has_one_reason(
    election: Small, which: int
) -> None:
    result = election.count(rules(election.budget)[which])
    assert sum(decided.amount for decided in result.options) <= election.budget
    assert [decided.option for decided in result.options] == [o.id for o in election.options]
    won = sorted((d for d in result.options if d.funded), key=lambda d: d.place or 0)
    assert tuple(decided.option for decided in won) == result.winners
    assert [decided.place for decided in won] == [*range(1, len(won) + 1)]
    assert set(result.reserve) <= {d.option for d in result.options if not d.funded}


@given(smalls(points=True), EVERY, st.data())
def test_names_decide_nothing_but_ties_that_go_by_them(
    election: Small, which: int, data: st.DataObject
) -> None:
    """Renamed so that their order stays, options win under their new names."""
    names = sorted(data.draw(st.sets(st.text("xyz", min_size=1, max_size=4), min_size=6)))
    renamed = dict(zip(sorted(o.id for o in election.options), names, strict=False))
    others = [o.model_copy(update={"id": renamed[o.id]}) for o in election.options]
    by = rules(election.budget)[which]
    expected = [renamed[winner] for winner in election.winners(by)]
    assert replace(election, options=others).winners(by) == expected


@given(smalls(points=True), st.data())
def test_more_votes_for_a_winner_by_votes_never_make_it_lose(
    election: Small, data: st.DataObject
) -> None:
    by = rules(election.budget)[data.draw(st.sampled_from((0, 2)))]
    if winners := election.winners(by):
        winner = data.draw(st.sampled_from(winners))
        place = [o.id for o in election.options].index(winner)
        more = replace(election, ballots=[*election.ballots, [(place, 1)]])
        assert winner in more.winners(by)


@given(smalls(points=True), st.sampled_from((0, 1, 3, 4)), st.integers(2, 5))
def test_every_ballot_several_times_over_changes_no_winner(
    election: Small, which: int, times: int
) -> None:
    """Merged or not: shares and votes are all in proportion."""
    by = rules(election.budget)[which]
    assert replace(election, ballots=election.ballots * times).winners(by) == election.winners(by)


@given(smalls(points=True))
def test_merging_says_the_same_with_fewer_ballots(election: Small) -> None:
    ballots = profile(election.ballots * 2, len(election.options))
    fewer = merged(ballots)
    assert fewer.voters == ballots.voters
    assert len(fewer.weights) == len({tuple(each) for each in election.ballots})
    assert Tally(election.form, fewer).votes == Tally(election.form, ballots).votes


TIE_ORDERS = ((), ("cost",), ("option",), ("cost", "option"), ("option", "cost"))
FEW = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=8)


@given(FEW, st.integers(0, 14), st.sampled_from(TIE_ORDERS))
def test_a_round_of_version_1_is_decided_the_same_by_its_rule_of_today(
    drawn: list[tuple[int, int]], budget: int, tie_order: tuple[str, ...]
) -> None:
    """The auditor counts version 1 by a rule of its own: option by option, most votes first."""
    ids = [f"{(7 * n + 3) % 11:02d}" for n in range(len(drawn))]
    options = [Option(id=ids[n], number=n + 1, cost=cost) for n, (cost, _) in enumerate(drawn)]
    ballots = [[(n, 1)] for n, (_, votes) in enumerate(drawn) for _ in range(votes)]
    opened = opened_before().model_copy(update={"budget": budget, "tie_order": tie_order}).today()
    result = count(opened.rule, Approval(max=10), options, profile(ballots, len(options)))
    ours = {d.option: d for d in result.options}
    costs = dict(zip(ids, (cost for cost, _ in drawn), strict=True))
    votes = dict(zip(ids, (votes for _, votes in drawn), strict=True))
    for rank, theirs in enumerate(plain.greedy(costs, votes, budget, tie_order), start=1):
        decided = ours[theirs.option]
        assert decided.funded == theirs.funded
        if theirs.reason != "no_votes":
            assert decided.rank == rank
            reason = "does_not_fit" if decided.reason == "lost_tie" else decided.reason
            assert reason == theirs.reason
            if not theirs.funded:
                assert decided.facts["left"] == theirs.left


def close_call(epsilon: int) -> Result:
    """Two options of prices that differ by one part in 10^14 or so, as no float could tell.

    Each is paid by its own three voters; what one of them paid before is a third of a cent.
    """
    big = 10**14
    options = [
        Option(id="a", number=1, cost=3 * big + epsilon),
        Option(id="b", number=2, cost=3 * big),
    ]
    ballots = [[(0, 1)]] * 3 + [[(1, 1)]] * 3
    rule = presets.equal_shares(6 * big + 2, utility="cardinality")
    return count(rule, Approval(max=1), options, profile(ballots, 2))


def test_prices_that_no_float_could_tell_apart_are_told_apart() -> None:
    assert close_call(0).winners == ("a", "b")
    assert close_call(1).winners == ("b", "a")


def test_who_can_just_pay_is_told_from_who_can_not() -> None:
    """A share of 10/3 cents pays for 3 voters' 10 cents, and not for 11."""
    for cost, winners in ((10, ("a",)), (11, ())):
        options = [Option(id="a", number=1, cost=cost)]
        ballots = profile([[(0, 1)]] * 3, 1)
        result = count(presets.equal_shares(10), Approval(max=1), options, ballots)
        assert result.winners == winners
        assert all(isinstance(step.facts["share"], str) for step in result.steps)
        assert Fraction(str(result.steps[0].facts["share"])) == Fraction(10, 3)


def test_ballots_with_one_fingerprint_that_differ_are_not_merged() -> None:
    def same(ballots: Profile) -> NDArray[np.uint64]:
        return np.zeros(len(ballots.weights), np.uint64)

    different = profile([[(0, 1)], [(1, 1)], [(1, 1)]], 2)
    assert len(merged(different, same).weights) == 3
    alike = profile([[(1, 1)], [(1, 1)], [(1, 1)]], 2)
    assert merged(alike, same).weights.tolist() == [3]
