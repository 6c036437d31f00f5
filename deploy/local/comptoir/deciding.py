"""The second half of an edition: the round is opened, voted in, closed, decided, and agreed on."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from comptoir.addresses import Addresses
from comptoir.browser import Browser
from comptoir.clearing import clear, signable
from comptoir.client import Client
from comptoir.commission import rebuild
from comptoir.desks import Desks
from comptoir.edition import Edition, Identity
from comptoir.helped import vote_in_the_booth
from comptoir.mailbox import Mailbox
from comptoir.openings import made_commission, open_once_covered, try_in_round
from comptoir.papers import PAPERS, Papers
from comptoir.polls import Polls
from comptoir.proof import Proof, index_of, proven, receipt_of, roll_counted
from comptoir.replay import CODES_AT_ONCE, VOTERS_AT_ONCE, Progress
from comptoir.sitting import Sitting
from comptoir.voter import Voter, highest
from comptoir.waiting import at_once, until
from shared.codes import new_code, read_code
from shared.pabulib import Choices
from shared.proof_of_work import solve

OFFICERS = ("gaelle", "hugo")
REGISTERING_AT_ONCE = 16
CLEARED_AT_ONCE = 8


@dataclass
class Deciding:
    """The residents' round of an edition; its steps come in the order of the methods.

    `appeal` says how much each project attracts its voters, by id; `committee` is the one that gave
    their labels, where they have any.
    """

    addresses: Addresses
    client: Client
    desks: Desks
    edition: Edition
    committee: Sitting | None
    round_id: UUID
    appeal: dict[UUID, float]
    progress: Progress
    # Whether the charter has papers, and the booth.
    in_person: bool = True
    voters: list[Voter] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)
    polls: Polls = field(init=False)
    papers: Papers = field(init=False)
    # Of the commission: just enough shares. Of the voter who changed her mind: her ballot's digest.
    shares: list[str] = field(default_factory=list)
    changed: str = ""
    # Who votes in the booth: the last of those who were posted a code.
    _helped: Voter | None = None
    _options: dict[int, float] = field(default_factory=dict)
    _counted: Counter[str] = field(default_factory=Counter)

    async def open_round(self) -> None:
        """A returning officer prepares the round, and two open it."""
        self.progress("round", 0, 1)
        await self.desks.prepare_round(OFFICERS[0], self.round_id)
        state = await until("the roll's keys", self.state, lambda state: state["tier_keys"])
        if state["secrecy"] == "sealed":
            gaelle = await self.desks.at(OFFICERS[0], "count")
            await self._try_commission(gaelle, f"{self.desks.sites['count']}/desk/rounds")
        await self._act("open-round", "Le scrutin peut commencer.")
        path = f"/rounds/{self.round_id}/options"
        for option in await self.client.get("voting.count", path):
            self._options[option["number"]] = self.appeal[UUID(option["option_id"])]
        self.polls = await Polls.of(self.client, self.round_id)
        self.papers = Papers(self.client, self.desks, OFFICERS, self.round_id)
        self.progress("round", 1, 1)

    async def put_on_roll(self) -> None:
        """Some have a code posted, others declare who they are and are sent one by SMS."""
        path = f"/rounds/{self.round_id}/codes"
        posted = [Voter(self.round_id, new_code()) for _ in range(self.edition.posted)]
        for at in range(0, len(posted), CODES_AT_ONCE):
            codes = [voter.code for voter in posted[at : at + CODES_AT_ONCE]]
            sent = {"tier": "A", "codes": codes}
            await self.client.officer_until("voting.roll", path, sent, "round_unknown")
        self._count("roll", len(posted), self.edition.voters)
        await self.polls.opened(posted[0], [len(self._options) + 1])
        helped = self.in_person and len(posted) > 1
        self.voters, self._helped = posted, posted[-1] if helped else None
        await at_once(REGISTERING_AT_ONCE, (self._register(i) for i in self.edition.declared))

    async def vote(self) -> None:
        """Everybody votes, some on paper, one in the booth, and the first changes her mind."""
        if self.in_person:
            self.progress("papers", 0, len(PAPERS))
            await self.papers.mark()
            await self.papers.enter()
            self.progress("papers", len(PAPERS), len(PAPERS))
        await at_once(VOTERS_AT_ONCE, (self._vote(voter) for voter in self.voters))
        first = self.voters[0]
        choices, revision = self.wanted(first), await highest(self.client, first) + 1
        changed = await self.polls.vote(first, choices, revision)
        assert changed is not None, self.polls.refusals
        self.changed = changed.hex()
        first.forget()

    def wanted(self, voter: Voter) -> Choices:
        """What a voter chooses now, by the numbers on the ballot."""
        return sorted(self.edition.choices(self._options))

    async def close_round(self) -> None:
        """Two officers end the vote; it is decided and validated, and the agreements are signed."""
        await self.decide()
        await self.agree()

    async def decide(self) -> None:
        """Two officers end the vote; it is decided once the ledger covers it, and validated."""
        await self._act("close-round", "La répétition est terminée.")
        if self.shares:
            await open_once_covered(
                self.client,
                self.round_id,
                self.shares,
                lambda n, of: self.progress("openings", n, of),
            )
        self.progress("decision", 0, 1)
        if self.in_person:
            await self.papers.hand_in()
        await until("the decision", self.state, lambda state: state["state"] == "decided")
        await self._act("validate-result", "Le résultat a été vérifié.")

    async def agree(self) -> None:
        """Carriers are found in order, two officers sign what can be signed, and the ledger covers
        all of it."""
        path = f"/rounds/{self.round_id}/results.json"
        decided = (await self.client.get("voting.count", path))["projects"]
        funded = [UUID(each["option_id"]) for each in decided if each["funded"]]
        await at_once(CLEARED_AT_ONCE, (clear(self.desks, each) for each in funded))
        for each in funded:
            await signable(self.desks, self.round_id, each)
        page = f"/desk/rounds/{self.round_id}/agreements"
        reason = "Les conventions sont prêtes."
        await self.desks.together("count", OFFICERS, page, page, reason=reason)
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
        """What an auditor makes of the edition's log, with its two rounds: the committee's, and the
        residents'."""
        log = self.results["log"]
        proof = await proven(self.client, log, 2, lambda n: self.progress("proof", n, 2))
        if proof.checkpoint_verified:
            proof.receipt = await asyncio.to_thread(receipt_of, self.client, proof, self.changed)
        return proof

    async def state(self) -> dict[str, Any]:
        """Where the round stands."""
        found: dict[str, Any] = await self.client.get("voting.count", f"/rounds/{self.round_id}")
        return found

    async def _try_commission(self, officer: Browser, desk: str) -> None:
        """A commission's key, said by an officer and tried by its holders."""
        made, self.shares = await made_commission()
        action = f"/desk/rounds/{self.round_id}/commission"
        fields = {name: str(value) for name, value in made.said().items()}
        (await officer.fill(desk, action, **fields)).done()
        await try_in_round(self.client, self.round_id, made, rebuild(self.shares, made))

    async def _act(self, act: str, reason: str) -> None:
        await self.desks.act_on_round(OFFICERS, self.round_id, act, reason)

    async def declaration(self, browser: Browser, identity: Identity) -> dict[str, str]:
        """The form of the roll, as somebody fills it in."""
        form = f"/rounds/{self.round_id}/register"
        given = (await browser.get(form)).fields(form)
        work = f"{self.round_id}/{given['proof_day']}/{given['once']}"
        return given | {
            "proof": await asyncio.to_thread(solve, work, int(given["proof_bits"])),
            "birth_name": identity.birth_name,
            "first_name": identity.given_name,
            "born": identity.birth_date,
            "country": "FR",
            "commune": identity.birthplace,
            "territory": identity.territory,
            "telephone": identity.telephone,
            "address": identity.address,
            "language": identity.language,
            "sworn": "yes",
            **({"consent": "yes"} if identity.child else {}),
        }

    async def declare(self, identity: Identity) -> None:
        """Somebody declares who she is, and proves her telephone with the code that comes."""
        form, asked = f"/rounds/{self.round_id}/register", datetime.now(UTC)
        messages = Mailbox(self.addresses.mails)
        async with Browser(self.desks.sites["roll"]) as browser:
            seen = await browser.post(form, await self.declaration(browser, identity))
            sms = await messages.wait_for(identity.telephone, after=asked)
            digits = re.search(r"[0-9]{4} [0-9]{4}", sms.text)
            assert digits is not None, sms.text
            (await browser.fill(seen.done(), seen.path, digits=digits[0])).done()

    async def _register(self, identity: Identity) -> None:
        asked = datetime.now(UTC)
        await self.declare(identity)
        messages = Mailbox(self.addresses.mails)
        link = await messages.link(identity.telephone, "#code=", after=asked)
        code = link.partition("#code=")[2]
        self.voters.append(Voter(self.round_id, read_code(code) or code))
        self._count("roll", 1, self.edition.voters)

    async def _vote(self, voter: Voter) -> None:
        choices = self.wanted(voter)
        if voter is self._helped:
            site = self.desks.sites["booth"]
            named = [each for each in choices if isinstance(each, int)]
            self.polls.promised.add(await vote_in_the_booth(site, self.round_id, voter.code, named))
        else:
            await self.polls.vote(voter, choices)
        if voter is not self.voters[0]:
            voter.forget()
        self._count("ballots", 1, len(self.voters))

    def _count(self, step: str, more: int, total: int) -> None:
        self._counted[step] += more
        self.progress(step, self._counted[step], total)
