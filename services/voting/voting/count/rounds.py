"""The rules of a round's life: preparing, opening, closing, deciding. Pure: rows in, events out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.canonical import digest
from shared.events.event import Cents
from shared.events.submission import options_digest
from shared.events.voting import (
    AllocationPublished,
    Approval,
    FlushRule,
    OptionDecided,
    OptionListed,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TallyUpdated,
)
from shared.refusal import Refusal
from voting.count.allocation.greedy import Candidate, Decision, allocate
from voting.count.tables import FrozenOptions, Option, Project, Round


class OptionsUnknown(Refusal):
    """The frozen options have not arrived here yet; asking again soon helps."""

    code = "options_unknown"


class RoundExists(Refusal):
    """The round was prepared before, with other rules."""

    code = "round_exists"


class RehearsalOnly(Refusal):
    """Until ballots are secret, only rehearsals are held (voting-protocol.md §2)."""

    code = "rehearsal_only"


class TierKeysMissing(Refusal):
    """The roll has not announced its keys for this round yet; asking again soon helps."""

    code = "tier_keys_missing"


class WrongState(Refusal):
    """The round is past that, or not there yet."""

    code = "wrong_state"


class WindowPast(Refusal):
    """The round would close before it opens."""

    code = "window_past"


class FormatImpossible(Refusal):
    """A ballot cannot name as many options as the format asks for."""

    code = "format_impossible"


# Beyond these, nobody means it, and not every zone has such a time.
Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC)),
]


class RoundIn(BaseModel):
    """The rules that an officer asks for. Money in cents."""

    model_config = ConfigDict(extra="forbid")

    round_id: UUID
    budget: Cents
    format: Approval
    rule: Literal["greedy"] = "greedy"
    tie_order: Annotated[tuple[Literal["cost", "option"], ...], Field(max_length=2)] = (
        "cost",
        "option",
    )
    opens_at: Instant
    closes_at: Instant
    secrecy: Literal["live"] = "live"
    flush: FlushRule = FlushRule(k=1, interval=0)
    rehearsal: bool

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Windows and limits that make sense by themselves."""
        if seconds(self.opens_at) >= seconds(self.closes_at):
            raise ValueError("closes_at must be after opens_at, by a second at least")
        if self.format.min > self.format.max:
            raise ValueError("format.min must not be above format.max")
        return self


def prepare(
    asked: RoundIn,
    frozen: FrozenOptions,
    known: Mapping[UUID, Project],
    *,
    rehearsal: bool,
    labelled: bool = False,
) -> tuple[Round, list[Option]]:
    """A round and its options, numbered in the frozen order.

    Raises `OptionsUnknown` while a project, its last amendment or, where projects are `labelled`,
    its label is still under way here.
    """
    if not (asked.rehearsal and rehearsal) or asked.flush != FlushRule(k=1, interval=0):
        raise RehearsalOnly("rounds are rehearsals, with flush (1, 0), until ballots are secret")
    arrived = [known[i] for i in frozen.options if i in known]
    if len(arrived) < len(frozen.options) or frozen.digest != options_digest(
        [(project.project_id, project.cost, project.title) for project in arrived]
    ):
        raise OptionsUnknown(f"{len(arrived)} of {len(frozen.options)} options have arrived here")
    if labelled and (missing := [project for project in arrived if project.family is None]):
        raise OptionsUnknown(f"the labels of {len(missing)} options have not arrived here")
    if asked.format.min > len(arrived):
        raise FormatImpossible(f"at least {asked.format.min} of {len(arrived)} options")
    row = Round(
        round_id=asked.round_id,
        programme_id=frozen.programme_id,
        log=frozen.log,
        budget=asked.budget,
        least=asked.format.min,
        most=asked.format.max,
        tie_order=list(asked.tie_order),
        opens_at=seconds(asked.opens_at),
        closes_at=seconds(asked.closes_at),
        options=len(arrived),
        digest=frozen.digest,
    )
    return row, [
        Option(
            round_id=asked.round_id,
            number=number,
            option_id=project.project_id,
            cost=project.cost,
            title=project.title,
            summary=project.summary,
            territory=project.territory,
            family=project.family,
        )
        for number, project in enumerate(arrived, start=1)
    ]


