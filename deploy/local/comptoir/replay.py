"""A published election, cast again by its voters and proven from the ledger alone.

Every step goes through the routes that people use: programme, projects, round, posted codes, token,
ballot. What comes out is compared three times: the ledger with itself, the recount from the
exported entries with what was published, and the funded projects with those of the file.
"""

import asyncio
import hashlib
import re
import secrets
import tempfile
import time
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import ledger_audit
from comptoir.client import PATIENCE, Client, Refused
from comptoir.errors import LauncherError
from comptoir.pabulib import Election
from comptoir.voter import Voter, cast, check_promise
from shared.codes import new_code

CODES_AT_ONCE = 5_000
VOTERS_AT_ONCE = 32
WINDOW = timedelta(days=1)

# What is going on, how much of it is done, how much there is.
Progress = Callable[[str, int, int], None]


@dataclass
class Replayed:
    """What came of a replay. `promised` maps the digest of each accepted ballot to its promise."""

    election: Election
    log: str = ""
    round_id: UUID | None = None
    accepted: int = 0
    refused: int = 0
    refusals: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    funded: list[str] = field(default_factory=list)
    spent: int = 0
    ledger_size: int = 0
    checkpoint: str = ""
    checkpoint_verified: bool = False
    recount_agrees: bool = False
    differences: list[str] = field(default_factory=list)
    peak_rss_mb: dict[str, float] = field(default_factory=dict)
    promised: set[bytes] = field(default_factory=set)

    @property
    def agrees(self) -> bool | None:
        """Whether the same projects won as in the file; None where the file does not say."""
        selected = self.election.selected
        return None if selected is None else set(selected) == set(self.funded)

    def line(self) -> dict[str, Any]:
        """The machine-readable result."""
        return {
            "file": self.election.file,
            "ballots": len(self.election.votes),
            "accepted": self.accepted,
            "refused": self.refused,
            "ledger_size": self.ledger_size,
            "checkpoint_verified": self.checkpoint_verified,
            "recount_agrees": self.recount_agrees,
            "funded": self.funded,
            "selected_in_file": self.election.selected,
            "agrees": self.agrees,
            "ballots_per_second": round(self.accepted / self.seconds, 1) if self.seconds else None,
            "peak_rss_mb": self.peak_rss_mb,
        }


async def replay(client: Client, election: Election, progress: Progress) -> Replayed:
    """Run an election from its programme to its proof."""
    result = Replayed(election)
    await _propose(client, result, progress)
    await _prepare(client, result)
    voters = await _post_codes(client, result, progress)
    await client.officer("voting.count", f"/rounds/{result.round_id}/open")
    await _vote(client, result, voters, progress)
    await client.officer("voting.count", f"/rounds/{result.round_id}/close")
    await _decide(client, result, progress)
    with tempfile.TemporaryDirectory(prefix="comptoir-replay-") as directory:
        await _prove(client, result, Path(directory) / "export.tar", progress)
    result.peak_rss_mb = await peak_memory(client)
    return result


async def _propose(client: Client, result: Replayed, progress: Progress) -> None:
    """A rehearsal programme, its projects, and their freezing."""
    election = result.election
    made = await client.officer(
        "submission",
        "/programmes",
        {"title": election.title[:200], "rehearsal": True},
        **_once(),
    )
    programme, result.log = made["programme_id"], made["log"]
    ids = project_ids(election)
    done = 0

    async def file_dossier(project_id: UUID, title: str, cost: int) -> None:
        nonlocal done
        dossier = {"project_id": str(project_id), "title": title[:200], "cost": cost}
        path = f"/programmes/{programme}/projects"
        await client.officer("submission", path, dossier, **_once())
        done += 1
        progress("projects", done, len(election.projects))

    todo = (file_dossier(ids[p.id], p.name, p.cost) for p in election.projects)
    await at_once(8, todo)
    frozen = await client.officer("submission", f"/programmes/{programme}/freeze", None, **_once())
    result.round_id = UUID(frozen["round_id"])


def project_ids(election: Election) -> dict[str, UUID]:
    """An id for each project, whose order as text is that of the file's ids as text.

    The smaller id wins the last tie, as in Pabulib's own tools.
    """
    ranked = enumerate(sorted(project.id for project in election.projects), start=1)
    return {
        name: UUID(bytes=rank.to_bytes(4) + secrets.token_bytes(12), version=4)
        for rank, name in ranked
    }


async def _prepare(client: Client, result: Replayed) -> None:
    election, now = result.election, datetime.now(UTC)
    rules = {
        "round_id": str(result.round_id),
        "budget": election.budget,
        "format": {"type": "approval", "min": election.least, "max": election.most},
        "rule": "greedy",
        "tie_order": ["cost", "option"],
        "opens_at": (now - timedelta(minutes=1)).isoformat(),
        "closes_at": (now + WINDOW).isoformat(),
        "secrecy": "live",
        "flush": {"k": 1, "interval": 0},
        "rehearsal": True,
    }
    await client.officer_until("voting.count", "/rounds", rules, "options_unknown")
    await _until(
        "the roll's keys",
        lambda: client.get("voting.count", f"/rounds/{result.round_id}"),
        lambda state: bool(state["tier_keys"]),
    )


async def _post_codes(client: Client, result: Replayed, progress: Progress) -> list[Voter]:
    """A posted code for each voter, imported into the roll."""
    assert result.round_id is not None
    voters = [Voter(result.round_id, new_code()) for _ in result.election.votes]
    for at in range(0, len(voters), CODES_AT_ONCE):
        codes = [voter.code for voter in voters[at : at + CODES_AT_ONCE]]
        await client.officer_until(
            "voting.roll",
            f"/rounds/{result.round_id}/codes",
            {"tier": "A", "codes": codes},
            "round_unknown",
        )
        progress("codes", at + len(codes), len(voters))
    return voters


