"""The voting page's script, as `make install` bundles it (`services/voting/script`).

The roll serves it, and count states its digest in `round-opened`: from then on it is the one.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).parent / "roll" / "static" / "vote.js"


@cache
def content() -> bytes:
    """The script. Raises `RuntimeError` where it was not built."""
    if not FILE.exists():
        raise RuntimeError(f"{FILE} is not there: make voting-script")
    return FILE.read_bytes()


def digest() -> str:
    """Its SHA-256, in hexadecimal."""
    return hashlib.sha256(content()).hexdigest()
