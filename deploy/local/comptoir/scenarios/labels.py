"""What only a scheme with labels has: dossiers that are read for a family, a committee that gives
labels, and the freezing of what residents vote on."""

import re
from datetime import datetime, timedelta
from urllib.parse import urljoin
from uuid import UUID

from comptoir.browser import NotThere, Seen
from comptoir.proposing import PARIS
from comptoir.scenarios.bodies import Body
from comptoir.scenarios.guiding import Guide
from comptoir.scenarios.scheme import Scheme
from comptoir.sitting import OFFICERS
from comptoir.waiting import until

_ROUND = re.compile(r'/rounds/([0-9a-f-]{36})["/]')
_WAITS = re.compile(r"A round of \d+ projects?: (?!decided)")


class Reader(Guide):
    """A member of the committee who reads dossiers, and says which label of each is voted on."""

    async def find_complete(self, project_id: UUID, family: str) -> None:
        """Nothing is missing in a dossier, and this label is voted on."""
        page, action, fields = await self._reviewing(project_id, family)
        browser = await self._browser()
        (await browser.post(urljoin(page, action), fields, follow=False)).done()

    async def refused(self, code: str, project_id: UUID, family: str) -> None:
        """It cannot have this label, and the refusal says why."""
        page, action, fields = await self._reviewing(project_id, family)
        await self.scheme.refuse(code, await self._browser(), page, action, **fields)

    async def _reviewing(self, project_id: UUID, family: str) -> tuple[str, str, dict[str, str]]:
        path = f"/desk/projects/{project_id}"
        seen = (await (await self._browser()).get(f"{self._site}{path}")).done()
        fields = seen.fields(f"{path}/review")
        kept = {name: value for name, value in fields.items() if "missing-" not in name}
        return seen.url, f"{path}/review", kept | {"family": family}


class Labels(Body):
    """The body that gives labels, whose rounds stand on the programme's own page."""

    def __init__(self, scheme: Scheme) -> None:
        super().__init__(scheme, "committee")

    async def receive(self) -> None:
        """Two returning officers give it the complete dossiers, which stay as they are."""
        page, reason = self.scheme.page, "Les dossiers sont complets."
        await self.desks.together("submission", OFFICERS, page, f"{page}/committee", reason=reason)
        found = _ROUND.findall((await self._own_desk()).text)
        if not found:
            raise NotThere(f"{page} names no round of the committee")
        self.round_id = UUID(found[-1])

    async def heard(self) -> None:
        """Each of its projects is labelled, or refused it."""

        async def decided() -> bool:
            return _WAITS.search((await self._own_desk()).words()) is None

        await until("the labels", decided, bool)
        self.scheme.rounds.append(self.round_id)

    async def _own_desk(self) -> Seen:
        gaelle = await self.desks.at(OFFICERS[0], "submission")
        return (await gaelle.get(f"{self.scheme.site}{self.scheme.page}")).done()


async def freeze_options(scheme: Scheme) -> None:
    """Two administrators end what comes before the vote, which begins, and two returning officers
    freeze its options."""
    for phase in ("ideas", "counters", "dossiers", "labelling"):
        await scheme.close_phase(phase, "Le comité a terminé ses travaux.")
    # Read behind the closings: they end at their minute, and the vote opens no earlier.
    now = datetime.now(PARIS).replace(second=0, microsecond=0)
    await scheme.desks.together(
        "submission",
        ("alix", "basile"),
        scheme.page,
        f"{scheme.page}/phases/vote",
        opens=f"{now:%Y-%m-%dT%H:%M}",
        closes=f"{now + timedelta(hours=6):%Y-%m-%dT%H:%M}",
        reason="Le vote peut commencer.",
    )

    async def frozen() -> bool:
        """Whether it could be asked for: the clock that closes phases turns every second."""
        action, reason = f"{scheme.page}/freeze", "Les projets labellisés sont connus."
        try:
            await scheme.desks.together("submission", OFFICERS, scheme.page, action, reason=reason)
        except NotThere as refused:
            if "labelling_not_over" not in str(refused):
                raise
            return False
        return True

    await until("the end of labelling", frozen, bool)
