"""What submission publishes: programmes, their projects, and the words behind commitments."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from shared.canonical import digest
from shared.events.event import Cents, Event, Hash, Ledgered, LogName

# One event names all frozen options: 1,400 of them would pass an entry's 60 KiB.
MOST_OPTIONS = 1_400


class CharterPublished(Event):
    """A programme exists, under rules whose digest this is; its edition has a log of its own."""

    topic: ClassVar[str] = "submission.programmes"
    type: ClassVar[str] = "submission.charter-published.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    programme_id: UUID
    log: LogName
    title: Hash
    charter: Hash
    rehearsal: bool

    @property
    def key(self) -> str:
        return str(self.programme_id)


class DossierFiled(Event):
    """A dossier was filed for a project. `title` is a commitment, `cost` is in cents."""

    topic: ClassVar[str] = "submission.projects"
    type: ClassVar[str] = "submission.dossier-filed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    project_id: UUID
    programme_id: UUID
    title: Hash
    cost: Cents

    @property
    def key(self) -> str:
        return str(self.project_id)


class DossierAmended(DossierFiled):
    """A dossier was changed before its options were frozen; this is what it says now."""

    type: ClassVar[str] = "submission.dossier-amended.v1"


class OptionsFrozen(Event):
    """These projects are the options of a round; from now on they cannot change.

    `digest` is `options_digest` of them, in the order of `options`, which is that of their ids.
    """

    topic: ClassVar[str] = "submission.programmes"
    type: ClassVar[str] = "submission.options-frozen.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    programme_id: UUID
    options: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_OPTIONS)
    digest: Hash

    @property
    def key(self) -> str:
        return str(self.programme_id)


class TextPublished(Event):
    """The words behind a commitment, and the salt that proves it. Erased by a tombstone."""

    topic: ClassVar[str] = "submission.texts"
    type: ClassVar[str] = "submission.text-published.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    content_id: Hash
    value: str
    salt: Hash

    @property
    def key(self) -> str:
        return self.content_id


def options_digest(options: list[tuple[UUID, int, str]]) -> str:
    """The hash of frozen options, each (id, cost in cents, title's commitment), sorted by id."""
    ordered = sorted(options, key=lambda option: str(option[0]))
    return digest([{"cost": c, "option": str(i), "title": t} for i, c, t in ordered]).hex()


ALL: tuple[type[Event], ...] = (
    CharterPublished,
    DossierFiled,
    DossierAmended,
    OptionsFrozen,
    TextPublished,
)
