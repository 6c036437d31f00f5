"""Words, kept and announced under the commitment that stands for them on the ledger."""

import secrets
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.submission import TextPublished
from shared.outbox import announce
from submission import queries
from submission.texts import SALT, publish_text

SOURCE = "submission"


def salted(words: str) -> TextPublished:
    """Words with a salt of their own."""
    return publish_text(words, secrets.token_bytes(SALT))


async def publish_words(session: AsyncSession, words: str) -> str:
    """Keep and announce words; their commitment is returned."""
    event = await _kept(session, words)
    announce(session, event, source=SOURCE, late=True)
    return event.content_id


async def keep_words(session: AsyncSession, words: str) -> str:
    """Keep words that leave this process on no topic, as a person's name; their commitment."""
    return (await _kept(session, words)).content_id


async def keep_together(
    session: AsyncSession, written: Sequence[tuple[str, bool]]
) -> Sequence[str]:
    """Keep many words in one statement, and announce those that leave this process; their
    commitments, in this order."""
    events = [salted(words) for words, _ in written]
    await queries.keep_texts(session, events)
    for event, (_, published) in zip(events, written, strict=True):
        if published:
            announce(session, event, source=SOURCE, late=True)
    return [event.content_id for event in events]


async def _kept(session: AsyncSession, words: str) -> TextPublished:
    event = salted(words)
    await queries.keep_text(session, event)
    return event


async def erase_words(session: AsyncSession, content_ids: Sequence[str]) -> tuple[str, ...]:
    """Erase words and salts here, and everywhere by tombstones; those that were there still.

    What is announced late is read when it is sent: nothing of it is left by then.
    """
    erased = await queries.erase_texts(session, content_ids)
    for content_id in erased:
        tombstone = TextPublished(content_id=content_id, value="", salt="0" * 2 * SALT)
        announce(session, tombstone, source=SOURCE, late=True)
    return tuple(erased)
