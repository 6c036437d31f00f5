"""Answers that are looked at: what is wrong with them, and which forms stand on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from comptoir.browser import Browser, Seen
from tests.submission.hostile.said import HEADER, MARK, Page, wrong, wrong_with_page

BUTTONS: Final = frozenset({"csrf", "once"})
_TICKED: Final = ("radio", "checkbox", "select")


class Routes:
    """The routes of submission that are its own, by their paths."""

    def __init__(self, app: Any) -> None:
        found = [(str(c.path), c) for c in iter_route_contexts(app.routes)]
        self.posts = [path for path, c in found if "POST" in (c.methods or ())]
        self.asked = {path: _asked(c) for path, c in found if "GET" in (c.methods or ())}
        self.gets = [*self.asked]
        self._compiled = [(path, compile_path(path)[0]) for path in self.posts]

    def of(self, path: str) -> str:
        """The route that takes what is posted to a path."""
        return next((route for route, known in self._compiled if known.match(path)), path)


def _asked(context: Any) -> list[str]:
    """What a route reads of the query."""
    dependant = getattr(context, "dependant", None)
    return [] if dependant is None else [each.alias for each in dependant.query_params]


@dataclass
class Walked:
    """What was seen: what is wrong with it, by address; the marks; the forms, by route."""

    routes: Routes
    wrong: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    forms: dict[str, list[tuple[Browser, str, str]]] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)

    def look(self, who: Browser, seen: Seen, at: str) -> None:
        """Note what is wrong with an answer, and the forms of a page."""
        media = seen.headers.get("Content-Type", "text/plain").partition(";")[0]
        self.kinds.add(media)
        said = [f"{seen.status}"] if seen.status >= 500 and "/health/" not in at else []
        if media == "text/html":
            page = Page(seen.text)
            said += wrong_with_page(seen.text, page)
            self._note(who, seen, page)
        else:
            said += wrong(media, seen.text)
        said += [f"header {name}: {value}" for name, value in seen.headers.items() if _bent(value)]
        self.wrong += [f"{at}: {each}" for each in said]
        self.marks |= {*MARK.findall(seen.text)}

    def _note(self, who: Browser, seen: Seen, page: Page) -> None:
        for action, fields in page.forms.items():
            route = self.routes.of(action)
            self.forms.setdefault(route, []).append((who, seen.path, action))
            self.fields.setdefault(route, {}).update(
                {name: kind for name, kind in fields.items() if name not in BUTTONS}
            )


def _bent(value: str) -> bool:
    """Whether words are in a header as they are."""
    return MARK.search(value) is not None and not HEADER.fullmatch(value)


def typed(kind: str) -> bool:
    """Whether one can type into a field of this kind."""
    return kind not in ("hidden", "file", *_TICKED)


def texts(fields: Mapping[str, Any]) -> set[str]:
    """The fields into which one can type."""
    return {name for name, kind in fields.items() if typed(kind)}
