"""Codes that officers hand out at a counter."""

from uuid import UUID

from shared.codes import with_check
from voting.roll.codes import keyed_hash
from voting.roll.keys import RollKeys
from voting.roll.round_keys import RoundKeys


class HandedOut:
    """Codes of one `kind`, each of an id: a code follows from K_roll, and stands in no table."""

    def __init__(self, keys: RollKeys, round_keys: RoundKeys, kind: str) -> None:
        self._keys = keys
        self._round_keys = round_keys
        self._kind = kind

    def code(self, round_id: UUID, of: UUID) -> str:
        """The code of an id."""
        made = self._round_keys.hashed(round_id, self._kind, of.bytes)
        return with_check(int.from_bytes(made[:7]) >> 6)

    def hashed(self, round_id: UUID, of: UUID) -> bytes:
        """What the roll keeps of that code."""
        return keyed_hash(self._keys.roll_key, round_id, self.code(round_id, of).encode())
