"""Logs for the auditor to look at: whole ones, and ones that somebody changed."""

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal
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
from shared.canonical import canonical, digest
from shared.envelope import Envelope, leaf_bytes
from shared.events import Event, earlier
from shared.events.ballots import Approval, Format
from shared.events.earlier import (
    AllocationPublishedV1,
    OptionDecidedV1,
    RoundOpenedV1,
)
from shared.events.openings import BallotOpened, CommissionPrepared
from shared.events.paper import (
    PaperBatchAnnulled,
    PaperBatchOpened,
    PapersMarked,
    VoidPaper,
)
from shared.events.projects import DossierFiled
from shared.events.rules import Rule
from shared.events.submission import OptionsFrozen, options_digest
from shared.events.voting import (
    BallotCast,
    BoxClosed,
    Commission,
    TieAsked,
    TieOrdered,
    TierKeysPrepared,
    TokensIssued,
    token_bytes,
)
from shared.rules import presets
from shared.sealing import Place, commitment
from voting.count import decisions, rounds
from voting.count.commission.opening import Known, Opening
from voting.count.commission.opening import opened as opening_row
from voting.count.paper.batches import Entry, lock
from voting.count.paper.closing import Batch, papers_closed, summed
from voting.count.paper.handling import PaperBallot
from voting.count.projecting import Projection, projection
from voting.count.round_count import counted
from voting.count.tables import FrozenOptions, Option, Project, Round

# A platform's log need not begin with an entry that names it; an edition's must.
ORIGIN = "ledger.example.org/platform"
EDITION = "ledger.example.org/edition"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = verifier_key(ORIGIN, KEY.public_key().public_bytes_raw())
EDITION_VKEY = verifier_key(EDITION, KEY.public_key().public_bytes_raw())
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SPACE = UUID("00000000-0000-5000-8000-000000000000")
PSS_ZERO = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0)
EUROS = 100
# Ballots of which the counting process has no choices.
UNREAD = ("malformed", "sealed", "unopened", "commitment_broken")
# A commission that nobody asks to open anything here: what it says is made up.
COMMISSION = Commission(key=b64encode(bytes(range(32))).decode(), threshold=3, shares=7)
SALT = bytes(range(32))
PADDED = 128
OFFICERS = (UUID(int=1), UUID(int=2))


@cache
def tier_key(tier: str = "A") -> rsa.RSAPrivateKey:
    """The roll's key for a tier."""
    assert tier in "AB"
    return rsa.generate_private_key(65537, 3072)


def identity(*parts: object) -> UUID:
    """An id that is the same in every run."""
    return uuid5(SPACE, "/".join(map(str, parts)))


def option_ids(many: int) -> list[UUID]:
    """The ids of so many options, by their number on ballots."""
    return sorted((identity(n) for n in range(many)), key=str)


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


def spki(tier: str) -> str:
    """The public half, as it is announced."""
    key = tier_key(tier).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def ballot(
    voter: int,
    choices: Sequence[Any] | None,
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
        "choices": [list(each) if isinstance(each, tuple) else each for each in choices or ()],
        **changed,
    }
    if choices is None:
        del fields["choices"]
    sig = b64encode(private.sign(canonical(fields))).decode()
    return BallotCast.model_validate_json(json.dumps({**fields, "sig": sig, **changed}))


@cache
def _token(round_id: UUID, tier: str, key: str) -> str:
    message = token_bytes(round_id, tier, key)
    return b64encode(tier_key(tier).sign(message, PSS_ZERO, hashes.SHA384())).decode()


def read(papers: Sequence[Sequence[Any] | VoidPaper]) -> list[list[Entry]]:
    """Papers as two agents read them alike."""
    said = [(None, each) if isinstance(each, str) else (tuple(each), None) for each in papers]
    return [[Entry(officer, *each) for officer in OFFICERS] for each in said]


def _unchanged(event: Event) -> Event | None:
    return event


