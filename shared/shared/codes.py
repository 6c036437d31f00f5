"""Posted codes: ten random characters and two that catch a slip of the pen.

Crockford's base 32 (no I, L, O, U; read back without regard to case, hyphens and spaces). The
check characters are the value modulo 1021, a prime above every single-character change and every
swap of neighbours.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_PRIME = 1021
_READ_AS = str.maketrans("OIL", "011", "- ")


def new_code() -> str:
    """A fresh code of 50 random bits."""
    return with_check(secrets.randbits(50))


def with_check(value: int) -> str:
    """The code of a number below 2^50."""
    return _characters(value, 10) + _characters(value % _PRIME, 2)


def read_code(typed: str) -> str | None:
    """What was typed, in its one form, or None where it is not a code."""
    code = typed.strip().upper().translate(_READ_AS)
    if len(code) != LENGTH or any(character not in ALPHABET for character in code):
        return None
    return code if _value(code[:10]) % _PRIME == _value(code[10:]) else None


def _characters(value: int, count: int) -> str:
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(count)))


def _value(characters: str) -> int:
    value = 0
    for character in characters:
        value = value * 32 + ALPHABET.index(character)
    return value
