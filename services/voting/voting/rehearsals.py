"""What a page of several votes says of them together."""

from collections.abc import Collection
from typing import Protocol


class Rehearsed(Protocol):
    """A round or a programme; None where it is not known yet."""

    @property
    def rehearsal(self) -> bool | None: ...


def only_rehearsals(listed: Collection[Rehearsed]) -> bool:
    """Whether none of these is in earnest, so that their page may say so of itself. Where one is,
    each rehearsal beside it says what it is: no vote in earnest is ever called a rehearsal."""
    return bool(listed) and all(each.rehearsal for each in listed)
