"""The servers that tests use, and how they come by them: `tests/backends.py` is the machinery."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from uuid import uuid4

import pytest
from confluent_kafka.admin import NewTopic  # type: ignore[attr-defined]  # it does export it

from comptoir.kafka import Account
from tests.backends import KAFKA, POSTGRES, Database, Databases, Servers

BACKENDS = ("external", "local")
SERVERS = pytest.StashKey[Servers]()

DatabaseFactory = Callable[..., Awaitable[Database]]
TopicFactory = Callable[..., Awaitable[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        choices=BACKENDS,
        help=f"whose servers: those of {POSTGRES} and {KAFKA}*, or ones that are started here",
    )


def pytest_configure(config: pytest.Config) -> None:
    backend = config.getoption("--backend")
    wanted = [POSTGRES, *(KAFKA + part for part in ("BOOTSTRAP", "USERNAME", "PASSWORD"))]
    missing = [name for name in wanted if name not in os.environ]
    if backend == "external" and missing:
        raise pytest.UsageError(f"--backend=external needs {', '.join(missing)}")
    config.stash[SERVERS] = Servers(backend)


def pytest_report_header(config: pytest.Config) -> str:
    return config.stash[SERVERS].described()


@pytest.fixture(scope="session")
def servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    """PostgreSQL and Kafka, each started when it is first asked for."""
    servers = pytestconfig.stash[SERVERS]
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
async def databases(servers: Servers) -> AsyncIterator[Databases]:
    """What makes databases: for a fixture that lives longer than a test."""
    databases = Databases(servers)
    yield databases
    await databases.close()


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[DatabaseFactory]:
    """`await database("voting.box")` makes one with its tables; `await database()` an empty one."""
    made: list[Database] = []

    async def make(package: str | None = None) -> Database:
        made.append(await databases.make(package))
        return made[-1]

    yield make
    for each in made:
        await databases.drop(each)


@pytest.fixture(scope="session")
def kafka(servers: Servers) -> Account:
    """The account of the broker's administrator."""
    return servers.kafka


@pytest.fixture
async def topic(kafka: Account) -> AsyncIterator[TopicFactory]:
    """`await topic(partitions=1)` makes a topic that no other test has, and returns its name."""
    admin, made = kafka.admin(), list[str]()

    async def make(partitions: int = 1, **config: str) -> str:
        name = f"test.{uuid4().hex}"
        new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
        created = admin.create_topics([new], operation_timeout=10)
        await asyncio.to_thread(created[name].result, 10)
        made.append(name)
        return name

    yield make
    for future in (admin.delete_topics(made) if made else {}).values():
        await asyncio.to_thread(future.result, 10)