@dataclass
class Election:
    """A round from its options to its decisions, in the services' own words.

    `papers` are batches of what papers say, or why they are void; with them, the round is one with
    paper, and those of `annulled` are annulled again. What is in `while_open` is said while the
    round is open, what is in `at_last` when it is decided. The last `declared` voters are of tier
    B, the others of tier A. `facts` are what the rule sees of options beside, by their place in
    `costs`. `answers` are the orders that officers said, one for each time that they were asked;
    without one, the round waits. Each hook may change what is published at its place, or keep it
    back; the rest follows from what was counted.
    """

    costs: Sequence[int]
    votes: Sequence[Sequence[Any]]
    rule: Rule = field(default_factory=lambda: presets.greedy(1_000 * EUROS))
    form: Format = Approval(max=3, wrong="refused")  # noqa: RUF009
    facts: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    answers: Sequence[Callable[[list[str]], list[str]]] = ()
    revised: Sequence[tuple[int, Sequence[Any]]] = ()
    ballots: Callable[[list[BallotCast]], list[BallotCast]] = lambda ballots: ballots
    change: Callable[[Event], Event | None] = _unchanged
    name: str = "round"
    secrecy: Literal["live", "sealed"] = "live"
    declared: int = 0
    papers: Sequence[Sequence[Sequence[Any] | VoidPaper]] = ()
    annulled: Sequence[int] = ()
    while_open: Sequence[Event] = ()
    at_last: Sequence[Event] = ()

    @property
    def round_id(self) -> UUID:
        return identity(self.name)

    def tier(self, voter: int) -> str:
        return "B" if voter >= len(self.votes) - self.declared else "A"

    def ballot(self, voter: int, choices: Sequence[Any], revision: int) -> BallotCast:
        """What a voter casts, at her tier."""
        tier = self.tier(voter)
        return ballot(voter + 1, choices, round_id=self.round_id, revision=revision, tier=tier)

    def log(self) -> Log:
        """The whole log. Raises `RuleImpossible` where the round cannot be opened."""
        log = Log()

        def say(*events: Event) -> None:
            for event in events:
                if (said := self.change(event)) is not None:
                    log.append(said)

        row, options = self.opened(say)
        self.before(say)
        cast = self.ballots(
            [self.ballot(n, c, 1) for n, c in enumerate(self.votes)]
            + [self.ballot(n, c, 2 + place) for place, (n, c) in enumerate(self.revised)]
        )
        # The log keeps no order between publishers: a ballot may stand before the rules.
        say(*cast[:1])
        say(TierKeysPrepared(round_id=self.round_id, tiers=row.tiers or {}))
        say(opening := self.opening(row))
        row.script = getattr(opening, "script", None)
        row.state = "open"
        say(*cast[1:], *self.while_open)
        say(rounds.closed(row, NOW + timedelta(hours=1)))
        number, keys = log.numbers["voting.box"], len(self.votes)
        say(BoxClosed(round_id=self.round_id, ballots=len(cast), keys=keys, last_number=number))
        issued = {"A": keys - self.declared} | ({"B": self.declared} if self.declared else {})
        say(TokensIssued(round_id=self.round_id, issued=issued, final=True))
        self.after(say)
        if self.papers:
            self.enter(row, say)
        self.decide(row, options, say)
        say(*self.at_last)
        return log

    def before(self, say: Callable[..., None]) -> None:
        """What happens before the round is opened."""

    def after(self, say: Callable[..., None]) -> None:
        """What happens between the closing of the box and the decision."""

    def enter(self, row: Round, say: Callable[..., None]) -> None:
        """The papers, from the roll's marks to the officers' word that all are in."""
        stubs = sum(map(len, self.papers))
        say(PapersMarked(round_id=self.round_id, marked=stubs + 1, set_aside=1, last_number=1))
        found = list[Batch]()
        for number, papers in enumerate(self.papers):
            batch_id = identity("batch", number)
            batch = {"round_id": self.round_id, "batch_id": batch_id}
            say(PaperBatchOpened(**batch, place=f"{number:064x}", stubs=len(papers)))
            locked = lock(self.round_id, batch_id, len(papers), dict(enumerate(read(papers), 1)))
            say(locked.event, *locked.ballots)
            state = "annulled" if number in self.annulled else "locked"
            if state == "annulled":
                by = {"reason": "entered-wrongly", "officers": OFFICERS}
                say(PaperBatchAnnulled.model_validate(batch | by))
            event = locked.event
            found.append(
                Batch(
                    batch_id,
                    self.round_id,
                    number,
                    "a place",
                    len(papers),
                    state,
                    event.ballots,
                    event.void,
                    None,
                )
            )
        row.paper, row.marked, row.box_event, row.state = True, stubs + 1, SPACE, "closed"
        say(papers_closed(summed(row, found), OFFICERS, 1))

    def counted_papers(self) -> list[PaperBallot]:
        """The ballots on paper that count."""
        return [
            PaperBallot(f"{number}/{place}", tuple(said))
            for number, papers in enumerate(self.papers)
            if number not in self.annulled
            for place, said in enumerate(papers)
            if not isinstance(said, str)
        ]

    def opened(self, say: Callable[..., None]) -> tuple[Round, list[Option]]:
        """The round as it is prepared, and its options by number."""
        programme, ids = identity("programme"), option_ids(len(self.costs))
        projects = [
            Project(
                project_id=ids[n],
                programme_id=programme,
                title=f"{n:064x}",
                cost=cost,
                filed=self.facts.get(n, {}).get("filed", n + 1),
            )
            for n, cost in enumerate(self.costs)
        ]
        asked = {
            projects[n].project_id: rounds.Facts.model_validate(
                {name: value for name, value in facts.items() if name != "filed"}
            )
            for n, facts in self.facts.items()
        }
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
                format=self.form,
                rule=self.rule,
                facts=asked,
                opens_at=NOW,
                closes_at=NOW + timedelta(days=1),
                paper=bool(self.papers),
                rehearsal=True,
                secrecy=self.secrecy,
            ),
            frozen,
            {p.project_id: p for p in projects},
            rehearsal=True,
            territories=(),
        )
        say(*rounds.prepared(row, options))
        row.tiers = {tier: spki(tier) for tier in ("AB" if self.declared else "A")}
        return row, options

    def opening(self, row: Round) -> Event:
        """The rules, frozen."""
        return rounds.opened(row, NOW)

    def decide(self, row: Round, options: Sequence[Option], say: Callable[..., None]) -> None:
        """Count as the counting process does, asking officers as often as it wants them."""
        answers, answering = list[str](), iter(self.answers)
        while "tied" in (found := self.counted(row, options, answers)):
            tied = found["tied"]
            say(TieAsked(round_id=self.round_id, step=tied["step"], options=tied["options"]))
            if (answer := next(answering, None)) is None:
                return
            order = answer(tied["options"])
            say(TieOrdered(round_id=self.round_id, order=[UUID(option) for option in order]))
            answers += order
        events, summary = decisions.decided(row, rounds.opened_rules(row), options, found)
        say(*events, summary)

    def counted(self, row: Round, options: Sequence[Option], answers: list[str]) -> dict[str, Any]:
        """What the counting process answers."""
        reading = projection(rounds.format_of(row), rounds.seen_by_rule(options))
        rows = [reading.row(each) for each in self.counted_papers()] + self.rows(reading)
        asked = {
            "rule": row.rule,
            "format": row.format,
            "options": [option.seen for option in options],
            "answers": answers,
            "unread": Counter(r["void"] for r in rows if r.get("void") in UNREAD),
        }
        lines = [
            json.dumps([r["choices"], r.get("said"), r["tier"], 1])
            for r in rows
            if r.get("void") not in UNREAD
        ]
        return counted(asked, [*lines, "null"])

    def rows(self, reading: Projection) -> list[dict[str, Any]]:
        """What counts under each key, as the counting process reads it."""
        final = dict(enumerate(self.votes)) | dict(self.revised)
        return [reading.row(self.ballot(n, choices, 1)) for n, choices in final.items()]


