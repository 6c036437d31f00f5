"""How an option's words stand on its card: one sentence, and the rest behind "read more"."""

import re

_END = re.compile(r"(?<=[.!?…])\s+(?=\S)")
LONGEST = 200


def split(summary: str) -> tuple[str, str]:
    """The first sentence and what follows it. One that is longer than a card ends at a word."""
    first, *_ = _END.split(summary.strip(), maxsplit=1)
    if len(first) > LONGEST:
        head, space, _ = first[:LONGEST].rpartition(" ")
        first = head if space else first[:LONGEST]
    return first, summary.strip()[len(first) :].strip()
