"""A town in which everybody writes hostile words, into every field that takes any; what each form
took is noted by the route that it was sent to.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi.routing import iter_route_contexts
from starlette.routing import compile_path

from comptoir.browser import Browser, Seen
from tests.submission.hostile.said import MARK
from tests.submission.proposing import Town


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
class Noted:
    """Which fields took words with a mark, by route."""

    routes: Routes
    took: set[tuple[str, str]] = field(default_factory=set)

    def note(self, path: str, fields: Any, seen: Seen) -> None:
        pairs = fields.items() if isinstance(fields, dict) else fields
        if seen.status < 400:
            route = self.routes.of(urlsplit(path).path)
            self.took |= {(route, name) for name, value in pairs if MARK.search(value)}


class Noting(Browser):
    """A browser whose forms are noted."""

    def __init__(self, url: str, noted: Noted) -> None:
        super().__init__(url)
        self._noted = noted

    async def post(self, path: str, fields: Any, *, follow: bool = True, **headers: str) -> Seen:
        seen = await super().post(path, fields, follow=follow, **headers)
        self._noted.note(path, fields, seen)
        return seen


@dataclass
class HostileTown(Town):
    """A town whose people are noted."""

    noted: Noted = field(kw_only=True)

    def browser(self) -> Browser:
        self.browsers.append(Noting(self.url, self.noted))
        return self.browsers[-1]
