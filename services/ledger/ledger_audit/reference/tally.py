"""What ballots give to each option."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from ledger_audit.reference.formats import given

type Data = Mapping[str, Any]


class Tally:
    """Ballots of one electorate, added up by the option's id.

    A ballot may stand for many of the same choices: for `voters`, one where it does not say.
    `recused`: by an option's number, how many ballots have no say on it.
    """

    def __init__(
        self,
        form: Data,
        options: Sequence[Data],
        ballots: Sequence[Data],
        recused: Mapping[int, int] | None = None,
    ) -> None:
        self._form, self._ballots = form, ballots
        self.recused = recused or {}
        self._ids = {option["number"]: option["id"] for option in options}
        self.voters = [voters(ballot) for ballot in ballots]
        self.counted = sum(self.voters)

    @cached_property
    def support(self) -> dict[str, list[tuple[int, int]]]:
        """The ballots that give an option something, by their place, and what each gives."""
        found: dict[str, list[tuple[int, int]]] = {id: [] for id in self._ids.values()}
        for place, ballot in enumerate(self._ballots):
            for number, value in given(self._form, ballot["choices"]).items():
                found[self._ids[number]].append((place, value))
        return found

    @cached_property
    def votes(self) -> dict[str, int]:
        """The sum of what ballots give."""
        return {
            id: sum(value * self.voters[place] for place, value in ballots)
            for id, ballots in self.support.items()
        }

    @cached_property
    def supporters(self) -> dict[str, int]:
        """How many ballots give more than nothing."""
        return {
            id: sum(self.voters[place] for place, value in ballots if value > 0)
            for id, ballots in self.support.items()
        }

    @cached_property
    def said(self) -> dict[str, Counter[int]]:
        """How many ballots say each value of an option: a grade, or an answer."""
        found = {id: Counter[int]() for id in self._ids.values()}
        for ballot, many in zip(self._ballots, self.voters, strict=True):
            for number, value in ballot["choices"]:
                found[self._ids[number]][value] += many
        return found


def voters(ballot: Data) -> int:
    """How many voters a ballot stands for."""
    return int(ballot.get("voters", 1))
