"""What submission publishes: programmes and roles, and the words behind commitments.

Projects, carriers, gatherings and handoffs are in modules of their own.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.canonical import digest
from shared.events import administration
from shared.events.charter import CharterRules
from shared.events.event import Event, Hash, Ledgered, LogName, Name
from shared.events.scheme import Adopted

# One event names all frozen options: 1,400 of them would pass an entry's 60 KiB.
MOST_OPTIONS = 1_400


class CharterPublished(Event):
    """A programme exists, under rules whose digest this is; its edition has a log of its own.

    `charter` hashes `rules`, `rehearsal` and `title`; a programme that was imported from a
    published election has no `rules`. Who `adopted` it is said where there is an act.
    """

    topic: ClassVar[str] = "submission.programmes"
    type: ClassVar[str] = "submission.charter-published.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    programme_id: UUID
    log: LogName
    title: Hash
    charter: Hash
    rehearsal: bool
    rules: CharterRules | None = None
    adopted: Adopted | None = None

    @property
    def key(self) -> str:
        return str(self.programme_id)


class CharterAmended(Event):
    """Two officers amended a charter: from `takes_effect_at` on these are its rules.

    `charter` and `previous` hash the rules, `rehearsal` and title of this version and of the one
    before it; versions count from 1, which was published. `reason` is a commitment.
    """

    topic: ClassVar[str] = "submission.programmes"
    type: ClassVar[str] = "submission.charter-amended.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    programme_id: UUID
    version: Annotated[int, Field(ge=2, le=1000)]
    charter: Hash
    previous: Hash
    rules: CharterRules
    takes_effect_at: datetime
    reason: Hash
    officers: tuple[UUID, UUID]
    adopted: Adopted | None = None

    @property
    def key(self) -> str:
        return str(self.programme_id)


class _OfPhase(Event):
    topic: ClassVar[str] = "submission.programmes"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    programme_id: UUID
    phase: Name

    @property
    def key(self) -> str:
        return str(self.programme_id)


class PhaseOpened(_OfPhase):
    """A phase began, by the database's clock: what it allows is possible from now on."""

    type: ClassVar[str] = "submission.phase-opened.v1"
    at: datetime


class PhaseClosed(_OfPhase):
    """A phase ended, by the database's clock: what it allowed is refused from now on."""

    type: ClassVar[str] = "submission.phase-closed.v1"
    at: datetime


class PhaseRedated(_OfPhase):
    """Two officers gave a phase another window. `reason` is a commitment."""

    type: ClassVar[str] = "submission.phase-redated.v1"
    opens_at: datetime
    closes_at: datetime
    reason: Hash


class ImportBegun(Event):
    """An officer had a file recorded: what is new in it follows, row by row.

    `file` and `reason` are commitments: of the file's SHA-256, in hexadecimal, and behind a space
    what it is called, which stay where it was read; and of why. It has so many `rows`.
    """

    topic: ClassVar[str] = "submission.programmes"
    type: ClassVar[str] = "submission.import-begun.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    programme_id: UUID
    import_id: UUID
    kind: Literal["ideas", "organisations", "projects"]
    file: Hash
    rows: Annotated[int, Field(ge=0, le=50_000)]
    reason: Hash
    officer: UUID

    @property
    def key(self) -> str:
        return str(self.programme_id)


class OptionsFrozen(Event):
    """These projects are the options of a round; from now on they cannot change.

    Without a `body_name` residents vote, and they never can again; with one, that body of the
    charter does, and they can where its decision leaves them. `digest` is `options_digest` of them,
    in the order of `options`, which is that of their ids. The round is held under this version of
    the `charter`, by its hash.
    """

    topic: ClassVar[str] = "submission.programmes"
    type: ClassVar[str] = "submission.options-frozen.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    round_id: UUID
    programme_id: UUID
    options: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_OPTIONS)
    digest: Hash
    body_name: Name | None = None
    charter: Hash | None = None

    @property
    def key(self) -> str:
        return str(self.programme_id)


class TextPublished(Event):
    """The words behind a commitment, and the salt that proves it. Erased by a tombstone."""

    topic: ClassVar[str] = "submission.texts"
    type: ClassVar[str] = "submission.text-published.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.NO
    erasable: ClassVar[bool] = True
    lasting: ClassVar[bool] = True
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


class _OfRole(Event):
    topic: ClassVar[str] = "submission.administration"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    officer: UUID
    role: Name
    programme_id: UUID | None = None
    territory: Name | None = None
    by: UUID
    reason: Hash | None = None

    @property
    def key(self) -> str:
        return str(self.officer)


class RoleGranted(_OfRole):
    """An officer has a role: everywhere, in one programme, or in one territory of it.

    `reason` is a commitment to words that stay with the officers; the settings give none.
    """

    type: ClassVar[str] = "submission.role-granted.v1"


class RoleRevoked(_OfRole):
    """An officer has it no more. `reason` is a commitment, as of `RoleGranted`."""

    type: ClassVar[str] = "submission.role-revoked.v1"


# Why words were erased: their carrier wants it, somebody named in them wants it (GDPR article 17),
# they break the law, a court says so, or they were kept for as long as they may be.
Ground = Literal["carrier-asked", "person-asked", "unlawful", "court-order", "kept-long-enough"]


class ContentErased(Event):
    """Words were erased: their commitments stay, the words and their salts are gone everywhere.

    Their carrier needs no `reason`; an officer's is a commitment to words that stay with the
    officers. An event without a `ground` is from before there were any.
    """

    topic: ClassVar[str] = "submission.administration"
    type: ClassVar[str] = "submission.content-erased.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    content_ids: Annotated[tuple[Hash, ...], Field(min_length=1, max_length=500)]
    # An officer; the nil id where no officer asked: a resident's own would link her projects.
    by: UUID
    reason: Hash | None = None
    ground: Ground | None = None

    @property
    def key(self) -> str:
        return self.content_ids[0]


class ResidentErased(Event):
    """Somebody who signed in is forgotten: her address, her sessions, what she supported; how many
    support an idea stays. `resident` is an id that nothing else on the ledger has."""

    topic: ClassVar[str] = "submission.administration"
    type: ClassVar[str] = "submission.resident-erased.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.PLATFORM
    resident: UUID

    @property
    def key(self) -> str:
        return str(self.resident)


class SecondOfficerAsked(administration.SecondOfficerAsked):
    """In submission, an officer asked for an act."""

    topic: ClassVar[str] = "submission.administration"
    type: ClassVar[str] = "submission.second-officer-asked.v1"


class SecondOfficerConsented(administration.SecondOfficerConsented):
    """In submission, an act was confirmed and done."""

    topic: ClassVar[str] = "submission.administration"
    type: ClassVar[str] = "submission.second-officer-consented.v1"


class SecondOfficerDeclined(administration.SecondOfficerDeclined):
    """In submission, an act was declined."""

    topic: ClassVar[str] = "submission.administration"
    type: ClassVar[str] = "submission.second-officer-declined.v1"


ALL: tuple[type[Event], ...] = (
    CharterPublished,
    CharterAmended,
    PhaseOpened,
    PhaseClosed,
    PhaseRedated,
    ImportBegun,
    OptionsFrozen,
    RoleGranted,
    RoleRevoked,
    ContentErased,
    ResidentErased,
    SecondOfficerAsked,
    SecondOfficerConsented,
    SecondOfficerDeclined,
    TextPublished,
)
