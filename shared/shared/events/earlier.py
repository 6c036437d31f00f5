"""Earlier versions of events: nobody publishes them any more, and whoever reads them reads the
version of today."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from shared.events import ballots
from shared.events.event import Cents, Event, Frozen, Hash, Ledgered, Tier
from shared.events.rules import ByVotes, Envelope, Pass, Rule, Ties
from shared.events.voting import (
    AllocationPublished,
    Base64,
    Count,
    FlushRule,
    Number,
    OptionDecided,
    RoundOpened,
    StepDone,
)

# What version 1 had no digest of.
_UNKNOWN = "0" * 64
_STEP = ("all", "all")


class Approval(Frozen):
    """A ballot names between `min` and `max` options, each at most once."""

    type: Literal["approval"] = "approval"
    min: Annotated[int, Field(ge=0, le=10_000)] = 0
    max: Annotated[int, Field(ge=1, le=10_000)]


class RoundOpenedV1(Event):
    """The rules of a round, frozen: from this instant nothing in them changes.

    `tiers` are the roll's public keys (SPKI, DER, base64); `rules_digest` hashes all other fields.
    """

    model_config = ConfigDict(title="RoundOpened")

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

    def today(self) -> RoundOpened:
        """The same rules; the digest of what the rule sees of the options was not stated."""
        ties = ("option",) if self.tie_order[:1] == ("option",) else (*self.tie_order[:1], "option")
        return RoundOpened(
            round_id=self.round_id,
            programme_id=self.programme_id,
            rehearsal=self.rehearsal,
            secrecy=self.secrecy,
            format=ballots.Approval(min=self.format.min, max=self.format.max, wrong="refused"),
            rule=Rule(
                envelopes=(Envelope(name="all", amount=self.budget),),
                passes=(Pass(name="all", order=ByVotes()),),
                ties=Ties.model_validate({"criteria": ties}),
            ),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            tiers=self.tiers,
            flush=self.flush,
            options=self.options,
            digest=self.digest,
            listed=_UNKNOWN,
            rules_digest=self.rules_digest,
        )


class OptionDecidedV1(Event):
    """What was decided about an option, and why; money in cents.

    `rank` is its place in the rule's order, `left` what was left of the budget when it was looked
    at: where that is below `cost`, the option did not fit.
    """

    model_config = ConfigDict(title="OptionDecided")

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

    def today(self) -> OptionDecided:
        """The same decision; its place among winners was not stated."""
        fits = self.reason != "does_not_fit"
        return OptionDecided(
            round_id=self.round_id,
            option_id=self.option_id,
            number=self.number,
            votes=self.votes,
            cost=self.cost,
            funded=self.funded,
            reason=self.reason,
            amount=self.cost if self.funded else 0,
            rank=self.rank,
            step=_STEP,
            facts={} if fits else {"needs": self.cost, "left": self.left},
        )


class AllocationPublishedV1(Event):
    """The round is decided: one `OptionDecided` per option came before, hashed by `digest`."""

    model_config = ConfigDict(title="AllocationPublished")

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

    def today(self) -> AllocationPublished:
        """The same allocation; who won stands in its decisions, and blank ballots were counted."""
        left = max(0, self.budget - self.spent)
        return AllocationPublished(
            round_id=self.round_id,
            rules_digest=_UNKNOWN,
            budget=self.budget,
            spent=self.spent,
            ballots=self.ballots,
            blank=0,
            counted=self.ballots,
            void={},
            options=self.options,
            funded=self.funded,
            winners=(),
            steps=(StepDone(step=_STEP, funded=(), left={"all": left}, facts={}),),
            reserve=(),
            gone={},
            prizes=(),
            digest=self.digest,
        )


ALL: tuple[type[RoundOpenedV1 | OptionDecidedV1 | AllocationPublishedV1], ...] = (
    RoundOpenedV1,
    OptionDecidedV1,
    AllocationPublishedV1,
)
# The version of today, by an earlier one.
TODAY: dict[type[Event], type[Event]] = {
    RoundOpenedV1: RoundOpened,
    OptionDecidedV1: OptionDecided,
    AllocationPublishedV1: AllocationPublished,
}
