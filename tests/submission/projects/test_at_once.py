"""The last step of a resident's deposit, which is one statement: all of it is kept, or none."""

import asyncio
from uuid import UUID

import pytest
from asyncpg import RaiseError

from comptoir.browser import Browser, Seen
from tests.submission.proposing import IDEA, Town


async def written(town: Town, ada: Browser, title: str) -> Seen:
    """Somebody who is signed in has written another idea, up to its last step."""
    start = f"/programmes/{town.programme_id}/deposit"
    await ada.fill(start, start, **{**IDEA, "title": title})
    return await ada.fill(f"{start}/where", f"{start}/where", territory="artois")


async def last_step(ada: Browser, seen: Seen) -> Seen:
    """Send it."""
    return await ada.fill(seen, seen.path, name="Ada Martin", language="fr")


async def drafts(town: Town) -> list[UUID]:
    """What is being written."""
    rows = await town.connection.fetch(
        "select draft_id from draft where programme_id = $1", town.programme_id
    )
    return [row["draft_id"] for row in rows]


async def kept(town: Town) -> dict[str, int]:
    """How many rows of each table deposits have left."""
    tables = ("idea", "carrier", "carriage", "project_event", "project_search", "project_text")
    counted = {}
    for table in tables:
        counted[table] = await town.connection.fetchval(
            f"select count(*) from {table} t join idea i using (project_id)"
            " where i.programme_id = $1",
            town.programme_id,
        )
    return counted


async def test_an_idea_of_somebody_who_is_signed_in_is_kept_whole(town: Town) -> None:
    ada = town.browser()
    await town.deposit(ada)
    by_link = await kept(town)
    seen = await last_step(ada, await written(town, ada, "Une mare"))
    assert seen.path.startswith("/projects/") and "Une mare" in seen.words()
    assert await kept(town) == {table: 2 * many for table, many in by_link.items()}
    assert await town.events() == ["idea-deposited"] * 2
    assert [each.name for each in await town.told()][-1] == "idea-received"
    assert await drafts(town) == []
    row = await town.connection.fetchrow(
        "select i.carrier = t.content_id and t.value = 'Ada Martin' as named, c.resident, k.type,"
        " k.resident as carries from idea i join text t on t.content_id = i.carrier"
        " join carrier c using (project_id) join carriage k using (project_id)"
        " where project_id = $1",
        UUID(seen.path.removeprefix("/projects/")),
    )
    assert row is not None and row["named"] and row["type"] == "person"
    assert row["resident"] == row["carries"] is not None


async def test_the_relay_is_woken_after_it(town: Town) -> None:
    ada, woken = town.browser(), asyncio.Event()
    await town.deposit(ada)
    seen = await written(town, ada, "Une mare")

    def wake(*_: object) -> None:
        woken.set()

    await town.connection.add_listener("outbox", wake)
    assert (await last_step(ada, seen)).path.startswith("/projects/")
    async with asyncio.timeout(10):
        await woken.wait()
    await town.connection.remove_listener("outbox", wake)


async def test_nothing_is_kept_once_its_phase_has_ended(town: Town) -> None:
    ada = town.browser()
    await town.deposit(ada)
    before, seen = await kept(town), await written(town, ada, "Une mare")
    await town.connection.execute(
        "update phase set state = 'closed' where programme_id = $1 and name = 'ideas'",
        town.programme_id,
    )
    assert (await last_step(ada, seen)).status == 409
    assert await kept(town) == before and await town.events() == ["idea-deposited"]
    await town.connection.execute(
        "update phase set state = 'open' where programme_id = $1 and name = 'ideas'",
        town.programme_id,
    )
    again = await last_step(ada, seen)  # under the same key, which was used for nothing
    assert again.path.startswith("/projects/") and (await kept(town))["idea"] == 2


async def test_a_draft_that_is_written_anew_meanwhile_is_not_what_is_deposited(town: Town) -> None:
    ada = town.browser()
    await town.deposit(ada)
    await written(town, ada, "Une mare")
    [draft_id] = await drafts(town)
    rest = ", ".join(["null"] * 27)
    with pytest.raises(RaiseError, match="the draft was written anew"):
        await town.connection.execute(
            f"select deposit('a-key', sha256(''), '{{}}', $1, now(), {rest})", draft_id
        )
    used = await town.connection.fetchval("select count(*) from answered where key = 'a-key'")
    assert used == 0


async def test_what_another_window_wrote_anew_is_not_deposited_unread(town: Town) -> None:
    ada, start = town.browser(), f"/programmes/{town.programme_id}/deposit"
    await town.deposit(ada)
    mine = await written(town, ada, "Une mare")
    assert "Title Une mare" in mine.words(), "the last page says what its button deposits"
    await written(town, ada, "Un banc")
    before = await town.snapshot()
    said = {"name": "Ada Martin", "language": "fr"}
    for shown in ({}, {"shown": mine.fields(mine.path)["shown"]}):
        sent = await town.send(ada, f"{start}/who", **said, **shown)
        assert sent.status == 409 and "changed_meanwhile" in sent.text
    seen = await last_step(ada, mine)
    assert seen.status == 409 and "Title Un banc Une mare" in seen.words(), seen.text
    assert await town.snapshot() == before
    done = await last_step(ada, seen)
    assert done.path.startswith("/projects/") and "Un banc" in done.words()


async def test_a_link_that_was_mailed_to_another_address_is_forgotten(town: Town) -> None:
    bob, ada, start = town.browser(), town.browser(), f"/programmes/{town.programme_id}/deposit"
    seen = await written(town, bob, "Une mare")
    await bob.fill(seen, seen.path, name="Bob", language="fr", address="bob@example.org")
    link = await town.link("bob@example.org")
    seen = await written(town, ada, "Un banc")
    await ada.fill(seen, seen.path, name="Ada Martin", language="fr", address="ada@example.org")
    await town.follow(bob, "ada@example.org")
    done = await last_step(bob, await bob.get(f"{start}/who"))
    assert done.path.startswith("/projects/")
    assert (await town.browser().get(link)).status == 410
