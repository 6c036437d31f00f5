"""A sealed vote on the platform: its commission's commands, a change of mind, a receipt, a copy."""

import hashlib
import json
from base64 import b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from comptoir.client import Client
from comptoir.commission import create, rebuild
from comptoir.election import generated_election
from comptoir.errors import LauncherError
from comptoir.openings import open_in_round
from comptoir.pabulib import held
from comptoir.replay import Rehearsal
from comptoir.sealed import Sealing
from comptoir.voter import cast, highest
from comptoir.waiting import until
from comptoir.witness import LocalWitness
from ledger_audit import read
from ledger_audit.command import main as ledger_audit
from shared.canonical import canonical
from shared.pabulib import Choices
from shared.promises import promise_bytes, promised
from shared.sealing import Place
from shared.signing import ServiceKey
from tests.end_to_end.commands import invoked
from tests.end_to_end.elections import Entries, assert_whole, revoted, silent
from tests.end_to_end.test_replay import replayed, written
from tests.shared.pabulib.files import VOTES, small


@pytest.mark.parametrize("kind", VOTES)
async def test_every_vote_type_is_replayed_under_seal(
    state: str, tmp_path: Path, kind: str
) -> None:
    line = await replayed(written(tmp_path, small(kind)), state, "--mode", "sealed")
    assert (line["rule"], line["void"]) == ("greedy", {})


async def test_a_commission_opens_a_sealed_vote_by_its_commands(
    client: Client, state: str, tmp_path: Path
) -> None:
    election = generated_election(projects=4, voters=6, seed=11)
    rehearsal = Rehearsal(client, held(election), silent, "sealed")
    await rehearsal.propose()
    await rehearsal.prepare()
    round_id = str(rehearsal.round_id)
    there = tmp_path / "ceremony"
    made = await invoked("commission", "create", str(there), "--files")
    assert made.exit_code == 0, made.output
    shares = [f"--share={there / f'holder-{n}.share'}" for n in (1, 4, 5)]
    public = str(there / "commission.json")
    few = await invoked("commission", "try", round_id, public, *shares[:2], "--state", state)
    assert "2 shares, 3 different ones are needed" in str(few.exception)
    elsewhere = ["--count", client.addresses.urls("voting.count")[0]]
    unasked = await invoked("commission", "try", round_id, public, *shares, *elsewhere)
    assert "its officers act there" in str(unasked.exception)
    tried = await invoked("commission", "try", round_id, public, *shares, "--state", state)
    assert tried.exit_code == 0, tried.output
    await rehearsal.open_round()
    await rehearsal.vote(range(6))
    # The first voter wants what the second does, and says so with her key.
    voter = rehearsal.voters[0]
    assert await highest(client, voter) == 1
    votes = [election.votes[1], *election.votes[1:5], ()]
    changed = voter.ballot(rehearsal.held.choices[1], 2, rehearsal.sealing)
    promise = await cast(client, changed)
    rehearsal.result.promised.add(hashlib.sha256(changed).digest())
    assert await highest(client, voter) == 2
    # The last one casts what the first sealed: it opens in no ballot but that.
    assert rehearsal.sealing is not None
    copying = Copied(**asdict(rehearsal.sealing), cast=changed)
    copy = rehearsal.voters[5].ballot([], 2, copying)
    await cast(client, copy)
    rehearsal.result.promised.add(hashlib.sha256(copy).digest())
    early = await invoked("commission", "open", round_id, *shares, "--state", state)
    assert isinstance(early.exception, LauncherError)
    assert "does not cover the closing of the box" in str(early.exception)
    await rehearsal.close_round()
    await until(
        "the covering checkpoint",
        lambda: client.get("voting.count", f"/rounds/{round_id}/commission"),
        lambda found: found["covered"],
    )
    vkeys = {each["log"]: each["vkey"] for each in await client.get("ledger", "/logs")}
    trust = LocalWitness(client.addresses).write_trust([vkeys[rehearsal.result.log]])
    elsewhere = ["--count", client.addresses.urls("voting.count")[0]]
    lacking = await invoked("commission", "open", round_id, *shares, *elsewhere)
    assert lacking.exit_code == 2 and "--count, --ledger and --policy" in lacking.output
    elsewhere += ["--ledger", client.addresses.urls("ledger")[0], "--policy", str(trust)]
    opened = await invoked("commission", "open", round_id, *shares, *elsewhere)
    assert opened.exit_code == 0, opened.exception
    assert f"6 of 6 ballots of round {round_id} opened" in opened.output
    revoted(rehearsal, votes)
    archive = tmp_path / "export.tar"
    await rehearsal.decide()
    await rehearsal.prove(archive)
    entries = Entries([json.loads(entry) for entry in read(archive).entries()])
    assert_whole(rehearsal, entries)
    openings = entries.of("voting.ballot-opened.v1")
    assert len(openings) == 6
    assert {each["body"]["revision"] for each in openings} == {1, 2}
    assert rehearsal.result.void == {"unopened": 1}
    [unopened] = [each["body"] for each in openings if "choices" not in each["body"]]
    assert (unopened["key"], unopened["revision"]) == (rehearsal.voters[5].key, 2)
    assert_receipt(client, hashlib.sha256(changed).hexdigest(), archive, tmp_path)
    assert_promises(client, promise, archive, tmp_path)


