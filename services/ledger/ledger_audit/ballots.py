"""A ballot, checked from its entry: token, signature, format; or its opening, where it was sealed.

On all cores where there are many.
"""

import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from sys import intern
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ledger_audit.export import Export, Part
from ledger_audit.jcs import canonical
from ledger_audit.leaves import CAST
from ledger_audit.openings import (
    OPENING,
    SEALED,
    Choices,
    NoOpening,
    Opened,
    as_choices,
    check_opening,
    is_choice,
)
from ledger_audit.reference import void
from ledger_audit.sifting import ballots, each_part

_PSS, _SHA384 = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0), hashes.SHA384()
_TOKEN = "comptoir-token-v1"
_PLAIN = re.compile(r"[ !#-\[\]-~]*")
_FIELDS = {"v", "round", "tier", "key", "token", "revision", "sig"}
_OPEN, _SEALED = _FIELDS | {"choices"}, _FIELDS | {"commitment", "sealed"}
_MOST_REVISIONS = 20
_HASH = re.compile(r"[0-9a-f]{64}")
# Before what is sealed the sender's key, behind it the tag (RFC 9180).
_OVERHEAD = 32 + 16
# RFC 8032 leaves verifiers a choice about keys that are not reduced or of small order; nobody has
# it where both are refused. These are the y of all points of order 1, 2, 4 and 8.
_P = 2**255 - 19
_EIGHTH = 55188659117513257062467267217118295137698188065244968500265048394206261417927
_SMALL_ORDER = {0, 1, _P - 1, _EIGHTH, _P - _EIGHTH}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a round's ballots must be. `tiers` are public keys (SPKI, DER, base64).

    `options` are what the rule sees of them, by number; None in a round of version 1, whose options
    have the numbers 1 to `numbers`.
    """

    tiers: Mapping[str, str]
    form: Mapping[str, Any]
    options: Mapping[int, Mapping[str, Any]] | None
    numbers: int
    # The number of the closing of the box: a ballot has a lower one. None while it is open.
    closed_by: int | None
    # How many bytes every ballot of a sealed round has; None where they say their choices.
    padded: int | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A ballot of its round, of which the highest revision under its key counts, if it is not void.

    `refused`: the code for which the box had to refuse it. `unread`: why nobody knows what it
    chose, of one with a `commitment`.
    """

    index: int
    round_id: str
    tier: str
    key: str
    revision: int
    choices: Choices
    refused: str | None = None
    commitment: str | None = None
    unread: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Millions go from one process to another: field by field, by name, they take twice as
        long."""
        return Checked, (
            self.index,
            self.round_id,
            self.tier,
            self.key,
            self.revision,
            self.choices,
            self.refused,
            self.commitment,
            self.unread,
        )


@dataclass(frozen=True, slots=True)
class Void:
    """An entry that is no ballot of its round, and why."""

    index: int
    round_id: str
    reason: str


type Found = Checked | Void | Opened | NoOpening


class NoBallot(Exception):
    """Why an entry is no ballot of its round."""


class _Read(NamedTuple):
    """A ballot that was read. `signed` is what its signature is over, where that is known without
    writing its fields anew."""

    number: int
    fields: dict[str, Any]
    signed: bytes | None


def check_all(export: Export, rules: Mapping[str, Rules]) -> Iterator[Found]:
    """Check all ballots and openings of a log, in their order; on all cores where it is large.

    Raises `Tampered` where they are not those that were verified.
    """
    return each_part(export, _check_parts, first=partial(_set_rules, dict(rules)))


_rules: Mapping[str, Rules] = {}


def _set_rules(rules: Mapping[str, Rules]) -> None:
    """In a process that checks ballots, before any."""
    global _rules
    _rules = rules


def _check_parts(parts: tuple[Part, ...]) -> list[Found]:
    return [check(index, entry, _rules) for index, entry in ballots(parts)]


def check(index: int, entry: bytes, rules: Mapping[str, Rules]) -> Found:
    """One ballot, or one opening, from the bytes of its entry."""
    if entry.endswith(OPENING):
        return check_opening(index, entry)
    number, ballot, signed = _read(entry)
    round_id = intern(str(ballot.get("round")))
    try:
        if (of_round := rules.get(round_id)) is None:
            raise NoBallot("its round was never opened")
        _check_fields(ballot, sealed=of_round.padded is not None)
        if of_round.closed_by is not None and number > of_round.closed_by:
            raise NoBallot("it comes after the box was closed")
        refused = None
        if of_round.padded is None:
            refused = _refused(ballot["choices"], of_round)
        else:
            _check_sealed(ballot, of_round.padded)
        _check_token(ballot, of_round)
        if signed is None:
            signed = canonical({name: each for name, each in ballot.items() if name != "sig"})
        check_signature(ballot["key"], ballot["sig"], signed)
    except NoBallot as reason:
        return Void(index, round_id, str(reason))
    return Checked(
        index,
        round_id,
        intern(ballot["tier"]),
        ballot["key"],
        ballot["revision"],
        as_choices(ballot.get("choices", [])),
        refused,
        ballot.get("commitment"),
        None if of_round.padded is None else SEALED,
    )


def _read(entry: bytes) -> _Read:
    """A ballot's fields; the short way of one in its one form, as nearly all are."""
    if (found := CAST.fullmatch(entry)) is None:
        leaf = json.loads(entry)
        return _Read(leaf["number"], leaf["body"], None)
    choices, commitment, sealed = found.group("choices", "commitment", "sealed")
    key, revision, round_id, sig, tier, token = found.group(
        "key", "revision", "round", "sig", "tier", "token"
    )
    fields: dict[str, Any] = {
        "v": 1,
        "round": round_id.decode(),
        "tier": tier.decode(),
        "key": key.decode(),
        "token": token.decode(),
        "revision": int(revision),
        "sig": sig.decode(),
    }
    if choices is not None:
        fields["choices"] = json.loads(choices)
    if commitment is not None:
        fields["commitment"] = commitment.decode()
    if sealed is not None:
        fields["sealed"] = sealed.decode()
    return _Read(int(found["number"]), fields, found["before"] + found["after"])


