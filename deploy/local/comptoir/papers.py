"""Papers of a local edition: people marked on the roll, a batch entered twice, and all of it in."""

from dataclasses import dataclass, field
from uuid import UUID

from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.waiting import until
from shared.codes import new_code

# What each paper says: numbers of projects, nothing on a blank one, or why it is void.
PAPERS = ("1 2", "2", "", "unreadable")
VOID = frozenset(("unreadable",))


@dataclass
class Papers:
    """The papers of one round; the steps come in the order of the methods."""

    client: Client
    desks: Desks
    officers: tuple[str, str]
    round_id: UUID
    batch: str = field(default="", init=False)

    async def mark(self) -> None:
        """Some who were posted a code come to a counter with their letter, and get a paper."""
        path = f"/rounds/{self.round_id}/codes"
        codes = [new_code() for _ in PAPERS]
        await self.client.officer("voting.roll", path, {"tier": "A", "codes": codes})
        officer = await self.desks.at(self.officers[0], "roll")
        page = f"{self.desks.sites['roll']}/desk/paper/rounds/{self.round_id}"
        for code in codes:
            await officer.act(page, f"/desk/paper/rounds/{self.round_id}/marks", code=code)

    async def enter(self) -> None:
        """Two officers enter the batch, each by herself."""
        first = await self.desks.at(self.officers[0], "count")
        page = f"/desk/paper/rounds/{self.round_id}"
        stubs = str(len(PAPERS))
        site = self.desks.sites["count"]
        seen = await first.fill(site + page, f"{page}/batches", place="Arras", stubs=stubs)
        self.batch = seen.done().path
        for subject in self.officers:
            officer = await self.desks.at(subject, "count")
            for number, said in enumerate(PAPERS, start=1):
                entry = {"choices": "", "void": said} if said in VOID else {"choices": said}
                await officer.act(site + self.batch, f"{self.batch}/papers/{number}", **entry)

    async def hand_in(self) -> None:
        """When voting is over, the batch is locked, the roll says whom it marked, and two officers
        say that this is all."""
        count, page = self.desks.sites["count"], f"/desk/paper/rounds/{self.round_id}"
        roll = f"{self.desks.sites['roll']}{page}"
        officer = await self.desks.at(self.officers[0], "count")

        async def to_lock() -> bool:
            return f"{self.batch}/lock" in (await officer.get(count + self.batch)).forms()

        async def to_publish() -> bool:
            return f"{page}/counted" in (await officer.get(roll)).forms()

        async def marked() -> bool:
            return "People marked as voting on paper" in (await officer.get(count + page)).text

        await until("the box's closing", to_lock, bool)
        await officer.act(count + self.batch, f"{self.batch}/lock")
        await until("the roll's closing", to_publish, bool)
        await officer.act(roll, f"{page}/counted")
        await until("the roll's word on papers", marked, bool)
        reason = "Toutes les urnes sont vides."
        await self.desks.together("count", self.officers, page, f"{page}/closed", reason=reason)
