"""The witness over HTTP, as C2SP tlog-witness says, and through kills."""

import asyncio
import signal
import sqlite3
import sys
from asyncio.subprocess import PIPE
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.notes import Checkpoint, Malformed, Note, signed
from ledger.witness import queries
from ledger.witness.queries import Cosigned
from ledger.witness.requests import LONGEST, written
from tests.ledger.witness.conftest import NAME, key_of, witness
from tests.ledger.witness.killed import POINTS
from tests.ledger.witness.trees import KEY, ORIGIN, VKEY, checkpoint, note, request
from tests.serving import Answer, Client


async def add(client: Client, body: bytes) -> Answer:
    return await client.ask("POST", "/add-checkpoint", body, Content_Type="text/plain")


async def test_a_checkpoint_is_cosigned_with_the_time(client: Client) -> None:
    answer = await add(client, request(0, 5))
    assert answer.status == 200
    cosigned = Note.parse(note(5).encode() + answer.raw)
    (time,) = (await key_of(client)).times(cosigned)
    assert time > 1_700_000_000


async def test_each_refusal_has_the_status_of_the_protocol(client: Client) -> None:
    assert (await add(client, request(0, 20))).status == 200
    other = Ed25519PrivateKey.generate()
    unknown = signed(Checkpoint("example.com/unknown", 3, bytes(32)), KEY)
    fork = signed(Checkpoint(ORIGIN, 20, bytes(32)), KEY)
    for body, refusal in {
        b"rubbish": (400, "malformed"),
        written(21, [], note(20)): (400, "malformed"),
        written(0, [], unknown): (404, "unknown_origin"),
        written(20, [], note(23, key=other)): (403, "not_signed"),
        written(20, [], note(23)): (422, "inconsistent"),
        written(20, [], fork): (422, "inconsistent"),
        bytes(LONGEST + 1): (413, "body_too_large"),
    }.items():
        assert (await add(client, body)).refusal == refusal
    metrics = (await client.ask("GET", "/metrics")).raw
    assert b'comptoir_witness_requests_total{outcome="inconsistent"} 2.0' in metrics
    assert b'comptoir_witness_requests_total{outcome="cosigned"} 1.0' in metrics


async def test_another_size_is_answered_with_the_size(client: Client) -> None:
    for body, size in ((request(3, 20), b"0\n"), (request(0, 20), None), (request(3, 30), b"20\n")):
        answer = await add(client, body)
        if size is not None:
            assert (answer.status, answer.raw) == (409, size)
            assert answer.headers["Content-Type"] == "text/x.tlog.size"


async def test_a_monitor_reads_what_was_cosigned_last(client: Client) -> None:
    path = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    assert (await client.ask("GET", path)).status == 404
    for body in (request(0, 5), request(5, 20)):
        assert (await add(client, body)).status == 200
    found = Note.parse((await client.ask("GET", path)).raw)
    assert found.text.decode() == checkpoint(20).text
    assert [s.name for s in found.signatures] == [ORIGIN, NAME]
    assert (await key_of(client)).times(found)


async def test_of_two_that_ask_at_once_one_is_told_the_others_size(client: Client) -> None:
    assert (await add(client, request(0, 5))).status == 200
    answers = await asyncio.gather(*(add(client, request(5, size)) for size in range(6, 30)))
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) == 1 and statuses.count(409) == len(answers) - 1
    won = 6 + statuses.index(200)
    assert {answer.raw for answer in answers if answer.status == 409} == {b"%d\n" % won}


def test_the_last_to_keep_finds_that_it_was_overtaken(tmp_path: Path) -> None:
    """Both had been judged against the same tree; two processes may have the file open."""
    one, other = queries.opened(tmp_path / "w"), queries.opened(tmp_path / "w")
    assert queries.keep(one, None, Cosigned(checkpoint(5), "a", 1))
    assert not queries.keep(other, None, Cosigned(checkpoint(4), "b", 1))
    assert queries.keep(other, checkpoint(5), Cosigned(checkpoint(9), "c", 1))
    assert not queries.keep(one, checkpoint(5), Cosigned(checkpoint(7), "d", 1))
    found = queries.cosigned(one, ORIGIN)
    assert found is not None and found.checkpoint == checkpoint(9)
    one.close()
    other.close()


async def test_it_is_ready_until_its_file_cannot_be_read(tmp_path: Path) -> None:
    async with witness(tmp_path, f"log {VKEY}\n") as client:
        assert (await client.ask("GET", "/health/ready")).status == 200
        assert (await client.ask("GET", "/health/live")).status == 200
        (tmp_path / "witness" / "witness.sqlite").write_bytes(b"no database" * 100)
        assert (await client.ask("GET", "/health/ready")).status == 503


async def test_what_it_cosigned_outlives_it(tmp_path: Path) -> None:
    async with witness(tmp_path, f"log {VKEY}\n") as client:
        key = await key_of(client)
        assert (await add(client, request(0, 5))).status == 200
    async with witness(tmp_path, f"log {VKEY}\n") as client:
        assert await key_of(client) == key
        assert (await add(client, request(0, 20))).raw == b"5\n"
        assert (await add(client, request(5, 20))).status == 200


async def test_its_operator_sets_up_a_log_while_it_runs(tmp_path: Path) -> None:
    async with witness(tmp_path, "") as client:
        assert (await add(client, request(0, 5))).status == 404
        (tmp_path / "logs.policy").write_text(f"log {VKEY}\n")
        async with asyncio.timeout(60):
            while (await add(client, request(0, 5))).status != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        # What is wrong later is said, and changes nothing.
        (tmp_path / "logs.policy").write_text("log rubbish\n")
        await asyncio.sleep(1.1)
        assert (await add(client, request(5, 20))).status == 200


async def test_it_does_not_start_on_a_file_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="line 1"):
        async with witness(tmp_path, "log rubbish\n"):
            pass


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_at_any_point_shows_no_cosignature_that_is_forgotten(
    tmp_path: Path, point: str
) -> None:
    """And what is remembered may be cosigned again, by whoever asks with the size that is told."""
    (tmp_path / "logs.policy").write_text(f"log {VKEY}\n")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ledger.witness.killed", point, str(tmp_path),
        stdin=PIPE, stdout=PIPE,
    )  # fmt: skip
    seen, _ = await process.communicate(request(0, 5))
    assert process.returncode == (0 if point == "never" else -signal.SIGKILL)
    assert bool(seen) == (point == "never")
    remembers = point in ("after_keeping", "never")
    connection = sqlite3.connect(tmp_path / "witness" / "witness.sqlite")
    assert connection.execute("select size from cosigned").fetchall() == [(5,)] * remembers
    connection.close()
    async with witness(tmp_path, f"log {VKEY}\n") as client:
        answer = await add(client, request(0, 7))
        assert answer.status == (409 if remembers else 200)
        if remembers:
            assert answer.raw == b"5\n"
            assert (await add(client, request(5, 7))).status == 200
