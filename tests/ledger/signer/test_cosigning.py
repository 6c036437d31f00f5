"""A checkpoint is published once a quorum cosigned it, and never where witnesses contradict."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Response

from ledger.notes import Checkpoint, Note, signed
from ledger.policy import Policy
from ledger.signer.cosigning import Overtaken
from ledger.signer.files import SignerFiles
from ledger.signer.follow import Refusing
from ledger.witness.cosigning import Cosigner
from ledger.witness.requests import Addition
from shared.events.event import PLATFORM_LOG
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.ledger.signer.conftest import SIZE, Cosigned, flipped, sign_again, told
from tests.ledger.signer.killed import POINTS

type Saying = Callable[[Addition], Awaitable[Response]]


async def test_what_is_published_has_the_cosignatures(cosigned: Cosigned) -> None:
    await cosigned.ledger.take(*cosigned.ledger.dossiers(9))
    await cosigned.sign()
    ((size, note),) = await cosigned.published()
    assert size == 10
    (party,) = cosigned.policy().witnesses.values()
    (when,) = party.key.times(Note.parse(note.encode()))
    assert abs(when - time.time()) < 60
    bodies = await cosigned.ledger.superuser.fetch("select body from outbox where key = 'edition'")
    assert [note.encode().split(b"\n")[-2].split()[-1] in row["body"] for row in bodies] == [True]


async def test_it_goes_on_from_what_the_witness_has(cosigned: Cosigned) -> None:
    signer = cosigned.ledger.signer(cosigned.policy())
    await sign_again(signer, cosigned.ledger)
    for _ in range(2):
        await cosigned.ledger.take(*cosigned.ledger.dossiers(300))
        await sign_again(signer, cosigned.ledger)
    await signer.close()
    await signer.database.close()
    assert [size for size, _ in await cosigned.published()] == [1, 301, 601]


async def none(addition: Addition) -> Response:
    return Response("", 500)


async def slow(addition: Addition) -> Response:
    await asyncio.sleep(2.5)
    return Response("", 500)


def says(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Saying:
    async def say(_: Addition) -> Response:
        return Response(body, status, headers)

    return say


def at(seconds: int) -> Saying:
    """It cosigns, and says that this was so many seconds from now."""

    async def say(addition: Addition) -> Response:
        return Response(COSIGNER.cosign(addition.note.text, int(time.time()) + seconds).line)

    return say


COSIGNER = Cosigner("witness.example.org/told", Ed25519PrivateKey.generate())
WITHOUT_MEANING = {
    "a cosignature of an hour ago": at(-3600),
    "a cosignature of next year": at(365 * 86_400),
    "a larger size and nothing to show": says(409, b"77\n", SIZE),
    "slow": slow,
    "an error": none,
    "a redirect": says(302, headers={"Location": "http://127.0.0.1:1/"}),
    "an unknown log": says(404),
    "an unknown key": says(403),
    "nothing": says(200),
    "garbage": says(200, b"\xff\x00garbage\n"),
    "very much garbage": says(200, b"garbage\n" * 1_000_000),
    "another's cosignature": says(
        200, "— witness.example.org/told AAAAAAAAAAAAAAAAAAAA\n".encode()
    ),
    "a size that is none": says(409, b"many\n", SIZE),
    "a size without its type": says(409, b"0\n", {"Content-Type": "text/plain"}),
}


@pytest.mark.parametrize("what", WITHOUT_MEANING)
async def test_without_a_quorum_nothing_is_published_and_nothing_stops(
    edition: Ledger, what: str
) -> None:
    async with told(WITHOUT_MEANING[what]) as witness:
        witness.cosigner = COSIGNER
        found = Cosigned(edition, None, witness.line)  # type: ignore[arg-type]
        signer = edition.signer(found.policy(quorum="quorum told\n"))
        await sign_again(signer, edition)
        assert (await found.published(), await found.signed()) == ([], [1])
        # One checkpoint waits; no other is signed meanwhile, and the same is submitted again.
        await edition.take(*edition.dossiers(3))
        await sign_again(signer, edition)
        assert (await found.published(), await found.signed()) == ([], [1])
        assert signer._watch.waited > 0

        async def well(addition: Addition) -> Response:
            return witness.cosign(addition)

        witness.says = well
        await sign_again(signer, edition)
        assert await found.signed() == [1, 4]
        assert [size for size, _ in await found.published()] == [1, 4]
        assert signer._watch.waited == 0
        await signer.close()
        await signer.database.close()


async def test_what_was_published_last_is_served_until_there_is_a_quorum(
    cosigned: Cosigned,
) -> None:
    await cosigned.sign()
    before = await cosigned.published()
    gone = Policy.parse((cosigned.line.rpartition(":")[0] + ":1\nquorum ours\n").encode())
    await cosigned.ledger.take(*cosigned.ledger.dossiers(3))
    await cosigned.sign(gone)
    assert await cosigned.published() == before
    # A signer that has heard of no quorum since it started signs nothing.
    assert await cosigned.signed() == [1]
    await cosigned.sign()
    assert [size for size, _ in await cosigned.published()] == [1, 4]


async def test_a_quorum_does_not_wait_for_those_that_are_slow(cosigned: Cosigned) -> None:
    async with told(slow) as witness:
        policy = cosigned.policy(witness.line, "group some any ours told\nquorum some\n")
        signer = cosigned.ledger.signer(policy)
        await sign_again(signer, cosigned.ledger)
        await cosigned.ledger.take(*cosigned.ledger.dossiers(3))
        began = time.monotonic()
        await sign_again(signer, cosigned.ledger)
        assert time.monotonic() - began < 1.01 + 1.4
        assert [size for size, _ in await cosigned.published()] == [1, 4]
        await signer.close()
        await signer.database.close()


async def test_a_witness_that_sees_two_trees_stops_the_signer(edition: Ledger) -> None:
    async with told(says(422)) as witness:
        found = Cosigned(edition, None, witness.line)  # type: ignore[arg-type]
        with pytest.raises(Refusing, match="There may be two"):
            await found.sign(found.policy(quorum="quorum told\n"))
        assert await found.published() == []


async def test_a_witness_that_has_another_tree_of_this_size_stops_the_signer(
    edition: Ledger,
) -> None:
    async def equal(addition: Addition) -> Response:
        return Response(f"{addition.checkpoint.size}\n", 409, SIZE)

    async with told(equal) as witness:
        found = Cosigned(edition, None, witness.line)  # type: ignore[arg-type]
        with pytest.raises(Refusing, match="cosigned another tree of size"):
            await found.sign(found.policy(quorum="quorum told\n"))


async def shown(edition: Ledger, origin: str = "", key: bytes | None = None) -> bytes:
    """A checkpoint of the platform's log of size 77, signed by its key or another one."""
    known = await edition.superuser.fetchval("select public_key from log where log = 'platform'")
    private = SignerFiles(edition.directory).key(key or known)
    assert private is not None
    return signed(Checkpoint(origin or f"{PREFIX}/{PLATFORM_LOG}", 77, bytes(32)), private).encode()


