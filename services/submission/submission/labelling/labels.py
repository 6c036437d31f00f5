"""What the committee may decide about a dossier, and what a dossier must have for it."""

from collections.abc import Collection, Sequence

from shared.events.charter import Body, CharterRules, Family
from shared.refusal import Refusal
from submission.documents.completeness import missing_documents, type_of
from submission.labelling.bodies.tables import BodyDecision
from submission.projects.dossiers import (
    CostOverCeiling,
    check_amendable,
    check_documents,
    check_free,
    check_undecided,
)
from submission.tables import Project


class DossierIncomplete(Refusal):
    """A dossier is labelled once an officer found nothing missing in what it says now."""

    code = "dossier_incomplete"


class FamilyUnknown(Refusal):
    """The charter has no family of labels of this name."""

    code = "family_unknown"


class BodyDecides(Refusal):
    """A body of the charter votes on labels: no member gives or refuses one alone."""

    code = "body_decides"


class NoCommittee(Refusal):
    """No body of the charter votes on labels: its members say each decision at their desk."""

    code = "no_committee"


def committee(rules: CharterRules) -> Body | None:
    """The body whose vote gives labels; None where members record what was decided."""
    return next((each for each in rules.bodies or () if each.decides == "labels"), None)


def check_no_committee(rules: CharterRules) -> None:
    """Raises `BodyDecides` where labels are voted on."""
    if (body := committee(rules)) is not None:
        raise BodyDecides(f"{body.name} votes on labels, and no member decides alone")


def check_committee(rules: CharterRules) -> Body:
    """The body whose vote gives labels. Raises `NoCommittee`."""
    if (body := committee(rules)) is None:
        raise NoCommittee(f"no body of the charter of {rules.preset} decides labels")
    return body


def check_review(
    rules: CharterRules,
    project: Project,
    decided: Sequence[BodyDecision],
    missing: Sequence[str],
    attached: Collection[str] = (),
) -> None:
    """An officer says what is missing; nothing is, where a dossier declares all it has to, and has
    the files that are asked for `attached`.

    Raises `ProjectFrozen`, `AlreadyDecided`, `DocumentUnknown`, `DossierIncomplete`.
    """
    check_amendable(project, decided)
    check_documents(rules, missing)
    lacking = missing_documents(rules, type_of(project), project.documents, attached)
    if not missing and lacking:
        raise DossierIncomplete(f"the dossier does not have {', '.join(lacking)}")


def check_label(rules: CharterRules, project: Project, family: str) -> Family:
    """The family of a label that a project gets; it sets the ceiling.

    Raises `ProjectFrozen`, `AlreadyDecided`, `FamilyUnknown`, `DossierIncomplete`,
    `CostOverCeiling`.
    """
    check_free(project)
    check_undecided(project)
    known_family(rules, family)
    if project.missing is None:
        raise DossierIncomplete("no officer has reviewed what the dossier says now")
    if project.missing:
        raise DossierIncomplete(f"the dossier lacks {', '.join(project.missing)}")
    return check_family(rules, project, family)


def known_family(rules: CharterRules, name: str) -> Family:
    """A family of the charter. Raises `FamilyUnknown`."""
    for family in rules.families:
        if family.name == name:
            return family
    known = ", ".join(each.name for each in rules.families)
    raise FamilyUnknown(f"{name[:60]!r} is none of {known}")


def check_family(rules: CharterRules, project: Project, family: str) -> Family:
    """A family whose ceiling the project keeps. Raises `FamilyUnknown`, `CostOverCeiling`."""
    given = known_family(rules, family)
    if project.cost > given.ceiling:
        raise CostOverCeiling(
            f"{project.cost} cents are asked for, the ceiling of {family} is {given.ceiling}"
        )
    return given
