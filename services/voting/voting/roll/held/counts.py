"""What is public of registrations: numbers, by ground and by age. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shared.events.roll import AgeBand, RegistrationsCounted

# More contested tokens than one in so many issued, and the round is flagged.
FLAGGED_ABOVE = 200
# A band of ages in which fewer people used their right is told with its neighbour.
FEWEST_OF_AN_AGE = 30


class OfAge(NamedTuple):
    """Codes of people from one age on, to that of the next row, and how many were used."""

    since: int
    registered: int
    used: int


def ages(rows: Sequence[OfAge]) -> tuple[AgeBand, ...] | None:
    """Turnout by age, from the youngest on, each band with enough people to hide one who voted;
    None where that leaves one band: it would say nothing of ages."""
    bands = list[list[OfAge]]()
    for row in sorted(rows):
        if bands and _used(bands[-1]) < FEWEST_OF_AN_AGE:
            bands[-1].append(row)
        else:
            bands.append([row])
    if len(bands) > 1 and _used(bands[-1]) < FEWEST_OF_AN_AGE:
        last = bands.pop()
        bands[-1] += last
    if len(bands) < 2:
        return None
    ends = [*(band[0].since for band in bands[1:]), None]
    return tuple(
        AgeBand(
            # Nobody is told that the youngest of all was at least so old.
            since=band[0].since if place else 0,
            until=until,
            registered=sum(row.registered for row in band),
            used=_used(band),
        )
        for place, (band, until) in enumerate(zip(bands, ends, strict=True))
    )


def _used(band: Sequence[OfAge]) -> int:
    return sum(row.used for row in band)


def counted(
    row: Mapping[str, Any], issued: int, *, final: bool, by_age: Sequence[OfAge] = ()
) -> RegistrationsCounted:
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
        ages=ages(by_age),
    )