async def test_a_witness_that_claims_to_be_ahead_and_shows_nothing_stops_nobody(
    edition: Ledger,
) -> None:
    spare = await edition.superuser.fetchval(
        "select public_key from log_key k where not exists"
        " (select from log l where l.public_key = k.public_key) limit 1"
    )
    async with told(says(409, b"77\n", SIZE)) as witness:
        found = Cosigned(edition, None, witness.line)  # type: ignore[arg-type]
        for shows in (
            b"",
            b"garbage",
            await shown(edition, key=spare),
            await shown(edition, f"{PREFIX}/other"),
        ):
            witness.shows = shows
            await found.sign(found.policy(quorum="quorum told\n"))
            assert await found.published() == []


async def test_a_witness_that_shows_a_larger_checkpoint_of_ours_stops_the_signer(
    edition: Ledger,
) -> None:
    async with told(says(409, b"77\n", SIZE)) as witness:
        witness.shows = await shown(edition)
        found = Cosigned(edition, None, witness.line)  # type: ignore[arg-type]
        with pytest.raises(Refusing, match=r"cosigned 77 entries.*restored.*never sequence"):
            await found.sign(found.policy(quorum="quorum told\n"))


async def test_a_witness_that_has_a_size_that_was_never_signed_stops_the_signer(
    edition: Ledger,
) -> None:
    async with told(says(409, b"1\n", SIZE)) as witness:
        found = Cosigned(edition, None, witness.line)  # type: ignore[arg-type]
        with pytest.raises(Refusing, match=r"platform: .*size 1, which this database never signed"):
            await found.sign(found.policy(quorum="quorum told\n"))
        assert await found.published() == []


