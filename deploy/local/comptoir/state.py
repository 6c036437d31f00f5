"""The state directory: its lock, the generated passwords, the ports, and what was started last."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from comptoir.errors import LauncherError, StateLocked
from comptoir.places import make_passable
from comptoir.ports import free_ports


class State:
    """What outlives a launcher. Whoever changes anything in it holds the lock."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self._lock: IO[str] | None = None
        self._passwords: dict[str, str] = {}

    def lock(self) -> None:
        """Own the directory until `unlock` or until this process dies, however it dies.

        Raises `StateLocked` where another launcher owns it.
        """
        make_passable(self.directory)
        file = (self.directory / "lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "?"
            file.close()
            raise StateLocked(
                f"another comptoir (process {owner}) runs on {self.directory}: "
                "stop it, or choose another place with --state"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._lock = file

    def unlock(self) -> None:
        """Let another launcher have the directory."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def locked(self) -> bool:
        """Whether some launcher, this one or another, owns the directory."""
        if self._lock is not None:
            return True
        try:
            with (self.directory / "lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def make_passwords(self, names: Iterable[str]) -> None:
        """Make a password for each name that has none yet, readable by their owner alone."""
        passwords = self._read("secrets.json")
        passwords |= {name: secrets.token_hex(16) for name in names if name not in passwords}
        self._write("secrets.json", passwords)
        self._passwords = passwords

    def password(self, name: str) -> str:
        """The password that was made under this name."""
        self._passwords = self._passwords or self._read("secrets.json")
        try:
            return self._passwords[name]
        except KeyError:
            raise LauncherError(f"{self.directory} has no password for {name}") from None

    def passwords(self) -> list[str]:
        """Every password that was made."""
        return list(self._read("secrets.json").values())

    def make_ports(self, names: Iterable[str]) -> dict[str, int]:
        """A free port for each name: the one of the last time where it is free."""
        before = self._read("ports.json")
        ports = free_ports({name: before.get(name) for name in names})
        self._write("ports.json", before | ports)
        return ports

    def ports(self) -> dict[str, int]:
        """The ports chosen last, by name."""
        found: dict[str, int] = self._read("ports.json")
        return found

    def remember(self, started: dict[str, Any]) -> None:
        """Write down what is being started, for the commands that talk to it."""
        self._write("stack.json", started)

    def remembered(self) -> dict[str, Any]:
        """What was started last."""
        return self._read("stack.json")

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = json.loads((self.directory / name).read_text())
        except FileNotFoundError:
            return {}
        except PermissionError:
            raise LauncherError(f"{self.directory / name} belongs to somebody else") from None
        return found

    def _write(self, name: str, content: dict[str, Any]) -> None:
        """Replace a file whole, so that a launcher that dies here leaves the old one."""
        fresh = self.directory / f"{name}.new"
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, indent=1, sort_keys=True)
        fresh.replace(self.directory / name)
