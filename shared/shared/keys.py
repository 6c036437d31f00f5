"""Private keys in files: made once, whole or not at all, readable by their process alone."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey


def ed25519_key(file: Path) -> Ed25519PrivateKey:
    """The key of a file of 32 bytes, made first where there is none.

    Replicas that start together end up with the same one: the first link wins.
    """
    if not file.exists():
        write_once(file, Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())


def x25519_key(file: Path) -> X25519PrivateKey:
    """The same for a key that others seal to."""
    if not file.exists():
        write_once(file, X25519PrivateKey.generate().private_bytes_raw())
    return X25519PrivateKey.from_private_bytes(file.read_bytes())


def write_once(file: Path, secret: bytes) -> None:
    """Write a secret beside its place, flush it to the disk, and link it there if none is there."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Replicas in containers may all be process 1 of their own.
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secret)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    directory = os.open(file.parent, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)
