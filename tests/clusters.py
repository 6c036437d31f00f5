"""A PostgreSQL cluster of a test's own, whose files the test reads, and a broker of its own.

Always a process here: the files of somebody's server, or of a container's, are out of reach.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from comptoir.kafka import ADMIN, Account, Broker
from comptoir.places import default_cache
from comptoir.ports import free_ports
from comptoir.postgres import UNTRACED, Cluster, installed_binaries
from comptoir.processes import principals
from comptoir.supervise import Children
from comptoir.topics import apply, declared_topics
from tests.backends import PASSWORD, Databases, passable_directory


class OwnCluster:
    """A cluster that keeps no trace, as those of roll and box are set up, with its databases."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.databases = Databases(self)

    @property
    def postgres(self) -> str:
        """The superuser's address."""
        return self._cluster.dsn("postgres")

    @property
    def data(self) -> Path:
        """Its directory: everything that somebody has who takes the disk."""
        return self._cluster.directory / "data"

    @property
    def binaries(self) -> Path:
        """Where PostgreSQL's programs are."""
        return installed_binaries(default_cache())

    def log(self) -> list[Path]:
        """The segments of its write-ahead log."""
        return sorted(each for each in (self.data / "pg_wal").iterdir() if each.is_file())

    def written(self) -> list[str]:
        """What its server wrote down, line by line."""
        logs = sorted((self._cluster.directory.parent / "logs").iterdir())
        return [line for log in logs for line in log.read_text(errors="replace").splitlines()]

    async def crash(self) -> None:
        """Kill it, and return once it has recovered from its log."""
        self._cluster.kill()
        await self._cluster.ready(60)


@asynccontextmanager
async def own_cluster(
    name: str, settings: Mapping[str, str] = UNTRACED
) -> AsyncIterator[OwnCluster]:
    """A cluster that flushes every commit to the disk, as in production; gone afterwards."""
    with passable_directory() as directory:
        children = Children(directory / "logs")
        cluster = Cluster(
            name,
            directory / "postgres",
            free_ports({name: None})[name],
            PASSWORD,
            children=children,
            cache=default_cache(),
            settings=settings,
        )
        try:
            await cluster.start()
            yield OwnCluster(cluster)
        finally:
            if cluster.name in children.pids():
                await cluster.stop()


@asynccontextmanager
async def own_broker() -> AsyncIterator[Account]:
    """A broker with the topics that are declared, which nobody else writes to; its administrator's
    account. It is gone afterwards."""
    with passable_directory() as directory:
        children = Children(directory / "logs")
        ports = free_ports({"clients": None, "controller": None})
        broker = Broker(
            directory / "kafka",
            (ports["clients"], ports["controller"]),
            dict.fromkeys((ADMIN, *principals()), PASSWORD),
            children=children,
            cache=default_cache(),
        )
        try:
            await broker.start()
            await asyncio.to_thread(apply, broker.account().admin(), declared_topics())
            yield broker.account()
        finally:
            if broker.name in children.pids():
                await children.stop(broker.name)
