"""Small random elections, drawn so that ties are common."""

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from shared.events.ballots import Approval, Cumulative, Format
from shared.events.rules import Option, Rule
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.allocation.result import Result

type Ballots = list[list[tuple[int, int]]]


@dataclass(frozen=True)
class Small:
    """1 to 6 options of few costs, 1 to 8 ballots; with `points` a ballot gives 1 to 3 each."""

    options: list[Option]
    ballots: Ballots
    budget: int
    points: bool

    @property
    def form(self) -> Format:
        return Cumulative(total=100, most_each=3) if self.points else Approval(max=10)

    def count(self, rule: Rule) -> Result:
        return count(rule, self.form, self.options, profile(self.ballots, len(self.options)))

    def winners(self, rule: Rule) -> list[str]:
        return list(self.count(rule).winners)


def small(random: Random, *, points: bool = False) -> Small:
    """An election of this generator; its ids are not in the order of its options."""
    names = random.sample("abcdef", random.randint(1, 6))
    options = [
        Option(id=name, number=number, cost=random.choice((1, 2, 2, 3, 4, 6)))
        for number, name in enumerate(names, start=1)
    ]
    supported = random.random()
    ballots = [
        [
            (place, random.randint(1, 3) if points else 1)
            for place in range(len(options))
            if random.random() < supported
        ]
        for _ in range(random.randint(1, 8))
    ]
    return Small(options, ballots, random.randint(1, 12), points)


@st.composite
def smalls(draw: st.DrawFn, points: bool = False) -> Small:
    """The same for Hypothesis, which shrinks it."""
    return small(Random(draw(st.integers(0, 10**6))), points=points)
