"""How long carriers are known by name and address: some months after their programme is over."""

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import Database, database_time
from submission.carriers import queries
from submission.carriers.erasing import erase_name
from submission.projects import queries as projects

AT_ONCE = 100


async def forget_carriers(database: Database, months: int) -> None:
    """Erase who carried what, where the last phase of its programme closed so long ago.

    What she wrote about the project stays: it is part of the programme's record.
    """
    while True:
        async with database.begin() as session:
            if not await _forget_some(session, months):
                return


async def _forget_some(session: AsyncSession, months: int) -> int:
    found = await queries.carried_too_long(session, months, AT_ONCE)
    for project_id in found:
        if (idea := await projects.idea_for_update(session, project_id)) is not None:
            await erase_name(session, idea, await database_time(session))
    return len(found)
