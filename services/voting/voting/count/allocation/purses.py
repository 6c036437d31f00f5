"""The envelopes' money while a count goes on."""

from collections.abc import Sequence

from shared.events.rules import Envelope, Option, Rule
from voting.count.allocation.grants import admits


class Purses:
    """What is left in each envelope, in cents, step by step."""

    def __init__(self, rule: Rule) -> None:
        self.envelopes = {envelope.name: envelope for envelope in rule.envelopes}
        self.left = {e.name: e.amount for e in rule.envelopes}
        for envelope in rule.envelopes:
            if envelope.kind == "reserved" and envelope.within is not None:
                self.left[envelope.within] -= envelope.amount
        self.gone: dict[str, int] = {}
        self._to_come = [self.pot(name) for _, name in steps(rule)]

    def pot(self, name: str) -> str:
        """The envelope whose money a step on this one spends."""
        envelope = self.envelopes[name]
        while envelope.kind == "most" and envelope.within is not None:
            envelope = self.envelopes[envelope.within]
        return envelope.name

    def room(self, name: str) -> int:
        """What a step on an envelope can still spend."""
        pot = self.pot(name)
        return self.left[pot] + self.envelopes[pot].overshoot

    def limits(self, option: Option) -> list[str]:
        """The "most" envelopes that what an option is paid counts for."""
        return [
            envelope.name
            for envelope in self.envelopes.values()
            if envelope.kind == "most" and admits(envelope.options, option)
        ]

    def pay(self, name: str, option: Option, amount: int) -> None:
        """Pay an option in a step on an envelope."""
        self.left[self.pot(name)] -= amount
        for limit in self.limits(option):
            self.left[limit] -= amount

    def stepped(self, name: str) -> None:
        """A step on an envelope is over; was it the last that spends this money, it moves on."""
        pot = self.pot(name)
        self._to_come.remove(pot)
        self._hand_on(pot)

    def _hand_on(self, pot: str) -> None:
        if pot in self._to_come or self.left[pot] <= 0:
            return
        envelope = self.envelopes[pot]
        if envelope.remainder in ("next-year", "nowhere"):
            self.gone[pot] = self.gone.get(pot, 0) + self.left[pot]
            self.left[pot] = 0
        elif (to := self._heir(envelope)) is not None:
            self.left[to] += self.left[pot]
            self.left[pot] = 0
            self._hand_on(to)

    def _heir(self, envelope: Envelope) -> str | None:
        if envelope.remainder == "next":
            names = list(self.envelopes)
            for name in names[names.index(envelope.name) + 1 :]:
                sibling = self.envelopes[name]
                same = sibling.within == envelope.within and sibling.kind == "reserved"
                if same and name in self._to_come:
                    return name
        return None if envelope.within is None else self.pot(envelope.within)


def steps(rule: Rule) -> list[tuple[int, str]]:
    """Each pass's number with each of its envelopes, in the order in which they are done."""
    order = _inner_first(rule.envelopes, None)
    return [
        (number, name)
        for number, each in enumerate(rule.passes)
        for name in each.envelopes or order
    ]


def _inner_first(envelopes: Sequence[Envelope], within: str | None) -> list[str]:
    found: list[str] = []
    for envelope in envelopes:
        if envelope.within == within:
            found += [*_inner_first(envelopes, envelope.name), envelope.name]
    return found
