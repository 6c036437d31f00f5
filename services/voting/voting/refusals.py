"""What roll, box and count refuse in the same words."""

from shared.refusal import Refusal


class RoundUnknown(Refusal):
    """This process has heard of no such round."""

    code = "round_unknown"


class TierUnknown(Refusal):
    """The round has no such tier."""

    code = "tier_unknown"


class KeyRefused(Refusal):
    """The ballot key is not one that all verifiers treat alike."""

    code = "key_refused"


class NotOpen(Refusal):
    """Voting has not begun."""

    code = "not_open"


class VotingClosed(Refusal):
    """Voting has ended."""

    code = "voting_closed"
