"""Greedy: what a citizen could object to."""

from dataclasses import replace
from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import OPTIONS, Count, counts
from voting.count.allocation.greedy import Candidate, allocate, ordered


def funded(count: Count) -> list[UUID]:
    return [decision.option for decision in allocate(*count) if decision.funded]


def naive(count: Count) -> list[UUID]:
    """The rule as one would do it by hand: look for the best that is left, again and again."""
    left, money, winners = list(count.candidates), count.budget, []
    while left:
        best = left[0]
        for other in left[1:]:
            if other.votes > best.votes or (
                other.votes == best.votes and _first(other, best, count.tie_order)
            ):
                best = other
        left.remove(best)
        if best.votes and best.cost <= money:
            money -= best.cost
            winners.append(best.option)
    return winners


def _first(one: Candidate, other: Candidate, tie_order: tuple[str, ...]) -> bool:
    for criterion in (*tie_order, "option"):
        if criterion == "cost" and one.cost != other.cost:
            return one.cost < other.cost
        if criterion == "option":
            return str(one.option) < str(other.option)
    raise AssertionError("two options have one id")


@given(counts())
def test_it_is_what_counting_by_hand_gives(count: Count) -> None:
    assert funded(count) == naive(count)


@given(counts())
def test_every_option_is_decided_once_and_ranked_without_a_gap(count: Count) -> None:
    decisions = allocate(*count)
    assert {d.option for d in decisions} == {c.option for c in count.candidates}
    assert [d.rank for d in decisions] == [*range(1, len(count.candidates) + 1)]


@given(counts())
def test_the_budget_is_never_exceeded_and_what_is_left_is_said(count: Count) -> None:
    costs = {c.option: c.cost for c in count.candidates}
    left = count.budget
    for decision in allocate(*count):
        assert decision.left == left >= 0
        left -= costs[decision.option] if decision.funded else 0
    assert left >= 0


@given(counts())
def test_a_loser_did_not_fit_behind_options_at_least_as_popular(count: Count) -> None:
    by_id = {c.option: c for c in count.candidates}
    winners = [by_id[option] for option in funded(count)]
    for loser in by_id.values():
        if loser not in winners:
            ahead = sum(w.cost for w in winners if w.votes >= loser.votes)
            assert loser.votes == 0 or ahead + loser.cost > count.budget


@given(counts())
def test_an_option_without_a_vote_is_never_funded_and_says_so(count: Count) -> None:
    votes = {c.option: c.votes for c in count.candidates}
    costs = {c.option: c.cost for c in count.candidates}
    for decision in allocate(*count):
        if votes[decision.option] == 0:
            assert (decision.funded, decision.reason) == (False, "no_votes")
        elif decision.funded:
            assert decision.reason == "funded"
        else:
            assert decision.reason == "does_not_fit"
            assert costs[decision.option] > decision.left


@given(counts(), st.randoms())
def test_the_order_in_which_options_are_handed_over_changes_nothing(
    count: Count, random: Random
) -> None:
    shuffled = random.sample(count.candidates, len(count.candidates))
    assert allocate(shuffled, count.budget, count.tie_order) == allocate(*count)


@given(counts(), st.permutations(OPTIONS))
def test_names_decide_nothing_but_declared_ties(count: Count, names: list[UUID]) -> None:
    """Neutrality: with other ids, the same options win wherever no tie goes by the id."""
    renamed = dict(zip(OPTIONS, names, strict=True))
    others = tuple(replace(c, option=renamed[c.option]) for c in count.candidates)
    ranks = [(c.votes, c.cost if "cost" in count.tie_order[:1] else 0) for c in count.candidates]
    if len(set(ranks)) == len(ranks):
        again = allocate(others, count.budget, count.tie_order)
        assert again == [replace(d, option=renamed[d.option]) for d in allocate(*count)]

    # And in any case: as many votes, as much money, in the same order of ranks.
    def seen(candidates: tuple[Candidate, ...]) -> list[int]:
        return [c.votes for c in ordered(candidates, count.tie_order)]

    assert seen(others) == seen(count.candidates)


@given(counts())
def test_a_declared_criterion_decides_a_tie_before_the_next_one(count: Count) -> None:
    ranked = ordered(count.candidates, count.tie_order)
    for before, after in pairwise(ranked):
        assert before.votes >= after.votes
        if before.votes == after.votes:
            keys = [
                [{"cost": c.cost, "option": str(c.option)}[k] for k in (*count.tie_order, "option")]
                for c in (before, after)
            ]
            assert keys[0] < keys[1]


def test_the_cheaper_or_the_smaller_id_comes_first_as_declared() -> None:
    small, large = sorted(OPTIONS, key=str)[:2]
    tied = [Candidate(small, 2, 1), Candidate(large, 1, 1)]
    assert [d.option for d in allocate(tied, 2, ("cost", "option")) if d.funded] == [large]
    assert [d.option for d in allocate(tied, 2, ("option", "cost")) if d.funded] == [small]
    assert [d.option for d in allocate(tied, 2, ()) if d.funded] == [small]


@given(counts(), st.data())
def test_more_votes_for_a_winner_never_make_it_lose(count: Count, data: st.DataObject) -> None:
    if winners := funded(count):
        winner = data.draw(st.sampled_from(winners))
        more = data.draw(st.integers(1, 3))
        candidates = tuple(
            replace(c, votes=c.votes + more) if c.option == winner else c for c in count.candidates
        )
        assert winner in funded(count._replace(candidates=candidates))


@given(counts(), st.integers(1, 4))
def test_counting_every_ballot_several_times_changes_nothing(count: Count, times: int) -> None:
    """Only how options compare matters, not how many voted."""
    more = tuple(replace(c, votes=c.votes * times) for c in count.candidates)
    assert allocate(more, count.budget, count.tie_order) == allocate(*count)
