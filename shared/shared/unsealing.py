"""What the holder of a commission's key tells count: a test ballot's salt, and what ballots say.

The same whether a member types her share into a page or into a command. Pure but for chance.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import TypeAdapter, ValidationError

from shared.events.voting import Choice, choices_on_the_wire
from shared.sealing import Place, Unopenable, open_sealed

# So many ballots are opened and told at a time.
AT_ONCE = 500
_CHOICES = TypeAdapter(tuple[Choice, ...])


@dataclass(frozen=True)
class Sealed:
    """What counts under one key."""

    tier: str
    revision: int
    sealed: str


def salt_of_test(private: X25519PrivateKey, test: Mapping[str, Any]) -> str:
    """What count's test ballot says, in hexadecimal. Raises `Unopenable`."""
    place = Place(test["round"], test["tier"], test["key"], test["revision"])
    return open_sealed(private, place, test["sealed"])[1].hex()


def openings(
    private: X25519PrivateKey, round_id: str, ballots: Mapping[str, Sealed]
) -> Iterator[dict[str, Any]]:
    """What each ballot says, by key, in random order; of one that nobody can open, that there is
    one."""
    keys = [*ballots]
    random.SystemRandom().shuffle(keys)
    for key in keys:
        each = ballots[key]
        place = Place(round_id, each.tier, key, each.revision)
        yield {"key": key, "revision": each.revision} | _said(private, place, each.sealed)


def _said(private: X25519PrivateKey, place: Place, sealed: str) -> dict[str, Any]:
    try:
        choices, salt = open_sealed(private, place, sealed)
        read = _CHOICES.validate_python(choices)
    except (Unopenable, ValidationError):
        return {}
    return {"choices": choices_on_the_wire(read), "salt": salt.hex()}
