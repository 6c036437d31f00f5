"""A ballot, checked from its entry: token, signature, format. On all cores where there are many."""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import batched, pairwise
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ledger_audit.jcs import canonical
from ledger_audit.reference import void
from ledger_audit.workers import cores, in_order

MANY = 5_000
_CHUNK = 1_000
_PSS = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0)
_FIELDS = {"v", "round", "tier", "key", "token", "revision", "choices", "sig"}
_MOST_REVISIONS = 20
_LARGEST_NUMBER, _LARGEST_VALUE = 10_000, 1_000_000
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


@dataclass(frozen=True, slots=True)
class Checked:
    """A ballot of its round, of which the highest revision under its key counts, if it is not void.

    `refused`: the code for which the box had to refuse it.
    """

    index: int
    round_id: str
    tier: str
    key: str
    revision: int
    choices: tuple[int | tuple[int, int], ...]
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Void:
    """An entry that is no ballot of its round, and why."""

    index: int
    round_id: str
    reason: str


class NoBallot(Exception):
    """Why an entry is no ballot of its round."""


def check_all(
    entries: Iterable[tuple[int, bytes]], rules: Mapping[str, Rules], *, expected: int
) -> Iterator[Checked | Void]:
    """Check ballots, in their order; with a process for each core where many are expected."""
    if expected <= MANY or cores() == 1:
        for index, entry in entries:
            yield check(index, entry, rules)
        return
    chunks = batched(entries, _CHUNK, strict=False)
    for several in in_order(_check_chunk, chunks, first=partial(_set_rules, dict(rules))):
        yield from several


_rules: Mapping[str, Rules] = {}


def _set_rules(rules: Mapping[str, Rules]) -> None:
    """In a process that checks ballots, before any."""
    global _rules
    _rules = rules


def _check_chunk(chunk: Iterable[tuple[int, bytes]]) -> list[Checked | Void]:
    return [check(index, entry, _rules) for index, entry in chunk]


def check(index: int, entry: bytes, rules: Mapping[str, Rules]) -> Checked | Void:
    """One ballot from the bytes of its entry."""
    leaf = json.loads(entry)
    ballot = leaf["body"]
    round_id = str(ballot.get("round"))
    try:
        if (of_round := rules.get(round_id)) is None:
            raise NoBallot("its round was never opened")
        _check_fields(ballot)
        if of_round.closed_by is not None and leaf["number"] > of_round.closed_by:
            raise NoBallot("it comes after the box was closed")
        refused = _refused(ballot["choices"], of_round)
        _check_token(ballot, of_round)
        _check_signature(ballot)
    except NoBallot as reason:
        return Void(index, round_id, str(reason))
    return Checked(
        index,
        round_id,
        ballot["tier"],
        ballot["key"],
        ballot["revision"],
        tuple(tuple(each) if isinstance(each, list) else each for each in ballot["choices"]),
        refused,
    )


def _check_fields(ballot: dict[str, Any]) -> None:
    texts = (ballot.get(name) for name in ("tier", "key", "token", "sig"))
    whole = (ballot.get("v"), ballot.get("revision"))
    choices = ballot.get("choices")
    if (
        ballot.keys() != _FIELDS
        or not all(isinstance(text, str) for text in texts)
        or not all(type(number) is int for number in whole)
        or ballot["v"] != 1
        or not 1 <= ballot["revision"] <= _MOST_REVISIONS
        or not isinstance(choices, list)
        or not all(map(_is_choice, choices))
    ):
        raise NoBallot("it does not have the fields of a ballot")


def _is_choice(choice: Any) -> bool:
    """A number of an option, or that with a value."""
    number, value = choice if isinstance(choice, list) and len(choice) == 2 else (choice, 0)
    whole = type(number) is int and type(value) is int
    return whole and 1 <= number <= _LARGEST_NUMBER and abs(value) <= _LARGEST_VALUE


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
    message = {
        "v": "comptoir-token-v1",
        "round": ballot["round"],
        "tier": ballot["tier"],
        "key": ballot["key"],
    }
    try:
        _tier_key(spki).verify(_bytes(ballot["token"]), canonical(message), _PSS, hashes.SHA384())
    except InvalidSignature:
        raise NoBallot("its token is not the roll's") from None


def _check_signature(ballot: dict[str, Any]) -> None:
    key, signature = _bytes(ballot["key"]), _bytes(ballot["sig"])
    y = int.from_bytes(key, "little") & (2**255 - 1)
    if len(key) != 32 or y >= _P or y in _SMALL_ORDER:
        raise NoBallot("its key is not one that all verifiers treat alike")
    unsigned = {name: value for name, value in ballot.items() if name != "sig"}
    try:
        # S ≥ L is refused by OpenSSL.
        Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical(unsigned))
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
