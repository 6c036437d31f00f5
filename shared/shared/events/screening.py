"""The figures by which a charter screens who registers: limits, and thresholds that hold.

They are frozen with the charter and public with it. Above a limit nobody registers for a while;
above a threshold a registration is held for two officers, and never dropped.
"""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import Field

from shared.events.event import Frozen

Many = Annotated[int, Field(ge=1, le=1_000_000)]


class Screening(Frozen):
    """A charter's own figures; those of this class are for every vote that is no rehearsal.

    Limits: messages with a code that are sent to an address block (/24, /48) in an hour, to a
    telephone in a day, to addresses of one mail domain in an hour, to all in an hour. `proof_bits`
    is how many zero bits the proof of work before a message has.
    Thresholds: more than `burst` from one address within `burst_minutes`; the same age, in years,
    more than `age_run` times in a row; from one to five in the morning more than `night_percent` of
    all, once there are `night_least`; more than `voters_a_phone` with one telephone.
    `appeal_days` after closing, identities and their key are destroyed.
    """

    proof_bits: Annotated[int, Field(ge=0, le=24)] = 17
    block_hour: Many = 60
    phone_day: Many = 5
    domain_hour: Many = 300
    all_hour: Many = 3000
    burst: Many = 5
    burst_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    age_run: Many = 6
    night_percent: Annotated[int, Field(ge=0, le=100)] = 20
    night_least: Many = 50
    voters_a_phone: Annotated[int, Field(ge=1, le=1000)] = 2
    appeal_days: Annotated[int, Field(ge=0, le=3650)] = 90

    @classmethod
    def rehearsed(cls) -> Self:
        """The figures of a rehearsal that states none: whoever rehearses is one machine."""
        return cls(
            proof_bits=6,
            block_hour=1_000_000,
            phone_day=1_000_000,
            domain_hour=1_000_000,
            all_hour=1_000_000,
            burst=1_000_000,
            age_run=1_000_000,
            night_percent=100,
        )

    def loosened(self) -> Iterator[tuple[str, int, int]]:
        """Where these ask less than every vote has to: the figure, and what it has to be at most;
        `proof_bits` and `appeal_days`, at least."""
        standard = Screening()
        for name, value in self:
            most: int = getattr(standard, name)
            least_wanted = name in ("proof_bits", "appeal_days", "burst_minutes")
            if (value < most) if least_wanted else (value > most):
                yield name, value, most
