"""A charter's digest, and the name of its edition's log."""

import re
import unicodedata

from shared.canonical import digest
from shared.events.charter import CharterRules

_LONGEST_SLUG = 48


def charter_digest(*, title: str, rehearsal: bool, rules: CharterRules | None = None) -> str:
    """The hash of a charter, in which the title's commitment stands for the title.

    The rules are hashed as they stand in the event. An import has none.
    """
    charter: dict[str, object] = {"rehearsal": rehearsal, "title": title}
    if rules is not None:
        charter["rules"] = rules.model_dump(mode="json", exclude_none=True)
    return digest(charter).hex()


def log_name(title: str, suffix: str) -> str:
    """The name of an edition's log, for good: the title in ASCII, and a random suffix.

    The suffix makes it unique, and different from the platform's log whatever the title is.
    """
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:_LONGEST_SLUG].strip("-")
    return f"{slug or 'edition'}-{suffix}"
