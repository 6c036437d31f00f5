"""A PostgreSQL cluster of a test's own, whose files the test reads.

Always a process here: the files of somebody's server, or of a container's, are out of reach.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from comptoir.places import default_cache
from comptoir.ports import free_ports
from comptoir.postgres import UNTRACED, Cluster, installed_binaries
from comptoir.supervise import Children
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
