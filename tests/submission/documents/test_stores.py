"""Documents in a store that speaks S3: moto's server, as a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import obstore
import pytest
from pydantic import ValidationError

from comptoir.ports import free_ports
from shared.contacts import encoded_key
from shared.database import Database
from submission.app import SubmissionSettings, application
from submission.documents.keeping import sweep, sweep_up
from submission.documents.stores import objects
from submission.documents.stores.objects import BytesInObjects
from submission.documents.stores.stores import DocumentLost, Stores
from tests.conftest import DatabaseFactory
from tests.serving import served, settings
from tests.submission.documents.attaching import PDF, fetched, filed, redirected
from tests.submission.proposing import KEY, Town

BUCKET = "documents"
STORE = {
    "documents_store": f"s3://{BUCKET}",
    "documents_key_id": "key",
    "documents_secret": "secret",
}


@pytest.fixture(scope="module")
async def endpoint() -> AsyncIterator[str]:
    port = free_ports({"moto": None})["moto"]
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "moto.server", "-p", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(60):
            while True:
                try:
                    async with session.put(f"{url}/{BUCKET}") as answer:
                        assert answer.status == 200
                        break
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.05)
        yield url
    finally:
        server.kill()
        await server.wait()


@pytest.fixture
async def stored(database: DatabaseFactory, endpoint: str) -> AsyncIterator[Town]:
    made = await database("submission")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    port = free_ports({"submission": None})["submission"]
    wanted = settings(
        SubmissionSettings,
        made.dsn,
        contacts_key=encoded_key(KEY),
        sites={"files": f"http://localhost:{port}"},
        documents_endpoint=endpoint,
        **STORE,
    ).model_copy(update={"port": port})
    async with served(application(wanted, kafka=False), port=port):
        town = Town(f"http://127.0.0.1:{port}", made.dsn, connection)
        await town.begin()
        yield town
        await town.leave()
    await connection.close()


def at(endpoint: str) -> BytesInObjects:
    return BytesInObjects.at(
        f"s3://{BUCKET}", endpoint=endpoint, key_id="key", secret="secret", region="us-east-1"
    )


async def there(store: BytesInObjects) -> set[UUID]:
    found: set[UUID] = set()
    async for page in obstore.list(store._store, objects.FOLDER):
        found |= {UUID(each["path"].rpartition("/")[2]) for each in page}
    return found


async def test_a_file_goes_to_the_store_and_comes_from_it(stored: Town, endpoint: str) -> None:
    dossier = await filed(stored)
    seen = await dossier.attach(PDF)
    assert seen.status == 200, seen.words()
    document = await dossier.one()
    assert document in await there(at(endpoint))
    assert await stored.connection.fetchval("select count(*) from document_bytes") == 0
    _, address = await redirected(dossier.carrier, f"/documents/{document}")
    assert (await fetched(address)).content.startswith(b"%PDF-")


async def test_what_is_removed_is_removed_from_the_store(stored: Town, endpoint: str) -> None:
    dossier, store = await filed(stored), at(endpoint)
    await dossier.attach(PDF)
    document = await dossier.one()
    await dossier.carrier.fill(dossier.page, f"{dossier.page}/{document}/withdraw")
    database = Database(stored.dsn, name="test")
    for _ in range(2):
        await sweep(database, Stores(store))
    await database.close()
    assert document not in await there(store)
    kept = await stored.connection.fetchval(
        "select kept from document where document_id = $1", document
    )
    assert kept == "nowhere"


async def test_what_nobody_names_is_swept_up_and_nothing_else(
    stored: Town, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier, store = await filed(stored), at(endpoint)
    await dossier.attach(PDF)
    lost = uuid4()
    await obstore.put_async(store._store, f"{objects.FOLDER}/{lost}", b"not committed")
    database = Database(stored.dsn, name="test")
    await sweep_up(database, Stores(store))
    assert {lost, await dossier.one()} <= await there(store)  # An upload may be under way.
    monkeypatch.setattr(objects, "GIVEN_UP", timedelta(hours=-1))
    await sweep_up(database, Stores(store))
    await database.close()
    left = await there(store)
    assert lost not in left and await dossier.one() in left


async def test_a_store_that_does_not_answer_records_nothing(stored: Town) -> None:
    dossier = await filed(stored)
    await dossier.attach(PDF)
    before = await stored.snapshot()
    silent = BytesInObjects.at(
        f"s3://{BUCKET}",
        endpoint="http://127.0.0.1:9",
        key_id="key",
        secret="secret",
        region="us-east-1",
    )
    database = Database(stored.dsn, name="test")
    with pytest.raises(Exception, match=r"127\.0\.0\.1"):
        async with database.begin() as session:
            await silent.put(session, uuid4(), PDF)
    with pytest.raises(DocumentLost):
        async with database.begin() as session:
            await Stores().get(session, "objects", await dossier.one())
    await database.close()
    assert await stored.snapshot() == before


def test_half_a_store_is_no_store() -> None:
    with pytest.raises(ValidationError, match="documents_endpoint"):
        settings(SubmissionSettings, "postgresql://nowhere", **STORE)