async def test_a_witness_that_lost_its_memory_is_told_everything(cosigned: Cosigned) -> None:
    async def forgetful(addition: Addition) -> Response:
        if addition.old:
            return Response("0\n", 409, SIZE)
        return witness.cosign(addition)

    async with told(forgetful) as witness:
        policy = cosigned.policy(witness.line, "group both all ours told\nquorum both\n")
        await cosigned.sign(policy)
        await cosigned.ledger.take(*cosigned.ledger.dossiers(9))
        await cosigned.sign(policy)
        assert [size for size, _ in await cosigned.published()] == [1, 10]


async def test_a_refused_witness_outweighs_one_that_cosigned(cosigned: Cosigned) -> None:
    async with told(says(422)) as witness:
        policy = cosigned.policy(witness.line, "group some any ours told\nquorum some\n")
        with pytest.raises(Refusing):
            await cosigned.sign(policy)


async def test_cosignatures_are_made_anew(cosigned: Cosigned) -> None:
    signer = cosigned.ledger.signer(cosigned.policy())
    await sign_again(signer, cosigned.ledger)
    ((_, first),) = await cosigned.published()
    for latest in signer._latest.values():
        latest.cosigned_at -= 600
    await sign_again(signer, cosigned.ledger)
    ((_, refreshed),) = await cosigned.published()
    assert refreshed != first and refreshed.split("\n\n")[0] == first.split("\n\n")[0]
    assert await cosigned.announced() == [1]
    await signer.close()
    await signer.database.close()


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_at_any_point_leaves_one_history(cosigned: Cosigned, point: str) -> None:
    """And the next signer publishes and announces each size once."""
    await cosigned.sign()
    await cosigned.ledger.take(*cosigned.ledger.dossiers(9))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ledger.signer.killed", point,
        cosigned.ledger.made.as_role("ledger_signer"), str(cosigned.ledger.directory),
        cosigned.line + "quorum ours\n",
    )  # fmt: skip
    assert await process.wait() == (0 if point == "after_everything" else -signal.SIGKILL)
    before = {
        "before_claim": ([1], [1]),
        "after_claim": ([1], [1]),
        "after_note": ([1], [1]),
        "after_commit": ([1, 10], [1]),
        "after_cosignature": ([1, 10], [1]),
        "before_publication": ([1, 10], [1]),
        "after_publication_before_commit": ([1, 10], [1]),
        "after_everything": ([1, 10], [1, 10]),
    }[point]
    assert (await cosigned.signed(), [s for s, _ in await cosigned.published()]) == before
    await cosigned.ledger.take(*cosigned.ledger.dossiers(2))
    await cosigned.sign()
    sizes = [size for size, _ in await cosigned.published()]
    assert sizes == await cosigned.signed() == await cosigned.announced()
    assert sizes[-1] == 12
    if 10 in sizes:  # however late it is announced, with the numbers of that size
        row = await cosigned.ledger.superuser.fetchval(
            "select convert_from(body, 'utf8')::json->>'numbers' from outbox"
            " where key = 'edition' and convert_from(body, 'utf8')::json->>'size' = '10'"
        )
        assert json.loads(row) == {"ledger": 1, "submission": 9}


async def test_a_signer_that_slept_begins_again(cosigned: Cosigned) -> None:
    """It does not take for a restored backup what another signer did meanwhile."""
    frozen = cosigned.ledger.signer(cosigned.policy())
    await sign_again(frozen, cosigned.ledger)
    await cosigned.ledger.take(*cosigned.ledger.dossiers(9))
    await cosigned.sign()
    latest = frozen._latest[EDITION]
    latest.fresh = {}
    with pytest.raises(Overtaken):
        await frozen._cosigners.ask(latest, 1.0)
    await frozen._publish(latest)
    latest.checkpoint = replace(latest.checkpoint, size=5)
    await frozen._publish(latest)
    assert [size for size, _ in await cosigned.published()] == [1, 10]
    assert await cosigned.announced() == [1, 10]
    await frozen.close()
    await frozen.database.close()


async def test_two_signers_at_once_make_one_history(cosigned: Cosigned) -> None:
    stopping = asyncio.Event()
    signers = [cosigned.ledger.signer(cosigned.policy()) for _ in range(2)]
    tasks = [asyncio.create_task(signer.run(stopping)) for signer in signers]
    try:
        async with asyncio.timeout(60):
            for size in (1, 5, 9):
                while [s for s, _ in await cosigned.published()][-1:] != [size]:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                await cosigned.ledger.superuser.execute(
                    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                    " and objid = 7133711 and granted"
                )
                await cosigned.ledger.take(*cosigned.ledger.dossiers(4))
    finally:
        stopping.set()
        await asyncio.gather(*tasks)
        for signer in signers:
            await signer.database.close()
    sizes = [size for size, _ in await cosigned.published()]
    assert sizes == await cosigned.signed() == await cosigned.announced()


