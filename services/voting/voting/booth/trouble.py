"""What keeps a voter in the booth from going on: a code, for which a page has a sentence."""

from shared.refusal import Refusal

UNAVAILABLE = "unavailable"


class Trouble(Refusal):
    """Roll, box or count refused something, gave no answer or a false one; or what was typed is
    none. The message never quotes what somebody typed."""

    def __init__(self, code: str, status: int = 422, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.status = status


def silent(process: str) -> Trouble:
    """The trouble where a process gives no answer that can be read."""
    return Trouble(UNAVAILABLE, 503, f"{process} gives no answer")
