"""Letters with a code to vote, as a PDF: one page a person, in French and English.

The file of people has a line each, as CSV with these names at its head: `birth_name`, `first_name`,
`born`, `country`, `commune` (an identity as the roll knows it), `language`, and `address`, whose
lines are parted by `|`.
"""

import csv
import hashlib
import hmac
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from sys import intern

import fontpkg_atkinson_hyperlegible
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from comptoir.errors import LauncherError
from shared.codes import with_check

IDENTITY = ("birth_name", "first_name", "born", "country", "commune")
COLUMNS = (*IDENTITY, "language", "address")
MOST_LINES = 6
FONT, BOLD = "Atkinson", "Atkinson-Bold"
# In a window of an envelope, as French ones have it: right, from 45 mm below the top.
WINDOW = (110 * mm, A4[1] - 50 * mm)
LEFT, WIDTH = 25 * mm, 160 * mm
WORDS = {
    "fr": (
        "Votre code pour voter",
        "Vous pouvez voter\u00a0: {title}. Ouvrez l’adresse ci-dessous, ou le carré avec votre"
        " téléphone, et tapez ce code. Il ne sert qu’une fois, jusqu’à la clôture du vote\u00a0:"
        " gardez-le pour vous, nous ne vous le demanderons jamais. Sans ordinateur, venez à un"
        " comptoir avec cette lettre.",
    ),
    "en": (
        "Your code to vote",
        "You can vote: {title}. Open the address below, or the square with your telephone, and"
        " type this code. It works once, until voting closes: keep it to yourself, we never ask"
        " for it. Without a computer, come to a counter with this letter.",
    ),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who gets a letter; `line` is hers in the file. `identity` in the order of
    `IDENTITY`: a city has hundreds of thousands, and they are all in memory."""

    line: int
    identity: tuple[str, ...]
    language: str
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A recipient with her code, in its one form; of a new letter, the code that it replaces."""

    recipient: Recipient
    code: str
    instead_of: str | None = None


def read_recipients(file: Path) -> list[Recipient]:
    """The people of a file. Raises `LauncherError` with file and line, and quotes nobody."""
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.DictReader(opened, strict=True)
            if set(reader.fieldnames or ()) != set(COLUMNS):
                raise LauncherError(f"{file}:1: the columns are {', '.join(COLUMNS)}")
            found = [_recipient(file, reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise LauncherError(f"{file}: no CSV in UTF-8") from None
    if not found:
        raise LauncherError(f"{file}: nobody is in it")
    return found


def _recipient(file: Path, line: int, row: dict[str, str]) -> Recipient:
    if None in row or None in row.values():
        raise LauncherError(f"{file}:{line}: as many values as columns are needed")
    address = tuple(part.strip() for part in row["address"].split("|") if part.strip())
    if row["language"] not in WORDS or not 1 <= len(address) <= MOST_LINES:
        raise LauncherError(
            f"{file}:{line}: a language ({' or '.join(WORDS)}) and an address of one to"
            f" {MOST_LINES} lines are needed"
        )
    return Recipient(line, read_identity(row), row["language"], address)


def read_identity(row: Mapping[str, str]) -> tuple[str, ...]:
    """The identity of a line; what many share, as a day or a commune, is kept once."""
    birth_name, *shared = (row[name].strip() for name in IDENTITY)
    return (birth_name, *map(intern, shared))


def letters_of(recipients: Sequence[Recipient], key: bytes, round_id: str) -> list[Letter]:
    """Each with her code. It follows from the key and her identity, and of homonyms from which of
    them she is: whoever is interrupted makes the same letters again."""
    before, letters = Counter[str](), list[Letter]()
    for recipient in recipients:
        said = "|".join((round_id, *recipient.identity))
        code = _code(key, f"{said}|{before[said]}" if before[said] else said)
        letters.append(Letter(recipient, code))
        before[said] += 1
    return letters


def new_letter(letter: Letter, key: bytes) -> Letter:
    """The one that replaces a letter whose code was tried too often. It follows from that code."""
    return Letter(letter.recipient, _code(key, f"instead of {letter.code}"), letter.code)


def in_chunks(letters: Sequence[Letter], most: int) -> Iterator[list[Letter]]:
    """So many at a time at the most, in their order, but homonyms together: the roll knows them
    among letters that come together, and takes one that comes later for a second letter of the
    same person."""
    folded = array("q", (_folded(letter.recipient) for letter in letters))
    often = {key for key, number in Counter(folded).items() if number > 1}
    alike: dict[int, list[Letter]] = {}
    for key, letter in zip(folded, letters, strict=True):
        if key in often:
            alike.setdefault(key, []).append(letter)
    chunk: list[Letter] = []
    for key, letter in zip(folded, letters, strict=True):
        some = alike.get(key, [letter])
        if some[0] is not letter:
            continue  # it went with the first of its homonyms
        if chunk and len(chunk) + len(some) > most:
            yield chunk
            chunk = []
        chunk.extend(some)
    if chunk:
        yield chunk


def _folded(recipient: Recipient) -> int:
    """Who somebody is, however it is written, in few bytes; the roll is stricter, and has the last
    word. Who is taken for another's homonym goes with her, and nothing else follows from it."""
    said = unicodedata.normalize("NFKD", "|".join(recipient.identity).casefold())
    return hash("".join(each for each in said if each.isalnum() or each == "|"))


def _code(key: bytes, said: str) -> str:
    made = hmac.digest(key, said.encode(), hashlib.sha256)
    return with_check(int.from_bytes(made[:7]) >> 6)


def printed(letters: Sequence[Letter], *, url: str, title: str, office: str) -> bytes:
    """The letters as a PDF, a page each."""
    _register_fonts()
    into = BytesIO()
    canvas = Canvas(into, pagesize=A4, lang="fr")
    canvas.setTitle(title)
    canvas.setAuthor(office)
    for letter in letters:
        _page(canvas, letter, url, title, office)
        canvas.showPage()
    canvas.save()
    return into.getvalue()


def _page(canvas: Canvas, letter: Letter, url: str, title: str, office: str) -> None:
    canvas.setFont(BOLD, 11)
    canvas.drawString(LEFT, A4[1] - 25 * mm, office)
    x, y = WINDOW
    canvas.setFont(FONT, 11)
    for line in letter.recipient.address:
        canvas.drawString(x, y, line)
        y -= 5.5 * mm
    y = A4[1] - 105 * mm
    own = letter.recipient.language
    for language in (own, *(other for other in WORDS if other != own)):
        head, text = WORDS[language]
        canvas.setFont(BOLD, 14)
        canvas.drawString(LEFT, y, head)
        y = _paragraph(canvas, text.format(title=title), y - 8 * mm) - 6 * mm
    canvas.setFont(BOLD, 24)
    code = letter.code
    canvas.drawString(LEFT, y - 8 * mm, "   ".join((code[:4], code[4:8], code[8:])))
    canvas.setFont(FONT, 10)
    canvas.drawString(LEFT, y - 20 * mm, url)
    _square(canvas, url, LEFT - 3 * mm, y - 62 * mm)


def _paragraph(canvas: Canvas, text: str, y: float) -> float:
    canvas.setFont(FONT, 11)
    for line in simpleSplit(text, FONT, 11, WIDTH):
        canvas.drawString(LEFT, y, line)
        y -= 5.5 * mm
    return y


def _square(canvas: Canvas, url: str, x: float, y: float) -> None:
    """A QR code of the address alone: what reads it may send what it read elsewhere."""
    size = 38 * mm
    widget = QrCodeWidget(url, barLevel="M")
    left, bottom, right, top = widget.getBounds()
    scale = [size / (right - left), 0, 0, size / (top - bottom), 0, 0]
    drawing = Drawing(size, size, transform=scale)
    drawing.add(widget)
    renderPDF.draw(drawing, canvas, x, y)


def _register_fonts() -> None:
    files = Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files"
    for name, file in ((FONT, "Regular"), (BOLD, "Bold")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(files / f"AtkinsonHyperlegible-{file}.ttf")))
