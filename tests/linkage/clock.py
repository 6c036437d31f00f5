"""Simulated time over clocks that nobody can set."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass
class Clock:
    """Simulated seconds since the opening, and which moment of the real clock each was at."""

    began: datetime
    now: float = 0.0
    _real: list[datetime] = field(default_factory=list)
    _simulated: list[float] = field(default_factory=list)

    def move(self, to: float) -> None:
        """Go on to a moment: what the clusters do from here on is at that time."""
        self.now = to
        self._real.append(datetime.now(UTC))
        self._simulated.append(to)

    def moment(self) -> datetime:
        """The simulated moment, for whoever is told the time."""
        return self.began + timedelta(seconds=self.now)

    def read(self, stamp: datetime) -> float:
        """The simulated time of a stamp. Whole minutes are of moments that were told, which are
        simulated already; all else is of a real clock."""
        if stamp.second == stamp.microsecond == 0:
            return (stamp - self.began).total_seconds()
        at = bisect_right(self._real, stamp)
        return self._simulated[max(0, at - 1)]