def _check_fields(ballot: dict[str, Any], *, sealed: bool) -> None:
    texts = (ballot.get(name) for name in ("tier", "key", "token", "sig"))
    whole = (ballot.get("v"), ballot.get("revision"))
    choices = ballot.get("choices", [])
    if (
        ballot.keys() != (_SEALED if sealed else _OPEN)
        or not all(isinstance(text, str) for text in texts)
        or not all(type(number) is int for number in whole)
        or ballot["v"] != 1
        or not 1 <= ballot["revision"] <= _MOST_REVISIONS
        or not isinstance(choices, list)
        or not all(map(is_choice, choices))
    ):
        raise NoBallot("it does not have the fields of a ballot")


def _check_sealed(ballot: dict[str, Any], padded: int) -> None:
    """That it commits to something, and is of the size of all others."""
    commitment, sealed = ballot["commitment"], ballot["sealed"]
    if not isinstance(commitment, str) or _HASH.fullmatch(commitment) is None:
        raise NoBallot("its commitment is no hash")
    if not isinstance(sealed, str) or len(_bytes(sealed)) != padded + _OVERHEAD:
        raise NoBallot("what is sealed has another size than the round's ballots")


def _refused(choices: list[Any], rules: Rules) -> str | None:
    """The code for which the box refuses a ballot; what else makes one void is counted as such."""
    if rules.options is None:
        _check_approval(choices, rules)
        return None
    code = void(rules.form, choices, rules.options)
    strict = code == "malformed" or rules.form.get("wrong") == "refused"
    return code if strict else None


def _check_approval(choices: list[Any], rules: Rules) -> None:
    """In a round of version 1, where no ballot was void."""
    least, most = rules.form["min"], rules.form["max"]
    if not all(type(choice) is int for choice in choices):
        raise NoBallot("it does not have the fields of a ballot")
    if not least <= len(choices) <= most:
        limits = f"between {least} and {most}"
        raise NoBallot(f"it has {len(choices)} choices, {limits} are asked for")
    if any(not 1 <= choice <= rules.numbers for choice in choices):
        raise NoBallot("it chooses an option that does not exist")
    if any(before >= after for before, after in pairwise(choices)):
        raise NoBallot("its choices do not increase")


def _check_token(ballot: dict[str, Any], rules: Rules) -> None:
    if (spki := rules.tiers.get(ballot["tier"])) is None:
        raise NoBallot(f"the round has no tier {ballot['tier'][:20]}")
    try:
        _tier_key(spki).verify(_bytes(ballot["token"]), _named(ballot), _PSS, _SHA384)
    except InvalidSignature:
        raise NoBallot("its token is not the roll's") from None


def _named(ballot: Mapping[str, Any]) -> bytes:
    """What a token is over. Where there is nothing to escape, its RFC 8785 JSON is plain text."""
    round_id, tier, key = ballot["round"], ballot["tier"], ballot["key"]
    if _PLAIN.fullmatch(round_id + tier + key) is not None:
        said = f'{{"key":"{key}","round":"{round_id}","tier":"{tier}","v":"{_TOKEN}"}}'
        return said.encode()
    return canonical({"v": _TOKEN, "round": round_id, "tier": tier, "key": key})


def check_signature(of_key: str, sig: str, signed: bytes) -> None:
    """Whether a key, in base64, signed these bytes. Raises `NoBallot`."""
    key, signature = _bytes(of_key), _bytes(sig)
    y = int.from_bytes(key, "little") & (2**255 - 1)
    if len(key) != 32 or y >= _P or y in _SMALL_ORDER:
        raise NoBallot("its key is not one that all verifiers treat alike")
    try:
        # S ≥ L is refused by OpenSSL.
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        raise NoBallot("it is not signed by its key") from None


@cache
def _tier_key(spki: str) -> RSAPublicKey:
    try:
        key = load_der_public_key(_bytes(spki))
    except ValueError:
        raise NoBallot("the key of its tier cannot be read") from None
    if not isinstance(key, RSAPublicKey):
        raise NoBallot("the key of its tier is not an RSA key")
    return key


def _bytes(text: str) -> bytes:
    try:
        found = b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise NoBallot("a part of it is not base64") from None
    if b64encode(found).decode() != text:
        # Else one key would have four names, and one signature sixteen.
        raise NoBallot("a part of it is not canonical base64")
    return found
