"""Caps, quotas and numbers of winners: what forbids an option, whatever money there is."""

from collections.abc import Sequence
from typing import Self

from shared.events.reasons import Reason
from shared.events.rules import Cap, Option, Pass, Quota, Rule
from voting.count.allocation.purses import Purses

type Forbidden = tuple[Reason, dict[str, int | str]]


class Limits:
    """Who has won so far, and whom that forbids. `start` begins a step."""

    def __init__(self, rule: Rule, options: Sequence[Option], purses: Purses) -> None:
        self._rule = rule
        self._options = options
        self._purses = purses
        self._winners: list[tuple[int, int]] = []  # with what each is paid
        # The places of winners by a value that they have.
        self._having: dict[tuple[str, str], list[int]] = {}
        self._pass: Pass | None = None
        self._in_step = 0
        self._envelopes: dict[str, int] = {}

    def start(self, each: Pass) -> None:
        """A step of this pass begins."""
        self._pass = each
        self._in_step = 0
        self._envelopes = dict(self._purses.left)

    def copy(self) -> Self:
        """The same, to try on."""
        twin = type(self)(self._rule, self._options, self._purses)
        twin._winners = [*self._winners]
        twin._having = {value: [*places] for value, places in self._having.items()}
        twin._pass, twin._in_step = self._pass, self._in_step
        twin._envelopes = dict(self._envelopes)
        return twin

    @property
    def none(self) -> bool:
        """Whether nothing here can ever forbid an option."""
        rule = self._rule
        own = self._pass is not None and (self._pass.quotas or self._pass.most is not None)
        most = any(envelope.kind == "most" for envelope in rule.envelopes)
        return not (own or most or rule.caps or rule.most_winners is not None)

    @property
    def places_matter(self) -> bool:
        """Whether who wins next gets more than who wins later, if both are level."""
        prizes = self._rule.prizes
        if prizes is None or prizes.equal_ranks != "order":
            return False
        return self.won < max(prize.place for prize in prizes.prizes)

    @property
    def won(self) -> int:
        """How many have won so far."""
        return len(self._winners)

    def take(self, index: int, amount: int) -> None:
        """An option wins."""
        for value in self._all_values(index):
            self._having.setdefault(value, []).append(self.won)
        self._winners.append((index, amount))
        self._in_step += 1
        for name in self._purses.limits(self._options[index]):
            self._envelopes[name] -= amount

    def all_win(self, indices: Sequence[int], amounts: Sequence[int], room: int) -> bool:
        """Whether these can win one after the other, with so much money."""
        before = self.won
        for index in indices:
            amount = amounts[index]
            if amount > room or self.forbidden(index, amount) is not None:
                break
            self.take(index, amount)
            room -= amount
        taken = self.won - before
        for _ in range(taken):
            self._undo()
        return taken == len(indices)

    def _undo(self) -> None:
        """The last winner has not won."""
        index, amount = self._winners.pop()
        for value in self._all_values(index):
            self._having[value].pop()
        self._in_step -= 1
        for name in self._purses.limits(self._options[index]):
            self._envelopes[name] += amount

    def forbidden(self, index: int, amount: int) -> Forbidden | None:
        """Why an option cannot win now, or None."""
        rule, each = self._rule, self._pass
        if rule.most_winners is not None and self.won >= rule.most_winners:
            return "most_winners", {"most": rule.most_winners}
        if each is not None and each.most is not None and self._in_step >= each.most:
            return "after_stop", {"most": each.most}
        for cap in rule.caps:
            if (found := self._capped(index, cap)) is not None:
                return found
        for quota in each.quotas if each is not None else ():
            if (found := self._over_quota(index, quota)) is not None:
                return found
        for name in self._purses.limits(self._options[index]):
            left = self._envelopes[name]
            if amount > left:
                return "limit", {"envelope": name, "needs": amount, "left": left}
        return None

    def divided(self, envelope: str) -> int:
        """What equal shares divide in a step: its money, or what a "most" envelope still allows."""
        money = self._purses.left[self._purses.pot(envelope)]
        limited = self._purses.envelopes[envelope].kind == "most"
        return min(money, self._envelopes[envelope]) if limited else money

    def short(self, index: int, won: int | None = None) -> bool:
        """Whether a group of the option still lacks winners that a quota promises it.

        Or lacked them when only so many had `won`.
        """
        quotas = self._pass.quotas if self._pass is not None else ()
        for quota in quotas:
            if (least := quota.least) is None:
                continue
            for value in self._values(index, quota):
                having = self._with(quota.of, value)
                if len(having) < least or (won is not None and having[least - 1] >= won):
                    return True
        return False

    def _capped(self, index: int, cap: Cap) -> Forbidden | None:
        for value in self._values(index, cap):
            taken = self._with(cap.of, value)
            if len(taken) >= cap.most:
                rival = self._options[self._winners[taken[0]][0]].id
                facts: dict[str, int | str] = {"of": cap.of, "value": value, "most": cap.most}
                return "exclusive" if cap.most == 1 else "cap", {**facts, "with": rival}
        return None

    def _over_quota(self, index: int, quota: Quota) -> Forbidden | None:
        values = self._values(index, quota)
        if quota.required and not values:
            return "quota", {"of": quota.of}
        if quota.most is None:
            return None
        for value in values:
            if len(self._with(quota.of, value)) >= quota.most:
                return "quota", {"of": quota.of, "value": value, "most": quota.most}
        return None

    def _values(self, index: int, of: Cap | Quota) -> list[str]:
        values = self._options[index].groups.get(of.of, ())
        return [value for value in values if of.value is None or value == of.value]

    def _with(self, kind: str, value: str) -> Sequence[int]:
        """The places of the winners that have a value."""
        return self._having.get((kind, value), ())

    def _all_values(self, index: int) -> set[tuple[str, str]]:
        groups = self._options[index].groups
        return {(kind, value) for kind, values in groups.items() for value in values}
