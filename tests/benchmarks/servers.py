"""The servers of a figure that needs no whole platform: set as in production, fsync on."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from comptoir.kafka import ADMIN, Account, Broker
from comptoir.places import default_cache
from comptoir.ports import free_ports
from comptoir.postgres import Cluster
from comptoir.supervise import Children
from shared.kafka import Kafka
from shared.settings import KafkaSettings
from tests.backends import PASSWORD, Loop, make_topic, passable_directory


@dataclass(frozen=True)
class Servers:
    """One PostgreSQL that flushes every commit to the disk, and one broker."""

    postgres: Cluster
    account: Account

    @property
    def dsn(self) -> str:
        return self.postgres.dsn("postgres")

    @property
    def kafka(self) -> Kafka:
        """The clients that the processes have."""
        account = self.account
        return Kafka(
            KafkaSettings(
                bootstrap=account.bootstrap, username=account.username, password=account.password
            )
        )

    async def topic(self) -> str:
        """A new topic of one partition, as all of ours are."""
        return await asyncio.to_thread(make_topic, self.account.admin(), 1, {})

    async def connect(self) -> asyncpg.Connection:
        """A connection of the superuser."""
        return await asyncpg.connect(self.dsn, ssl=False)


@dataclass(frozen=True)
class Alone:
    """A PostgreSQL without a broker, and a directory that is gone with it."""

    cluster: Cluster
    directory: Path

    @property
    def postgres(self) -> str:
        """The superuser's address."""
        return self.cluster.dsn("postgres")


@asynccontextmanager
async def postgres_alone(settings: Mapping[str, str] | None = None) -> AsyncIterator[Alone]:
    """PostgreSQL alone; it is gone with the block."""
    with passable_directory() as directory:
        children, loop = Children(directory / "logs"), Loop()
        cluster = _cluster(directory, children, settings)
        try:
            await asyncio.to_thread(loop.run, cluster.start())
            yield Alone(cluster, directory)
        finally:
            for name in reversed(children.names()):
                await asyncio.to_thread(loop.run, children.stop(name))
            loop.close()


@asynccontextmanager
async def servers() -> AsyncIterator[Servers]:
    """Start both; they are gone with the block.

    A loop of their own starts and hears them: uvloop, which measures, gives no child to a user.
    """
    with passable_directory() as directory:
        children, loop = Children(directory / "logs"), Loop()
        cluster, broker = _cluster(directory, children), _broker(directory, children)
        try:
            for server in (cluster, broker):
                await asyncio.to_thread(loop.run, server.start())
            yield Servers(cluster, broker.account())
        finally:
            for name in reversed(children.names()):
                await asyncio.to_thread(loop.run, children.stop(name))
            loop.close()


def _cluster(
    directory: Path, children: Children, settings: Mapping[str, str] | None = None
) -> Cluster:
    port = free_ports({"postgres": None})["postgres"]
    return Cluster(
        "benchmark",
        directory / "postgres",
        port,
        PASSWORD,
        children=children,
        cache=default_cache(),
        fsync=True,
        settings=settings,
    )


def _broker(directory: Path, children: Children) -> Broker:
    ports = free_ports({"clients": None, "controller": None})
    return Broker(
        directory / "kafka",
        (ports["clients"], ports["controller"]),
        {ADMIN: PASSWORD},
        children=children,
        cache=default_cache(),
    )
