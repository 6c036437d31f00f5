"""What a session says, published: its words, and the event's fields."""

from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from submission.gatherings.forms import Session
from submission.wording import publish_words


async def published(session: AsyncSession, read: Session) -> dict[str, Any]:
    """What the event of a session says of it; words are published under commitments."""
    return {
        "place": await publish_words(session, read.place),
        "begins_at": read.begins_at,
        "ends_at": read.ends_at,
        "capacity": read.capacity,
        "title": None if read.title is None else await publish_words(session, read.title),
        "host": None if read.host is None else await publish_words(session, read.host),
        "workshops": read.workshops or None,
        "online": True if read.online else None,
    }


def row_of(said: dict[str, Any]) -> dict[str, Any]:
    """The same as a row keeps it."""
    return said | {"workshops": [*(said["workshops"] or ())], "online": bool(said["online"])}