@dataclass
class SealedElection(Election):
    """The same under seal: its commission opens every ballot that counts.

    `openings` may change what the commission says; what it says decides what a ballot is worth.
    """

    openings: Callable[[list[BallotOpened]], list[BallotOpened]] = lambda said: said
    secrecy: Literal["live", "sealed"] = "sealed"
    _said: list[BallotOpened] = field(default_factory=list)

    def place(self, voter: int, revision: int) -> Place:
        """Where a voter's ballot stands."""
        key = Ed25519PrivateKey.from_private_bytes((voter + 1).to_bytes(32)).public_key()
        name = b64encode(key.public_bytes_raw()).decode()
        return Place(str(self.round_id), self.tier(voter), name, revision)

    def ballot(self, voter: int, choices: Sequence[Any], revision: int) -> BallotCast:
        """What a voter casts: nobody here has the commission's key, which is not needed."""
        said = [list(each) if isinstance(each, tuple) else each for each in choices]
        fields: dict[str, Any] = {
            "commitment": commitment(self.place(voter, revision), said, SALT),
            "sealed": b64encode(bytes(PADDED + 48)).decode(),
        }
        return ballot(
            voter + 1,
            None,
            round_id=self.round_id,
            revision=revision,
            tier=self.tier(voter),
            **fields,
        )

    def opening(self, row: Round) -> Event:
        """The rules, frozen, with the commission's key."""
        row.commission = COMMISSION.model_dump()
        return super().opening(row)

    def before(self, say: Callable[..., None]) -> None:
        """The commission tries its key."""
        say(CommissionPrepared(round_id=self.round_id, commission=COMMISSION))

    def after(self, say: Callable[..., None]) -> None:
        """The commission opens the highest revision under each key."""
        last = {n: (c, 1) for n, c in enumerate(self.votes)}
        last |= {n: (c, 2 + place) for place, (n, c) in enumerate(self.revised)}
        self._said = self.openings(
            [
                BallotOpened.model_validate(
                    {
                        "round_id": self.round_id,
                        "key": self.place(n, revision).key,
                        "revision": revision,
                        "choices": choices,
                        "salt": SALT.hex(),
                    }
                )
                for n, (choices, revision) in last.items()
            ]
        )
        say(*self._said)

    def rows(self, reading: Projection) -> list[dict[str, Any]]:
        last = {n: (c, 1) for n, c in enumerate(self.votes)}
        last |= {n: (c, 2 + place) for place, (n, c) in enumerate(self.revised)}
        said = {each.key: each for each in reversed(self._said)}
        found = []
        for n, (choices, revision) in last.items():
            cast = self.ballot(n, choices, revision)
            row = reading.row(cast)
            if (opened := said.get(cast.key)) is not None and opened.revision == revision:
                opening = Opening(
                    key=cast.key, revision=revision, choices=opened.choices, salt=opened.salt
                )
                known = Known(cast.tier, revision, cast.commitment or "", "sealed")
                read = opening_row(self.round_id, opening, known, reading) or {}
                row = {name: row[name] for name in ("key", "tier")} | read
            found.append(row)
        return found


