"""The committee of an edition: its seats, and the named round in which it votes on labels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from comptoir.browser import NotThere, Seen
from comptoir.client import Client
from comptoir.desks import Desks, name_of
from comptoir.edition import Idea
from comptoir.proposing import NONE, Proposing
from comptoir.waiting import until

OFFICERS = ("gaelle", "hugo")
# A seat each; the first has the chair, and the last stays away. Three of them are a quorum.
MEMBERS = ("elise", "farid", "ines", "jules", "lila")
PRESENT = MEMBERS[:-1]
BODY = "committee"
YES, NO = "1", "2"
_ROUND = re.compile(r'/rounds/([0-9a-f-]{36})["/]')
_WAITS = re.compile(r"A round of \d+ projects?: (?!decided)")
_OFFICER = re.compile(r'<option value="([0-9a-f-]{36})"[^>]*>([^<]*)</option>')


@dataclass
class Committee:
    """A committee that votes on complete dossiers; its steps come in the order of the methods.

    `projects` are those of its round, by their numbers on the ballot.
    """

    proposing: Proposing
    client: Client
    round_id: UUID = NONE
    results: dict[str, Any] = field(default_factory=dict)
    projects: dict[int, UUID] = field(default_factory=dict)

    async def meet(self) -> None:
        """It is given the complete dossiers, and its members their seats; the round is opened."""
        await self.receive()
        await self._desks.prepare_round(OFFICERS[0], self.round_id)
        await self.seat(*MEMBERS)
        await self.open_round()

    async def receive(self) -> None:
        """Two returning officers give it the dossiers, which stay as they are from then on."""
        page, reason = self._page, "Les dossiers sont complets."
        await self._desks.together("submission", OFFICERS, page, f"{page}/committee", reason=reason)
        await self.find_round()

    async def find_round(self) -> None:
        """The round that waits to be opened."""
        seen = await self._own_desk()
        found = _ROUND.findall(seen.text)
        if not found:
            raise NotThere(f"{seen.url} names no round of the committee")
        self.round_id = UUID(found[-1])

    async def seat(self, *subjects: str) -> None:
        """These members sign in at count's desk, and a returning officer gives each a seat."""
        gaelle = await self._desks.at(OFFICERS[0], "count")
        body = f"/desk/seats/bodies/{self.proposing.programme_id}/{BODY}"
        for subject in subjects:
            await self._desks.at(subject, "count")
            seen = (await gaelle.get(f"{self._count}{body}")).done()
            name = name_of(subject)
            ids = [id for id, shown in _OFFICER.findall(seen.text) if shown == name]
            if not ids:
                raise NotThere(f"{seen.url} offers {name} no seat")
            chair = {"chair": "yes"} if subject == MEMBERS[0] else {}
            (await gaelle.fill(seen, body, officer=ids[0], **chair)).done()

    async def open_round(self) -> None:
        """Two returning officers open the round; each number is a project from then on."""
        reason = "Le comité est réuni."
        await self._desks.act_on_round(OFFICERS, self.round_id, "open-round", reason)
        await self.read_options()

    async def read_options(self) -> None:
        """Which project is which number on the ballot."""
        for option in await self.client.get("voting.count", f"/rounds/{self.round_id}/options"):
            self.projects[option["number"]] = UUID(option["option_id"])

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

    async def recuse(self, subject: str, number: int) -> None:
        """A member says that she has no say on a project."""
        member = await self._desks.at(subject, "count")
        page = f"{self._count}/desk/seats/rounds/{self.round_id}"
        action = f"/desk/seats/rounds/{self.round_id}/recusals"
        reason = "Mon frère est de cette association."
        await member.act(page, action, option=str(number), reason=reason)

    async def cast(self, subject: str, said: Mapping[str, str]) -> None:
        """A member casts a ballot."""
        member = await self._desks.at(subject, "count")
        page = f"{self._count}/desk/seats/rounds/{self.round_id}"
        await member.act(page, f"/desk/seats/rounds/{self.round_id}/ballot", **said)

    async def decide(self) -> None:
        """Two officers end the round and validate its result: its projects are labelled or not."""
        reason = "Tous les membres présents ont voté."
        await self._desks.act_on_round(OFFICERS, self.round_id, "close-round", reason)
        path = f"/rounds/{self.round_id}"
        await until(
            "the committee's decision",
            lambda: self.client.get("voting.count", path),
            lambda state: state["state"] == "decided",
        )
        reason = "Le procès-verbal a été relu."
        await self._desks.act_on_round(OFFICERS, self.round_id, "validate-result", reason)
        await self.labelled()
        self.results = await self.client.get("voting.count", f"{path}/results.json")

    async def labelled(self) -> None:
        """Submission has heard the result, and no project waits any more."""

        async def decided() -> bool:
            return _WAITS.search((await self._own_desk()).words()) is None

        await until("the labels", decided, bool)

    async def _own_desk(self) -> Seen:
        gaelle = await self._desks.at(OFFICERS[0], "submission")
        return (await gaelle.get(f"{self.proposing.site}{self._page}")).done()

    @property
    def _page(self) -> str:
        return f"/desk/programmes/{self.proposing.programme_id}"

    @property
    def _desks(self) -> Desks:
        return self.proposing.desks

    @property
    def _count(self) -> str:
        return self._desks.sites["count"]


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
