"""What the log says that a recount does not."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ledger_audit import jcs
from ledger_audit.rounds import Said

MOST = 100
_LONGEST = 100


@dataclass
class Differences:
    """Each with the entry that says something else; beyond a hundred, only how many."""

    found: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, index: int, what: str) -> None:
        """One more."""
        if len(self.found) < MOST:
            self.found.append(f"entry {index}: {what}")
        else:
            self.more += 1

    def compare(self, said: Said, expected: Mapping[str, Any]) -> None:
        """What an entry says in these fields, with what it ought to; None: the field is absent."""
        for name, value in expected.items():
            for path, one, other in _apart(name, said.body.get(name), value):
                self.add(said.index, f"it says {path} {_short(one)}, not {_short(other)}")

    def all(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.found, f"and {self.more} more") if self.more else tuple(self.found)


def digest(value: Any) -> str:
    """SHA-256 over RFC 8785 JSON, in hexadecimal."""
    return hashlib.sha256(jcs.canonical(value)).hexdigest()


def _apart(path: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two values differ, as deep as both go."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _apart(f"{path}.{name}", one.get(name), other.get(name))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, (each, expected) in enumerate(zip(one, other, strict=True)):
            yield from _apart(f"{path}.{place}", each, expected)
    # True is 1 in Python, and is not in JSON.
    elif type(one) is not type(other) or one != other:
        yield path, one, other


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
