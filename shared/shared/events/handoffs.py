"""The handoff of a project between desks: the events of one small protocol.

A handoff is requested of a desk or of a session of a counter; the desk accepts it, hands it on to
another desk, or gives it back; who was accepted is scheduled for a session or waits for a place,
comes or stays away, and is handed back. Every handoff ends as redirected or as returned.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Hash, Ledgered, Name

# Why a desk hands a project back: it was guided; it was declined; the desk did not answer in time;
# nobody came; the project ended; the session was cancelled.
Cause = Literal["done", "declined", "unanswered", "missed", "withdrawn", "cancelled"]


class _OfHandoff(Event):
    topic: ClassVar[str] = "submission.counters"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    handoff_id: UUID
    project_id: UUID
    programme_id: UUID
    gathering_id: UUID | None = None
    desk: Name | None = None

    @property
    def key(self) -> str:
        return str(self.project_id)


class HandoffRequested(_OfHandoff):
    """A project was handed to a desk, which answers by `due_at`: its carrier asked for it, or it
    follows from the handoff that is `after` which this one is."""

    type: ClassVar[str] = "submission.handoff-requested.v1"
    due_at: datetime | None = None
    after: UUID | None = None


class HandoffAccepted(_OfHandoff):
    """The desk takes the project on."""

    type: ClassVar[str] = "submission.handoff-accepted.v1"
    officer: UUID
    due_at: datetime | None = None


class HandoffRedirected(_OfHandoff):
    """The desk handed the project on `to_desk`, which answers to handoff `next_id`. `reason` is a
    commitment."""

    type: ClassVar[str] = "submission.handoff-redirected.v1"
    to_desk: Name
    next_id: UUID
    reason: Hash
    officer: UUID


class HandoffScheduled(_OfHandoff):
    """The project has a place at a session: an `officer` gave it, or it moved up when one was
    given back."""

    type: ClassVar[str] = "submission.handoff-scheduled.v1"
    officer: UUID | None = None
    due_at: datetime | None = None


class PlaceAwaited(_OfHandoff):
    """All places at a session are given: the project waits, as the one behind `ahead` others."""

    type: ClassVar[str] = "submission.place-awaited.v1"
    ahead: Annotated[int, Field(ge=0)]
    officer: UUID | None = None


class HandoffDeclined(_OfHandoff):
    """The adviser could not take the idea on. `reason` is a commitment. Since desks hand projects
    back, `HandoffReturned` says this."""

    type: ClassVar[str] = "submission.handoff-declined.v1"
    reason: Hash
    officer: UUID


class HandoffAttended(_OfHandoff):
    """The carrier was at the counter: a dossier may be filed for the idea."""

    type: ClassVar[str] = "submission.handoff-attended.v1"
    officer: UUID
    due_at: datetime | None = None


class HandoffMissed(_OfHandoff):
    """The carrier did not come; another counter can be asked. `reason` is a commitment."""

    type: ClassVar[str] = "submission.handoff-missed.v1"
    reason: Hash | None = None
    officer: UUID
    due_at: datetime | None = None


class HandoffReturned(_OfHandoff):
    """The project is back with its carrier, for this `cause`: an `officer` handed it back, or the
    deadline did, or the end of the project. `reason` is a commitment."""

    type: ClassVar[str] = "submission.handoff-returned.v1"
    cause: Cause
    reason: Hash | None = None
    officer: UUID | None = None


ALL: tuple[type[Event], ...] = (
    HandoffRequested,
    HandoffAccepted,
    HandoffRedirected,
    HandoffScheduled,
    PlaceAwaited,
    HandoffDeclined,
    HandoffAttended,
    HandoffMissed,
    HandoffReturned,
)
