"""By when the box has to keep what it promised about a round, as its log says so far.

A promise is for an hour after the end of voting, whatever officers extended that to
(voting-protocol.md §5); voting that was closed before its end ended then. What a page says of a
promise, `ledger_audit.promises` says again from the entries alone.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from shared.events.acts import RoundExtended
from shared.events.earlier import RoundOpenedV1
from shared.events.voting import RoundClosed, RoundOpened
from shared.promises import PUBLISHED_WITHIN

_OPENINGS = (RoundOpenedV1.type, RoundOpened.type)
# What says when voting ends, and by which field.
_ENDS = {
    **dict.fromkeys(_OPENINGS, "closes_at"),
    RoundExtended.type: "closes_at",
    RoundClosed.type: "closed_at",
}


class Due(NamedTuple):
    """What the box promised about a round is broken by what is not in the log `at` this time; the
    `entry` says when voting ends, or ended."""

    at: datetime
    entry: int


def due(entries: Iterable[tuple[int, bytes]], round_id: UUID) -> Due | None:
    """From the entries about rounds, in the order of the log; None for one that never opened."""
    found: Due | None = None
    for index, content in entries:
        leaf: dict[str, Any] = json.loads(content)
        field, body = _ENDS.get(leaf["type"]), leaf["body"]
        if field is None or body["round_id"] != str(round_id):
            continue
        said = Due(datetime.fromisoformat(body[field]) + PUBLISHED_WITHIN, index)
        if leaf["type"] in _OPENINGS:
            found = said if found is None else max(found, said)
        elif found is not None:
            # What is said of a round that never opened promises nothing.
            found = (min if leaf["type"] == RoundClosed.type else max)(found, said)
    return found
