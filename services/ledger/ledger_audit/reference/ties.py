"""How options that an order leaves level are told apart."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

type Data = Mapping[str, Any]
type Names = tuple[str, str]
type Asked = tuple[int, frozenset[str], str]


@dataclass
class Ties:
    """The criteria of a rule. `said` is the order that officers said when they were asked.

    `asked` collects the options that only officers can tell apart, together as they were met, with
    the number of the step that met them and the one that came first, whoever said so.
    """

    criteria: Sequence[str]
    seed: str = ""
    said: Sequence[str] = ()
    step: int = 0
    asked: list[Asked] = field(default_factory=list)

    def first(
        self,
        level: Sequence[Data],
        votes: Mapping[str, int],
        supporters: Mapping[str, int],
        matter: Callable[[Sequence[Data]], Sequence[Data]] = lambda tied: tied,
    ) -> Data:
        """The option that comes first of those that are level.

        Officers are asked only about those whose order may `matter`.
        """
        for criterion in self.criteria:
            if criterion == "ask" and len(level) > 1 and len(tied := matter(level)) > 1:
                first = min(tied, key=lambda o: (self._said(o["id"]), o["id"]))
                self.asked.append((self.step, frozenset(o["id"] for o in tied), first["id"]))
            places = [self._place(criterion, option, votes, supporters) for option in level]
            best = min(places)
            level = [o for o, place in zip(level, places, strict=True) if place == best]
        # Only where officers were not asked yet are several left: any will do for the time being.
        return min(level, key=lambda o: str(o["id"]))

    def criterion(
        self, one: Data, other: Data, votes: Mapping[str, int], supporters: Mapping[str, int]
    ) -> str:
        """The criterion that tells two options apart; the last is a total order."""
        for criterion in self.criteria:
            places = [self._place(criterion, o, votes, supporters) for o in (one, other)]
            if criterion == "ask" or places[0] != places[1]:
                return criterion
        return self.criteria[-1]

    def _place(
        self,
        criterion: str,
        option: Data,
        votes: Mapping[str, int],
        supporters: Mapping[str, int],
    ) -> Any:
        """What a criterion compares: less comes first."""
        id = option["id"]
        match criterion:
            case "cost":
                return option["cost"]
            case "dearest":
                return -option["cost"]
            case "votes":
                return -votes[id]
            case "supporters":
                return -supporters[id]
            case "filed":
                return option["filed"]
            case "option":
                return id
            case "lot":
                return hashlib.sha256(bytes.fromhex(self.seed) + id.encode()).digest()
        return self._said(id)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {id: place for place, id in enumerate(self.said)}

    def _said(self, id: str) -> int:
        """The place that officers gave to an option."""
        return self._places.get(id, len(self.said))
