"""What no log takes is said in public, and nobody else waits for it."""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.arriving import read_any
from ledger.handlers import Sequencer, schema_digests
from ledger.notes import verifier_key
from ledger_audit import read, verify
from shared.canonical import MAX_BODY, canonical
from shared.delivery import Delivered
from shared.envelope import leaf_bytes
from shared.events import BY_TYPE
from shared.events.event import PLATFORM_LOG
from shared.events.submission import RoleGranted, RoleRevoked
from shared.events.voting import CountKeyAnnounced
from shared.signing import ServiceKey
from tests.contracts.revisions import current
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.ledger.replica import record
from tests.ledger_audit.logs import KEY, publish

TOPIC = "submission.projects"


def arriving(event: Delivered[Any], body: bytes | None = None, **envelope: Any) -> Delivered[Any]:
    """An event as the ledger reads it from Kafka, with another body or envelope."""
    changed = replace(event, envelope=replace(event.envelope, **envelope))
    return read_any(record(changed, TOPIC, body))


async def said(ledger: Ledger, log: str = EDITION) -> list[dict[str, Any]]:
    return [json.loads(entry) for entry in await ledger.entries(log)]


async def checked(ledger: Ledger, log: str = EDITION) -> None:
    """The signer signs the log, and the auditor finds no flaw in its entries."""
    await ledger.sign()
    directory = ledger.directory.parent / "audited" / log
    origin = f"{PREFIX}/{log}"
    vkey = verifier_key(origin, KEY.public_key().public_bytes_raw())
    verify(read(str(publish(await ledger.entries(log), directory, origin=origin))), vkey)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"a": 1}', "not_canonical"),
        (b"", "not_canonical"),
        (canonical({"a": "x" * MAX_BODY}), "too_large"),
    ],
)
async def test_what_no_version_can_take_is_rejected_in_its_place(
    edition: Ledger, body: bytes, reason: str
) -> None:
    first, second, third = edition.dossiers(3)
    bad = arriving(second, body)
    await edition.take(third, bad, first, *edition.closings(1))
    await edition.take(bad, second)
    found = await said(edition)
    assert [entry["type"].partition(".")[2] for entry in found] == [
        "log-begun.v1",
        "dossier-filed.v1",
        "ingest-rejected.v1",
        "dossier-filed.v1",
        "round-closed.v1",
        # The same id with good bytes: its number is gone by now.
        "ingest-rejected.v1",
    ]
    digest = sha256(leaf_bytes(bad.envelope, bad.body)).hexdigest()
    assert found[2]["body"] == {
        "src": "submission",
        "number": 2,
        "digest": digest,
        "reason": reason,
    }
    kept = await edition.superuser.fetch("select digest, bytes from quarantine order by reason")
    assert digest in {row["digest"].hex() for row in kept}
    await checked(edition)


async def test_a_type_as_long_as_somebody_likes_is_too_large(edition: Ledger) -> None:
    [event] = edition.dossiers(1)
    await edition.take(arriving(event, type=f"submission.{'a' * 66_000}.v1"))
    assert (await said(edition))[1]["body"]["reason"] == "too_large"
    await checked(edition)


async def test_what_is_unread_waits_and_is_read_again_by_a_version_that_can(
    edition: Ledger,
) -> None:
    first, second, third = edition.dossiers(3)
    unknown = arriving(second, type="submission.idea-blessed.v1")
    # A version that does not know this type yet, and would after an upgrade.
    early = replace(second, event=unknown.event)
    await edition.take(first, early, third, *edition.closings(2))
    assert [entry["number"] for entry in await said(edition)] == [1, 1, 1, 2]
    assert await edition.count("held") == 2
    assert await edition.superuser.fetchval("select count(*) from held where unread is null") == 1
    async with edition.database.begin() as session:
        await Sequencer(PREFIX).lead(session)
    assert await edition.count("held") == 0
    assert [entry["number"] for entry in await said(edition)] == [1, 1, 1, 2, 2, 3]
    await checked(edition)


async def test_what_is_unread_is_read_again_in_portions(edition: Ledger) -> None:
    early = [
        replace(each, event=arriving(each, type="submission.idea-blessed.v1").event)
        for each in edition.dossiers(9)
    ]
    await edition.take(*early)
    assert await edition.count("held where unread is not null") == 9
    sequencer = Sequencer(PREFIX, portion=4)
    async with edition.database.begin() as session:
        await sequencer.lead(session)
    assert await edition.count("held") == 5
    await sequencer.turn(edition.database)
    assert await edition.count("held") == 0
    assert [entry["number"] for entry in (await said(edition))[1:]] == [*range(1, 10)]


async def test_what_stays_unread_stays(edition: Ledger) -> None:
    [event] = edition.dossiers(1)
    await edition.take(arriving(event, type="submission.idea-blessed.v1"))
    async with edition.database.begin() as session:
        await Sequencer(PREFIX).lead(session)
    assert await edition.count("held") == 1
    assert len(await said(edition)) == 1


