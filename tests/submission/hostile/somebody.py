"""A town in which everybody writes hostile words, into every field that takes any; what each form
took is noted by the route that it was sent to, and everything that is seen is looked at.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from comptoir.browser import Browser, Seen
from tests.submission.hostile.looking import Routes, Walked
from tests.submission.hostile.said import MARK
from tests.submission.proposing import Town


@dataclass
class Noted:
    """Which fields took words with a mark, by route; and all that was seen."""

    walked: Walked
    took: set[tuple[str, str]] = field(default_factory=set)

    @property
    def routes(self) -> Routes:
        """The routes of the town."""
        return self.walked.routes

    def sent(self, path: str, fields: Any, seen: Seen) -> None:
        """Note a form that was sent."""
        pairs = fields.items() if isinstance(fields, dict) else fields
        if seen.status < 400:
            route = self.routes.of(urlsplit(path).path)
            self.took |= {(route, name) for name, value in pairs if MARK.search(value)}

    def saw(self, who: Browser, seen: Seen, at: str) -> None:
        """Look at an answer."""
        self.walked.look(who, seen, at)


class Noting(Browser):
    """A browser whose forms are noted."""

    def __init__(self, url: str, noted: Noted) -> None:
        super().__init__(url)
        self._noted = noted

    async def get(self, path: str) -> Seen:
        seen = await super().get(path)
        self._noted.saw(self, seen, path)
        return seen

    async def post(self, path: str, fields: Any, *, follow: bool = True, **headers: str) -> Seen:
        seen = await super().post(path, fields, follow=follow, **headers)
        self._noted.sent(path, fields, seen)
        self._noted.saw(self, seen, f"sent to {path}")
        return seen


@dataclass
class HostileTown(Town):
    """A town whose people are noted."""

    noted: Noted = field(kw_only=True)

    def browser(self) -> Browser:
        self.browsers.append(Noting(self.url, self.noted))
        return self.browsers[-1]
