"""What voting publishes: rounds, the roll's counts, ballots, tallies and decisions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field

from shared.canonical import digest, ordered
from shared.events import administration, rules
from shared.events.ballots import Format, Some
from shared.events.event import (
    Cents,
    Event,
    Frozen,
    Hash,
    Ledgered,
    Name,
    PublicKey,
    Signed,
    Tier,
    Way,
)
from shared.events.exact import Ratio
from shared.events.reasons import Reason

Number = Annotated[int, Field(ge=1, le=10_000)]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]+={0,2}$")]
# What a commitment in JSON can hold exactly in every language: 2^53 - 1.
Count = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]
# Votes can be against an option.
Votes = Annotated[int, Field(ge=-9_007_199_254_740_991, le=9_007_199_254_740_991)]
# Who reads what a voter chose, and when (voting-protocol.md).
Secrecy = Literal["named", "live", "sealed"]
MOST_REVISIONS = 20
# What a ballot says: an option's number, or its number and a value (`shared.events.ballots`).
Value = Annotated[int, Field(strict=True, ge=-1_000_000, le=1_000_000)]
Choice = Number | tuple[Number, Value]
# A pass of the rule, and the envelope that it went over.
Step = tuple[Name, Name]
# The numbers of a reason (`shared.events.reasons`); money in cents.
Facts = dict[str, int | str]
# What two officers open again after a backup was restored, and why it was restored.
ReopenedService = Literal["voting.box", "voting.roll"]
ReopeningReason = Literal["disk-lost", "data-damaged", "restored-by-mistake", "exercise"]


class FlushRule(Frozen):
    """Ballots leave the box when at least `k` wait, every `interval` seconds."""

    k: Annotated[int, Field(ge=1)]
    interval: Annotated[int, Field(ge=0)]


class Commission(Frozen):
    """The key that a sealed round's ballots are sealed to (X25519, raw, base64).

    Its private half is in `shares` parts, of which any `threshold` rebuild it.
    """

    key: PublicKey
    threshold: Annotated[int, Field(ge=2, le=16)]
    shares: Annotated[int, Field(ge=2, le=16)]


class Seats(Frozen):
    """Whose seats vote in a named round: a body of the programme's charter, of so many `members`.

    Where fewer than `quorum` of them voted, nothing is decided (`no_quorum`); in a decision each
    option has its own quorum, which its format states.
    """

    body_name: Name
    members: Some
    quorum: Ratio


class RoundPrepared(Event):
    """A round exists; its options follow, one event each. Nobody can vote yet. With `seats`, the
    round is named: it needs no tokens. Where `assisted`, it has the tier S, of the booth."""

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.round-prepared.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    programme_id: UUID
    options: Number
    digest: Hash
    seats: Seats | None = None
    assisted: Literal[True] | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)


class OptionListed(Event):
    """An option of a round, with its number on the ballot and its cost in cents.

    `title` and `summary` are commitments; the words are on `submission.texts`. What follows the
    family is for rules that ask for it, as in `shared.events.rules.Option`.
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
    groups: rules.Groups | None = None
    filed: Annotated[int, Field(ge=0)] | None = None
    jury_rank: rules.Place | None = None
    other_money: Cents | None = None
    withdrawn: rules.Words | None = None
    on_top: Cents | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)

    def for_rule(self) -> rules.Option:
        """What a rule sees: territory and family are kinds of groups like the others."""
        own = {"territory": self.territory, "family": self.family}
        named = {kind: (value,) for kind, value in own.items() if value is not None}
        return rules.Option(
            id=str(self.option_id),
            number=self.number,
            cost=self.cost,
            groups=named | (self.groups or {}),
            filed=self.filed,
            jury_rank=self.jury_rank,
            other_money=self.other_money or 0,
            on_top=self.on_top,
            withdrawn=self.withdrawn,
        )


