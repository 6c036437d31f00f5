"""A proof of work before a message is sent: a number whose SHA-256 begins with zero bits.

It costs a telephone a second and whoever wants ten thousand messages a day. The browser's half is
in the roll's `register.js`.
"""

import hashlib
from itertools import count

LONGEST = 20


def solve(challenge: str, bits: int) -> str:
    """The first number that proves work on a challenge."""
    return next(found for number in count() if holds(challenge, found := str(number), bits))


def holds(challenge: str, number: str, bits: int) -> bool:
    """Whether SHA-256 of `challenge/number` begins with so many zero bits."""
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST):
        return False
    hashed = hashlib.sha256(f"{challenge}/{number}".encode()).digest()
    return int.from_bytes(hashed) >> (256 - bits) == 0
