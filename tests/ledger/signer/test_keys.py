"""Keys of logs: signed with as the platform's log says, named as the published note has them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ledger.app import LedgerSettings
from ledger.app import application as ledger_application
from ledger.notes import Checkpoint, Note, signed
from ledger.signer.app import SignerSettings
from ledger.signer.app import application as signer_application
from ledger.signer.files import SignerFiles
from ledger.signer.follow import Refusing
from ledger.signer.witnesses import signed_size
from ledger.verifier_keys import VerifierKey
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.serving import Client, served, settings


@pytest.fixture
async def reading(edition: Ledger) -> AsyncIterator[Client]:
    """The ledger as its readers and its operator meet it."""
    app = ledger_application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app) as client:
        yield client


@pytest.fixture
async def signing(edition: Ledger) -> AsyncIterator[Client]:
    """The signer's own list of logs. Another one leads, so that the test says when it signs."""
    made = settings(SignerSettings, edition.made.as_role("ledger_signer"), keys=edition.directory)
    await edition.sign()
    await edition.superuser.fetchval("select pg_advisory_lock(7133711)")
    async with served(signer_application(made)) as client:
        yield client


async def rotate(reading: Client, reason: str, days: int) -> str:
    answer = await reading.post(f"/desk/logs/{EDITION}/key", {"reason": reason, "days": days})
    assert answer.status == 200
    return str(answer.body["vkey"])


async def listed(client: Client) -> dict[str, Any]:
    [found] = [each for each in (await client.ask("GET", "/logs")).body if each["log"] == EDITION]
    return dict(found)


async def test_a_log_is_named_with_a_key_that_its_published_note_has(
    edition: Ledger, reading: Client
) -> None:
    await edition.sign()
    before = (await listed(reading))["vkey"]
    after = await rotate(reading, "planned", 0)
    assert (await listed(reading))["vkey"] == before
    await edition.take(*edition.dossiers(1))
    await edition.sign()
    assert (await listed(reading))["vkey"] == after
    note = (await reading.ask("GET", f"/logs/{EDITION}/checkpoint")).raw
    assert VerifierKey.parse(after).times(Note.parse(note))


async def test_whoever_is_told_whom_to_trust_is_told_of_earlier_keys(
    reading: Client, signing: Client
) -> None:
    """Old receipts have their signatures alone; what somebody else may sign with is left out."""
    first = (await listed(signing))["vkey"]
    second = await rotate(reading, "planned", 30)
    third = await rotate(reading, "planned", 0)
    fourth = await rotate(reading, "compromised", 0)
    found = await listed(signing)
    assert found["vkey"] == fourth
    assert found["earlier"] == [second, first] and third not in found["earlier"]
    assert found["beside"] == [first]


async def test_a_key_that_no_entry_gave_is_not_signed_with(edition: Ledger) -> None:
    """Whoever can write into the database past its triggers."""
    await edition.sign()
    await edition.superuser.execute(
        "insert into rotated_key (log, public_key, previous, both_until) select $1::text,"
        " (select public_key from log_key k where not exists"
        " (select from log l where l.public_key = k.public_key) limit 1),"
        " public_key, now() - interval '1 day' from log where log = $1",
        EDITION,
    )
    with pytest.raises(Refusing, match="edition: no entry of the platform's log gives it the key"):
        await edition.sign()


async def test_a_key_whose_last_day_was_changed_is_not_signed_with(
    edition: Ledger, reading: Client
) -> None:
    await rotate(reading, "planned", 30)
    await edition.sign()
    await edition.superuser.execute("alter table rotated_key disable trigger all")
    await edition.superuser.execute("update rotated_key set both_until = now()")
    with pytest.raises(Refusing, match="no entry of the platform's log"):
        await edition.sign()


async def test_a_checkpoint_in_writing_is_one_of_this_log_by_one_of_its_keys(
    edition: Ledger,
) -> None:
    public = await edition.superuser.fetchval("select public_key from log where log = 'edition'")
    private, origin = SignerFiles(edition.directory).key(public), f"{PREFIX}/{EDITION}"
    assert private is not None
    note, keys = signed(Checkpoint(origin, 9, bytes(32)), private), [VerifierKey(origin, 1, public)]
    assert signed_size(note.encode(), origin, keys) == 9
    assert signed_size(note.encode(), origin, []) == 0
    assert signed_size(note.replace("\n9\n", "\n10\n").encode(), origin, keys) == 0
    assert signed_size(note.encode(), f"{PREFIX}/other", keys) == 0
