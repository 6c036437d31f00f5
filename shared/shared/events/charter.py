"""A charter's rules as they stand in its event: what the ledger keeps and every service reads."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.events.ballots import Approval, Decision, Format, Grades, Ranking
from shared.events.event import Cents, Frozen, Name, Way
from shared.events.exact import Contradictory, Ratio, at, fraction
from shared.events.rules import Rule
from shared.events.scheme import (
    Category,
    Costs,
    Counters,
    Cycle,
    Desk,
    Document,
    Fund,
    Funding,
    GrantTerms,
    Kind,
    Labelled,
    Links,
    Submitting,
    Territory,
)
from shared.events.screening import Screening
from shared.events.voting import FlushRule

# In earnest, so many voters are published together at least, and not more often
# (voting-protocol.md §5); a charter may ask for more.
FLUSH_FLOOR = FlushRule(k=30, interval=900)
# The acts that a charter can ask two officers for.
Act = Literal[
    "publish-charter",
    "redate-phase",
    "freeze-options",
    "open-round",
    "close-round",
    "order-tie",
    "validate-result",
    "sign-agreement",
    "amend-charter",
    "merge-projects",
    "confirm-funding",
    "reduce-grant",
    "lapse-grant",
]


PhaseName = Literal[
    "rules",
    "ideas",
    "counters",
    "dossiers",
    "preselection",
    "labelling",
    "instruction",
    "vote",
    "follow-up",
]


class Phase(Frozen):
    """What is possible from one instant to another; phases may overlap."""

    name: PhaseName
    opens_at: datetime
    closes_at: datetime


class Family(Labelled):
    """A family of labels; a project that has it gets at most `ceiling` cents."""

    ceiling: Cents


# Where a ballot is given: on the web, at a counter, in an urn, by post, on a market, at a school.
Channel = Literal["web", "counter", "urn", "post", "market", "school"]


class Vote(Frozen):
    """Who votes, and how: `minimum_age` on the day that voting opens. Below `consent_age`, 15 where
    it is not said, a parent agrees.

    What a ballot says is the `format`, or else `least` to `most` options. What decides is the
    `rule`, or else the `outcome`: most votes first, of equals the cheaper, until the envelope is
    exhausted; or all that have a label, for which the envelope is enough. Where `paper`, one can
    vote on paper at a counter; where `assisted`, in the booth, whose ballots are tier S. `secrecy`
    says when choices are public: once a commission opened them after the vote, or (also where it is
    not said) at once. So many `electors` may vote, as far as that is known. `identity` names the
    ways to the roll: where it is not said, people declare who they are or have posted codes.
    `flush` asks for ballots to leave the box among more voters, or less often, than those of every
    vote. Voters have `links` to a territory, as they declare; ballots come through the `channels`.
    """

    minimum_age: Annotated[int, Field(ge=0, le=115)]
    least: Annotated[int, Field(ge=0, le=10_000)] | None = None
    most: Annotated[int, Field(ge=1, le=10_000)] | None = None
    outcome: Literal["ranked-until-exhausted", "all-labelled"] | None = None
    format: Format | None = None
    rule: Rule | None = None
    paper: Literal[True] | None = None
    assisted: Literal[True] | None = None
    secrecy: Literal["live", "sealed"] | None = None
    consent_age: Annotated[int, Field(ge=15, le=18)] | None = None
    electors: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    identity: Annotated[tuple[Way, ...], Field(min_length=1)] | None = None
    flush: FlushRule | None = None
    links: Links | None = None
    sworn: Literal[True] | None = None
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)] | None = None

    @property
    def vouched(self) -> bool:
        """Whether an identity provider may vouch for voters."""
        return "identity-provider" in (self.identity or ())

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if self.format is None and (self.least is None or self.most is None):
            raise Contradictory(at("format", "a format, or least and most"))
        if self.rule is None and self.outcome is None:
            raise Contradictory(at("rule", "a rule, or an outcome"))
        return self


class Body(Labelled):
    """A committee or a jury: so many `members`, each in a seat, vote by name on what submission
    gives them, while the phase `during` lasts, `days` long each time.

    Seats are given by officers with the role `seats_by`. A round needs a `quorum` of the members.
    What a ballot says is the `format`, what decides is the `rule`, or without one: each option that
    is adopted. What a body `decides` is which projects get their label, or which get money, or
    which are admitted to the next step, or it gives its opinion, which binds nobody. One that is
    `admitted_by` another votes on what that one admitted. The amounts of money are those that are
    asked for, or are deliberated afterwards.
    """

    members: Annotated[int, Field(ge=1, le=1000)]
    quorum: Ratio = "1/2"
    seats_by: Literal["returning-officer", "administrator"] = "returning-officer"
    decides: Literal["labels", "money", "opinion", "admits"]
    during: Literal["labelling", "vote", "preselection", "instruction"]
    format: Format
    rule: Rule | None = None
    admitted_by: Name | None = None
    days: Annotated[int, Field(ge=1, le=366)] | None = None
    amounts: Literal["asked", "deliberated"] | None = None

    @model_validator(mode="after")
    def _sense(self) -> Self:
        if fraction(self.quorum) > 1:
            raise Contradictory(at("quorum", "more than all"))
        if not isinstance(self.format, Decision | Grades | Approval | Ranking):
            raise Contradictory(at("format.type", f"no body votes by {self.format.type}"))
        if self.decides == "labels" and not isinstance(self.format, Decision):
            raise Contradictory(at("format.type", "a label is given or refused by a decision"))
        if isinstance(self.format, Decision):
            if self.format.members != self.members:
                raise Contradictory(at("format.members", f"the body has {self.members}"))
            if fraction(self.format.quorum) != fraction(self.quorum):
                raise Contradictory(at("format.quorum", f"the body's is {self.quorum}"))
        elif self.rule is None:
            raise Contradictory(at("rule", "what decides, where members do not answer yes or no"))
        elif self.format.min:
            raise Contradictory(at("format.min", "a member who is recused could not name so many"))
        if self.rule is not None:
            if self.decides != "money" and self.rule.budget:
                raise Contradictory(at("rule", f"who decides {self.decides} gives no money"))
            if any(envelope.voters.groups for envelope in self.rule.envelopes):
                raise Contradictory(at("rule.envelopes", "members are not told apart"))
        if self.amounts is not None and self.decides != "money":
            raise Contradictory(at("amounts", f"who decides {self.decides} gives no money"))
        if (self.decides == "labels") != (self.during == "labelling"):
            raise Contradictory(at("during", "labels, and nothing else, are given while labelling"))
        return self


class Assumption(Frozen):
    """A rule that no source states, and what was assumed; `of` is its place in the charter."""

    of: Annotated[str, Field(pattern=r"^[a-z0-9_.-]{1,80}$")]
    fr: Annotated[str, Field(min_length=1, max_length=500)]
    en: Annotated[str, Field(min_length=1, max_length=500)]


class CharterRules(Frozen):
    """The rules of one edition. Money in cents. What is not said is not published."""

    preset: Name
    edition: Annotated[str, Field(pattern=r"^[0-9]{4}(-[0-9]{4})?$")]
    envelope: Cents | None = None
    territories: Annotated[tuple[Territory, ...], Field(min_length=1, max_length=200)]
    phases: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=20)]
    counter_attended: bool  # before a dossier can be filed
    carrier_statuses: Annotated[tuple[Labelled, ...], Field(max_length=50)]
    families: Annotated[tuple[Family, ...], Field(max_length=50)]
    documents: tuple[Document, ...] = ()  # that a dossier must have to be complete
    vote: Vote | None = None
    second_officer: tuple[Act, ...]
    bodies: Annotated[tuple[Body, ...], Field(max_length=50)] | None = None
    assumed: tuple[Assumption, ...] = ()
    screening: Screening | None = None  # None: those that every vote has
    kind: Kind | None = None  # None: a citizen budget
    cycle: Cycle | None = None
    levels: Annotated[tuple[Labelled, ...], Field(max_length=10)] | None = None
    submitting: Submitting | None = None
    themes: Annotated[tuple[Labelled, ...], Field(max_length=50)] | None = None
    themes_open: Literal[True] | None = None  # an idea may have a theme of its own
    categories: Annotated[tuple[Category, ...], Field(max_length=50)] | None = None
    principles: Annotated[tuple[Labelled, ...], Field(max_length=20)] | None = None
    costs: Costs | None = None
    grant: GrantTerms | None = None
    fund: Fund | None = None
    desks: Annotated[tuple[Desk, ...], Field(max_length=50)] | None = None
    counters: Counters | None = None
    funding: Funding | None = None
