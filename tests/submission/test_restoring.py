"""What a database restored from a backup has of people, until it is recovered, and no longer."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from comptoir.browser import Browser
from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events import Event
from shared.events.projects import DocumentRemoved
from shared.events.submission import ContentErased
from shared.people import Role
from shared.recovering import Recovery
from submission.app import RESTORES
from submission.carriers.erasing import abandon
from submission.imports.running import run_imports
from tests.submission.documents import files
from tests.submission.documents.attaching import filed
from tests.submission.proposing import IDEA, Town
from tests.submission.test_erasing import GROUND, confirm, erasures

TABLE = (
    b"reference,title,summary,territory,name,address\n"
    b"A-1,Un rucher,Des abeilles.,artois,Ada Import,ada.import@example.org\n"
    b"A-2,Un four,Du pain.,artois,Bo Import,\n"
)


async def again(town: Town, event: Event) -> None:
    """Hand something to submission as whoever recovers it does."""
    now = datetime.now(UTC).replace(microsecond=0)
    envelope = Envelope(uuid4(), event.type, "submission", event.subject, now, "log", 1)
    database = Database(town.dsn, name="restored")
    async with database.begin() as session:
        await RESTORES[event.type](session, [Delivered(envelope, event, event.body())])
    await database.close()


async def recovered(town: Town) -> None:
    """Everything that the ledger has was taken back."""
    database = Database(town.dsn, name="restored")
    recovery = Recovery("submission", database, (), RESTORES, abandons=abandon)
    await recovery.close("it was restored")
    await recovery.end({})
    await database.close()
    await town.connection.execute("delete from outbox_recovered")


async def begin_to_write(town: Town, browser: Browser, address: str) -> None:
    """Somebody writes as far as to her address, and leaves."""
    start = f"/programmes/{town.programme_id}/deposit"
    await town.send(browser, start, **IDEA)
    await town.send(browser, f"{start}/where", territory="artois")
    who = {"name": "Ada", "language": "fr", "address": address, **await town.written(browser)}
    assert (await town.send(browser, f"{start}/who", **who)).status == 200


async def drafts(town: Town, address: str) -> int:
    """How many drafts have an address."""
    found: int = await town.connection.fetchval(
        "select count(*) from draft where address = $1", address
    )
    return found


async def read_file(town: Town, officer: Browser) -> str:
    """A file of ideas that is read, and not recorded; its page."""
    page = f"/desk/programmes/{town.programme_id}/imports"
    seen = await officer.upload(page, page, TABLE, "ideas.csv", kind="ideas")
    assert seen.status == 200, seen.text
    return seen.path


async def imported(town: Town, name: str) -> UUID:
    """The idea of a file whose carrier is called so."""
    officer = await town.officer(Role.ADMINISTRATOR)
    page = await read_file(town, officer)
    await officer.fill(page, f"{page}/run", reason="as posted")
    database = Database(town.dsn, name="test")
    while await town.connection.fetchval("select count(*) from import_file where state='running'"):
        await run_imports(database)
    await database.close()
    found: UUID = await town.connection.fetchval(
        "select project_id from idea join text on content_id = idea.carrier"
        " where value = $1 and programme_id = $2",
        name,
        town.programme_id,
    )
    return found


async def test_whoever_is_forgotten_leaves_no_draft(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada, "drafts@example.org")
    await begin_to_write(town, town.browser(), "drafts@example.org")
    await begin_to_write(town, town.browser(), "others@example.org")
    assert await drafts(town, "drafts@example.org") == 1
    form = f"/projects/{project_id}/erase"
    await ada.fill(form, form, sure="yes")
    assert await drafts(town, "drafts@example.org") == 0
    assert await drafts(town, "others@example.org") == 1


async def test_what_was_under_way_in_a_backup_is_not_gone_on_with(town: Town) -> None:
    """It may have ended since: a draft as an idea that was erased, a file as ideas that are there.
    The database would have both a second time."""
    await begin_to_write(town, town.browser(), "before@example.org")
    officer = await town.officer(Role.ADMINISTRATOR)
    page = await read_file(town, officer)
    await recovered(town)
    assert await drafts(town, "before@example.org") == 0
    rows = await town.connection.fetch(
        "select state, fields from import_file join import_row using (import_id)"
        " where import_id = $1",
        UUID(page.rpartition("/")[2]),
    )
    assert [tuple(row) for row in rows] == [("forgotten", None)] * 2
    assert f"{page}/run" not in (await officer.get(page)).forms()


async def test_files_that_a_backup_brings_back_are_removed_and_that_is_said_no_second_time(
    town: Town,
) -> None:
    """By her erasure, and by the removal of one that its carrier took away herself."""
    dossier = await filed(town)
    for name in ("budget", "statutes"):
        assert (await dossier.attach(files.pdf(), name=name)).status == 200
    first, second = await dossier.ids()
    before = await town.events()
    row = await town.connection.fetchrow(
        "select programme_id, carrier from idea where project_id = $1", dossier.project_id
    )
    assert row is not None
    about: dict[str, Any] = {"project_id": dossier.project_id, "programme_id": row["programme_id"]}
    await again(town, DocumentRemoved(**about, document_id=first, ground="withdrawn"))
    assert await dossier.ids() == [second]
    erased = ContentErased(content_ids=(row["carrier"],), by=uuid4(), ground="carrier-asked")
    await again(town, erased)
    assert await dossier.ids() == []
    left = await town.connection.fetchval(
        "select count(*) from document_bytes where document_id = any($1)", [first, second]
    )
    assert left == 0
    assert await town.events() == before


async def test_an_idea_of_a_file_without_an_address_is_erased_by_two_administrators(
    town: Town,
) -> None:
    """Nobody carries it as a resident; its words and the name are somebody's all the same."""
    project_id = await imported(town, "Bo Import")
    one, two = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    form = f"/desk/projects/{project_id}/erase"
    assert (await one.fill(form, form, **GROUND)).path == "/desk/acts"
    assert await confirm(town, two, str(project_id)) == 200
    assert await erasures(town) == [("person-asked", 3)]
    page = (await town.browser().get(f"/projects/{project_id}")).text
    assert "Un four" not in page and "Bo Import" not in page
    assert "erased_before" in (await town.send(one, form, **GROUND)).text
