"""What a charter says about a round: envelope, ballot, window, and who acts. Pure."""

from uuid import UUID

from shared.events.ballots import Approval, Format
from shared.events.charter import FLUSH_FLOOR, Act, Body, CharterRules, Phase, Vote
from shared.events.rules import Rule
from shared.events.submission import PhaseRedated
from shared.events.voting import Seats
from shared.refusal import Refusal
from shared.rules.presets import adopted, greedy
from voting.count.rounds import AT_ONCE, RoundIn
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
    round_id: UUID, rules: CharterRules, *, rehearsal: bool, body_name: str | None = None
) -> RoundIn:
    """The round that a charter asks for: its envelope, its ballot, the window of its vote; or those
    of one of its bodies.

    Raises `NoVotePhase`, `BodyUnknown`.
    """
    if body_name is not None:
        return _asked_of(round_id, rules, body_of(rules, body_name), rehearsal)
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


def _asked_of(round_id: UUID, rules: CharterRules, body: Body, rehearsal: bool) -> RoundIn:
    phase = _phase(rules, body.during)
    return RoundIn(
        round_id=round_id,
        format=body.format,
        rule=body.rule or adopted(),
        opens_at=phase.opens_at,
        closes_at=phase.closes_at,
        rehearsal=rehearsal,
        seats=Seats(body_name=body.name, members=body.members, quorum=body.quorum),
    )


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
    """Whether the options of a round have their labels before it is prepared."""
    if rules is None:
        return False
    return body_name is None or body_of(rules, body_name).decides != "labels"


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
    return greedy(rules.envelope)


def check(asked_for: RoundIn, programme: Programme, body_name: str | None = None) -> None:
    """Whether a round is what its programme's charter asks for. Raises `NotTheCharter`."""
    rules = rules_of(programme)
    if rules is None:
        if asked_for.seats is not None:
            raise NotTheCharter("without a charter there is no body that has seats")
        return
    wanted = asked(asked_for.round_id, rules, rehearsal=programme.rehearsal, body_name=body_name)
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
