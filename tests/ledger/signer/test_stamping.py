"""Time stamps: which checkpoints get one, from authorities that are good, and from bad ones."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ledger.app import LedgerSettings, application
from ledger.notes import Malformed
from ledger.signer import queries
from ledger.signer.authorities import read_authorities
from ledger.signer.stamping import Stamper, Watch
from shared.canonical import canonical
from shared.database import Database
from shared.events.event import PLATFORM_LOG
from tests.authority import POLICY, Answering, Authority, answering
from tests.ledger.conftest import EDITION, Ledger
from tests.serving import served, settings


class Stamping:
    """A ledger, an authority, and somebody who asks it."""

    def __init__(self, ledger: Ledger, directory: Path) -> None:
        self.ledger = ledger
        self.directory = directory
        self.authority = Authority(directory / "tsa")
        self.registry = CollectorRegistry()
        self.watch = Watch(self.registry)
        self.database = Database(ledger.made.as_role("ledger_signer"), name="stamps")

    def stamper(self, *urls: str, policy: str = "", **options: Any) -> Stamper:
        """One that knows these authorities, all of them under the one certificate."""
        file = self.directory / "authorities"
        lines = [f"authority a{at} {url} tsa/ca.pem {policy}" for at, url in enumerate(urls)]
        file.write_text("# Whose word is taken.\n\n" + "\n".join(lines) + "\n")
        return Stamper(self.database, read_authorities(file), self.watch, **options)

    async def note(self, log: str = EDITION) -> bytes:
        """The published note."""
        note: str = await self.ledger.superuser.fetchval(
            "select note from published_checkpoint where log = $1 order by size desc limit 1", log
        )
        return note.encode()

    async def stamps(self, log: str = EDITION) -> list[int]:
        """The sizes that are stamped."""
        rows = await self.ledger.superuser.fetch(
            "select size from stamp where log = $1 order by size", log
        )
        return [row["size"] for row in rows]

    def answers(self, outcome: str, authority: str = "a0") -> float | None:
        """How often an authority answered so."""
        return self.registry.get_sample_value(
            "comptoir_signer_stamp_answers_total", {"authority": authority, "outcome": outcome}
        )


@pytest.fixture
async def stamping(edition: Ledger, tmp_path: Path) -> Any:
    await edition.take(*edition.dossiers(3))
    await edition.sign()
    made = Stamping(edition, tmp_path)
    yield made
    await made.database.close()


def good(stamping: Stamping) -> Answering:
    return lambda query: (200, stamping.authority.reply(query))


async def test_each_log_is_stamped_once_and_openssl_agrees(stamping: Stamping) -> None:
    with answering(good(stamping)) as url:
        stamper = stamping.stamper(url)
        await stamper.look()
        await stamper.look()
    assert (await stamping.stamps(), await stamping.stamps(PLATFORM_LOG)) == ([4], [2])
    assert stamping.answers("stamped") == 2
    row = await stamping.ledger.superuser.fetchrow("select * from stamp where log = $1", EDITION)
    assert row is not None
    assert row["note"].encode() == await stamping.note()
    assert abs(datetime.now(UTC) - row["stamped_at"]) < timedelta(minutes=1)
    assert stamping.authority.verified(await stamping.note(), row["reply"])
    assert not stamping.authority.verified(await stamping.note() + b"x", row["reply"])
    assert stamper.watch.waited == 0


async def test_a_log_that_grew_is_stamped_after_a_day_or_at_a_closing(stamping: Stamping) -> None:
    ledger = stamping.ledger
    with answering(good(stamping)) as url:
        stamper = stamping.stamper(url)
        await stamper.look()
        await ledger.take(*ledger.dossiers(2))
        await ledger.sign()
        await stamper.look()
        assert await stamping.stamps() == [4], "neither a day nor a closing"
        await ledger.take(*ledger.closings(1))
        await stamper.look()
        assert await stamping.stamps() == [4], "the closing is in no published checkpoint yet"
        await ledger.sign()
        await stamper.look()
        assert await stamping.stamps() == [4, 7]
        await ledger.take(*ledger.dossiers(1))
        await ledger.sign()
        await stamping.stamper(url, every=timedelta(0)).look()
        assert await stamping.stamps() == [4, 7, 8]


async def test_a_closing_is_found_by_one_that_begins_only_now(stamping: Stamping) -> None:
    ledger = stamping.ledger
    with answering(good(stamping)) as url:
        await stamping.stamper(url).look()
        await ledger.take(*ledger.closings(1), *ledger.dossiers(1))
        await ledger.sign()
        await stamping.stamper(url).look()
    assert await stamping.stamps() == [4, 6]


@pytest.mark.parametrize(
    ("type_", "v", "closes"),
    [
        ("voting.round-closed.v1", 1, True),
        ("voting.box-closed.v12", 1, True),
        ("ledger.log-frozen.v2", 2, True),
        ("voting.round-opened.v1", 1, False),
    ],
)
async def test_a_closing_is_one_in_any_version(
    stamping: Stamping, type_: str, v: int, closes: bool
) -> None:
    content = canonical({"body": {}, "src": "voting.box", "t": "x", "type": type_, "v": v})
    connection = stamping.ledger.superuser
    await connection.execute(
        "create temporary table entry (log text, index bigint, src text, bytes bytea)"
    )
    await connection.execute("insert into entry values ($1, 0, 'voting.box', $2)", EDITION, content)
    assert await queries.has_closing(connection, EDITION, 0, 1) is closes


def another(stamping: Stamping, **made: Any) -> Answering:
    other = Authority(stamping.directory / "other", **made)
    return lambda query: (200, other.reply(query))


async def _slow(stamping: Stamping) -> Answering:
    return lambda _: (200, b"") if Flag().wait(0.6) else (200, b"late")


async def _garbage(stamping: Stamping) -> Answering:
    return lambda _: (200, b"0\x82no reply")


async def _endless(stamping: Stamping) -> Answering:
    return lambda _: (200, bytes(100_000))


async def _away(stamping: Stamping) -> Answering:
    return lambda _: (503, b"come back later")


async def _declined(stamping: Stamping) -> Answering:
    # TimeStampResp ::= SEQUENCE { PKIStatusInfo SEQUENCE { status INTEGER 2 (rejection) } }
    return lambda _: (200, bytes.fromhex("30053003020102"))


async def _other_nonce(stamping: Stamping) -> Answering:
    query = stamping.authority.query(await stamping.note(PLATFORM_LOG))
    return lambda _: (200, stamping.authority.reply(query))


async def _no_nonce(stamping: Stamping) -> Answering:
    query = stamping.authority.query(await stamping.note(PLATFORM_LOG), nonce=False)
    return lambda _: (200, stamping.authority.reply(query))


async def _other_hash(stamping: Stamping) -> Answering:
    query = stamping.authority.query(await stamping.note(PLATFORM_LOG), digest="sha512")
    return lambda _: (200, stamping.authority.reply(query))


async def _other_content(stamping: Stamping) -> Answering:
    query = stamping.authority.query(b"another note\n")
    return lambda _: (200, stamping.authority.reply(query))


async def _expired(stamping: Stamping) -> Answering:
    """Its own certificate is over, and it does not care."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    made = Authority(stamping.directory / "expired", until=yesterday)
    (stamping.directory / "tsa" / "ca.pem").write_bytes(made.ca.read_bytes())
    return lambda query: (200, made.reply(query))


