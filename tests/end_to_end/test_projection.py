"""What count makes of ballots, made again: the ballots' topic is all that it needs for it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.pabulib import held, read_election
from comptoir.replay import Rehearsal
from comptoir.roles import connected
from comptoir.stack import Stack
from comptoir.voter import cast
from shared.database import Database
from shared.events.voting import TallyUpdated
from tests.end_to_end.elections import decided, opened
from tests.end_to_end.topics import all_records
from tests.shared.conftest import eventually
from tests.shared.pabulib.files import small
from voting.count import queries, rounds
from voting.count.app import announce_tallies, close_due
from voting.count.deciding import Deciding

# All that count keeps of ballots, and what it knows of having read them.
FORGET = """
truncate ballot;
update round set ballots = 0, voters = 0;
update option set votes = 0;
delete from position where topic = 'voting.ballots';
delete from inbox;
"""


async def approval(client: Client, directory: Path) -> Rehearsal:
    """A round in which some voted twice, and a ballot is void."""
    rehearsal = await opened(client, generated_election(projects=7, voters=60, seed=51))
    await rehearsal.vote(range(60))
    for place in range(0, 30, 3):
        await cast(client, rehearsal.voters[place].ballot([1 + place % 7], revision=2))
    await cast(client, rehearsal.voters[1].ballot([1, 2, 3, 4, 5, 6, 7], revision=2))
    await decided(rehearsal, directory / "approval.tar")
    return rehearsal


async def scored(client: Client, directory: Path) -> Rehearsal:
    """A round whose ballots have values, some below zero."""
    (file := directory / "town.pb").write_text(small("scoring"))
    rehearsal = await opened(client, held(read_election(file)))
    await rehearsal.vote(range(3))
    await cast(client, rehearsal.voters[0].ballot([[1, -1], [2, 3]], revision=2))
    await decided(rehearsal, directory / "scored.tar")
    assert (await rehearsal.state())["tally"] == {"1": -1, "2": 3, "3": 1}
    return rehearsal


async def final_tally(stack: Stack, round_id: UUID) -> bytes:
    """The last tally that was announced of a decided round, as its bytes are."""
    finals: list[bytes] = []
    for record in await all_records(stack, TallyUpdated.topic):
        tally = TallyUpdated.from_body(record.value or b"")
        if tally.round_id == round_id and tally.final:
            finals.append(record.value or b"")
    [final] = finals
    return final


async def tally_now(database: Database, round_id: UUID) -> bytes:
    """The final tally that the projection gives now."""
    async with database.begin() as session:
        row = await queries.round_as_it_is(session, round_id)
        assert row is not None
        options = await queries.options(session, round_id)
        return rounds.tally(row, options, final=True).body()


@pytest.mark.parametrize("held_as", [approval, scored])
async def test_ballots_read_from_the_beginning_give_the_same_final_tally_and_announce_nothing(
    stack: Stack,
    client: Client,
    tmp_path: Path,
    held_as: Callable[[Client, Path], Awaitable[Rehearsal]],
) -> None:
    rehearsal = await held_as(client, tmp_path)
    final = await final_tally(stack, rehearsal.round_id)
    database = Database(dsn := stack.addresses.superuser_dsn("voting_count"), name="test")
    assert await tally_now(database, rehearsal.round_id) == final
    await stack.take_down("voting.count.1")
    async with connected(dsn) as connection:
        place, announced = await read_up_to(connection), await last_announced(connection)
        await connection.execute(FORGET)
        assert await tally_now(database, rehearsal.round_id) != final
        await stack.bring_up("voting.count.1")
        await eventually(lambda: read_up_to(connection), lambda now: now >= place)
        assert await tally_now(database, rehearsal.round_id) == final
        # What count does every moment, done once more after all of it was read.
        for work in (close_due, announce_tallies):
            await work(database)
        await Deciding(database).turn()
        later = await connection.fetch("select body from outbox where id > $1", announced)
    await database.close()
    # Rounds of other tests may be open still: those have tallies to announce.
    assert not [row for row in later if str(rehearsal.round_id).encode() in row["body"]]


async def last_announced(connection: asyncpg.Connection) -> int:
    """The last announcement of count, whether it is sent or not."""
    return int(await connection.fetchval("select max(id) from outbox"))


async def read_up_to(connection: asyncpg.Connection) -> int:
    """How far count has read the ballots."""
    place = await connection.fetchval("select next from position where topic = 'voting.ballots'")
    return int(place or 0)
