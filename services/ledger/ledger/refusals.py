"""What the ledger refuses to its readers."""

from shared.refusal import Refusal

# What is not there yet may be in a second, and a cache may keep a 404 (RFC 9111 §4.2.2).
NOT_KEPT = {"Cache-Control": "no-store"}


class NotThere(Refusal):
    """The log has nothing of that name, or has not published it yet."""

    code = "not_found"
    headers = NOT_KEPT


class PrefixTooLong(Refusal):
    """A ballot is asked for by more of its digest than leaves thirty others on average."""

    code = "prefix_too_long"
    headers = NOT_KEPT


class PrefixTooShort(Refusal):
    """Ballots are asked for by less of a digest than the log has digits for by now."""

    code = "prefix_too_short"
    headers = NOT_KEPT