async def _of_nobody_known(stamping: Stamping) -> Answering:
    return another(stamping)


BAD: dict[str, tuple[Callable[[Stamping], Any], str]] = {
    "slow": (_slow, "slow"),
    "garbage": (_garbage, "garbage"),
    "without end": (_endless, "garbage"),
    "an error": (_away, "refused"),
    "a rejection": (_declined, "refused"),
    "another nonce": (_other_nonce, "nonce"),
    "no nonce": (_no_nonce, "nonce"),
    "another hash": (_other_hash, "imprint"),
    "another content": (_other_content, "imprint"),
    "an expired certificate": (_expired, "untrusted"),
    "a certificate of somebody else": (_of_nobody_known, "untrusted"),
}


@pytest.mark.parametrize("what", BAD)
async def test_what_is_no_good_stamp_is_not_kept_and_counted(stamping: Stamping, what: str) -> None:
    make, outcome = BAD[what]
    with answering(await make(stamping)) as url:
        stamper = stamping.stamper(url, within=0.3 if what == "slow" else 5.0)
        await stamper.look()
        assert stamping.answers(outcome), what
        assert stamper.watch.waited > 0
    assert await stamping.ledger.count("stamp") == 0


async def test_a_stamp_by_another_policy_is_not_taken(stamping: Stamping) -> None:
    with answering(good(stamping)) as url:
        await stamping.stamper(url, policy="1.2.3.4.9").look()
        assert stamping.answers("policy") == 2
        await stamping.stamper(url, policy=POLICY).look()
    assert await stamping.stamps() == [4]


