"""Words in two languages: `.po` files read into memory, and what keeps them complete.

    python -m shared.web.messages update        # every room below here: new, changed, gone
    python -m shared.web.messages update PATH   # those of the rooms below PATH

The words of a page are English in its template, `_('Deposit an idea')`; the French stand in
`locale/fr.po` of the room. Nothing is compiled: what is committed is what is read.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations

NARROW: Final = "\u202f"
# As Babel has it: several where a sentence has a plural.
type String = str | Iterable[str] | None
PAGES: Final = "pages"
FRENCH: Final = Path("locale") / "fr.po"
_KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "mark": None,
}
_METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {
    "**.html": {
        "extensions": "jinja2.ext.do",
        "trimmed": "true",
        "newstyle_gettext": "true",
        "silent": "false",
    }
}
# One and many, as gettext's own French has it: Unicode's third form, for whole millions, is the
# second here.
_PLURALS = "nplurals=2; plural=(n > 1);"
# No date and no name: what did not change reads the same.
_HEAD = f"""msgid ""
msgstr ""
"Language: fr\\n"
"Plural-Forms: {_PLURALS}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

""".encode()
# Where French has a narrow space: before these, and inside its quotes. What is put in stays whole.
_BEFORE = re.compile(r"(^|[^\s?!])[ \u00a0\u202f]?([:;!?])(?=[\s»)?!]|$)")
_OPENED, _CLOSED = re.compile(r"«[ \u00a0\u202f]?"), re.compile(r"[ \u00a0\u202f]?»")


def mark(sentence: str) -> str:
    """The sentence itself; it is translated where it is shown, and found here."""
    return sentence


def translations(rooms: Sequence[Path], language: str) -> NullTranslations:
    """The words of these rooms in a language. Of two translations the first room's counts."""
    if language == "en":
        return NullTranslations()
    found = Translations()
    found.plural = lambda n: int(n > 1)
    for room in reversed(rooms):
        if (room / FRENCH).exists():
            found.merge(_compiled(room / FRENCH))
    return found


@cache
def _compiled(file: Path) -> Translations:
    into = BytesIO()
    write_mo(into, catalog(file))
    into.seek(0)
    return Translations(into)


def catalog(file: Path) -> Catalog:
    """A `.po` file. Raises `PoFileError` where it cannot be read."""
    with file.open("rb") as opened:
        return read_po(opened, locale="fr", abort_invalid=True)


def rooms(root: Path) -> list[Path]:
    """The folders below (or at) `root` that show pages."""
    found = {folder.parent for folder in root.rglob(PAGES) if any(folder.rglob("*.html"))}
    return sorted(room for room in found if ".venv" not in room.parts)


def extracted(room: Path) -> Catalog:
    """The words that a room's templates and modules say."""
    found = Catalog(locale="fr")
    found.mime_headers = [("Plural-Forms", _PLURALS)]
    for file, line, message, comments, context in extract_from_dir(
        room, _METHODS, _OPTIONS, keywords=_KEYWORDS, strip_comment_tags=True
    ):
        if not file.startswith("migrations"):
            found.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return found


def update(room: Path) -> Catalog:
    """Bring a room's French up to date with what it says; what is gone is dropped, what is new is
    there without a translation, and spaces are those of French typography.

    A sentence that has a plural now, or has none any more, is new: its French says another thing.
    """
    file, said = room / FRENCH, extracted(room)
    known = catalog(file) if file.exists() else Catalog(locale="fr")
    for message in said:
        if not message.id or (old := known.get(message.id)) is None:
            continue
        if old.pluralizable == message.pluralizable:
            message.string = _each(old.string)
    written = BytesIO()
    written.write(_HEAD)
    write_po(written, said, width=100, omit_header=True, sort_output=True, no_location=True)
    file.parent.mkdir(exist_ok=True)
    _replace(file, written.getvalue())
    return said


def untranslated(found: Catalog) -> list[str]:
    """What has no French yet, in part or in whole."""
    return [
        str(message.id) for message in found if message.id and not all(_strings(message.string))
    ]


def typeset(sentence: str) -> str:
    """French with a narrow no-break space before `: ; ! ?` and inside « »."""
    sentence = _BEFORE.sub(rf"\1{NARROW}\2", sentence)
    return _CLOSED.sub(NARROW + "»", _OPENED.sub("«" + NARROW, sentence))


def _replace(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    beside = file.with_name(f"{file.name}.new")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _each(string: String) -> str | tuple[str, ...]:
    return typeset(string) if isinstance(string, str) else tuple(map(typeset, string or ()))


def _strings(string: String) -> Iterator[str]:
    yield from [string] if isinstance(string, str) else string or [""]


def main(arguments: Sequence[str]) -> None:
    match arguments:
        case ["update", *paths]:
            for room in (room for path in paths or ["."] for room in rooms(Path(path))):
                found = update(room)
                print(f"{room / FRENCH}: {len(found)} sentences")
                for sentence in untranslated(found):
                    print(f"  without French: {sentence!r}")
        case other:
            sys.exit(f"usage: python -m shared.web.messages update [PATH], not {other}")


if __name__ == "__main__":
    main(sys.argv[1:])
