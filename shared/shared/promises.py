"""The box's promise to a voter: that her ballot will be in the ledger (voting-protocol.md §5).

It names the rule, and no instant: a round can be extended, and what is signed must not become false
by that. It says nothing of who voted, when, or what; but for the ballot it is the same for all. The
box signs it with its service key, which the ledger's first entries and those that add keys have: it
cannot show a voter a key of her own. `ledger_audit.promises` checks it without this module.
"""

from datetime import timedelta
from uuid import UUID

from shared.canonical import ordered

VERSION = "comptoir-promise-v1"
# After the end of voting in the round, whatever officers extended it to.
PUBLISHED_WITHIN = timedelta(hours=1)


def promised(digest: bytes, round_id: UUID) -> dict[str, str | int]:
    """What the box promises for the ballot of this digest: SHA-256 of its canonical bytes."""
    return {
        "ballot": digest.hex(),
        "extensions": "included",
        "published_within": PUBLISHED_WITHIN // timedelta(seconds=1),
        "round_id": str(round_id),
        "v": VERSION,
    }


def promise_bytes(digest: bytes, round_id: UUID) -> bytes:
    """What the box signs (RFC 8785). No event that it signs can be read as one of these."""
    return ordered(promised(digest, round_id))
