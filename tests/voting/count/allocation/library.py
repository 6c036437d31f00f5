"""`pabutools` as an oracle, with exact fractions and ties by id. GPL: here, in tests, alone."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

import gmpy2
import pabutools.fractions
from pabutools.election import (
    Additive_Cardinal_Sat,
    ApprovalBallot,
    ApprovalProfile,
    Cardinality_Sat,
    Cost_Sat,
    CumulativeBallot,
    CumulativeProfile,
    Instance,
    Project,
)
from pabutools.rules import (
    BudgetAllocation,
    exhaustion_by_budget_increase,
    greedy_utilitarian_welfare,
    method_of_equal_shares,
)

from shared.events.rules import Option

pabutools.fractions.FRACTION = "gmpy2"


class Library:
    """An election as the library has it. Entries are (place of an option, points).

    `merged`: equal ballots are one with a number, as the library advises where there are many.
    """

    def __init__(
        self,
        options: Sequence[Option],
        ballots: Sequence[Sequence[tuple[int, int]]],
        budget: int,
        *,
        points: bool = False,
        merged: bool = False,
    ) -> None:
        projects = [Project(option.id, gmpy2.mpz(option.cost)) for option in options]
        self.instance = Instance(projects, budget_limit=gmpy2.mpz(budget))
        self.points = points
        if points:
            self.profile: Any = CumulativeProfile(
                [CumulativeBallot({projects[o]: v for o, v in each}) for each in ballots],
                instance=self.instance,
            )
        else:
            self.profile = ApprovalProfile(
                [ApprovalBallot([projects[o] for o, _ in each]) for each in ballots],
                instance=self.instance,
            )
        if merged:
            self.profile = self.profile.as_multiprofile()

    def greedy(self) -> list[str]:
        """By points per cost where there are points, which for approval is by votes."""
        sat = Additive_Cardinal_Sat if self.points else Cost_Sat
        return _ids(greedy_utilitarian_welfare(self.instance, self.profile, sat_class=sat))

    def equal_shares(
        self, utility: Literal["cost", "cardinality"], step: int | None = None
    ) -> list[str]:
        """Without completion, or with shares `step` larger each until exhaustive."""
        rule = method_of_equal_shares(
            self.instance,
            self.profile,
            sat_class=self._sat(utility),
            voter_budget_increment=None if step is None else gmpy2.mpz(step),
        )
        return _ids(rule)

    def to_overspend(self, utility: Literal["cost", "cardinality"], step: int) -> list[str]:
        """With shares `step` larger each, until one result costs too much."""
        found = exhaustion_by_budget_increase(
            self.instance,
            self.profile,
            method_of_equal_shares,
            {"sat_class": self._sat(utility)},
            exhaustive_stop=False,
            budget_step=gmpy2.mpz(step * self.profile.num_ballots()),
        )
        return _ids(found)

    def _sat(self, utility: str) -> Any:
        if self.points:
            return Additive_Cardinal_Sat
        return Cost_Sat if utility == "cost" else Cardinality_Sat


def _ids(allocation: BudgetAllocation) -> list[str]:
    return [project.name for project in allocation]


def naive_equal_shares(
    costs: Sequence[int],
    gives: Sequence[Sequence[tuple[int, int]]],
    share: Fraction,
    *,
    cost_utility: bool,
) -> list[int]:
    """Equal shares as its definition says it: the cheapest price by trying every split."""
    money = [share for _ in gives]
    worth = [{o: v * (costs[o] if cost_utility else 1) for o, v in each if v > 0} for each in gives]
    winners: list[int] = []
    while True:
        offers: list[tuple[Fraction, int]] = []
        for option in {o for each in worth for o in each} - set(winners):
            backers = [v for v, each in enumerate(worth) if option in each]
            for split in [
                Fraction(0),
                *(money[v] / worth[v][option] for v in backers if worth[v][option]),
            ]:
                poor = [v for v in backers if money[v] < split * worth[v][option]]
                rich = sum(worth[v][option] for v in backers if v not in poor)
                if not costs[option]:
                    offers.append((Fraction(0), option))
                elif rich:
                    rate = Fraction(costs[option] - sum(money[v] for v in poor)) / rich
                    pays = sum(min(money[v], rate * worth[v][option]) for v in backers)
                    if rate >= 0 and pays == costs[option]:
                        offers.append((rate, option))
        if not offers:
            return winners
        rate, option = min(offers)
        winners.append(option)
        for v, each in enumerate(worth):
            money[v] -= min(money[v], rate * each.get(option, 0))
