"""RFC 8785 JSON (JCS): the one way a value becomes the bytes that are hashed, signed and sent."""

import hashlib
import json
import unicodedata
from typing import Any

import rfc8785

# A bundle of the ledger counts an entry's length in 16 bits; what surrounds a body needs the rest.
MAX_BODY = 60 * 1024


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a value made of dicts, lists, strings, integers, booleans and None."""
    return rfc8785.dumps(value)


def digest(value: Any) -> bytes:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(value)).digest()


def commitment(salt: bytes, value: Any) -> bytes:
    """SHA256(salt ‖ JCS(value)): all that the ledger shows of a text; `salt` is 32 bytes."""
    return hashlib.sha256(salt + canonical(value)).digest()


def flaw(body: bytes) -> str | None:
    """Why these bytes are not what the ledger takes, or None: size, JSON, canonical form, content.

    Integers only, ASCII keys, NFC strings: every reader in every language gets the same value.
    """
    if len(body) > MAX_BODY:
        return f"{len(body)} bytes, at most {MAX_BODY} are allowed"
    try:
        value = json.loads(body)
        if not isinstance(value, dict):
            return "not a JSON object"
        if (found := _forbidden(value)) is not None:
            return found
        if canonical(value) != body:
            return "not in RFC 8785 form"
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        return f"not JSON: {error}"
    return None


def _forbidden(value: Any) -> str | None:
    match value:
        case float():
            return f"the number {value} is not an integer"
        case str() if not unicodedata.is_normalized("NFC", value):
            return f"the text {value[:40]!r} is not in NFC"
        case dict():
            for key, inner in value.items():
                if not key.isascii():
                    return f"the key {key[:40]!r} is not ASCII"
                if (found := _forbidden(inner)) is not None:
                    return found
        case list():
            for inner in value:
                if (found := _forbidden(inner)) is not None:
                    return found
    return None
