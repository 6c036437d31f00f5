"""Is this log what its checkpoint says, and what a log may be? From its bytes alone."""

import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger_audit.again import VerifiedExport
from ledger_audit.audit import Audit, Progress, unheard
from ledger_audit.errors import Absent, Tampered, Untrusted
from ledger_audit.export import Export
from ledger_audit.gaps import Filled
from ledger_audit.keys import Malformed
from ledger_audit.origins import check_asked
from ledger_audit.policy import Policy, Trusted


@dataclass(frozen=True)
class Verified:
    """A log whose every byte was checked; `export` gives these bytes again, and no others.

    `numbers` are the last ones of each publisher, `times` when each witness cosigned (seconds),
    `unsigned` how many decisions and closings are from before the log knew a key of their service,
    `spilled` the size of the temporary file of ids in bytes. `rehearsal`: nothing of it is in
    earnest, as its first entry says. `filled` are numbers without an event, by the first of the
    `fillings` entries that say so. `replaced` are keys that two officers gave a publisher, and
    `unvouched` those that one announced, which are not taken: who, the key, and the entry. `keys`
    are those that each publisher signs with, in base64.
    """

    export: Export = field(compare=False)
    origin: str
    size: int
    root: bytes
    numbers: Mapping[str, int]
    times: Mapping[str, int] = field(default_factory=dict)
    unsigned: int = 0
    spilled: int = 0
    rehearsal: bool = False
    filled: tuple[Filled, ...] = ()
    fillings: int = 0
    replaced: tuple[tuple[str, str, int], ...] = ()
    unvouched: tuple[tuple[str, str, int], ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {
            "origin": self.origin,
            "size": self.size,
            "root": b64encode(self.root).decode(),
            "numbers": dict(self.numbers),
            "cosigned": dict(self.times),
            "unsigned": self.unsigned,
            "spilled": self.spilled,
            "rehearsal": self.rehearsal,
            "filled": [each.summary() for each in self.filled],
            "fillings": self.fillings,
            "keys_replaced": [_key(each) for each in self.replaced],
            "keys_not_taken": [_key(each) for each in self.unvouched],
        }


def verify(
    export: Export,
    trust: str | Policy,
    *,
    since: bytes | None = None,
    max_age: int | None = None,
    origin: str | None = None,
    progress: Progress = unheard,
) -> Verified:
    """Check a whole log, against a policy or the vkey of the log alone.

    1. The checkpoint is signed by a log of the policy, whose name is the log's origin, and
       cosigned by its quorum, no longer ago than `max_age` seconds.
    2. There are as many entries as it says.
    3. They have the root it says (RFC 6962).
    4. Every entry is RFC 8785 JSON with exactly the fields of a leaf.
    5. Each publisher's numbers are 1, 2, 3, … with those that the ledger's own entries fill.
    6. No event id is there twice.
    7. The hash tiles are those of the entries.
    8. Each closed box holds the ballots that its closing counts and nothing after it, and nothing
       is decided before it is closed.
    9. What counting relies on is said by whoever publishes it.
    10. It continues the log of the checkpoint `since`, a note that was saved.
    12. Decisions and closings are signed by their services, and a log that ended is whole.
    14. An edition's first entry begins the log that its checkpoint names.

    Raises `Tampered` with the first step that fails, `Untrusted` where there are too few
    cosignatures, the checkpoint is too old or of another log than `origin`, and `Unreachable`.
    """
    policy = trusting(trust)
    trusted = policy.check(export.note, now=int(time.time()), max_age=max_age)
    check_asked(policy, export.source, trusted.checkpoint.origin, origin)
    seen = None if since is None else remembered(policy, since)
    try:
        return _verified(export, trusted, seen, progress)
    except Absent:
        # A mirror that is brought up to date meanwhile has another checkpoint, and other files.
        export.refresh()
        if export.note == trusted.note:
            raise
    trusted = policy.check(export.note, now=int(time.time()), max_age=max_age)
    check_asked(policy, export.source, trusted.checkpoint.origin, origin)
    return _verified(export, trusted, seen, progress)


def _verified(
    export: Export, trusted: Trusted, seen: Trusted | None, progress: Progress
) -> Verified:
    audit = Audit(seen)
    try:
        audit.extend(export, trusted, progress)
        return verified(export, audit, trusted)
    finally:
        audit.ids.close()


def verified(export: Export, audit: Audit, trusted: Trusted) -> Verified:
    """What an audit found of a log."""
    services, begun = audit.services, audit.services.begun or {}
    again = VerifiedExport(
        export, trusted.checkpoint, trusted.note, audit.roots(), audit.ballots_alone()
    )
    return Verified(
        again,
        trusted.checkpoint.origin,
        audit.size,
        audit.root(),
        dict(audit.numbers),
        trusted.times,
        services.unsigned,
        audit.ids.spilled,
        begun.get("rehearsal") is True,
        tuple(audit.filled),
        audit.fillings,
        tuple(services.replaced),
        tuple(services.unvouched),
        services.keys,
    )


def _key(key: tuple[str, str, int]) -> dict[str, Any]:
    src, service_key, index = key
    return {"src": src, "service_key": service_key, "index": index}


def trusting(trust: str | Policy) -> Policy:
    """A policy, or the one of a vkey. Raises `Untrusted`."""
    if isinstance(trust, Policy):
        return trust
    try:
        return Policy.of_key(trust)
    except Malformed as error:
        raise Untrusted(str(error)) from None


def remembered(policy: Policy, note: bytes) -> Trusted:
    """A checkpoint that was saved: its cosignatures were looked at then. Raises `Untrusted`."""
    try:
        return replace(policy, quorum="none").check(note)
    except Tampered as error:
        raise Untrusted(f"the checkpoint that was saved is not one: {error.what}") from None
