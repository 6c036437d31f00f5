"""On which path somebody votes: with a device of her own, or in the booth, whose tier is S."""

import hmac
from collections.abc import Mapping

from shared.refusal import Refusal

ASSISTED = "S"
HEADER = "comptoir-booth"


class BoothRefused(Refusal):
    """Who asks says that it is the booth, and has not its key."""

    code = "booth_refused"


class NotAssisted(Refusal):
    """The round has no tier for the booth: its charter does not ask for one."""

    code = "not_assisted"


def path_of(headers: Mapping[str, str], booth_key: str | None) -> str | None:
    """The tier that a request is for where it is not the code's own. Raises `BoothRefused`."""
    if (given := headers.get(HEADER)) is None:
        return None
    if booth_key is None or not hmac.compare_digest(given.encode(), booth_key.encode()):
        raise BoothRefused("this is not the booth's key")
    return ASSISTED
