"""A body of a scheme that decides money: given complete dossiers, it votes by name on each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.proposing import NONE
from comptoir.scenarios.scheme import Scheme
from comptoir.sitting import MEMBERS, NO, OFFICERS, PRESENT, YES, Sitting
from comptoir.waiting import until

_ROUND = re.compile(r'/rounds/([0-9a-f-]{36})["/]')


@dataclass
class Body(Sitting):
    """One round of a body; its steps come in the order of the methods."""

    scheme: Scheme
    name: str
    round_id: UUID = NONE
    results: dict[str, Any] = field(default_factory=dict)
    projects: dict[int, UUID] = field(default_factory=dict)

    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.scheme.stage.client

    @property
    def desks(self) -> Desks:
        """The officers, and the members."""
        return self.scheme.desks

    @property
    def programme_id(self) -> UUID:
        """Whose body it is."""
        return self.scheme.programme_id

    @property
    def body(self) -> str:
        """Its name in the charter."""
        return self.name

    async def meet(self) -> None:
        """It is given what it can decide on, its members their seats, and the round is opened."""
        await self.receive()
        await self.desks.prepare_round(OFFICERS[0], self.round_id)
        if self.name not in self.scheme.seated:
            self.scheme.seated.add(self.name)
            await self.seat(*MEMBERS)
        await self.open_round()

    async def receive(self) -> None:
        """Two returning officers give it the complete dossiers, which stay as they are."""
        before = await self._rounds()
        reason = "Les dossiers sont complets."
        await self.desks.together("submission", OFFICERS, self._page, self._page, reason=reason)
        [made] = await self._rounds() - before
        self.round_id = UUID(made)

    async def vote(self, yes: Mapping[UUID, int]) -> None:
        """Four of five members come: so many of them say yes to each project, the others no."""
        for place, subject in enumerate(PRESENT):
            sheet = {
                f"option-{number}": YES if place < yes.get(project, 0) else NO
                for number, project in self.projects.items()
            }
            await self.cast(subject, sheet)

    def reason(self, project_id: UUID) -> str:
        """Why a project is where it is, by the decision's code."""
        found = {each["option_id"]: each["reason"] for each in self.results["projects"]}
        return str(found[str(project_id)])

    def number(self, project_id: UUID) -> int:
        """A project's number on the ballot."""
        return next(n for n, project in self.projects.items() if project == project_id)

    async def heard(self) -> None:
        """Its page says of no round that it waits for a decision."""

        async def decided() -> bool:
            gaelle = await self.desks.at(OFFICERS[0], "submission")
            seen = (await gaelle.get(f"{self.scheme.site}{self._page}")).done().words()
            return "the result is being validated" not in seen and "to open" not in seen

        await until("a body's decision to be heard", decided, bool)
        self.scheme.rounds.append(self.round_id)

    async def _rounds(self) -> set[str]:
        gaelle = await self.desks.at(OFFICERS[0], "submission")
        seen = (await gaelle.get(f"{self.scheme.site}{self._page}")).done()
        return set(_ROUND.findall(seen.text))

    @property
    def _page(self) -> str:
        return f"/desk/programmes/{self.programme_id}/bodies/{self.name}"
