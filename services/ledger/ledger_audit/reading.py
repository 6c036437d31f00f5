"""Small files that an auditor is given on the command line, and ones that are written."""

import re
import sys
import time
from pathlib import Path

from cryptography import x509

from ledger_audit.errors import Unreachable, Untrusted
from ledger_audit.keys import Malformed
from ledger_audit.policy import Policy

LONGEST = 2_000_000
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


def is_number(text: str) -> bool:
    """Whether it is a whole number in its one form."""
    return _NUMBER.fullmatch(text) is not None


def read(path: str) -> bytes:
    """A file's content. Raises `Unreachable`."""
    try:
        with open(path, "rb") as file:
            content = file.read(LONGEST + 1)
    except (OSError, ValueError) as error:
        raise Unreachable(f"{path[:200]!r} cannot be read: {_why(error)}") from None
    if len(content) > LONGEST:
        raise Unreachable(f"{path[:200]!r} has more than {LONGEST} bytes")
    return content


def write(path: str, content: bytes) -> None:
    """Write a file, whole or not at all. Raises `Unreachable`."""
    half = Path(f"{path}.half")
    try:
        half.write_bytes(content)
        half.replace(path)
    except (OSError, ValueError) as error:
        raise Unreachable(f"{path[:200]!r} cannot be written: {_why(error)}") from None


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def policy(path: str) -> Policy:
    """A policy. Raises `Untrusted` where it is none."""
    try:
        return Policy.parse(read(path))
    except Malformed as error:
        raise Untrusted(f"{path[:200]!r} is not a policy: {error}") from None


def certificates(path: str) -> list[x509.Certificate]:
    """Certificates in PEM. Raises `Untrusted` where there are none."""
    try:
        return x509.load_pem_x509_certificates(read(path))
    except ValueError as error:
        raise Untrusted(f"{path[:200]!r} has no certificate in PEM: {error}") from None


def policy_of_key(vkey: str) -> Policy:
    """That of one key, or of the key in a file. Raises `Untrusted` where it is none."""
    try:
        is_file = Path(vkey).is_file()
    except (OSError, ValueError):
        is_file = False
    try:
        return Policy.of_key(read(vkey).decode(errors="replace") if is_file else vkey)
    except Malformed as error:
        raise Untrusted(str(error)) from None


class Bar:
    """Progress on a terminal, in one line that goes away; nothing anywhere else."""

    def __init__(self, what: str, *, shown: bool) -> None:
        self._what = what
        self._shown = shown and sys.stderr.isatty()
        self._next = 0.0

    def __call__(self, done: int, of: int) -> None:
        """So many of so many."""
        if self._shown and (now := time.monotonic()) >= self._next:
            self._next = now + 0.1
            share = 100 * done // of if of else 100
            print(f"\r{self._what}: {done} of {of} ({share} %)\x1b[K", end="", file=sys.stderr)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *ended: object) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
