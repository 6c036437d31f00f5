"""Machines as a network sees them: network namespaces, joined by a bridge in one more.

A namespace is held by a thread of ours: it has no name that another run could meet, nothing of the
machine's own network is touched, and all of it is gone with the process. What a thread does, or
starts, happens in its namespace; a socket stays in the one that it was made in.
"""

import os
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

BOUND = 60.0
# How long is waited for an answer that must not come, when all that must have come.
LONGER = 1.0

Target = tuple[str, int]


class Host:
    """One machine, in a namespace of its own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self.do(os.unshare, os.CLONE_NEWNET)
        thread = self.do(threading.get_native_id)
        self.namespace = f"/proc/{os.getpid()}/task/{thread}/ns/net"

    def do[**P, R](self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it on this machine."""
        return self._thread.submit(work, *args, **kwargs).result(2 * BOUND)

    def run(self, *argv: str, directory: Path | None = None) -> str:
        """Run a command on this machine; what it printed. Raises with its complaint."""
        start = partial(subprocess.run, capture_output=True, text=True, check=False, timeout=BOUND)
        done = self.do(start, argv, cwd=directory)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)}: {done.stderr or done.stdout}")
        return str(done.stdout)

    def close(self) -> None:
        """Let go of it."""
        self._thread.shutdown()


class Network:
    """Hosts by name, each with an IPv4 and an IPv6 address, all on one wire; each listens on the
    same ports, and answers there to whoever gets through."""

    def __init__(self, addresses: Mapping[str, str], ports: Iterable[int]) -> None:
        self.addresses = dict(addresses)
        self.ports = tuple(ports)
        self.hosts: dict[str, Host] = {}
        self._listening: list[socket.socket] = []
        self._wire = Host()

    def __enter__(self) -> Self:
        self._wire.run("ip", "link", "add", "wire", "type", "bridge")
        self._wire.run("ip", "link", "set", "wire", "up")
        for number, (name, address) in enumerate(self.addresses.items()):
            host = self.hosts[name] = Host()
            end = f"to{number}"
            veth = ("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0")
            self._wire.run(*veth, "netns", host.namespace)
            self._wire.run("ip", "link", "set", end, "master", "wire", "up")
            host.run("ip", "link", "set", "lo", "up")
            host.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
            host.run("ip", "address", "add", f"{self.sixth(name)}/64", "dev", "eth0", "nodad")
            host.run("ip", "link", "set", "eth0", "up")
            for port in self.ports:
                self._listening.append(host.do(socket.create_server, ("", port), backlog=4096))
                six = partial(socket.create_server, family=socket.AF_INET6, backlog=4096)
                self._listening.append(host.do(six, ("", port)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for each in self._listening:
            each.close()
        for host in (*self.hosts.values(), self._wire):
            host.close()

    def sixth(self, name: str) -> str:
        """The IPv6 address of a host."""
        return f"fd20::{self.addresses[name].rpartition('.')[2]}"

    def apply(self, name: str, rules: Path) -> None:
        """Load rules on a host, as its operator does."""
        self.hosts[name].run(
            "nft", "-I", str(rules.parent), "-f", rules.name, directory=rules.parent
        )

    def clear(self) -> None:
        """No host has rules."""
        for host in self.hosts.values():
            host.run("nft", "flush", "ruleset")

    def reached(
        self, source: str, must: Collection[Target] = (), *, sixth: bool = False
    ) -> set[Target]:
        """Which hosts and ports take a connection from this one.

        Waits for those that must, for a minute, and for all others a second longer.
        """
        targets = [(name, port) for name in self.hosts if name != source for port in self.ports]
        place = self.sixth if sixth else self.addresses.__getitem__
        begin = partial(_connecting, {target: (place(target[0]), target[1]) for target in targets})
        return self.hosts[source].do(begin, frozenset(must))


def _connecting(targets: Mapping[Target, tuple[str, int]], must: frozenset[Target]) -> set[Target]:
    reached, opened = set[Target](), list[socket.socket]()
    with selectors.DefaultSelector() as selector:
        for target, place in targets.items():
            family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
            trying = socket.socket(family)
            opened.append(trying)
            trying.setblocking(False)
            trying.connect_ex(place)
            selector.register(trying, selectors.EVENT_WRITE, target)
        last, patient = time.monotonic() + BOUND, True
        while selector.get_map():
            if patient and must <= reached:
                last, patient = time.monotonic() + LONGER, False
            if (left := last - time.monotonic()) <= 0:
                break
            for key, _ in selector.select(left):
                selector.unregister(key.fileobj)
                found = key.fileobj
                assert isinstance(found, socket.socket)
                if found.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                    reached.add(key.data)
    for each in opened:
        each.close()
    return reached
