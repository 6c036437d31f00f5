"""No erased word is found, or is left in what is searched, whoever comes first."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import asyncpg
import pytest

from shared.people import Role
from tests.submission.proposing import Town

# By its stem and as it was typed.
WORDS = ("secret", "secrets", "jardin", "jardins", "ruche", "ruches")


async def lexemes(town: Town, project_id: UUID) -> set[str]:
    """What a project is found by."""
    return set(
        await town.connection.fetchval(
            "select tsvector_to_array(words) from project_search where project_id = $1", project_id
        )
    )


def left(found: Iterable[str]) -> list[str]:
    """Words that were erased, among these."""
    return [each for each in found if each.startswith(tuple(word[:5] for word in WORDS))]


async def test_what_a_carrier_erased_is_in_no_vector_and_is_not_found(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada, title="Jardins secrets", summary="Des ruches.")
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id, title="Le jardin secret", summary="Une ruche.")
    assert left(await lexemes(town, project_id))
    here = f"/programmes/{town.programme_id}/projects"
    assert str(project_id) in (await ada.get(f"{here}?q=ruches")).text

    form = f"/projects/{project_id}/erase"
    await ada.fill(form, form, sure="yes")

    assert await lexemes(town, project_id) == set()
    assert "No project was found" in (await ada.get(f"{here}?q=ruches")).text
    listed = (await ada.get(here)).text
    assert str(project_id) in listed and "(erased by its carrier)" in listed
    for ending in ("csv", "json", "geojson"):
        text = (await ada.get(f"{here}.{ending}")).text
        assert str(project_id) in text and not [w for w in WORDS if w in text.lower()]


async def test_words_that_a_backup_brought_back_are_erased_from_the_vector_again(
    town: Town,
) -> None:
    project_id = await town.deposit(town.browser(), title="Jardins secrets")
    title = await town.connection.fetchval(
        "select title from idea where project_id = $1", project_id
    )
    words = await town.connection.fetchrow(
        "select value, salt from text where content_id = $1", title
    )
    assert words is not None
    erase = "select erase_texts(array[$1])"
    await town.connection.fetch(erase, title)
    assert not left(await lexemes(town, project_id))
    await town.connection.execute(
        "update text set value = $2, salt = $3 where content_id = $1", title, *words
    )
    assert left(await lexemes(town, project_id)), "the vector is that of the text"
    await town.connection.fetch(erase, title)
    assert not left(await lexemes(town, project_id))


@pytest.mark.parametrize("first", ["the erasure", "the change"])
async def test_a_change_at_the_same_time_brings_no_word_back(town: Town, first: str) -> None:
    """Both are asked for before either is committed; the second one waits for the first."""
    project_id = await town.deposit(town.browser(), title="Jardins secrets")
    title = await town.connection.fetchval(
        "select title from idea where project_id = $1", project_id
    )
    acts = {
        "the erasure": ("select erase_texts(array[$1])", title),
        "the change": ("update idea set stage = 'asked' where project_id = $1", project_id),
    }
    other = acts[next(name for name in acts if name != first)]
    one, two = [await asyncpg.connect(town.dsn, ssl=False) for _ in range(2)]
    try:
        begun = one.transaction()
        await begun.start()
        await one.execute(*acts[first])
        waiting = asyncio.create_task(two.execute(*other))
        await _until_one_waits(town)
        await begun.commit()
        await waiting
    finally:
        await one.close()
        await two.close()
    assert not left(await lexemes(town, project_id))
    stage = "select stage from project_search where project_id = $1"
    assert await town.connection.fetchval(stage, project_id) == "asked"


async def _until_one_waits(town: Town) -> None:
    """Return once a statement of this database waits for another's lock."""
    waits = "select exists (select from pg_locks l join pg_stat_activity a using (pid)"
    waits += " where not l.granted and a.datname = current_database())"
    async with asyncio.timeout(30):
        while not await town.connection.fetchval(waits):  # noqa: ASYNC110  # it asks a database
            await asyncio.sleep(0.005)


async def test_nobody_who_serves_pages_can_write_what_is_searched(town: Town) -> None:
    await town.deposit(town.browser())
    connection = await asyncpg.connect(town.dsn, ssl=False)
    try:
        for statement in (
            "update project_search set words = ''",
            "delete from project_search",
            "insert into project_search select * from project_search",
            "select refresh_search(project_id) from idea",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
