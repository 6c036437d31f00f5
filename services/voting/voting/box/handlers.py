"""What the box does when a round opens and closes."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.events.voting import BoxClosed, OptionListed, RoundClosed, RoundOpened
from shared.outbox import announce, number_all
from voting.box import queries

SOURCE = "voting.box"


async def keep_options(session: AsyncSession, listed: Sequence[Delivered[OptionListed]]) -> None:
    """What a ballot may name; formats ask for an option's cost and territory."""
    options = [delivered.event for delivered in listed]
    await queries.keep_options(await raw(session), options)


async def keep_rounds(session: AsyncSession, opened: Sequence[Delivered[RoundOpened]]) -> None:
    """From now on ballots of these rounds are taken, within their windows."""
    for delivered in opened:
        assert delivered.envelope.log is not None
        await queries.keep_round(await raw(session), delivered.event, delivered.envelope.log)


async def close_rounds(session: AsyncSession, closed: Sequence[Delivered[RoundClosed]]) -> None:
    """Publish what waits, let nothing more in, and state the last number and the counts.

    A round that never opened has no box to close, and one that closed before is not closed again:
    a box that was restored hears of the closing once more.
    """
    for delivered in closed:
        round_id = delivered.event.round_id
        connection = await raw(session)
        log = await queries.close_round(connection, round_id)
        if log is None:
            continue
        ballots, keys = await queries.published_counts(connection, round_id)
        last_number = await number_all(connection, log)
        announce(
            session,
            BoxClosed(round_id=round_id, ballots=ballots, keys=keys, last_number=last_number),
            source=SOURCE,
            log=log,
        )
