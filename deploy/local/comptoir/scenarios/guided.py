"""A carrier of a citizen budget: what she does on her way from her idea to her dossier."""

import json
from uuid import UUID, uuid4

from comptoir.browser import NotThere
from comptoir.scenarios.carrying import Carrier


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
        csrf = (await self.browser.get("/sign-in")).fields("/sign-in/mail")["csrf"]
        sent = {"csrf": csrf, "once": str(uuid4()), "revision": "0", **said}
        path = f"/projects/{project_id}/dossier"
        answer = await self.browser.post(path, sent, Accept="application/json")
        if answer.status < 400 or json.loads(answer.text)["code"] != code:
            raise NotThere(f"{path} should be refused with {code}: {answer.text[:400]}")
        self.scheme.refused.append(code)
