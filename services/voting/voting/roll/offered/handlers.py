"""What the roll does with charters, options and words. Topics come in any order: each keeps what it
hears, and a page joins what is there."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.canonical import commitment
from shared.database import raw
from shared.delivery import Delivered, Erased
from shared.events.submission import (
    CharterAmended,
    CharterPublished,
    PhaseRedated,
    TextPublished,
)
from shared.events.voting import OptionListed
from voting.roll.offered import queries


async def keep_programmes(
    session: AsyncSession, published: Sequence[Delivered[CharterPublished]]
) -> None:
    """Rounds of these programmes have a title, and rules about who may be on the roll."""
    for delivered in published:
        await queries.keep_programme(await raw(session), delivered.event)


async def keep_versions(
    session: AsyncSession, amended: Sequence[Delivered[CharterAmended]]
) -> None:
    """Who may be on the roll is as the version in force says."""
    for delivered in amended:
        await queries.keep_version(await raw(session), delivered.event)


async def redate_votes(session: AsyncSession, redated: Sequence[Delivered[PhaseRedated]]) -> None:
    """Ages are reckoned on the day that the vote now opens, until its round has one of its own."""
    for delivered in redated:
        event = delivered.event
        if event.phase == "vote":
            await queries.redate_vote(await raw(session), event.programme_id, event.opens_at)


async def keep_options(session: AsyncSession, listed: Sequence[Delivered[OptionListed]]) -> None:
    """The voting page has these options."""
    await queries.keep_options(await raw(session), [delivered.event for delivered in listed])


async def keep_words(
    session: AsyncSession, published: Sequence[Delivered[TextPublished | Erased]]
) -> None:
    """Keep the words behind commitments, and forget those whose tombstone came.

    Words that their content id does not commit to are not what anybody froze: they are left out.
    """
    for delivered in published:
        connection, event = await raw(session), delivered.event
        if isinstance(event, Erased):
            await queries.erase_words(connection, [event.key])
        elif commitment(bytes.fromhex(event.salt), event.value).hex() == event.content_id:
            await queries.keep_words(connection, event.content_id, event.value)
