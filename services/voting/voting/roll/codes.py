"""Posted codes, as the roll takes and keeps them. A code is never quoted, logged or stored."""

import hmac
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from shared.codes import read_code
from shared.refusal import Refusal

# So many characters of a code are its letter's: who sees them through the envelope has the other
# two to guess, beside those that check.
OF_LETTER = 8


class Hashed(NamedTuple):
    """All that is kept of a code: keyed hashes of it, and of the letter that it stands in."""

    code: bytes
    letter: bytes


class CodeMalformed(Refusal):
    """What was sent as a posted code cannot be one; of many, the first such is at `place`."""

    code = "code_malformed"

    def __init__(self, message: str, place: int | None = None) -> None:
        super().__init__(message)
        self.place = place


class CodeUnknown(Refusal):
    """No such code was posted for this round, or its letter was tried five times: nobody is told
    which."""

    code = "code_unknown"


class CodeUsed(Refusal):
    """The code's one token was issued for another voting code."""

    code = "code_used"


class VotingCodeTaken(Refusal):
    """With this voting code another code was used: this right would be lost, and what is cast with
    it would replace somebody else's ballot."""

    code = "voting_code_taken"


def read_codes(sent: list[str]) -> list[str]:
    """Codes in their one form, each once. Raises `CodeMalformed` with the place of the first."""
    read = [read_code(code) for code in sent]
    wrong = [place for place, code in enumerate(read, 1) if code is None]
    if wrong:
        raise CodeMalformed(
            f"{len(wrong)} of {len(sent)} codes are malformed, the first at place {wrong[0]};"
            " none was imported",
            wrong[0],
        )
    return list(dict.fromkeys(code for code in read if code is not None))


def read_one(typed: str) -> str:
    """The code that a voter typed, in its one form. Raises `CodeMalformed`."""
    code = read_code(typed)
    if code is None:
        raise CodeMalformed(
            "this is not a code: 12 letters and digits, of which the last two check the others"
        )
    return code


def keyed_hash(roll_key: bytes, round_id: UUID, secret: bytes) -> bytes:
    """HMAC-SHA256(K_roll, round ‖ secret): all that is kept of a code or of an identity.

    Codes have 50 bits, and identities are known: both could be found again from a plain hash.
    `roll_key` is no part of the database.
    """
    return hmac.digest(roll_key, round_id.bytes + secret, "sha256")


def hashed_code(roll_key: bytes, round_id: UUID, code: str) -> Hashed:
    """What is kept of a code of a letter."""
    beginning = b"letter" + code[:OF_LETTER].encode()
    return Hashed(
        keyed_hash(roll_key, round_id, code.encode()), keyed_hash(roll_key, round_id, beginning)
    )


def keyed_hashes(roll_key: bytes, round_id: UUID, codes: Iterable[str]) -> list[Hashed]:
    """Of many codes, sorted: two imports never wait for each other, and the order of the rows is
    not that of the letters."""
    return sorted(hashed_code(roll_key, round_id, code) for code in codes)
