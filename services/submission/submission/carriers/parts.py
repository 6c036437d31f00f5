"""Which parts in a project may be taken and left, and until when."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from shared.events.carriers import Part
from shared.refusal import Refusal
from shared.rules.agreeing import PEOPLE
from submission.carriers.clearing import CarrierUnknown
from submission.carriers.tables import Carriage
from submission.carriers.types import PartRefused
from submission.labelling.bodies.tables import BodyDecision
from submission.projects.dossiers import check_amendable
from submission.tables import Project

MOST_PARTS: Final = 20
# A project that was funded may still need the organisation that signs.
FUNDED: Final = "funded"


class JoinedBefore(Refusal):
    """The organisation has this part in the project already."""

    code = "joined_before"


class TooManyParts(Refusal):
    """As many have a part in the project as may."""

    code = "too_many_parts"


class LeadFixed(Refusal):
    """Who carries a project stays: it is replaced, and does not leave; and once a dossier is filed,
    only a person or a collective is replaced."""

    code = "lead_fixed"


def check_stands(project: Project | None, decided: Sequence[BodyDecision], stage: str) -> None:
    """Whether parts of a project may change: until it is voted on or decided, and again once it is
    funded, until the agreement. Raises `ProjectFrozen`, `AlreadyDecided`."""
    if project is not None and amends(project, stage):
        check_amendable(project, decided)


def amends(project: Project | None, stage: str) -> bool:
    """Whether another lead changes what a dossier says. A funded one stays as it was decided."""
    return project is not None and stage != FUNDED


def check_part(part: Part, carrier_type: str) -> None:
    """Raises `PartRefused`: who has no legal person can answer for nobody, and pays nothing."""
    if carrier_type in PEOPLE and part not in ("lead", "joint"):
        raise PartRefused(f"a carrier of the type {carrier_type} cannot be a {part}")


def check_new(parts: Sequence[Carriage], carrier_id: UUID, part: Part) -> None:
    """Raises `JoinedBefore`, `TooManyParts`."""
    if any(each.carrier_id == carrier_id and each.part == part for each in parts):
        raise JoinedBefore(f"it is {part} of the project already")
    if len(parts) >= MOST_PARTS:
        raise TooManyParts(f"{len(parts)} have a part in the project, at most {MOST_PARTS} may")


def check_replaces(lead_type: str, project: Project | None) -> None:
    """Raises `LeadFixed`."""
    if project is not None and lead_type not in PEOPLE:
        raise LeadFixed("the dossier is filed: the organisation that carries it stays")


def check_leaves(parts: Sequence[Carriage], carrier_id: UUID, part: Part) -> Carriage:
    """The row of who leaves. Raises `CarrierUnknown`, `LeadFixed`."""
    for each in parts:
        if each.carrier_id == carrier_id and each.part == part:
            if part == "lead":
                raise LeadFixed("who carries a project is replaced, and does not leave it")
            return each
    raise CarrierUnknown(f"{carrier_id} is no {part} of the project")
