"""The ballots of a decided round as its files need them: packed, identical ones together. Pure."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from shared.events import ballots as formats
from shared.events.ballots import Format
from shared.events.rules import Voters

# A ballot as it is kept, packed: number and value, number and value, without what gives nothing.
type Packed = bytes
# The same to be read.
type Entries = dict[int, int]


@dataclass
class Gathered:
    """The ballots of a round that are not void, identical ones together, as rows come; by tier."""

    form: Format
    ballots: Counter[tuple[str, Packed]] = field(default_factory=Counter)
    blank: Counter[str] = field(default_factory=Counter)

    def add(self, choices: Sequence[int], said: Sequence[int] | None, tier: str, many: int) -> None:
        """So many voters of a tier cast this ballot, as count keeps it."""
        if not choices:
            self.blank[tier] += many
            return
        packed = array("i")
        for number, value in zip(choices, self._values(choices, said), strict=True):
            if value:
                packed.extend((number, value))
        self.ballots[tier, packed.tobytes()] += many

    def _values(self, choices: Sequence[int], said: Sequence[int] | None) -> Sequence[int]:
        match self.form:
            case formats.Ranking(points=points):
                return [*points, *[0] * len(choices)][: len(choices)]
            case formats.Decision():
                return [{1: 1, 2: -1}.get(value, 0) for value in said or ()]
        return said or [1] * len(choices)


def _read(packed: Packed) -> Entries:
    said = array("i", packed)
    return dict(zip(said[::2], said[1::2], strict=True))


class Votes:
    """What the ballots that a step counts say of its candidates, by number.

    `nothing`: those that give them nothing, blank ones among them where the rule counts them.
    """

    def __init__(
        self, gathered: Gathered, candidates: Iterable[int], voters: Voters, *, blank: bool
    ) -> None:
        self._numbers = set(candidates)
        self._groups = voters.groups
        self._ballots = gathered.ballots
        self.votes: Counter[int] = Counter()
        self.supporters: Counter[int] = Counter()
        self.longest = self.nothing = 0
        if blank:
            self.nothing = sum(n for tier, n in gathered.blank.items() if self._admits(tier))
        everybody = sum(n for (tier, _), n in gathered.ballots.items() if self._admits(tier))
        for entries, many in self.cast():
            everybody -= many
            self.longest = max(self.longest, len(entries))
            for number, value in entries.items():
                self.votes[number] += many * value
                self.supporters[number] += many * (value > 0)
        self.nothing += everybody

    def _admits(self, tier: str) -> bool:
        return all(kind == "tier" and tier in values for kind, values in self._groups.items())

    def cast(self) -> Iterator[tuple[Entries, int]]:
        """Each ballot that gives something, with how many voters cast it."""
        for (tier, packed), many in self._ballots.items():
            if self._admits(tier):
                said = _read(packed)
                here = {number: value for number, value in said.items() if number in self._numbers}
                if here:
                    yield here, many
