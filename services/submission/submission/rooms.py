"""The rooms of submission: what each adds to the process."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from fastapi import APIRouter
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.refusal import Refusal
from submission.carriers.telling import Telling


class Due(Protocol):
    """A deadline whose time has come, as its timer is given it (`deadlines.firing.Firing`)."""

    @property
    def session(self) -> AsyncSession: ...

    @property
    def subject(self) -> UUID: ...

    @property
    def telling(self) -> Telling: ...

    async def take(self) -> datetime | None: ...


type Timer = Callable[[Due], Awaitable[None]]


@dataclass(frozen=True)
class Room:
    """Its routes, in the order in which they are tried, the status of each of its refusals, and
    what it does when a deadline of a kind has come."""

    routers: Sequence[APIRouter]
    statuses: Mapping[type[Refusal], int] = field(default_factory=dict)
    timers: Mapping[str, Timer] = field(default_factory=dict)
