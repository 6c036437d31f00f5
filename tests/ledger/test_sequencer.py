"""The sequencer on a real database: each event once, in order, byte for byte; or held, or aside."""

import json
import random
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import asyncpg
import pytest

from ledger.arriving import read_any
from ledger.handlers import NoSpareKey, Sequencer
from ledger.tree import leaf_hash
from shared.delivery import Delivered
from shared.envelope import leaf_bytes
from shared.events.event import PLATFORM_LOG
from tests.ledger.conftest import EDITION, PREFIX, Ledger
from tests.ledger.replica import record
from tests.ledger.test_outcomes import checked
from tests.ledger.test_tree import naive


def src_numbers(entries: list[bytes]) -> list[tuple[str, int]]:
    leaves = [json.loads(entry) for entry in entries]
    return [(leaf["src"], leaf["number"]) for leaf in leaves]


async def test_a_charter_opens_the_log_of_its_edition(ledger: Ledger) -> None:
    charter = ledger.charter()
    await ledger.take(charter)
    said, opened = await ledger.entries(PLATFORM_LOG)
    (begun,) = await ledger.entries()
    assert said == leaf_bytes(charter.envelope, charter.body)
    assert json.loads(opened)["type"] == "ledger.log-opened.v1"
    assert json.loads(opened)["body"]["origin"] == f"{PREFIX}/{EDITION}"
    key = await ledger.superuser.fetchval("select public_key from log where log = $1", EDITION)
    assert b64decode(json.loads(opened)["body"]["vkey"].split("+", 2)[2]) == b"\x01" + key
    assert json.loads(begun)["type"] == "ledger.log-begun.v1"
    assert json.loads(begun)["body"]["programme_id"] == str(charter.event.programme_id)
    assert src_numbers([opened, begun]) == [("ledger", 1), ("ledger", 1)]


async def test_a_second_charter_for_a_log_opens_nothing(edition: Ledger) -> None:
    await edition.take(edition.charter(), edition.charter("other"), edition.charter("other"))
    assert src_numbers(await edition.entries(PLATFORM_LOG)) == [
        ("submission", 1),
        ("ledger", 1),
        ("submission", 2),
        ("submission", 3),
        ("submission", 4),
        ("ledger", 2),
    ]
    assert len(await edition.entries("other")) == 1


async def test_entries_are_the_published_bytes_and_the_head_is_their_root(edition: Ledger) -> None:
    events = edition.dossiers(700)
    for start in (0, 1, 300):
        await edition.take(*events[start : {0: 1, 1: 300, 300: 700}[start]])
    entries = await edition.entries()
    assert entries[1:] == [leaf_bytes(event.envelope, event.body) for event in events]
    hashes = [leaf_hash(entry) for entry in entries]
    head = await edition.superuser.fetchrow("select size, root from head where log = $1", EDITION)
    assert head is not None
    assert (head["size"], head["root"]) == (701, naive(hashes))
    tiles = await edition.superuser.fetch(
        "select hashes from tile where log = $1 and level = 0 order by index", EDITION
    )
    assert b"".join(tile["hashes"] for tile in tiles) == b"".join(hashes)


async def test_publishers_arrive_in_any_order_and_stand_in_their_own(edition: Ledger) -> None:
    events = edition.dossiers(60) + edition.closings(60)
    random.Random(3).shuffle(events)
    for start in range(0, 120, 7):
        await edition.take(*events[start : start + 7])
    found = src_numbers(await edition.entries())[1:]
    assert len(found) == 120
    for src in ("submission", "voting.count"):
        assert [number for who, number in found if who == src] == [*range(1, 61)]
    assert await edition.count("held") == 0


async def test_a_gap_holds_back_its_publisher_and_nobody_else(edition: Ledger) -> None:
    first, missing, *later = edition.dossiers(2500)
    await edition.take(first, *later, *edition.closings(2))
    assert len(await edition.entries()) == 1 + 1 + 2
    assert await edition.count("held") == 2498
    await edition.take(missing)
    assert len(await edition.entries()) == 1 + 2500 + 2
    assert await edition.count("held") == 0