def same_rules(one: Round, other: Round) -> bool:
    """Whether two rounds were asked for in the same words."""
    names = ("budget", "least", "most", "tie_order", "opens_at", "closes_at", "digest")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def prepared(row: Round, options: Sequence[Option]) -> list[RoundPrepared | OptionListed]:
    """The events of a round's preparation: the summary, then one event per option."""
    summary = RoundPrepared(
        round_id=row.round_id,
        programme_id=row.programme_id,
        options=row.options,
        digest=row.digest,
    )
    return [
        summary,
        *(
            OptionListed(
                round_id=row.round_id,
                option_id=option.option_id,
                number=option.number,
                cost=option.cost,
                title=option.title,
                summary=option.summary,
                territory=option.territory,
                family=option.family,
            )
            for option in options
        ),
    ]


def opened(row: Round, now: datetime) -> RoundOpened:
    """Freeze and hash the rules. Raises `WrongState`, `TierKeysMissing` or `WindowPast`."""
    if row.state != "prepared":
        raise WrongState(f"round {row.round_id} is {row.state}, not prepared")
    if not row.tiers:
        raise TierKeysMissing(f"the roll's keys for round {row.round_id} have not arrived here")
    if row.closes_at <= now:
        raise WindowPast(f"it is {now:%Y-%m-%d %H:%M:%S} UTC, the window ends at {row.closes_at}")
    event = RoundOpened(
        round_id=row.round_id,
        programme_id=row.programme_id,
        rehearsal=True,
        secrecy="live",
        format=Approval(min=row.least, max=row.most),
        rule="greedy",
        budget=row.budget,
        tie_order=tuple(row.tie_order),
        opens_at=row.opens_at.astimezone(UTC),
        closes_at=row.closes_at.astimezone(UTC),
        tiers=row.tiers,
        flush=FlushRule(k=1, interval=0),
        options=row.options,
        digest=row.digest,
        rules_digest="0" * 64,
    )
    rules = event.model_dump(mode="json")
    return event.model_copy(update={"rules_digest": RoundOpened.hashed(rules)})


def closed(row: Round, now: datetime) -> RoundClosed:
    """Voting ends. Raises `WrongState`."""
    if row.state != "open":
        raise WrongState(f"round {row.round_id} is {row.state}, not open")
    return RoundClosed(round_id=row.round_id, closed_at=seconds(now))


def tally(row: Round, options: Sequence[Option], *, final: bool) -> TallyUpdated:
    """Where a round stands."""
    votes = {str(option.number): option.votes for option in options}
    return TallyUpdated(
        round_id=row.round_id, ballots=row.ballots, votes=votes, final=final, voters=row.voters
    )


def decide(
    row: Round, options: Sequence[Option]
) -> tuple[list[Decision], list[OptionDecided], AllocationPublished]:
    """Allocate the budget: a decision per option in the order of its rank, and their summary.

    The summary's digest is over the decisions' bodies in that order.
    """
    by_id = {option.option_id: option for option in options}
    candidates = [Candidate(option.option_id, option.cost, option.votes) for option in options]
    decisions = allocate(candidates, row.budget, row.tie_order)
    events = [
        OptionDecided(
            round_id=row.round_id,
            option_id=decision.option,
            number=by_id[decision.option].number,
            rank=decision.rank,
            votes=by_id[decision.option].votes,
            cost=by_id[decision.option].cost,
            funded=decision.funded,
            reason=decision.reason,
            left=decision.left,
        )
        for decision in decisions
    ]
    funded = [event for event in events if event.funded]
    summary = AllocationPublished(
        round_id=row.round_id,
        rule="greedy",
        budget=row.budget,
        spent=sum(event.cost for event in funded),
        ballots=row.box_keys or 0,
        options=len(events),
        funded=len(funded),
        digest=digest([event.model_dump(mode="json") for event in events]).hex(),
    )
    return decisions, events, summary


def seconds(time: datetime) -> datetime:
    """A time in UTC, to the second: the form in which rules state it."""
    return time.astimezone(UTC).replace(microsecond=0)
