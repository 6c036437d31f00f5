"""Handlers that are given the version of today, whichever version of an event arrives."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.delivery import Delivered
from shared.events import Event, earlier
from shared.inbox import Handler


def every_version(event: type[Event], handler: Handler) -> dict[str, Handler]:
    """The handler by the event's type, and by those of its earlier versions."""

    async def handle_earlier(session: AsyncSession, arrived: Sequence[Delivered[Any]]) -> None:
        await handler(session, [replace(each, event=each.event.today()) for each in arrived])

    before = [kind.type for kind, today in earlier.TODAY.items() if today is event]
    return {event.type: handler, **dict.fromkeys(before, handle_earlier)}
