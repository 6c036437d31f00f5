"""Asking all witnesses of a policy at once, until enough of them have cosigned.

The protocol has no question for a size. So the first submission to a witness says that it was the
one before, too: whoever knows a larger tree, or another one of this size, says so (409, 422).
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from ledger.consistency import continues
from ledger.notes import Checkpoint, Note, Signature
from ledger.policy import Policy
from ledger.proofs import consistency, hashes, tiles_of
from ledger.signer import queries
from ledger.signer.follow import Refusing
from ledger.signer.watch import Watch
from ledger.signer.witnesses import WITHIN, Contradicts, Cosigned, Holds, Nothing, Witness
from ledger.tree import TileKey
from ledger.verifier_keys import ED25519, VerifierKey, WrongSignature
from shared.database import Database, raw
from shared.trust import authorities

log = logging.getLogger("comptoir.signer")

# Once a quorum has cosigned, the others have so long to be in the same note.
GRACE = 0.2


class Overtaken(Exception):
    """Another signer went on: this one was frozen, and has to begin again."""


@dataclass
class Latest:
    """The last checkpoint signed of a log, and what witnesses said of it.

    `confirmed`: a quorum answered since this process leads, so the database is not behind them.
    `keys` sign it; `known` are all that the log ever had.
    `earlier` are cosignatures of the note that is published; `fresh` those of this time of asking.
    """

    log: str
    checkpoint: Checkpoint
    note: str
    numbers: Mapping[str, int]
    keys: tuple[bytes, ...] = ()
    known: tuple[bytes, ...] = ()
    published: bool = False
    confirmed: bool = False
    earlier: dict[str, Signature] = field(default_factory=dict)
    fresh: dict[str, Signature] = field(default_factory=dict)
    since: float = field(default_factory=time.monotonic)
    asked_at: float = float("-inf")
    cosigned_at: float = float("-inf")

    @property
    def waits(self) -> bool:
        """Whether nothing may be signed after it yet."""
        return not (self.published and self.confirmed)


class Cosigners:
    """The witnesses of a policy, and how far each of them is."""

    def __init__(self, policy: Policy, database: Database, watch: Watch) -> None:
        self._policy = policy
        self._database = database
        self._watch = watch
        self._client = httpx.AsyncClient(timeout=WITHIN, verify=authorities())
        self._witnesses = [
            Witness(name, party, self._client)
            for name, party in policy.witnesses.items()
            if party.url is not None
        ]
        self._sizes: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._witnesses)

    def forget(self) -> None:
        """Know nothing of their sizes any more: somebody else may have signed meanwhile."""
        self._sizes.clear()

    async def close(self) -> None:
        """Close the connections to them."""
        await self._client.aclose()

    async def ask(self, latest: Latest, grace: float) -> bool:
        """Have those cosign who have not. Whether a quorum did.

        Raises `Refusing` where a witness knows what must not be, `Overtaken`.
        """
        asking = {
            asyncio.create_task(self._ask(witness, latest))
            for witness in self._witnesses
            if witness.name not in latest.fresh
        }
        started, deadline = asking.copy(), float("inf")
        try:
            while asking:
                if self._policy.reached(latest.fresh):
                    deadline = min(deadline, time.monotonic() + grace)
                patience = None if deadline == float("inf") else deadline - time.monotonic()
                if patience is not None and patience <= 0:
                    break
                done, asking = await asyncio.wait(
                    asking, timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    task.result()
        finally:
            for task in started:
                task.cancel()
            await asyncio.gather(*started, return_exceptions=True)
        return self._policy.reached(latest.fresh)

    async def _ask(self, witness: Witness, latest: Latest) -> None:
        place, size = (witness.name, latest.log), latest.checkpoint.size
        old, answer = self._sizes.get(place, size), Nothing("conflict")
        for _ in range(2):
            proof = await self._proof(latest, old)
            match await witness.add(old, proof, latest.note):
                case Cosigned(signature):
                    self._sizes[place] = size
                    latest.fresh[witness.name] = signature
                    return self._watch.answered(witness.name, "cosigned")
                case Contradicts():
                    self._watch.answered(witness.name, "inconsistent")
                    raise Refusing(
                        f"{latest.log}: {witness.name} does not see that the tree of size {size}"
                        f" continues the one of size {old} that it cosigned. There may be two:"
                        " keep database and notes as they are, and compare both notes"
                    )
                case Holds(held):
                    if not await self._can_continue(witness, latest, old, held):
                        answer = Nothing("claims")
                        break
                    old = self._sizes[place] = held
                case Nothing() as answer:
                    break
        self._watch.answered(witness.name, answer.why)

    async def _can_continue(self, witness: Witness, latest: Latest, old: int, held: int) -> bool:
        """Whether the size that a witness says it holds may be gone on from; not where it claims a
        larger one and shows nothing that we signed: one line of text stops no ledger.

        Raises `Refusing` where it holds what may not be continued, `Overtaken`.
        """
        size, name = latest.checkpoint.size, latest.log
        if held == size == old:
            self._watch.answered(witness.name, "inconsistent")
            raise Refusing(
                f"{name}: {witness.name} cosigned another tree of size {size}. There are two: keep"
                " database and notes as they are, and compare both notes"
            )
        if held > size:
            async with self._database.begin() as session:
                last = await queries.last_signed(await raw(session), name)
            if last is not None and last.size >= held:
                raise Overtaken(f"{name}: size {held} is cosigned already, not by way of us")
            origin = latest.checkpoint.origin
            keys = [VerifierKey(origin, ED25519, public) for public in latest.known]
            if await witness.shown(origin, keys) <= size:
                log.error(
                    "%s: %s claims to have cosigned %d entries, and shows none of our checkpoints"
                    " beyond %d",
                    *(name, witness.name, held, size),
                )
                return False
            self._watch.answered(witness.name, "ahead")
            raise Refusing(
                f"{name}: {witness.name} cosigned {held} entries, the database has signed {size}."
                " It was restored from a backup: bring the missing entries back from an export or"
                " a mirror, never sequence them again"
            )
        return True

    async def _proof(self, latest: Latest, old: int) -> list[bytes]:
        """The proof from a size that was signed, checked: a witness that refuses it stops us."""
        size, name = latest.checkpoint.size, latest.log
        if old in (0, size):
            return []
        plan = consistency(old, size)
        async with self._database.begin() as session:
            connection = await raw(session)
            signed = await queries.signed_checkpoints(connection, name, old, old)
            keys = [(key.level, key.index) for key in tiles_of(plan)]
            tiles = await queries.tiles(connection, name, keys)
        if old not in signed:
            raise Refusing(
                f"{name}: a witness cosigned size {old}, which this database never signed. It was"
                " restored from a backup: bring the missing entries back from an export or a"
                " mirror, never sequence them again"
            )
        try:
            proof = hashes(plan, {TileKey(*key): tile for key, tile in tiles.items()})
        except (KeyError, ValueError):  # a tile that is missing, or cut short
            proof = []
        if not continues(old, size, signed[old], latest.checkpoint.root, proof):
            raise Refusing(f"{name}: the stored tiles do not prove size {size} from size {old}")
        return proof

    def published(self, latest: Latest) -> str:
        """The note with the cosignatures that there are, in the policy's order."""
        known = latest.earlier | latest.fresh
        lines = [known[name].line for name in self._policy.witnesses if name in known]
        return latest.note + "".join(lines)

    def earlier(self, note: str) -> dict[str, Signature]:
        """The cosignatures of this policy's witnesses in a note that is published."""
        found, read = dict[str, Signature](), Note.parse(note.encode())
        for name, party in self._policy.witnesses.items():
            for signature in read.signatures:
                if (signature.name, signature.id) == (party.key.name, party.key.id):
                    try:
                        party.key.time(read.text, signature.content)
                    except WrongSignature:
                        continue
                    found[name] = signature
        return found
