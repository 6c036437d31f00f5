"""The second half of an edition: the round is opened, voted in, closed, decided, and agreed on."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from comptoir.addresses import Addresses
from comptoir.browser import Browser
from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.edition import Edition, Identity
from comptoir.mailbox import Mailbox
from comptoir.polls import Polls
from comptoir.proof import Proof, index_of, proven, roll_counted
from comptoir.replay import CODES_AT_ONCE, VOTERS_AT_ONCE, Progress
from comptoir.voter import Voter
from comptoir.waiting import at_once, until
from shared.codes import new_code, read_code

OFFICERS = ("gaelle", "hugo")
REGISTERING_AT_ONCE = 16


@dataclass
class Deciding:
    """One round of an edition; its steps come in the order of the methods.

    `appeal` says how much each project attracts its voters, by id.
    """

    addresses: Addresses
    client: Client
    desks: Desks
    edition: Edition
    round_id: UUID
    appeal: dict[UUID, float]
    progress: Progress
    voters: list[Voter] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    polls: Polls = field(init=False)
    _options: dict[int, float] = field(default_factory=dict)
    _counted: Counter[str] = field(default_factory=Counter)

    async def open_round(self) -> None:
        """A returning officer prepares the round, and two open it."""
        self.progress("round", 0, 1)
        gaelle = await self.desks.at(OFFICERS[0], "count")
        desk = f"{self.desks.sites['count']}/desk/rounds"

        action = f"/desk/rounds/{self.round_id}/prepare"

        async def to_prepare() -> bool:
            return action in (await gaelle.get(desk)).forms()

        await until("the frozen options", to_prepare, bool)
        (await gaelle.fill(desk, action)).done()
        await until("the roll's keys", self.state, lambda state: state["tier_keys"])
        await self._act("open-round", "Le scrutin peut commencer.")
        path = f"/rounds/{self.round_id}/options"
        for option in await self.client.get("voting.count", path):
            self._options[option["number"]] = self.appeal[UUID(option["option_id"])]
        self.polls = await Polls.of(self.client, self.round_id)
        self.progress("round", 1, 1)

    async def put_on_roll(self) -> None:
        """Some have a code posted, others declare who they are and are mailed one."""
        path = f"/rounds/{self.round_id}/codes"
        posted = [Voter(self.round_id, new_code()) for _ in range(self.edition.posted)]
        for at in range(0, len(posted), CODES_AT_ONCE):
            codes = [voter.code for voter in posted[at : at + CODES_AT_ONCE]]
            sent = {"tier": "A", "codes": codes}
            await self.client.officer_until("voting.roll", path, sent, "round_unknown")
        self._count("roll", len(posted), self.edition.voters)
        await self.polls.opened(posted[0], [len(self._options) + 1])
        self.voters = posted
        await at_once(REGISTERING_AT_ONCE, (self._register(i) for i in self.edition.declared))

    async def vote(self) -> None:
        """Everybody votes."""
        await at_once(VOTERS_AT_ONCE, (self._vote(voter) for voter in self.voters))

    async def close_round(self) -> None:
        """Two officers end the vote; it is decided once the ledger covers it, and validated."""
        self.progress("decision", 0, 1)
        await self._act("close-round", "La répétition est terminée.")
        await until("the decision", self.state, lambda state: state["state"] == "decided")
        await self._act("validate-result", "Le résultat a été vérifié.")
        page = f"/desk/rounds/{self.round_id}/agreements"
        reason = "Les conventions sont prêtes."
        await self.desks.together("count", OFFICERS, page, page, reason=reason)
        path = f"/rounds/{self.round_id}/results.json"
        self.results = await self.client.get("voting.count", path)
        agreed = [p["agreement"] for p in self.results["projects"] if p["agreement"]]
        log = self.results["log"]
        await until(
            "the ledger's checkpoint over the agreements",
            lambda: index_of(self.client, log, agreed[-1]),
            lambda index: index is not None,
        )
        await until(
            "the ledger's checkpoint over the roll's final count",
            lambda: roll_counted(self.client, self.round_id, log),
            bool,
        )
        self.progress("decision", 1, 1)

    async def prove(self) -> Proof:
        """What an auditor makes of the edition's log."""
        log = self.results["log"]
        return await proven(self.client, log, lambda n: self.progress("proof", n, 2))

    async def state(self) -> dict[str, Any]:
        """Where the round stands."""
        found: dict[str, Any] = await self.client.get("voting.count", f"/rounds/{self.round_id}")
        return found

    async def _act(self, act: str, reason: str) -> None:
        action = f"/desk/rounds/{self.round_id}/acts/{act}"
        await self.desks.together("count", OFFICERS, "/desk/rounds", action, reason=reason)

    async def _register(self, identity: Identity) -> None:
        form, asked = f"/rounds/{self.round_id}/register", datetime.now(UTC)
        async with Browser(self.desks.sites["roll"]) as browser:
            seen = await browser.fill(
                form,
                form,
                birth_name=identity.birth_name,
                first_name=identity.given_name,
                born=identity.birth_date,
                country="FR",
                commune=identity.birthplace,
                territory=identity.territory,
                address=identity.address,
                language=identity.language,
                sworn="yes",
                **({"consent": "yes"} if identity.child else {}),
            )
            seen.done()
        mails = Mailbox(self.addresses.mails)
        link = await mails.link(identity.address, "#code=", after=asked)
        code = link.partition("#code=")[2]
        self.voters.append(Voter(self.round_id, read_code(code) or code))
        self._count("roll", 1, self.edition.voters)

    async def _vote(self, voter: Voter) -> None:
        await self.polls.vote(voter, sorted(self.edition.choices(self._options)))
        voter.forget()
        self._count("ballots", 1, len(self.voters))

    def _count(self, step: str, more: int, total: int) -> None:
        self._counted[step] += more
        self.progress(step, self._counted[step], total)
