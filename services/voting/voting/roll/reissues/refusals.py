"""Why nobody is given a second code."""

from shared.refusal import Refusal


class NotOnRoll(Refusal):
    """Nobody with this identity was given a right to vote by code: there is none to give again."""

    code = "not_on_roll"


class ReissuedBefore(Refusal):
    """This person was given a second code before, and nobody is given a third."""

    code = "reissued_before"


class ReissueUnknown(Refusal):
    """There is no such second code, or another officer hands it out."""

    code = "reissue_unknown"


STATUSES: dict[type[Refusal], int] = {
    NotOnRoll: 409,
    ReissuedBefore: 409,
    ReissueUnknown: 404,
}
