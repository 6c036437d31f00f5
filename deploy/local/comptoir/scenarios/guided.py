"""A carrier of a citizen budget: what she does on her way from her idea to her dossier."""

from uuid import UUID

from comptoir.scenarios.carrying import Carrier
from comptoir.scenarios.unseen import refuse_unseen


class Guided(Carrier):
    """Somebody who meets advisers at sessions before she may file anything."""

    async def ask_session(self, project_id: UUID, session: str) -> None:
        """Ask for a place at a session."""
        form = f"/projects/{project_id}/counter"
        (await self.browser.fill(form, form, counter=session)).done()

    async def withdraw(self, project_id: UUID, reason: str) -> None:
        """Her project goes no further."""
        form = f"/projects/{project_id}/withdraw"
        (await self.browser.fill(form, form, reason=reason)).done()

    async def refused_unseen(self, code: str, project_id: UUID, **said: str) -> None:
        """She sends a dossier whose form she is not shown yet, and is refused with this code."""
        page = f"/projects/{project_id}"
        sent = {"revision": "0", **said}
        await refuse_unseen(self.scheme, code, self.browser, page, f"{page}/dossier", **sent)
