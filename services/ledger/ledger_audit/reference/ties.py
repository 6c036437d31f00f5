"""How options that an order leaves level are told apart."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

type Data = Mapping[str, Any]


@dataclass
class Ties:
    """The criteria of a rule. `said` is the order that officers said when they were asked.

    `asked` collects the options that only officers can tell apart, together as they were met.
    """

    criteria: Sequence[str]
    seed: str = ""
    said: Sequence[str] = ()
    asked: list[frozenset[str]] = field(default_factory=list)

    def first(
        self,
        level: Sequence[Data],
        votes: Mapping[str, int],
        supporters: Mapping[str, int],
    ) -> Data:
        """The option that comes first of those that are level."""
        orders: dict[str, Callable[[Data], Any]] = {
            "cost": lambda o: o["cost"],
            "dearest": lambda o: -o["cost"],
            "votes": lambda o: -votes[o["id"]],
            "supporters": lambda o: -supporters[o["id"]],
            "filed": lambda o: o["filed"],
            "option": lambda o: o["id"],
            "lot": lambda o: hashlib.sha256(bytes.fromhex(self.seed) + o["id"].encode()).digest(),
            "ask": lambda o: self.said.index(o["id"]) if o["id"] in self.said else len(self.said),
        }
        for criterion in self.criteria:
            if criterion == "ask" and len(level) > 1:
                self.asked.append(frozenset(o["id"] for o in level))
            best = min(orders[criterion](option) for option in level)
            level = [option for option in level if orders[criterion](option) == best]
        # Only where officers were not asked yet are several left: any will do for the time being.
        return min(level, key=lambda o: str(o["id"]))