async def test_officers_have_the_roles_that_the_platforms_log_gives_them(edition: Ledger) -> None:
    granted = RoleGranted(officer=edition.officer, role="administrator", by=edition.officer)
    revoked = RoleRevoked(officer=edition.officer, role="administrator", by=edition.officer)
    given = edition.published(granted, PLATFORM_LOG)
    taken = edition.published(revoked, PLATFORM_LOG)
    await edition.take(given)
    assert await edition.count("role_grant") == 1
    await edition.take(taken, given)
    assert await edition.count("role_grant") == 0


async def test_a_log_begins_with_its_schemas_keys_policy_and_retention(ledger: Ledger) -> None:
    key = CountKeyAnnounced(service_key="A" * 43 + "=")
    async with ledger.database.begin() as session:
        sequencer = Sequencer(PREFIX, policy="quorum none\n", retention_years=30)
        events = [ledger.published(key, PLATFORM_LOG), ledger.charter()]
        await sequencer.append_events(session, events)
    [begun] = await said(ledger)
    assert begun["body"]["service_keys"] == {"voting.count": [key.service_key]}
    assert begun["body"]["policy"] == "quorum none\n"
    assert begun["body"]["retention_years"] == 30
    assert begun["body"]["schemas"] == schema_digests()
    await checked(ledger)


def test_the_digests_of_a_log_are_those_of_the_committed_schemas() -> None:
    for kind, digest in schema_digests().items():
        assert sha256(canonical(current(BY_TYPE[kind]))).hexdigest() == digest


async def test_a_key_that_is_announced_later_stands_in_every_log_that_goes_on(
    edition: Ledger,
) -> None:
    announced, key = announcing(edition, ONE)
    await edition.take(announced, edition.charter("other"))
    [_, added] = await said(edition)
    assert added["body"] == {
        "src": "voting.count",
        "service_key": key.service_key,
        "event_id": str(announced.envelope.id),
        "event_type": key.type,
    }
    await edition.take(announced)
    assert len(await said(edition)) == 2
    [begun, *_] = await said(edition, "other")
    assert begun["body"]["service_keys"] == {"voting.count": [key.service_key]}
    vouched, later = announcing(edition, TWO, by=ONE)
    await edition.take(vouched)
    for log in (EDITION, "other"):
        *_, added = await said(edition, log)
        assert added["body"]["service_key"] == later.service_key
        assert added["body"]["signature"] == later.signature
        await checked(edition, log)


ONE, TWO, THREE = (
    ServiceKey(Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in (1, 2, 3)
)


def announcing(
    ledger: Ledger, key: ServiceKey, by: ServiceKey | None = None
) -> tuple[Delivered[Any], CountKeyAnnounced]:
    """Count announces a key; an earlier one vouches for it, or none does."""
    event, event_id = CountKeyAnnounced(service_key=key.public), uuid4()
    vouching = ServiceKey(key.private, None if by is None else by.private)
    event = vouching.vouched(event, event_id=event_id, source="voting.count", log=PLATFORM_LOG)
    return ledger.published(event, PLATFORM_LOG, id=event_id), event


async def test_a_later_key_that_nobody_vouches_for_is_in_no_log(edition: Ledger) -> None:
    """Every auditor would call each log that took it tampered with, for ever."""
    await edition.take(announcing(edition, ONE)[0])
    before = await edition.entries()
    for unvouched in (announcing(edition, TWO), announcing(edition, TWO, by=THREE)):
        await edition.take(unvouched[0])
    assert await edition.entries() == before
    assert await edition.count("unvouched_key") == 1
    await edition.take(edition.charter("other"))
    [begun] = await said(edition, "other")
    assert begun["body"]["service_keys"] == {"voting.count": [ONE.public]}
    await checked(edition)
    # Somebody finds the earlier key after all.
    await edition.take(announcing(edition, TWO, by=ONE)[0])
    assert (await said(edition))[-1]["body"]["service_key"] == TWO.public
    await checked(edition)


Entry = tuple[str, dict[str, Any]]


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        # Numbers that are far ahead; numbers that overlap what is there; none at all.
        (("gap-accepted", {"src": "submission", "from": 9, "to": 12}), "from 9 do not follow 1"),
        (("gap-accepted", {"src": "submission", "from": 1, "to": 3}), "from 1 do not follow 1"),
        (("ingest-rejected", {"src": "submission", "number": 3}), "from 3 do not follow 1"),
    ],
)
async def test_the_database_refuses_a_filling_that_leaves_a_gap(
    edition: Ledger, entry: Entry, complaint: str
) -> None:
    """With the writer's password, past the sequencer."""
    await edition.take(*edition.dossiers(1))
    kind, body = entry
    leaf = canonical({"body": {**body, "reason": "x"}, "type": f"ledger.{kind}.v1"})
    await _refused(edition, "ledger", 2, leaf, complaint)


