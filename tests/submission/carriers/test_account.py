"""Somebody who carries nothing erases her account: what is left counts, and names nobody."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from comptoir.browser import Browser
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events.submission import ResidentErased
from submission.app import RESTORES
from tests.submission.carrying import code, database, declare, events, give, words
from tests.submission.proposing import Town

ACCOUNT = "/account/erase"
# Where a resident may stand, by her id and her address.
PLACES = {
    "resident": "address = $2 or resident_id = $1 and address is not null",
    "support": "resident = $1",
    "organisation": "kept_by = $1",
    "person_session": "person_id = $1",
    "mailed_link": "address = $2",
    "draft": "address = $2",
    "carrier": "resident = $1 or address = $2",
}


async def signed_in(town: Town, address: str) -> tuple[Browser, UUID]:
    """Somebody who signed in by a mailed link, and nothing else; her id."""
    browser = town.browser()
    await browser.fill("/sign-in", "/sign-in/mail", address=address)
    await town.follow(browser, address)
    found = await town.connection.fetchval(
        "select resident_id from resident where address = $1", address
    )
    return browser, found


async def places(town: Town, resident: UUID, address: str) -> set[str]:
    """The tables in which she is."""
    found = set()
    for table, condition in PLACES.items():
        of_her = f"select count(*) from {table}, (select $1::uuid, $2::text) her where {condition}"
        if await town.connection.fetchval(of_her, resident, address):
            found.add(table)
    return found


async def supporters(town: Town, project_id: UUID) -> int:
    found: int = await town.connection.fetchval(
        "select supporters from idea where project_id = $1", project_id
    )
    return found


async def support(browser: Browser, project_id: UUID) -> None:
    page = f"/projects/{project_id}"
    assert (await browser.fill(page, f"{page}/support")).status == 200


async def begin_to_write(town: Town, browser: Browser, address: str) -> None:
    """As far as to her address, on another device."""
    start = f"/programmes/{town.programme_id}/deposit"
    await town.send(browser, start, title="Un four", summary="Du pain.")
    await town.send(browser, f"{start}/where", territory="artois")
    said = {"name": "Zoé", "language": "fr", "address": address}
    assert (await browser.fill(f"{start}/who", f"{start}/who", **said)).status == 200


async def test_who_carries_nothing_is_forgotten_and_stays_counted(town: Town) -> None:
    """One organisation of hers carries nothing, another one is in somebody else's project."""
    ben, address = town.browser(), "zoe@example.org"
    project_id = await town.deposit(ben, "ben@example.org")
    zoe, resident = await signed_in(town, address)
    await support(zoe, project_id)
    alone = await declare(zoe, name="Le club de Zoé", siret="")
    await declare(zoe)
    await give(ben, project_id, "joint", "73282932000074")
    await begin_to_write(town, town.browser(), address)
    assert await places(town, resident, address) == {*PLACES} - {"carrier"}
    name = await town.connection.fetchval(
        "select name from organisation where organisation_id = $1", alone
    )
    assert f'href="{ACCOUNT}"' in (await zoe.get("/ideas/mine")).text
    assert code(await town.send(zoe, ACCOUNT)) == (422, "confirmation_missing")
    seen = await zoe.fill(ACCOUNT, ACCOUNT, sure="yes")
    assert (seen.status, seen.path) == (200, "/account/erased"), seen.words()
    assert await places(town, resident, address) == set()
    assert await supporters(town, project_id) == 1
    assert await words(town, name) is None
    assert "Les Amis du verger" in (await ben.get(f"/projects/{project_id}/carriers")).words()
    assert await events(town, "resident-erased") == [{"resident": str(resident)}]
    assert [each["content_ids"] for each in await events(town, "content-erased")] == [[name]]
    assert (await zoe.get(ACCOUNT)).path == "/sign-in"
    assert code(await town.send(zoe, ACCOUNT, sure="yes")) == (401, "sign_in_needed")
    again, anew = await signed_in(town, address)
    assert anew != resident
    await support(again, project_id)
    assert await supporters(town, project_id) == 2, "she is somebody else"


async def test_who_carries_ideas_is_forgotten_with_the_last_of_them(town: Town) -> None:
    ada, address = town.browser(), "ada.erases@example.org"
    projects = [await town.deposit(ada, address, title=name) for name in ("Un four", "Un rucher")]
    resident = await town.connection.fetchval(
        "select resident from carrier where project_id = $1", projects[0]
    )
    seen = await ada.get(ACCOUNT)
    assert ACCOUNT not in seen.forms()
    assert all(f'href="/projects/{each}/erase"' in seen.text for each in projects)
    before = await town.snapshot()
    assert code(await town.send(ada, ACCOUNT, sure="yes")) == (409, "ideas_carried")
    assert await town.snapshot() == before
    for each in projects:
        assert await events(town, "resident-erased") == []
        form = f"/projects/{each}/erase"
        assert (await ada.fill(form, form, sure="yes")).path == f"/projects/{each}"
        await ada.fill("/sign-in", "/sign-in/mail", address=address)
        await town.follow(ada, address)
    assert await events(town, "resident-erased") == [{"resident": str(resident)}]


async def test_a_restored_database_has_her_no_more(town: Town) -> None:
    """She is back with what she supported and declared, and is forgotten again, which was said."""
    address = "mia@example.org"
    project_id = await town.deposit(town.browser(), "ben@example.org")
    mia, resident = await signed_in(town, address)
    await support(mia, project_id)
    await declare(mia, siret="")
    hers, of_nobody = ResidentErased(resident=resident), ResidentErased(resident=uuid4())
    now = datetime.now(UTC).replace(microsecond=0)
    async with database(town) as replica, replica.begin() as session:
        for each in (hers, of_nobody, hers):
            envelope = Envelope(uuid4(), each.type, "submission", each.subject, now, "platform", 1)
            await RESTORES[each.type](session, [Delivered(envelope, each, each.body())])
    assert await places(town, resident, address) == set()
    assert await supporters(town, project_id) == 1
    assert await events(town, "resident-erased") == []
    assert (await mia.get("/ideas/mine")).path == "/sign-in"
