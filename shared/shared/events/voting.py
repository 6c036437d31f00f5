"""What voting publishes: rounds, the roll's counts, ballots, tallies and decisions."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.canonical import canonical, digest
from shared.events import administration
from shared.events.event import Cents, Event, Frozen, Hash, Ledgered, Name, Tier

Number = Annotated[int, Field(ge=1, le=10_000)]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
# What a commitment in JSON can hold exactly in every language: 2^53 - 1.
Count = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]
MOST_REVISIONS = 20


class Approval(Frozen):
    """A ballot names between `min` and `max` options, each at most once."""

    type: Literal["approval"] = "approval"
    min: Annotated[int, Field(ge=0, le=10_000)] = 0
    max: Annotated[int, Field(ge=1, le=10_000)]


class FlushRule(Frozen):
    """Ballots leave the box when at least `k` wait, every `interval` seconds."""

    k: Annotated[int, Field(ge=1)]
    interval: Annotated[int, Field(ge=0)]


class RoundPrepared(Event):
    """A round exists; its options follow, one event each. Nobody can vote yet."""

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.round-prepared.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    programme_id: UUID
    options: Number
    digest: Hash

    @property
    def key(self) -> str:
        return str(self.round_id)


class OptionListed(Event):
    """An option of a round, with its number on the ballot and its cost in cents.

    `title` and `summary` are commitments; the words are on `submission.texts`.
    """

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.option-listed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    option_id: UUID
    number: Number
    cost: Cents
    title: Hash
    summary: Hash | None = None
    territory: Name | None = None
    family: Name | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)


class RoundOpened(Event):
    """The rules of a round, frozen: from this instant nothing in them changes.

    `tiers` are the roll's public keys (SPKI, DER, base64); `rules_digest` hashes all other fields.
    """

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.round-opened.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    programme_id: UUID
    rehearsal: bool
    secrecy: Literal["live"]
    format: Approval
    rule: Literal["greedy"]
    budget: Cents
    tie_order: tuple[Literal["cost", "option"], ...]
    opens_at: datetime
    closes_at: datetime
    tiers: dict[Tier, Base64]
    flush: FlushRule
    options: Number
    digest: Hash
    rules_digest: Hash

    @property
    def key(self) -> str:
        return str(self.round_id)

    @staticmethod
    def hashed(rules: dict[str, Any]) -> str:
        """The digest of the rules as they stand in the event, without the digest itself."""
        return digest({k: v for k, v in rules.items() if k != "rules_digest"}).hex()


class RoundClosed(Event):
    """Voting has ended, by the rule's clock or, in a rehearsal, by command."""

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.round-closed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    closed_at: datetime

    @property
    def key(self) -> str:
        return str(self.round_id)


class TierKeysPrepared(Event):
    """The roll made the keys that sign this round's tokens, one a tier (SPKI, DER, base64)."""

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.tier-keys-prepared.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    tiers: dict[Tier, Base64]

    @property
    def key(self) -> str:
        return str(self.round_id)


class TokensIssued(Event):
    """How many tokens the roll has issued by tier, by its own clock; `final` after closing."""

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.tokens-issued.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    issued: dict[Tier, Count]
    final: bool

    @property
    def key(self) -> str:
        return str(self.round_id)


class BallotCast(Event):
    """A ballot was accepted. It replaces any earlier revision under the same ballot key.

    The ledger makes every byte of this public, so nothing here may name the voter. The body is
    the ballot itself, signed by `key`; `token` is the roll's signature over that key.
    """

    topic: ClassVar[str] = "voting.ballots"
    type: ClassVar[str] = "voting.ballot-cast.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    # Field names are those of the ballot as voters' software makes it. Of base64's forms of the
    # same bytes (its last character has spare bits) only one is taken, as in every strict reader.
    v: Literal[1]
    round: UUID
    tier: Tier
    key_: Annotated[str, Field(alias="key", pattern=r"^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{512}$")]
    revision: Annotated[int, Field(ge=1, le=MOST_REVISIONS)]
    choices: tuple[Number, ...]
    sig: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==$")]

    @property
    def key(self) -> str:
        return self.key_

    @property
    def subject(self) -> str:
        return str(self.round)

    def signed_bytes(self) -> bytes:
        """What `sig` is over: the ballot without it."""
        return canonical(self._fields(without="sig"))

    def token_bytes(self) -> bytes:
        """What `token` is over."""
        return token_bytes(self.round, self.tier, self.key_)

    def body(self) -> bytes:
        return canonical(self._fields())

    def _fields(self, without: str | None = None) -> dict[str, Any]:
        fields = {
            "v": self.v,
            "round": str(self.round),
            "tier": self.tier,
            "key": self.key_,
            "token": self.token,
            "revision": self.revision,
            "choices": list(self.choices),
            "sig": self.sig,
        }
        return {name: value for name, value in fields.items() if name != without}


