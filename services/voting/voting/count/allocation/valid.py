"""The ballots that count."""

from collections.abc import Sequence

from shared.events.ballots import Format
from shared.events.rules import Option
from voting.count.allocation.profile import Profile, said_by
from voting.count.allocation.voiding import void


def valid(
    form: Format, ballots: Profile, options: Sequence[Option]
) -> tuple[Profile, dict[str, int]]:
    """The ballots that are not void, as their format reads them, and how many are, by code."""
    said = said_by(form, ballots)
    voided, codes = void(form, said, options)
    return said.kept(~voided), codes
