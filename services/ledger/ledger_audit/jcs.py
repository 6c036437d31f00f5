"""RFC 8785 JSON as the ledger takes it: one form, integers only, ASCII keys, NFC strings."""

import json
import re
import unicodedata
from typing import Any

import rfc8785

LARGEST = 2**53 - 1
# Lists and objects within each other: a body's hundred, and the leaf around it. What is read here
# once is walked again and again later, by functions that call themselves.
DEEPEST = 101


def read(entry: bytes) -> dict[str, Any]:
    """The object of canonical bytes. Raises `ValueError`, which says what is wrong."""
    if entry.count(b"[") + entry.count(b"{") > DEEPEST and _depth(entry) > DEEPEST:
        raise ValueError(f"nested more than {DEEPEST} deep")
    # Short numbers cannot be too large, and are read without asking for each.
    decoder = _DECODER if _LONG.search(entry) is None else _CAREFUL
    value = decoder.decode(entry.decode())
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    # Where all is ASCII, the standard library's sorted, compact form is RFC 8785's, and four
    # times as fast: what is left to differ are numbers, which `_whole` bounds, and floats.
    if entry.isascii() and b"\\u" not in entry:
        again = _ENCODER.encode(value).encode()
    else:
        _refuse_forms(value)
        again = rfc8785.dumps(value)
    if again != entry:
        raise ValueError("not in RFC 8785 form")
    return value


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a value."""
    return rfc8785.dumps(value)


def _depth(entry: bytes) -> int:
    """How deep lists and objects are within each other, of bytes that may not be JSON."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub(b"", entry)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _whole(digits: str) -> int:
    found = int(digits) if len(digits) < 18 else LARGEST + 1
    if abs(found) > LARGEST:
        raise ValueError(f"the number {digits[:20]} is too large for JSON")
    return found


def _no_float(digits: str) -> float:
    raise ValueError(f"the number {digits[:20]} is not an integer")


def _refuse_forms(value: Any) -> None:
    match value:
        case str() if not unicodedata.is_normalized("NFC", value):
            raise ValueError(f"the text {value[:40]!r} is not in NFC")
        case dict():
            for key, inner in value.items():
                if not key.isascii():
                    raise ValueError(f"the key {key[:40]!r} is not ASCII")
                _refuse_forms(inner)
        case list():
            for inner in value:
                _refuse_forms(inner)


_LONG = re.compile(rb"[0-9]{16}")
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_DECODER = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)
_CAREFUL = json.JSONDecoder(parse_int=_whole, parse_float=_no_float, parse_constant=_no_float)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
