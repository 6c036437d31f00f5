"""A programme's charter and the name of its edition's log."""

import re
import unicodedata

from shared.canonical import digest

_LONGEST_SLUG = 48


def charter_digest(*, title: str, rehearsal: bool) -> str:
    """The hash of a charter, in which the title's commitment stands for the title."""
    return digest({"rehearsal": rehearsal, "title": title}).hex()


def log_name(title: str, suffix: str) -> str:
    """The name of an edition's log, for good: the title in ASCII, and a random suffix.

    The suffix makes it unique, and different from the platform's log whatever the title is.
    """
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:_LONGEST_SLUG].strip("-")
    return f"{slug or 'edition'}-{suffix}"
