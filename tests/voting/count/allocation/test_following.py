"""Runs that follow one another with larger shares say what each run anew says, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.rules import Cap, Completion, EqualShares, Option
from shared.rules import presets
from tests.voting.count.allocation.drawn import smalls
from voting.count.allocation.limits import Limits
from voting.count.allocation.profile import profile
from voting.count.allocation.purses import Purses
from voting.count.allocation.shares.backing import Backing, backing
from voting.count.allocation.shares.completing import increment, money, run_until_complete
from voting.count.allocation.shares.following import Following
from voting.count.allocation.shares.run import Run


@dataclass(frozen=True)
class Race:
    """Options with costs and numbers, ballots that approve, and cents to divide.

    `capped`: of three options that follow one another, one can win.
    """

    costs: list[int]
    ballots: list[list[int]]
    cents: int
    capped: bool = False

    @property
    def limits(self) -> Limits | None:
        """Fresh ones, before anybody won."""
        if not self.capped:
            return None
        rule = presets.equal_shares(self.cents)
        rule = rule.model_copy(update={"caps": (Cap(of="carrier"),)})
        options = [
            Option(id=str(n), number=n + 1, cost=cost, groups={"carrier": (str(n // 3),)})
            for n, cost in enumerate(self.costs)
        ]
        limits = Limits(rule, options, Purses(rule))
        limits.start(rule.passes[0])
        return limits

    def backed(self, *, cost_utility: bool = True) -> Backing:
        ballots = profile([[(o, 1) for o in each] for each in self.ballots], len(self.costs))
        return backing(ballots, ballots.values, self.costs, cost_utility=cost_utility)

    def anew(self, backed: Backing, share: Fraction, most: int) -> list[int]:
        """Who wins with this share, by a run of its own."""
        one = Fraction(self.cents, len(self.ballots))
        run = Run(backed, range(len(self.costs)), share, one, (int, int), self.limits, _never)
        run.go(most)
        return run.winners

    def every_step(self, order: EqualShares, backed: Backing) -> list[int]:
        """Who wins by the rule's text, one run after the other."""
        assert order.completion is not None
        divided = money(order, self.cents, len(self.ballots))
        share, best = divided.share, self.anew(backed, divided.share, 10**18)
        while True:
            left = self.cents - sum(self.costs[winner] for winner in best)
            could = self.cents if order.completion.stop == "overspend" else left
            liked = {option for each in self.ballots for option in each}
            rest = [option for option in liked - {*best} if self.admitted(option, best)]
            if all(self.costs[option] > could for option in rest):
                return best
            share += increment(order.completion, divided)
            following = self.anew(backed, share, self.cents)
            if sum(self.costs[winner] for winner in following) > self.cents:
                return best
            best = following

    def admitted(self, option: int, winners: list[int]) -> bool:
        """Whether no winner excludes it."""
        return not self.capped or all(option // 3 != winner // 3 for winner in winners)


def _never(_: Sequence[int]) -> None:
    raise AssertionError("options are told apart by their numbers")


def drawn(seed: int, *, few_costs: bool = False, capped: bool = False) -> Race:
    """30 to 150 voters who like some options more than others; ballots are often the same."""
    random = Random(seed)
    options = random.randint(5, 12)
    costs = [
        random.choice((30, 40, 60)) if few_costs else random.randint(20, 90) * 11 + 1
        for _ in range(options)
    ]
    liked = [random.random() for _ in range(options)]
    ballots = [
        [option for option in range(options) if random.random() < liked[option]]
        for _ in range(random.randint(30, 150))
    ]
    return Race(costs, ballots, sum(costs) * random.randint(2, 6) // 8, capped)


@pytest.mark.parametrize("cost_utility", [True, False])
def test_what_follows_says_what_a_run_anew_says(cost_utility: bool) -> None:
    told = untold = 0
    for seed in range(60):
        race = drawn(seed, few_costs=seed % 4 == 0, capped=seed % 5 == 0)
        backed = race.backed(cost_utility=cost_utility)
        one = Fraction(race.cents, len(race.ballots))
        step = one / Random(seed).choice((20, 100, 1000))
        following = Following(backed, range(len(race.costs)), one, step, race.limits)
        for number in range(60):
            share = one + step * number
            found = following.winners(share, race.cents)
            if found is None:
                untold += 1
            else:
                told += 1
                assert found == race.anew(backed, share, race.cents), (seed, number)
    assert told > 5 * untold


@settings(deadline=None)
@given(
    st.one_of(
        st.builds(drawn, st.integers(0, 10**6), few_costs=st.booleans(), capped=st.booleans()),
        smalls().map(
            lambda small: Race(
                [option.cost for option in small.options],
                [[option for option, _ in each] for each in small.ballots],
                small.budget,
            )
        ),
    ),
    st.sampled_from(("exhaustive", "overspend")),
    st.sampled_from(("1/10", "1/50", "1/300")),
    st.sampled_from(("cost", "cardinality")),
)
def test_a_completion_that_follows_is_every_step_alone(
    race: Race, stop: str, share: str, utility: str
) -> None:
    completion = Completion.model_validate({"share": share, "stop": stop})
    order = EqualShares.model_validate({"utility": utility, "completion": completion})
    backed = race.backed(cost_utility=utility == "cost")
    divided = money(order, race.cents, len(race.ballots))
    tie = (int, int)
    found = run_until_complete(
        order, backed, range(len(race.costs)), divided, *tie, race.limits, _never, large=0
    )
    assert found.winners == race.every_step(order, backed)
