"""Titles: which are taken, and the commitments that stand for them on the ledger."""

import unicodedata

from shared.canonical import commitment
from shared.events.submission import TextPublished
from shared.refusal import Refusal
from shared.words import unseen

LONGEST_TITLE = 200
SALT = 32


class TitleRefused(Refusal):
    """A title is empty, too long, or has characters that nobody can see."""

    code = "title_refused"


def read_title(written: str) -> str:
    """A title in its one form: NFC, no white space around it. Raises `TitleRefused`."""
    if (character := unseen(written)) is not None:
        raise TitleRefused(f"a title may not have the character {character}")
    title = unicodedata.normalize("NFC", written.strip())
    if not title:
        raise TitleRefused("a title may not be empty")
    if len(title) > LONGEST_TITLE:
        raise TitleRefused(
            f"a title has at most {LONGEST_TITLE} characters, this one has {len(title)}"
        )
    return title


def publish_text(value: str, salt: bytes) -> TextPublished:
    """The words and their salt, named by the commitment that the ledger shows instead.

    The salt is random, so that nobody finds an erased text again by guessing it.
    """
    return TextPublished(content_id=commitment(salt, value).hex(), value=value, salt=salt.hex())
