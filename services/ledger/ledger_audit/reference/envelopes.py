"""The tree of envelopes: what is in each, who spends whose money, where a remainder goes."""

from collections.abc import Mapping
from typing import Any

type Data = Mapping[str, Any]


def steps(rule: Data) -> list[tuple[Data, Data]]:
    """Every pass with every envelope that it visits, in order.

    Where a pass names none: all of them, children before their parent, siblings as written.
    """
    named = {envelope["name"]: envelope for envelope in rule["envelopes"]}

    def below(parent: str | None) -> list[Data]:
        found = []
        for envelope in rule["envelopes"]:
            if envelope.get("within") == parent:
                found += [*below(envelope["name"]), envelope]
        return found

    return [
        (each, envelope)
        for each in rule["passes"]
        for envelope in ([named[n] for n in each["envelopes"]] or below(None))
    ]


class Purses:
    """The money in each reserved envelope while the steps are done; in cents.

    What winners took beyond an envelope is below zero there. `out` has left the count.
    """

    def __init__(self, rule: Data) -> None:
        self._envelopes = {envelope["name"]: envelope for envelope in rule["envelopes"]}
        self._to_come = [self._source(envelope) for _, envelope in steps(rule)]
        self.out: dict[str, int] = {}
        self.left: dict[str, int] = {
            e["name"]: e["amount"] - sum(c["amount"] for c in self._reserved_in(e["name"]))
            for e in rule["envelopes"]
            if e["kind"] == "reserved"
        }

    def spendable(self, envelope: Data, overshoot: bool = True) -> int:
        """What a step of this envelope may spend; one with a most spends its parent's."""
        source = self._source(envelope)
        beyond: int = self._envelopes[source]["overshoot"] if overshoot else 0
        return self.left[source] + beyond

    def pay(self, envelope: Data, cents: int) -> None:
        """Take a winner's money out."""
        self.left[self._source(envelope)] -= cents

    def step_over(self) -> None:
        """After a step: hand on what is left where it was the last that spends it."""
        self._hand_on(self._to_come.pop(0))

    def _hand_on(self, name: str) -> None:
        if name in self._to_come or self.left[name] <= 0:
            return
        envelope = self._envelopes[name]
        goes, parent = envelope["remainder"], envelope.get("within")
        if goes in ("next-year", "nowhere"):
            self.out[name] = self.out.get(name, 0) + self.left[name]
            self.left[name] = 0
            return
        to = self._next_sibling(envelope) if goes == "next" else None
        to = to or (self._source(self._envelopes[parent]) if parent is not None else None)
        if to is not None:
            self.left[to] += self.left[name]
            self.left[name] = 0
            self._hand_on(to)

    def _next_sibling(self, envelope: Data) -> str | None:
        siblings = [e["name"] for e in self._reserved_in(envelope.get("within"))]
        after = siblings[siblings.index(envelope["name"]) + 1 :]
        return next((name for name in after if name in self._to_come), None)

    def _reserved_in(self, parent: str | None) -> list[Data]:
        inner = [e for e in self._envelopes.values() if e.get("within") == parent]
        return [e for e in inner if e["kind"] == "reserved"]

    def _source(self, envelope: Data) -> str:
        while envelope["kind"] == "most":
            envelope = self._envelopes[envelope["within"]]
        return str(envelope["name"])
