"""Rows of rounds that were made before there were formats and rules, after the upgrade."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import TypeAdapter

from shared.database import Database
from shared.events.ballots import Approval, Format
from shared.migrate import upgrade
from shared.rules.presets import greedy
from tests.conftest import DatabaseFactory
from voting.box.ballots import Rules
from voting.box.routes import Urn
from voting.count import queries, rounds

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
    urn = Urn(None)  # type: ignore[arg-type]  # nothing is promised here
    rules, _ = await urn.round(upgraded, ROUND)
    await upgraded.close()
    form = Approval(min=1, max=2, wrong="refused")
    assert rules == Rules({}, form, costs=[0] * 4, territories=[-1] * 4)


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
