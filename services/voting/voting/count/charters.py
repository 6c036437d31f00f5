"""What a charter says about a round: envelope, ballot, window, and who acts. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.events.ballots import Approval, Format
from shared.events.charter import FLUSH_FLOOR, Act, Body, CharterRules, Phase, Vote
from shared.events.event import Cents
from shared.events.rules import ByVotes, Grant, Options, Rule
from shared.events.submission import PhaseRedated
from shared.events.voting import Seats
from shared.refusal import Refusal
from shared.rules.presets import adopted, greedy, one_envelope
from voting.count.rounds import AT_ONCE, RoundIn, seconds
from voting.count.tables import Programme


class NoVotePhase(Refusal):
    """The charter has no phase in which this vote could be."""

    code = "no_vote_phase"


class NoCharter(Refusal):
    """A programme without a charter has no desk: whoever imported it acts with the key."""

    code = "no_charter"


class BodyUnknown(Refusal):
    """The charter has no body of this name."""

    code = "body_unknown"


class NoEnvelope(Refusal):
    """A body that decides money has none that the charter says."""

    code = "no_envelope"


class NotTheCharter(Refusal):
    """A round was asked for with other rules than its programme's charter has."""

    code = "not_the_charter"


class NeedsPerson(Refusal):
    """Under a charter, this is an officer's act, never that of whoever holds the desk's key."""

    code = "needs_person"


def rules_of(programme: Programme) -> CharterRules | None:
    """The rules of a programme; None where it was imported without any."""
    if programme.rules is None:
        return None
    return CharterRules.model_validate(programme.rules, extra="ignore")


def asked(
    round_id: UUID,
    rules: CharterRules,
    *,
    rehearsal: bool,
    now: datetime,
    body_name: str | None = None,
    left: int | None = None,
) -> RoundIn:
    """The round that a charter asks for: its envelope, its ballot, the window of its vote; or those
    of one of its bodies. What is `left` of the year is what a fund's round gives out.

    Raises `NoVotePhase`, `BodyUnknown`, `NoEnvelope`.
    """
    if body_name is not None:
        return _asked_of(round_id, rules, body_of(rules, body_name), rehearsal, now, left)
    vote, phase = vote_of(rules), vote_phase(rules)
    return RoundIn(
        round_id=round_id,
        format=ballot_of(vote),
        rule=rule_of(rules),
        opens_at=phase.opens_at,
        closes_at=phase.closes_at,
        paper=vote.paper is True,
        assisted=vote.assisted is True,
        secrecy=vote.secrecy or "live",
        flush=vote.flush or (AT_ONCE if rehearsal else FLUSH_FLOOR),
        identity=vote.identity,
        rehearsal=rehearsal,
    )


def _asked_of(
    round_id: UUID,
    rules: CharterRules,
    body: Body,
    rehearsal: bool,
    now: datetime,
    left: int | None,
) -> RoundIn:
    opens_at, closes_at = window(rules, body.name, now)
    return RoundIn(
        round_id=round_id,
        format=body.format,
        rule=_rule_of(rules, body, left),
        opens_at=opens_at,
        closes_at=closes_at,
        rehearsal=rehearsal,
        seats=Seats(body_name=body.name, members=body.members, quorum=body.quorum),
    )


def window(rules: CharterRules, body_name: str | None, now: datetime) -> tuple[datetime, datetime]:
    """From when to when a vote is: as long as its phase, or so many days in it from now on, where
    a body has several rounds in one phase. Raises `NoVotePhase`, `BodyUnknown`."""
    body = None if body_name is None else body_of(rules, body_name)
    phase = vote_phase(rules) if body is None else _phase(rules, body.during)
    opens_at = max(phase.opens_at, seconds(now))
    if body is None or body.days is None or opens_at >= phase.closes_at:
        return phase.opens_at, phase.closes_at
    return opens_at, min(phase.closes_at, opens_at + timedelta(days=body.days))


def gives_out_fund(rules: CharterRules, body_name: str | None) -> bool:
    """Whether a round gives out the yearly envelope of the charter's fund."""
    if rules.fund is None or body_name is None:
        return False
    return body_of(rules, body_name).decides == "money"


def deliberated(rules: CharterRules | None, body_name: str | None) -> bool:
    """Whether the amounts of what a body chose are deliberated afterwards."""
    if rules is None or body_name is None:
        return False
    return body_of(rules, body_name).amounts == "deliberated"


