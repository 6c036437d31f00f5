"""Following the platform logs of others: which logs they announce, and with which keys.

What is read is verified as any auditor would: the log's signature, and the root over every entry
from the first. Nothing is taken of a log that does not verify.
"""

import asyncio
import json
import logging
import struct
import time
from collections.abc import AsyncIterator, Iterator

import httpx
from prometheus_client import CollectorRegistry, Gauge

from ledger.compact import CompactRange
from ledger.notes import Checkpoint, Malformed, Note
from ledger.policy import Party
from ledger.tiles import ENTRIES, grouped
from ledger.verifier_keys import ED25519, VerifierKey, WrongSignature
from ledger.witness import queries
from ledger.witness.store import Store
from ledger.witness.trusted import Trusted
from shared.events.ledger import KeyRotated, LogOpened
from shared.trust import authorities

log = logging.getLogger("comptoir.witness")

WITHIN = 10.0
# For all that is new of one log. The first time that is all of it.
LONGEST = 3600.0
_BUNDLE = 256
_LARGEST_NOTE = 64 * 1024
_LARGEST_BUNDLE = _BUNDLE * (2 + 0xFFFF)
_LENGTH = struct.Struct(">H")
_PUBLISHER = "ledger"
_KINDS = {LogOpened.type, KeyRotated.type}


class Doubtful(Exception):
    """A followed log does not verify: nothing of it is taken."""


