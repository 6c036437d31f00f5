"""What the database answers in a word, as the refusal that it means."""

from uuid import UUID

from shared.refusal import Refusal
from voting.refusals import NotOpen, RoundUnknown, TierUnknown, VotingClosed
from voting.roll.codes import CodeUnknown, CodeUsed, VotingCodeTaken
from voting.roll.paths import NotAssisted
from voting.roll.tokens import BlindedRefused


def refusal(verdict: str, round_id: UUID, tier: str = "") -> Refusal:
    """The refusal of a verdict."""
    match verdict:
        case "round_unknown":
            return RoundUnknown(f"round {round_id} was never prepared")
        case "tier_unknown":
            return TierUnknown(f"round {round_id} has no tier {tier}")
        case "not_open":
            return NotOpen(f"voting in round {round_id} has not begun")
        case "voting_closed":
            return VotingClosed(f"voting in round {round_id} is closed")
        case "code_unknown":
            return CodeUnknown(f"this is no code of round {round_id}, or it was tried five times")
        case "code_used":
            return CodeUsed("this code's token was issued for another voting code")
        case "voting_code_taken":
            return VotingCodeTaken("another code was used with this voting code")
        case "not_assisted":
            return NotAssisted(f"round {round_id} has no tier for the booth")
        case "blinded_refused":
            return BlindedRefused("the blinded value is 0, or not below the tier key's modulus")
        case other:
            raise RuntimeError(f"the database answered {other}")
