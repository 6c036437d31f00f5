"""One town for all of these tests: it takes a while until everybody has written into everything.
What only looks comes first (`test_shown.py`), before what sends forms."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from comptoir.ports import free_ports
from shared.contacts import encoded_key
from submission.app import SubmissionSettings, application
from tests.backends import Databases
from tests.serving import served, settings
from tests.submission.hostile.looking import Routes, Walked
from tests.submission.hostile.somebody import HostileTown, Noted
from tests.submission.hostile.walking import walked
from tests.submission.hostile.world import World, built
from tests.submission.proposing import KEY


@pytest.fixture(scope="package")
async def world(databases: Databases) -> AsyncIterator[World]:
    made = await databases.make("submission")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    port = free_ports({"submission": None})["submission"]
    wanted = settings(
        SubmissionSettings,
        made.dsn,
        contacts_key=encoded_key(KEY),
        sites={"files": f"http://localhost:{port}"},
    )
    app = application(wanted.model_copy(update={"port": port}), kafka=False)
    noted = Noted(Walked(Routes(app)))
    town = HostileTown(f"http://127.0.0.1:{port}", made.dsn, connection, noted=noted)
    try:
        async with served(app, port=port):
            try:
                yield await built(town)
            finally:
                await town.leave()
    finally:
        await connection.close()
    await databases.drop(made)


@pytest.fixture(scope="package")
async def seen(world: World) -> Walked:
    """Everything that is shown there."""
    return await walked(world)
