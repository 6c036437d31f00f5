"""What the roll does when a round is prepared, opens and closes."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw
from shared.delivery import Delivered
from shared.events.voting import (
    RoundClosed,
    RoundOpened,
    RoundPrepared,
    TierKeysPrepared,
    TokensIssued,
)
from shared.inbox import Handler
from shared.outbox import announce, number_all
from voting.roll import queries
from voting.roll.destroying.queries import note_closed
from voting.roll.held.counting import announce_final
from voting.roll.held.queries import forget_ages
from voting.roll.messages import SOURCE as SOURCE
from voting.roll.paper.queries import let_vote_on_paper
from voting.roll.paths import ASSISTED
from voting.roll.signer import Signer

# Posted codes are tier A, declared identities tier B. Every round has a key of each, whether its
# programme has rules to declare under or not: the charter may arrive here after the round. That of
# the booth only those have that are said to.
POSTED, DECLARED = TIERS = ("A", "B")


def prepare_keys(signer: Signer) -> Handler:
    """The handler that has a signer make tier keys, and announces them."""

    async def prepare(session: AsyncSession, prepared: Sequence[Delivered[RoundPrepared]]) -> None:
        """Make one key a tier for each round and announce them; codes can be imported now. A named
        round needs none: who votes in it has a seat."""
        for delivered in prepared:
            if delivered.event.seats is not None:
                continue
            round_id, log = delivered.event.round_id, _log(delivered)
            names = (*TIERS, ASSISTED) if delivered.event.assisted else TIERS
            made = await asyncio.gather(*(signer.make(round_id, tier) for tier in names))
            tiers = dict(zip(names, made, strict=True))
            if not await queries.keep_round(await raw(session), delivered.event, log, tiers):
                continue
            if await queries.was_announced(await raw(session), TierKeysPrepared.type, round_id):
                continue  # before its database was restored
            event = TierKeysPrepared(round_id=round_id, tiers=_encoded(tiers))
            announce(session, event, source=SOURCE, log=log)

    return prepare


async def open_rounds(session: AsyncSession, opened: Sequence[Delivered[RoundOpened]]) -> None:
    """From now on tokens are issued for these rounds, within their windows."""
    for delivered in opened:
        connection, event = await raw(session), delivered.event
        if event.seats is not None:
            continue
        if _encoded(await queries.tier_keys(connection, event.round_id)) != event.tiers:
            raise RuntimeError(f"round {event.round_id} opened with tier keys that are not ours")
        await queries.open_round(connection, event, delivered.envelope.id)
        if event.paper:
            await let_vote_on_paper(connection, event.round_id)


async def close_rounds(session: AsyncSession, closed: Sequence[Delivered[RoundClosed]]) -> None:
    """Issue no token any more, and say how many there are, once and for all, and the last number
    before."""
    for delivered in closed:
        counted = await queries.close_round(await raw(session), delivered.event.round_id)
        if counted is None:
            continue
        await note_closed(await raw(session), counted.round_id)
        # Before its database was restored. What it counts now may be fewer.
        kind, said = TokensIssued.type, {"final": True}
        if await queries.was_announced(await raw(session), kind, counted.round_id, said):
            await forget_ages(await raw(session), counted.round_id)
            continue
        await announce_final(session, counted.round_id)
        await session.flush()
        last_number = await number_all(await raw(session), counted.log)
        event = TokensIssued(
            round_id=counted.round_id,
            issued=counted.issued,
            codes=counted.codes,
            reissued=counted.reissued,
            final=True,
            last_number=last_number,
        )
        announce(session, event, source=SOURCE, log=counted.log)


def _encoded(tiers: Mapping[str, bytes]) -> dict[str, str]:
    return {tier: b64encode(key).decode() for tier, key in tiers.items()}


def _log(delivered: Delivered[RoundPrepared]) -> str:
    log = delivered.envelope.log
    assert log is not None, "a ledgered event has a log: shared.delivery refuses others"
    return log
