"""Where the launcher keeps its state and its cache, and who may pass through.

PostgreSQL refuses to run as root, so root's launcher runs it as the user nobody, who needs to pass
through every directory above the cluster's.
"""

import hashlib
import os
import stat
from pathlib import Path

from comptoir.errors import LauncherError

NOBODY = 65534
SHARED = Path("/var/lib/comptoir")


def postgres_owner() -> int | None:
    """The user who owns and runs PostgreSQL, or None for whoever runs the launcher."""
    return NOBODY if os.geteuid() == 0 else None


def default_state() -> Path:
    """Where `comptoir up` keeps a platform when it is told no other place."""
    return _base() / "state"


def default_cache() -> Path:
    """Where fetched jars and copied binaries are kept; `COMPTOIR_CACHE` says otherwise."""
    named = os.environ.get("COMPTOIR_CACHE")
    return Path(named).absolute() if named else _base() / "cache"


def _base() -> Path:
    """`.comptoir` here; for root, below /var/lib where nobody cannot pass through to here."""
    here = Path.cwd()
    if postgres_owner() is None or open_to_all(here):
        return here / ".comptoir"
    return SHARED / hashlib.sha256(os.fsencode(here)).hexdigest()[:12]


def open_to_all(directory: Path) -> bool:
    """Whether every user can pass through this existing directory and those above it."""
    return closed_directory(directory) is None


def closed_directory(directory: Path) -> Path | None:
    """The first directory, from the root on, that not everybody can pass through."""
    entries = (directory, *directory.parents)[::-1]
    return next((e for e in entries if e.exists() and not e.stat().st_mode & stat.S_IXOTH), None)


def make_passable(directory: Path) -> None:
    """Make a directory and its missing parents so that PostgreSQL's user can pass through them.

    What existed before keeps its mode: where that is closed, this says so.
    """
    mode = 0o700 if postgres_owner() is None else 0o711
    for entry in [d for d in (directory, *directory.parents) if not d.exists()][::-1]:
        entry.mkdir(exist_ok=True)
        entry.chmod(mode)
    if postgres_owner() is not None and (closed := closed_directory(directory)) is not None:
        raise LauncherError(
            f"PostgreSQL does not run as root, and the user nobody cannot enter {closed}: "
            "choose another place with --state and COMPTOIR_CACHE"
        )
