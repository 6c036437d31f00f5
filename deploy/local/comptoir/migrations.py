"""Which migrations a database has had: the job is started only where it has something to do.

A job that finds nothing to do costs a second all the same, and there is one for each database. The
note is a comment on the database, so that it is lost with it and restored with it.
"""

import hashlib
import importlib.util
from pathlib import Path

from comptoir.errors import LauncherError
from comptoir.processes import Process
from comptoir.roles import connected


def fingerprint(package: str) -> str:
    """SHA-256 of a package's migrations, names and contents."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise LauncherError(f"the package {package} is not installed: run `make install`")
    folder = Path(spec.origin).parent / "migrations"
    files = sorted(file.relative_to(folder) for file in folder.rglob("*.py"))
    whole = hashlib.sha256()
    for file in files:
        content = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        whole.update(f"{file} {content}\n".encode())
    return whole.hexdigest()


async def pending(superuser: str, process: Process) -> bool:
    """Whether the process's database has had other migrations than there are now."""
    async with connected(superuser) as connection:
        noted = await connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1",
            process.database,
        )
    return bool(noted != _note(process))


async def note(superuser: str, process: Process) -> None:
    """Write down that the database has had the migrations that there are now."""
    async with connected(superuser) as connection:
        await connection.execute(f"COMMENT ON DATABASE {process.database} IS '{_note(process)}'")


def _note(process: Process) -> str:
    return f"migrations {fingerprint(process.name)}"
