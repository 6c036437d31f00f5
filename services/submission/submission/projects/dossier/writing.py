"""Filing a dossier, amending it, handing it to another carrier: the row, its words, and the event
that says it whole."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.projects import DossierAmended, DossierFiled
from submission.carriers.tables import Carriage
from submission.projects import queries
from submission.projects.dossier.reading import Written
from submission.projects.editing import check_revision
from submission.projects.finding import Edition
from submission.projects.tables import Idea
from submission.tables import Project
from submission.wording import publish_words

# Lists where an event has tuples, and rows where it has lines.
_LISTS = ("documents", "principles", "costs", "income")


async def file(
    session: AsyncSession, found: Edition, idea: Idea, written: Written, lead: Carriage
) -> DossierFiled:
    """The dossier of a locked idea, held to the version of the charter that is in force, and filed
    by who carries it."""
    event = DossierFiled(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        territory=idea.territory,
        title=await publish_words(session, written.title),
        summary=await publish_words(session, written.summary),
        carrier=await publish_words(session, written.carrier),
        charter_version=found.version,
        carrier_id=lead.carrier_id,
        carrier_type=lead.type,
        revision=1,
        **written.said(),
    )
    await queries.keep(session, Project(**_row(event)))
    await _keep_words(session, event)
    return event


async def amend(
    session: AsyncSession, found: Edition, project: Project, written: Written, shown: int
) -> DossierAmended | None:
    """What a locked dossier says now, held to the version of the charter that is in force; None
    where it said so before, under that version. Raises `ChangedMeanwhile` where it says something
    else than the revision that its writer was shown."""
    before = await queries.words(session, [project.title, project.summary, project.carrier])

    async def words(known: str | None, now: str) -> str:
        same = known is not None and before.get(known) == now
        return known if same and known is not None else await publish_words(session, now)

    event = DossierAmended(
        project_id=project.project_id,
        programme_id=project.programme_id,
        territory=project.territory,
        title=await words(project.title, written.title),
        summary=await words(project.summary, written.summary),
        carrier=await words(project.carrier, written.carrier),
        charter_version=found.version,
        revision=project.revision + 1,
        carrier_id=project.carrier_id,
        carrier_type=project.carrier_type,
        **written.said(),
    )
    said = _row(event)
    if said | {"revision": project.revision} == project.model_dump(include=set(said)):
        return None
    check_revision(shown, project)
    project.sqlmodel_update(said | {"missing": None, "voted_family": None})
    await _keep_words(session, event)
    return event


def hand_over(project: Project, lead: Carriage) -> DossierAmended:
    """A locked dossier that somebody else carries now: it says the same, by whom, and is held to
    the same version of the charter. What is asked for depends on what its carrier is: an officer
    has to look again."""
    said = project.model_dump(include=set(DossierAmended.model_fields)) | {
        "carrier_id": lead.carrier_id,
        "carrier_type": lead.type,
        "revision": project.revision + 1,
    }
    event = DossierAmended(**said)
    project.sqlmodel_update(said | {"missing": None, "voted_family": None})
    return event


def _row(event: DossierFiled) -> dict[str, Any]:
    """An event's fields as the row has them."""
    said = event.model_dump(mode="python")
    for name in _LISTS:
        if said[name] is not None:
            said[name] = list(said[name])
    said["documents"] = said["documents"] or []
    return said


async def _keep_words(session: AsyncSession, event: DossierFiled) -> None:
    written = [each for each in (event.title, event.summary, event.carrier) if each is not None]
    await queries.keep_project_texts(session, event.project_id, written, event.carrier)
