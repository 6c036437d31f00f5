"""The signer signs what it recomputed, and nothing else."""

import asyncio
import json
from base64 import b64decode
from typing import Any

import pytest

from ledger.notes import Checkpoint, signed, verifier_key
from ledger.signer.files import SignerFiles
from ledger.signer.follow import Refusing
from ledger.signer.sign import SPARE_KEYS, Signer
from ledger.tree import leaf_hash
from ledger_audit import notes
from shared.events.event import PLATFORM_LOG
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.ledger.signer.conftest import flipped
from tests.ledger.test_tree import naive


async def last(ledger: Ledger, log: str = EDITION) -> dict[str, Any]:
    row = await ledger.superuser.fetchrow(
        "select size, root, note, public_key from signed_checkpoint join log using (log)"
        " where log = $1 order by size desc limit 1",
        log,
    )
    assert row is not None
    return dict(row)


async def test_a_checkpoint_is_signed_over_the_committed_bytes(edition: Ledger) -> None:
    await edition.take(*edition.dossiers(300))
    await edition.sign()
    found = await last(edition)
    vkey = verifier_key(f"{PREFIX}/{EDITION}", found["public_key"])
    opened = notes.opened(found["note"].encode(), notes.VerifierKey.parse(vkey))
    assert (opened.size, opened.root) == (found["size"], found["root"])
    assert opened.root == naive([leaf_hash(entry) for entry in await edition.entries()])
    assert opened.size == 301


async def test_a_checkpoint_is_announced_with_the_numbers_that_it_covers(edition: Ledger) -> None:
    await edition.take(*edition.dossiers(3), *edition.closings(2))
    await edition.sign()
    rows = await edition.superuser.fetch("select topic, body, log from outbox order by id")
    assert {(row["topic"], row["log"]) for row in rows} == {("ledger.checkpoints", None)}
    bodies = [json.loads(row["body"]) for row in rows]
    # Logs are signed side by side: which one is announced first is not said.
    said = {body["log"]: body for body in bodies}
    assert (len(bodies), set(said)) == (2, {PLATFORM_LOG, EDITION})
    assert said[PLATFORM_LOG]["numbers"] == {"submission": 1, "ledger": 1}
    of_edition = said[EDITION]
    assert of_edition["numbers"] == {"ledger": 1, "submission": 3, "voting.count": 2}
    found = await last(edition)
    assert (of_edition["size"], of_edition["note"]) == (6, found["note"])
    assert bytes.fromhex(of_edition["root"]) == found["root"]


async def test_what_has_not_grown_is_not_signed_again(edition: Ledger) -> None:
    for _ in range(3):
        await edition.sign()
    assert await edition.count("signed_checkpoint") == await edition.count("outbox") == 2


async def test_a_log_is_signed_at_most_once_a_second(edition: Ledger) -> None:
    signer = edition.signer()
    await edition.signed_by(signer)
    await edition.take(*edition.dossiers(1))
    await edition.signed_by(signer)
    assert (await last(edition))["size"] == 1
    await asyncio.sleep(1)
    await edition.signed_by(signer)
    assert (await last(edition))["size"] == 2


async def test_keys_are_ready_before_a_log_needs_one_and_readable_by_nobody_else(
    edition: Ledger,
) -> None:
    await edition.sign()
    files = [*edition.directory.glob("*.key")]
    assert len(files) == await edition.count("log_key") == SPARE_KEYS + 2
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_the_last_note_is_on_the_disk_before_the_checkpoint_is_seen(edition: Ledger) -> None:
    await edition.sign()
    note = (edition.directory / f"{EDITION}.note").read_text()
    assert note == (await last(edition))["note"]
    assert SignerFiles(edition.directory).noted()[EDITION].size == 1


async def test_a_note_without_its_checkpoint_is_a_crash_and_not_a_lie(edition: Ledger) -> None:
    await edition.take(*edition.dossiers(5))
    await note(edition, 6, naive([leaf_hash(entry) for entry in await edition.entries()]))
    await edition.sign()
    assert (await last(edition))["size"] == 6


async def note(ledger: Ledger, size: int, root: bytes, origin: str = f"{PREFIX}/{EDITION}") -> None:
    """A note of the edition's, as if it had been signed earlier."""
    files = SignerFiles(ledger.directory)
    public = await ledger.superuser.fetchval("select public_key from log where log = $1", EDITION)
    key = files.key(public)
    assert key is not None
    files.keep(EDITION, signed(Checkpoint(origin, size, root), key))


async def test_it_refuses_where_the_database_is_behind_its_note(edition: Ledger) -> None:
    await note(edition, 2, bytes(32))
    with pytest.raises(Refusing, match=r"2 entries of .* were signed, the database has 1"):
        await edition.sign()
    assert await edition.count("signed_checkpoint") == 0


