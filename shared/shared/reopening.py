"""A recovered process that voters trust is opened by two officers, at count's desk.

Box and roll have no desk at which two officers decide. Count announces what was decided, and they
read it while they stand still.

Crash stories:
- A database is restored once more, and hears of its earlier reopenings again: each names the
  recovery that it opened, and every recovery has an id of its own from its end on.
- A backup was made while its database was closed: the recovery that it has open gets another id.
- The officers were faster than the recovery: it is not opened, and they are asked again.
"""

import logging
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.covering import restored_logs
from shared.database import raw
from shared.delivery import Delivered
from shared.events.voting import ServiceReopened
from shared.subscription import Handler, Subscription

log = logging.getLogger("comptoir.process")


def reopening_subscription(source: str, *, by_hand_alone: bool = False) -> Subscription:
    """What a process that two officers open makes of `voting.administration`. `by_hand_alone`: the
    record never gives back what it has to know, so that they must say that people saw to it."""
    return Subscription(
        name="reopenings",
        topics=(ServiceReopened.topic,),
        handlers={ServiceReopened.type: open_recovered(source, by_hand_alone=by_hand_alone)},
        while_closed=True,
    )


def opened_by_two(subscription: Subscription) -> bool:
    """Whether two officers open the process that reads this."""
    return ServiceReopened.type in subscription.handlers


def open_recovered(source: str, *, by_hand_alone: bool = False) -> Handler:
    """A recovery of `source` is over, if it is the one that two officers named, and they said what
    has to be said of it."""

    async def reopen(session: AsyncSession, decided: Sequence[Delivered[ServiceReopened]]) -> None:
        connection = await raw(session)
        for event in (delivered.event for delivered in decided):
            if event.service != source:
                continue
            if await restored_logs(connection):
                log.error("recovery %s is not over: it cannot be opened yet", event.recovery)
                continue
            opened = await connection.fetchval(
                "update outbox_recovered set reopened_at = now(), reopened_because = $2"
                " where recovery = $1 and reopened_at is null and ended_at is not null"
                " and ((without_state = 0 and not $4) or $3)"
                " returning true",
                *(event.recovery, event.reason, event.by_hand, by_hand_alone),
            )
            if not opened:
                log.warning("recovery %s does not open what is closed here", event.recovery)

    return reopen
