"""Taking a part in a project and leaving it: rows, and the events that say so.

Whoever deposits an idea carries it. That a person does is said by the idea itself; of anybody else
`carrier-joined` says it. An organisation that becomes the lead takes the place of who was it, and
the dossier says so.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.carriers import CarrierJoined, CarrierLeft, CarrierType, Part
from submission.carriers import queries
from submission.carriers.checking import (
    check_answers,
    check_may_carry,
    check_may_file,
    is_sponsored,
)
from submission.carriers.limits import check_sponsored
from submission.carriers.organisations import queries as organisations
from submission.carriers.organisations.declaring import Declared, OrganisationUnknown
from submission.carriers.organisations.keeping import keep_organisation
from submission.carriers.parts import (
    amends,
    check_leaves,
    check_new,
    check_part,
    check_replaces,
    check_stands,
)
from submission.carriers.tables import Carriage, Organisation
from submission.labelling.bodies import queries as bodies
from submission.projects.dossier.writing import hand_over
from submission.projects.finding import Edition, held_to
from submission.projects.queries import keep, keep_project_texts
from submission.projects.recording import record
from submission.projects.tables import Idea
from submission.tables import Project
from submission.wording import publish_words


def begun(idea: Idea, resident: UUID, now: datetime) -> Carriage:
    """A person carries an idea: this is all, and no event says it."""
    return Carriage(
        project_id=idea.project_id,
        carrier_id=uuid4(),
        part="lead",
        type="person",
        resident=resident,
        joined_at=now,
    )


async def spoken_for(
    session: AsyncSession, resident: UUID, carrier_type: CarrierType, name: str
) -> Organisation:
    """For whom somebody speaks who deposits an idea, as it stands.

    What she declared before under the same name and type is not declared again.
    """
    known = await organisations.by_name(session, resident, carrier_type, name)
    of = known or await keep_organisation(session, Declared(carrier_type, name), resident)
    return await _as_it_stands(session, of)


async def announce_lead(
    session: AsyncSession, found: Edition, idea: Idea, of: Organisation, now: datetime
) -> None:
    """Say that an organisation carries an idea which was just deposited."""
    lead = await queries.lead(session, idea.project_id)
    assert lead is not None
    await announce_joined(session, found, idea, lead, of, now)


async def join(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    project: Project | None,
    of: Organisation,
    part: Part,
    status: str | None,
    now: datetime,
) -> None:
    """Give an organisation a part in a locked project. A new lead is one of the dossier, too, until
    it is voted on or decided: whatever an officer found in it has to be looked at again. So it is
    with a new sponsor, where one answers for the project.

    Raises `OrganisationUnknown`, `PartRefused`, `JoinedBefore`, `TooManyParts`, `LeadFixed`,
    `ProjectFrozen`, `AlreadyDecided`; of a new lead `TooManyIdeas`, and where its dossier is filed
    what `check_may_file` does; of a new sponsor then what `check_answers` does.
    """
    of = await _as_it_stands(session, of)
    parts = await queries.carriages(session, idea.project_id)
    check_stands(project, await bodies.decisions_of(session, idea.project_id), idea.stage)
    check_part(part, of.type)
    check_new(parts, of.organisation_id, part)
    row = Carriage(
        project_id=idea.project_id,
        carrier_id=of.organisation_id,
        part=part,
        type=of.type,
        organisation_id=of.organisation_id,
        status=status,
        joined_at=now,
    )
    before = next(each for each in parts if each.part == "lead")
    held = found if project is None else await held_to(session, found, project)
    answers = part == "sponsor" and is_sponsored(held.rules, before)
    if answers and project is not None:
        await check_answers(session, held, row, now)
    if part == "lead":
        check_replaces(before.type, project)
        await check_may_carry(session, found, of.organisation_id, idea.project_id)
        if project is not None:
            kinds = [line["kind"] for line in project.costs or ()]
            await check_may_file(session, held, idea, kinds, now, row)
        before.left_at = now
        await session.flush()
        if before.type != "person":
            await _announce_left(session, found, idea, before, None, now)
    await keep(session, row)
    await announce_joined(session, found, idea, row, of, now)
    if part == "lead" or answers:
        await _look_again(session, found, idea, project, row if part == "lead" else before, now)


async def _look_again(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    project: Project | None,
    lead: Carriage,
    now: datetime,
) -> None:
    """Somebody else carries a filed dossier, or answers for it: an officer has to look again."""
    if project is not None and amends(project, idea.stage):
        amended = hand_over(project, lead)
        await record(session, idea, found.log, amended, now, cost=amended.cost)


async def copy_parts(
    session: AsyncSession, found: Edition, whole: UUID, idea: Idea, now: datetime
) -> None:
    """Whoever has a part in a project has it in a locked idea that the project was split into."""
    for each in await queries.carriages(session, whole):
        row = Carriage(
            project_id=idea.project_id,
            carrier_id=each.organisation_id or uuid4(),
            part=each.part,
            type=each.type,
            organisation_id=each.organisation_id,
            resident=each.resident,
            status=each.status,
            joined_at=now,
        )
        await keep(session, row)
        if row.organisation_id is not None:
            of = await organisations.organisation(session, row.organisation_id)
            assert of is not None
            await announce_joined(session, found, idea, row, of, now)


async def leave(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    project: Project | None,
    carrier_id: UUID,
    part: Part,
    reason: str,
    now: datetime,
) -> None:
    """Take a part in a locked project from whoever has it. Where a sponsor answers for a filed
    dossier, the next one is as the charter asks, and an officer has to look again.

    Raises `CarrierUnknown`, `LeadFixed`, `SponsorMissing`, `ProjectFrozen`, `AlreadyDecided`, and
    of the next sponsor what `check_answers` does.
    """
    parts = await queries.carriages(session, idea.project_id)
    check_stands(project, await bodies.decisions_of(session, idea.project_id), idea.stage)
    row = check_leaves(parts, carrier_id, part)
    lead = next(each for each in parts if each.part == "lead")
    held = found if project is None else await held_to(session, found, project)
    answers = part == "sponsor" and is_sponsored(held.rules, lead)
    if answers and project is not None:
        others = [each for each in parts if each.part == "sponsor" and each is not row]
        check_sponsored(held.rules, lead.type, bool(others))
        await check_answers(session, held, others[0], now)
    row.left_at = now
    await session.flush()
    said = await publish_words(session, reason)
    await keep_project_texts(session, idea.project_id, [said])
    await _announce_left(session, found, idea, row, said, now)
    if answers:
        await _look_again(session, found, idea, project, lead, now)


async def announce_joined(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    row: Carriage,
    of: Organisation,
    now: datetime,
) -> None:
    """Say who has a part in a locked project, and all that is declared of it."""
    event = CarrierJoined(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        carrier_id=row.carrier_id,
        part=row.part,
        carrier_type=of.type,
        name=of.name,
        status=row.status,
        siret=of.siret_words,
        rna=of.rna_words,
        founded_on=of.founded_on,
        seat=of.seat,
        sse=of.sse_words,
        sse_until=of.sse_until,
    )
    await record(session, idea, found.log, event, now, part=row.part, name=of.name, type=of.type)


async def _as_it_stands(session: AsyncSession, of: Organisation) -> Organisation:
    """An organisation, neither amended nor erased until the transaction ends: what is announced of
    it is what it is. Raises `OrganisationUnknown`."""
    found = await organisations.organisation_for_update(session, of.organisation_id)
    if found is None or found.name is None:
        raise OrganisationUnknown(f"the organisation {of.organisation_id} was erased")
    return found


async def _announce_left(
    session: AsyncSession,
    found: Edition,
    idea: Idea,
    row: Carriage,
    reason: str | None,
    now: datetime,
) -> None:
    event = CarrierLeft(
        project_id=idea.project_id,
        programme_id=idea.programme_id,
        carrier_id=row.carrier_id,
        part=row.part,
        reason=reason,
    )
    of = None
    if row.organisation_id is not None:
        of = await organisations.organisation(session, row.organisation_id)
    name = None if of is None else of.name
    await record(
        session, idea, found.log, event, now, part=row.part, name=name, type=row.type, reason=reason
    )
