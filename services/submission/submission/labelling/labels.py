"""What the committee may decide about a dossier, and what a dossier must have for it."""

from collections.abc import Sequence

from shared.events.charter import CharterRules, Family
from shared.refusal import Refusal
from submission.projects.dossiers import (
    CostOverCeiling,
    check_amendable,
    check_documents,
    check_undecided,
)
from submission.tables import Project


class DossierIncomplete(Refusal):
    """A dossier is labelled once an officer found nothing missing in what it says now."""

    code = "dossier_incomplete"


class FamilyUnknown(Refusal):
    """The charter has no family of labels of this name."""

    code = "family_unknown"


def check_review(rules: CharterRules, project: Project, missing: Sequence[str]) -> None:
    """An officer says what is missing; nothing is, where a dossier declares all it has to.

    Raises `ProjectFrozen`, `AlreadyDecided`, `DocumentUnknown`, `DossierIncomplete`.
    """
    check_amendable(project)
    check_documents(rules, missing)
    undeclared = [each for each in required(rules) if each not in project.documents]
    if not missing and undeclared:
        raise DossierIncomplete(f"the dossier does not declare {', '.join(undeclared)}")


def check_label(rules: CharterRules, project: Project, family: str) -> Family:
    """The family of a label that a project gets; it sets the ceiling.

    Raises `AlreadyDecided`, `FamilyUnknown`, `DossierIncomplete`, `CostOverCeiling`.
    """
    check_undecided(project)
    given = next((each for each in rules.families if each.name == family), None)
    if given is None:
        known = ", ".join(each.name for each in rules.families)
        raise FamilyUnknown(f"{family[:60]!r} is none of {known}")
    if project.missing is None:
        raise DossierIncomplete("no officer has reviewed what the dossier says now")
    if project.missing:
        raise DossierIncomplete(f"the dossier lacks {', '.join(project.missing)}")
    if project.cost > given.ceiling:
        raise CostOverCeiling(
            f"{project.cost} cents are asked for, the ceiling of {family} is {given.ceiling}"
        )
    return given


def required(rules: CharterRules) -> tuple[str, ...]:
    """The documents that a dossier must declare to be complete."""
    return tuple(each.name for each in rules.documents)
