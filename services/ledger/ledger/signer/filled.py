"""What the ledger's own entries say of numbers without an event, and of keys: as the signer reads
it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ledger.verifier_keys import ED25519, VerifierKey

# Rejections of what came beside a log: no number is missing.
_BESIDE = ("number_taken", "log_frozen")


class Rotated(NamedTuple):
    """A log's next key, the one before it, and until when (in seconds) that one signs beside it."""

    log: str
    public_key: bytes
    previous: bytes
    both_until: int


def rotated(leaf: Mapping[str, Any]) -> Rotated | None:
    """The key that an entry of the platform's log gives a log, if it does."""
    if leaf["type"] != "ledger.key-rotated.v1":
        return None
    body = leaf["body"]
    keys = [VerifierKey.parse(body[name]) for name in ("vkey", "previous")]
    if any(key.name != body["origin"] or key.kind != ED25519 for key in keys):
        raise ValueError("a key of another log")
    until = int(datetime.fromisoformat(body["both_until"]).timestamp())
    return Rotated(body["log"], keys[0].public_key, keys[1].public_key, until)


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
