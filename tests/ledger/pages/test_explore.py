"""The record in a browser: logs, entries, one entry with what it takes to check it."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.async_api import Browser

from ledger.app import LedgerSettings, application
from ledger.pages import queries
from ledger.pages.handlers import keep_words
from ledger.tree import leaf_hash
from shared.canonical import commitment
from shared.delivery import Delivered, Erased
from shared.envelope import Envelope
from shared.events import Event
from shared.events.event import PLATFORM_LOG
from shared.events.projects import IdeaDeposited
from shared.events.scheme import Territory
from shared.events.submission import CharterAmended, CharterPublished, RoleGranted, TextPublished
from tests.chromium import hurdles
from tests.contracts.examples import examples
from tests.ledger.conftest import EDITION, NOW, Ledger
from tests.serving import Client, served, settings
from tests.shared.web.test_components import SHOWN, chromium, opened

__all__ = ["chromium"]

BROWSER = {"Accept": "text/html"}
SALT = bytes(32)
TITLE, SUMMARY, CARRIER = "Vergers <b>partagés</b>", "Un verger ouvert à tous.", "Terres d’Artois"


def content_id(value: str) -> str:
    return commitment(SALT, value).hex()


def text(value: str, **others: str) -> Delivered[TextPublished | Erased]:
    named = {"content_id": content_id(value), "value": value, "salt": SALT.hex(), **others}
    event = TextPublished.model_validate(named)
    return Delivered(envelope(event.type), event, event.body())


def envelope(kind: str) -> Envelope:
    return Envelope(id=uuid4(), type=kind, source="submission", subject="x", time=NOW)


def tombstone(value: str) -> Delivered[TextPublished | Erased]:
    return Delivered(envelope(TextPublished.type), Erased(content_id(value)), b"")


async def take_words(ledger: Ledger, *words: Delivered[TextPublished | Erased]) -> None:
    async with ledger.database.begin() as session:
        await keep_words(session, words)


@pytest.fixture
async def idea(edition: Ledger) -> UUID:
    """The id of an idea's event: entry 121 of an edition's log, signed, whose words are here."""
    await edition.take(*edition.dossiers(120))
    event = IdeaDeposited(
        project_id=uuid4(),
        programme_id=uuid4(),
        territory="ternois",
        title=content_id(TITLE),
        summary=content_id(SUMMARY),
        carrier=content_id(CARRIER),
    )
    deposited = edition.published(event)
    await edition.take(deposited)
    await edition.sign()
    await take_words(edition, text(TITLE), text(SUMMARY), text(CARRIER))
    return deposited.envelope.id


@pytest.fixture
async def client(edition: Ledger, idea: UUID) -> AsyncIterator[Client]:
    app = application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app, BROWSER) as client:
        yield client


async def page(client: Client, path: str, status: int = 200) -> str:
    answer = await client.ask("GET", path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    return answer.raw.decode()


async def test_the_logs_are_shown_with_their_sizes(client: Client) -> None:
    found = await page(client, "/")
    assert "122</p>" in found
    assert f'href="/explore/{PLATFORM_LOG}"' in found
    assert "— ledger.example.org/edition" in found  # the checkpoint's signature


async def test_what_only_a_later_version_of_a_charter_names_has_its_label(
    client: Client, edition: Ledger
) -> None:
    """In the log of its edition, and where the platform's log tells of its programme alone."""
    [published] = await placed(edition, PLATFORM_LOG, CharterPublished)
    programme = UUID(published[1]["programme_id"])
    await edition.take(edition.published(amending(programme)))
    path = f"/explore/{EDITION}/121"
    assert "(ternois)" in await page(client, path)  # what is not signed yet is not read
    await edition.sign()
    assert "(Le Ternois)" in await page(client, path)
    given = {"officer": uuid4(), "role": "adviser", "territory": "ternois", "by": uuid4()}
    for of in (programme, uuid4()):
        event = RoleGranted.model_validate({**given, "programme_id": of})
        await edition.take(edition.published(event, PLATFORM_LOG))
    await edition.sign()
    granted = await placed(edition, PLATFORM_LOG, RoleGranted)
    told = [await page(client, f"/explore/{PLATFORM_LOG}/{index}") for index, _ in granted]
    assert ["le territoire Le Ternois" in each for each in told] == [True, False]
    assert ["le territoire ternois" in each for each in told] == [False, True]


def amending(programme_id: UUID) -> CharterAmended:
    """A charter's second version, in which a territory has a label."""
    [first] = [event for event in examples() if isinstance(event, CharterAmended)]
    territory = Territory(name="ternois", fr="Le Ternois", en="Ternois")
    rules = first.rules.model_copy(update={"territories": (territory,)})
    return first.model_copy(update={"programme_id": programme_id, "rules": rules})


async def placed(edition: Ledger, log: str, kind: type[Event]) -> list[tuple[int, dict[str, Any]]]:
    """The entries of this kind in a log: their places and bodies."""
    said = [json.loads(entry) for entry in await edition.entries(log)]
    return [(n, each["body"]) for n, each in enumerate(said) if each["type"] == kind.type]


