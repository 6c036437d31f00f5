"""The rules of a round's life: preparing, opening, closing, deciding. Pure: rows in, events out."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from shared.events import rules
from shared.events.ballots import Format
from shared.events.charter import FLUSH_FLOOR
from shared.events.event import Cents, Way
from shared.events.rules import Groups, Place, Rule, Words
from shared.events.scheme import Territory
from shared.events.submission import options_digest
from shared.events.voting import (
    Commission,
    FlushRule,
    OptionListed,
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    Seats,
    Secrecy,
    TallyUpdated,
)
from shared.refusal import Refusal
from shared.rules.together import Finding
from shared.sealing import padded_size
from voting import page_script
from voting.count.allocation.setup import check
from voting.count.placing import KIND, placed
from voting.count.tables import FrozenOptions, Option, Project, Round
from voting.formats.longest import longest

_FORMAT = TypeAdapter[Any](Format)
SECRECY = TypeAdapter[Secrecy](Secrecy)
_WAYS = TypeAdapter[Any](tuple[Way, ...] | None)
# What an option's event says in the words of the rule.
FACTS = ("filed", "jury_rank", "other_money", "withdrawn", "on_top")


class OptionsUnknown(Refusal):
    """The frozen options have not arrived here yet; asking again soon helps."""

    code = "options_unknown"


class RoundExists(Refusal):
    """The round was prepared before, with other rules."""

    code = "round_exists"


class RehearsalOnly(Refusal):
    """A round is a rehearsal where its programme is one, and nowhere else; only a rehearsal is
    closed by command (voting-protocol.md §2)."""

    code = "rehearsal_only"


class FlushTooSmall(Refusal):
    """The box would publish ballots of so few voters, or so often, that somebody could tell who
    cast which (voting-protocol.md §5)."""

    code = "flush_too_small"


class CommissionMissing(Refusal):
    """Nobody could open the ballots: the holders of the commission's key have not tried it yet."""

    code = "commission_missing"


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


# Of a rehearsal: nothing waits.
AT_ONCE = FlushRule(k=1, interval=0)
# A sealed ballot of more bytes would not fit into what the box takes at once.
MOST_PADDED = 22_528


class RoundIn(BaseModel):
    """The rules that an officer asks for; `facts` by the option's id."""

    model_config = ConfigDict(extra="forbid")

    round_id: UUID
    format: Format
    rule: Rule
    facts: dict[UUID, Facts] = Field(default_factory=dict)
    opens_at: Instant
    closes_at: Instant
    secrecy: Literal["live", "sealed"] = "live"
    flush: FlushRule = AT_ONCE
    identity: Annotated[tuple[Way, ...], Field(min_length=1)] | None = None
    paper: bool = False
    assisted: bool = False
    rehearsal: bool
    seats: Seats | None = None

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
    territories: Sequence[Territory],
    labelled: bool = False,
) -> tuple[Round, list[Option]]:
    """A round and its options, numbered in the frozen order; the rule sees each in the
    `territories` of the charter that it speaks of.

    Raises `OptionsUnknown` while a project, its last amendment or, where projects are `labelled`,
    its label is still under way here.
    """
    if asked.rehearsal is not rehearsal:
        of = "a rehearsal" if rehearsal else "in earnest"
        raise RehearsalOnly(f"the programme is {of}, and so are its rounds")
    in_box = asked.seats is None
    few = asked.flush.k < FLUSH_FLOOR.k or asked.flush.interval < FLUSH_FLOOR.interval
    if in_box and few and not rehearsal:
        least = f"{FLUSH_FLOOR.k} voters every {FLUSH_FLOOR.interval} seconds are the least"
        asked_for = f"{asked.flush.k} voters every {asked.flush.interval} seconds"
        raise FlushTooSmall(f"{asked_for} were asked for, {least} outside of rehearsals")
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
        _option(
            asked.round_id,
            number,
            project,
            asked.facts.get(project.project_id, Facts()),
            _groups(project) | _place(project, territories, asked.rule),
        )
        for number, project in enumerate(arrived, start=1)
    ]
    seen = [rules.Option.model_validate(option.seen) for option in options]
    if wrong := [f"{e.path}: {e.what}" for e in check(asked.rule, asked.format, seen) if e.refused]:
        raise RuleImpossible("; ".join(wrong))
    padded = padded_to(asked.format, len(arrived)) if asked.secrecy == "sealed" else None
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
        secrecy=asked.secrecy if asked.seats is None else "named",
        rehearsal=asked.rehearsal,
        flush=asked.flush.model_dump(),
        identity=None if asked.identity is None else [*asked.identity],
        padded=padded,
        seats=None if asked.seats is None else asked.seats.model_dump(mode="json"),
        tiers=None if asked.seats is None else {},
        paper=asked.paper,
        assisted=asked.assisted,
    )
    return row, options


def padded_to(form: Format, options: int) -> int:
    """The bytes that every sealed ballot of a round has. Raises `RuleImpossible`."""
    padded = padded_size(longest(form, options))
    if padded > MOST_PADDED:
        what = f"a sealed ballot would have {padded} bytes, at most {MOST_PADDED} are possible"
        raise RuleImpossible(f"format: {what}")
    return padded


