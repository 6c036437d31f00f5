"""What desks do with an idea: answer, hand on, give a place at a session, hand back; instruct."""

import re
from datetime import datetime, timedelta
from uuid import UUID

from comptoir.browser import Browser, NotThere
from comptoir.proposing import PARIS
from comptoir.scenarios.scheme import Scheme
from comptoir.waiting import until

_COUNTER = re.compile(r"/desk/counters/([0-9a-f-]{36})")
_HANDOFF = re.compile(r"/desk/handoffs/([0-9a-f-]{36})")


class Guide:
    """An officer of a scheme's desks, at work: an adviser, or an instructor."""

    def __init__(self, scheme: Scheme, subject: str) -> None:
        self.scheme = scheme
        self.subject = subject

    async def announce(self, desk: str, territory: str, place: str, capacity: int = 10) -> str:
        """Announce a session of a desk; its id."""
        page = f"{self.scheme.page}/counters"
        officer = await self._browser()
        before = set(_COUNTER.findall((await officer.get(f"{self._site}{page}")).text))
        begins = datetime.now(PARIS) + timedelta(days=2)
        said = {
            "desk": desk,
            "territory": territory,
            "place": place,
            "begins_at": f"{begins:%Y-%m-%dT%H:%M}",
            "ends_at": f"{begins + timedelta(hours=3):%Y-%m-%dT%H:%M}",
            "capacity": str(capacity),
        }
        (await officer.fill(f"{self._site}{page}/new", f"{page}/new", **said)).done()
        after = set(_COUNTER.findall((await officer.get(f"{self._site}{page}")).text))
        [made] = after - before
        return str(made)

    async def handoff(self, project_id: UUID) -> str:
        """The handoff of a project that waits at one of her desks."""
        officer = await self._browser()
        listed = await officer.get(f"{self._site}{self.scheme.page}/counters")
        for handoff in dict.fromkeys(_HANDOFF.findall(listed.done().text)):
            seen = await officer.get(f"{self._site}/desk/handoffs/{handoff}")
            if f"/projects/{project_id}" in seen.text:
                return str(handoff)
        raise NotThere(f"{self.subject} has no handoff of {project_id}")

    async def act(self, project_id: UUID, act: str, **said: str) -> None:
        """Accept, schedule, redirect, decline, return; or say that somebody attended, or missed
        her session."""
        handoff = await self.handoff(project_id)
        page = f"{self._site}/desk/handoffs/{handoff}"
        await (await self._browser()).act(page, f"/desk/handoffs/{handoff}/{act}", **said)

    async def review(self, project_id: UUID, *missing: str) -> None:
        """Say that a dossier is complete, or what is missing in it."""
        officer, page = await self._browser(), f"/desk/projects/{project_id}"
        seen = (await officer.get(f"{self._site}{page}")).done()
        fields = seen.fields(f"{page}/review")
        kept = {name: value for name, value in fields.items() if "missing-" not in name}
        kept |= {f"missing-{name}": "yes" for name in missing}
        (await officer.post(f"{self._site}{page}/review", kept, follow=False)).done()

    async def clear(self, project_id: UUID) -> None:
        """Find who would sign the agreement in order: its number, its status, its contract."""
        page, action, said = await self._clearing(project_id)
        await (await self._browser()).act(page, action, **said)

    async def clearing_refused(self, project_id: UUID, code: str) -> None:
        """It cannot be found in order, and the refusal says why."""
        page, action, said = await self._clearing(project_id)
        await self.scheme.refuse(code, await self._browser(), page, action, **said)

    async def _clearing(self, project_id: UUID) -> tuple[str, str, dict[str, str]]:
        page = f"/desk/projects/{project_id}/carriers"
        seen = (await (await self._browser()).get(f"{self._site}{page}")).done()
        [action] = [each for each in seen.forms() if each.endswith("/clear")]
        said = {"status": "yes"}
        if "contract_on" in seen.fields(action):
            said["contract_on"] = f"{datetime.now(PARIS):%Y-%m-%d}"
        return f"{self._site}{page}", action, said

    async def waits(self, project_id: UUID) -> None:
        """Wait until a handoff of a project has come to one of her desks."""

        async def there() -> bool:
            try:
                return bool(await self.handoff(project_id))
            except NotThere:
                return False

        await until("a handoff", there, bool)

    @property
    def _site(self) -> str:
        return self.scheme.site

    async def _browser(self) -> Browser:
        return await self.scheme.desks.at(self.subject, "submission")
