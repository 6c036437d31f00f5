"""Nothing that is withdrawn, suspended, merged or split slips into a round, however it is tried."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.contacts import Teller
from shared.database import Database
from shared.refusal import Refusal
from submission.carriers.telling import Telling
from submission.freezing import LabelledOverEnvelope, NoProjects, ProjectFrozen
from submission.programmes import acts
from submission.projects import moving
from submission.projects.finding import edition as found_edition
from tests.conftest import DatabaseFactory
from tests.submission.editions import OFFICERS, edition, publish
from tests.submission.planned import labelled_idea, saying

TELLING = Telling(Teller(None, source="submission"), "https://example.org")
WINDOWS = {
    "ideas": (-9.0, -8.0),
    "counters": (-8.0, -7.0),
    "dossiers": (-7.0, -6.0),
    "labelling": (-5.0, -4.0),
}


class Hall:
    """Two replicas of submission on one database, and that as a superuser sees it."""

    def __init__(self, dsn: str, connection: asyncpg.Connection) -> None:
        self.replicas = [Database(dsn, name=f"replica-{n}") for n in range(2)]
        self.connection = connection

    async def programme(self, **rules: object) -> UUID:
        """A programme whose labelling is over."""
        found = await publish(self.replicas[0], saying(edition(WINDOWS), **rules))
        await self.connection.execute(
            "update phase set state = 'closed' where closes_at <= now() and programme_id = $1",
            found,
        )
        return found

    async def freeze(self, programme_id: UUID) -> str:
        """Freeze the options; the code of a refusal."""
        return await self._try(0, "freeze", programme_id, programme_id)

    async def withdraw(self, programme_id: UUID, project_id: UUID) -> str:
        """Withdraw a project; the code of a refusal."""
        return await self._try(1, "withdraw", programme_id, project_id)

    async def suspend(self, programme_id: UUID, project_id: UUID) -> str:
        """Suspend a project; the code of a refusal."""
        return await self._try(1, "suspend", programme_id, project_id)

    async def _try(self, replica: int, act: str, programme_id: UUID, of: UUID) -> str:
        try:
            async with self.replicas[replica].begin() as session:
                if act == "freeze":
                    parameters = {"programme_id": str(programme_id)}
                    await acts.freeze_options(session, parameters, OFFICERS)
                else:
                    found = await found_edition(session, programme_id)
                    do = moving.withdraw if act == "withdraw" else moving.suspend
                    await do(session, found, of, "pour essayer", OFFICERS[0], TELLING)
        except Refusal as refused:
            return refused.code
        return "done"

    async def where(self, project_id: UUID) -> tuple[str, bool]:
        """How a project stands, and whether a round has it."""
        row = await self.connection.fetchrow(
            "select i.standing, p.round_id is not null as frozen from idea i"
            " join project p using (project_id) where i.project_id = $1",
            project_id,
        )
        assert row is not None
        return row["standing"], row["frozen"]


@pytest.fixture
async def hall(database: DatabaseFactory) -> AsyncIterator[Hall]:
    made = await database("submission")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    found = Hall(made.dsn, connection)
    yield found
    for replica in found.replicas:
        await replica.close()
    await connection.close()


async def test_a_round_takes_what_is_active_and_leaves_the_rest(hall: Hall) -> None:
    programme_id = await hall.programme()
    kept, withdrawn, suspended = [
        await labelled_idea(hall.connection, programme_id, 100) for _ in range(3)
    ]
    assert await hall.withdraw(programme_id, withdrawn) == "done"
    assert await hall.suspend(programme_id, suspended) == "done"
    assert await hall.freeze(programme_id) == "done"
    assert await hall.where(kept) == ("active", True)
    assert await hall.where(withdrawn) == ("withdrawn", False)
    assert await hall.where(suspended) == ("suspended", False)


async def test_what_a_round_has_is_neither_withdrawn_nor_suspended(hall: Hall) -> None:
    programme_id = await hall.programme()
    project_id = await labelled_idea(hall.connection, programme_id, 100)
    assert await hall.freeze(programme_id) == "done"
    assert await hall.withdraw(programme_id, project_id) == ProjectFrozen.code
    assert await hall.suspend(programme_id, project_id) == ProjectFrozen.code
    assert await hall.where(project_id) == ("active", True)


async def test_a_programme_of_which_all_is_withdrawn_has_nothing_to_vote_on(hall: Hall) -> None:
    programme_id = await hall.programme()
    project_id = await labelled_idea(hall.connection, programme_id, 100)
    await hall.withdraw(programme_id, project_id)
    assert await hall.freeze(programme_id) == NoProjects.code


@pytest.mark.parametrize("act", ["withdraw", "suspend"])
async def test_of_a_freezing_and_a_withdrawal_at_once_one_happens(hall: Hall, act: str) -> None:
    """Fifty races on two connections: whoever comes second is told."""
    seen = set()
    for turn in range(50):
        programme_id = await hall.programme()
        project_id = await labelled_idea(hall.connection, programme_id, 100)
        other = await labelled_idea(hall.connection, programme_id, 100)
        move = hall.withdraw if act == "withdraw" else hall.suspend
        both = [hall.freeze(programme_id), move(programme_id, project_id)]
        if turn % 2:
            both.reverse()
        answers = await asyncio.gather(*both)
        frozen, moved = reversed(answers) if turn % 2 else answers
        assert frozen == "done" and await hall.where(other) == ("active", True)
        standing, in_round = await hall.where(project_id)
        assert (moved == "done") is (standing != "active") is (not in_round)
        assert moved in ("done", ProjectFrozen.code)
        seen.add(moved)
    assert "done" in seen or ProjectFrozen.code in seen


async def test_the_one_who_waits_for_the_other_is_told_in_either_order(hall: Hall) -> None:
    for first in ("freeze", "withdraw"):
        programme_id = await hall.programme()
        project_id = await labelled_idea(hall.connection, programme_id, 100)
        await labelled_idea(hall.connection, programme_id, 100)
        async with hall.replicas[0].begin() as session:
            if first == "freeze":
                await acts.freeze_options(session, {"programme_id": str(programme_id)}, OFFICERS)
                waiting = asyncio.create_task(hall.withdraw(programme_id, project_id))
            else:
                found = await found_edition(session, programme_id)
                await moving.withdraw(session, found, project_id, "si", OFFICERS[0], TELLING)
                waiting = asyncio.create_task(hall._try(1, "freeze", programme_id, programme_id))
            await until_blocked(hall.connection)
            assert not waiting.done()
        assert await waiting == (ProjectFrozen.code if first == "freeze" else "done")
        frozen = first == "freeze"
        assert await hall.where(project_id) == ("active" if frozen else "withdrawn", frozen)


async def until_blocked(connection: asyncpg.Connection) -> None:
    """Somebody waits for a lock."""
    async with asyncio.timeout(30):
        while not await connection.fetchval(
            "select exists (select from pg_locks l join pg_database d on d.oid = l.database"
            " or l.database is null or l.database = 0 where not l.granted"
            " and d.datname = current_database())"
        ):
            continue


@pytest.mark.parametrize("standing", ["suspended", "withdrawn", "split"])
async def test_the_schema_refuses_it_whoever_writes(hall: Hall, standing: str) -> None:
    programme_id = await hall.programme()
    project_id = await labelled_idea(hall.connection, programme_id, 100)
    other = await labelled_idea(hall.connection, programme_id, 100)
    round_id = uuid4()
    await hall.connection.execute(
        "insert into round (round_id, programme_id, options, digest)"
        " values ($1, $2, 1, repeat('0', 64))",
        round_id,
        programme_id,
    )
    await hall.connection.execute(
        "update idea set standing = $2 where project_id = $1", project_id, standing
    )
    into_round = "update project set round_id = $2 where project_id = $1"
    with pytest.raises(asyncpg.CheckViolationError, match=f"is {standing}"):
        await hall.connection.execute(into_round, project_id, round_id)
    await hall.connection.execute(into_round, other, round_id)
    with pytest.raises(asyncpg.CheckViolationError, match="in a round"):
        await hall.connection.execute(
            "update idea set standing = $2 where project_id = $1", other, standing
        )


async def test_what_is_labelled_over_the_envelope_is_not_frozen_until_something_goes(
    hall: Hall,
) -> None:
    vote = edition().rules.vote
    assert vote is not None
    funded = vote.model_copy(update={"outcome": "all-labelled"})
    programme_id = await hall.programme(vote=funded, envelope=250)
    projects = [await labelled_idea(hall.connection, programme_id, 100) for _ in range(3)]
    assert await hall.freeze(programme_id) == LabelledOverEnvelope.code
    assert [await hall.where(each) for each in projects] == [("active", False)] * 3
    await hall.withdraw(programme_id, projects[0])
    assert await hall.freeze(programme_id) == "done"
    frozen = await hall.connection.fetchval(
        "select options from round where programme_id = $1", programme_id
    )
    assert frozen == 2
