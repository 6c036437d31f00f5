"""RFC 8785 JSON (JCS): the one way a value becomes the bytes that are hashed, signed and sent."""

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import Any

import rfc8785
from pydantic_core import from_json, to_json

# A bundle of the ledger counts an entry's length in 16 bits; what surrounds a body needs the rest.
MAX_BODY = 60 * 1024
# RFC 8785 takes what every reader holds exactly as a double.
MOST = 2**53 - 1
# Lists and objects within each other in a body, itself counted: whoever walks it calls itself, and
# parsers give up at depths of their own. The auditor has the same figure (`ledger_audit.jcs`).
DEEPEST = 100


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a value made of dicts, lists, strings, integers, booleans and None."""
    return rfc8785.dumps(value)


def ordered(value: dict[str, Any]) -> bytes:
    """The RFC 8785 form of an object whose keys are in their order already, without floats, and in
    which everything is ASCII: a tenth of the time, where each request pays for it."""
    return to_json(value)


def digest(value: Any) -> bytes:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(value)).digest()


def commitment(salt: bytes, value: Any) -> bytes:
    """SHA256(salt ‖ JCS(value)): all that the ledger shows of a text; `salt` is 32 bytes."""
    return hashlib.sha256(salt + canonical(value)).digest()


def flaw(body: bytes) -> str | None:
    """Why these bytes are not what the ledger takes, or None: size, JSON, canonical form, content.

    Integers only, ASCII keys, NFC strings, no deeper than `DEEPEST`: every reader in every
    language gets the same value.
    """
    if len(body) > MAX_BODY:
        return f"{len(body)} bytes, at most {MAX_BODY} are allowed"
    try:
        value = from_json(body)
        if not isinstance(value, dict):
            return "not a JSON object"
        if (found := _forbidden(value)) is not None:
            return found
        # With such values this is RFC 8785's form, which rfc8785 takes ten times as long to make.
        if to_json(value) != body:
            return "not in RFC 8785 form"
    except ValueError as error:
        return f"not JSON: {error}"
    return None


def _forbidden(value: dict[str, Any] | list[Any], depth: int = 1) -> str | None:
    """The first thing in parsed JSON that readers could take in two ways, or find in another order.

    Of ASCII keys, code points and UTF-16 have the same order (RFC 8785 §3.2.3). Text and numbers
    are looked at within their list or object: most of a ledger's events are these.
    """
    if depth > DEEPEST:
        return f"nested more than {DEEPEST} deep"
    inside: Iterable[Any] = value
    if isinstance(value, dict):
        for key in value:
            if not key.isascii():
                return f"the key {key[:40]!r} is not ASCII"
        inside = value.values()
    for inner in inside:
        kind = type(inner)
        if kind is str:
            if not inner.isascii() and not unicodedata.is_normalized("NFC", inner):
                return f"the text {inner[:40]!r} is not in NFC"
        elif kind is int:
            if not -MOST <= inner <= MOST:
                return f"not JSON for everybody: {inner} is beyond {MOST}"
        elif kind is dict or kind is list:
            if (found := _forbidden(inner, depth + 1)) is not None:
                return found
        elif kind is float:
            return f"the number {inner} is not an integer"
    if isinstance(value, dict) and list(value) != sorted(value):
        return "not in RFC 8785 form"
    return None
