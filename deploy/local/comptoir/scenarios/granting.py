"""What follows a decision about money, at count's desk: each grant's life, step by step."""

from datetime import datetime
from typing import Any
from uuid import UUID

from comptoir.browser import Browser, Seen
from comptoir.proposing import PARIS
from comptoir.scenarios.scheme import Scheme
from comptoir.sitting import OFFICERS
from comptoir.waiting import until


class Grants:
    """The grants of a round. Two officers confirm, sign, reduce and end; one enters the rest."""

    def __init__(self, scheme: Scheme, round_id: UUID) -> None:
        self.scheme = scheme
        self.round_id = round_id

    async def confirm(self, project_id: UUID, amount: int, act: str) -> None:
        """A deliberation gives so many euros."""
        said = {"amount": str(amount), "act": act, "reason": "L'assemblée a délibéré."}
        await self._together(project_id, "confirm", **said)

    async def sign(self, project_id: UUID) -> None:
        """The agreement is signed, as soon as count has heard that nothing is missing for it."""
        page, action = self._page(project_id), f"/desk/rounds/{self.round_id}/agreements"

        async def can() -> bool:
            return action in (await self._look(project_id)).forms()

        await until("all that an agreement needs", can, bool)
        reason = "Rien ne manque."
        await self.scheme.desks.together("count", OFFICERS, page, action, reason=reason)

    async def sign_refused(self, project_id: UUID, number: int, code: str) -> None:
        """Its agreement cannot be signed, and the refusal says why."""
        page = f"/desk/rounds/{self.round_id}/agreements"
        gaelle = await self._gaelle()
        seen = (await gaelle.get(f"{self._count}{page}")).done()
        said = {"option": str(number), "reason": "La convention est prête."}
        await self.scheme.refuse(code, gaelle, seen, page, **said)

    async def pay(self, project_id: UUID, instalment: str, reference: str) -> None:
        """The finance system paid a part: its reference is entered, which no other payment has."""
        one = f"{reference}/{self.scheme.stage.domain.partition('.')[0]}"
        await self._enter(project_id, "pay", instalment=instalment, reference=one)

    async def reach(self, project_id: UUID, milestone: str) -> None:
        """The project came so far."""
        await self._enter(project_id, "milestone", milestone=milestone)

    async def reduce(self, project_id: UUID, spent: int) -> None:
        """The project cost so many euros, less than it was to cost."""
        reason = "Le bilan financier est justifié."
        await self._together(project_id, "reduce", spent=str(spent), reason=reason)

    async def lapse(self, project_id: UUID, ground: str, reason: str) -> None:
        """What is not paid is paid no more."""
        await self._together(project_id, "lapse", ground=ground, reason=reason)

    async def said(self) -> dict[str, Any]:
        """What is published of the round's money."""
        path = f"/rounds/{self.round_id}/funding.json"
        found: dict[str, Any] = await self.scheme.stage.client.get("voting.count", path)
        return found

    async def _together(self, project_id: UUID, step: str, **said: str) -> None:
        page = self._page(project_id)
        await self.scheme.desks.together("count", OFFICERS, page, f"{page}/{step}", **said)

    async def _enter(self, project_id: UUID, step: str, **said: str) -> None:
        page = self._page(project_id)
        on = f"{datetime.now(PARIS):%Y-%m-%d}"
        gaelle = await self._gaelle()
        (await gaelle.fill(f"{self._count}{page}", f"{page}/{step}", on=on, **said)).done()

    async def _look(self, project_id: UUID) -> Seen:
        gaelle = await self._gaelle()
        return (await gaelle.get(f"{self._count}{self._page(project_id)}")).done()

    def _page(self, project_id: UUID) -> str:
        return f"/desk/funding/{self.round_id}/{project_id}"

    @property
    def _count(self) -> str:
        return self.scheme.desks.sites["count"]

    async def _gaelle(self) -> Browser:
        return await self.scheme.desks.at(OFFICERS[0], "count")
