"""Numbers without an event: what the ledger's own entries say of them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ledger_audit.leaves import LEDGER, is_source

# Such a rejection is of what came beside a log: no number is missing.
_BESIDE = {"number_taken", "log_frozen"}
# What no version can accept is rejected without anybody; all else is given up by two officers.
_BY_ITSELF = {"too_large", "not_canonical"}
_ACCEPTED = "gap-accepted"


class Filled(NamedTuple):
    """Numbers of a publisher that have no event, by the entry `at`, and why."""

    src: str
    first: int
    last: int
    reason: str
    at: int

    def summary(self) -> dict[str, Any]:
        """As JSON."""
        numbers = {"from": self.first, "to": self.last}
        return {"src": self.src, **numbers, "reason": self.reason, "index": self.at}


def said_by(kind: str, body: Mapping[str, Any]) -> str:
    """Why the numbers that such an entry fills have no event, in a word."""
    return _ACCEPTED if kind == "ledger.gap-accepted.v1" else str(body.get("reason"))[:40]


def by_two(body: Mapping[str, Any]) -> bool:
    """Whether it names two officers, who are not one."""
    officers = body.get("officers")
    return (
        isinstance(officers, list)
        and len(officers) == 2
        and all(isinstance(each, str) and each for each in officers)
        and officers[0] != officers[1]
    )


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
    if src == LEDGER:
        raise ValueError(f"{kind} fills a number of the ledger, which gives them itself")
    if said_by(kind, body) not in _BY_ITSELF and not by_two(body):
        raise ValueError(f"{kind} does not name two officers")
    return src, first, last
