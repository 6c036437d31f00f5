"""The committee of an edition: its seats, and the named round in which it votes on labels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from comptoir.browser import NotThere, Seen
from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.edition import Idea
from comptoir.proposing import NONE, Proposing
from comptoir.sitting import MEMBERS, NO, OFFICERS, PRESENT, YES, Sitting
from comptoir.waiting import until

BODY = "committee"
_ROUND = re.compile(r'/rounds/([0-9a-f-]{36})["/]')
_WAITS = re.compile(r"A round of \d+ projects?: (?!decided)")


@dataclass
class Committee(Sitting):
    """A committee that votes on complete dossiers; its steps come in the order of the methods."""

    proposing: Proposing
    client: Client
    round_id: UUID = NONE
    results: dict[str, Any] = field(default_factory=dict)
    projects: dict[int, UUID] = field(default_factory=dict)

    @property
    def desks(self) -> Desks:
        """The officers, and the members."""
        return self.proposing.desks

    @property
    def programme_id(self) -> UUID:
        """Whose committee it is."""
        return self.proposing.programme_id

    @property
    def body(self) -> str:
        """Its name in the charter."""
        return BODY

    async def meet(self) -> None:
        """It is given the complete dossiers, and its members their seats; the round is opened."""
        await self.receive()
        await self.desks.prepare_round(OFFICERS[0], self.round_id)
        await self.seat(*MEMBERS)
        await self.open_round()

    async def receive(self) -> None:
        """Two returning officers give it the dossiers, which stay as they are from then on."""
        page, reason = self._page, "Les dossiers sont complets."
        await self.desks.together("submission", OFFICERS, page, f"{page}/committee", reason=reason)
        await self.find_round()

    async def find_round(self) -> None:
        """The round that waits to be opened."""
        seen = await self._own_desk()
        found = _ROUND.findall(seen.text)
        if not found:
            raise NotThere(f"{seen.url} names no round of the committee")
        self.round_id = UUID(found[-1])

    @property
    def ideas(self) -> dict[int, Idea]:
        """The edition's ideas among its projects, by their numbers on the ballot."""
        known = {self.proposing.projects[i.number]: i for i in self.proposing.edition.ideas}
        return {n: known[id] for n, id in self.projects.items() if id in known}

    async def vote(self) -> None:
        """Every member who came votes on every dossier, but for what she is recused on."""
        ideas = self.ideas
        number = next(n for n, idea in ideas.items() if idea.labelled)
        await self.recuse(PRESENT[1], number)
        for place, subject in enumerate(PRESENT):
            without = number if place == 1 else 0
            await self.cast(subject, sheet(ideas, place, without))

    async def heard(self) -> None:
        """Submission has heard the result: each of its projects is labelled, or refused it."""
        await self.labelled()

    async def labelled(self) -> None:
        """No project waits for the committee any more."""

        async def decided() -> bool:
            return _WAITS.search((await self._own_desk()).words()) is None

        await until("the labels", decided, bool)

    async def _own_desk(self) -> Seen:
        gaelle = await self.desks.at(OFFICERS[0], "submission")
        return (await gaelle.get(f"{self.proposing.site}{self._page}")).done()

    @property
    def _page(self) -> str:
        return f"/desk/programmes/{self.programme_id}"


def sheet(ideas: Mapping[int, Idea], place: int, without: int = 0) -> dict[str, str]:
    """What the member at this place says of each project by its number, but for the one that she is
    recused on. What gets no label is refused by most, or by equal votes."""
    said = {}
    for number, idea in ideas.items():
        if idea.labelled:
            yes = place < 3 or idea.number % 3 != 0
        else:
            yes = place < (2 if idea.number % 2 else 1)
        if number != without:
            said[f"option-{number}"] = YES if yes else NO
    return said


async def vote_on_labels(proposing: Proposing, client: Client) -> Committee:
    """The whole of it, from complete dossiers to labels."""
    committee = Committee(proposing, client)
    proposing.progress("committee", 0, 1)
    await committee.meet()
    await committee.vote()
    await committee.decide()
    proposing.progress("committee", 1, 1)
    return committee
