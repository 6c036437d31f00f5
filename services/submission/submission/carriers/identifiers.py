"""The public numbers of organisations: SIRET, which has check digits, and RNA, which has none.

A SIRET is 14 digits that pass Luhn's check (INSEE). La Poste's establishments, whose SIREN is
356000000, were given more numbers than Luhn leaves: theirs pass where their digits add up to a
multiple of 5. An RNA number is W and nine characters: nine digits, or a département's letter
after its first digit (W2A and W2B in Corsica, W9 and a letter overseas) and seven digits.
"""

import re
from typing import Final

from shared.refusal import Refusal

LA_POSTE: Final = "356000000"
_RNA = re.compile(r"W([0-9]{9}|2[AB][0-9]{7}|9[A-Z][0-9]{7})")
_BETWEEN = re.compile(r"[\s.\-\u00a0\u202f]")


class SiretRefused(Refusal):
    """A SIRET has 14 digits, and its check digits are wrong."""

    code = "siret_refused"


class RnaRefused(Refusal):
    """An RNA number is W and nine digits."""

    code = "rna_refused"


def check_siret(written: str) -> str:
    """A SIRET in its one form, 14 digits. Raises `SiretRefused`."""
    bare = _BETWEEN.sub("", written)
    if not (len(bare) == 14 and bare.isascii() and bare.isdigit()):
        raise SiretRefused(f"{written[:40]!r} has not 14 digits")
    if luhn(bare) % 10 and not (bare.startswith(LA_POSTE) and not sum(map(int, bare)) % 5):
        raise SiretRefused(f"the check digits of {bare} are wrong")
    if not bare.strip("0"):
        raise SiretRefused("a SIRET is not all zeros")
    return bare


def check_rna(written: str) -> str:
    """An RNA number in its one form, of ten characters. Raises `RnaRefused`."""
    bare = _BETWEEN.sub("", written).upper()
    if _RNA.fullmatch(bare) is None:
        raise RnaRefused(f"{written[:40]!r} is not W and nine digits")
    return bare


def luhn(digits: str) -> int:
    """Luhn's sum: each second digit from the right counts double, its own digits added up."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits[::-1], 1))
    # From the right: the last one counts once.
    return sum(d - 9 if d > 9 else d for d in doubled)
