"""The servers that tests use, and how they come by them: `tests/backends.py` is the machinery."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from comptoir.kafka import Account
from shared.serving import collect_seldom
from tests.backends import KAFKA, POSTGRES, Database, Databases, Servers, make_topic
from tests.choosing import Backend

# Where platforms are started.
PLATFORMS = (
    "tests/browser/",
    "tests/deploy/test_cli.py",
    "tests/deploy/test_stack.py",
    "tests/end_to_end/",
)
SERVERS = pytest.StashKey[Servers]()
# How long something takes depends on what else the machine does.
settings.register_profile(
    "untimed", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

DatabaseFactory = Callable[..., Awaitable[Database]]
TopicFactory = Callable[..., Awaitable[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        choices=[*Backend],
        help=f"whose servers: those of {POSTGRES} and {KAFKA}*, containers', or processes' of ours",
    )


class OnePlatform(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """By file, but all that uses a platform on one worker.

    A platform that does nothing takes half a core: a page that is looked at took 2.9 s where one
    ran, and 9.6 s where each worker had its own.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "a platform" if nodeid.startswith(PLATFORMS) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OnePlatform | None:
    return OnePlatform(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_configure(config: pytest.Config) -> None:
    option = config.getoption("--backend")
    backend = None if option is None else Backend(option)
    wanted = [POSTGRES, *(KAFKA + part for part in ("BOOTSTRAP", "USERNAME", "PASSWORD"))]
    missing = [name for name in wanted if name not in os.environ]
    if backend == Backend.EXTERNAL and missing:
        raise pytest.UsageError(f"--backend=external needs {', '.join(missing)}")
    servers = config.stash[SERVERS] = Servers(backend)
    if (lacking := servers.lacking()) is not None:
        raise pytest.UsageError(f"--backend=docker: {lacking} (deploy/README.md, Tests)")


def pytest_collection_finish() -> None:
    """As a process of ours does: what is loaded by now is not looked through again and again."""
    collect_seldom()


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

    async def make(package: str | None = None, revision: str = "head") -> Database:
        made.append(await databases.make(package, revision))
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
        made.append(await asyncio.to_thread(make_topic, admin, partitions, config))
        return made[-1]

    yield make
    for future in (admin.delete_topics(made) if made else {}).values():
        await asyncio.to_thread(future.result, 10)
