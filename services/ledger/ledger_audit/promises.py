"""Promises of the box (voting-protocol.md §5): whether one that a voter has in hand was kept.

1. It says what every promise says: that the ballot of this digest is published within an hour of
   the end of voting in its round, extensions included.
2. A key of the box that the log knows signed it. Anybody can write one that nobody signed.
3. The ballot is an entry of the box: the promise is kept, whenever that was.
4. It is none, and its box is closed, or the log goes on past the hour: the promise is broken.
   Voting ends as the round's rules say, or as officers extended it; where it was closed before,
   then.
5. Else it is not due. When the log was what it is, its cosignatures say, which it cannot make up;
   where there are none, its last entry does.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger_audit import jcs, leaves, receipts
from ledger_audit.errors import Tampered, Untrusted
from ledger_audit.keys import Malformed, base64
from ledger_audit.later import moment
from ledger_audit.rounds import Round, gathered
from ledger_audit.sifting import others
from ledger_audit.verify import Verified

MAGIC = b"comptoir-receipt-v1\n"
VERSION = "comptoir-promise-v1"
BOX = "voting.box"
WITHIN = timedelta(hours=1)
LONGEST = 10_000
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Before and after all times that a log can mean: what is made of one has to be one.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Promise:
    """What the box signed for the ballot of this digest."""

    digest: str
    round_id: str
    signature: bytes

    @classmethod
    def parse(cls, content: bytes) -> "Promise":
        """Read the receipt that the voting page saves. Raises `Malformed`."""
        if len(content) > LONGEST or not content.startswith(MAGIC):
            raise Malformed(f"a promise begins with {MAGIC.decode().strip()}")
        line = content.removeprefix(MAGIC).partition(b"\n")[0]
        try:
            said = jcs.read(line)
        except ValueError as error:
            raise Malformed(f"its promise is {error}") from None
        signature = said.pop("signature", "")
        promise = cls(str(said.get("ballot")), str(said.get("round_id")), base64(str(signature)))
        # 1.
        if said != promise.said() or _DIGEST.fullmatch(promise.digest) is None:
            raise Malformed("it promises something else than the publication of a ballot")
        return promise

    def said(self) -> dict[str, Any]:
        """What is signed."""
        return {
            "ballot": self.digest,
            "extensions": "included",
            "published_within": WITHIN // timedelta(seconds=1),
            "round_id": self.round_id,
            "v": VERSION,
        }

    def is_signed(self, keys: Iterable[str]) -> bool:
        """Whether one of these keys (raw Ed25519, base64) made the signature."""
        message = jcs.canonical(self.said())
        return any(_verifies(key, self.signature, message) for key in keys)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a promise: `index` is the ballot's entry, `box_closed` that of the closing of
    its box. It had, or has, to be kept by `due`; the log is as it was `as_of`."""

    state: Literal["kept", "broken", "not due"]
    due: datetime
    as_of: datetime
    index: int | None
    box_closed: int | None

    def summary(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {
            "promise": self.state,
            "due": written(self.due),
            "as_of": written(self.as_of),
            "index": self.index,
            "box_closed": self.box_closed,
        }


def judge(verified: Verified, promise: Promise) -> Judged:
    """Whether a promise was kept in a log that was verified as a whole.

    Raises `Untrusted` where the box did not sign it, or the log has no such round.
    """
    # 2.
    if not promise.is_signed(verified.keys.get(BOX, ())):
        what = f"no key of {BOX} that {verified.origin} knows signed this promise"
        raise Untrusted(f"{what}: it binds nobody")
    round_ = gathered(others(verified.export)).rounds.get(promise.round_id)
    if round_ is None or not round_.is_opened:
        what = f"{verified.origin} has no round {promise.round_id}"
        raise Untrusted(f"{what}: it opens later, or in another log")
    # 3.
    index = receipts.index_of_body(verified.export, bytes.fromhex(promise.digest))
    closing = round_.said.get("box_closed")
    due, now = _end(round_) + WITHIN, _as_of(verified)
    # 4 and 5.
    missed = closing is not None or now > due
    state: Literal["kept", "broken", "not due"] = "broken" if missed else "not due"
    return Judged(
        "kept" if index is not None else state,
        due,
        now,
        index,
        None if closing is None else closing.index,
    )


def _end(round_: Round) -> datetime:
    """Step 4: when voting in a round ends."""
    opened, closed = round_.said["opened"], round_.said.get("closed")
    said = [opened.body.get("closes_at"), *(each.body["closes_at"] for each in round_.extended)]
    ends = [found for each in said if (found := moment(each)) is not None]
    if not ends:
        raise Tampered(9, "it does not say when voting ends", opened.index)
    at = None if closed is None else moment(closed.body["closed_at"])
    return min(max(ends), _LAST, at or _LAST)


def _as_of(verified: Verified) -> datetime:
    """Step 5: until when this is known to have been the log."""
    if verified.times:
        return datetime.fromtimestamp(min(max(verified.times.values()), _LAST.timestamp()), UTC)
    last = leaves.read(verified.export.entry(verified.size - 1))
    return moment(last.minute) or _FIRST


def written(time: datetime) -> str:
    """A time as verdicts have it."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _verifies(key: str, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64(key)).verify(signature, message)
    except (ValueError, InvalidSignature):
        return False
    return True
