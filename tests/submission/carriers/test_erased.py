"""What is erased with who carries an idea: organisations, numbers, aids, consents."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from comptoir.browser import Browser
from shared.delivery import Delivered
from shared.envelope import Envelope
from shared.events.submission import ContentErased
from shared.people.roles import NOBODY, Role
from submission.carriers.consenting import forget_unagreed
from submission.carriers.erasing import erase_again
from tests.submission.carrying import (
    code,
    database,
    declare,
    deposit,
    events,
    give,
    resident,
    words,
)
from tests.submission.proposing import Town


async def erase(town: Town, browser: Browser, project_id: UUID) -> None:
    """Its carrier erases an idea."""
    sent = await town.send(browser, f"/projects/{project_id}/erase", sure="yes")
    assert sent.status == 200, sent.text


async def row(town: Town, organisation: UUID) -> dict[str, object]:
    """What is known of an organisation."""
    found = await town.connection.fetchrow(
        "select * from organisation where organisation_id = $1", organisation
    )
    assert found is not None
    return dict(found)


NAMELESS = ("name", "siret", "siret_words", "rna", "rna_words", "founded_on", "seat", "kept_by")


async def test_what_somebody_declared_for_her_idea_is_erased_with_it(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    found = await declare(ada, founded_on="2020-01-01", seat="artois")
    form = f"/organisations/{found}"
    await ada.fill(form, f"{form}/aids", granted_on="2026-01-01", amount="50", granted_by="Région")
    await ada.fill(form, form, name="Les Amies du verger")
    await give(ada, project_id, "lead", found)
    said = [each["name"] for each in await events(town, "carrier-joined")]
    siret = (await row(town, found))["siret_words"]
    await erase(town, ada, project_id)
    kept = await row(town, found)
    assert {kept[name] for name in NAMELESS} == {None}
    assert kept["type"] == "association"
    for content_id in (*said, str(siret)):
        assert await words(town, content_id) is None
    texts = await town.connection.fetch(
        "select value from organisation_text join text using (content_id)"
        " where organisation_id = $1",
        found,
    )
    assert len(texts) == 3, "both names and the number"
    assert {each["value"] for each in texts} == {None}
    aids = await town.connection.fetchval(
        "select count(*) from aid where organisation_id = $1", found
    )
    assert aids == 0
    page = (await town.browser().get(f"/projects/{project_id}")).words()
    assert "verger" not in page.lower()
    assert "answers for it" in page, "that somebody carried it stays"


async def test_what_one_resident_erases_is_not_linked_by_the_ledger(town: Town) -> None:
    ada = town.browser()
    first = await town.deposit(ada, title="Un four à pain")
    second = await town.deposit(ada, title="Un rucher")
    organisation = f"/organisations/{await declare(ada)}"
    await ada.fill(organisation, f"{organisation}/erase")
    await erase(town, ada, first)
    await ada.fill("/sign-in", "/sign-in/mail", address="ada@example.org")
    await town.follow(ada, "ada@example.org")
    await erase(town, ada, second)
    assert [each["by"] for each in await events(town, "content-erased")] == [str(NOBODY.id)] * 3


async def test_an_idea_that_is_erased_has_no_place_at_a_session_any_more(town: Town) -> None:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    gathering_id = await town.counter(adviser)
    handoff_id = await town.ask(ada, project_id, gathering_id)
    page = f"/desk/counters/{gathering_id}"
    await adviser.fill(page, f"/desk/handoffs/{handoff_id}/accept")
    await erase(town, ada, project_id)
    found = await town.connection.fetchrow(
        "select h.state, h.cause, h.due_at, r.state as place from handoff h"
        " join registration r using (handoff_id) where handoff_id = $1",
        handoff_id,
    )
    assert found is not None
    assert tuple(found) == ("returned", "withdrawn", None, "freed")


async def test_it_stays_for_somebody_else_s_project(town: Town) -> None:
    ada, ben = town.browser(), town.browser()
    hers = await town.deposit(ada, "nora@example.org")
    his = await town.deposit(ben, "ben@example.org")
    found = await declare(ada)
    await give(ada, hers, "lead", found)
    await give(ben, his, "lead", "73282932000074")
    await erase(town, ada, hers)
    kept = await row(town, found)
    assert kept["siret"] == "73282932000074"
    assert kept["kept_by"] is None, "and nobody is named by it"
    assert "Les Amis du verger" in (await ben.get(f"/projects/{his}/carriers")).words()


async def test_a_restored_database_has_no_organisation_again(town: Town) -> None:
    ada = town.browser()
    project_id, found = await town.deposit(ada), await declare(ada)
    await give(ada, project_id, "lead", found)
    texts = await town.connection.fetch(
        "select content_id from organisation_text where organisation_id = $1 union all"
        " select content_id from project_text where project_id = $2",
        found,
        project_id,
    )
    event = ContentErased(
        content_ids=tuple(sorted(each["content_id"] for each in texts)),
        by=uuid4(),
        ground="carrier-asked",
    )
    envelope = Envelope(
        id=uuid4(),
        source="submission",
        type=event.type,
        time=datetime.now(UTC),
        subject=event.subject,
    )
    async with database(town) as replica, replica.begin() as session:
        await erase_again(session, [Delivered(envelope=envelope, event=event, body=event.body())])
    kept = await row(town, found)
    assert {kept[name] for name in NAMELESS} == {None}
    lead = await town.connection.fetchval(
        "select count(*) from carriage where project_id = $1 and resident is not null", project_id
    )
    assert lead == 0


async def test_one_that_carries_nothing_is_erased_by_whoever_declared_it(town: Town) -> None:
    ada = town.browser()
    await town.deposit(ada)
    found = await declare(ada)
    name = str((await row(town, found))["name"])
    form = f"/organisations/{found}"
    seen = await ada.fill(form, f"{form}/erase")
    assert seen.path == "/organisations/mine"
    assert await words(town, name) is None
    assert code(await town.send(ada, form)) == (404, "organisation_unknown")


async def test_a_representative_who_does_not_agree_has_it_erased(town: Town) -> None:
    person = await resident(town, "kim@example.org")
    async with database(town) as replica:
        project_id = await deposit(
            replica, town, person, "kim@example.org", representative="parent@example.org"
        )
    link, browser = await town.link("parent@example.org"), town.browser()
    assert code(await town.send(browser, link, answer="disagree")) == (422, "confirmation_missing")
    sent = await town.send(browser, link, answer="disagree", sure="yes")
    assert sent.status == 200
    contact = await town.connection.fetchrow(
        "select resident, name, address from carrier where project_id = $1", project_id
    )
    assert contact is not None and set(contact.values()) == {None}
    assert (await town.send(browser, link, answer="agree")).status in (404, 410, 422)


async def test_an_idea_nobody_agreed_to_is_erased_after_thirty_days(town: Town) -> None:
    person = await resident(town, "kim@example.org")
    async with database(town) as replica:
        asked, agreed = [
            await deposit(
                replica, town, person, "kim@example.org", representative=f"{who}@example.org"
            )
            for who in ("one", "two")
        ]
        link = await town.link("two@example.org")
        await town.send(town.browser(), link, answer="agree")
        await forget_unagreed(replica)
        assert await carriers(town, asked) == 1, "not before"
        await town.connection.execute("update consent set asked_at = now() - interval '31 days'")
        await forget_unagreed(replica)
    assert await carriers(town, asked) == 0
    assert await carriers(town, agreed) == 1


async def carriers(town: Town, project_id: UUID) -> int:
    """Whether somebody is known to carry it."""
    found: int = await town.connection.fetchval(
        "select count(resident) from carrier where project_id = $1", project_id
    )
    return found
