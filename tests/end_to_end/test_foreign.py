"""Programs of other people accept the logs that this platform serves, and one cosigns them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import ledger_audit
from comptoir.client import Client, Refused
from comptoir.election import generated_election
from comptoir.proof import FOREIGN, Proof, ask_others
from comptoir.stack import SIGNER, Stack
from comptoir.waiting import until
from ledger.notes import Note
from ledger.policy import Policy
from tests.end_to_end.elections import decided, opened
from tests.foreign.clients import PYTHON, Asked, receipt_verdicts, verdicts
from tests.foreign.witness import Foreign, foreign_witness

pytestmark = pytest.mark.slow
ENTRY = 2


def accepted(asked: Asked, scratch: Path) -> None:
    """All clients accept the log; those who do not are named with what they said."""
    found = verdicts(asked, scratch)
    assert {name: each.said for name, each in found.items() if not each.accepted} == {}


async def published(client: Client, log: str) -> list[str]:
    """The keys of all logs, once this one has a checkpoint."""

    async def has_one() -> bool:
        try:
            await client.read("ledger", f"/logs/{log}/checkpoint")
        except Refused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    await until("the log's first checkpoint", has_one, bool)
    return [each["vkey"] for each in await client.get("ledger", "/logs")]


async def trusted(stack: Stack, client: Client, log: str) -> Asked:
    """A log where it is served, and what its readers are told."""
    found = {each["log"]: each for each in await client.get("ledger", "/logs")}
    witnesses = [str(party.key) for party in policy_of(stack).witnesses.values()]
    url = f"{stack.urls('ledger')[0]}/logs/{log}"
    return Asked(url, found[log]["vkey"], witnesses, len(witnesses), 900, indexes=(0, ENTRY))


def policy_of(stack: Stack) -> Policy:
    return Policy.parse(stack.witness.policy.read_bytes())


async def test_they_accept_the_platforms_log_and_an_editions(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    rehearsal = await opened(client, generated_election(projects=4, voters=10, seed=31))
    edition = rehearsal.result.log
    await published(client, edition)
    before = dict[str, Path]()
    for log in ("platform", edition):
        before[log] = tmp_path / f"{log}.note"
        before[log].write_bytes(await client.read("ledger", f"/logs/{log}/checkpoint"))
    await rehearsal.vote(range(10))
    await decided(rehearsal, tmp_path / "export.tar")
    for log, note in before.items():
        asked = await trusted(stack, client, log)
        await asyncio.to_thread(accepted, replace(asked, old=note), tmp_path)
    # Ours says the same of the same log, as it is exported.
    export = ledger_audit.read(tmp_path / "export.tar")
    assert ledger_audit.verify(export, asked.vkey, since=before[edition].read_bytes()).size
    # And what a demo ends with.
    for size, wanted in ((rehearsal.result.ledger_size, True), (10**6, False)):
        proof = Proof(edition, size=size, checkpoint_verified=True, recount_agrees=True)
        await ask_others(client, proof)
        said = {f"{FOREIGN} verify-checkpoint": True, f"{FOREIGN} verify-inclusion": wanted}
        assert (proof.accepted_by, proof.holds) == (said, wanted), proof.differences
    receipt, entry = tmp_path / "mine.tlog-proof", tmp_path / "mine.json"
    receipt.write_bytes(await client.read("ledger", f"/logs/{edition}/proof/{ENTRY}"))
    entry.write_bytes(await client.read("ledger", f"/logs/{edition}/entry/{ENTRY}"))
    for change, wanted in ((b"", True), (b" ", False)):
        entry.write_bytes(entry.read_bytes() + change)
        found = receipt_verdicts(receipt, entry, asked, tmp_path)
        assert {name: each.accepted for name, each in found.items()} == dict.fromkeys(found, wanted)


@asynccontextmanager
async def named_in_the_policy(stack: Stack, foreign: Foreign) -> AsyncIterator[None]:
    """The signer needs both witnesses: ours, and that of other people."""
    signer, file = f"{SIGNER}.1", stack.witness.policy
    before = file.read_text()
    ours = before.replace("quorum w1\n", "")
    try:
        theirs = f"witness aics {foreign.vkey} {foreign.url}\n"
        file.write_text(f"{ours}{theirs}group both all w1 aics\nquorum both\n")
        stack.kill(signer)
        await stack.ready(signer)
        yield
    finally:
        file.write_text(before)
        stack.kill(signer)
        await stack.ready(signer)


async def test_a_witness_of_other_people_cosigns_what_we_publish(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    rehearsal = await opened(client, generated_election(projects=4, voters=10, seed=32))
    log = rehearsal.result.log
    async with (
        foreign_witness(await published(client, log), tmp_path) as foreign,
        named_in_the_policy(stack, foreign),
    ):
        await rehearsal.vote(range(10))
        size = len((await decided(rehearsal, tmp_path / "export.tar")).all)
        policy = policy_of(stack)

        async def cosigned() -> list[str]:
            note = Note.parse(await client.read("ledger", f"/logs/{log}/checkpoint"))
            known = policy.witnesses.items()
            return [name for name, party in known if party.key.times(note)]

        names = await until("both cosignatures", cosigned, lambda names: len(names) == 2)
        assert names == ["w1", "aics"] and policy.reached(names)
        asked = await trusted(stack, client, log)
        assert asked.quorum == 2 and foreign.vkey in asked.witnesses
        await asyncio.to_thread(accepted, asked, tmp_path)
        status = await asyncio.create_subprocess_exec(
            *(PYTHON / "aics-witness", "status", "--json", "--config", tmp_path / "witness.json"),
            stdout=asyncio.subprocess.PIPE,
        )
        said = json.loads((await status.communicate())[0])
        sizes = {each["origin"]: each["size"] for each in said["logs"]}
        assert sizes[asked.vkey.split("+")[0]] >= size