def token_bytes(round_id: UUID, tier: str, key: str) -> bytes:
    """What the roll signs: that this ballot key may vote once in this round, at this tier."""
    return canonical({"v": "comptoir-token-v1", "round": str(round_id), "tier": tier, "key": key})


class BoxClosed(Event):
    """No ballot follows. `last_number` is the last number of the box in this log before this one.

    `ballots` counts every revision, `keys` the voters.
    """

    topic: ClassVar[str] = "voting.ballots"
    type: ClassVar[str] = "voting.box-closed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    ballots: Count
    keys: Count
    last_number: Count

    @property
    def key(self) -> str:
        return str(self.round_id)


class TallyUpdated(Event):
    """Where a live round stands, for dashboards: votes by option number (as text: JSON's keys).

    `ballots` counts every revision, `voters` each ballot key once.
    """

    topic: ClassVar[str] = "voting.tallies"
    type: ClassVar[str] = "voting.tally-updated.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    round_id: UUID
    ballots: Count
    votes: dict[str, Count]
    final: bool
    voters: Count | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)


class OptionDecided(Event):
    """What was decided about an option, and why; money in cents.

    `rank` is its place in the rule's order, `left` what was left of the budget when it was looked
    at: where that is below `cost`, the option did not fit.
    """

    topic: ClassVar[str] = "voting.decisions"
    type: ClassVar[str] = "voting.option-decided.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    option_id: UUID
    number: Number
    rank: Number
    votes: Count
    cost: Cents
    funded: bool
    reason: Literal["funded", "does_not_fit", "no_votes"]
    left: Cents

    @property
    def key(self) -> str:
        return str(self.option_id)


class AllocationPublished(Event):
    """The round is decided: one `OptionDecided` per option came before, hashed by `digest`."""

    topic: ClassVar[str] = "voting.decisions"
    type: ClassVar[str] = "voting.allocation-published.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    rule: Literal["greedy"]
    budget: Cents
    spent: Cents
    ballots: Count
    options: Number
    funded: Count
    digest: Hash

    @property
    def key(self) -> str:
        return str(self.round_id)


class ResultValidated(Event):
    """Two officers validated an allocation; until then a result is provisional.

    `allocation` is the `digest` of the `AllocationPublished` that they validated.
    """

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.result-validated.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    allocation: Hash
    officers: tuple[UUID, UUID]

    @property
    def key(self) -> str:
        return str(self.round_id)


class AgreementSigned(Event):
    """The agreement with a funded project's carrier was signed by two officers: it will be paid."""

    topic: ClassVar[str] = "voting.decisions"
    type: ClassVar[str] = "voting.agreement-signed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    option_id: UUID
    amount: Cents
    officers: tuple[UUID, UUID]

    @property
    def key(self) -> str:
        return str(self.option_id)


class SecondOfficerAsked(administration.SecondOfficerAsked):
    """In roll or count, an officer asked for an act."""

    topic: ClassVar[str] = "voting.administration"
    type: ClassVar[str] = "voting.second-officer-asked.v1"


class SecondOfficerConsented(administration.SecondOfficerConsented):
    """In roll or count, an act was confirmed and done."""

    topic: ClassVar[str] = "voting.administration"
    type: ClassVar[str] = "voting.second-officer-consented.v1"


class SecondOfficerDeclined(administration.SecondOfficerDeclined):
    """In roll or count, an act was declined."""

    topic: ClassVar[str] = "voting.administration"
    type: ClassVar[str] = "voting.second-officer-declined.v1"


ALL: tuple[type[Event], ...] = (
    RoundPrepared,
    OptionListed,
    RoundOpened,
    RoundClosed,
    TierKeysPrepared,
    TokensIssued,
    BallotCast,
    BoxClosed,
    TallyUpdated,
    OptionDecided,
    AllocationPublished,
    ResultValidated,
    AgreementSigned,
    SecondOfficerAsked,
    SecondOfficerConsented,
    SecondOfficerDeclined,
)
