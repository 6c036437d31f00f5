"""The broker's jars: fetched by jgo, refused unless their SHA-256 is the lock's.

`jgo sync` does not look at the lock's hashes, so every jar is hashed here at each start (0.1 s).
The class path is built from the lock, so a stray jar in the cache is never loaded.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from comptoir.errors import JarRefused, LauncherError
from comptoir.places import default_cache

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "jgo.lock.toml"


def locked_jars(lock: Path = LOCK) -> dict[str, str]:
    """File name → SHA-256 (hexadecimal) of each jar of the lock."""
    dependencies = tomllib.loads(lock.read_text())["dependencies"]
    return {f"{d['artifactId']}-{d['version']}.jar": d["sha256"] for d in dependencies}


def class_path(cache: Path, lock: Path = LOCK) -> str:
    """The checked jars below `cache`, fetched first where one is missing, joined for `java -cp`."""
    directory = cache / "jars"
    if missing_jars(directory, lock):
        directory.mkdir(parents=True, exist_ok=True)
        with (directory / "lock").open("w") as file:  # two launchers may share a cache
            fcntl.flock(file, fcntl.LOCK_EX)
            if missing_jars(directory, lock):
                fetch(directory, lock)
    return ":".join(str(path) for path in checked_jars(directory, lock))


def missing_jars(directory: Path, lock: Path = LOCK) -> list[str]:
    """The jars of the lock that are not below the directory yet."""
    return [name for name, path in _found(directory, locked_jars(lock)).items() if path is None]


def checked_jars(directory: Path, lock: Path = LOCK) -> list[Path]:
    """Every jar of the lock, sorted by path. Raises `JarRefused`, naming each bad one."""
    wanted = locked_jars(lock)
    found = _found(directory, wanted)
    refused = [
        name for name, path in found.items() if path is None or _sha256(path) != wanted[name]
    ]
    if refused:
        raise JarRefused(
            f"not the jars of {lock.name}: {', '.join(sorted(refused))} (below {directory}); "
            "remove them to have them fetched again"
        )
    return sorted(path for path in found.values() if path is not None)


def fetch(directory: Path, lock: Path = LOCK) -> None:
    """Let jgo link the jars of the lock below `directory`. Checks nothing."""
    project = directory / "project"
    project.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "jgo.toml", project / "jgo.toml")
    shutil.copy(lock, project / "jgo.lock.toml")
    _jgo("sync", project, directory)


def renew_lock(directory: Path) -> None:
    """Resolve `jgo.toml` afresh and write the lock."""
    directory.mkdir(parents=True, exist_ok=True)
    _jgo("lock", PROJECT, directory)


def copy_jars(cache: Path, destination: Path) -> None:
    """The checked jars as files of a new directory, for an image."""
    destination.mkdir(parents=True)
    for path in class_path(cache).split(":"):
        shutil.copy(path, destination)


def _found(directory: Path, wanted: Mapping[str, str]) -> dict[str, Path | None]:
    return {
        name: next((p for d in ("jars", "modules") if (p := directory / d / name).is_file()), None)
        for name in wanted
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _jgo(command: str, project: Path, directory: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "jgo", "--resolver", "python", command],
        cwd=project,
        env={**os.environ, "JGO_CACHE_DIR": str(directory)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise LauncherError(f"jgo {command} failed: {finished.stdout.strip()[-2000:]}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["lock"]:
            renew_lock(default_cache() / "jars")
        case ["copy", destination]:
            copy_jars(default_cache(), Path(destination))
        case _:
            sys.exit("python -m comptoir.jars lock | copy DIRECTORY")