TABLES = ("published_checkpoint", "signed_checkpoint", "tile", "head", "entry")


async def test_a_database_of_yesterday_signs_nothing_where_a_witness_is_ahead(
    cosigned: Cosigned,
) -> None:
    """The notes are lost with it: only the witness knows."""
    ledger = cosigned.ledger
    await ledger.take(*ledger.dossiers(5))
    await cosigned.sign()
    for table in TABLES:
        await ledger.superuser.execute(f"create table kept_{table} as table {table}")
    await ledger.take(*ledger.dossiers(5))
    await cosigned.sign()
    await restore(ledger)
    with pytest.raises(Refusing, match=r"cosigned 11 entries, the database has signed 6"):
        await cosigned.sign()
    # What is sequenced meanwhile makes another tree, of any size: it is not signed either.
    ledger.numbers["submission", EDITION] = 5
    await ledger.take(*ledger.dossiers(9))
    with pytest.raises(Refusing, match=r"restored from a backup"):
        await cosigned.sign()
    assert await cosigned.signed() == [6]


async def restore(ledger: Ledger) -> None:
    """Yesterday's database, without the signer's notes."""
    for table in TABLES:
        await ledger.superuser.execute(f"alter table {table} disable trigger all")
        await ledger.superuser.execute(f"delete from {table}")
    for table in reversed(TABLES):
        await ledger.superuser.execute(f"insert into {table} table kept_{table}")
        await ledger.superuser.execute(f"alter table {table} enable trigger all")
    for note in ledger.directory.glob("*.note"):
        note.unlink()


FLIPS = {
    "an entry": f"update entry set bytes = {flipped('bytes', 20)} where index = 3",
    "an entry of the last bundle": f"update entry set bytes = {flipped('bytes', 20)}"
    " where index = 515",
    "a tile of leaves": f"update tile set hashes = {flipped('hashes', 100)}"
    " where level = 0 and index = 0",
    "the last tile of leaves": f"update tile set hashes = {flipped('hashes', 100)}"
    " where level = 0 and index = 2",
    "a tile above": f"update tile set hashes = {flipped('hashes', 40)} where level = 1",
}


@pytest.mark.parametrize("what", FLIPS)
async def test_a_bit_that_flips_after_it_was_signed_is_found_before_the_next_signature(
    edition: Ledger, what: str
) -> None:
    await edition.take(*edition.dossiers(519))
    signer = edition.signer()
    await sign_again(signer, edition)
    for table in ("entry", "tile"):
        await edition.superuser.execute(f"alter table {table} disable trigger all")
    await edition.superuser.execute(f"{FLIPS[what]} and log = '{EDITION}'")
    for table in ("entry", "tile"):
        await edition.superuser.execute(f"alter table {table} enable trigger all")
    await edition.take(*edition.dossiers(1))
    # The sequencer grows its tree from the last tiles: its root differs where these do.
    found = "no longer what it was|sequencer's root of size 521 is another one"
    with pytest.raises(Refusing, match=f"{EDITION}: .*({found})"):
        await sign_again(signer, edition)
    assert await edition.count("published_checkpoint where log = 'edition'") == 1
    await signer.close()
    await signer.database.close()


async def test_a_damaged_tile_is_not_submitted_as_a_proof(cosigned: Cosigned) -> None:
    """The witness would say that there are two trees."""
    await cosigned.sign()
    await cosigned.ledger.take(*cosigned.ledger.dossiers(600))
    signer = cosigned.ledger.signer(cosigned.policy())
    await sign_again(signer, cosigned.ledger)
    latest = signer._latest[EDITION]
    latest.fresh = {}
    signer._cosigners._sizes["ours", EDITION] = 1
    await cosigned.ledger.superuser.execute("alter table tile disable trigger all")
    await cosigned.ledger.superuser.execute(
        f"update tile set hashes = {flipped('hashes', 100)} where level = 0 and index = 0"
        f" and log = '{EDITION}'"
    )
    with pytest.raises(Refusing, match="do not prove size 601 from size 1"):
        await signer._cosigners.ask(latest, 1.0)
    await signer.close()
    await signer.database.close()
