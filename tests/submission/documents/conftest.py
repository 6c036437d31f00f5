"""Submission with a host for its files: the same server under another name."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from comptoir.ports import free_ports
from shared.contacts import encoded_key
from submission.app import SubmissionSettings, application
from tests.backends import Databases
from tests.serving import served, settings
from tests.submission.proposing import KEY, Town


@pytest.fixture(scope="session")
async def townhall(databases: Databases) -> AsyncIterator[Town]:
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
    async with served(app, port=port):
        yield Town(f"http://127.0.0.1:{port}", made.dsn, connection)
    await connection.close()
    await databases.drop(made)
