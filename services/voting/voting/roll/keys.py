"""The roll's own secret, in a file that all its replicas share: made once, for good."""

import secrets
from pathlib import Path

from shared.keys import write_once


class RollKeys:
    """K_roll, below a directory."""

    def __init__(self, directory: Path) -> None:
        file = directory / "roll.key"
        if not file.exists():
            write_once(file, secrets.token_bytes(32))
        self.roll_key = file.read_bytes()
