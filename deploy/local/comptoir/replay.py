"""A published election, cast again by its voters and proven from the ledger alone.

Every step goes through the routes that people use: programme, projects, round, posted codes, token,
ballot. What comes out is compared four times: the ledger with itself, the recount from the exported
entries with what was published, and the funded projects with those of the file, and with those that
the file's own ballots give without any platform.
"""

import json
import re
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from comptoir.client import Client
from comptoir.errors import LauncherError
from comptoir.openings import new_commission, open_once_covered
from comptoir.pabulib import Held
from comptoir.polls import Polls
from comptoir.proof import index_of, prove, roll_counted
from comptoir.sealed import Sealing
from comptoir.voter import Voter
from comptoir.waiting import at_once, until
from shared.codes import new_code
from shared.pabulib import Election

CODES_AT_ONCE = 5_000
VOTERS_AT_ONCE = 32
WINDOW = timedelta(days=1)

# Whether choices are public as soon as they are published, or once a commission opened them all.
type Mode = Literal["live", "sealed"]
# What is going on, how much of it is done, how much there is.
Progress = Callable[[str, int, int], None]


@dataclass
class Replayed:
    """What came of a replay. `promised` has the digest of each ballot that the box accepted.

    `funded` in the order of winning, `amounts` in cents; `void` counts ballots that do not count,
    by the code that the ledger has of them. `counted`: the winners by the same rule, counted from
    the file; None where there is no file to count.
    """

    held: Held
    promised: set[bytes] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    funded: list[str] = field(default_factory=list)
    amounts: dict[str, int] = field(default_factory=dict)
    spent: int = 0
    void: dict[str, int] = field(default_factory=dict)
    counted: list[str] | None = None
    log: str = ""
    ledger_size: int = 0
    checkpoint: str = ""
    checkpoint_verified: bool = False
    recount_agrees: bool = False
    differences: list[str] = field(default_factory=list)
    peak_rss_mb: dict[str, float] = field(default_factory=dict)

    @property
    def election(self) -> Election:
        """What the file says."""
        return self.held.election

    @property
    def agrees(self) -> bool | None:
        """Whether the same projects won as in the file; None where the file does not say."""
        selected = self.election.selected
        return None if selected is None else set(selected) == set(self.funded)

    @property
    def counted_agrees(self) -> bool | None:
        """Whether the same projects won in the same order as in a count of the file.

        None where there was none, or where lots decide: they are drawn over ids, and the platform's
        are others.
        """
        return None if self.counted is None or self.held.draws_lots else self.counted == self.funded

    @property
    def holds(self) -> bool:
        """Whether all is as it has to be. A count of the file may differ where ballots are void
        or refused here: it takes them all."""
        whole = not self.void and not self.refusals
        counted = self.counted_agrees is not False or not whole
        return self.checkpoint_verified and self.recount_agrees and counted

    @property
    def ballots_per_second(self) -> float:
        """Accepted ballots, with the token of each, over the time of the voting."""
        return len(self.promised) / self.seconds if self.seconds else 0.0

    def line(self) -> dict[str, Any]:
        """The machine-readable result."""
        return {
            "file": self.election.file,
            "rule": self.held.name,
            "ballots": len(self.election.votes),
            "accepted": len(self.promised),
            "refused": self.refusals.total(),
            "void": self.void,
            "log": self.log,
            "ledger_size": self.ledger_size,
            "checkpoint_verified": self.checkpoint_verified,
            "recount_agrees": self.recount_agrees,
            "funded": self.funded,
            "selected_in_file": self.election.selected,
            "agrees": self.agrees,
            "counted": self.counted,
            "counted_agrees": self.counted_agrees,
            "notes": list(self.held.notes),
            "ballots_per_second": round(self.ballots_per_second, 1),
            "peak_rss_mb": self.peak_rss_mb,
        }


