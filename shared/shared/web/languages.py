"""Which language a page is in: asked for in the address, kept in a cookie, accepted, or French."""

from collections.abc import Mapping
from typing import Final

# In the order of the switch; each is named in itself.
LANGUAGES: Final[Mapping[str, str]] = {"fr": "Français", "en": "English"}
DEFAULT: Final = "fr"
COOKIE: Final = "lang"


def negotiate(asked: str | None, kept: str | None, accepted: str) -> str:
    """The language of an answer. What is asked for counts most, `Accept-Language` least."""
    for wanted in (asked, kept):
        if wanted is not None and wanted in LANGUAGES:
            return wanted
    return _accepted(accepted)


def _accepted(header: str) -> str:
    """The language of RFC 9110 §12.5.4 with the highest weight; the first of several."""
    best, weight = DEFAULT, 0.0
    for part in header[:500].split(","):
        tag, _, rest = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and (found := _weight(rest)) > weight:
            best, weight = language, found
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if not name.strip():
        return 1.0
    try:
        found = float(value)
    except ValueError:
        return 0.0
    return found if name.strip().lower() == "q" and 0 <= found <= 1 else 0.0
