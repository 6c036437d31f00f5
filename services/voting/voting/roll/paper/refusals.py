"""Why somebody is not marked as voting on paper."""

from uuid import UUID

from shared.refusal import Refusal
from voting.roll import verdicts


class NoPaper(Refusal):
    """Nobody votes on paper in this round: its charter does not say so."""

    code = "no_paper"


class AlreadyMarked(Refusal):
    """This person was marked as voting on paper before."""

    code = "already_marked"


class MarksEnded(Refusal):
    """The roll has said how many people it marked: no mark follows."""

    code = "papers_marked"


class VotingGoesOn(Refusal):
    """Envelopes are counted when voting is over."""

    code = "voting_open"


STATUSES: dict[type[Refusal], int] = {
    NoPaper: 409,
    AlreadyMarked: 409,
    MarksEnded: 409,
    VotingGoesOn: 409,
}
# Of an envelope: its sender had another channel first.
ANOTHER_CHANNEL = frozenset(("code_used", "already_on_roll", "already_marked"))


def refusal(verdict: str, round_id: UUID) -> Refusal:
    """The refusal of a verdict."""
    match verdict:
        case "no_paper":
            return NoPaper(f"nobody votes on paper in round {round_id}")
        case "papers_marked":
            return MarksEnded(f"the marks of round {round_id} were counted before")
        case "already_marked":
            return AlreadyMarked("this person was given a paper before")
    return verdicts.refusal(verdict, round_id)
