"""What voting publishes of paper: batches and their ballots (count), who was marked (the roll)."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.canonical import canonical, digest
from shared.events.event import Event, Hash, Ledgered, PublicKey, Signature, Signed
from shared.events.voting import Choice, Count

MOST_PAPERS = 10_000
Papers = Annotated[int, Field(ge=0, le=MOST_PAPERS)]
Paper = Annotated[int, Field(ge=1, le=MOST_PAPERS)]
# Why a paper is no ballot: nobody can tell what it says; a sign on it names a person; it is not a
# paper of this round; several came behind one stub; none did.
VoidPaper = Literal["unreadable", "signed", "foreign", "several", "missing"]
BatchAnnulment = Literal["entered-wrongly", "stubs-do-not-match", "not-of-this-round", "tampered"]
TIER: Literal["P"] = "P"


class _Paper(Event):
    """Every event of a batch; of one round they stay in order."""

    topic: ClassVar[str] = "voting.paper"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID

    @property
    def key(self) -> str:
        return str(self.round_id)


class PaperBatchOpened(_Paper):
    """Papers that lie together are being entered; there is one for each of its `stubs`.

    `place` is a commitment to where they come from: in public it would say how few people of one
    place voted.
    """

    type: ClassVar[str] = "voting.paper-batch-opened.v1"
    batch_id: UUID
    place: Hash
    stubs: Paper


class PaperBatchLocked(Signed):
    """Each paper of a batch was entered alike by two agents, or decided by a third.

    Its `ballots` follow, each signed by `batch_key`, whose private half exists no more; `digest` is
    over their bodies by number (RFC 8785). Ballots and void papers are as many as stubs.
    """

    topic: ClassVar[str] = "voting.paper"
    type: ClassVar[str] = "voting.paper-batch-locked.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    batch_id: UUID
    batch_key: PublicKey
    stubs: Paper
    ballots: Papers
    void: dict[VoidPaper, Papers]
    digest: Hash

    @property
    def key(self) -> str:
        return str(self.round_id)

    @staticmethod
    def hashed(ballots: Iterable["PaperBallotEntered"]) -> str:
        """The digest of a batch's ballots, by number."""
        by_number = sorted(ballots, key=lambda ballot: ballot.number)
        return digest([ballot.model_dump(mode="json") for ballot in by_number]).hex()


class PaperBallotEntered(_Paper):
    """A paper is a ballot of tier P. Numbers were drawn by lot when its batch was locked.

    `sig` is over the other fields (RFC 8785), by the key of the batch.
    """

    type: ClassVar[str] = "voting.paper-ballot-entered.v1"
    v: Literal[1]
    batch_id: UUID
    tier: Literal["P"]
    number: Paper
    choices: tuple[Choice, ...]
    sig: Signature

    def signed_bytes(self) -> bytes:
        """What `sig` is over."""
        fields: dict[str, Any] = self.model_dump(mode="json", exclude={"sig"})
        return canonical(fields)


class PaperBatchAnnulled(_Paper):
    """Two officers annulled a batch: none of its papers counts. They may be entered once more."""

    type: ClassVar[str] = "voting.paper-batch-annulled.v1"
    batch_id: UUID
    reason: BatchAnnulment
    officers: tuple[UUID, UUID]


class PapersClosed(Signed):
    """Two officers said that all papers of a round are in: no batch follows.

    Sums over the batches that were locked and not annulled. `last_number` is count's last number in
    this log before this one.
    """

    topic: ClassVar[str] = "voting.paper"
    type: ClassVar[str] = "voting.papers-closed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    batches: Count
    stubs: Count
    ballots: Count
    void: dict[VoidPaper, Count]
    officers: tuple[UUID, UUID]
    last_number: Count

    @property
    def key(self) -> str:
        return str(self.round_id)


class PapersMarked(Signed):
    """The roll says how many people it marked as voting on paper, once and for all.

    None of them has a token. `set_aside` are inner envelopes of people who had one: they stay
    unopened. `last_number` is the roll's last number in this log before this one.
    """

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.papers-marked.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    marked: Count
    set_aside: Count
    last_number: Count

    @property
    def key(self) -> str:
        return str(self.round_id)


OF_COUNT: tuple[type[Event], ...] = (
    PaperBatchOpened,
    PaperBatchLocked,
    PaperBallotEntered,
    PaperBatchAnnulled,
    PapersClosed,
)
ALL: tuple[type[Event], ...] = (*OF_COUNT, PapersMarked)
