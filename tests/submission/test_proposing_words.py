"""What people write: shown as words wherever it stands, and erased everywhere at once."""

import re

import asyncpg
import pytest

from comptoir.browser import Browser
from shared.people import Role
from submission import queries
from tests.submission.proposing import REASON, Town

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}"
TITLE = f"Titre {SCRIPT}"


async def _everything(town: Town) -> tuple[Browser, Browser, Browser, list[str]]:
    """A project whose every text is a script, with all pages that show it."""
    ada, adviser = town.browser(), await town.officer(Role.ADVISER, Role.ADMINISTRATOR)
    member = await town.officer(Role.COMMITTEE)
    start = f"/programmes/{town.programme_id}/deposit"
    said = {"title": TITLE, "summary": SCRIPT + "\n" + SCRIPT, "name": SCRIPT}
    await ada.fill(start, start, title=TITLE, summary=said["summary"])
    assert_escaped((await ada.get(start)).text)
    project_id = await town.deposit(ada, **said)
    assert_escaped((await ada.get("/ideas/mine")).text)
    gathering_id = await town.counter(adviser, place=SCRIPT)
    handoff_id = await town.ask(ada, project_id, gathering_id)
    decline = f"/desk/handoffs/{handoff_id}/decline"
    await adviser.fill(f"/desk/counters/{gathering_id}", decline, reason=SCRIPT)
    handoff_id = await town.ask(ada, project_id, gathering_id)
    for act in ("accept", "attended"):
        await town.send(adviser, f"/desk/handoffs/{handoff_id}/{act}")
    dossier = {"title": TITLE, "carrier": SCRIPT, "summary": SCRIPT}
    seen = await town.file(ada, project_id, **dossier)
    assert seen.status == 200, seen.text
    await town.review(member, project_id)
    seen = await town.label(member, project_id, reason=SCRIPT)
    assert seen.status == 200, seen.text
    here = f"/programmes/{town.programme_id}"
    return (
        ada,
        adviser,
        member,
        [f"/projects/{project_id}", f"{here}/ideas?q=Titre", f"{here}/counters"],
    )


def assert_escaped(page: str) -> None:
    """No script of a visitor's stands in a page as markup."""
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert not re.search(r"49</|>49", page)
    assert "&lt;script&gt;alert(1)" in page


async def test_a_script_in_every_text_is_shown_as_words(town: Town) -> None:
    ada, adviser, member, public = await _everything(town)
    project_id = public[0].rpartition("/")[2]
    gathering_id = await town.connection.fetchval(
        "select gathering_id from handoff where project_id = $1::text::uuid limit 1", project_id
    )
    handoff_id = await town.connection.fetchval(
        "select handoff_id from handoff where project_id = $1::text::uuid limit 1", project_id
    )
    here = f"/desk/programmes/{town.programme_id}"
    seen = [
        *[(ada, page) for page in public],
        (ada, f"/projects/{project_id}/dossier"),
        (ada, f"/projects/{project_id}/erase"),
        (ada, f"/projects/{project_id}/counter"),
        (adviser, f"{here}/counters"),
        (adviser, f"/desk/counters/{gathering_id}"),
        (adviser, f"/desk/counters/{gathering_id}/amend"),
        (adviser, f"/desk/handoffs/{handoff_id}"),
        (adviser, f"/desk/projects/{project_id}/erase"),
        (member, f"{here}/dossiers"),
        (member, f"/desk/projects/{project_id}"),
    ]
    for browser, page in seen:
        for language in ("fr", "en"):
            found = await browser.get(f"{page}{'&' if '?' in page else '?'}lang={language}")
            assert found.status == 200, page
            assert_escaped(found.text)


@pytest.mark.parametrize("query", ["q=<script>alert(1)</script>", "territory=<script>alert(1)"])
async def test_a_script_in_a_search_is_shown_as_words(town: Town, query: str) -> None:
    found = await town.browser().get(f"/programmes/{town.programme_id}/ideas?{query}")
    assert found.status == 200
    assert "<script>alert" not in found.text


@pytest.mark.parametrize(
    "query", ["ideas?territory=%00", "ideas?stage=%00", "counters?territory=a%00"]
)
async def test_what_no_database_keeps_is_refused_and_no_error_of_ours(
    town: Town, query: str
) -> None:
    seen = await town.browser().get(f"/programmes/{town.programme_id}/{query}")
    assert seen.status == 422 and "<code>malformed</code>" in seen.text


async def test_a_refused_form_keeps_what_was_written_as_words(town: Town) -> None:
    start = f"/programmes/{town.programme_id}/deposit"
    seen = await town.browser().fill(start, start, title="", summary=SCRIPT)
    assert seen.status == 422
    assert_escaped(seen.text)
    assert SCRIPT in seen.fields(start)["summary"]