async def replay(
    client: Client, held: Held, progress: Progress, secrecy: Mode = "live"
) -> Replayed:
    """Run an election from its programme to its proof; a sealed one with its own commission."""
    rehearsal = Rehearsal(client, held, progress, secrecy)
    rehearsal.forgets_voters = True
    await rehearsal.propose()
    await rehearsal.open_round()
    await rehearsal.vote(range(len(held.choices)))
    await rehearsal.close_round()
    await rehearsal.open_ballots()
    await rehearsal.decide()
    with tempfile.TemporaryDirectory(prefix="comptoir-replay-") as directory:
        await rehearsal.prove(Path(directory) / "export.tar")
    rehearsal.result.peak_rss_mb = await peak_memory(client)
    return rehearsal.result


class Rehearsal:
    """One election under way; its steps come in the order of the methods."""

    def __init__(
        self, client: Client, held: Held, progress: Progress, secrecy: Mode = "live"
    ) -> None:
        self.client = client
        self.held = held
        self.result = Replayed(held)
        self.round_id = UUID(int=0)
        self.voters: list[Voter] = []
        # Whoever votes once need not be remembered: a city's keys and tokens are 100 MB.
        self.forgets_voters = False
        self._progress = progress
        # By number, and with it in the order of their texts: the smaller id wins the last tie.
        self._ids = [_id(option.number) for option in held.options]
        self._polls: Polls
        self._voted = 0
        self.secrecy = secrecy
        # Of a sealed round's commission: the shares of just enough holders.
        self.shares: list[str] = []
        # How the open round's ballots are sealed, if they are.
        self.sealing: Sealing | None = None
        self._prepared = False

    async def propose(self) -> None:
        """Make a rehearsal programme with its projects, and freeze them as a round's options."""
        programme = await self.client.officer(
            "submission",
            "/programmes",
            {"title": self.held.election.title[:200], "rehearsal": True},
            **_once(),
        )
        self.result.log = programme["log"]
        ids = {option.id: id for option, id in zip(self.held.options, self._ids, strict=True)}
        filed = 0

        async def file_dossier(project_id: UUID, title: str, cost: int) -> None:
            nonlocal filed
            path = f"/programmes/{programme['programme_id']}/projects"
            dossier = {"project_id": str(project_id), "title": title[:200], "cost": cost}
            await self.client.officer("submission", path, dossier, **_once())
            filed += 1
            self._progress("projects", filed, len(ids))

        projects = self.held.election.projects
        await at_once(8, (file_dossier(ids[p.id], p.name, p.cost) for p in projects))
        path = f"/programmes/{programme['programme_id']}/freeze"
        frozen = await self.client.officer("submission", path, None, **_once())
        self.round_id = UUID(frozen["round_id"])

    async def prepare(self) -> None:
        """Prepare the round, and wait until the roll has its keys."""
        await self.client.officer_until("voting.count", "/rounds", self._rules(), "options_unknown")
        await until("the roll's keys", self.state, lambda state: bool(state["tier_keys"]))
        self._prepared = True

    async def open_round(self) -> None:
        """Prepare the round unless it is, post a code to each voter, and open it. A sealed one gets
        a commission of its own unless it has one."""
        if not self._prepared:
            await self.prepare()
        state = await self.state()
        if self.secrecy == "sealed" and state["commission"] is None:
            self.shares = await new_commission(self.client, self.round_id)
        self.voters = [Voter(self.round_id, new_code()) for _ in self.held.choices]
        for at in range(0, len(self.voters), CODES_AT_ONCE):
            codes = [voter.code for voter in self.voters[at : at + CODES_AT_ONCE]]
            path = f"/rounds/{self.round_id}/codes"
            await self.client.officer_until(
                "voting.roll", path, {"tier": "A", "codes": codes}, "round_unknown"
            )
            self._progress("codes", at + len(codes), len(self.voters))
        await self.client.officer("voting.count", f"/rounds/{self.round_id}/open")
        self._polls = await Polls.of(self.client, self.round_id)
        self.sealing = self._polls.sealing
        await self._polls.opened(self.voters[0], self.held.unlisted)
        self._polls.promised, self._polls.refusals = self.result.promised, self.result.refusals

    async def vote(self, voters: Sequence[int]) -> None:
        """Let these voters, by their place in the file, each fetch a token and cast."""
        began = time.monotonic()
        await at_once(VOTERS_AT_ONCE, (self._vote(place) for place in voters))
        self.result.seconds += time.monotonic() - began

    async def close_round(self) -> None:
        """End voting by command, as a rehearsal may."""
        await self.client.officer("voting.count", f"/rounds/{self.round_id}/close")

    async def open_ballots(self) -> None:
        """Let the commission open a sealed round's ballots, once a checkpoint covers the box."""
        if self.secrecy == "sealed":
            await open_once_covered(
                self.client,
                self.round_id,
                self.shares,
                lambda done, of: self._progress("openings", done, of),
            )

    async def decide(self) -> None:
        """Wait for the decision, and until the ledger's checkpoint covers it."""
        self._progress("decision", 0, 1)
        state = await until(
            "the decision", self.state, lambda state: state["state"] == "decided" or state["asked"]
        )
        names = {
            str(id): option.id for id, option in zip(self._ids, self.held.options, strict=True)
        }
        if state["asked"]:
            level = ", ".join(names[option] for option in state["asked"]["options"])
            what = f"officers must say the order of {level}, which are level"
            raise LauncherError(f"round {self.round_id} waits: {what}")
        self.result.funded = [names[option] for option in state["funded"]]
        self.result.amounts = {names[d["option_id"]]: d["amount"] for d in state["decisions"]}
        self.result.spent = state["spent"]
        log = self.result.log
        index = await until(
            "the ledger's checkpoint over the decision",
            lambda: index_of(self.client, log, state["allocation_event"]),
            lambda index: index is not None,
        )
        await until(
            "the ledger's checkpoint over the roll's final count",
            lambda: roll_counted(self.client, self.round_id, log),
            bool,
        )
        entry = json.loads(await self.client.read("ledger", f"/logs/{log}/entry/{index}"))
        self.result.void = entry["body"]["void"]
        self._progress("decision", 1, 1)

    async def prove(self, archive: Path) -> None:
        """Export the log, verify it, and count again from its entries alone."""
        proof = await prove(
            self.client, self.result.log, archive, 1, lambda done: self._progress("proof", done, 2)
        )
        self.result.checkpoint_verified = proof.checkpoint_verified
        self.result.recount_agrees = proof.recount_agrees
        self.result.ledger_size, self.result.checkpoint = proof.size, proof.checkpoint
        self.result.differences = proof.differences

    async def state(self) -> dict[str, Any]:
        """Where the round stands."""
        found: dict[str, Any] = await self.client.get("voting.count", f"/rounds/{self.round_id}")
        return found

    def ballot(self, place: int, revision: int = 1) -> bytes:
        """The ballot of a voter who has a token."""
        return self.voters[place].ballot(self.held.choices[place], revision, self.sealing)

    async def _vote(self, place: int) -> None:
        await self._polls.vote(self.voters[place], self.held.choices[place])
        if self.forgets_voters:
            self.voters[place].forget()
        self._voted += 1
        self._progress("ballots", self._voted, len(self.voters))

    def _rules(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "round_id": str(self.round_id),
            "format": self.held.form.model_dump(mode="json", exclude_none=True),
            "rule": self.held.rule.model_dump(mode="json", exclude_none=True),
            "facts": self.held.facts([str(id) for id in self._ids]),
            "opens_at": (now - timedelta(minutes=1)).isoformat(),
            "closes_at": (now + WINDOW).isoformat(),
            "secrecy": self.secrecy,
            "flush": {"k": 1, "interval": 0},
            "rehearsal": True,
        }


async def peak_memory(client: Client) -> dict[str, float]:
    """The most memory that each replica ever had, in MB of a million bytes, as it says itself."""
    found = {}
    for replica in client.addresses.replicas():
        text = (await client.read_at(f"{client.addresses.url(replica)}/metrics")).decode()
        peak = re.search(r"^comptoir_peak_memory_bytes (\S+)$", text, re.MULTILINE)
        if peak is not None:
            found[replica] = round(float(peak[1]) / 1_000_000, 1)
    return found


def _id(number: int) -> UUID:
    """An id for the option of this number; their order as text is that of the numbers."""
    return UUID(bytes=number.to_bytes(4) + secrets.token_bytes(12), version=4)


def _once() -> dict[str, str]:
    """The header that makes a repeated request the same one."""
    return {"Idempotency-Key": secrets.token_hex(16)}