def _option(round_id: UUID, number: int, project: Project, facts: Facts, of: Groups) -> Option:
    listed = OptionListed(
        round_id=round_id,
        option_id=project.project_id,
        number=number,
        cost=project.cost,
        title=project.title,
        summary=project.summary,
        territory=project.territory,
        family=project.family,
        groups=of | (facts.groups or {}) or None,
        filed=project.filed,
        jury_rank=facts.jury_rank,
        other_money=facts.other_money,
        withdrawn=facts.withdrawn,
        on_top=project.other_money or None,
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


def _groups(project: Project) -> dict[str, tuple[str, ...]]:
    """What a dossier says beside territory and family, as kinds of groups."""
    carrier = None if project.carrier_id is None else str(project.carrier_id)
    own = {"theme": project.theme, "category": project.category, "carrier": carrier}
    return {kind: (value,) for kind, value in own.items() if value is not None}


def _place(project: Project, territories: Sequence[Territory], rule: Rule) -> Groups:
    """Where the rule sees a project, as far as that is not its own territory alone."""
    if project.territory is None or not territories:
        return {}
    found = placed(project.territory, territories, rule)
    return {} if found == (project.territory,) else {KIND: found}


def rule_of(row: Round) -> Rule:
    """The rule that decides a round."""
    return Rule.model_validate(row.rule)


def format_of(row: Round) -> Format:
    """What a round's ballots say."""
    form: Format = _FORMAT.validate_python(row.format)
    return form


def seats_of(row: Round) -> Seats | None:
    """Whose seats vote; None where residents do."""
    return None if row.seats is None else Seats.model_validate(row.seats)


def seen_by_rule(options: Sequence[Option]) -> list[rules.Option]:
    """What a rule sees of a round's options, by number."""
    return [rules.Option.model_validate(option.seen) for option in options]


def warnings(row: Round, options: Sequence[Option]) -> list[Finding]:
    """What can happen in a round that somebody might not mean."""
    return check(rule_of(row), format_of(row), seen_by_rule(options))


def same_rules(one: Round, other: Round) -> bool:
    """Whether two rounds were asked for in the same words."""
    rules = ("format", "rule", "listed", "opens_at", "closes_at", "digest")
    names = (*rules, "secrecy", "rehearsal", "flush", "identity", "paper", "assisted", "seats")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def prepared(row: Round, options: Sequence[Option]) -> list[RoundPrepared | OptionListed]:
    """The events of a round's preparation: the summary, then one event per option."""
    summary = RoundPrepared(
        round_id=row.round_id,
        programme_id=row.programme_id,
        options=row.options,
        digest=row.digest,
        seats=seats_of(row),
        assisted=True if row.assisted else None,
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
    """Freeze and hash the rules.

    Raises `WrongState`, `TierKeysMissing`, `CommissionMissing` or `WindowPast`.
    """
    if row.state != "prepared":
        raise WrongState(f"round {row.round_id} is {row.state}, not prepared")
    if not row.tiers and row.seats is None:
        raise TierKeysMissing(f"the roll's keys for round {row.round_id} have not arrived here")
    if row.secrecy == "sealed" and row.commission is None:
        what = "the holders of the commission's key have opened no test ballot"
        raise CommissionMissing(f"round {row.round_id} is sealed, and {what}")
    if row.closes_at <= now:
        raise WindowPast(f"it is {now:%Y-%m-%d %H:%M:%S} UTC, the window ends at {row.closes_at}")
    return _rules(row)


def _rules(row: Round) -> RoundOpened:
    return RoundOpened(
        round_id=row.round_id,
        programme_id=row.programme_id,
        rehearsal=row.rehearsal,
        secrecy=SECRECY.validate_python(row.secrecy),
        format=format_of(row),
        rule=rule_of(row),
        opens_at=row.opens_at.astimezone(UTC),
        closes_at=row.closes_at.astimezone(UTC),
        tiers=row.tiers or {},
        flush=FlushRule.model_validate(row.flush),
        commission=None if row.commission is None else Commission.model_validate(row.commission),
        padded=row.padded,
        script=_script(row),
        options=row.options,
        digest=row.digest,
        listed=row.listed,
        paper=True if row.paper else None,
        rules_digest="0" * 64,
        seats=seats_of(row),
        identity=_WAYS.validate_python(row.identity),
    ).hashed()


def _script(row: Round) -> str | None:
    """What voters run: until the round opens the script of today, then the one of that moment.
    Members of a body vote without it."""
    if row.state != "prepared":
        return row.script
    return None if row.secrecy == "named" else page_script.digest()


def check_rehearsal(row: Round) -> None:
    """Raise `RehearsalOnly` where voting ends by the clock alone."""
    if not row.rehearsal:
        raise RehearsalOnly(f"round {row.round_id} ends at {row.closes_at}, and not before")


def closed(row: Round, now: datetime) -> RoundClosed:
    """Voting ends. Raises `WrongState`."""
    if row.state != "open":
        raise WrongState(f"round {row.round_id} is {row.state}, not open")
    return RoundClosed(round_id=row.round_id, closed_at=seconds(now))


def tally(row: Round, options: Sequence[Option], *, final: bool) -> TallyUpdated:
    """Where a round stands. Of a sealed one, no vote is told before all of them are."""
    votes = {str(option.number): option.votes for option in options if final or tells(row)}
    return TallyUpdated(
        round_id=row.round_id,
        ballots=row.ballots,
        votes=votes,
        final=final,
        voters=row.voters,
        annulled=True if row.state == "annulled" else None,
    )


def tells(row: Round) -> bool:
    """Whether the votes so far are anybody's to see."""
    return row.secrecy != "sealed" or row.state == "decided"


def seconds(time: datetime) -> datetime:
    """A time in UTC, to the second: the form in which rules state it."""
    return time.astimezone(UTC).replace(microsecond=0)
