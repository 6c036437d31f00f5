"""Ballots by the beginning of their digests, so that whoever looks one up does not say which.

The digest is the one that the box promised: SHA-256 of the ballot, which is an entry's body. Its
first twelve hexadecimal digits begin the event's id too (`ballot_event_id` of the box).
"""

import json
import re
from hashlib import sha256
from typing import Any
from uuid import UUID

from ledger.refusals import NotThere, PrefixTooLong, PrefixTooShort
from shared.canonical import canonical
from shared.events.voting import BallotCast

AMONG = 30
_MOST_DIGITS = 12
_HEX = re.compile(r"[0-9a-f]*")


def digits(ballots: int) -> int:
    """How many hexadecimal digits leave at least `AMONG` ballots a prefix, on average."""
    found = 0
    while found < _MOST_DIGITS and ballots >= AMONG * 16 ** (found + 1):
        found += 1
    return found


def check(prefix: str, ballots: int) -> None:
    """Take a prefix of just so many digits: more would say whose ballot is looked up, fewer would
    be answered with megabytes. Raises `PrefixTooLong`, `PrefixTooShort` and `NotThere`."""
    wanted = digits(ballots)
    if not _HEX.fullmatch(prefix):
        raise NotThere(f"{prefix[:80]!r} does not begin a digest in hexadecimal")
    if len(prefix) > wanted:
        raise PrefixTooLong(f"a prefix has {wanted} digits in this log, not {len(prefix)}")
    if len(prefix) < wanted:
        raise PrefixTooShort(f"a prefix has {wanted} digits in this log, not {len(prefix)}")


def ids(prefix: str) -> tuple[UUID, UUID]:
    """The first and the last id that such a ballot's event can have."""
    return UUID(prefix.ljust(32, "0")), UUID(prefix.ljust(32, "f"))


def digest(entry: bytes) -> str | None:
    """The digest of the ballot in an entry; None of any other entry."""
    leaf: dict[str, Any] = json.loads(entry)
    if leaf["type"] != BallotCast.type:
        return None
    return sha256(canonical(leaf["body"])).hexdigest()
