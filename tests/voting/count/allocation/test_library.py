"""The same winners in the same order as `pabutools`, on random small elections full of ties.

`COMPTOIR_FUZZ` sets how many elections are drawn, and by its time each run another set.
"""

import os
import time
from fractions import Fraction
from itertools import chain
from random import Random

import pytest

from shared.events.exact import fraction
from shared.events.rules import EqualShares, Option
from shared.rules import presets
from tests.voting.count.allocation.drawn import Small, small
from tests.voting.count.allocation.library import Library, naive_equal_shares
from voting.count.allocation.profile import profile

MANY = int(os.environ.get("COMPTOIR_FUZZ", "0"))
SEED = time.time_ns() if MANY else 5
ELECTIONS = MANY or 2_500


def drawn(points: bool) -> list[Small]:
    random = Random(SEED + points)
    return [small(random, points=points) for _ in range(ELECTIONS)]


def library(election: Small) -> Library:
    return Library(election.options, election.ballots, election.budget, points=election.points)


@pytest.mark.parametrize("points", (False, True), ids=("approval", "points"))
def test_greedy_is_the_librarys_where_its_reading_is_asked_for(points: bool) -> None:
    for election in drawn(points):
        rule = presets.library_greedy(election.budget, by_cost=points)
        assert election.winners(rule) == library(election).greedy(), (SEED, election)


@pytest.mark.parametrize(
    ("points", "utility"), [(False, "cost"), (False, "cardinality"), (True, "cardinality")]
)
def test_equal_shares_are_the_librarys(points: bool, utility: str) -> None:
    for election in drawn(points):
        ours = election.winners(presets.equal_shares(election.budget, utility=utility))
        theirs = library(election).equal_shares("cost" if utility == "cost" else "cardinality")
        assert ours == theirs, (SEED, election)


@pytest.mark.parametrize("points", (False, True), ids=("approval", "points"))
def test_completed_until_exhaustive_they_are_the_librarys(points: bool) -> None:
    for election in drawn(points):
        add1 = presets.add1(exhaustive=True, unit=1)
        rule = presets.equal_shares(election.budget, completion=add1, utility="cardinality")
        theirs = library(election).equal_shares("cardinality", step=1)
        assert election.winners(rule) == theirs, (SEED, election)


def test_completed_until_overspent_they_are_the_librarys() -> None:
    """The library goes on when all are funded, and may find another order for all of them."""
    for election in drawn(points=False)[: ELECTIONS // 2]:
        add1 = presets.add1(exhaustive=False, unit=1)
        ours = election.winners(presets.equal_shares(election.budget, completion=add1))
        theirs = library(election).to_overspend("cost", 1)
        supported = {election.options[o].id for o, _ in chain(*election.ballots)}
        if set(ours) == supported:
            assert set(theirs) == supported, (SEED, election)
        else:
            assert ours == theirs, (SEED, election)


def test_without_points_nothing_is_shared_with_blank_ballots() -> None:
    """The share is of all ballots that count; where blank ones do not, it is larger."""
    counted = Small([Option(id="a", number=1, cost=2)], [[(0, 1)], [(0, 1)]], 3, points=False)
    blank = Small(counted.options, [*counted.ballots, []], counted.budget, points=False)
    for rule, voters in (
        (presets.equal_shares(counted.budget), len(blank.ballots)),
        (
            presets.one_envelope(counted.budget, EqualShares(), ties=("option",)),
            sum(bool(each) for each in blank.ballots),
        ),
    ):
        facts = blank.count(rule).steps[0].facts
        assert fraction(str(facts["share"])) == Fraction(counted.budget, voters)


@pytest.mark.parametrize("utility", ("cost", "cardinality"))
def test_equal_shares_are_what_the_definition_gives(utility: str) -> None:
    for election in drawn(points=True)[: ELECTIONS // 4]:
        by_id = sorted(range(len(election.options)), key=lambda o: election.options[o].id)
        places = {o: place for place, o in enumerate(by_id)}
        winners = naive_equal_shares(
            [election.options[o].cost for o in by_id],
            [[(places[o], v) for o, v in each] for each in election.ballots],
            Fraction(election.budget, len(election.ballots)),
            cost_utility=utility == "cost",
        )
        rule = presets.equal_shares(election.budget, utility=utility)
        assert election.winners(rule) == [election.options[by_id[w]].id for w in winners]


def test_the_library_and_we_are_given_the_same_ballots() -> None:
    election = small(Random(SEED), points=True)
    ours = profile(election.ballots, len(election.options))
    assert ours.voters == library(election).profile.num_ballots() == len(election.ballots)