class RoundOpened(Event):
    """The rules of a round, frozen: from this instant nothing in them changes.

    `tiers` are the roll's public keys (SPKI, DER, base64). `digest` is over the frozen options,
    `listed` over all that the rule sees of them, by number; `rules_digest` over all other fields.
    Where `paper`, the count waits until two officers say that all papers are in.
    `secrecy`: in a `sealed` round ballots are sealed to the `commission`, each `padded` to so many
    bytes; in a `live` one their choices are public as soon as they are; in a `named` one they stand
    under `seats`, and there are no tiers. `script` is the SHA-256 of the voting page's script.
    `identity` names the ways to the roll, where the charter does; else people declare who they are
    or have posted codes.
    """

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.round-opened.v2"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    programme_id: UUID
    rehearsal: bool
    secrecy: Secrecy
    format: Format
    rule: rules.Rule
    opens_at: datetime
    closes_at: datetime
    tiers: dict[Tier, Base64]
    flush: FlushRule
    options: Number
    digest: Hash
    listed: Hash
    paper: Literal[True] | None = None
    rules_digest: Hash
    commission: Commission | None = None
    padded: Annotated[int, Field(ge=64, le=65_536)] | None = None
    script: Hash | None = None
    seats: Seats | None = None
    identity: Annotated[tuple[Way, ...], Field(min_length=1)] | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)

    @staticmethod
    def listing(options: Iterable[rules.Option]) -> str:
        """The digest of what the rule sees of options."""
        seen = sorted(options, key=lambda option: option.number)
        return digest([option.model_dump(mode="json", exclude_none=True) for option in seen]).hex()

    def hashed(self) -> Self:
        """The same with the digest of its own fields."""
        fields = self.model_dump(mode="json", exclude_none=True, exclude={"rules_digest"})
        return self.model_copy(update={"rules_digest": digest(fields).hex()})


class RoundClosed(Signed):
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


class TokensIssued(Signed):
    """How many tokens the roll has issued by tier, by its own clock; `final` after closing.

    `issued` has every token, and `codes` every code that was posted, imported or given: a token is
    got for a code alone, one for each, at the booth in its tier. `reissued` is how many second
    codes two officers gave to people who had lost their voting code, where they gave any: so many
    voters at most are counted twice. The final one is the roll's closing of the round:
    `last_number` is its last number in this log before this one.
    """

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.tokens-issued.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    issued: dict[Tier, Count]
    final: bool
    last_number: Count | None = None
    reissued: dict[Tier, Count] | None = None
    codes: dict[Tier, Count] | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)


class BallotCast(Event):
    """A ballot was accepted. It replaces any earlier revision under the same ballot key.

    The ledger makes every byte of this public, so nothing here may name the voter. The body is
    the ballot itself, signed by `key`; `token` is the roll's signature over that key. It has the
    `choices`, or in a sealed round a `commitment` to them, and them `sealed` to the commission.
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
    choices: tuple[Choice, ...] | None = None
    commitment: Hash | None = None
    sealed: Annotated[Base64, Field(min_length=64, max_length=90_000)] | None = None
    sig: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{85}[AQgw]==$")]

    @property
    def key(self) -> str:
        return self.key_

    @property
    def subject(self) -> str:
        return str(self.round)

    def signed_bytes(self) -> bytes:
        """What `sig` is over: the ballot without it."""
        return ordered(self._fields(without="sig"))

    def token_bytes(self) -> bytes:
        """What `token` is over."""
        return token_bytes(self.round, self.tier, self.key_)

    def body(self) -> bytes:
        return ordered(self._fields())

    def _fields(self, without: str | None = None) -> dict[str, Any]:
        """In the order of RFC 8785; all text in them is ASCII."""
        fields = {
            "choices": None if self.choices is None else choices_on_the_wire(self.choices),
            "commitment": self.commitment,
            "key": self.key_,
            "revision": self.revision,
            "round": str(self.round),
            "sealed": self.sealed,
            "sig": self.sig,
            "tier": self.tier,
            "token": self.token,
            "v": self.v,
        }
        return {n: value for n, value in fields.items() if n != without and value is not None}


def choices_on_the_wire(choices: Iterable[Choice]) -> list[int | list[int]]:
    """Choices as JSON has them."""
    return [each if isinstance(each, int) else [*each] for each in choices]


def token_bytes(round_id: UUID, tier: str, key: str) -> bytes:
    """What the roll signs: that this ballot key may vote once in this round, at this tier."""
    return ordered({"key": key, "round": str(round_id), "tier": tier, "v": "comptoir-token-v1"})


class BoxClosed(Signed):
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

    `ballots` counts every revision, `voters` each ballot key once. Where `annulled`, none of it
    counts any more.
    """

    topic: ClassVar[str] = "voting.tallies"
    type: ClassVar[str] = "voting.tally-updated.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    lasting: ClassVar[bool] = True
    round_id: UUID
    ballots: Count
    votes: dict[str, Votes]
    final: bool
    voters: Count | None = None
    annulled: Literal[True] | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)


class TieAsked(Event):
    """The count waits: who gets what depends on the order of these options, which officers say."""

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.tie-asked.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    step: Step
    options: Annotated[tuple[UUID, ...], Field(min_length=2)]

    @property
    def key(self) -> str:
        return str(self.round_id)


