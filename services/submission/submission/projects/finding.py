"""What an act is about: loaded and locked in the one order that all acts keep, or refused.

A phase, the programme, an idea, its dossier, a counter: whoever takes two of these locks takes
them in this order.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.charter import CharterRules
from shared.people import Person
from submission.carriers import queries as carriers
from submission.programmes import queries as programmes
from submission.programmes.phases import PhaseNotOpen, check_open
from submission.projects import queries
from submission.projects.ideas import NoRules
from submission.projects.tables import Idea
from submission.refusals import ProgrammeUnknown, ProjectUnknown
from submission.tables import Programme, Project


@dataclass(frozen=True, slots=True)
class Edition:
    """A programme with its rules: the `version` of its charter that is in force, or that a dossier
    is held to."""

    programme: Programme
    rules: CharterRules
    version: int

    @property
    def programme_id(self) -> UUID:
        return self.programme.programme_id

    @property
    def log(self) -> str:
        return self.programme.log


async def edition(session: AsyncSession, programme_id: UUID) -> Edition:
    """A programme that takes ideas, with the rules that are in force.

    They stay until the transaction ends where it holds one of the programme's phases: whoever
    records an act that they allow has taken that lock before. Raises `ProgrammeUnknown`, `NoRules`.
    """
    programme = await programmes.programme(session, programme_id)
    if programme is None:
        raise ProgrammeUnknown(f"there is no programme {programme_id}")
    if programme.rules is None:
        raise NoRules(f"programme {programme_id} was imported: it takes no ideas")
    return Edition(programme, CharterRules.model_validate(programme.rules), programme.version)


async def held_to(session: AsyncSession, found: Edition, project: Project) -> Edition:
    """An edition as a dossier is held to it: with the rules that were in force when its carrier
    filed it, or amended it last. What she asked for under them is not taken from her by others."""
    if project.charter_version == found.version:
        return found
    version = project.charter_version
    rules = await programmes.rules_of_version(session, found.programme_id, version)
    return replace(found, rules=rules, version=version)


async def check_phase(session: AsyncSession, programme_id: UUID, *names: str) -> datetime:
    """The database's time, at which one of these phases is open until the transaction ends.

    Raises `PhaseNotOpen`, for the last of them.
    """
    refused = PhaseNotOpen(f"the programme has no phase {names[-1]}")
    for name in names:
        phase = await programmes.phase_for_share(session, programme_id, name)
        now = await database_time(session)
        if phase is None:
            continue
        try:
            check_open(phase, now)
        except PhaseNotOpen as closed:
            refused = closed
        else:
            return now
    raise refused


async def idea_for_update(session: AsyncSession, project_id: UUID) -> Idea:
    """An idea, locked. Raises `ProjectUnknown`."""
    found = await queries.idea_for_update(session, project_id)
    if found is None:
        raise ProjectUnknown(f"there is no idea {project_id}")
    return found


async def held_idea(session: AsyncSession, project_id: UUID) -> Idea:
    """An idea, locked behind its programme: no round takes it meanwhile.

    Raises `ProjectUnknown`.
    """
    known = await known_idea(session, project_id)
    await queries.programme_for_share(session, known.programme_id)
    return await idea_for_update(session, project_id)


async def known_idea(session: AsyncSession, project_id: UUID) -> Idea:
    """An idea. Raises `ProjectUnknown`."""
    found = await queries.idea(session, project_id)
    if found is None:
        raise ProjectUnknown(f"there is no idea {project_id}")
    return found


async def own_idea(session: AsyncSession, project_id: UUID, person: Person) -> Idea:
    """An idea that this person carries. Raises `ProjectUnknown`: what is another's is not there."""
    found = await known_idea(session, project_id)
    carrier = await carriers.carrier(session, project_id)
    if carrier is None or carrier.resident != person.id:
        raise ProjectUnknown(f"you have no idea {project_id}")
    return found
