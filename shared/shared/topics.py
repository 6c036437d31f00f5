"""How Kafka keeps each topic, as the contracts tell it.

`deploy/kafka/topics.yaml` is what a broker is given, and no image of a service has it; a contract
test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

DEAD = ".dead"


@dataclass(frozen=True)
class Kept:
    """One partition, kept for `retention` (None: for ever); the last of each key if `compacted`."""

    retention: timedelta | None = None
    compacted: bool = False
    dead_retention: timedelta = timedelta(days=14)

    @property
    def partitions(self) -> int:
        """A process has one active consumer a topic: more would add no speed."""
        return 1

    @property
    def cleanup(self) -> str:
        """Kafka's `cleanup.policy`."""
        return "compact" if self.compacted else "delete"

    @property
    def retention_ms(self) -> int:
        """Kafka's `retention.ms`."""
        return -1 if self.retention is None else self.retention // timedelta(milliseconds=1)


# Every other topic: whole, for ever. Replay is the point.
_KEPT: Mapping[str, Kept] = MappingProxyType(
    {
        "submission.texts": Kept(compacted=True, dead_retention=timedelta(hours=24)),
        "private.contacts": Kept(timedelta(hours=24), dead_retention=timedelta(hours=24)),
        "voting.tallies": Kept(timedelta(days=30)),
        "notification.deliveries": Kept(timedelta(days=30)),
    }
)


def kept(topic: str) -> Kept:
    """How a topic is kept, or one of dead letters."""
    if topic.endswith(DEAD):
        return Kept(kept(topic.removesuffix(DEAD)).dead_retention)
    return _KEPT.get(topic, Kept())
