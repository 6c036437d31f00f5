"""What a charter says about a round: envelope, ballot, window, and who acts. Pure."""

from uuid import UUID

from shared.events.ballots import Approval, Format
from shared.events.charter import Act, CharterRules, Phase, Vote
from shared.events.rules import Rule
from shared.events.submission import PhaseRedated
from shared.refusal import Refusal
from shared.rules.presets import greedy
from voting.count.rounds import RoundIn
from voting.count.tables import Programme


class NoVotePhase(Refusal):
    """The charter has no phase in which people vote."""

    code = "no_vote_phase"


class NoCharter(Refusal):
    """A programme without a charter has no desk: whoever imported it acts with the key."""

    code = "no_charter"


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


def asked(round_id: UUID, rules: CharterRules, *, rehearsal: bool) -> RoundIn:
    """The round that a charter asks for: its envelope, its ballot, the window of its vote.

    Raises `NoVotePhase`.
    """
    phase = vote_phase(rules)
    return RoundIn(
        round_id=round_id,
        format=ballot_of(rules.vote),
        rule=rule_of(rules),
        opens_at=phase.opens_at,
        closes_at=phase.closes_at,
        rehearsal=rehearsal,
    )


def ballot_of(vote: Vote) -> Format:
    """What a ballot says; where the charter says how many only, others are refused on entry."""
    if vote.format is not None:
        return vote.format
    assert vote.least is not None and vote.most is not None
    return Approval(min=vote.least, max=vote.most, wrong="refused")


def rule_of(rules: CharterRules) -> Rule:
    """What decides."""
    return rules.vote.rule or greedy(rules.envelope)


def check(asked_for: RoundIn, programme: Programme) -> None:
    """Whether a round is what its programme's charter asks for. Raises `NotTheCharter`."""
    rules = rules_of(programme)
    if rules is None:
        return
    wanted = asked(asked_for.round_id, rules, rehearsal=programme.rehearsal)
    for name in ("format", "rule", "facts", "opens_at", "closes_at"):
        here, there = getattr(asked_for, name), getattr(wanted, name)
        if here != there:
            raise NotTheCharter(f"{name} is {here}, the charter says {there}")


def vote_phase(rules: CharterRules) -> Phase:
    """The phase in which people vote. Raises `NoVotePhase`."""
    for phase in rules.phases:
        if phase.name == "vote":
            return phase
    raise NoVotePhase(f"the charter of {rules.preset} has no phase named vote")


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
