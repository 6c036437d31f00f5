"""What a box that was restored from a backup takes back from the ledger: all that it published.

Rounds and options come first in a log, then ballots, then the closing: each is taken where it
stands. A round that closed stays closed, whatever Kafka tells again.
"""

import hashlib
from base64 import b64decode
from collections.abc import Mapping, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.events.voting import BallotCast, BoxClosed, BoxKeyAnnounced, OptionListed, RoundOpened
from shared.service_key import restore_keys
from shared.subscription import Handler
from shared.versions import every_version
from voting.box import handlers, queries


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


RESTORES: Mapping[str, Handler] = {
    **every_version(RoundOpened, handlers.keep_rounds),
    OptionListed.type: handlers.keep_options,
    BallotCast.type: restore_ballots,
    BoxClosed.type: restore_closings,
    BoxKeyAnnounced.type: restore_keys,
}
