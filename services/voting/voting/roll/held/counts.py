"""What is public of registrations: numbers, by ground. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from shared.events.roll import RegistrationsCounted

# More contested tokens than one in so many issued, and the round is flagged.
FLAGGED_ABOVE = 200


def counted(row: Mapping[str, Any], issued: int, *, final: bool) -> RegistrationsCounted:
    """A round's counts; `issued` is how many tokens it has in all."""
    return RegistrationsCounted(
        round_id=row["round_id"],
        registered=json.loads(row["registered"]),
        held=json.loads(row["held"]),
        waiting=row["waiting"],
        admitted=row["admitted"],
        declined=row["declined"],
        contested=row["contested"],
        flagged=row["contested"] * FLAGGED_ABOVE > issued,
        final=final,
    )
