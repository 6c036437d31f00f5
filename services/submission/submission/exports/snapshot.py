"""Of which state of the ledger a file is.

What a file says was true at one instant of the database. The ledger's entries up to `number` of
this log say it, and `waiting` further ones that had no number yet; a checkpoint covers those up to
`covered`. Whoever has the log can tell which of two files is the later one, and repeat either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Snapshot:
    """The numbers are submission's own in this log; `tree_size` is the log's, as far as heard."""

    log: str
    number: int
    waiting: int
    covered: int
    tree_size: int
    at: datetime

    @property
    def as_of(self) -> str:
        """The instant, to the second."""
        return f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    def said(self) -> Mapping[str, Any]:
        """As the first thing in a file."""
        return {
            "log": self.log,
            "number": self.number,
            "waiting": self.waiting,
            "covered": self.covered,
            "tree_size": self.tree_size,
            "as_of": self.as_of,
        }

    def file_name(self, ending: str) -> str:
        """Of a file of it: two of different states have different names."""
        later = f"+{self.waiting}" if self.waiting else ""
        return f"projects-{self.log}-{self.number}{later}-{self.at.astimezone(UTC):%Y%m%d}.{ending}"