async def test_what_amends_a_charter_is_found_by_an_index(edition: Ledger) -> None:
    """Every page of a log asks for it, and nearly all of a large log are ballots."""
    await edition.take(*edition.dossiers(300), edition.published(amending(uuid4())))
    await edition.sign()
    async with edition.superuser.transaction():
        for log, count in ((EDITION, 1), (PLATFORM_LOG, 0), (None, 1)):
            assert len(await queries.amendments(edition.superuser, log)) == count
        # Of few rows reading all is as good: what is asked is whether the index serves.
        await edition.superuser.execute("analyze entry")
        await edition.superuser.execute("set local enable_seqscan = off")
        plan = await edition.superuser.fetch(f"explain {queries.AMENDMENTS}", EDITION)
    assert any("entry_amendment" in row[0] for row in plan), plan


async def test_entries_are_told_newest_first_and_by_pages(client: Client) -> None:
    first = await page(client, f"/explore/{EDITION}?lang=en")
    places = [int(n) for n in re.findall(rf"/explore/{EDITION}/(\d+)", first)]
    assert places == [*range(121, 71, -1)]
    assert "An idea was deposited: “Vergers &lt;b&gt;partagés&lt;/b&gt;”" in first
    last = await page(client, f"/explore/{EDITION}?before=22&lang=en")
    assert [int(n) for n in re.findall(rf"/explore/{EDITION}/(\d+)", last)] == [*range(21, -1, -1)]
    assert f"/explore/{EDITION}?before=72" in last
    assert "before=-" not in last
    assert "The log edition begins" in last


async def test_an_entry_has_all_that_it_takes_to_check_it(client: Client, edition: Ledger) -> None:
    found = await page(client, f"/explore/{EDITION}/121")
    exact = (await edition.entries())[121]
    assert leaf_hash(exact).hex() in found
    assert exact.decode().replace('"', "&#34;") in found
    assert f'href="/logs/{EDITION}/proof/121"' in found
    assert "Une idée a été déposée" in found
    assert SUMMARY in found
    assert "Ceci est une répétition" in found  # this is a rehearsal


async def test_pages_of_a_log_say_whether_it_is_a_rehearsal_s(
    client: Client, edition: Ledger
) -> None:
    """The receipt's page as well, while no log is in earnest: a receipt may be of any."""
    says = "This is a rehearsal"
    assert says in await page(client, "/receipt?lang=en")
    await edition.take(edition.charter("earnest", rehearsal=False))
    await edition.sign()
    for log, rehearsal in ((EDITION, True), ("earnest", False), (PLATFORM_LOG, False)):
        for path in (f"/explore/{log}", f"/explore/{log}/0"):
            assert (says in await page(client, f"{path}?lang=en")) is rehearsal, path
    assert says not in await page(client, "/receipt?lang=en")
    logs = await page(client, "/explore?lang=en")
    assert says not in logs and logs.count("rehearsal</span>") == 1


@pytest.mark.skipif(not shutil.which("curl"), reason="no curl here")
async def test_the_command_beside_an_entry_gives_its_leaf_hash(
    client: Client, edition: Ledger
) -> None:
    found = await page(client, f"/explore/{EDITION}/121")
    command = re.findall(r"<code>(\{ printf.*?sha256sum)</code>", found)[0].replace("&#39;", "'")
    command = re.sub(r"http://127\.0\.0\.1:0(?=/)", client.url, command)
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", command, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said.decode().split()[0] == leaf_hash((await edition.entries())[121]).hex()


async def test_an_event_leads_to_its_entry(client: Client, idea: UUID) -> None:
    found = await page(client, f"/explore/event/{idea}?lang=en")
    assert "Entry 121 of the log edition" in found or "Entrée 121 du journal edition" in found
    assert "121" in await page(client, f"/explore/event?id=%20{idea}")


@pytest.mark.parametrize(
    "path",
    [
        f"/explore/event/{UUID(int=5)}",
        "/explore/event?id=what",
        "/explore/event",
        "/explore/nothing",
        "/explore/NOTHING",
        f"/explore/{EDITION}/122",
        f"/explore/{EDITION}/-1",
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(client: Client, path: str) -> None:
    assert "<code>not_found</code>" in await page(client, path, 404)


async def test_what_is_not_signed_is_not_shown(client: Client, edition: Ledger) -> None:
    (late,) = edition.dossiers(1)
    await edition.take(late)
    await page(client, f"/explore/event/{late.envelope.id}", 404)
    await page(client, f"/explore/{EDITION}/122", 404)
    assert f"/explore/{EDITION}/122" not in await page(client, f"/explore/{EDITION}?before=999")


async def test_erased_words_are_shown_as_erased_and_stay_so(
    client: Client, edition: Ledger
) -> None:
    await take_words(edition, tombstone(TITLE), tombstone("never seen"))
    await take_words(edition, text(TITLE))
    found = await page(client, f"/explore/{EDITION}/121")
    assert "Vergers" not in found
    assert "<em>effacé</em>" in found
    assert await edition.count("words where value is null") == 2


async def test_words_that_nothing_commits_to_are_not_kept(edition: Ledger) -> None:
    await take_words(edition, text("one", content_id=content_id("another")))
    assert await edition.count("words") == 0


async def test_everybody_can_read_the_record(client: Client, chromium: Browser) -> None:
    for language, theme, width in SHOWN:
        for path in ("/explore", f"/explore/{EDITION}", f"/explore/{EDITION}/121"):
            address = f"{client.url}{path}?lang={language}"
            page, heard = await opened(chromium, address, theme, width)
            assert await hurdles(page) == []
            assert not heard
            await page.context.close()