async def test_the_next_authority_is_asked_where_one_does_not_stamp(stamping: Stamping) -> None:
    with answering(await _garbage(stamping)) as bad, answering(good(stamping)) as url:
        await stamping.stamper("http://127.0.0.1:9/", bad, url).look()
    assert await stamping.stamps() == [4]
    assert [stamping.answers(o, f"a{n}") for n, o in enumerate(["unreachable", "garbage"])] == [
        2,
        2,
    ]


async def test_one_that_stamped_nothing_is_left_alone_for_a_while(stamping: Stamping) -> None:
    with answering(await _garbage(stamping)) as url:
        stamper = stamping.stamper(url)
        await stamper.look()
        await stamper.look()
    assert stamping.answers("garbage") == 2, "one request a log"


KILLED = """
import asyncio, sys
from pathlib import Path
from ledger.signer.authorities import read_authorities
from ledger.signer.stamping import Stamper
from shared.database import Database

database = Database(sys.argv[1], name="killed")
asyncio.run(Stamper(database, read_authorities(Path(sys.argv[2]))).look())
"""


async def test_killed_with_a_stamp_that_nobody_kept_it_is_asked_for_again(
    stamping: Stamping,
) -> None:
    with answering(good(stamping)) as url:
        stamper = stamping.stamper(url)
        killed = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", KILLED, stamping.database.dsn),
            str(stamping.directory / "authorities"),
            env={**os.environ, "COMPTOIR_KILL_AT": "signer.stamped"},
        )
        assert await killed.wait() == -signal.SIGKILL
        assert await stamping.ledger.count("stamp") == 0
        await stamper.look()
    assert (await stamping.stamps(), await stamping.stamps(PLATFORM_LOG)) == ([4], [2])


async def test_a_stamp_never_changes(stamping: Stamping) -> None:
    with answering(good(stamping)) as url:
        await stamping.stamper(url).look()
    for statement in ("update stamp set reply = ''", "delete from stamp", "truncate stamp"):
        with pytest.raises(Exception, match=r"stay|only|change|refused"):
            await stamping.ledger.superuser.execute(statement)


async def test_stamps_are_listed_served_and_exported(stamping: Stamping, tmp_path: Path) -> None:
    app = application(settings(LedgerSettings, stamping.ledger.made.dsn), kafka=False)
    async with served(app) as client:
        assert (await client.ask("GET", f"/logs/{EDITION}/timestamps")).body == []
        with answering(good(stamping)) as url:
            await stamping.stamper(url).look()
        [found] = (await client.ask("GET", f"/logs/{EDITION}/timestamps")).body
        assert (found["size"], found["authority"]) == (4, "a0")
        files = {}
        for kind in ("note", "tsr"):
            answer = await client.ask("GET", f"/logs/{EDITION}/timestamp/4.{kind}")
            assert "immutable" in answer.headers["Cache-Control"]
            files[kind] = answer.raw
        assert files["note"] == await stamping.note()
        assert stamping.authority.verified(files["note"], files["tsr"])
        for path in ("timestamp/5.tsr", "timestamp/04.tsr", "timestamp/4.pem", "timestamp/x.tsr"):
            assert (await client.ask("GET", f"/logs/{EDITION}/{path}")).status == 404, path
        assert (await client.ask("GET", "/logs/none/timestamps")).status == 404
        archive = (await client.ask("GET", f"/logs/{EDITION}/export")).raw
    assert b"timestamp/4.tsr" in archive
    assert files["tsr"] in archive


@pytest.mark.parametrize(
    "line",
    [
        "",
        "authority a",
        "authority A http://127.0.0.1/ tsa/ca.pem",
        "authority a ftp://127.0.0.1/ tsa/ca.pem",
        "authority a http://127.0.0.1/ nothing.pem",
        "authority a http://127.0.0.1/ tsa/tsa.cnf",
        "authority a http://127.0.0.1/ tsa/ca.pem not-an-oid",
        "authority a http://127.0.0.1/ tsa/ca.pem\nauthority a http://127.0.0.1/ tsa/ca.pem",
        "witness a http://127.0.0.1/ tsa/ca.pem",
    ],
)
def test_a_file_of_authorities_that_is_wrong_is_refused(tmp_path: Path, line: str) -> None:
    Authority(tmp_path / "tsa")
    (tmp_path / "authorities").write_text(line)
    with pytest.raises(Malformed):
        read_authorities(tmp_path / "authorities")
