"""What is said of a vote before it opens: by its charter, and by its round."""

from dataclasses import dataclass

from shared.events.ballots import Format
from shared.events.charter import CharterRules
from shared.events.rules import Rule
from shared.rules.saying.ballots import ballot
from shared.rules.saying.rules import Part, rule
from shared.rules.saying.speech import Speech


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences about ballots, and about what decides; empty where a charter says it in short."""

    ballot: tuple[str, ...]
    rule: tuple[Part, ...]


def of_charter(rules: CharterRules, speech: Speech) -> Said:
    """What a charter says in full, by a format and by a rule."""
    vote = rules.vote
    if vote is None:
        return Said((), ())
    return Said(
        () if vote.format is None else tuple(ballot(vote.format, speech)),
        () if vote.rule is None else tuple(rule(vote.rule, speech)),
    )


def of_round(form: Format, decides: Rule, speech: Speech) -> Said:
    """What a round's ballots say, and what decides it."""
    return Said(tuple(ballot(form, speech)), tuple(rule(decides, speech)))
