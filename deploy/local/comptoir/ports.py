"""Free ports on the loopback interface."""

import random
import socket
from collections.abc import Mapping
from contextlib import ExitStack, suppress

# Below what systems pick for outgoing connections (32768 and up on Linux, 49152 on macOS): a server
# that is killed and started again must not find its port taken by some client's connection.
RANGE = range(15000, 32000)
ATTEMPTS = 1000


def free_ports(wanted: Mapping[str, int | None]) -> dict[str, int]:
    """A port for each name, all different: the one it had before where nothing holds that now."""
    with ExitStack() as held:
        kept = {name: port for name, port in wanted.items() if port and _held(held, port)}
        return {name: kept.get(name) or _another(held) for name in wanted}


def _another(held: ExitStack) -> int:
    for port in random.sample(RANGE, ATTEMPTS):
        if _held(held, port):
            return port
    raise RuntimeError(f"no port of 127.0.0.1 is free among {ATTEMPTS} that were tried")


def _held(held: ExitStack, port: int) -> bool:
    """Bind a port until all are chosen; false where somebody else has it."""
    listener = held.enter_context(socket.socket())
    # As the servers do: a connection of the last run in TIME_WAIT is not in the way.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with suppress(OSError):
        listener.bind(("127.0.0.1", port))
        listener.listen()
        return True
    return False
