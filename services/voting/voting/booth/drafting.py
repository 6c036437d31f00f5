"""A ballot between the check and the cast: what is certain of it before the roll is asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from shared import device, rsabssa, sealing, voting_code
from shared.device import Device
from shared.events.voting import MOST_REVISIONS
from voting.booth.trouble import Trouble, silent
from voting.formats.choices import Choice

# Its ballots are of this tier: people and ballots were seen together, if only for a moment.
TIER = "S"
_REVISION = re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True)
class Draft:
    """Revision, and what the ballot says: its choices, or its commitment and what is sealed.

    It goes to the page and comes back with the order to cast, so that the same page sent twice
    makes the same bytes, which the box takes once.
    """

    revision: int
    said: Mapping[str, Any]

    @classmethod
    def made(
        cls, opened: Mapping[str, Any], owner: Device, revision: int, choices: Sequence[Choice]
    ) -> Self:
        """A fresh draft, sealed where the round asks for it. Raises `Trouble`."""
        if revision > MOST_REVISIONS:
            raise Trouble("revisions_over", 409)
        if opened["secrecy"] != "sealed":
            return cls(revision, {"choices": choices})
        place, salt = owner.place(revision), sealing.new_salt()
        commission, padded = opened["commission"]["key"], opened["padded"]
        try:
            sealed = sealing.seal(commission, place, choices, salt, padded)
        except sealing.TooLong:
            raise Trouble("too_many") from None
        commitment = sealing.commitment(place, choices, salt)
        return cls(revision, {"commitment": commitment, "sealed": sealed})

    @classmethod
    def read(cls, data: Mapping[str, str], choices: Sequence[Choice]) -> Self:
        """The draft that a page brings back. Raises `Trouble`."""
        if not _REVISION.fullmatch(revision := data.get("revision", "")):
            raise Trouble("malformed")
        if "sealed" not in data:
            return cls(int(revision), {"choices": choices})
        sealed, commitment = data["sealed"], data.get("commitment", "")
        return cls(int(revision), {"commitment": commitment, "sealed": sealed})

    def fields(self) -> dict[str, str]:
        """The draft as fields of a form; choices have fields of their own."""
        found = {"revision": str(self.revision)}
        return found | {name: said for name, said in self.said.items() if name != "choices"}


def tier_key(opened: Mapping[str, Any]) -> RSAPublicKey:
    """The key that the round's opening states for the booth. Raises `Trouble`."""
    if (spki := opened.get("tiers", {}).get(TIER)) is None:
        raise Trouble("not_assisted", 409)
    try:
        return device.tier_key(spki)
    except ValueError:
        raise silent("voting.count") from None


def fresh_seed(public: RSAPublicKey, round_id: UUID) -> bytes:
    """A seed that nobody has, and whose blinding factor can be used."""
    while True:
        seed = voting_code.new_seed()
        try:
            Device(seed, round_id, TIER).blinded(public)
        except rsabssa.FactorRefused:
            continue
        return seed
