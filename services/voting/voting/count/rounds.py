"""The rules of a round's life: preparing, opening, closing, deciding. Pure: rows in, events out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from shared.events import rules
from shared.events.ballots import Format
from shared.events.event import Cents
from shared.events.rules import Groups, Place, Rule, Words
from shared.events.submission import options_digest
from shared.events.voting import (
    FlushRule,
    OptionListed,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TallyUpdated,
)
from shared.refusal import Refusal
from shared.rules.together import Finding
from voting.count.allocation.setup import check
from voting.count.tables import FrozenOptions, Option, Project, Round

_FORMAT = TypeAdapter[Any](Format)
# What an option's event says in the words of the rule.
FACTS = ("filed", "jury_rank", "other_money", "withdrawn")


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


class RuleImpossible(Refusal):
    """Rule, format and options do not go together; the message begins with the field's path."""

    code = "rule_impossible"


# Beyond these, nobody means it, and not every zone has such a time.
Instant = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC)),
]


class Facts(BaseModel):
    """What a rule asks about an option and no dossier says, as in `shared.events.rules.Option`."""

    model_config = ConfigDict(extra="forbid")

    groups: Groups | None = None
    jury_rank: Place | None = None
    other_money: Cents | None = None
    withdrawn: Words | None = None


class RoundIn(BaseModel):
    """The rules that an officer asks for; `facts` by the option's id."""

    model_config = ConfigDict(extra="forbid")

    round_id: UUID
    format: Format
    rule: Rule
    facts: dict[UUID, Facts] = Field(default_factory=dict)
    opens_at: Instant
    closes_at: Instant
    secrecy: Literal["live"] = "live"
    flush: FlushRule = FlushRule(k=1, interval=0)
    rehearsal: bool

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """A window that makes sense by itself."""
        if seconds(self.opens_at) >= seconds(self.closes_at):
            raise ValueError("closes_at must be after opens_at, by a second at least")
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
    if strangers := asked.facts.keys() - set(frozen.options):
        raise RuleImpossible(f"facts.{min(strangers)}: this is no option of the round")
    options = [
        _option(asked.round_id, number, project, asked.facts.get(project.project_id, Facts()))
        for number, project in enumerate(arrived, start=1)
    ]
    seen = [rules.Option.model_validate(option.seen) for option in options]
    if wrong := [f"{e.path}: {e.what}" for e in check(asked.rule, asked.format, seen) if e.refused]:
        raise RuleImpossible("; ".join(wrong))
    row = Round(
        round_id=asked.round_id,
        programme_id=frozen.programme_id,
        log=frozen.log,
        budget=asked.rule.budget,
        format=asked.format.model_dump(mode="json", exclude_none=True),
        rule=asked.rule.model_dump(mode="json", exclude_none=True),
        listed=RoundOpened.listing(seen),
        opens_at=seconds(asked.opens_at),
        closes_at=seconds(asked.closes_at),
        options=len(arrived),
        digest=frozen.digest,
    )
    return row, options


def _option(round_id: UUID, number: int, project: Project, facts: Facts) -> Option:
    listed = OptionListed(
        round_id=round_id,
        option_id=project.project_id,
        number=number,
        cost=project.cost,
        title=project.title,
        summary=project.summary,
        territory=project.territory,
        family=project.family,
        groups=facts.groups,
        filed=project.filed,
        jury_rank=facts.jury_rank,
        other_money=facts.other_money,
        withdrawn=facts.withdrawn,
    )
    return Option(
        round_id=round_id,
        number=number,
        option_id=project.project_id,
        cost=project.cost,
        title=project.title,
        summary=project.summary,
        territory=project.territory,
        family=project.family,
        seen=listed.for_rule().model_dump(mode="json", exclude_none=True),
    )


def rule_of(row: Round) -> Rule:
    """The rule that decides a round."""
    return Rule.model_validate(row.rule)


def format_of(row: Round) -> Format:
    """What a round's ballots say."""
    form: Format = _FORMAT.validate_python(row.format)
    return form


def seen_by_rule(options: Sequence[Option]) -> list[rules.Option]:
    """What a rule sees of a round's options, by number."""
    return [rules.Option.model_validate(option.seen) for option in options]


def warnings(row: Round, options: Sequence[Option]) -> list[Finding]:
    """What can happen in a round that somebody might not mean."""
    return check(rule_of(row), format_of(row), seen_by_rule(options))


def same_rules(one: Round, other: Round) -> bool:
    """Whether two rounds were asked for in the same words."""
    names = ("format", "rule", "listed", "opens_at", "closes_at", "digest")
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
                **_facts(option),
            )
            for option in options
        ),
    ]


def _facts(option: Option) -> dict[str, Any]:
    """What an option's event says for the rule alone; what is usual there is not said."""
    own = {"territory": [option.territory], "family": [option.family]}
    groups = {k: v for k, v in option.seen.get("groups", {}).items() if v != own.get(k)}
    usual = {name: rules.Option.model_fields[name].default for name in FACTS}
    named = {n: option.seen[n] for n in FACTS if option.seen.get(n, usual[n]) != usual[n]}
    return named | ({"groups": groups} if groups else {})


def opened_rules(row: Round) -> str:
    """The digest of a round's rules, as they stand in its opening."""
    return _rules(row).rules_digest


def opened(row: Round, now: datetime) -> RoundOpened:
    """Freeze and hash the rules. Raises `WrongState`, `TierKeysMissing` or `WindowPast`."""
    if row.state != "prepared":
        raise WrongState(f"round {row.round_id} is {row.state}, not prepared")
    if not row.tiers:
        raise TierKeysMissing(f"the roll's keys for round {row.round_id} have not arrived here")
    if row.closes_at <= now:
        raise WindowPast(f"it is {now:%Y-%m-%d %H:%M:%S} UTC, the window ends at {row.closes_at}")
    return _rules(row)


def _rules(row: Round) -> RoundOpened:
    return RoundOpened(
        round_id=row.round_id,
        programme_id=row.programme_id,
        rehearsal=True,
        secrecy="live",
        format=format_of(row),
        rule=rule_of(row),
        opens_at=row.opens_at.astimezone(UTC),
        closes_at=row.closes_at.astimezone(UTC),
        tiers=row.tiers or {},
        flush=FlushRule(k=1, interval=0),
        options=row.options,
        digest=row.digest,
        listed=row.listed,
        rules_digest="0" * 64,
    ).hashed()


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


def seconds(time: datetime) -> datetime:
    """A time in UTC, to the second: the form in which rules state it."""
    return time.astimezone(UTC).replace(microsecond=0)
