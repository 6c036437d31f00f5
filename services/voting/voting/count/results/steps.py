"""The money of a decided round, step by step. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.events.rules import Rule
from shared.events.voting import StepDone
from voting.count.allocation.purses import Purses


@dataclass(frozen=True, slots=True)
class Money:
    """A step's money in cents: what it could spend, gave, handed on when it was over, and left.

    Of an envelope that is only a ceiling (`most`), it is what that still allowed. `number` from 1.
    """

    number: int
    step: tuple[str, str]
    funded: int
    before: int
    given: int
    left: int

    @property
    def moved(self) -> int:
        """What went to another envelope, to the next year or nowhere."""
        return max(0, self.before - self.given - self.left)


def money(rule: Rule, done: Sequence[StepDone], paid: Mapping[UUID, int]) -> list[Money]:
    """Each step of a round, in the order in which they were done; `paid` in cents by option."""
    purses = Purses(rule)
    left = dict(purses.left)
    found = []
    for number, each in enumerate(done, start=1):
        envelope = each.step[1]
        ceiling = purses.envelopes[envelope].kind == "most"
        pot = envelope if ceiling else purses.pot(envelope)
        given = sum(paid[option] for option in each.funded)
        found.append(Money(number, each.step, len(each.funded), left[pot], given, each.left[pot]))
        left = dict(each.left)
    return found