async def test_it_refuses_where_the_database_does_not_know_a_log_that_was_signed(
    ledger: Ledger,
) -> None:
    text = "ledger.example.org/edition\n1\n" + "A" * 43 + "=\n\n— x AAAA\n"
    (ledger.directory / "edition.note").write_text(text)
    with pytest.raises(Refusing, match="the database has 0"):
        await ledger.sign()


async def test_it_refuses_where_a_note_has_another_root(edition: Ledger) -> None:
    await edition.take(*edition.dossiers(5))
    await note(edition, 3, bytes(32))
    with pytest.raises(Refusing, match="the root signed for size 3 is another one"):
        await edition.sign()


async def test_it_refuses_another_root_for_a_size_that_is_taken(edition: Ledger) -> None:
    signer = edition.signer()
    await edition.signed_by(signer)
    await edition.take(*edition.dossiers(1))
    await edition.superuser.execute(
        "insert into signed_checkpoint (log, size, root, note) values ($1, 2, $2, '')",
        *(EDITION, bytes(32)),
    )
    await asyncio.sleep(1)
    with pytest.raises(Refusing, match="another root is signed for size 2"):
        await edition.signed_by(signer)
    assert SignerFiles(edition.directory).noted()[EDITION].size == 1


async def test_it_refuses_without_the_key_of_a_log(edition: Ledger) -> None:
    for file in edition.directory.glob("*.key"):
        file.unlink()
    with pytest.raises(Refusing, match="is not among the files"):
        await edition.sign()


ALTERATIONS = {
    "an entry": ("entry", f"bytes = {flipped('bytes', 20)} where index = 3", "entry 3|root|tile"),
    "a row's number": ("entry", "number = 999 where index = 3", "entry 3 is not what its row says"),
    "a tile": ("tile", f"hashes = {flipped('hashes', 100)}", "tile of level 0 .* for entry 3"),
    "a short tile": ("tile", "hashes = substring(hashes for 320)", "for entry 10"),
    "the root": ("head", f"root = {flipped('root', 0)}", "the sequencer's root"),
    "the size": ("head", "size = size + 1", "are not all there"),
}


@pytest.mark.parametrize("what", ALTERATIONS)
async def test_it_refuses_what_was_changed_between_storing_and_signing(
    edition: Ledger, what: str
) -> None:
    table, change, complaint = ALTERATIONS[what]
    signer = edition.signer()
    if what in ("an entry", "a tile"):  # found while it follows, not only when it starts
        await edition.signed_by(signer)
        await asyncio.sleep(1)
    await edition.take(*edition.dossiers(20))
    where = " and " if " where " in change else " where "
    await edition.superuser.execute(f"alter table {table} disable trigger all")
    await edition.superuser.execute(f"update {table} set {change}{where}log = '{EDITION}'")
    with pytest.raises(Refusing, match=complaint):
        await edition.signed_by(signer)
    assert (
        await edition.superuser.fetchval(
            "select count(*) from signed_checkpoint where log = $1 and size > 1", EDITION
        )
        == 0
    )


async def test_one_of_two_signers_signs_and_the_other_takes_over(edition: Ledger) -> None:
    stopping = asyncio.Event()
    signers = [edition.signer(), edition.signer()]
    tasks = [asyncio.create_task(signer.run(stopping)) for signer in signers]
    try:
        await until(edition, 1)
        await edition.superuser.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
            " and objid = 7133711 and granted"
        )
        await edition.take(*edition.dossiers(4))
        await until(edition, 5)
    finally:
        stopping.set()
        await asyncio.gather(*tasks)
        for signer in signers:
            await signer.database.close()
    assert await edition.count("signed_checkpoint") == 3


async def until(ledger: Ledger, size: int) -> None:
    """Wait until the edition's checkpoint has this size."""
    async with asyncio.timeout(60):
        largest = "select max(size) from signed_checkpoint where log = $1"
        while await ledger.superuser.fetchval(largest, EDITION) != size:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_signer_that_must_refuse_ends(edition: Ledger) -> None:
    await note(edition, 9, bytes(32))
    signer: Signer = edition.signer()
    with pytest.raises(Refusing):
        await signer.run(asyncio.Event())
    await signer.database.close()


def test_a_note_is_read_back_as_it_was_signed(tmp_path: Any) -> None:
    files = SignerFiles(tmp_path / "keys")
    key = files.key(files.make_key())
    assert key is not None and files.key(bytes(32)) is None
    checkpoint = Checkpoint("ledger.example.org/x", 12, bytes(range(32)))
    files.keep("x", signed(checkpoint, key))
    assert files.noted() == {"x": checkpoint}
    assert b64decode((tmp_path / "keys" / "x.note").read_text().split("\n")[2]) == checkpoint.root
