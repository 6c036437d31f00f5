"""What was erased goes no further: nobody would know what is voted on, or who would do it.

It is withdrawn as its carrier withdraws it, unless a round has it, whose result stays as it is.
When a round of a body leaves it, it goes no further then.
"""

from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from submission.projects import queries
from submission.projects.finding import edition
from submission.projects.moving import withdraw_held
from submission.projects.standing import may_withdraw
from submission.projects.tables import Idea
from submission.wording import publish_words

# On the public record, which is read in both languages.
REASON = "Ses mots ont été effacés. / Its words were erased."


async def withdraw_erased(
    session: AsyncSession,
    idea: Idea,
    now: datetime,
    officer: UUID | None = None,
    *,
    say: bool = True,
) -> None:
    """Withdraw an idea that is erased, locked behind its programme, where it can be withdrawn and
    no committee refused it. Where that was said before, nothing is to `say`: a backup brought the
    idea back."""
    project = await queries.project(session, idea.project_id)
    if not may_withdraw(idea, project) or (project is not None and project.refused):
        return
    if not say:
        idea.standing = "withdrawn"
        await session.flush()
        return
    found = await edition(session, idea.programme_id)
    reason = await publish_words(session, REASON)
    await withdraw_held(session, found, idea, reason, officer, now, by="erasure")


async def leave_round(session: AsyncSession, idea: Idea, now: datetime) -> None:
    """A round has this idea no more, locked behind its programme: if it was erased meanwhile, no
    other round takes it."""
    await session.flush()
    if await queries.title_erased(session, idea.project_id):
        await withdraw_erased(session, idea, now)
