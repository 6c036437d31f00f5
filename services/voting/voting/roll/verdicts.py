"""What the database answers in a word, as the refusal that it means."""

from uuid import UUID

from shared.refusal import Refusal
from voting.refusals import NotOpen, RoundUnknown, TierUnknown, VotingClosed
from voting.roll.codes import CodeUnknown, CodeUsed
from voting.roll.identity import AlreadyOnRoll, ChannelSaturated


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
            return CodeUnknown(f"this code was not posted for round {round_id}")
        case "code_used":
            return CodeUsed("this code's token was issued for another ballot key")
        case "already_on_roll":
            return AlreadyOnRoll(
                "somebody with this identity is on the roll; a counter helps whoever has no code"
            )
        case "channel_saturated":
            return ChannelSaturated("two voters have this address; a third needs another")
        case other:
            raise RuntimeError(f"the database answered {other}")