async def test_a_gap_that_heals_late_is_gone_on_from_in_portions(edition: Ledger) -> None:
    first, missing, *later = edition.dossiers(60)
    await edition.take(first, *later)
    sequencer = Sequencer(PREFIX, room=20)
    async with edition.database.begin() as session:
        await sequencer.append_events(session, [missing])
    assert await edition.count("held") == 38
    async with edition.database.begin() as session:
        await sequencer.lead(session)
    assert await edition.count("held") == 18
    await sequencer.turn(edition.database)
    assert await edition.count("held") == 0
    assert src_numbers(await edition.entries())[1:] == [("submission", n) for n in range(1, 61)]
    await edition.sign()


async def test_a_log_that_many_wait_for_opens_in_portions(ledger: Ledger) -> None:
    await ledger.take(*ledger.dossiers(15), *ledger.closings(15))
    sequencer = Sequencer(PREFIX, room=20)
    async with ledger.database.begin() as session:
        await sequencer.append_events(session, [ledger.charter()])
    assert await ledger.count("held") == 10
    await sequencer.turn(ledger.database)
    assert await ledger.count("held") == 0


async def test_what_comes_before_its_log_waits_for_it(ledger: Ledger) -> None:
    early = ledger.dossiers(3) + ledger.closings(2)
    await ledger.take(*early)
    assert await ledger.count("log") == 0
    assert await ledger.count("held") == 5
    await ledger.take(ledger.charter("another"))
    assert await ledger.count("held") == 5
    await ledger.take(ledger.charter())
    assert src_numbers(await ledger.entries())[0] == ("ledger", 1)
    assert len(await ledger.entries()) == 6


async def test_a_log_may_open_in_the_batch_that_fills_it(ledger: Ledger) -> None:
    early = ledger.dossiers(3)
    await ledger.take(*early, ledger.charter(), *ledger.closings(3))
    assert len(await ledger.entries()) == 7


async def test_a_redelivery_changes_nothing(edition: Ledger) -> None:
    events = edition.dossiers(5)
    await edition.take(*events[:3], events[4])
    before = await edition.entries()
    await edition.take(*events[:3], events[4], events[4])
    assert await edition.entries() == before
    await edition.take(*events)
    await edition.take(*events)
    assert len(await edition.entries()) == 6
    assert await edition.count("quarantine") == 0


async def test_the_same_id_with_other_bytes_is_put_in_quarantine_once(edition: Ledger) -> None:
    (event,) = edition.dossiers(1)
    (other,) = edition.dossiers(1)
    lie = edition.published(other.event, number=1, id=event.envelope.id)
    await edition.take(event)
    for _ in range(2):
        await edition.take(lie)
    row = await edition.superuser.fetchrow("select id, reason, digest from quarantine")
    assert row is not None
    assert row["id"] == event.envelope.id
    assert row["reason"] == "its id is taken by other bytes"
    assert row["digest"] == sha256(leaf_bytes(lie.envelope, lie.body)).digest()
    assert await edition.count("quarantine") == 1
    assert len(await edition.entries()) == 2


@pytest.mark.parametrize("before", ["an entry", "held", "in the batch"])
async def test_a_known_id_with_the_next_number_keeps_nobody_else_away(
    edition: Ledger, before: str
) -> None:
    first, second, third, fourth = edition.dossiers(4)
    lie = edition.published(third.event, number=2, id=first.envelope.id)
    others = edition.closings(3)
    match before:
        case "an entry":
            await edition.take(first)
            await edition.take(lie, *others)
        case "held":
            lie = edition.published(second.event, number=1, id=fourth.envelope.id)
            await edition.take(fourth)
            await edition.take(lie, *others)
        case _:
            await edition.take(first, lie, *others)
    (said,) = await edition.superuser.fetch("select id, number, reason from quarantine")
    assert (said["id"], said["number"]) == (lie.envelope.id, lie.envelope.number)
    assert said["reason"] == "its id is taken by other bytes"
    assert len(await edition.entries()) == (4 if before == "held" else 5)
    await edition.take(first, second, third, fourth)
    assert len(await edition.entries()) == 8