async def _vote(client: Client, result: Replayed, voters: list[Voter], progress: Progress) -> None:
    """Every voter fetches a token and casts; the promise is checked."""
    numbers = await _option_numbers(client, result)
    box = Ed25519PublicKey.from_public_bytes(
        b64decode((await client.get("voting.box", "/keys"))["promise"])
    )
    await _ready_to_vote(client, result, voters[0])
    done = 0

    async def vote(voter: Voter, choices: tuple[str, ...]) -> None:
        nonlocal done
        try:
            await voter.fetch_token(client)
            ballot = voter.ballot([numbers[choice] for choice in choices])
            digest = hashlib.sha256(ballot).digest()
            check_promise(await cast(client, ballot), digest, box)
            result.accepted += 1
            result.promised.add(digest)
        except Refused as refused:
            result.refused += 1
            result.refusals[refused.code] = result.refusals.get(refused.code, 0) + 1
        done += 1
        progress("ballots", done, len(voters))

    began = time.monotonic()
    pairs = zip(voters, result.election.votes, strict=True)
    await at_once(VOTERS_AT_ONCE, (vote(voter, choices) for voter, choices in pairs))
    result.seconds = time.monotonic() - began


async def _ready_to_vote(client: Client, result: Replayed, voter: Voter) -> None:
    """Wait until roll and box have both heard that the round is open."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            await voter.fetch_token(client)
            await cast(client, voter.ballot([2**13]))
        except Refused as refused:
            # The box knows the round once it refuses the ballot for its own sake.
            if refused.code in ("option_unknown", "too_few_choices"):
                return
            if refused.code not in ("not_open", "round_unknown"):
                raise
        if time.monotonic() > deadline:
            raise LauncherError(f"round {result.round_id} did not open at the box")
        await asyncio.sleep(0.1)


async def _option_numbers(client: Client, result: Replayed) -> dict[str, int]:
    """The number on the ballot of each project of the file: the order of their ids."""
    options = await client.get("voting.count", f"/rounds/{result.round_id}/options")
    names = sorted(project.id for project in result.election.projects)
    return {name: option["number"] for name, option in zip(names, options, strict=True)}


async def _decide(client: Client, result: Replayed, progress: Progress) -> None:
    """Wait for the decision, and until the ledger's checkpoint covers it."""
    progress("decision", 0, 1)
    state = await _until(
        "the decision",
        lambda: client.get("voting.count", f"/rounds/{result.round_id}"),
        lambda state: state["state"] == "decided",
    )
    names = sorted(project.id for project in result.election.projects)
    by_number = {d["option_id"]: names[d["number"] - 1] for d in state["decisions"]}
    result.funded = [by_number[option] for option in state["funded"]]
    result.spent = state["spent"]
    event = state["allocation_event"]
    await _until(
        "the ledger's checkpoint over the decision",
        lambda: _index(client, result.log, event),
        lambda index: index is not None,
    )
    progress("decision", 1, 1)


async def _index(client: Client, log: str, event: str) -> int | None:
    try:
        found: int = (await client.get("ledger", f"/logs/{log}/by-id/{event}"))["index"]
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    return found


async def _prove(client: Client, result: Replayed, archive: Path, progress: Progress) -> None:
    """Export the log, verify it, and count again from its entries alone."""
    progress("proof", 0, 2)
    logs = {log["log"]: log for log in await client.get("ledger", "/logs")}
    content = await client.read("ledger", f"/logs/{result.log}/export")
    await asyncio.to_thread(archive.write_bytes, content)
    export = ledger_audit.read(archive)
    verified = await asyncio.to_thread(ledger_audit.verify, export, logs[result.log]["vkey"])
    result.checkpoint_verified = True
    result.ledger_size = verified.size
    result.checkpoint = export.note.decode()
    progress("proof", 1, 2)
    (counted,) = await asyncio.to_thread(lambda: list(ledger_audit.recount(verified)))
    result.recount_agrees = counted.agrees is True
    result.differences = list(counted.differences)
    progress("proof", 2, 2)


async def peak_memory(client: Client) -> dict[str, float]:
    """The most memory that each replica ever had, in MB of a million bytes, as it says itself."""
    found = {}
    for replica in client.addresses.replicas():
        text = (await client.read_at(f"{client.addresses.url(replica)}/metrics")).decode()
        peak = re.search(r"^comptoir_peak_memory_bytes (\S+)$", text, re.MULTILINE)
        if peak is not None:
            found[replica] = round(float(peak[1]) / 1_000_000, 1)
    return found


async def at_once(most: int, work: Iterator[Awaitable[None]]) -> None:
    """Do all of it, at most `most` at a time; the first error ends it."""

    async def worker() -> None:
        for item in work:
            await item

    async with asyncio.TaskGroup() as group:
        for _ in range(most):
            group.create_task(worker())


async def _until(what: str, ask: Callable[[], Awaitable[Any]], done: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while not done(found := await ask()):
        if time.monotonic() > deadline:
            raise LauncherError(f"waited {PATIENCE:g} s for {what}")
        await asyncio.sleep(0.1)
    return found


def _once() -> dict[str, str]:
    """The header that makes a repeated request the same one."""
    return {"Idempotency-Key": secrets.token_hex(16)}
