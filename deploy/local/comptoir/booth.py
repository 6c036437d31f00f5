"""The booth beside roll, box and count: it has neither database nor principal nor keys of its own,
and is told where the three are and by which key the roll knows it.
"""

from comptoir.addresses import Addresses, booth_secret
from comptoir.processes import python

NAME = "voting.booth"
REPLICA = f"{NAME}.1"
# Whom it speaks with, each under the name of its setting.
ASKS = {"roll": "voting.roll", "box": "voting.box", "count": "voting.count"}


def argv() -> list[str]:
    """How it is started."""
    return python(NAME)


def environment(addresses: Addresses, port: int) -> dict[str, str]:
    """What it is told."""
    asked = {f"COMPTOIR_{name.upper()}": addresses.urls(p)[0] for name, p in ASKS.items()}
    return {
        "COMPTOIR_HOST": "127.0.0.1",
        "COMPTOIR_PORT": str(port),
        "COMPTOIR_BOOTH_KEY": addresses.state.password(booth_secret()),
        **asked,
    }
