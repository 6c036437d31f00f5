"""Words: which are taken, and the commitments that stand for them on the ledger."""

import unicodedata

from shared.canonical import commitment
from shared.events.submission import TextPublished
from shared.refusal import Refusal
from shared.words import blank, unseen

LONGEST_TITLE = 200
LONGEST_TEXT = 4_000
LONGEST_REASON = 2_000
SALT = 32


class TitleRefused(Refusal):
    """A title is empty, too long, or has characters that nobody can see."""

    code = "title_refused"


class WordsRefused(Refusal):
    """Words are missing, too long, or have characters that nobody can see."""

    code = "words_refused"


def read_title(written: str) -> str:
    """A title in its one form: NFC, no white space around it. Raises `TitleRefused`."""
    return _read(written, "a title", LONGEST_TITLE, TitleRefused)


def read_line(written: str, what: str, longest: int = LONGEST_TITLE) -> str:
    """A name or a place, in one line. Raises `WordsRefused`; `what` names it there."""
    return _read(written, what, longest, WordsRefused)


def read_lines(written: str, what: str, longest: int = LONGEST_TEXT) -> str:
    """A text of several lines, as a summary or a reason is. Raises `WordsRefused`.

    A browser sends CR LF for a line's end, and counts it as one character: so do we. A tab, as
    pasted tables have them, is a space.
    """
    unix = written.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _read(unix, what, longest, WordsRefused, within="\n")


def read_reason(written: str) -> str:
    """Why an officer decided so: everybody can read it. Raises `WordsRefused`."""
    return read_lines(written, "a reason", LONGEST_REASON)


def _read(written: str, what: str, longest: int, refused: type[Refusal], within: str = "") -> str:
    if (character := unseen(written, within)) is not None:
        raise refused(f"{what} may not have the character {character}")
    words = unicodedata.normalize("NFC", written.strip())
    if blank(words):
        raise refused(f"{what} may not be empty")
    if len(words) > longest:
        raise refused(f"{what} has at most {longest} characters, this one has {len(words)}")
    return words


def publish_text(value: str, salt: bytes) -> TextPublished:
    """The words and their salt, named by the commitment that the ledger shows instead.

    The salt is random, so that nobody finds an erased text again by guessing it.
    """
    return TextPublished(content_id=commitment(salt, value).hex(), value=value, salt=salt.hex())