async def test_a_number_that_another_event_has_is_refused_in_public(edition: Ledger) -> None:
    first, second, third = edition.dossiers(3)
    await edition.take(first, third)
    lies = [edition.published(second.event, number=number) for number in (1, 3)]
    for _ in range(2):
        await edition.take(*lies)
    said = [entry for entry in map(json.loads, await edition.entries()) if entry["src"] == "ledger"]
    assert [entry["body"] for entry in said[1:]] == [
        {
            "digest": sha256(leaf_bytes(lie.envelope, lie.body)).hexdigest(),
            "number": lie.envelope.number,
            "reason": "number_taken",
            "src": "submission",
        }
        for lie in lies
    ]
    assert await edition.count("quarantine") == 2
    await edition.take(second)
    assert src_numbers(await edition.entries())[-2:] == [("submission", 2), ("submission", 3)]
    await edition.sign()


async def test_another_publishers_name_is_put_in_quarantine(edition: Ledger) -> None:
    (event,) = edition.closings(1)
    forged = edition.published(edition.dossiers(1)[0].event)
    forged = type(forged)(forged.envelope, event.event, event.body)
    await edition.take(event, forged)
    reason = await edition.superuser.fetchval("select reason from quarantine")
    assert reason == "submission does not publish on voting.rounds"


def read_on(topic: str, event: Delivered[Any]) -> Delivered[Any]:
    """An event as the ledger reads it from this topic, whoever wrote it there."""
    return read_any(record(event, topic))


async def test_whoever_writes_on_another_topic_speaks_as_nobody(edition: Ledger) -> None:
    """The box, say, has a stolen password for its own topic, and a closing of count's to tell."""
    [closing] = edition.closings(1)
    [unknown] = edition.dossiers(1)
    unknown = replace(unknown, envelope=replace(unknown.envelope, type="submission.idea-blest.v1"))
    [ill] = edition.dossiers(1)
    ill = replace(ill, body=b"{}  ")
    await edition.take(*(read_on("voting.ballots", each) for each in (closing, unknown, ill)))
    assert len(await edition.entries()) == 1
    assert await edition.count("held") == 0
    rows = await edition.superuser.fetch("select reason, unfit from quarantine order by reason")
    assert [tuple(row) for row in rows] == [
        ("submission does not publish on voting.ballots", True),
        ("submission does not publish on voting.ballots", True),
        ("voting.count does not publish on voting.ballots", True),
    ]


async def test_an_event_that_somebody_copied_first_arrives_nevertheless(edition: Ledger) -> None:
    first, second = edition.dossiers(2)
    [closing] = edition.closings(1)
    misplaced = read_on("submission.administration", second)
    await edition.take(read_on("voting.ballots", first), read_on("voting.roll", closing), misplaced)
    assert await edition.count("quarantine") == 3
    for _ in range(2):
        await edition.take(first, second, closing)
        assert src_numbers(await edition.entries())[1:] == [
            ("submission", 1),
            ("submission", 2),
            ("voting.count", 1),
        ]
    assert await edition.count("quarantine") == 3


async def test_what_was_refused_of_its_publisher_stays_refused_though_it_was_copied_first(
    edition: Ledger,
) -> None:
    first, second = edition.dossiers(2)
    lie = edition.published(second.event, number=1)
    await edition.take(first, read_on("voting.ballots", lie))
    for _ in range(3):
        await edition.take(lie)
    assert [src for src, _ in src_numbers(await edition.entries())] == [
        "ledger",
        "submission",
        "ledger",
    ]
    assert await edition.count("quarantine") == 2


async def test_nobody_foresees_the_ids_of_the_ledgers_own_entries(edition: Ledger) -> None:
    """Another ledger with the same charter has others: no id is there to be taken before."""
    charter = edition.charter("other")
    foreseen = uuid5(NAMESPACE_URL, "ledger.log-opened.v1/platform/other")
    [early] = edition.dossiers(1)
    await edition.take(replace(early, envelope=replace(early.envelope, id=foreseen)), charter)
    assert len(await edition.entries("other")) == 1
    own = [json.loads(entry)["id"] for entry in await edition.entries(PLATFORM_LOG)]
    assert str(foreseen) not in own


