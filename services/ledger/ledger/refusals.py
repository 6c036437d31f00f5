"""What the ledger refuses to its readers."""

from shared.refusal import Refusal


class NotThere(Refusal):
    """The log has nothing of that name, or has not published it yet."""

    code = "not_found"
