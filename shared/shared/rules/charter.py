"""What a charter says of ballots and of the decision, whether in full or in short."""

from shared.events.ballots import Approval, Format
from shared.events.charter import CharterRules, Vote
from shared.events.rules import Rule
from shared.rules.presets import greedy


def ballot_of(vote: Vote) -> Format:
    """What a ballot says; where the charter says how many only, others are refused on entry."""
    if vote.format is not None:
        return vote.format
    assert vote.least is not None and vote.most is not None
    return Approval(min=vote.least, max=vote.most, wrong="refused")


def rule_of(rules: CharterRules) -> Rule:
    """What decides."""
    return rules.vote.rule or greedy(rules.envelope)
