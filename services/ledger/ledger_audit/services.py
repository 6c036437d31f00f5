"""Who said it: decisions and closings carry their service's own signature, which the operator of
the ledger does not have.

1. A service's keys are those of the log's first entry, and those added later. A key that is added
   beside others is vouched for by one of them, or was given by two officers, which is shown; one
   that is only announced, and by nobody vouched for, is shown and not taken.
2. A decision or a closing is signed by a key of its service. One without a signature is from before
   the log knew a key of that service, as is every decision of a version that had none. One that no
   key signed which is known so far may be by a key that a later entry adds: the log waits for it.
3. A closing states a last number that comes before it.
4. A log that was frozen has the last numbers that its last entry states, and nothing behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger_audit import jcs
from ledger_audit.errors import Tampered, Unsigned
from ledger_audit.gaps import by_two
from ledger_audit.keys import base64
from ledger_audit.leaves import BALLOT, LEDGER, PLATFORM, SEAT_BALLOT

STEP = 12
# What is signed, and by whom.
SIGNED: Mapping[str, str] = {
    "voting.round-closed.v1": "voting.count",
    "voting.option-decided.v2": "voting.count",
    "voting.allocation-published.v2": "voting.count",
    "voting.box-closed.v1": "voting.box",
    "voting.tokens-issued.v1": "voting.roll",
    "voting.seats-closed.v1": "voting.count",
    "voting.paper-batch-locked.v1": "voting.count",
    "voting.papers-closed.v1": "voting.count",
    "voting.papers-marked.v1": "voting.roll",
}
# What decided before there were signatures.
BEFORE: Mapping[str, str] = {
    "voting.option-decided.v1": "voting.count",
    "voting.allocation-published.v1": "voting.count",
}
KEYS: Mapping[str, str] = {
    "voting.count-key-announced.v1": "voting.count",
    "voting.roll-key-announced.v1": "voting.roll",
    "voting.box-key-announced.v1": "voting.box",
}
# Who publishes what counting relies on, or what a grant does before and after it: nobody else can
# say it.
SOURCES: Mapping[str, str] = {
    **SIGNED,
    **BEFORE,
    **KEYS,
    "submission.options-frozen.v1": "submission",
    "submission.project-labelled.v1": "submission",
    "submission.label-refused.v1": "submission",
    "submission.charter-amended.v1": "submission",
    "submission.projects-merged.v1": "submission",
    "submission.project-split.v1": "submission",
    "submission.project-withdrawn.v1": "submission",
    "submission.project-suspended.v1": "submission",
    "submission.project-resumed.v1": "submission",
    "submission.carrier-joined.v1": "submission",
    "submission.carrier-left.v1": "submission",
    "submission.carrier-cleared.v1": "submission",
    "submission.clearance-withdrawn.v1": "submission",
    "submission.carrier-asked.v1": "submission",
    "submission.aid-entered.v1": "submission",
    "submission.aid-removed.v1": "submission",
    "voting.round-prepared.v1": "voting.count",
    "voting.option-listed.v1": "voting.count",
    "voting.round-opened.v1": "voting.count",
    "voting.round-opened.v2": "voting.count",
    "voting.tie-asked.v1": "voting.count",
    "voting.tie-ordered.v1": "voting.count",
    "voting.seat-granted.v1": "voting.count",
    "voting.seat-withdrawn.v1": "voting.count",
    SEAT_BALLOT: "voting.count",
    "voting.seat-recused.v1": "voting.count",
    "voting.tier-keys-prepared.v1": "voting.roll",
    "voting.commission-prepared.v1": "voting.count",
    "voting.ballot-opened.v1": "voting.count",
    "voting.paper-batch-opened.v1": "voting.count",
    "voting.paper-ballot-entered.v1": "voting.count",
    "voting.paper-batch-annulled.v1": "voting.count",
    "voting.round-extended.v1": "voting.count",
    "voting.round-annulled.v1": "voting.count",
    "voting.result-validated.v1": "voting.count",
    "voting.funding-confirmed.v1": "voting.count",
    "voting.agreement-signed.v1": "voting.count",
    "voting.instalment-paid.v1": "voting.count",
    "voting.grant-reduced.v1": "voting.count",
    "voting.milestone-reached.v1": "voting.count",
    "voting.grant-lapsed.v1": "voting.count",
    BALLOT: "voting.box",
}
_BEGUN, _ADDED = "ledger.log-begun.v1", "ledger.service-key-added.v1"
_REPLACED = "ledger.service-key-replaced.v1"
_OWN = {_BEGUN, _ADDED, _REPLACED, "ledger.log-frozen.v1"}
_FROZEN = "ledger.log-frozen.v1"
# What somebody who signs what they like could make an auditor remember.
MOST_KEYS = 1_000
# A signature names no key: so many of its publisher's are tried, the last ones first.
MOST_TRIED = 20
MOST_WAITING = 32_000_000
# An Ed25519 signature in base64.
_SIGNATURE = 88


def concerns(src: str, kind: str) -> bool:
    """Whether an entry is signed, or says who signs, or ends its log."""
    return kind in SIGNED or kind in BEFORE or kind in KEYS or (src == LEDGER and kind in _OWN)


def _not_signed(index: int, src: str) -> Tampered:
    return Tampered(STEP, f"no key of {src} signed it", index)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """What no key that the log knew by then signed: a later one may have."""

    index: int
    src: str
    message: bytes
    signature: str

    @property
    def size(self) -> int:
        """What remembering it takes."""
        return len(self.message) + len(self.signature)


@dataclass
class Services:
    """Takes the entries of a log in order; `check` says whether services signed what they had to.

    `unsigned` counts what is from before the log knew a key of its service; `begun` is the body of
    the entry that begins the log. `replaced` are keys that two officers gave a publisher, and
    `unvouched` those that one announced and no earlier key of it vouches for, with their entries.
    """

    unsigned: int = 0
    begun: Mapping[str, Any] | None = None
    replaced: list[tuple[str, str, int]] = field(default_factory=list)
    unvouched: list[tuple[str, str, int]] = field(default_factory=list)
    _log: str = PLATFORM
    _keys: dict[str, list[str]] = field(default_factory=dict)
    _waiting: list[_Waiting] = field(default_factory=list)
    _room: int = MOST_WAITING
    _frozen: tuple[int, Mapping[str, Any]] | None = None

    @property
    def keys(self) -> dict[str, tuple[str, ...]]:
        """Step 1: the keys of each publisher, those that were added last behind the others."""
        return {src: tuple(keys) for src, keys in self._keys.items()}

    def take(
        self, index: int, src: str, number: int, kind: str, event_id: str, body: Mapping[str, Any]
    ) -> None:
        """One entry; those that do not concern this may be left out. Raises `Tampered`."""
        if kind in SIGNED or kind in KEYS:
            if src != (SIGNED.get(kind) or KEYS[kind]):
                raise Tampered(STEP, f"{kind} is said by {src}", index)
            if kind in KEYS:
                announced = {**body, "event_id": event_id, "event_type": kind, "src": src}
                self._announce(index, announced)
            else:
                _check_last_number(index, number, body)
                self._hear(index, src, kind, event_id, body)
        elif kind in BEFORE:
            self._count_unsigned(index, BEFORE[kind])
        elif src == LEDGER and kind == _BEGUN:
            self._begin(index, body)
        elif src == LEDGER and kind == _ADDED:
            self._add(index, body)
        elif src == LEDGER and kind == _REPLACED:
            self._replace(index, body)
        elif src == LEDGER and kind == _FROZEN and self._frozen is None:
            self._frozen = index, body

    def check(self, numbers: Mapping[str, int], size: int) -> None:
        """`numbers` has the last ones of each publisher, `size` is the log's.

        Raises `Tampered`, and `Unsigned` while something waits for its key in a log that goes on.
        """
        if self._frozen is not None and size > self._frozen[0] + 1:
            raise Tampered(STEP, "it follows the entry that ended its log", self._frozen[0] + 1)
        self._waiting = [said for said in self._waiting if not self._is_signed(said)]
        self._room = MOST_WAITING - sum(said.size for said in self._waiting)
        if self._frozen is not None:
            for said in self._waiting:
                raise _not_signed(said.index, said.src)
            index, body = self._frozen
            last = {src: number for src, number in numbers.items() if src != LEDGER}
            if body.get("numbers") != last:
                raise Tampered(STEP, "the last numbers that it states are others", index)
        for said in self._waiting:
            raise Unsigned(said.index, said.src)

    def _hear(
        self, index: int, src: str, kind: str, event_id: str, body: Mapping[str, Any]
    ) -> None:
        """Step 2."""
        if "signature" not in body:
            self._count_unsigned(index, src)
            return
        signature = body["signature"]
        if not isinstance(signature, str) or len(signature) != _SIGNATURE:
            raise _not_signed(index, src)
        message = jcs.canonical(
            {
                "body": {name: value for name, value in body.items() if name != "signature"},
                "id": event_id,
                "log": self._log,
                "src": src,
                "type": kind,
            }
        )
        said = _Waiting(index, src, message, signature)
        if not self._is_signed(said):
            if self._room < said.size:
                raise Tampered(STEP, "too much is signed by keys that it does not know", index)
            self._room -= said.size
            self._waiting.append(said)

    def _count_unsigned(self, index: int, src: str) -> None:
        if self._keys.get(src):
            raise _not_signed(index, src)
        self.unsigned += 1

    def _is_signed(self, said: _Waiting) -> bool:
        return any(_verifies(key, said.signature, said.message) for key in self._tried(said.src))

    def _tried(self, src: str) -> list[str]:
        return self._keys.get(src, [])[: -MOST_TRIED - 1 : -1]

    def _begin(self, index: int, body: Mapping[str, Any]) -> None:
        log, keys = body.get("log"), body.get("service_keys", {})
        well_formed = isinstance(keys, dict) and all(
            isinstance(each, list) and all(isinstance(key, str) for key in each)
            for each in keys.values()
        )
        if index != 0 or not isinstance(log, str) or not well_formed:
            raise Tampered(STEP, "this does not begin a log", index)
        self.begun = body
        self._log, self._keys = log, {src: list(each) for src, each in keys.items()}

    def _add(self, index: int, body: Mapping[str, Any]) -> None:
        """Step 1."""
        src, key = str(body.get("src")), str(body.get("service_key"))
        if not self._is_vouched(src, key, body):
            raise Tampered(STEP, f"no earlier key of {src} vouches for this one", index)
        self._keep(index, src, key)

    def _announce(self, index: int, body: Mapping[str, Any]) -> None:
        """The publisher says it itself, where all of its keys may have been lost."""
        src, key = str(body["src"]), str(body.get("service_key"))
        if key in self._keys.get(src, ()):
            return
        if self._is_vouched(src, key, body):
            self._keep(index, src, key)
        else:
            self._check_room(index, len(self.unvouched))
            self.unvouched.append((src, key, index))

    def _replace(self, index: int, body: Mapping[str, Any]) -> None:
        src, key = str(body.get("src")), str(body.get("service_key"))
        if not by_two(body):
            raise Tampered(STEP, "it does not name two officers", index)
        self._check_room(index, len(self.replaced))
        self.replaced.append((src, key, index))
        self.unvouched = [each for each in self.unvouched if each[:2] != (src, key)]
        self._keep(index, src, key)

    def _keep(self, index: int, src: str, key: str) -> None:
        self._check_room(index, sum(len(each) for each in self._keys.values()))
        self._keys[src] = [*self._keys.get(src, []), key]

    def _check_room(self, index: int, many: int) -> None:
        if many >= MOST_KEYS:
            raise Tampered(STEP, f"more than {MOST_KEYS} keys", index)

    def _is_vouched(self, src: str, key: str, body: Mapping[str, Any]) -> bool:
        """A first key needs nobody to vouch for it."""
        if not self._keys.get(src):
            return True
        message = jcs.canonical(
            {
                "body": {"service_key": key},
                "id": str(body.get("event_id")),
                "log": PLATFORM,
                "src": src,
                "type": str(body.get("event_type")),
            }
        )
        signature = body.get("signature")
        return any(_verifies(each, signature, message) for each in self._tried(src))


def _check_last_number(index: int, number: int, body: Mapping[str, Any]) -> None:
    """Step 3."""
    last = body.get("last_number")
    if last is not None and not (type(last) is int and 0 <= last < number):
        raise Tampered(STEP, f"its last number is {last}, it has {number} itself", index)


def _verifies(key: str, signature: object, message: bytes) -> bool:
    if not isinstance(signature, str):
        return False
    try:
        public = Ed25519PublicKey.from_public_bytes(base64(key))
        public.verify(base64(signature), message)
    except (ValueError, InvalidSignature):
        return False
    return True
