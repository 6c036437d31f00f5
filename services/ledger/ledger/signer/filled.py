"""Numbers that have no event, as the ledger's own entries say: the signer's reading of these."""

from collections.abc import Mapping
from typing import Any, NamedTuple

# Rejections of what came beside a log: no number is missing.
_BESIDE = ("number_taken", "log_frozen")


class Filled(NamedTuple):
    """A publisher's numbers from `first` to `final`."""

    src: str
    first: int
    final: int


def filled(leaf: Mapping[str, Any]) -> Filled | None:
    """The numbers that an entry fills, if it does."""
    body = leaf["body"]
    match leaf["type"]:
        case "ledger.ingest-rejected.v1" if body["reason"] not in _BESIDE:
            return Filled(body["src"], body["number"], body["number"])
        case "ledger.gap-accepted.v1":
            return Filled(body["src"], body["from"], body["to"])
    return None
