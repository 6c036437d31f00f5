"""Rows that were made by earlier versions, after the upgrade."""

import asyncio
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter

from shared.database import Database
from shared.events.ballots import Approval, Format
from shared.migrate import upgrade
from shared.rules.presets import greedy
from tests.conftest import DatabaseFactory
from voting.box.ballots import Rules
from voting.box.routes import Urn
from voting.count import queries, rounds
from voting.roll import queries as roll

ROUND = UUID(int=1)
FORM: TypeAdapter[Any] = TypeAdapter(Format)
WINDOW = "now() - interval '1 h', now() + interval '1 h'"


async def before(factory: DatabaseFactory, package: str, revision: str, rows: str) -> Any:
    """A database as an earlier version left it, with these rows, brought to today's."""
    made = await factory(package, revision)
    connection = await asyncpg.connect(made.superuser, ssl=False)
    await connection.execute(rows)
    await asyncio.to_thread(upgrade, package, made.owner)
    await connection.close()
    return made


@pytest.mark.parametrize(
    ("tie_order", "criteria"),
    [
        ("{}", ("option",)),
        ("{cost}", ("cost", "option")),
        ("{option,cost}", ("option",)),
        ("{cost,option}", ("cost", "option")),
    ],
)
async def test_a_round_of_count_has_its_rule(
    database: DatabaseFactory, tie_order: str, criteria: tuple[Any, ...]
) -> None:
    """And what was decided about its options stays decided, with the money in its facts."""
    options = [uuid4() for _ in range(3)]
    made = await before(
        database,
        "voting.count",
        "0002",
        f"""
        insert into frozen_options values ('{ROUND}', '{uuid4()}', 'log', '{{{uuid4()}}}', '');
        insert into round (round_id, programme_id, log, state, budget, least, most, tie_order,
            opens_at, closes_at, options, digest, tiers)
        select round_id, programme_id, log, 'decided', 500, 1, 3, '{tie_order}', {WINDOW}, 3, '',
            '{{}}' from frozen_options;
        insert into option (round_id, number, option_id, cost, title, votes, rank, funded, reason,
            left_then) values
            ('{ROUND}', 1, '{options[0]}', 300, '', 2, 2, false, 'does_not_fit', 100),
            ('{ROUND}', 2, '{options[1]}', 400, '', 3, 1, true, 'funded', 500),
            ('{ROUND}', 3, '{options[2]}', 400, '', 0, 3, false, 'no_votes', 100);
        """,
    )
    upgraded = Database(made.dsn, name="test")
    async with upgraded.begin() as session:
        row = await queries.round_as_it_is(session, ROUND)
        found = await queries.options(session, ROUND)
    await upgraded.close()
    assert row is not None
    assert rounds.format_of(row) == Approval(min=1, max=3, wrong="refused")
    assert rounds.rule_of(row) == greedy(500, criteria)
    assert [each.cost for each in rounds.seen_by_rule(found)] == [300, 400, 400]
    assert [(o.place, o.amount, o.facts) for o in found] == [
        (None, 0, {"needs": 300, "left": 100}),
        (1, 400, {}),
        (None, 0, {}),
    ]


async def test_a_round_of_the_box_takes_what_it_took(database: DatabaseFactory) -> None:
    made = await before(
        database,
        "voting.box",
        "0001",
        f"""
        insert into round (round_id, log, opens_at, closes_at, options, least, most, tiers)
        values ('{ROUND}', 'log', {WINDOW}, 4, 1, 2, '{{}}');
        """,
    )
    upgraded = Database(made.dsn, name="test")
    urn = Urn(Ed25519PrivateKey.generate())
    rules, _ = await urn.round(upgraded, ROUND)
    await upgraded.close()
    form = Approval(min=1, max=2, wrong="refused")
    assert rules == Rules({}, form, costs=[0] * 4, territories=[-1] * 4)


async def test_ballots_that_wait_in_the_box_wait_in_their_epoch(database: DatabaseFactory) -> None:
    """Those of a round that is closed were never to be published."""
    closed = UUID(int=2)
    made = await before(
        database,
        "voting.box",
        "0008",
        f"""
        insert into round (round_id, log, opens_at, closes_at, options, format, tiers, closed)
        values ('{ROUND}', 'log', {WINDOW}, 4, '{{}}', '{{"A": "", "B": ""}}', false),
            ('{closed}', 'log', {WINDOW}, 4, '{{}}', '{{"A": ""}}', true);
        insert into waiting
        select round_id, 'A', sha256(key::text::bytea), 1, sha256(key::text::bytea), 'ballot'
        from round, generate_series(1, 9) as key;
        """,
    )
    connection = await asyncpg.connect(made.superuser, ssl=False)
    waiting = await connection.fetch(
        "select tableoid::regclass::text as partition, count(*) from waiting group by 1"
    )
    assert [tuple(row) for row in waiting] == [(f'"waiting_{ROUND.hex}_A_1"', 9)]
    log = await connection.fetchval("select close_box($1, now())", ROUND)
    assert log == "log" and await connection.fetchval("select count(*) from outbox") == 9
    await connection.close()


async def test_a_round_of_the_roll_keeps_its_ballot(database: DatabaseFactory) -> None:
    made = await before(
        database,
        "voting.roll",
        "0002",
        f"""
        insert into round (round_id, log, opens_at, closes_at, least, most)
        values ('{ROUND}', 'log', {WINDOW}, 1, 2), ('{UUID(int=2)}', 'log', null, null, null, null);
        """,
    )
    connection = await asyncpg.connect(made.superuser, ssl=False)
    kept = await connection.fetch("select format::text as form from round order by round_id")
    await connection.close()
    assert FORM.validate_json(kept[0]["form"]) == Approval(min=1, max=2, wrong="refused")
    assert kept[1]["form"] is None


async def test_a_token_that_was_issued_before_stays_used(database: DatabaseFactory) -> None:
    """Under whatever is sent now: what is kept of it is the hash of a ballot key. Other codes of
    the round, and messages that wait for their use, are as they were."""
    used, fresh = bytes(31) + b"1", bytes(31) + b"2"
    made = await before(
        database,
        "voting.roll",
        "0009",
        f"""
        insert into round (round_id, log, opens_at, closes_at, rehearsal)
        values ('{ROUND}', 'log', {WINDOW}, true);
        insert into tier (round_id, tier, public_key) values ('{ROUND}', 'A', '');
        insert into code (round_id, code, tier, notice_id, notice) values
            ('{ROUND}', '\\x{used.hex()}', 'A', null, null),
            ('{ROUND}', '\\x{fresh.hex()}', 'A', '{uuid4()}', 'sealed');
        insert into token (round_id, code, key)
        values ('{ROUND}', '\\x{used.hex()}', '\\x{bytes(32).hex()}');
        """,
    )
    connection = await asyncpg.connect(made.dsn, ssl=False)
    for code, wanted in ((used, "code_used"), (fresh, "issued"), (fresh, "issued")):
        blinded = sha256(b"what the voter blinded").digest()
        given = (ROUND, code, blinded, ["A"], timedelta(hours=1), None)
        row = await connection.fetchrow(roll.ISSUE, *given)
        assert row is not None and row["verdict"] == wanted
    assert await connection.fetchval("select count(*) from waiting_notice") == 1
    tiers = await connection.fetch("select tier from token")
    assert [row["tier"] for row in tiers] == ["A", "A"], "that of the code"
    await connection.close()
