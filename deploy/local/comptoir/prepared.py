"""A cluster as the migrations left it, kept in the cache: the next new platform begins with a copy.

To make a cluster and to run the jobs of its databases takes a third of what it costs to start a
platform, and the same comes out of it each time. A copy is kept before anybody else has written
into the databases. It is known by what it was made of: another migration, another PostgreSQL or
another list of databases has another copy, and removes the earlier one.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from comptoir import roles
from comptoir.errors import LauncherError
from comptoir.migrations import fingerprint
from comptoir.places import make_passable
from comptoir.postgres import Cluster
from comptoir.processes import PROCESSES, Process


def whole(cluster: str, processes: Iterable[Process]) -> bool:
    """Whether all are among these that migrate a database of the cluster: only then are they as
    others left them."""
    return {p for p in PROCESSES if p.cluster == cluster and p.migrates} <= set(processes)


class Prepared:
    """What is kept of one cluster."""

    def __init__(self, server: Cluster, cluster: str, cache: Path) -> None:
        self._server = server
        self._cache = cache
        self._prefix = f"{server.name}-"
        self._place = cache / f"{self._prefix}{_made_of(server, cluster)}"

    @property
    def there(self) -> bool:
        """Whether there is a copy to begin with."""
        return self._place.exists()

    async def begin_with(self) -> None:
        """Have the cluster that is not made yet be the copy. Where that fails, it is made."""
        with suppress(LauncherError):
            await self._server.adopt(self._place)

    async def keep(self) -> None:
        """Keep the cluster as it is. It is stopped for that, and started again."""
        await self._server.stop()
        make_passable(self._cache)
        fresh = Path(tempfile.mkdtemp(dir=self._cache))
        for earlier in set(self._cache.glob(f"{self._prefix}*")) - {self._place}:
            with suppress(OSError):  # somebody else removes it
                # By another name first: who is copying it sees afterwards that it was removed.
                earlier.rename(fresh / earlier.name)
        await self._server.copy_to(fresh / "data")
        with suppress(OSError):  # somebody else has kept it meanwhile
            (fresh / "data").rename(self._place)
        shutil.rmtree(fresh)
        await self._server.start()


def _made_of(server: Cluster, cluster: str) -> str:
    """What tells a copy from others, as the name of its directory."""
    made = hashlib.sha256(server.made_of().encode())
    made.update(Path(roles.__file__).read_bytes())
    for process in PROCESSES:
        if process.cluster == cluster:
            made.update(f"{process}\n".encode())
            if process.migrates:
                made.update(fingerprint(process.name).encode())
    return made.hexdigest()[:16]
