"""What people type who mean harm: words that are taken and have to be shown as words, and words
that are refused; and what a page, a table or a calendar is that shows none of it as anything else.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

# Whatever a page, a script, a template, a spreadsheet, a database or a file system would take for
# its own, in at most 120 characters: what stands behind the mark tells which field it came from.
SIGNS: Final = "=+-@"
MARK: Final = re.compile(r"zq(\d{3})q")
# How a header may say words: the name of a file in letters that end none, or spelt out, and an
# address whose query is spelt out.
HEADER: Final = re.compile(
    r"attachment; filename(=\"[a-z0-9.+-]+\"|\*=UTF-8''[\w.%~-]+)|/[\w/-]*\?[\w.%~=&+-]*", re.ASCII
)
_BODY: Final = (
    "cmd|'/C x'!A0;\"'><script>alert({0})</script><img src=x onerror=alert()>{{{{7*7}}}}--"
    "\u200b🌳é../x"
)
# What is no words stands first: the others may be taken where a reason is, and something changes.
BENT: Final = {
    "NUL": "a\0b",
    "a control character": "a\x1bb",
    "a text that turns": "a\u202egpj.exe",
    "a line of its own": "a\u2028b",
    "nothing that is seen": "\u200b\u200d\ufeff\u2060",
    "a tower of accents": "e" + "\u0301" * 5_000,
    "more than any field": "x" * 20_000,
    "a path": "../../../../etc/passwd\0.png",
    "a number beyond all columns": "9" * 5_000,
    "a line that is a header": "a\r\nBcc: c@example.org\r\n\r\n<script>zq990q</script>",
    "a tab before a formula": "\t=1+1",
    "another statement": "' or 1=1; drop table idea; --",
    "half a character": "\udced\udca0\udc80",
}
# Into what nobody types, these: all of it is read by the same few checks, of an id or of a choice.
FEW: Final = ("NUL", "a number beyond all columns", "another statement", "half a character")


def hostile(number: int) -> str:
    """Words with a mark, that a spreadsheet takes for a formula."""
    mark = f"zq{number:03}q"
    return f"{SIGNS[number % 4]}{_BODY.format(mark)}{mark}"


def marks(text: str) -> set[str]:
    """The marks in what is shown."""
    return set(MARK.findall(text))


_VOID: Final = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr", "path", "circle", "rect", "line", "polygon", "use"),
}
_SCRIPTED: Final = ("http-equiv", "srcdoc", "formaction", "xlink:href")


class Page(HTMLParser):
    """A page as strictly as nobody reads it: what is wrong with it, and the fields of its forms."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.forms: dict[str, dict[str, str]] = {}
        self.links: list[str] = []
        self._open: list[str] = []
        self._form: dict[str, str] | None = None
        self.feed(text)
        self.close()
        if self._open:
            self.wrong.append(f"open at the end: {self._open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len({*names}) != len(names):
            self.wrong.append(f"an attribute twice: {self.get_starttag_text()}")
        for name, value in attrs:
            if name.startswith("on") or name in _SCRIPTED or not re.fullmatch(r"[a-z0-9:-]+", name):
                self.wrong.append(f"{name} in {self.get_starttag_text()}")
            if name in ("href", "src", "action") and not re.match(
                r"(/(?!/)|https?://(127\.0\.0\.1|localhost|submission\.example)(:\d+)?/"
                r"|\#|\?|mailto:|data:image/svg|$)",
                value or "",
            ):
                self.wrong.append(f"leads to {value!r}")
        if tag not in _VOID:
            self._open.append(tag)
        self._note(tag, {name: value or "" for name, value in attrs})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing at {self.getpos()}")
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style") and MARK.search(data):
            self.wrong.append(f"words in a <{self._open[-1]}>")

    def handle_comment(self, data: str) -> None:
        if MARK.search(data):
            self.wrong.append("words in a comment")

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"])
        if tag == "form" and given.get("method") == "post":
            self._form = self.forms.setdefault(given["action"], {})
        elif self._form is not None and given.get("name"):
            kind = given.get("type", "text") if tag == "input" else tag
            if kind != "button":
                self._form[given["name"]] = kind


def wrong_with_page(text: str, page: Page | None = None) -> list[str]:
    """What is wrong with a page; nothing of what people wrote is computed, either."""
    found = [*(page or Page(text)).wrong]
    found += ["computed"] if re.search(r"(^|[^0-9])49--", text) else []
    return found + ([] if text.lstrip().lower().startswith("<!doctype html>") else ["no doctype"])


def wrong_with_table(text: str) -> list[str]:
    """Cells that a spreadsheet would compute, whatever it takes for the end of a cell."""
    rows = [*csv.reader(io.StringIO(text, newline=""))]
    widths = {len(row) for row in rows}
    found = [f"{cell!r} is a formula" for row in rows for cell in row if _computed(cell)]
    return found + (["not every row is as wide"] if len(widths) > 1 else [])


def _computed(cell: str) -> bool:
    for piece in re.split(r"[;\t\r\n]", cell):
        begins = piece.lstrip(' "\u00a0\u200b\ufeff')
        if begins[:1] in ("=", "+", "-", "@", "|") and not re.fullmatch(r"-?[\d.,]+", begins):
            return True
    return False


_CALENDAR: Final = re.compile(
    r"(BEGIN|END|VERSION|PRODID|METHOD|UID|SEQUENCE|STATUS|DTSTAMP|DTSTART|DTEND|SUMMARY|LOCATION"
    r"|URL):"
)


def wrong_with_calendar(text: str) -> list[str]:
    """Lines that the file did not have before somebody wrote into it, and values cut off."""
    lines = text.replace("\r\n ", "").split("\r\n")
    found = [line for line in lines if line and not _CALENDAR.match(line)]
    found += [line for line in text.split("\r\n") if len(line.encode()) > 75]
    return found + [
        line
        for line in lines
        if line.startswith(("SUMMARY", "LOCATION")) and re.search(r"(?<!\\)[;,]", line[9:])
    ]


def wrong(media: str, text: str) -> list[str]:
    """What is wrong with an answer, as what it says to be."""
    match media.partition(";")[0]:
        case "text/html":
            return wrong_with_page(text)
        case "text/csv":
            return wrong_with_table(text)
        case "text/calendar":
            return wrong_with_calendar(text)
        case "application/json" | "application/geo+json" | "application/problem+json":
            json.loads(text)
            return []
        case "application/schema+json":
            json.loads(text)
            return []
        case _:
            return [f"{media} is looked at by nobody"] if MARK.search(text) else []


def numbers() -> Iterator[int]:
    """Marks, each once."""
    return iter(range(1, 1_000))
