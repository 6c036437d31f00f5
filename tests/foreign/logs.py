"""One election's log, cosigned, and every way in which somebody may change it."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.events import Event
from shared.events.voting import AllocationPublished, OptionDecided
from tests.ledger_audit.logs import ORIGIN, Election, publish
from tests.ledger_audit.witnesses import ONE, THREE, TWO

ELECTION = Election(costs=[300_00] * 6, votes=[[1 + n % 6] for n in range(320)])
# The operator has the log's key and a witness of his own, and not those of the policy.
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes([9] * 32))
PLACE = 40  # of the entry that is changed
WITHHELD = "voting.ballot-cast.v1"
LATE = 3600

type Entries = list[bytes]


def seal(entries: Sequence[bytes], directory: Path, *, at: int | None = None) -> Path:
    """A log as it should be: signed, and cosigned by two witnesses."""
    publish(entries, directory)
    cosign(directory, int(time.time()) if at is None else at)
    return directory


def cosign(directory: Path, at: int) -> None:
    """Both witnesses of the policy."""
    note = directory / "checkpoint"
    note.write_bytes(TWO.cosigned(ONE.cosigned(note.read_bytes(), at), at))


def under_its_checkpoint(entries: Sequence[bytes], directory: Path) -> None:
    """What a mirror can do: other files, all made to fit each other, but for what is signed."""
    note = (directory / "checkpoint").read_bytes()
    for file in directory.glob("tile/**/*"):
        if file.is_file():
            file.unlink()
    publish(entries, directory)
    (directory / "checkpoint").write_bytes(note)


def resealed(entries: Sequence[bytes], directory: Path) -> None:
    """What the operator can do: signed anew, cosigned by nobody but a witness of his own."""
    publish(entries, directory)
    note = directory / "checkpoint"
    note.write_bytes(THREE.cosigned(note.read_bytes(), int(time.time())))


def altered(entry: bytes, **changes: Any) -> bytes:
    """An entry with other fields, canonical still."""
    leaf = json.loads(entry) | changes
    return json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()


def last(entries: Sequence[bytes], kind: str) -> int:
    """Where the last event of a type stands."""
    return max(i for i, entry in enumerate(entries) if f'"type":"{kind}"'.encode() in entry)


# Each is what §7 of the design calls it.
CHANGES: dict[str, Callable[[Entries], Entries]] = {
    "alter": lambda e: [*e[:PLACE], altered(e[PLACE], t="2026-09-02T12:00Z"), *e[PLACE + 1 :]],
    "remove": lambda e: [*e[:PLACE], *e[PLACE + 1 :]],
    "insert": lambda e: [*e[:PLACE], altered(e[PLACE], number=10_000), *e[PLACE:]],
    "swap": lambda e: [*e[:PLACE], e[PLACE + 1], e[PLACE], *e[PLACE + 2 :]],
    "truncate": lambda e: e[:200],
    "duplicate": lambda e: [*e[: PLACE + 1], e[PLACE], *e[PLACE + 1 :]],
}


# Where each shows under the checkpoint that it has to have: none where all that is there fits
# together, since only a copy can then tell (`ledger-audit diff`).
MISSED = {
    "alter": None,
    "remove": 256,
    "insert": 256,
    "swap": None,
    "truncate": 0,
    "duplicate": 256,
}


@dataclass(frozen=True)
class Tampering:
    """What is done to an honest log of these entries, in place, and what `ledger-audit` answers.

    `code` and `index` are of `verify` with a policy and the checkpoint seen before.
    """

    do: Callable[[Entries, Path], None]
    code: int
    index: int | None = None
    says: str = ""
    max_age: int | None = None


def _by_mirror(change: Callable[[Entries], Entries]) -> Callable[[Entries, Path], None]:
    return lambda entries, log: under_its_checkpoint(change(entries), log)


def _by_operator(change: Callable[[Entries], Entries]) -> Callable[[Entries, Path], None]:
    return lambda entries, log: resealed(change(entries), log)


def _tile(entries: Entries, log: Path) -> None:
    tile = log / "tile/0/000"
    content = bytearray(tile.read_bytes())
    content[PLACE * 32] ^= 1
    tile.write_bytes(content)


def _bundle(entries: Entries, log: Path) -> None:
    bundle = log / "tile/entries/000"
    change = entries[PLACE], entries[PLACE].replace(b"T12:", b"T13:")
    bundle.write_bytes(bundle.read_bytes().replace(*change))


def _rolled_back(entries: Entries, log: Path) -> None:
    seal(entries[:300], log)


def _fork(entries: Entries, log: Path) -> None:
    resealed([*CHANGES["swap"](entries), *entries[:5]], log)


def _other_origin(entries: Entries, log: Path) -> None:
    publish(entries, log, origin=f"{ORIGIN}/other")
    cosign(log, int(time.time()))


def _other_key(entries: Entries, log: Path) -> None:
    publish(entries, log, key=OTHER_KEY)
    cosign(log, int(time.time()))


def _replayed(entries: Entries, log: Path) -> None:
    """The cosignatures of the last checkpoint, below one that the witnesses never saw."""
    _, _, signatures = (log / "checkpoint").read_bytes().partition(b"\n\n")
    resealed([*entries, *entries[:5]], log)
    with (log / "checkpoint").open("ab") as note:
        note.writelines(signatures.splitlines(keepends=True)[1:])


def _held_back(entries: Entries, log: Path) -> None:
    """A view that is kept from growing: what was cosigned an hour ago, and true then."""
    seal(entries, log, at=int(time.time()) - LATE)


def _unpublished(entries: Entries, log: Path) -> None:
    (log / "tile/0/000").unlink()


def _unpublished_bundle(entries: Entries, log: Path) -> None:
    (log / "tile/entries/000").unlink()


def lying() -> Entries:
    """The log of a count that lies about one decision and the result, from the beginning."""

    def change(event: Event) -> Event:
        if isinstance(event, OptionDecided) and event.number == 1:
            return event.model_copy(update={"votes": 1})
        if isinstance(event, AllocationPublished):
            return event.model_copy(update={"winners": event.winners[::-1]})
        return event

    return replace(ELECTION, change=change).log().entries


def withheld(entries: Entries) -> Entries:
    """The log without the box's last ballot."""
    place = last(entries, WITHHELD)
    return [*entries[:place], *entries[place + 1 :]]


TAMPERINGS: dict[str, Tampering] = {
    **{
        f"{what} an entry, by a mirror": Tampering(_by_mirror(change), 1, MISSED[what])
        for what, change in CHANGES.items()
    },
    **{
        f"{what} an entry, by the log's operator": Tampering(_by_operator(change), 3)
        for what, change in CHANGES.items()
    },
    "alter a tile only": Tampering(_tile, 1, PLACE),
    "alter a bundle only": Tampering(_bundle, 1, PLACE),
    "roll back a checkpoint": Tampering(_rolled_back, 3, says="rolled back"),
    "sign a fork": Tampering(_fork, 3),
    "wrong origin": Tampering(_other_origin, 1, says="did not sign"),
    "wrong key": Tampering(_other_key, 1, says="did not sign"),
    "an old cosignature replayed on another checkpoint": Tampering(_replayed, 1),
    "an old checkpoint and cosignature replayed later": Tampering(_held_back, 3, max_age=600),
    "an unpublished tile": Tampering(_unpublished, 1, 0),
    "an unpublished bundle": Tampering(_unpublished_bundle, 1, 0),
    "a lying decision, put there later": Tampering(lambda _, log: resealed(lying(), log), 3),
    "a publisher's last event withheld later": Tampering(_by_operator(withheld), 3),
}