async def test_a_number_repeated_for_a_log_that_is_not_there_yet_is_refused_in_the_platforms(
    ledger: Ledger,
) -> None:
    first, second = ledger.dossiers(2)
    lie = ledger.published(second.event, number=1)
    await ledger.take(ledger.charter("other"), first)
    for _ in range(2):
        await ledger.take(lie, second)
    refused = [
        entry["body"]
        for entry in map(json.loads, await ledger.entries(PLATFORM_LOG))
        if entry["type"] == "ledger.ingest-rejected.v1"
    ]
    assert refused == [
        {
            "digest": sha256(leaf_bytes(lie.envelope, lie.body)).hexdigest(),
            "log": EDITION,
            "number": 1,
            "reason": "number_taken",
            "src": "submission",
        }
    ]
    await ledger.take(ledger.charter())
    assert src_numbers(await ledger.entries())[1:] == [("submission", 1), ("submission", 2)]
    await checked(ledger, PLATFORM_LOG)
    await checked(ledger)


async def test_without_a_key_no_log_opens_and_the_batch_comes_again(unkeyed: Ledger) -> None:
    charter = unkeyed.charter()
    with pytest.raises(NoSpareKey):
        await unkeyed.take(charter)
    assert await unkeyed.count("entry") == await unkeyed.count("log") == 0
    await unkeyed.sign()
    await unkeyed.take(charter)
    assert len(await unkeyed.entries()) == 1


@pytest.mark.parametrize("table", ["entry", "signed_checkpoint", "published_checkpoint", "tile"])
async def test_nobody_changes_what_was_written(edition: Ledger, table: str) -> None:
    await edition.sign()
    owner = await asyncpg.connect(edition.made.owner)
    writer = await asyncpg.connect(edition.made.dsn)
    for template in ("update {} set log = 'x'", "delete from {}", "truncate {}"):
        change = template.format(table)
        for mode in ("origin", "replica"):
            await edition.superuser.execute(f"set session_replication_role = {mode}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"refused|only grows"):
                await edition.superuser.execute(change)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"refused|only grows"):
            await owner.execute(change)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await writer.execute(change)
    await owner.close()
    await writer.close()


@pytest.mark.parametrize(
    ("index", "number", "complaint"),
    [
        (2, 1, "entries of edition from 2 do not follow 0"),
        (1, 2, "numbers of submission in edition from 2"),
    ],
)
async def test_no_entry_leaves_a_gap_before_it(
    edition: Ledger, index: int, number: int, complaint: str
) -> None:
    writer = await asyncpg.connect(edition.made.dsn)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=complaint):
        await writer.execute(
            "insert into entry values ($1, $2, gen_random_uuid(), 'submission', $3, $4, 'x')",
            *(EDITION, index, number, bytes(32)),
        )
    await writer.close()


async def test_a_tile_only_grows(edition: Ledger) -> None:
    writer = await asyncpg.connect(edition.made.dsn)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only grows"):
        await writer.execute("update tile set hashes = $1", bytes(64))
    await writer.close()


@pytest.mark.parametrize("role", ["ledger", "ledger_signer"])
async def test_the_roles_can_do_no_more_than_their_work(edition: Ledger, role: str) -> None:
    forbidden = {
        "ledger": [
            "create table x ()",
            "alter table entry disable trigger all",
            "insert into signed_checkpoint values ('edition', 9, ''::bytea, '')",
            "insert into log_key values (''::bytea)",
            "update head set log = 'x'",
        ],
        "ledger_signer": [
            "create table x ()",
            "insert into entry values ('edition', 1, gen_random_uuid(), 's', 1, ''::bytea, 'x')",
            "update head set size = 0",
            "select body from outbox",
            "select from held",
        ],
    }
    connection = await asyncpg.connect(edition.made.as_role(role))
    for statement in forbidden[role]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()
