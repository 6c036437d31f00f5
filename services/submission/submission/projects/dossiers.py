"""A dossier: who may file it, for how much, and until when it can be amended."""

from collections.abc import Sequence

from shared.events.charter import CharterRules
from shared.events.event import Cents
from shared.refusal import Refusal
from submission.amounts import read_euros
from submission.freezing import ProjectFrozen
from submission.labelling.bodies.tables import BodyDecision
from submission.tables import Project


class CounterNotAttended(Refusal):
    """The charter wants a carrier to come to a counter before filing a dossier."""

    code = "counter_not_attended"


class CarrierStatusRefused(Refusal):
    """The organisation has the wrong legal status: the charter does not take it as a carrier."""

    code = "carrier_status_refused"


class CostOverCeiling(Refusal):
    """More is asked for than the highest ceiling of any label, or than that of this one."""

    code = "cost_over_ceiling"


class AlreadyDecided(Refusal):
    """The project has its label or was refused one, or a body decided about it: nothing in it
    changes after that, and a decision is not taken twice."""

    code = "already_decided"


class DocumentUnknown(Refusal):
    """A document that the charter does not ask for."""

    code = "document_unknown"


class DossierUnknown(Refusal):
    """The idea has no dossier yet."""

    code = "dossier_unknown"


def read_status(rules: CharterRules, written: str) -> str:
    """A legal status that the charter takes. Raises `CarrierStatusRefused`."""
    statuses = [each.name for each in rules.carrier_statuses]
    if written not in statuses:
        known = ", ".join(statuses)
        raise CarrierStatusRefused(f"wrong legal status {written[:60]!r}: none of {known}")
    return written


def read_cost(rules: CharterRules, written: str) -> int:
    """What is asked for, in cents. Raises `CostRefused`, `CostOverCeiling`."""
    cost, highest = read_euros(written), highest_ceiling(rules)
    if highest is not None and cost > highest:
        raise CostOverCeiling(f"{cost} cents are asked for, the highest ceiling is {highest}")
    return cost


def highest_ceiling(rules: CharterRules) -> Cents | None:
    """No label lets a project have more, in cents; None where there are no labels."""
    return max((family.ceiling for family in rules.families), default=None)


def check_documents(rules: CharterRules, documents: Sequence[str]) -> None:
    """What is declared, or missing, is among the charter's documents. Raises `DocumentUnknown`."""
    known = {each.name for each in rules.documents}
    for document in documents:
        if document not in known:
            raise DocumentUnknown(f"the charter asks for no document {document[:60]!r}")


def check_attended(rules: CharterRules, attended: int) -> None:
    """Raises `CounterNotAttended` where the charter asks for a counter and none was attended."""
    if rules.counter_attended and not attended:
        raise CounterNotAttended("no counter was attended for this idea")


def check_amendable(project: Project, decided: Sequence[BodyDecision]) -> None:
    """Whether a dossier may say something else: nobody has decided about what it says.

    What a body decided is about the dossier that it saw, and another one or residents may vote on
    that; what missed its quorum, or found no money left, can be changed before it is given again.
    Raises `ProjectFrozen`, `AlreadyDecided`.
    """
    check_free(project)
    check_undecided(project)
    for each in decided:
        if not each.again:
            said = "chose" if each.chosen else "did not choose"
            raise AlreadyDecided(f"{each.body_name} {said} the project in round {each.round_id}")


def check_free(project: Project | None) -> None:
    """Raises `ProjectFrozen` while a round has the project."""
    if project is not None and project.round_id is not None:
        raise ProjectFrozen(f"the project is frozen for round {project.round_id}")


def check_undecided(project: Project) -> None:
    """Raises `AlreadyDecided` once the project has its label, or was refused one."""
    if project.family is not None:
        raise AlreadyDecided(f"the project is labelled {project.family}")
    if project.refused:
        raise AlreadyDecided("the project was refused a label")
