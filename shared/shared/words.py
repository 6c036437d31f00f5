"""Words that look the same to everybody who reads them."""

import unicodedata

# Control characters, lone surrogates, and what breaks a line or turns the reading direction.
_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
# Letters and signs that are shown as nothing: fillers of Hangul, a blank of Braille.
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


def unseen(words: str, within: str = "") -> str | None:
    """The first character that nobody can see, as `U+202E`; None where there is none.

    Those of `within` are taken.
    """
    for character in words:
        if character not in within and (
            unicodedata.category(character) in _CATEGORIES
            or unicodedata.bidirectional(character) in _TURNING
        ):
            return f"U+{ord(character):04X}"
    return None


def blank(words: str) -> bool:
    """Whether there is nothing to be seen of words: white space, and what only joins or marks."""
    return all(
        unicodedata.category(character)[0] in "CZM" or character in _FILLERS for character in words
    )
