"""Is this log what its checkpoint says, and what a log may be? From its bytes alone."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ledger_audit import jcs, notes, services
from ledger_audit.errors import Tampered
from ledger_audit.export import Export
from ledger_audit.gaps import filled
from ledger_audit.services import Services
from ledger_audit.tree import HASH, WIDTH, GrowingTree, Tile, leaf_hash, tree_hash

_FIELDS = {"body", "id", "number", "src", "t", "type", "v"}
_TYPE = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*\.v([1-9][0-9]*)")
_SOURCE = re.compile(r"[a-z]+(\.[a-z]+)?")
_MINUTE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True)
class Verified:
    """A log whose every byte was checked. `numbers` are the last ones of each publisher."""

    export: Export
    origin: str
    size: int
    root: bytes
    numbers: Mapping[str, int]

    def summary(self) -> dict[str, Any]:
        """The verdict as JSON."""
        return {
            "origin": self.origin,
            "size": self.size,
            "root": b64encode(self.root).decode(),
            "numbers": dict(self.numbers),
        }


def verify(export: Export, vkey: str) -> Verified:
    """Check a whole log. Raises `Tampered` with the first step that fails, or `Unreachable`.

    1. The checkpoint is signed by the log's key, whose name is the log's origin.
    2. There are as many entries as it says.
    3. They have the root it says (RFC 6962).
    4. Every entry is RFC 8785 JSON with exactly the fields of a leaf.
    5. Each publisher's numbers are 1, 2, 3, … with those that the ledger's own entries fill.
    6. No event id is there twice.
    7. The hash tiles are those of the entries.
    8. Each closed box holds the ballots that its closing counts and nothing after it, and nothing
       is decided before it is closed.
    11. Decisions and closings are signed by their services, and a log that ended is whole.
    """
    # 1.
    try:
        checkpoint = notes.opened(export.note, notes.VerifierKey.parse(vkey))
    except notes.Malformed as error:
        raise Tampered(1, str(error)) from None
    # 2., and what 4., 5., 6. and 8. find on the way: the root comes first, since without it the
    # entries are nobody's.
    reader, tree = _Reader(), GrowingTree()
    wrong_tile: Tampered | None = None
    for index, entry in enumerate(export.entries()):
        for tile in tree.add(leaf_hash(entry)):
            wrong_tile = wrong_tile or _compared(export, tile)
        reader.take(index, entry)
    for tile in tree.partial():
        wrong_tile = wrong_tile or _compared(export, tile)
    # 3.
    if tree.root() != checkpoint.root:
        raise Tampered(3, *_first_difference(export, checkpoint))
    # 4., 5., 6.
    for step in (4, 5, 6):
        if (found := reader.flaws.get(step)) is not None:
            raise found
    # 7.
    if wrong_tile is not None:
        raise wrong_tile
    # 8.
    reader.check_closings()
    # 11.
    if (found := reader.flaws.get(services.STEP)) is not None:
        raise found
    reader.services.check(reader.numbers)
    return Verified(export, checkpoint.origin, tree.size, tree.root(), dict(reader.numbers))


@dataclass
class _Round:
    """What one log says of one round's box."""

    ballots: int = 0
    closed_at: int | None = None
    counted: int = 0
    last_number: int = 0
    number: int = 0
    after_closing: int | None = None
    decided_at: int | None = None


