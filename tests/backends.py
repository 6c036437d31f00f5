"""The servers of the tests: somebody's, named by the environment, or ours, started for the session
in containers or as processes.

The pytest process that controls the session owns what it starts, in a loop of a thread of its own,
so that a child's log is read also while a test is not asynchronous.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import uuid4

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it does export them
    AdminClient,
    NewTopic,
)

from comptoir.engine import KAFKA_IMAGE, POSTGRES_IMAGE, images, lacking
from comptoir.kafka import ADMIN, Account, Broker
from comptoir.places import default_cache
from comptoir.ports import free_ports
from comptoir.postgres import Cluster
from comptoir.processes import PROCESSES, owner, roles
from comptoir.processes import principals as declared_principals
from comptoir.roles import connected, grant_extra, make_roles, open_to
from comptoir.supervise import Children
from shared.migrate import upgrade
from tests.choosing import Backend, chosen, described

POSTGRES = "COMPTOIR_TEST_POSTGRES"
KAFKA = "COMPTOIR_TEST_KAFKA_"
# Of the roles that tests make. It guards nothing: the databases are gone after each test.
PASSWORD = "comptoir-test"
# Linux's file system in memory, and how many bytes must be free for files to be kept there.
MEMORY, ROOM, AVAILABLE = Path("/dev/shm"), 8 << 30, "MemAvailable:"


class Loop:
    """An event loop in a thread that lives as long as the session."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end, seen from another thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True)
class Database:
    """An isolated database. `package` is what its migrations are of, if of any."""

    superuser: str
    package: str | None = None

    @property
    def name(self) -> str:
        return urlsplit(self.superuser).path.removeprefix("/")

    @property
    def dsn(self) -> str:
        """As the process itself connects; the superuser where there is no package."""
        return self.superuser if self.package is None else self.as_role(_home(self.package))

    @property
    def owner(self) -> str:
        """As the migrations connect."""
        return self.superuser if self.package is None else self.as_role(owner(_home(self.package)))

    def as_role(self, role: str) -> str:
        """As any other role."""
        return _with(self.superuser, user=role, password=PASSWORD)


@contextmanager
def passable_directory(within: Path | None = None) -> Iterator[Path]:
    """A temporary directory that PostgreSQL's user can pass through, unlike pytest's own."""
    directory = Path(tempfile.mkdtemp(prefix="comptoir-tests-", dir=within))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


def throw_away_directory() -> AbstractContextManager[Path]:
    """One in memory, where there is room: a database that a test is given and that is dropped
    behind it is a thousand files each time, four times as much work on a disk."""
    return directory_in(MEMORY) if _has_room(MEMORY) else passable_directory()


@contextmanager
def directory_in(memory: Path) -> Iterator[Path]:
    """One there. A session that was killed leaves its directory and a lock that nobody holds; the
    next one removes both, so that no memory is lost for long."""
    for left in memory.glob("comptoir-tests-*.lock"):
        # Somebody holds it, another session is removing it too, or it is another user's.
        with suppress(OSError), left.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.with_suffix(""), ignore_errors=True)
            left.unlink()
    with passable_directory(memory) as directory:
        lock = directory.with_suffix(".lock")
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield directory
            finally:
                lock.unlink()


def _has_room(memory: Path) -> bool:
    """Whether files may be kept there, and leave the tests what they need themselves."""
    if not os.access(memory, os.W_OK):
        return False
    known = Path("/proc/meminfo").read_text()
    available = next(int(line.split()[1]) << 10 for line in known.splitlines() if AVAILABLE in line)
    return min(available, shutil.disk_usage(memory).free) > ROOM


class Servers:
    """One PostgreSQL and one broker, each theirs or ours, started when first asked for."""

    def __init__(self, demand: Backend | None) -> None:
        self._demand = demand
        self.of_postgres = self._chosen(POSTGRES, POSTGRES_IMAGE)
        self.of_kafka = self._chosen(f"{KAFKA}BOOTSTRAP", KAFKA_IMAGE)

    @property
    def kafka_is_ours(self) -> bool:
        """Whether every principal's password is `PASSWORD`."""
        return self.of_kafka != Backend.EXTERNAL

    def described(self) -> str:
        """What pytest prints."""
        return described(self.of_postgres, self.of_kafka)

    def lacking(self) -> str | None:
        """What a demand for Docker lacks, in a sentence."""
        if self._demand != Backend.DOCKER:
            return None
        reasons = [lacking(image, self._images) for image in (POSTGRES_IMAGE, KAFKA_IMAGE)]
        return next(filter(None, reasons), None)

    @cached_property
    def _images(self) -> frozenset[str] | None:
        return images()

    def _chosen(self, variable: str, image: str) -> Backend:
        return chosen(
            self._demand,
            named=variable in os.environ,
            docker_has=lambda: lacking(image, self._images) is None,
        )

    @cached_property
    def directory(self) -> Path:
        """Of this session alone."""
        return self._exit.enter_context(throw_away_directory())

    @cached_property
    def _exit(self) -> ExitStack:
        return ExitStack()

    @cached_property
    def _loop(self) -> Loop:
        loop = Loop()
        self._exit.callback(loop.close)
        return loop

    @cached_property
    def _children(self) -> Children:
        return Children(self.directory / "logs")

    @cached_property
    def postgres(self) -> str:
        """The superuser's address."""
        match self.of_postgres:
            case Backend.EXTERNAL:
                return os.environ[POSTGRES]
            case Backend.DOCKER:
                return self._postgres_in_docker()
            case Backend.LOCAL:
                return self._postgres_here()

    @cached_property
    def kafka(self) -> Account:
        """The administrator's account."""
        match self.of_kafka:
            case Backend.EXTERNAL:
                parts = ("BOOTSTRAP", "USERNAME", "PASSWORD")
                return Account(*(os.environ[KAFKA + part] for part in parts))
            case Backend.DOCKER:
                return self._kafka_in_docker()
            case Backend.LOCAL:
                return self._kafka_here()

    def stop(self) -> None:
        """Stop what was started here, the last first."""
        self._exit.close()

    def _postgres_in_docker(self) -> str:
        from tests.containers import PostgresContainer

        postgres = PostgresContainer(PASSWORD)
        self._start(postgres.start(), postgres.stop)
        return postgres.dsn

    def _postgres_here(self) -> str:
        cluster = Cluster(
            "tests",
            self.directory / "postgres",
            free_ports({"postgres": None})["postgres"],
            PASSWORD,
            children=self._children,
            cache=default_cache(),
            fsync=False,
        )
        self._start(cluster.start(), lambda: self._stop_child(cluster.name))
        return cluster.dsn("postgres")

    def _kafka_in_docker(self) -> Account:
        from tests.containers import KafkaContainer

        kafka = KafkaContainer(self._passwords())
        self._start(kafka.start(), kafka.stop)
        return kafka.account

    def _kafka_here(self) -> Account:
        ports = free_ports({"clients": None, "controller": None})
        broker = Broker(
            self.directory / "kafka",
            (ports["clients"], ports["controller"]),
            self._passwords(),
            children=self._children,
            cache=default_cache(),
        )
        self._start(broker.start(), lambda: self._stop_child(broker.name))
        return broker.account()

    def _start(self, start: Coroutine[Any, Any, None], stop: Callable[[], None]) -> None:
        """Start a server that is stopped at the end, also where it started only half."""
        loop = self._loop  # made before, so that it is closed after
        self._exit.callback(stop)
        loop.run(start)

    def _stop_child(self, name: str) -> None:
        if name in self._children.pids():
            self._loop.run(self._children.stop(name))

    @staticmethod
    def _passwords() -> dict[str, str]:
        return dict.fromkeys((ADMIN, *declared_principals()), PASSWORD)