@dataclass
class ElectionBefore(Election):
    """The same as version 1 published it: approval, by votes, over one envelope.

    With `upgraded`, it was decided when count had learned of other rules.
    """

    upgraded: bool = False

    def opening(self, row: Round) -> Event:
        """The rules, in the words of version 1."""
        today = rounds.opened(row, NOW)
        assert isinstance(today.format, Approval)
        event = RoundOpenedV1(
            **today.model_dump(exclude_none=True, exclude={"format", "rule", "listed", "script"}),
            format=earlier.Approval(min=today.format.min, max=today.format.max),
            rule="greedy",
            budget=self.rule.budget,
            tie_order=("cost", "option"),
        )
        fields = event.model_dump(mode="json", exclude={"rules_digest"})
        return event.model_copy(update={"rules_digest": digest(fields).hex()})

    def decide(self, row: Round, options: Sequence[Option], say: Callable[..., None]) -> None:
        """Look at the most voted first, the cheaper of equals, and fund what still fits."""
        if self.upgraded:
            row.listed = "0" * 64  # as the migration left it
            super().decide(row, options, say)
            return
        final = dict(enumerate(self.votes)) | dict(self.revised)
        votes = Counter(choice for choices in final.values() for choice in choices)
        left, events = self.rule.budget, list[OptionDecidedV1]()
        order = sorted(options, key=lambda o: (-votes[o.number], o.cost, str(o.option_id)))
        for rank, option in enumerate(order, start=1):
            fits = option.cost <= left
            funded = votes[option.number] > 0 and fits
            reason = "no_votes" if not votes[option.number] else "funded" if fits else None
            events.append(
                OptionDecidedV1(
                    round_id=self.round_id,
                    option_id=option.option_id,
                    number=option.number,
                    rank=rank,
                    votes=votes[option.number],
                    cost=option.cost,
                    funded=funded,
                    reason=reason or "does_not_fit",
                    left=left,
                )
            )
            left -= option.cost if funded else 0
        summary = AllocationPublishedV1(
            round_id=self.round_id,
            rule="greedy",
            budget=self.rule.budget,
            spent=self.rule.budget - left,
            ballots=len(self.votes),
            options=len(events),
            funded=sum(event.funded for event in events),
            digest=digest([event.model_dump(mode="json") for event in events]).hex(),
        )
        say(*events, summary)
