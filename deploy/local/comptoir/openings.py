"""A sealed round as its commission meets it: its key is tried before, its ballots opened after.

Ballots are read from the ledger, and from nowhere else.

1. The log is verified, and its cosigned checkpoint covers the closing of the round's box: nothing
   is opened before.
2. The round was opened with this commission's key.
3. Under each key the highest revision is opened, and no other.
4. What is told is in random order.
"""

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import ledger_audit
from comptoir.client import Client
from comptoir.commission import Commission, check_shares, create, rebuild, salt_of_test
from comptoir.errors import LauncherError
from comptoir.waiting import until
from comptoir.witness import LocalWitness
from shared.shares import public_key
from shared.unsealing import AT_ONCE, Sealed, openings

# Hears how many ballots were told, of how many.
type Progress = Callable[[int, int], None]
_BALLOT = b',"type":"voting.ballot-cast.v1","v":1}'


def unheard(done: int, of: int) -> None:
    """A progress that nobody hears."""


def sealed_ballots(
    verified: ledger_audit.Verified, round_id: str, commission: str
) -> dict[str, Sealed]:
    """The ballots to open, by key: steps 1 to 3. Raises `LauncherError`."""
    found = dict[str, Sealed]()
    opened_with, closed = None, False
    for entry in verified.export.entries():
        leaf = json.loads(entry)
        body = leaf["body"]
        if entry.endswith(_BALLOT):
            if body.get("round") == round_id:
                _keep(found, body)
        elif body.get("round_id") == round_id:
            match leaf["type"]:
                case "voting.round-opened.v2":
                    opened_with = (body.get("commission") or {}).get("key")
                case "voting.box-closed.v1":
                    closed = True
    if opened_with is not None and opened_with != commission:
        raise LauncherError(f"round {round_id} was not opened with the key of these shares")
    if opened_with is None or not closed:
        raise LauncherError(
            f"the checkpoint over {verified.size} entries does not cover the closing of the box"
            f" of round {round_id}: nothing is opened before"
        )
    return found


def _keep(found: dict[str, Sealed], body: dict[str, Any]) -> None:
    known = found.get(body["key"])
    if (known is None or known.revision < body["revision"]) and "sealed" in body:
        found[body["key"]] = Sealed(body["tier"], body["revision"], body["sealed"])


async def tell(
    client: Client,
    private: X25519PrivateKey,
    round_id: str,
    ballots: dict[str, Sealed],
    progress: Progress,
) -> int:
    """Tell count what every ballot says; how many were sealed until now. Raises `Refused`."""
    state = await client.get("voting.count", f"/rounds/{round_id}/commission")
    if state["test"] is None or state["test"]["key"] != public_key(private):
        raise LauncherError(f"count does not wait for this commission in round {round_id}")
    test, opened, done = salt_of_test(private, state["test"]), 0, 0
    for some in batched(openings(private, round_id, ballots), AT_ONCE, strict=False):
        sent = {"test": test, "openings": [*some]}
        kept = await client.post("voting.count", f"/rounds/{round_id}/openings", sent)
        opened, done = opened + kept["opened"], done + len(some)
        progress(done, len(ballots))
    return opened


async def try_in_round(
    client: Client, round_id: UUID, made: Commission, private: X25519PrivateKey
) -> None:
    """Say whose the key of a round is, unless officers did, and open the test ballot."""
    path = f"/rounds/{round_id}/commission"
    state = await client.get("voting.count", path)
    if state["commission"] is None:
        state = await client.officer("voting.count", path, made.said())
    elif state["commission"] != made.said():
        raise LauncherError(f"round {round_id} has another commission")
    salt = salt_of_test(private, state["test"])
    await client.post("voting.count", f"{path}/tried", {"salt": salt})


async def made_commission() -> tuple[Commission, list[str]]:
    """A new commission, and the shares of just enough of its holders after all entered theirs."""
    made, shares = await asyncio.to_thread(create)
    await asyncio.to_thread(check_shares, made, shares)
    return made, random.SystemRandom().sample(shares, made.threshold)


async def new_commission(client: Client, round_id: UUID) -> list[str]:
    """A rehearsal's commission: the shares of just enough of its holders, after all of them were
    entered again and tried in the round."""
    made, enough = await made_commission()
    private = await asyncio.to_thread(rebuild, enough, made)
    await try_in_round(client, round_id, made, private)
    return enough


async def open_once_covered(
    client: Client, round_id: UUID, shares: Sequence[str], progress: Progress = unheard
) -> None:
    """Wait until a checkpoint covers the closing of a round's box, and open its ballots."""
    path = f"/rounds/{round_id}/commission"
    await until(
        "a checkpoint over the closing of the box",
        lambda: client.get("voting.count", path),
        lambda state: state["covered"],
    )
    private = await asyncio.to_thread(rebuild, shares)
    await open_in_round(client, round_id, private, progress=progress)


async def open_in_round(
    client: Client,
    round_id: UUID,
    private: X25519PrivateKey,
    *,
    source: str | None = None,
    policy: ledger_audit.Policy | None = None,
    progress: Progress = unheard,
) -> tuple[int, int]:
    """Open a round's ballots from its log (`source`: an export or a URL; by default as it is
    served); how many were sealed until now, and how many there are."""
    logs = {log["log"]: log for log in await client.get("ledger", "/logs")}
    state = await client.get("voting.count", f"/rounds/{round_id}")
    log = logs.get(state["log"])
    if log is None:
        raise LauncherError(
            f"the ledger has nothing of log {state['log']} yet, and does not cover the closing of"
            f" the box of round {round_id}: nothing is opened before"
        )
    trusted = policy or LocalWitness(client.addresses).trusted([log["vkey"]])
    where = source or f"{client.addresses.urls('ledger')[0]}/logs/{log['log']}"
    origin = log["vkey"].partition("+")[0]
    ballots = await asyncio.to_thread(_read, where, trusted, origin, str(round_id), private)
    opened = await tell(client, private, str(round_id), ballots, progress)
    return opened, len(ballots)


def _read(
    where: str, trusted: ledger_audit.Policy, origin: str, round_id: str, private: X25519PrivateKey
) -> dict[str, Sealed]:
    try:
        verified = ledger_audit.verify(ledger_audit.read(where), trusted, origin=origin)
        return sealed_ballots(verified, round_id, public_key(private))
    except ledger_audit.AuditError as error:
        raise LauncherError(f"{where}: {error}") from None
