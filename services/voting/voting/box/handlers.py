"""What the box does when a round opens and closes, and of its own words after a backup."""

import hashlib
from base64 import b64decode
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time, raw
from shared.delivery import Delivered
from shared.events.acts import RoundExtended
from shared.events.voting import BallotCast, BoxClosed, OptionListed, RoundClosed, RoundOpened
from shared.outbox import announce, number_all
from voting.box import queries

SOURCE = "voting.box"


async def keep_options(session: AsyncSession, listed: Sequence[Delivered[OptionListed]]) -> None:
    """What a ballot may name; formats ask for an option's cost and territory."""
    options = [delivered.event for delivered in listed]
    await queries.keep_options(await raw(session), options)


async def keep_rounds(session: AsyncSession, opened: Sequence[Delivered[RoundOpened]]) -> None:
    """From now on ballots of these rounds are taken, within their windows; those of a `named` round
    are cast at count's desk, by people whom the box never meets."""
    for delivered in opened:
        if delivered.event.secrecy == "named":
            continue
        assert delivered.envelope.log is not None
        await queries.keep_round(await raw(session), delivered.event, delivered.envelope.log)


async def extend_rounds(
    session: AsyncSession, extended: Sequence[Delivered[RoundExtended]]
) -> None:
    """Ballots are taken until the later end, of which promises say that it is included."""
    for delivered in extended:
        event = delivered.event
        await queries.extend_round(await raw(session), event.round_id, event.closes_at)


async def close_rounds(session: AsyncSession, closed: Sequence[Delivered[RoundClosed]]) -> None:
    """Publish what waits, let nothing more in, and state the last number and the counts.

    A round that never opened has no box to close, and one that closed before is not closed again:
    a box that was restored hears of the closing once more.
    """
    for delivered in closed:
        round_id = delivered.event.round_id
        connection = await raw(session)
        log = await queries.close_round(connection, round_id, await database_time(session))
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


async def restore_ballots(session: AsyncSession, cast: Sequence[Delivered[BallotCast]]) -> None:
    """These ballots are published; none of them waits any more."""
    await queries.keep_published(
        await raw(session),
        [(b.event.round, b64decode(b.event.key), b.event.revision, _digest(b.body)) for b in cast],
    )


async def restore_closings(session: AsyncSession, closed: Sequence[Delivered[BoxClosed]]) -> None:
    """These rounds take no ballot, and are not closed a second time."""
    for delivered in closed:
        await queries.keep_closed(await raw(session), delivered.event.round_id)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()
