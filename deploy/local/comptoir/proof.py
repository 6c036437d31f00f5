"""What an auditor makes of a log: exported, verified, counted again from its entries alone."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import ledger_audit
from comptoir.client import Client, Refused
from comptoir.witness import LocalWitness


@dataclass
class Proof:
    """The verdicts on one log. `differences` say what does not agree."""

    log: str
    size: int = 0
    checkpoint: str = ""
    checkpoint_verified: bool = False
    # Whom to trust (C2SP tlog-policy): what `ledger-audit verify --policy` reads.
    policy: str = ""
    recount_agrees: bool = False
    differences: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether all of it is as it should be."""
        return self.checkpoint_verified and self.recount_agrees


async def index_of(client: Client, log: str, event: str) -> int | None:
    """Where an event stands in a log, once a checkpoint covers it."""
    try:
        found: int = (await client.get("ledger", f"/logs/{log}/by-id/{event}"))["index"]
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    return found


async def prove(client: Client, log: str, archive: Path, progress: Callable[[int], None]) -> Proof:
    """Export a log with its one round, verify it, count again; `progress` hears 0, 1, 2."""
    progress(0)
    proof = Proof(log)
    logs = {found["log"]: found for found in await client.get("ledger", "/logs")}
    trust = LocalWitness(client.addresses).write_trust([each["vkey"] for each in logs.values()])
    proof.policy = str(trust)
    await client.save("ledger", f"/logs/{log}/export", archive)
    export = ledger_audit.read(archive)
    try:
        verified = await asyncio.to_thread(ledger_audit.verify, export, logs[log]["vkey"])
    except ledger_audit.AuditError as error:
        proof.differences = [str(error)]
        return proof
    proof.checkpoint_verified = True
    proof.size, proof.checkpoint = verified.size, export.note.decode()
    progress(1)
    counted = await asyncio.to_thread(ledger_audit.recount, verified)
    proof.recount_agrees = [each.agrees for each in counted] == [True]
    proof.differences = [found for each in counted for found in each.differences]
    if len(counted) != 1:
        proof.differences.append(f"the log has {len(counted)} rounds to count again")
    progress(2)
    return proof


async def proven(client: Client, log: str, progress: Callable[[int], None]) -> Proof:
    """The same, with an archive that nobody keeps."""
    with tempfile.TemporaryDirectory(prefix="comptoir-proof-") as directory:
        return await prove(client, log, Path(directory) / "export.tar", progress)
