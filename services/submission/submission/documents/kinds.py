"""What may be attached: which kinds of files, known by their content, and under which names."""

import codecs
import csv
import re
import unicodedata
from pathlib import PurePosixPath
from typing import Final

from shared.media import Media
from shared.refusal import Refusal
from shared.words import unseen

LARGEST: Final = 10 * 1024 * 1024
LONGEST_NAME: Final = 120
# EICAR's test file (eicar.org): what any scanner is tried with is in nobody's table.
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
DELIMITERS: Final = (";", ",", "\t")
ENDINGS: Final[dict[Media, str]] = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/csv": ".csv",
}
_MAGIC: Final[tuple[tuple[bytes, Media], ...]] = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class FileMissing(Refusal):
    """No file came with the form, or an empty one."""

    code = "file_missing"


class FileTooLarge(Refusal):
    """A file is larger than what is kept of one."""

    code = "file_too_large"


class FileKindRefused(Refusal):
    """A file is neither PDF, nor JPEG, nor PNG, nor a table as CSV."""

    code = "file_kind_refused"


class FileInfected(Refusal):
    """A file holds what scanners for viruses are tried with."""

    code = "file_infected"


class FileUnreadable(Refusal):
    """A file is damaged, or took longer to read than any honest one."""

    code = "file_unreadable"


class FileLocked(Refusal):
    """A PDF is encrypted, or protected by a password."""

    code = "file_locked"


class FileTooLargeInside(Refusal):
    """A file unpacks to more than anybody could read."""

    code = "file_too_large_inside"


class ImageTooLarge(Refusal):
    """A picture has more points than are decoded here."""

    code = "image_too_large"


class TooManyPages(Refusal):
    """A PDF has more pages than are taken."""

    code = "too_many_pages"


def kind_of(content: bytes) -> Media:
    """What a file is, by what it holds: its name and what its sender says of it are not asked.

    Raises `FileMissing`, `FileTooLarge`, `FileKindRefused`.
    """
    if not content:
        raise FileMissing("the file is empty")
    if len(content) > LARGEST:
        raise FileTooLarge(f"a file has at most {LARGEST} bytes, this one {len(content)}")
    for magic, media in _MAGIC:
        if content.startswith(magic):
            return media
    if is_table(content):
        return "text/csv"
    raise FileKindRefused("the file is no PDF, no JPEG, no PNG and no table")


def is_table(content: bytes) -> bool:
    """Whether this is text of two columns or more, in each of its lines."""
    try:
        text = decoded(content)
    except UnicodeDecodeError:
        return False
    if _CONTROLS.search(text) or text.lstrip().startswith(("<", "{", "#!")):
        return False
    try:
        rows = [row for row in csv.reader(text.splitlines(True), delimiter=delimiter_of(text))]
    except csv.Error:
        return False
    widths = {len(row) for row in rows if row}
    return bool(widths) and min(widths) >= 2 and max(widths) == len(next(filter(None, rows)))


def decoded(content: bytes) -> str:
    """Text as UTF-8, else as spreadsheets of Windows write it. Raises `UnicodeDecodeError`."""
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        return content.decode("cp1252")


def delimiter_of(text: str) -> str:
    """What separates the cells of the first line: what is there most often."""
    first = text.partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def shown_name(written: str, media: Media) -> str:
    """What a file is called where people see it, ending as what it is; never a path.

    The last part of what its sender called it, without characters that nobody sees.
    """
    last = PurePosixPath(unicodedata.normalize("NFC", written).replace("\\", "/")).name
    seen = "".join(each for each in last if unseen(each) is None and each not in '<>:"|?*')
    ending = ENDINGS[media]
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", seen.strip()).strip(". ")
    return f"{stem[: LONGEST_NAME - len(ending)].strip() or 'document'}{ending}"