class Followed:
    """One platform's log, as far as it was read since this process started."""

    def __init__(self, party: Party) -> None:
        assert party.url is not None
        self.key = party.key
        self.url = party.url.rstrip("/")
        self._range = CompactRange()

    async def look(self, client: httpx.AsyncClient, trusted: Trusted, store: Store) -> None:
        """Read what is new. Raises `Doubtful`, `httpx.HTTPError`, `TimeoutError`."""
        checkpoint = await self._checkpoint(client, await trusted.keys(self.key.name))
        if checkpoint.size < self._range.size:
            return  # a mirror that is behind
        tree, announced = self._range.copy(), list[tuple[int, LogOpened | KeyRotated]]()
        async for entry in self._entries(client, tree.size, checkpoint.size):
            if (found := announcement(entry)) is not None:
                announced.append((tree.size, found))
            tree.append(entry)
        if tree.root() != checkpoint.root:
            raise Doubtful(f"the entries of {self.key.name} do not have the root of its checkpoint")
        for place, found in announced:
            await self._take(store, place, found)
        self._range = tree

    async def _take(self, store: Store, place: int, found: LogOpened | KeyRotated) -> None:
        """Remember a key. A platform speaks of itself and of what is below its own prefix."""
        platform = self.key.name
        within = found.origin == platform or found.origin.startswith(
            platform.rpartition("/")[0] + "/"
        )
        try:
            key = VerifierKey.parse(found.vkey)
        except Malformed:
            within = False
        if not within or key.name != found.origin or key.kind != ED25519:
            log.error("entry %d of %s announces a log that is not its own", place, platform)
            return
        await store.ask(queries.remember, found.origin, found.vkey, platform, place)
        if isinstance(found, KeyRotated):
            until = int(found.both_until.timestamp())
            await store.ask(queries.end, found.origin, found.previous, until)

    async def _checkpoint(self, client: httpx.AsyncClient, keys: list[VerifierKey]) -> Checkpoint:
        try:
            note = Note.parse(await _got(client, f"{self.url}/checkpoint", _LARGEST_NOTE))
            checkpoint = Checkpoint.parse(note.text)
            signed = any([key.times(note) for key in keys])
        except (Malformed, WrongSignature) as error:
            raise Doubtful(f"the checkpoint of {self.key.name}: {error}") from None
        if not signed or checkpoint.origin != self.key.name:
            raise Doubtful(f"the checkpoint at {self.url} is not one of {self.key.name}")
        return checkpoint

    async def _entries(
        self, client: httpx.AsyncClient, start: int, size: int
    ) -> AsyncIterator[bytes]:
        """The entries from `start` to before `size`."""
        for index in range(start // _BUNDLE, -(-size // _BUNDLE)):
            width = min(_BUNDLE, size - index * _BUNDLE)
            partial = "" if width == _BUNDLE else f".p/{width}"
            url = f"{self.url}/tile/{ENTRIES}/{grouped(index)}{partial}"
            entries = list(unbundled(await _got(client, url, _LARGEST_BUNDLE)))
            if len(entries) != width:
                raise Doubtful(f"a bundle of {self.key.name} has not {width} entries")
            for entry in entries[max(0, start - index * _BUNDLE) :]:
                yield entry


class Following:
    """Looks at every log that the operator named with an address."""

    patience = 1.0

    def __init__(self, trusted: Trusted, store: Store, registry: CollectorRegistry) -> None:
        self._trusted = trusted
        self._store = store
        self._followed: dict[str, Followed] = {}
        self._read_at: dict[str, float] = {}
        self._complaints: dict[str, str] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._tls = authorities()
        self._age = Gauge(
            "comptoir_witness_followed_seconds",
            "Time since a platform's log was last read whole",
            ["origin"],
            registry=registry,
        )

    async def look(self) -> None:
        """Read the operator's file again, and every log that it names with an address.

        One that does not answer is no alarm: a witness that was taken out of service for it could
        not cosign what that log waits for.
        """
        self._trusted.look()
        parties = {str(party.key): party for party in self._trusted.logs if party.url}
        kept = self._followed
        self._followed = {k: kept.get(k) or Followed(party) for k, party in parties.items()}
        for vkey, followed in self._followed.items():
            if vkey not in self._reading:
                self._reading[vkey] = asyncio.create_task(self._read(followed))
        try:
            # Who drips keeps nobody else waiting: its reading goes on beside the next turns.
            if self._reading:
                await asyncio.wait(self._reading.values(), timeout=self.patience)
            for vkey in [each for each, task in self._reading.items() if task.done()]:
                self._reading.pop(vkey).result()
        except asyncio.CancelledError:
            for task in self._reading.values():
                task.cancel()
            raise

    async def _read(self, followed: Followed) -> None:
        origin, now, complaint = followed.key.name, time.monotonic(), ""
        self._read_at.setdefault(origin, now)
        try:
            async with (
                asyncio.timeout(LONGEST),
                httpx.AsyncClient(timeout=WITHIN, verify=self._tls) as client,
            ):
                await followed.look(client, self._trusted, self._store)
            self._read_at[origin] = now
        except Doubtful as doubt:
            complaint = str(doubt)
        except (httpx.HTTPError, TimeoutError) as error:
            complaint = f"{origin} does not answer: {type(error).__name__}"
        if complaint and complaint != self._complaints.get(origin):
            log.error("%s", complaint)
        self._complaints[origin] = complaint
        self._age.labels(origin).set(now - self._read_at[origin])


def announcement(entry: bytes) -> LogOpened | KeyRotated | None:
    """What an entry of a platform's log says of logs and their keys; None where nothing."""
    if not any(kind.encode() in entry for kind in _KINDS):
        return None
    try:
        leaf = json.loads(entry)
        if leaf["src"] != _PUBLISHER or leaf["type"] not in _KINDS:
            return None
        kind = LogOpened if leaf["type"] == LogOpened.type else KeyRotated
        return kind.model_validate(leaf["body"], extra="ignore")
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def unbundled(bundle: bytes) -> Iterator[bytes]:
    """The entries of a bundle. Raises `Doubtful` where one is cut off."""
    at = 0
    while at < len(bundle):
        if len(bundle) - at < _LENGTH.size:
            raise Doubtful("a bundle ends within a length")
        (length,) = _LENGTH.unpack_from(bundle, at)
        at += _LENGTH.size
        if len(bundle) - at < length:
            raise Doubtful("a bundle ends within an entry")
        yield bundle[at : at + length]
        at += length


async def _got(client: httpx.AsyncClient, url: str, most: int) -> bytes:
    """A body of at most so many bytes, within ten seconds. Raises `Doubtful`, `httpx.HTTPError`,
    `TimeoutError`."""
    content = bytearray()
    async with asyncio.timeout(WITHIN), client.stream("GET", url) as response:
        response.raise_for_status()
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > most:
                raise Doubtful(f"{url} gives more than {most} bytes")
    return bytes(content)
