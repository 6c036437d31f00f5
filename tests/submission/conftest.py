"""Submission, served on a database of its own; what it announces stays in the outbox."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from submission.app import SubmissionSettings, application
from tests.backends import Databases
from tests.conftest import DatabaseFactory
from tests.serving import Client, served, settings
from tests.submission.proposing import Town, served_town


class Submission:
    """The served process, and its database as a superuser sees it."""

    def __init__(self, client: Client, connection: asyncpg.Connection, dsn: str) -> None:
        self.client = client
        self.connection = connection
        self.dsn = dsn
        self.post = client.post
        self.desk = client.desk

    async def programme(self, title: str = "Budget citoyen") -> str:
        """A new programme's id."""
        made = await self.post("/programmes", {"title": title, "rehearsal": True})
        assert made.status == 201, made.raw
        return str(made.body["programme_id"])

    async def project(self, programme_id: str, title: str = "Un banc", cost: int = 500_00) -> str:
        """A new project's id."""
        path = f"/programmes/{programme_id}/projects"
        made = await self.post(path, {"title": title, "cost": cost})
        assert made.status == 201, made.raw
        return str(made.body["project_id"])

    async def many_projects(
        self, programme_id: str, count: int, connection: asyncpg.Connection | None = None
    ) -> None:
        """Projects without events, straight into the table."""
        await (connection or self.connection).execute(
            "insert into project (project_id, programme_id, title, cost)"
            " select gen_random_uuid(), programme_id, title, 1 from programme"
            " cross join generate_series(1, $2) where programme_id = $1",
            programme_id,
            count,
        )

    async def announced(self, event: str | None = None) -> list[dict[str, Any]]:
        """Topic, log and body of what is in the outbox, oldest first; of one type or all."""
        rows = await self.connection.fetch(
            "select topic, key, type, log, body from outbox"
            " where $1::text is null or type = $1 order by id",
            event,
        )
        return [
            {**row, "body": None if row["body"] is None else json.loads(row["body"])}
            for row in map(dict, rows)
        ]


@pytest.fixture
async def submission(database: DatabaseFactory) -> AsyncIterator[Submission]:
    made = await database("submission")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    async with served(application(settings(SubmissionSettings, made.dsn), kafka=False)) as client:
        yield Submission(client, connection, made.dsn)
    await connection.close()


@pytest.fixture(scope="session")
async def townhall(databases: Databases) -> AsyncIterator[Town]:
    made = await databases.make("submission")
    async with served_town(made) as found:
        yield found
    await databases.drop(made)


@pytest.fixture
async def town(townhall: Town) -> AsyncIterator[Town]:
    """People in an edition of their own."""
    await townhall.begin()
    yield townhall
    await townhall.leave()


def nobody() -> str:
    """An id that nothing has."""
    return str(uuid4())
