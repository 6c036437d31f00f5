"""Logs for the auditor to look at: whole ones, and ones that somebody changed."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ledger.notes import Checkpoint, signed, verifier_key
from ledger.sequence import PUBLISHERS
from ledger.tiles import bundle, bundles, tree_tiles
from ledger.tree import EMPTY, TileKey, grow, leaf_hash, root
from shared.canonical import canonical
from shared.envelope import Envelope, leaf_bytes
from shared.events import Event
from shared.events.submission import DossierFiled, OptionsFrozen, options_digest
from shared.events.voting import (
    Approval,
    BallotCast,
    BoxClosed,
    TierKeysPrepared,
    TokensIssued,
    token_bytes,
)
from voting.count import rounds
from voting.count.tables import FrozenOptions, Project

ORIGIN = "ledger.example.org/edition"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SPACE = UUID("00000000-0000-5000-8000-000000000000")
PSS_ZERO = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0)
EUROS = 100


@cache
def tier_key(tier: str = "A") -> rsa.RSAPrivateKey:
    """The roll's key for a tier."""
    assert tier in "AB"
    return rsa.generate_private_key(65537, 3072)


def identity(*parts: object) -> UUID:
    """An id that is the same in every run."""
    return uuid5(SPACE, "/".join(map(str, parts)))


@dataclass
class Log:
    """The entries of a log, as its publishers would have them appended."""

    entries: list[bytes] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def append(self, event: Event, src: str | None = None) -> None:
        src = src or PUBLISHERS[event.topic]
        self.numbers[src] += 1
        envelope = Envelope(
            id=identity(src, self.numbers[src]),
            type=event.type,
            source=src,
            subject=event.subject,
            time=NOW,
            log="edition",
            number=self.numbers[src],
        )
        self.entries.append(leaf_bytes(envelope, event.body()))


def publish(
    entries: Sequence[bytes], directory: Path, *, key: Ed25519PrivateKey = KEY, origin: str = ORIGIN
) -> Path:
    """Write a log as files, signed: what its operator could publish, whatever the entries."""
    edge, tiles = grow(EMPTY, [leaf_hash(entry) for entry in entries])
    note = signed(Checkpoint(origin, len(entries), root(edge)), key)
    content = {"checkpoint": note.encode(), "vkey": VKEY.encode()}
    for each in bundles(len(entries)):
        start = each.index * 256
        content[f"tile/{each.path}"] = bundle(entries[start : start + each.width])
    for each in tree_tiles(len(entries)):
        content[f"tile/{each.path}"] = tiles[TileKey(each.level or 0, each.index)]
    for path, data in content.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(data)
    return directory


def _spki(tier: str) -> str:
    key = tier_key(tier).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def ballot(
    voter: int,
    choices: Sequence[int],
    *,
    round_id: UUID,
    revision: int = 1,
    tier: str = "A",
    **changed: Any,
) -> BallotCast:
    """A ballot as a voter's software makes it; what is `changed` is signed too."""
    private = Ed25519PrivateKey.from_private_bytes(voter.to_bytes(32))
    key = b64encode(private.public_key().public_bytes_raw()).decode()
    fields = {
        "v": 1,
        "round": str(round_id),
        "tier": tier,
        "key": key,
        "token": _token(round_id, tier, key),
        "revision": revision,
        "choices": list(choices),
        **changed,
    }
    sig = b64encode(private.sign(canonical(fields))).decode()
    return BallotCast.model_validate_json(json.dumps({**fields, "sig": sig, **changed}))


@cache
def _token(round_id: UUID, tier: str, key: str) -> str:
    message = token_bytes(round_id, tier, key)
    return b64encode(tier_key(tier).sign(message, PSS_ZERO, hashes.SHA384())).decode()


@dataclass
class Election:
    """A round from its options to its decisions, in the services' own words.

    The last `declared` voters are of tier B, the others of tier A. Each hook may change what is
    published at its place; the rest follows from what was counted.
    """

    costs: Sequence[int]
    votes: Sequence[Sequence[int]]
    budget: int = 1_000 * EUROS
    revised: Sequence[tuple[int, Sequence[int]]] = ()
    ballots: Callable[[list[BallotCast]], list[BallotCast]] = lambda ballots: ballots
    change: Callable[[Event], Event] = lambda event: event
    name: str = "round"
    declared: int = 0

    @property
    def round_id(self) -> UUID:
        return identity(self.name)

    def ballot(self, voter: int, choices: Sequence[int], revision: int) -> BallotCast:
        """What a voter casts, at her tier."""
        tier = "B" if voter >= len(self.votes) - self.declared else "A"
        return ballot(voter + 1, choices, round_id=self.round_id, revision=revision, tier=tier)

    def log(self) -> Log:
        """The whole log."""
        log, programme = Log(), identity("programme")
        projects = sorted(
            (
                Project(project_id=identity(n), programme_id=programme, title=f"{n:064x}", cost=c)
                for n, c in enumerate(self.costs)
            ),
            key=lambda project: str(project.project_id),
        )

        def say(*events: Event) -> None:
            for event in events:
                log.append(self.change(event))

        for p in projects:
            say(
                DossierFiled(
                    project_id=p.project_id, programme_id=programme, title=p.title, cost=p.cost
                )
            )
        frozen = FrozenOptions(
            round_id=self.round_id,
            programme_id=programme,
            log="edition",
            options=[p.project_id for p in projects],
            digest=options_digest([(p.project_id, p.cost, p.title) for p in projects]),
        )
        say(OptionsFrozen(**frozen.model_dump(exclude={"log"})))
        row, options = rounds.prepare(
            rounds.RoundIn(
                round_id=self.round_id,
                budget=self.budget,
                format=Approval(min=0, max=3),
                opens_at=NOW,
                closes_at=NOW + timedelta(days=1),
                rehearsal=True,
            ),
            frozen,
            {p.project_id: p for p in projects},
            rehearsal=True,
        )
        say(*rounds.prepared(row, options))
        row.tiers = {tier: _spki(tier) for tier in ("AB" if self.declared else "A")}
        cast = [self.ballot(n, c, 1) for n, c in enumerate(self.votes)]
        cast += [self.ballot(n, c, 2 + place) for place, (n, c) in enumerate(self.revised)]
        # The log keeps no order between publishers: a ballot may stand before the rules.
        say(*self.ballots(cast)[:1])
        say(TierKeysPrepared(round_id=self.round_id, tiers=row.tiers))
        say(rounds.opened(row, NOW))
        row.state = "open"
        say(*self.ballots(cast)[1:])
        say(rounds.closed(row, NOW + timedelta(hours=1)))
        number, keys = log.numbers["voting.box"], len(self.votes)
        say(BoxClosed(round_id=self.round_id, ballots=len(cast), keys=keys, last_number=number))
        issued = {"A": keys - self.declared} | ({"B": self.declared} if self.declared else {})
        say(TokensIssued(round_id=self.round_id, issued=issued, final=True))
        final = dict(enumerate(self.votes)) | dict(self.revised)
        counted = Counter(choice for choices in final.values() for choice in choices)
        for option in options:
            option.votes = counted[option.number]
        row.box_keys = keys
        _, decisions, summary = rounds.decide(row, options)
        say(*decisions, summary)
        return log
