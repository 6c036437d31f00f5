"""Numbers without an event: what the ledger's own entries say of them."""

from collections.abc import Mapping
from typing import Any

from ledger_audit.leaves import is_source

# Such a rejection is of what came beside a log: no number is missing.
_BESIDE = {"number_taken", "log_frozen"}


def filled(kind: str, body: Mapping[str, Any]) -> tuple[str, int, int] | None:
    """The publisher, and its first and last number, that an entry of the ledger fills.

    None where it fills none. Raises `ValueError` where it does not say which.
    """
    first: Any
    last: Any
    match kind:
        case "ledger.ingest-rejected.v1" if body.get("reason") not in _BESIDE:
            src, first, last = body.get("src"), body.get("number"), body.get("number")
        case "ledger.gap-accepted.v1":
            src, first, last = body.get("src"), body.get("from"), body.get("to")
        case _:
            return None
    numbered = type(first) is int and type(last) is int and 1 <= first <= last
    if not (isinstance(src, str) and is_source(src) and numbered):
        raise ValueError(f"{kind} names no numbers")
    return src, first, last