def _rule_of(rules: CharterRules, body: Body, left: int | None) -> Rule:
    """What decides in a body's round; of a fund, the root envelope is what is left of the year, and
    no project gets more than the fund gives one in a year."""
    if body.decides != "money" or body.amounts == "deliberated":
        return body.rule or adopted()
    if rules.fund is None:
        if body.rule is None and rules.envelope is None:
            raise NoEnvelope(f"{body.name} decides money, and the charter says of none")
        return body.rule or greedy(rules.envelope or 0)
    assert left is not None
    rule, ceiling = body.rule or greedy(left), rules.fund.project_year_ceiling
    envelopes = tuple(
        each.model_copy(update={"amount": left}) if each.within is None else each
        for each in rule.envelopes
    )
    grants = rule.grants if ceiling is None else _capped(rule.grants, ceiling)
    return rule.model_copy(update={"envelopes": envelopes, "grants": grants})


def _capped(grants: tuple[Grant, ...], ceiling: Cents) -> tuple[Grant, ...]:
    """These grants, none of more than a fund gives one project in a year; a project that none of
    them admits has no more either."""
    found = tuple(
        each.model_copy(
            update={
                "ceiling": ceiling if each.ceiling is None else min(each.ceiling, ceiling),
                "floor": min(each.floor, ceiling),
            }
        )
        for each in grants
    )
    if any(each.options == Options() for each in found):
        return found
    return (*found, Grant(ceiling=ceiling))


def body_of(rules: CharterRules, name: str) -> Body:
    """A body of the charter. Raises `BodyUnknown`."""
    for body in rules.bodies or ():
        if body.name == name:
            return body
    raise BodyUnknown(f"the charter of {rules.preset} has no body named {name[:60]}")


def votes_during(rules: CharterRules, phase: str) -> list[str | None]:
    """Who votes during a phase: bodies by their names, and None for residents."""
    bodies: list[str | None] = [b.name for b in rules.bodies or () if b.during == phase]
    return [*bodies, None] if phase == "vote" else bodies


def labels(rules: CharterRules | None, body_name: str | None) -> bool:
    """Whether the options of a round have their labels before it is prepared: where the charter
    has labels, and no body chose them in another way or is to give them."""
    if rules is None or not rules.families:
        return False
    if body_name is None:
        return True
    body = body_of(rules, body_name)
    return body.decides in ("money", "opinion") and body.admitted_by is None


def ballot_of(vote: Vote) -> Format:
    """What a ballot says; where the charter says how many only, others are refused on entry."""
    if vote.format is not None:
        return vote.format
    assert vote.least is not None and vote.most is not None
    return Approval(min=vote.least, max=vote.most, wrong="refused")


def rule_of(rules: CharterRules) -> Rule:
    """What decides. Raises `NoVotePhase`."""
    vote = vote_of(rules)
    if vote.rule is not None:
        return vote.rule
    assert rules.envelope is not None  # a charter without it says a rule
    if vote.outcome == "all-labelled":  # votes order, and keep nobody out
        return one_envelope(rules.envelope, ByVotes(), unsupported=True)
    return greedy(rules.envelope)


def check(
    asked_for: RoundIn,
    programme: Programme,
    now: datetime,
    body_name: str | None = None,
    left: int | None = None,
) -> None:
    """Whether a round is what its programme's charter asks for. Raises `NotTheCharter`."""
    rules = rules_of(programme)
    if rules is None:
        if asked_for.seats is not None:
            raise NotTheCharter("without a charter there is no body that has seats")
        return
    wanted = asked(
        asked_for.round_id,
        rules,
        rehearsal=programme.rehearsal,
        now=now,
        body_name=body_name,
        left=left,
    )
    for name in (
        "format",
        "rule",
        "facts",
        "opens_at",
        "closes_at",
        "paper",
        "assisted",
        "secrecy",
        "flush",
        "identity",
        "seats",
    ):
        here, there = getattr(asked_for, name), getattr(wanted, name)
        if here != there:
            raise NotTheCharter(f"{name} is {here}, the charter says {there}")


def vote_of(rules: CharterRules) -> Vote:
    """The residents' vote. Raises `NoVotePhase`."""
    if rules.vote is None:
        raise NoVotePhase(f"residents do not vote under the charter of {rules.preset}")
    return rules.vote


def vote_phase(rules: CharterRules) -> Phase:
    """The phase in which people vote. Raises `NoVotePhase`."""
    return _phase(rules, "vote")


def _phase(rules: CharterRules, name: str) -> Phase:
    for phase in rules.phases:
        if phase.name == name:
            return phase
    raise NoVotePhase(f"the charter of {rules.preset} has no phase named {name}")


def redated(rules: CharterRules, event: PhaseRedated) -> CharterRules:
    """The rules with a phase's new window."""
    window = {"opens_at": event.opens_at, "closes_at": event.closes_at}
    return rules.model_copy(
        update={
            "phases": tuple(
                phase.model_copy(update=window) if phase.name == event.phase else phase
                for phase in rules.phases
            )
        }
    )


def two_officers(rules: CharterRules, act: Act) -> bool:
    """Whether the charter asks two officers for this act."""
    return act in rules.second_officer
