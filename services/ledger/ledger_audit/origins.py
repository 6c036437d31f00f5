"""Which log was asked for, and whether it is that one that answered and that its entries begin.

A log's origin is its name for ever, and ends with the name that the ledger calls it by.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ledger_audit.errors import Tampered, Untrusted
from ledger_audit.leaves import PLATFORM
from ledger_audit.policy import Policy

STEP = 14


def named(origin: str) -> str:
    """What the ledger calls the log of an origin."""
    return origin.rsplit("/", 1)[-1]


def check_asked(policy: Policy, source: str, found: str, asked: str | None = None) -> None:
    """Whether the log that answered is the one that was asked for. Raises `Untrusted`.

    1. Where somebody said which origin, it is this one, wherever it is read.
    2. A policy that takes one log says so itself.
    3. A policy that takes several does not: then a URL ends as the origin does, and a directory or
       tar that is called as a log of the policy is that log. A mirror of another name needs 1.
    """
    if asked is not None:
        if asked != found:
            raise Untrusted(f"{asked} was asked for, and {source} is a copy of {found}")
        return
    names = {named(key.name) for key in policy.logs}
    if len({key.name for key in policy.logs}) < 2:
        return
    if source.startswith(("http://", "https://")):
        parts = urlsplit(source)
        at = {f"{parts.netloc}{parts.path}".rstrip("/").rsplit("/", 1)[-1]}
    else:
        at = {Path(source).resolve().name, Path(source).resolve().stem} & names
    if at and named(found) not in at:
        what = f"{source} answers with {found}, and the policy takes several logs"
        raise Untrusted(f"{what}: --origin says which one is meant")


def check_begun(origin: str, begun: Mapping[str, Any] | None, size: int) -> None:
    """Step 14: an edition's log begins with what names it; the platform's has no such entry."""
    log = named(origin)
    if log == PLATFORM or not size:
        if begun is not None:
            raise Tampered(STEP, f"it begins another log than {origin}", 0)
        return
    if begun is None:
        raise Tampered(STEP, f"nothing here begins {origin}", 0)
    if (begun.get("origin"), begun.get("log")) != (origin, log):
        what = f"{begun.get('origin')!s:.100} begins here, and {origin} is signed"
        raise Tampered(STEP, what, 0)