@dataclass
class _Reader:
    """Reads entries in order and remembers the first flaw of each step."""

    numbers: Counter[str] = field(default_factory=Counter)
    flaws: dict[int, Tampered] = field(default_factory=dict)
    services: Services = field(default_factory=Services)
    _ids: set[bytes] = field(default_factory=set)
    _rounds: dict[str, _Round] = field(default_factory=dict)

    def take(self, index: int, entry: bytes) -> None:
        # 4.
        try:
            leaf = _leaf(entry)
        except (ValueError, RecursionError) as error:
            self._flaw(4, f"it is {error}", index)
            return
        # 5.
        src, number = leaf["src"], leaf["number"]
        if number != self.numbers[src] + 1:
            self._flaw(5, f"number {number} of {src} follows {self.numbers[src]}", index)
        self.numbers[src] = number
        self._fill(index, leaf)
        # 6.
        identity = UUID(leaf["id"]).bytes
        if identity in self._ids:
            self._flaw(6, f"the event {leaf['id']} is there already", index)
        self._ids.add(identity)
        self._note_closing(index, leaf)
        # 11.
        try:
            self.services.take(index, src, number, leaf["type"], leaf["id"], leaf["body"])
        except Tampered as found:
            self.flaws.setdefault(services.STEP, found)

    def _fill(self, index: int, leaf: Mapping[str, Any]) -> None:
        """Step 5 where the ledger says that numbers have no event."""
        if leaf["src"] != "ledger":
            return
        try:
            found = filled(leaf["type"], leaf["body"])
        except ValueError as error:
            return self._flaw(5, str(error), index)
        if found is not None:
            src, first, last = found
            if first != self.numbers[src] + 1:
                what = f"the number {first} of {src}, which has none, follows {self.numbers[src]}"
                self._flaw(5, what, index)
            self.numbers[src] = last

    def check_closings(self) -> None:
        """Step 8. Raises `Tampered`."""
        for name, found in self._rounds.items():
            if found.decided_at is not None and found.closed_at is None:
                raise Tampered(8, f"round {name} is decided, its box not closed", found.decided_at)
            if found.after_closing is not None:
                raise Tampered(8, f"a ballot of {name} after its box closed", found.after_closing)
            if found.closed_at is None:
                continue
            if found.ballots != found.counted:
                what = f"the box of {name} closed with {found.counted} ballots"
                raise Tampered(8, f"{what}, {found.ballots} are here", found.closed_at)
            if not 0 <= found.last_number < found.number:
                what = f"the last number of the box is {found.last_number}"
                raise Tampered(8, f"{what}, its closing has {found.number}", found.closed_at)

    def _note_closing(self, index: int, leaf: Mapping[str, Any]) -> None:
        body = leaf["body"]
        match leaf["type"]:
            case "voting.ballot-cast.v1":
                found = self._round(body.get("round"))
                found.ballots += 1
                if found.closed_at is not None:
                    found.after_closing = found.after_closing or index
            case "voting.box-closed.v1":
                found = self._round(body.get("round_id"))
                found.closed_at, found.number = index, leaf["number"]
                found.counted = _count(body.get("ballots"))
                found.last_number = _count(body.get("last_number"))
            case "voting.allocation-published.v1" | "voting.allocation-published.v2":
                self._round(body.get("round_id")).decided_at = index

    def _round(self, round_id: Any) -> _Round:
        return self._rounds.setdefault(str(round_id), _Round())

    def _flaw(self, step: int, what: str, index: int) -> None:
        self.flaws.setdefault(step, Tampered(step, what, index))


def _count(value: Any) -> int:
    return value if type(value) is int else -1


def _leaf(entry: bytes) -> dict[str, Any]:
    """An entry's fields. Raises `ValueError`, which says what is wrong with it."""
    leaf = jcs.read(entry)
    if leaf.keys() != _FIELDS:
        raise ValueError(f"made of {', '.join(sorted(leaf))}"[:200])
    kind = _TYPE.fullmatch(leaf["type"]) if isinstance(leaf["type"], str) else None
    well_formed = (
        isinstance(leaf["body"], dict)
        and isinstance(leaf["id"], str)
        and str(UUID(leaf["id"])) == leaf["id"]
        and type(leaf["number"]) is int
        and leaf["number"] >= 1
        and isinstance(leaf["src"], str)
        and _SOURCE.fullmatch(leaf["src"]) is not None
        and isinstance(leaf["t"], str)
        and _MINUTE.fullmatch(leaf["t"]) is not None
        and kind is not None
        and type(leaf["v"]) is int
        and str(leaf["v"]) == kind[2]
    )
    if not well_formed:
        raise ValueError("a leaf with a field that is not of its form")
    return leaf


def _compared(export: Export, tile: Tile) -> Tampered | None:
    """Step 7 for one tile: what is wrong with the one that is served, or nothing."""
    try:
        served = export.tile(tile.level, tile.number, len(tile.hashes) // HASH)
    except Tampered as error:
        return error
    if served == tile.hashes:
        return None
    place = _first_other(served, tile.hashes)
    index = (tile.number * WIDTH + place) << 8 * tile.level
    return Tampered(7, f"the tile of level {tile.level} at {tile.number} is another one", index)


def _first_difference(export: Export, checkpoint: notes.Checkpoint) -> tuple[str, int | None]:
    """Step 3 failed: which entry was changed, where the hash tiles can tell."""
    signed, found = list[bytes](), None
    try:
        for number in range(-(-checkpoint.size // WIDTH)):
            width = min(WIDTH, checkpoint.size - number * WIDTH)
            tile = export.tile(0, number, width)
            signed += [tile[at : at + HASH] for at in range(0, len(tile), HASH)]
    except Tampered:
        return "the entries have another root", None
    if tree_hash(signed) != checkpoint.root:
        return "neither the entries nor the hash tiles have it", None
    for index, entry in enumerate(export.entries()):
        if leaf_hash(entry) != signed[index]:
            found = index
            break
    return "it is not the entry that was signed", found


def _first_other(one: bytes, other: bytes) -> int:
    places = range(0, min(len(one), len(other)), HASH)
    return next((at // HASH for at in places if one[at : at + HASH] != other[at : at + HASH]), 0)