@dataclass(frozen=True)
class Copied(Sealing):
    """Somebody seals nothing, and puts into her ballot what another one has in hers."""

    cast: bytes

    def fields(self, place: Place, choices: Choices) -> dict[str, Any]:
        """What the other ballot has in place of its choices."""
        other = json.loads(self.cast)
        return {name: other[name] for name in ("commitment", "sealed")}


def assert_receipt(client: Client, digest: str, archive: Path, directory: Path) -> None:
    """The auditor makes the receipt of a ballot, and takes it."""
    trust = str(LocalWitness(client.addresses).trust)
    receipt, entry = directory / "mine.tlog-proof", directory / "mine.json"
    where = ["--log", str(archive), "--entry", str(entry)]
    asked = ["proof", digest, "--policy", trust, *where, "-o", str(receipt)]
    assert ledger_audit(asked) == 0
    check = ["proof", str(receipt), "--policy", trust, "--entry", str(entry)]
    assert ledger_audit(check) == 0
    body: dict[str, Any] = json.loads(entry.read_text())["body"]
    assert body["revision"] == 2 and "choices" not in body


def assert_promises(
    client: Client, promise: dict[str, Any], archive: Path, directory: Path
) -> None:
    """The auditor finds what the box promised kept; and broken, had it promised a ballot that is
    not there, with the key that it has."""
    dropped = hashlib.sha256(b"a ballot that the box dropped").digest()
    key = ServiceKey.of(client.addresses.state.directory / "keys" / "voting.box").private
    said = promised(dropped, UUID(promise["round_id"]))
    signature = b64encode(key.sign(promise_bytes(dropped, UUID(promise["round_id"])))).decode()
    trust = str(LocalWitness(client.addresses).trust)
    mine = directory / "receipt.txt"
    for each, code in ((promise, 0), (said | {"signature": signature}, 5)):
        mine.write_bytes(b"comptoir-receipt-v1\n" + canonical(each) + b"\nbox key: any\n")
        assert ledger_audit(["proof", str(mine), "--policy", trust, "--log", str(archive)]) == code


async def test_shares_of_others_open_nothing(client: Client, tmp_path: Path) -> None:
    rehearsal = Rehearsal(
        client, held(generated_election(projects=2, voters=1, seed=12)), silent, "sealed"
    )
    await rehearsal.propose()
    await rehearsal.open_round()
    _, others = create()

    async def refused() -> str:
        with pytest.raises(LauncherError) as error:
            await open_in_round(client, rehearsal.round_id, rebuild(others))
        return str(error.value)

    another = "was not opened with the key of these shares"
    await until("the opening in the ledger", refused, lambda said: another in said)
