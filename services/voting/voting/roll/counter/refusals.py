"""Why nobody is put on the roll at a counter."""

from shared.refusal import Refusal


class OnRoll(Refusal):
    """Somebody with this identity is on the roll, is held, or votes on paper: she has a way to
    vote, or two officers look at it."""

    code = "on_roll"


class AdmissionUnknown(Refusal):
    """Nobody was put on the roll here under this id, or another officer hands her code out."""

    code = "admission_unknown"


STATUSES: dict[type[Refusal], int] = {OnRoll: 409, AdmissionUnknown: 404}
