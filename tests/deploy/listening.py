"""Where processes listen, read from /proc."""

import os
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

LISTEN = "0A"


def addresses(pids: Iterable[int]) -> set[IPv4Address | IPv6Address]:
    """Every address on which one of these processes accepts connections."""
    sockets = {inode for pid in pids for inode in _sockets(pid)}
    found: set[IPv4Address | IPv6Address] = set()
    for file in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        for line in file.read_text().splitlines()[1:] if file.exists() else []:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == LISTEN and inode in sockets:
                found.add(_address(local.partition(":")[0]))
    return found


def _sockets(pid: int) -> Iterable[str]:
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            target = os.readlink(entry)
            if target.startswith("socket:["):
                yield target.removeprefix("socket:[").removesuffix("]")


def _address(hexadecimal: str) -> IPv4Address | IPv6Address:
    """The kernel prints 32-bit words in the machine's order."""
    words = [bytes.fromhex(hexadecimal[i : i + 8])[::-1] for i in range(0, len(hexadecimal), 8)]
    packed = b"".join(words)
    if len(packed) == 4:
        return IPv4Address(packed)
    full = IPv6Address(packed)
    return full.ipv4_mapped or full
