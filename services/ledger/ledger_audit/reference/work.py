"""How much a count may cost, so that a rule which nobody could count ends it, not the auditor."""

from dataclasses import dataclass, field

# Looks at an option, or at a ballot that supports one: some 100,000 a second, so about an hour.
MOST = 300_000_000
# Values that are compared, or grades that are sorted, while one option is looked at.
_AT_ONCE = 20


class TooMuch(Exception):
    """Counting this would take longer than anybody waits."""


@dataclass
class Work:
    """What a count may still look at."""

    left: int = field(default_factory=lambda: MOST)

    def spend(self, looks: int) -> None:
        """So many more looks. Raises `TooMuch`."""
        self.left -= looks
        if self.left < 0:
            raise TooMuch

    def compare(self, values: int) -> None:
        """So many values compared. Raises `TooMuch`."""
        self.spend(values // _AT_ONCE)
