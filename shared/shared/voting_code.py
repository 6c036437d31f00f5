"""The voting code: what a voter keeps, and from which her device makes everything it needs.

It is a seed of 128 random bits, written as 26 characters and two check characters. The same code
gives the same ballot key and the same blinding factor on every device, so that a vote that was
begun on one is gone on with on another (voting-protocol.md §4).
"""

import secrets
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.canonical import canonical
from shared.codes import characters, check_characters, plain, value_of

SEED_BYTES = 16
_CHARACTERS, _SPARE_BITS = 26, 2
_INFO = b"comptoir-voter-v1\x00"
BALLOT_KEY, BLINDING = "ballot-key", "blinding"
_BYTES = {BALLOT_KEY: 32, BLINDING: 400}


class NoVotingCode(ValueError):
    """What was typed is no voting code: its length, an unknown character, or its check."""


def new_seed() -> bytes:
    """A fresh seed."""
    return secrets.token_bytes(SEED_BYTES)


def written(seed: bytes) -> str:
    """The voting code of a seed of 16 bytes, in groups of four: `XXXX-…-XXXX`."""
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed has {SEED_BYTES} bytes, not {len(seed)}")
    value = int.from_bytes(seed) << _SPARE_BITS
    code = characters(value, _CHARACTERS) + check_characters(value)
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def read(typed: str) -> bytes:
    """The seed of a typed voting code: case, blanks, hyphens and look-alikes do not matter.

    Raises `NoVotingCode`, which does not quote what was typed.
    """
    code = plain(typed)
    if code is None or len(code) != _CHARACTERS + 2:
        raise NoVotingCode("a voting code has 28 letters and digits")
    value = value_of(code[:_CHARACTERS])
    if check_characters(value) != code[_CHARACTERS:]:
        raise NoVotingCode("the last two characters do not fit the others")
    if value % 2**_SPARE_BITS:
        # Else one seed would have four codes.
        raise NoVotingCode("the last character before the check is none that a code has there")
    return (value >> _SPARE_BITS).to_bytes(SEED_BYTES)


def derive(seed: bytes, round_id: UUID, tier: str, purpose: str) -> bytes:
    """What a seed gives for one use in a round, at a tier: HKDF-SHA256 (RFC 5869) without a salt.

    `ballot-key`: the 32 bytes of an Ed25519 private key. `blinding`: 400 bytes, for
    `shared.rsabssa.factor`.
    """
    use = canonical({"purpose": purpose, "round": str(round_id), "tier": tier})
    return HKDF(SHA256(), length=_BYTES[purpose], salt=None, info=_INFO + use).derive(seed)
