"""The SQL of words."""

from collections.abc import Iterable

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import raw


async def keep_words(session: AsyncSession, content_id: str, value: str) -> None:
    """Keep the words behind a commitment."""
    await (await raw(session)).execute(
        "insert into words (content_id, value) values ($1, $2) on conflict do nothing",
        content_id,
        value,
    )


async def erase_words(session: AsyncSession, content_id: str) -> None:
    """Forget the words behind a commitment."""
    await (await raw(session)).execute("delete from words where content_id = $1", content_id)


async def words(session: AsyncSession, content_ids: Iterable[str | None]) -> dict[str, str]:
    """The words behind these commitments, as far as they have arrived and are not erased."""
    rows = await (await raw(session)).fetch(
        "select content_id, value from words where content_id = any($1)",
        [content_id for content_id in content_ids if content_id is not None],
    )
    return {row["content_id"]: row["value"] for row in rows}
