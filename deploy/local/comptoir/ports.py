"""Free ports on the loopback interface."""

import socket


def free_port(preferred: int | None = None) -> int:
    """`preferred` if nothing holds it now, else one that the system picks."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as listener:
            # As the servers do: a connection of the last run in TIME_WAIT is not in the way.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            found: int = listener.getsockname()[1]
            return found
    raise RuntimeError("no free port on 127.0.0.1")