async def test_what_is_erased_is_gone_and_no_result_changes(town: Town) -> None:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    member = await town.officer(Role.COMMITTEE)
    project_id = await town.deposit(
        ada, "secret@example.org", title="Un jardin secret", name="Ada Secrète"
    )
    await town.guide(ada, adviser, project_id)
    for carrier in ("Les Jardiniers", "Les Jardinières"):
        await town.file(ada, project_id, title="Un jardin secret", carrier=carrier)
    await town.review(member, project_id)
    await town.label(member, project_id)
    phone = town.browser()
    await phone.fill("/sign-in", "/sign-in/mail", address="secret@example.org")
    await town.follow(phone, "secret@example.org")
    assert (await phone.get("/ideas/mine")).path == "/ideas/mine"
    row = "select project_id, cost, family, title, missing from project where project_id = $1"
    before = await town.connection.fetchrow(row, project_id)
    since = await town.connection.fetchval("select max(id) from outbox")

    form = f"/projects/{project_id}/erase"
    seen = await ada.fill(form, form, sure="yes")
    assert (seen.status, seen.path) == (200, f"/projects/{project_id}")

    assert await town.connection.fetchrow(row, project_id) == before
    for browser in (ada, phone):
        assert (await browser.get("/ideas/mine")).path == "/sign-in", "signed out everywhere"
    page = seen.text + (await ada.get(f"/programmes/{town.programme_id}/ideas")).text
    for words in ("jardin secret", "Les Jardini", "Ada Secrète", "quarante arbres", "fruitiers"):
        assert words not in page
    assert "labelled" in page
    assert "erased" in page
    left = await _everything_kept(town)
    for words in ("jardin secret", "Les Jardini", "Ada Secrète", "secret@example.org"):
        assert words not in left

    # Of the words that leave now, one says why it is withdrawn.
    why = await town.connection.fetchval(
        "select convert_from(body, 'UTF8')::jsonb ->> 'reason' from outbox"
        " where id > $1 and type = 'submission.project-withdrawn.v1'",
        since,
    )
    erased = [
        row["key"]
        for row in await town.connection.fetch(
            "select key from outbox where id > $1 and topic = 'submission.texts' and key <> $2",
            since,
            why,
        )
    ]
    [event] = await town.connection.fetch(
        "select convert_from(body, 'UTF8')::jsonb -> 'content_ids' as ids, log from outbox"
        " where id > $1 and type = 'submission.content-erased.v1'",
        since,
    )
    assert event["log"] == "platform"
    # Idea: title, summary, name. Dossier: title, summary, both names of its organisation.
    assert len(erased) == 7
    assert all(f'"{content_id}"' in event["ids"] for content_id in erased)
    connection = await asyncpg.connect(town.dsn, ssl=False)
    assert set((await queries.bodies_of_texts(connection, erased)).values()) == {None}
    await connection.close()


async def _everything_kept(town: Town) -> str:
    """All that the database has of this edition, as text, but what is sealed."""
    tables = ("idea", "carrier", "project", "project_event", "text", "draft", "deposit_link")
    rows = [
        str(row[0])
        for table in (*tables, "resident", "mailed_link", "person_session", "answered")
        for row in await town.connection.fetch(f"select {table}::text from {table}")
    ]
    bodies = await town.connection.fetch(
        "select convert_from(body, 'UTF8') from outbox where body is not null and id > $1",
        town.since,
    )
    return "\n".join(rows + [row[0] for row in bodies])


async def test_nothing_that_was_typed_is_in_an_event(town: Town) -> None:
    await _everything(town)
    bodies = await town.connection.fetch(
        "select convert_from(body, 'UTF8') as body from outbox where body is not null and id > $1",
        town.since,
    )
    text = "\n".join(row["body"] for row in bodies)
    # Each has a character that base64 has not: chance does not write it in what is sealed.
    for words in ("alert(1)", "Titre <", "ada@example.org"):
        assert words not in text


async def test_whoever_erased_an_idea_is_told_nothing_more(town: Town) -> None:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    gathering_id = await town.counter(adviser)
    handoff_id = await town.ask(ada, project_id, gathering_id)
    form = f"/projects/{project_id}/erase"
    await ada.fill(form, form, sure="yes")
    before = len(await town.told())
    seen = await town.send(adviser, f"/desk/handoffs/{handoff_id}/accept")
    assert (seen.status, "project_not_active" in seen.text) == (409, True)
    seen = await town.send(adviser, f"/desk/counters/{gathering_id}/cancel", reason=REASON)
    assert seen.status < 400, seen.text
    assert len(await town.told()) == before


async def test_texts_can_be_erased_but_not_rewritten(town: Town) -> None:
    connection = await asyncpg.connect(town.dsn, ssl=False)
    for statement in (
        "update text set value = 'another'",
        "delete from text",
        "update idea set title = summary",
        "update project_event set kind = 'funded'",
        "delete from project_event",
        "update handoff set project_id = gen_random_uuid()",
        "delete from handoff",
        "delete from registration",
        "update gathering set territory = 'artois'",
        "delete from idea",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()