class TieOrdered(Event):
    """Officers said the order of options that are level; under no charter, nobody is named.

    It is the order of the options that the last `TieAsked` before it asked about. The count goes on
    with all orders said so far, one after the other; of an option the first place counts.
    """

    topic: ClassVar[str] = "voting.rounds"
    type: ClassVar[str] = "voting.tie-ordered.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    order: Annotated[tuple[UUID, ...], Field(min_length=2)]
    officers: tuple[UUID, UUID] | None = None

    @property
    def key(self) -> str:
        return str(self.round_id)


class OptionDecided(Signed):
    """What was decided about an option, and why; money in cents.

    `votes` are those of all ballots that count; `amount` is what it is paid. `place` is its place
    among the winners, `rank` the one in the order of the `step` that looked at it last, and
    `facts` has the numbers of the reason.
    """

    topic: ClassVar[str] = "voting.decisions"
    type: ClassVar[str] = "voting.option-decided.v2"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    option_id: UUID
    number: Number
    votes: Votes
    cost: Cents
    funded: bool
    reason: Reason
    amount: Cents
    place: Number | None = None
    rank: Number | None = None
    step: Step | None = None
    facts: Facts

    @property
    def key(self) -> str:
        return str(self.option_id)


class StepDone(Frozen):
    """A pass over an envelope: whom it funded, and what each envelope had left after it."""

    step: Step
    funded: tuple[UUID, ...]
    left: dict[Name, int]
    facts: Facts


class PrizeWon(Frozen):
    """What a sponsor gives to a winner."""

    option_id: UUID
    place: Number
    sponsor: rules.Words
    amount: Cents


class AllocationPublished(Signed):
    """The round is decided: one `OptionDecided` per option came before, hashed by `digest`.

    `ballots` are the voters' last ones: `void` ones by code, `blank` ones, and those that are
    `counted`, blank ones included where the rule says so. `winners` in the order of winning,
    `reserve` those who could still be funded, most votes first; `gone` is money that went to the
    next year or nowhere, by envelope. `digest` is over the decisions' bodies by number, as they
    were published. `last_number` is the last number of count in this log before this one.
    """

    topic: ClassVar[str] = "voting.decisions"
    type: ClassVar[str] = "voting.allocation-published.v2"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    rules_digest: Hash
    budget: Cents
    spent: Cents
    ballots: Count
    blank: Count
    counted: Count
    void: dict[str, Count]
    options: Number
    funded: Count
    winners: tuple[UUID, ...]
    steps: tuple[StepDone, ...]
    reserve: tuple[UUID, ...]
    gone: dict[Name, Cents]
    prizes: tuple[PrizeWon, ...]
    digest: Hash
    last_number: Count | None = None

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


class ServiceReopened(Event):
    """Two officers opened a service again whose database was restored from a backup.

    `recovery` is the id that it gave this recovery. Where `by_hand`, what the record cannot give
    back was brought into its database by people. Their own words are a commitment, in the asking.
    """

    topic: ClassVar[str] = "voting.administration"
    type: ClassVar[str] = "voting.service-reopened.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    service: ReopenedService
    recovery: UUID
    reason: ReopeningReason
    by_hand: bool
    officers: tuple[UUID, UUID]

    @property
    def key(self) -> str:
        return self.service


class CountKeyAnnounced(administration.ServiceKeyAnnounced):
    """Count signs its decisions and closings with this key."""

    topic: ClassVar[str] = "voting.administration"
    type: ClassVar[str] = "voting.count-key-announced.v1"


class RollKeyAnnounced(administration.ServiceKeyAnnounced):
    """The roll signs its last counts of tokens with this key."""

    topic: ClassVar[str] = "voting.roll"
    type: ClassVar[str] = "voting.roll-key-announced.v1"


class BoxKeyAnnounced(administration.ServiceKeyAnnounced):
    """The box signs its closings and its promises to voters (`shared.promises`) with this key."""

    topic: ClassVar[str] = "voting.ballots"
    type: ClassVar[str] = "voting.box-key-announced.v1"


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
    TieAsked,
    TieOrdered,
    OptionDecided,
    AllocationPublished,
    ResultValidated,
    SecondOfficerAsked,
    SecondOfficerConsented,
    SecondOfficerDeclined,
    ServiceReopened,
    CountKeyAnnounced,
    RollKeyAnnounced,
    BoxKeyAnnounced,
)
