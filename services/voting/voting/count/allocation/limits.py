"""Caps, quotas and numbers of winners: what forbids an option, whatever money there is."""

from collections.abc import Mapping, Sequence
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
        self._winners: list[int] = []
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
        """Whether who wins first gets more than who wins next."""
        return self._rule.prizes is not None

    def take(self, index: int, amount: int) -> None:
        """An option wins."""
        self._winners.append(index)
        self._in_step += 1
        for name in self._purses.limits(self._options[index]):
            self._envelopes[name] -= amount

    def forbidden(self, index: int, amount: int) -> Forbidden | None:
        """Why an option cannot win now, or None."""
        rule, each = self._rule, self._pass
        if rule.most_winners is not None and len(self._winners) >= rule.most_winners:
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

    def short(self, index: int) -> bool:
        """Whether a group of the option still lacks winners that a quota promises it."""
        quotas = self._pass.quotas if self._pass is not None else ()
        return any(
            len(self._with(quota.of, value)) < quota.least
            for quota in quotas
            if quota.least is not None
            for value in self._values(index, quota)
        )

    def _capped(self, index: int, cap: Cap) -> Forbidden | None:
        for value in self._values(index, cap):
            taken = self._with(cap.of, value)
            if len(taken) >= cap.most:
                rival = self._options[taken[0]].id
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

    def _with(self, kind: str, value: str) -> list[int]:
        return [w for w in self._winners if value in _groups(self._options[w]).get(kind, ())]


def _groups(option: Option) -> Mapping[str, tuple[str, ...]]:
    return option.groups
