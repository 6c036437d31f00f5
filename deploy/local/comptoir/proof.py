"""What an auditor makes of a log: exported, verified, counted again from its entries alone."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import ledger_audit
from comptoir.client import Client, Refused
from comptoir.witness import LocalWitness
from ledger_audit.command import parser
from ledger_audit.remarks import remarks

FOREIGN = "aics-tlog"


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
    # A ballot's receipt (C2SP tlog-proof) that `ledger-audit proof` made and took; "" for none.
    receipt: str = ""
    # What a program that we did not write says; None where it is not installed.
    accepted_by: dict[str, bool] | None = None
    differences: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether all of it is as it should be."""
        accepted = all((self.accepted_by or {}).values())
        return self.checkpoint_verified and self.recount_agrees and accepted


async def index_of(client: Client, log: str, event: str) -> int | None:
    """Where an event stands in a log, once a checkpoint covers it."""
    try:
        found: int = (await client.get("ledger", f"/logs/{log}/by-id/{event}"))["index"]
    except Refused as refused:
        if refused.status == 404:
            return None
        raise
    return found


async def roll_counted(client: Client, round_id: UUID, log: str) -> bool:
    """Whether a checkpoint covers the roll's final count of a decided round.

    It comes by another way than the decision; an auditor compares no result without it.
    """
    path = f"/rounds/{round_id}/results.json"
    event = (await client.get("voting.count", path))["events"]["tokens_issued"]
    index = None if event is None else await index_of(client, log, event)
    if index is None:
        return False
    entry = json.loads(await client.read("ledger", f"/logs/{log}/entry/{index}"))
    return bool(entry["body"]["final"])


async def prove(
    client: Client, log: str, archive: Path, rounds: int, progress: Callable[[int], None]
) -> Proof:
    """Export a log with so many rounds, verify it, count each again; `progress` hears 0, 1, 2."""
    progress(0)
    proof = Proof(log)
    logs = {found["log"]: found for found in await client.get("ledger", "/logs")}
    trust = LocalWitness(client.addresses).write_trust([each["vkey"] for each in logs.values()])
    proof.policy, trusted = str(trust), ledger_audit.Policy.parse(trust.read_bytes())
    await client.save("ledger", f"/logs/{log}/export", archive)
    export = ledger_audit.read(archive)
    try:
        # The policy takes every log of the platform: it must be this one that was exported.
        origin = logs[log]["vkey"].partition("+")[0]
        verified = await asyncio.to_thread(ledger_audit.verify, export, trusted, origin=origin)
    except ledger_audit.AuditError as error:
        proof.differences = [str(error)]
        return proof
    proof.checkpoint_verified = True
    proof.size, proof.checkpoint = verified.size, export.note.decode()
    progress(1)
    counted = await asyncio.to_thread(ledger_audit.recount, verified)
    proof.recount_agrees = [each.agrees for each in counted] == [True] * rounds
    proof.differences = [found for each in counted for found in each.differences]
    proof.differences += [found for each in counted for found in each.lacking]
    proof.differences += remarks(verified)
    if len(counted) != rounds:
        what = f"the log has {len(counted)} rounds to count again, and should have {rounds}"
        proof.differences.append(what)
    progress(2)
    return proof


def foreign_client() -> Path | None:
    """AICS's verifier, which `make demo` installs beside us (deploy/foreign)."""
    found = Path(sys.prefix).parent / ".tools/foreign/bin" / FOREIGN
    return found if found.exists() else None


def receipt_of(client: Client, proof: Proof, digest: str) -> str:
    """The receipt of a ballot by its digest, as `ledger-audit proof` makes it of the log that is
    served, and takes it. Raises what that command says where it does not."""
    url = f"{client.addresses.urls('ledger')[0]}/logs/{proof.log}"
    with tempfile.TemporaryDirectory(prefix="comptoir-receipt-") as directory:
        receipt, entry = Path(directory) / "ballot.tlog-proof", Path(directory) / "ballot.json"
        trust = ["--policy", proof.policy, "--entry", str(entry)]
        for words in ([digest, "--log", url, "-o", str(receipt)], [str(receipt)]):
            asked = parser().parse_args(["proof", *words, *trust])
            asked.act(asked)
        return receipt.read_text()


async def ask_others(client: Client, proof: Proof) -> None:
    """Have a program that we did not write verify the log where it is served, with its witness."""
    program = foreign_client()
    if program is None:
        return
    (log,) = [each for each in await client.get("ledger", "/logs") if each["log"] == proof.log]
    url = f"{client.addresses.urls('ledger')[0]}/logs/{proof.log}"
    witness = LocalWitness(client.addresses).vkey()
    trust = ["--tiles", url, "--log-key", log["vkey"], "--witness-key", witness, "--quorum", "1"]
    proof.accepted_by = {}
    for what, asked in (
        ("verify-checkpoint", []),
        ("verify-inclusion", ["--index", str(proof.size - 1)]),
    ):
        child = await asyncio.create_subprocess_exec(
            program, what, *trust, *asked, stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await child.communicate()
        accepted = proof.accepted_by[f"{FOREIGN} {what}"] = child.returncode == 0
        if not accepted:
            proof.differences.append(f"{FOREIGN}: {json.loads(answer)['error']}")


async def proven(client: Client, log: str, rounds: int, progress: Callable[[int], None]) -> Proof:
    """The same, with an archive that nobody keeps."""
    with tempfile.TemporaryDirectory(prefix="comptoir-proof-") as directory:
        proof = await prove(client, log, Path(directory) / "export.tar", rounds, progress)
    if proof.checkpoint_verified:
        await ask_others(client, proof)
    return proof
