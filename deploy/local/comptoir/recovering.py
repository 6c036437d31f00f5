"""What a process takes back from the ledger: its logs are fetched, verified, and only then read."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import ledger_audit
from comptoir.client import Client
from comptoir.errors import LauncherError
from comptoir.proving import Paths
from ledger_audit.fetch import fetch

# How many entries, and how many of their bytes, go in one request.
AT_ONCE, BYTES_AT_ONCE = 1_000, 1_000_000
# A process hears of a checkpoint a moment after the ledger serves it.
HEARD_WITHIN = 60.0
PUBLISHERS = ("submission", "voting.roll", "voting.box", "voting.count", "notification")
UNHEARD = "checkpoints_unread"
# Of these it is never known what the record cannot give back, so that people have to see to it.
BY_HAND_ALONE = frozenset({"voting.roll"})
# What was never on the ledger, and is lost with whatever came after a backup.
LOST: Mapping[str, str] = {
    "submission": (
        "all drafts, and files that were read and not yet recorded: read them again. Of what came"
        " since: documents, addresses of carriers, representatives' consents, sessions, words (the"
        " ledger has commitments only: count and the ledger keep the words that they read), and"
        " messages to people that nobody had accepted. Who was erased since, and files that were"
        " taken away, are erased from the backup, too"
    ),
    "voting.roll": (
        "which persons were issued a token since: THEY COULD VOTE TWICE, and no command marks them."
        " End every round that was open at the backup or since, at count's desk, before this is"
        " opened; use no code of theirs again, and hold them anew. Its last count of tokens is the"
        " backup's, and may be lower than the ballots: say so in public. Lost are also messages to"
        " people that nobody had accepted"
    ),
    "voting.box": (
        "ballots that were promised and not yet published, which nobody can count: those that"
        " waited for others (in a rehearsal of (1, 0), one flush of 0.2 s) and, where Kafka or the"
        " ledger was away before the loss, all that were cast meanwhile. Voters hold a signed"
        " promise of them, and may cast the same again"
    ),
    "voting.count": "sessions, and acts of officers that were asked for and not yet confirmed",
    "notification": (
        "messages that were accepted since and not yet sent: their publishers have forgotten them,"
        " and nobody knows how many. What was delivered since is sent again, under its Message-ID"
    ),
}


@dataclass
class Recovered:
    """What was taken, by event type: numbers and ids of all, state of some."""

    taken: Counter[str] = field(default_factory=Counter)
    logs: dict[str, int] = field(default_factory=dict)
    restores: frozenset[str] = frozenset()

    @property
    def without_state(self) -> dict[str, int]:
        """Of what was taken, what the process made no state of."""
        return {kind: n for kind, n in sorted(self.taken.items()) if kind not in self.restores}


def verified_log(url: str, policy: ledger_audit.Policy, directory: Path) -> ledger_audit.Export:
    """A log as it was fetched into a directory and verified there. Raises `LauncherError`."""
    try:
        directory.mkdir()
        fetch(ledger_audit.read(url), directory, policy=policy)
        export = ledger_audit.verify(ledger_audit.read(str(directory)), policy).export
    except ledger_audit.AuditError as error:
        raise LauncherError(f"{url}: {error}; nothing was recovered from it") from None
    return export


async def restored_state(client: Client, process: str) -> dict[str, Any]:
    """Where a restored process stands. It is asked before the logs are fetched: whatever it knows
    to be covered is in them. Raises `LauncherError` where there is nothing to recover."""
    state: dict[str, Any] = await client.officer_get(process, "/desk/recovery")
    if state["refused"] == UNHEARD:
        raise LauncherError(
            f"{process} has not read yet how far the ledger is: are Kafka and the ledger running?"
        )
    if not state["behind"] and state["closed_since"] is None:
        raise LauncherError(
            f"{process} has every number that the ledger covers, and is not closed: there is"
            f" nothing to recover. If its database was restored all the same: comptoir recover"
            f' {process} --close "why"'
        )
    return state


async def take_back(
    client: Client,
    process: str,
    state: Mapping[str, Any],
    logs: Mapping[str, Paths],
) -> Recovered:
    """Give a restored process its numbers, ids and, where it can, its state; it stays closed.
    `state` is from before its checkpoints were set aside, and these from before `logs` were
    fetched."""
    recovered = Recovered(restores=frozenset(state["restores"]))
    behind: dict[str, Any] = state["behind"]
    if missing := sorted(behind.keys() - logs.keys()):
        raise LauncherError(f"the ledger serves no log {', '.join(missing)}")
    for log, paths in sorted(logs.items(), key=_platform_first):
        known = state["numbers"].get(log, 0)
        wanted = _Wanted(state["source"], known, recovered.restores)
        for entries in batches(paths.proven(filter(wanted, paths.entries()))):
            await client.officer(
                process, "/desk/recovery/published", {"log": log, "entries": entries}
            )
        recovered.taken += wanted.own
        recovered.logs[log] = wanted.last
    await client.officer(process, "/desk/recovery/end", {"covered": state["covered"]})
    return recovered


async def read_again(client: Client, process: str, logs: Mapping[str, Paths]) -> int:
    """Hand a process whatever it reads of these logs; how much of it was new."""
    state = await client.officer_get(process, "/desk/recovery")
    reads, new = frozenset(state["reads"]), 0
    for log, paths in sorted(logs.items(), key=_platform_first):
        wanted = (each for each in paths.entries() if json.loads(each[1])["type"] in reads)
        for entries in batches(paths.proven(wanted)):
            answer = await client.officer(
                process, "/desk/recovery/read", {"log": log, "entries": entries}
            )
            new += answer["handled"]
    return new


async def checkpoints_set_aside(
    client: Client, process: str, served: Mapping[str, int]
) -> dict[str, int]:
    """By which checkpoints a process will see that entries are in the ledger: at least what the
    ledger serves. Raises `LauncherError` where it does not hear of them."""
    deadline = time.monotonic() + HEARD_WITHIN
    while True:
        heard: dict[str, int] = await client.officer(process, "/desk/recovery/checkpoints")
        late = sorted(log for log, size in served.items() if heard.get(log, 0) < size)
        if not late:
            return heard
        if time.monotonic() > deadline:
            raise LauncherError(
                f"{process} has not heard how far the ledger is in {', '.join(late)}: is Kafka"
                " running, and does the ledger publish?"
            )
        await asyncio.sleep(0.2)


def batches(entries: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Entries in their order, as many at a time as go in a request."""
    batch: list[dict[str, Any]] = []
    size = 0
    for entry in entries:
        length = len(entry["entry"])
        if batch and (len(batch) == AT_ONCE or size + length > BYTES_AT_ONCE):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