class HasPostgres(Protocol):
    """Knows the superuser's address of a PostgreSQL."""

    @property
    def postgres(self) -> str:
        """The address."""


@dataclass
class Databases:
    """Makes databases, each from its package's template, which is migrated once a session."""

    servers: HasPostgres
    _templates: dict[tuple[str, str], str] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)

    async def make(self, package: str | None = None, revision: str = "head") -> Database:
        """A database of a package, such as `voting.box`, as its migrations up to one leave it; or
        an empty one."""
        source = "template0" if package is None else await self._template(package, revision)
        return await self._copied(source, package)

    async def copy(self, database: Database) -> Database:
        """Another one with all that is in this, to which nobody is connected."""
        return await self._copied(database.name, database.package)

    async def _copied(self, source: str, package: str | None) -> Database:
        name = f"test_{uuid4().hex}"
        async with connected(self.servers.postgres) as connection:
            await connection.execute(
                f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy"
                + ("" if package is None else f" OWNER {owner(_home(package))}")
            )
            self._made.append(name)
            if package is not None:
                await open_to(connection, name, roles(_home(package)))
        return Database(_with(self.servers.postgres, database=name), package)

    async def drop(self, database: Database) -> None:
        """Drop it, whoever is connected."""
        await self._drop(database.name)
        self._made.remove(database.name)

    async def close(self) -> None:
        """Drop what is left: the templates too."""
        for name in (*self._made, *self._templates.values()):
            await self._drop(name)

    async def _template(self, package: str, revision: str) -> str:
        if (package, revision) not in self._templates:
            name = f"template_{uuid4().hex}"
            home = _home(package)
            async with connected(self.servers.postgres) as connection:
                await make_roles(connection, dict.fromkeys([owner(home), *roles(home)], PASSWORD))
                await connection.execute(f"CREATE DATABASE {name} OWNER {owner(home)}")
                await open_to(connection, name, roles(home))
            made = Database(_with(self.servers.postgres, database=name), package)
            async with connected(made.superuser) as connection:
                await grant_extra(connection, roles(home))
            await asyncio.to_thread(upgrade, package, made.owner, revision)
            self._templates[package, revision] = name
        return self._templates[package, revision]

    async def _drop(self, name: str) -> None:
        async with connected(self.servers.postgres) as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def make_topic(admin: AdminClient, partitions: int, config: dict[str, str]) -> str:
    """Make a topic with a name of its own; return the name once the broker serves all of it."""
    name = f"test.{uuid4().hex}"
    new = NewTopic(name, num_partitions=partitions, replication_factor=1, config=config)
    admin.create_topics([new], operation_timeout=10)[name].result(10)
    deadline = time.monotonic() + 10
    while True:  # the broker's copy of the controller's metadata is a moment older
        listed = admin.list_topics(timeout=10).topics.get(name)
        if listed is not None and [p.leader for p in listed.partitions.values()].count(-1) == 0:
            return name
        assert time.monotonic() < deadline, f"{name} is not served"
        time.sleep(0.02)


def _home(package: str) -> str:
    """The database of a package, whose name its roles have."""
    return next(p.database for p in PROCESSES if p.name == package)


def _with(
    dsn: str, *, user: str | None = None, password: str | None = None, database: str | None = None
) -> str:
    """An address with another user or database."""
    parts = urlsplit(dsn)
    name = user or unquote(parts.username or "")
    secret = parts.password if password is None else password
    place = f"{parts.hostname}:{parts.port or 5432}"
    path = parts.path if database is None else f"/{database}"
    credentials = name if secret is None else f"{name}:{secret}"
    return urlunsplit(parts._replace(netloc=f"{credentials}@{place}", path=path))
