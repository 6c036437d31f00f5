"""A body of a charter that votes: its seats, and one named round, as its officers and members hold
it at count's desk."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from comptoir.browser import NotThere
from comptoir.client import Client
from comptoir.desks import Desks, name_of
from comptoir.waiting import until

OFFICERS = ("gaelle", "hugo")
# A seat each; the first has the chair, and the last stays away. Three of them are a quorum.
MEMBERS = ("elise", "farid", "ines", "jules", "lila")
PRESENT = MEMBERS[:-1]
YES, NO = "1", "2"
_OFFICER = re.compile(r'<option value="([0-9a-f-]{36})"[^>]*>([^<]*)</option>')


class Sitting(ABC):
    """One round of a body; `projects` are those of its round, by their numbers on the ballot."""

    client: Client
    round_id: UUID
    results: dict[str, Any]
    projects: dict[int, UUID]

    @property
    @abstractmethod
    def desks(self) -> Desks:
        """The officers, and the members."""

    @property
    @abstractmethod
    def programme_id(self) -> UUID:
        """Whose body it is."""

    @property
    @abstractmethod
    def body(self) -> str:
        """Its name in the charter."""

    @abstractmethod
    async def heard(self) -> None:
        """Submission has heard the result, and no project waits for it any more."""

    async def seat(self, *subjects: str) -> None:
        """These members sign in at count's desk, and a returning officer gives each a seat."""
        gaelle = await self.desks.at(OFFICERS[0], "count")
        body = f"/desk/seats/bodies/{self.programme_id}/{self.body}"
        for subject in subjects:
            await self.desks.at(subject, "count")
            seen = (await gaelle.get(f"{self._count}{body}")).done()
            name = name_of(subject)
            ids = [id for id, shown in _OFFICER.findall(seen.text) if shown == name]
            if not ids:
                raise NotThere(f"{seen.url} offers {name} no seat")
            chair = {"chair": "yes"} if subject == MEMBERS[0] else {}
            (await gaelle.fill(seen, body, officer=ids[0], **chair)).done()

    async def open_round(self) -> None:
        """Two officers open the round; each number is a project from then on."""
        reason = "Le comité est réuni."
        await self.desks.act_on_round(OFFICERS, self.round_id, "open-round", reason)
        await self.read_options()

    async def read_options(self) -> None:
        """Which project is which number on the ballot."""
        for option in await self.client.get("voting.count", f"/rounds/{self.round_id}/options"):
            self.projects[option["number"]] = UUID(option["option_id"])

    async def recuse(self, subject: str, number: int) -> None:
        """A member says that she has no say on a project."""
        member = await self.desks.at(subject, "count")
        page = f"{self._count}/desk/seats/rounds/{self.round_id}"
        action = f"/desk/seats/rounds/{self.round_id}/recusals"
        reason = "Mon frère est de cette association."
        await member.act(page, action, option=str(number), reason=reason)

    async def cast(self, subject: str, said: Mapping[str, str]) -> None:
        """A member casts a ballot."""
        member = await self.desks.at(subject, "count")
        page = f"{self._count}/desk/seats/rounds/{self.round_id}"
        await member.act(page, f"/desk/seats/rounds/{self.round_id}/ballot", **said)

    async def decide(self) -> None:
        """Two officers end the round and validate its result, and submission hears of it."""
        reason = "Tous les membres présents ont voté."
        await self.desks.act_on_round(OFFICERS, self.round_id, "close-round", reason)
        path = f"/rounds/{self.round_id}"
        await until(
            "the decision of a body",
            lambda: self.client.get("voting.count", path),
            lambda state: state["state"] == "decided",
        )
        reason = "Le procès-verbal a été relu."
        await self.desks.act_on_round(OFFICERS, self.round_id, "validate-result", reason)
        await self.heard()
        self.results = await self.client.get("voting.count", f"{path}/results.json")

    @property
    def _count(self) -> str:
        return self.desks.sites["count"]