@dataclass
class _Wanted:
    """Which entries a process takes back: its own behind what it knows, and what restores state."""

    source: str
    known: int
    restores: frozenset[str]
    own: Counter[str] = field(default_factory=Counter)
    last: int = 0

    def __call__(self, entry: tuple[int, bytes]) -> bool:
        leaf = json.loads(entry[1])
        if leaf["src"] != self.source:
            return leaf["type"] in self.restores
        self.last = max(self.last, leaf["number"])
        if leaf["number"] <= self.known:
            return False
        self.own[leaf["type"]] += 1
        return True


def _platform_first(item: tuple[str, Any]) -> tuple[bool, str]:
    return item[0] != "platform", item[0]


def report(process: str, recovered: Recovered, state: Mapping[str, Any]) -> Iterator[str]:
    """What came back and what cannot, for whoever opens the process again."""
    for log, number in recovered.logs.items():
        yield f"{log}: the last number is {number}"
    for kind, count in sorted(recovered.taken.items()):
        made = "with its state" if kind in recovered.restores else "its number and id alone"
        yield f"  {count} {kind}: {made}"
    if recovered.without_state:
        yield (
            f"{process} cannot rebuild from the public record what these events stood for. Until"
            " somebody has brought it up to them, and says so (--by-hand), it stays closed:"
        )
        yield from (f"  {count} {kind}" for kind, count in recovered.without_state.items())
    for kind, count in sorted(state["unnumbered"].items()):
        yield f"still to be published from before the backup: {count} {kind}"
    if state["unaccepted_messages"]:
        yield (
            f"messages to people that the backup has go out again: {state['unaccepted_messages']};"
            " notification drops those that it had accepted"
        )
    if process == "submission":
        yield (
            "what carriers are told of results since the backup is told again under the ids that it"
            " had: notification drops what it accepted. Links and invitations are not told again"
        )
    yield f"lost: {LOST[process]}"
    if state["opened_by_two"]:
        yield f"recovery {state['recovery']}"
    yield f'{process} is closed. To open it: comptoir recover {process} --reopen "why, and who"'


def two_officers(
    process: str, state: Mapping[str, Any], desk: str, why: str, by_hand: bool
) -> Iterator[str]:
    """What two officers have to do before this process opens. Raises `LauncherError`."""
    if state["recovery"] is None:
        raise LauncherError(f"{process} is not closed after a recovery: there is nothing to open")
    if state["behind"]:
        raise LauncherError(f"{process} is behind the ledger: first comptoir recover {process}")
    if state["without_state"] and not by_hand:
        raise LauncherError(
            f"{state['without_state']} events that {process} had published are numbers to it and"
            " nothing more: bring it up to them first, and say so with --by-hand"
        )
    if process in BY_HAND_ALONE and not by_hand:
        raise LauncherError(
            f"nobody but people can see to it that {process} lets nobody vote twice: first do what"
            " comptoir recover said of what is lost, and say so with --by-hand"
        )
    known = {"service": process, "recovery": state["recovery"], "reason": why}
    filled = urlencode(known | ({"by_hand": "yes"} if by_hand else {}))
    yield f"{process} stays closed until two administrators open recovery {state['recovery']}:"
    yield f"  one asks for it:        {desk}/desk/reopening?{filled}"
    yield f"  another one confirms:   {desk}/desk/acts"
    yield "It opens as soon as it has read what they decided; everybody can read it in the ledger."
