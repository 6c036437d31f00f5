"""Posted codes: ten random characters and two that catch a slip of the pen.

Crockford's base 32 (no I, L, O, U; read back without regard to case, hyphens and spaces). The
check characters are the value modulo 1021, a prime above every single-character change and every
swap of neighbours. A voting code (`voting_code.py`) is longer, and written and checked alike.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_PRIME = 1021
_READ_AS = str.maketrans("OIL", "011", "-")


def new_code() -> str:
    """A fresh code of 50 random bits."""
    return with_check(secrets.randbits(50))


def with_check(value: int) -> str:
    """The code of a number below 2^50."""
    return characters(value, 10) + check_characters(value)


def read_code(typed: str) -> str | None:
    """What was typed, in its one form, or None where it is not a code."""
    code = plain(typed)
    if code is None or len(code) != LENGTH:
        return None
    return code if check_characters(value_of(code[:10])) == code[10:] else None


def plain(typed: str) -> str | None:
    """What was typed without blanks and hyphens, look-alikes as what they stand for; None where a
    character is none of the alphabet."""
    code = "".join(typed.split()).upper().translate(_READ_AS)
    return None if any(character not in ALPHABET for character in code) else code


def check_characters(value: int) -> str:
    """The two characters that check a code of any length."""
    return characters(value % _PRIME, 2)


def characters(value: int, count: int) -> str:
    """A number in so many characters, the most significant first."""
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(count)))


def value_of(characters: str) -> int:
    """The number that characters of the alphabet stand for."""
    value = 0
    for character in characters:
        value = value * 32 + ALPHABET.index(character)
    return value
