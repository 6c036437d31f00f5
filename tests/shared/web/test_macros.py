"""Whatever somebody typed in, no macro lets it become markup."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from markupsafe import Markup

from shared.web.kit import Pages
from tests.shared.web.conftest import Look

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7007 * 3 }}"
NOW = datetime(2027, 4, 20, 10, tzinfo=UTC)
PHASE = SimpleNamespace(name=EVIL, opens_at=NOW, closes_at=NOW)
OPTIONS = ((EVIL, EVIL, EVIL), ("a", EVIL))
# What an argument of each name is given; what is not here is text.
GIVEN: dict[str, Any] = {
    **{"options": OPTIONS, "values": (EVIL,), "errors": {EVIL: EVIL}, "hidden": {EVIL: EVIL}},
    **{"rows": ((EVIL, 1, EVIL),), "points": ((EVIL, 1, EVIL),), "ghost": (1, 2), "total": 10},
    **{"head": (EVIL, EVIL), "numeric": (0,), "spent": 5, "pairs": ((EVIL, EVIL),)},
    **{"events": ((NOW, EVIL, EVIL),), "phases": (PHASE,), "now": NOW, "at": NOW, "date": NOW},
    **{"kind": None, "type": EVIL, "required": True, "files": True, "checked": True},
    **{"disabled": True, "shown": True, "open": True, "maxlength": 5, "level": 2},
}
KINDS = {"notice": "problem", "status": "done", "link": "button"}
FILES = ("forms.html", "tables.html", "charts.html", "parts.html")
NUMBERS = {("forms.html", "area"): {"rows": 4}}

pages = Pages("shared.web", Look())
CONTEXT = {"csrf": EVIL, "path": EVIL}


def macros() -> Iterator[tuple[str, str]]:
    for file in FILES:
        module = pages.module("en", file, **CONTEXT)
        for name, macro in vars(module).items():
            if callable(macro) and hasattr(macro, "arguments") and not name.startswith("_"):
                yield file, name


class Reader(HTMLParser):
    """Reads markup as a browser does, and remembers what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img"):
            self.bad.append(tag)
        self.bad += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def given(file: str, name: str, argument: str) -> Any:
    if argument in NUMBERS.get((file, name), {}):
        return NUMBERS[file, name][argument]
    if argument == "kind":
        return KINDS.get(name, "primary")
    return GIVEN.get(argument, EVIL)


@pytest.mark.parametrize(("file", "name"), sorted(macros()))
def test_a_macro_escapes_every_argument(file: str, name: str) -> None:
    macro: Callable[..., Any] = getattr(pages.module("en", file, **CONTEXT), name)
    arguments = {argument: given(file, name, argument) for argument in macro.arguments}  # type: ignore[attr-defined]
    if macro.caller:  # type: ignore[attr-defined]
        arguments["caller"] = lambda: Markup("<i>inside</i>")
    said = str(macro(**arguments))
    reader = Reader()
    reader.feed(said)
    assert not reader.bad
    assert "21021" not in said


def test_every_file_of_macros_is_looked_at() -> None:
    found = {file for file, _ in macros()}
    assert found == set(FILES)
    assert len(sorted(macros())) >= 35


def test_a_layout_escapes_what_it_is_given() -> None:
    text = pages.render(
        "en",
        "refused.html",
        **{"title": EVIL, "what": EVIL, "advice": EVIL, "path": EVIL, "csrf": EVIL},
        **{"told": SimpleNamespace(status=401, code=EVIL, detail=EVIL), "nav": ((EVIL, EVIL),)},
        **{"switch": [("fr", "Français")], "problem": EVIL, "rehearsal": True},
        **{"signs_in": True, "person": SimpleNamespace(name=EVIL, kind="resident")},
    )
    assert "<script" not in text
    assert "<img" not in text


@pytest.mark.parametrize(("empty", "asked"), [("", True), ("All", False)])
def test_a_choice_that_has_a_word_for_none_can_be_none(empty: str, asked: bool) -> None:
    select = vars(pages.module("en", "forms.html", **CONTEXT))["select"]
    written = str(select("stage", "Stage", (("idea", "an idea"),), empty=empty))
    assert (" required" in written) == asked and "optional" not in written
