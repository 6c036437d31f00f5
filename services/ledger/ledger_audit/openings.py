"""What a commission says of a sealed ballot, checked from its entry alone.

A ballot commits to its choices: SHA-256("comptoir-commitment-v1" ‖ salt ‖ JCS{choices, key,
revision, round}). Whether that is the hash that the ballot shows, whoever has the ballot says.
"""

import hashlib
import json
from dataclasses import dataclass
from sys import intern
from typing import Any

from ledger_audit.jcs import canonical
from ledger_audit.leaves import OPENED

OPENING = b',"type":"voting.ballot-opened.v1","v":1}'
# A ballot that nobody opened yet, one that nobody can open, and one that says something else than
# it committed to: nobody knows what these chose.
SEALED, UNOPENED, BROKEN = "sealed", "unopened", "commitment_broken"
_COUNT = "voting.count"
_SALT = 32

type Choices = tuple[int | tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What was said of the ballot under a key; `commitment` is the one that it would have.

    Without choices, that nobody can open it.
    """

    index: int
    round_id: str
    key: str
    revision: int
    choices: Choices | None
    commitment: str | None

    def __reduce__(self) -> tuple[Any, ...]:
        """As short as that of a ballot that was checked."""
        fields = (self.index, self.round_id, self.key, self.revision)
        return Opened, (*fields, self.choices, self.commitment)


@dataclass(frozen=True, slots=True)
class NoOpening:
    """An entry that says nothing of any ballot, and why."""

    index: int
    round_id: str
    reason: str


def check_opening(index: int, entry: bytes) -> Opened | NoOpening:
    """One opening from the bytes of its entry."""
    if (found := OPENED.fullmatch(entry)) is not None:
        return _short(index, *found.group("choices", "key", "revision", "round", "salt"))
    leaf = json.loads(entry)
    body = leaf["body"]
    round_id = str(body.get("round_id"))
    if leaf["src"] != _COUNT:
        return NoOpening(index, round_id, f"it is said by {leaf['src']}")
    key, revision = body.get("key"), body.get("revision")
    if not isinstance(key, str) or type(revision) is not int:
        return NoOpening(index, round_id, "it names no ballot")
    choices, salt = body.get("choices"), body.get("salt")
    if choices is None and salt is None:
        return Opened(index, round_id, key, revision, None, None)
    if not isinstance(choices, list) or not all(map(is_choice, choices)):
        return NoOpening(index, round_id, "its choices are none")
    try:
        raw = bytes.fromhex(salt)
    except (TypeError, ValueError):
        raw = b""
    if len(raw) != _SALT:
        return NoOpening(index, round_id, "its salt has not 32 bytes")
    said = {"choices": choices, "key": key, "revision": revision, "round": round_id}
    commitment = _commitment(raw, canonical(said))
    return Opened(index, round_id, key, revision, as_choices(choices), commitment)


def _short(
    index: int, choices: bytes, key: bytes, revision: bytes, round_id: bytes, salt: bytes
) -> Opened | NoOpening:
    """The same of an opening in its one form, whose parts are RFC 8785 JSON as they stand."""
    chosen, of_round = json.loads(choices), intern(round_id.decode())
    if not all(map(is_choice, chosen)):
        return NoOpening(index, of_round, "its choices are none")
    said = b'{"choices":%b,"key":"%b","revision":%b,"round":"%b"}'
    found = _commitment(bytes.fromhex(salt.decode()), said % (choices, key, revision, round_id))
    return Opened(index, of_round, key.decode(), int(revision), as_choices(chosen), found)


def _commitment(salt: bytes, said: bytes) -> str:
    return hashlib.sha256(b"comptoir-commitment-v1" + salt + said).hexdigest()


LARGEST_NUMBER, LARGEST_VALUE = 10_000, 1_000_000


def is_choice(choice: Any) -> bool:
    """A number of an option, or that with a value."""
    number, value = choice if isinstance(choice, list) and len(choice) == 2 else (choice, 0)
    whole = type(number) is int and type(value) is int
    return whole and 1 <= number <= LARGEST_NUMBER and abs(value) <= LARGEST_VALUE


def as_choices(choices: list[Any]) -> Choices:
    """Choices that can be compared and counted."""
    return tuple(tuple(each) if isinstance(each, list) else each for each in choices)
