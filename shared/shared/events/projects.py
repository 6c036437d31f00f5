"""What submission publishes of projects: ideas, dossiers, labels, and how a project ends early."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Cents, Event, Frozen, Hash, Ledgered, Name
from shared.media import Media

# Lines of a project's plan: what is spent on what, and who pays it.
MOST_LINES = 40


class _OfProject(Event):
    topic: ClassVar[str] = "submission.projects"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    project_id: UUID
    programme_id: UUID

    @property
    def key(self) -> str:
        return str(self.project_id)


class IdeaDeposited(_OfProject):
    """Somebody deposited an idea. Title, summary and the carrier's name are commitments.

    An idea that came in a file, and not from a resident, says so by its `source`.
    """

    type: ClassVar[str] = "submission.idea-deposited.v1"
    territory: Name
    title: Hash
    summary: Hash
    carrier: Hash
    theme: Name | None = None
    category: Name | None = None
    source: Literal["import"] | None = None


class IdeaSupported(_OfProject):
    """Residents support an idea: so many do now. Who they are is not said."""

    type: ClassVar[str] = "submission.idea-supported.v1"
    supporters: Annotated[int, Field(ge=0)]


class CostLine(Frozen):
    """What a project spends on a kind of cost, in cents."""

    kind: Name
    amount: Cents


# Who pays: the programme, the carrier's own money, other authorities, others, or work and things
# that are given instead of money.
Source = Literal["asked", "own", "other-public", "private", "in-kind"]


class IncomeLine(Frozen):
    """What comes from a source, in cents."""

    source: Source
    amount: Cents


class DossierFiled(Event):
    """A dossier was filed for a project. `cost` is in cents: what is asked for.

    `title`, `summary` and `carrier` (the name of the organisation) are commitments. Where the plan
    is known, `costs` and `income` have the same sum, and `asked` in the income is `cost`. The
    dossier is held to version `charter_version` of the charter; `revision` counts its changes.
    """

    topic: ClassVar[str] = "submission.projects"
    type: ClassVar[str] = "submission.dossier-filed.v1"
    ledgered: ClassVar[Ledgered] = Ledgered.EDITION
    project_id: UUID
    programme_id: UUID
    title: Hash
    cost: Cents
    summary: Hash | None = None
    territory: Name | None = None
    carrier: Hash | None = None
    carrier_status: Name | None = None
    documents: tuple[Name, ...] | None = None
    theme: Name | None = None
    category: Name | None = None
    carrier_id: UUID | None = None
    carrier_type: Name | None = None
    nature: Literal["operating", "investment"] | None = None
    months: Annotated[int, Field(ge=1, le=240)] | None = None
    principles: tuple[Name, ...] | None = None
    costs: Annotated[tuple[CostLine, ...], Field(max_length=MOST_LINES)] | None = None
    income: Annotated[tuple[IncomeLine, ...], Field(max_length=MOST_LINES)] | None = None
    charter_version: Annotated[int, Field(ge=1)] | None = None
    revision: Annotated[int, Field(ge=1)] | None = None

    @property
    def key(self) -> str:
        return str(self.project_id)


class DossierAmended(DossierFiled):
    """A dossier was changed before its options were frozen; this is what it says now."""

    type: ClassVar[str] = "submission.dossier-amended.v1"


class DossierReviewed(_OfProject):
    """An officer read a dossier: it is complete where nothing is `missing`, and can be completed
    `until` then. Where the committee votes on labels, the officer says which `family` it votes on.
    """

    type: ClassVar[str] = "submission.dossier-reviewed.v1"
    missing: tuple[Name, ...]
    officer: UUID
    family: Name | None = None
    until: datetime | None = None


class ProjectLabelled(_OfProject):
    """The committee gave a project its label: it will be voted on.

    The family sets the `ceiling`, in cents; the dossier asks for no more. The ground is the round
    in which the committee voted, or else the `reason`, a commitment, that an `officer` of it gave.
    """

    type: ClassVar[str] = "submission.project-labelled.v1"
    family: Name
    ceiling: Cents
    reason: Hash | None = None
    officer: UUID | None = None
    round_id: UUID | None = None


class LabelRefused(_OfProject):
    """The committee refused a project its label, in a round in which it voted, or else for the
    `reason`, a commitment, that an `officer` of it gave."""

    type: ClassVar[str] = "submission.label-refused.v1"
    reason: Hash | None = None
    officer: UUID | None = None
    round_id: UUID | None = None


class _Moved(_OfProject):
    """Something was done to a project; `reason` is a commitment, `officer` is who did it."""

    reason: Hash
    officer: UUID


class ProjectsMerged(_Moved):
    """Projects were `merged` into this one: their supporters, people and history stay with it."""

    type: ClassVar[str] = "submission.projects-merged.v1"
    merged: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=20)]


class ProjectSplit(_Moved):
    """A project was split `into` new ones of the same carrier; it goes no further itself."""

    type: ClassVar[str] = "submission.project-split.v1"
    into: Annotated[tuple[UUID, ...], Field(min_length=2, max_length=10)]


class ProjectWithdrawn(_OfProject):
    """A project goes no further: its carrier withdrew it, or else the `officer`. `reason` is a
    commitment."""

    type: ClassVar[str] = "submission.project-withdrawn.v1"
    reason: Hash
    officer: UUID | None = None


class ProjectSuspended(_Moved):
    """A project waits: nobody can file, review or vote on it until it is resumed."""

    type: ClassVar[str] = "submission.project-suspended.v1"


class ProjectResumed(_Moved):
    """A project that was suspended goes on."""

    type: ClassVar[str] = "submission.project-resumed.v1"


class DocumentAttached(_OfProject):
    """A file was attached as one of the charter's documents.

    `commitment` is the SHA-256 of a salt of 32 bytes and the bytes that are kept; both stay with
    submission.
    """

    type: ClassVar[str] = "submission.document-attached.v1"
    document_id: UUID
    document: Name
    commitment: Hash
    length: Annotated[int, Field(ge=1, le=100_000_000)]
    media: Media


class DocumentRemoved(_OfProject):
    """A file is gone: another one replaced it, its carrier took it back, or it was erased."""

    type: ClassVar[str] = "submission.document-removed.v1"
    document_id: UUID
    ground: Literal["replaced", "withdrawn", "erased"]


ALL: tuple[type[Event], ...] = (
    IdeaDeposited,
    IdeaSupported,
    DossierFiled,
    DossierAmended,
    DossierReviewed,
    ProjectLabelled,
    LabelRefused,
    ProjectsMerged,
    ProjectSplit,
    ProjectWithdrawn,
    ProjectSuspended,
    ProjectResumed,
    DocumentAttached,
    DocumentRemoved,
)