async def test_nobody_hides_a_gap_by_filling_numbers_without_an_entry(edition: Ledger) -> None:
    writer = await asyncpg.connect(edition.made.dsn)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await writer.execute("insert into filled values ('edition', 'submission', 1, 5, 0)")
    await writer.close()
    await _refused(edition, "submission", 6, b"x", "from 6 do not follow 0")


async def _refused(edition: Ledger, src: str, number: int, leaf: bytes, complaint: str) -> None:
    size = len(await edition.entries())
    writer = await asyncpg.connect(edition.made.dsn)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=complaint):
        await writer.execute(
            "insert into entry values ($1, $2, gen_random_uuid(), $3, $4, $5, $6)",
            *(EDITION, size, src, number, bytes(32), leaf),
        )
    await writer.close()
    assert len(await edition.entries()) == size


# What the writer's password is good for, table by table: nothing of this.
FORBIDDEN = [
    *(
        template.format(table)
        for table in ("entry", "tile", "log", "head", "quarantine", "filled", "frozen_log")
        for template in ("delete from {}", "truncate {}")
    ),
    "update entry set bytes = 'x'",
    "update log set origin = 'x'",
    "update head set size = size - 1",
    "update filled set upto = 9",
    "update frozen_log set index = 0",
    "update quarantine set bytes = 'x'",
    "update held set bytes = 'x'",
    "truncate held",
    "update service_key set public_key = 'x'",
    "delete from service_key",
    "update sequencer set epoch = epoch",
    "update sequencer set epoch = epoch - 1",
    "update sequencer set epoch = epoch + 2",
    "update sequencer set epoch = 9223372036854775807",
    "update head set size = size + 1",
    "update head set entries = entries + 1, size = size + 1",
    "insert into head (log, size, root) values ('edition', 9, '')",
    "insert into entry select log, index + 1, gen_random_uuid(), src, number + 1, leaf_hash, bytes"
    " from entry where log = 'edition' order by index desc limit 1",
    "update tile set hashes = hashes || hashes where level = 0",
    "insert into tile values ('edition', 1, 0, sha256('x'))",
    "insert into tile values ('edition', 8, 0, sha256('x'))",
    "delete from held",
    "insert into frozen_log values ('edition', 1)",
    "insert into rotated_key select 'edition', public_key, public_key, now() - interval '1 day'"
    " from log_key limit 1",
    "insert into service_key values ('voting.count', 'A', gen_random_uuid(), 'x')",
    "insert into service_key select 'submission', 'A', id, 'x' from entry where src = 'submission'"
    " limit 1",
    "insert into unvouched_key values ('voting.count', 'A', gen_random_uuid(), 'x')",
    "delete from unvouched_key",
    # Tables of the session, beside which a trigger must not look.
    "create temporary table frozen_log (log text);"
    " create temporary table head (log text, size bigint, entries bigint);"
    " grant all on pg_temp.head, pg_temp.frozen_log to public;"
    " insert into pg_temp.head select log, size + 1, size + 1 from public.head;"
    " update public.head set size = size + 1",
    "delete from sequencer",
    "insert into signed_checkpoint values ('edition', 9, ''::bytea, '')",
    "delete from act",
    "alter table entry disable trigger all",
    "set session_replication_role = replica",
    "drop trigger refuse_gap on entry",
    "create or replace function refuse_gap() returns trigger language plpgsql as 'begin end'",
    "set role ledger_owner",
    "copy entry from program 'true'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_writers_password_changes_nothing_that_is_there(
    edition: Ledger, statement: str
) -> None:
    first, second, third, _, fifth = edition.dossiers(5)
    await edition.take(first, second, third, fifth)
    writer = await asyncpg.connect(edition.made.dsn)
    refused = (
        asyncpg.InsufficientPrivilegeError,
        asyncpg.IntegrityConstraintViolationError,
        asyncpg.InvalidParameterValueError,
    )
    with pytest.raises(refused):
        await writer.execute(statement)
    await writer.close()


@pytest.mark.parametrize(
    "statement",
    [
        "insert into entry values ('edition', 1, gen_random_uuid(), 's', 1, ''::bytea, 'x')",
        "update head set size = 0",
        "select * from held",
        "select * from quarantine",
        "select * from outbox",
        "select * from person_session",
        "select * from log_key",
        "select * from signed_checkpoint",
        "create table x ()",
    ],
)
async def test_a_reader_reads_what_is_public_and_nothing_else(
    edition: Ledger, statement: str
) -> None:
    reader = await asyncpg.connect(edition.made.as_role("ledger_reader"))
    assert await reader.fetchval("select count(*) from entry") == 3
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute(statement)
    await reader.close()
