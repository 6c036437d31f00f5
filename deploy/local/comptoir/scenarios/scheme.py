"""A scheme that is being held: its charter, published; its people; what they were refused."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin
from uuid import UUID

import yaml

from comptoir.browser import Browser, NotThere, Seen
from comptoir.desks import Desks
from comptoir.proposing import NONE, PARIS
from comptoir.publishing import ADMINISTRATORS, ideas_open, publish_charter
from comptoir.scenarios.held import Held, held
from comptoir.scenarios.stage import Stage


@dataclass
class Scheme:
    """A preset as a rehearsal of this year, with what this edition `says` otherwise.

    `rounds` are those that were decided, `refused` the codes that people were refused with.
    """

    stage: Stage
    preset: str
    title: str
    says: Mapping[str, Any] = field(default_factory=dict)
    programme_id: UUID = NONE
    rounds: list[UUID] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    # The bodies whose members have their seats.
    seated: set[str] = field(default_factory=set)
    _people: list[Browser] = field(default_factory=list)
    _done: Counter[str] = field(default_factory=Counter)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for browser in self._people:
            await browser.close()

    @property
    def desks(self) -> Desks:
        """The officers."""
        return self.stage.desks

    @property
    def site(self) -> str:
        """Submission's address."""
        return self.desks.sites["submission"]

    @property
    def page(self) -> str:
        """The programme's desk."""
        return f"/desk/programmes/{self.programme_id}"

    def browser(self) -> Browser:
        """Somebody with a device of her own, until all is over."""
        self._people.append(Browser(self.site))
        return self._people[-1]

    def did(self, step: str, total: int) -> None:
        """One of so many things of a step is done."""
        self._done[step] += 1
        self.stage.progress(step, self._done[step], total)

    async def publish(self, *phases: str) -> None:
        """Two administrators publish the charter, whose named phases are all open by then; every
        officer has her role."""
        self.stage.progress("charter", 0, 1)
        await self.desks.grant_roles("alix")
        said = yaml.safe_dump(self._charter(phases), allow_unicode=True, sort_keys=False)
        self.programme_id = await publish_charter(self.desks, file=said)
        await ideas_open(self.site, self.programme_id)
        self.stage.progress("charter", 1, 1)

    async def close_phase(self, name: str, reason: str) -> None:
        """Two administrators end a phase now."""
        now = datetime.now(PARIS).replace(second=0, microsecond=0)
        await self.desks.together(
            "submission",
            ADMINISTRATORS,
            self.page,
            f"{self.page}/phases/{name}",
            closes=f"{now:%Y-%m-%dT%H:%M}",
            reason=reason,
        )

    async def erase(self, project_id: UUID, reason: str) -> None:
        """Two administrators erase what was written about a project, and who carries it."""
        self.stage.progress("forgetting", 0, 1)
        page = f"/desk/projects/{project_id}/erase"
        said = {"ground": "person-asked", "sure": "yes", "reason": reason}
        await self.desks.together("submission", ADMINISTRATORS, page, page, **said)
        self.stage.progress("forgetting", 1, 1)

    async def refuse(
        self, code: str, who: Browser, page: str | Seen, action: str, **fields: str
    ) -> None:
        """Somebody fills in a form, and is refused with this code; nothing is recorded."""
        seen = await who.get(page) if isinstance(page, str) else page
        sent = seen.fields(action) | fields
        answer = await who.post(urljoin(seen.url, action), sent, Accept="application/json")
        found = json.loads(answer.text).get("code") if answer.status >= 400 else None
        if found != code:
            raise NotThere(f"{action} should be refused with {code}: {answer.text[:400]}")
        self.refused.append(code)

    async def held(self) -> Held:
        """What all of it came to in the record."""
        return await held(
            self.stage, self.preset, self.programme_id, self.rounds, tuple(self.refused)
        )

    def _charter(self, phases: tuple[str, ...]) -> dict[str, Any]:
        now = datetime.now(PARIS).replace(second=0, microsecond=0)
        opens, closes = now - timedelta(minutes=10), now + timedelta(hours=6)
        years = sorted({opens.year, closes.year})
        window = {"opens": opens.isoformat(), "closes": closes.isoformat()}
        return {
            "preset": self.preset,
            "edition": "-".join(map(str, years)),
            "title": self.title,
            "rehearsal": True,
            "phases": {name: dict(window) for name in phases},
            **self.says,
        }
