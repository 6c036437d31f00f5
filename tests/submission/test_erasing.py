"""Two administrators erase words, with a ground; what a backup brings back is erased again."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser
from shared.database import Database
from shared.delivery import Delivered
from shared.envelope import Envelope, leaf_bytes
from shared.events.submission import ContentErased
from shared.people import Role
from shared.recovering import Recovery
from submission.app import RESTORES
from submission.carriers.erasing import erase_again
from submission.carriers.keeping import forget_carriers
from tests.shared.proven import heard
from tests.submission.conftest import nobody
from tests.submission.proposing import Town

GROUND = {"sure": "yes", "ground": "person-asked", "reason": "Elle l'a demandé par lettre."}
ERASED = "submission.content-erased.v1"


async def confirm(town: Town, officer: Browser, about: str) -> int:
    """Confirm the act about this, as somebody else; the answer's status."""
    act = await town.connection.fetchval(
        "select act_id from act where about = $1 and state = 'waiting'", about
    )
    return (await town.send(officer, f"/desk/acts/{act}/confirm")).status


async def carrier_of(town: Town, project_id: UUID) -> str:
    """The id of its carrier's name."""
    found: str = await town.connection.fetchval(
        "select carrier from idea where project_id = $1", project_id
    )
    return found


async def words(town: Town, content_id: str) -> str | None:
    found: str | None = await town.connection.fetchval(
        "select value from text where content_id = $1", content_id
    )
    return found


async def erasures(town: Town) -> list[tuple[str, int]]:
    """Ground and how many texts, of each erasure."""
    rows = await town.connection.fetch(
        "select convert_from(body, 'UTF8')::jsonb as body from outbox where type = $1 and id > $2"
        " order by id",
        ERASED,
        town.since,
    )
    found = [ContentErased.from_body(row["body"].encode()) for row in rows]
    return [(str(each.ground), len(each.content_ids)) for each in found]


async def test_two_administrators_erase_an_idea_and_its_carrier_keeps_the_rest(town: Town) -> None:
    ada, one = town.browser(), await town.officer(Role.ADMINISTRATOR)
    two = await town.officer(Role.ADMINISTRATOR)
    erased, kept = await town.deposit(ada), await town.deposit(ada, title="Un rucher")
    form = f"/desk/projects/{erased}/erase"
    seen = await one.fill(form, form, **GROUND)
    assert seen.path == "/desk/acts", seen.text
    name = await carrier_of(town, erased)
    assert await words(town, name) == "Ada Martin", "nothing is done by one"
    assert await confirm(town, one, str(erased)) == 409
    assert await confirm(town, two, str(erased)) == 200
    assert await words(town, name) is None
    assert await erasures(town) == [("person-asked", 3)]
    assert (await ada.get("/ideas/mine")).path == "/sign-in"
    await ada.fill("/sign-in", "/sign-in/mail", address="ada@example.org")
    link = await town.link("ada@example.org")
    await ada.fill(link, link)
    mine = (await ada.get("/ideas/mine")).text
    assert "Un rucher" in mine
    assert str(kept) in mine
    assert str(erased) not in mine


async def test_a_name_alone_is_erased_by_its_id_and_nobody_is_told_any_more(town: Town) -> None:
    ada, one = town.browser(), await town.officer(Role.ADMINISTRATOR)
    two = await town.officer(Role.ADMINISTRATOR)
    project_id = await town.deposit(ada)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id, carrier="Ada Martin")
    name = await carrier_of(town, project_id)
    seen = await one.fill("/desk/erase", "/desk/erase", content_ids=f" {name}\n", **GROUND)
    assert seen.path == "/desk/acts", seen.text
    assert await confirm(town, two, name) == 200
    assert await words(town, name) is None
    assert await erasures(town) == [("person-asked", 2)], "and in the dossier"
    page = (await town.browser().get(f"/projects/{project_id}")).text
    assert "Un verger partagé" in page
    assert "Ada Martin" not in page
    row = await town.connection.fetchrow(
        "select resident, name, address from carrier where project_id = $1", project_id
    )
    assert row is not None and set(row.values()) == {None}
    assert not await town.connection.fetchval(
        "select count(*) from text where content_id = $1 and salt is not null", name
    )


REFUSED = {
    "an unknown id": (404, "content_unknown"),
    "no id": (404, "content_unknown"),
    "too many ids": (404, "content_unknown"),
    "what was erased before": (409, "erased_before"),
    "an idea that was erased before": (409, "erased_before"),
    "an unknown idea": (404, "project_unknown"),
    "no ground": (422, "ground_unknown"),
    "a ground that is none": (422, "ground_unknown"),
    "a ground that no officer has": (422, "ground_unknown"),
    "no reason": (422, "reason_missing"),
    "without being sure": (422, "confirmation_missing"),
    "by the committee": (403, "forbidden"),
    "by ids, for one programme's administrator": (403, "forbidden"),
    "by a carrier": (403, "forbidden"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_may_not_be_erased_is_refused_and_nothing_happens(town: Town, what: str) -> None:
    ada, officer = town.browser(), await town.officer(Role.ADMINISTRATOR)
    project_id = await town.deposit(ada)
    path, said = "/desk/erase", {**GROUND, "content_ids": await carrier_of(town, project_id)}
    match what:
        case "an unknown id":
            said["content_ids"] = "0" * 64
        case "no id":
            said["content_ids"] = " "
        case "too many ids":
            said["content_ids"] = " ".join(f"{n:064x}" for n in range(501))
        case "what was erased before" | "an idea that was erased before":
            form = f"/projects/{project_id}/erase"
            await ada.fill(form, form, sure="yes")
            if "idea" in what:
                path = f"/desk{form}"
        case "an unknown idea":
            path = f"/desk/projects/{nobody()}/erase"
        case "no ground" | "a ground that is none" | "a ground that no officer has":
            said["ground"] = {"a": "because", "n": ""}.get(what[0], "")
            if "no officer" in what:
                said["ground"] = "kept-long-enough"
        case "no reason":
            said["reason"] = " "
        case "without being sure":
            del said["sure"]
        case "by the committee":
            officer = await town.officer(Role.COMMITTEE)
        case "by ids, for one programme's administrator":
            officer = await town.officer(Role.ADMINISTRATOR, programme_id=town.programme_id)
        case "by a carrier":
            officer = ada
    before = await town.snapshot()
    seen = await town.send(officer, path, **said)
    assert (seen.status, json.loads(seen.text)["code"]) == REFUSED[what]
    assert await town.snapshot() == before


async def test_what_its_carrier_erased_meanwhile_is_not_erased_twice(town: Town) -> None:
    ada, one = town.browser(), await town.officer(Role.ADMINISTRATOR)
    two = await town.officer(Role.ADMINISTRATOR)
    project_id = await town.deposit(ada)
    form = f"/projects/{project_id}/erase"
    await one.fill(f"/desk{form}", f"/desk{form}", **GROUND)
    await ada.fill(form, form, sure="yes")
    assert await confirm(town, two, str(project_id)) == 409
    assert await erasures(town) == [("carrier-asked", 3)]


async def again(town: Town, content_ids: Sequence[str]) -> None:
    """Hand an erasure to submission, as its topic says it."""
    event = ContentErased(content_ids=tuple(content_ids), by=uuid4(), ground="carrier-asked")
    envelope = Envelope(
        id=uuid4(),
        type=event.type,
        source="submission",
        subject=event.key,
        time=datetime.now(UTC).replace(microsecond=0),
        log="platform",
        number=1,
    )
    database = Database(town.dsn, name="restored")
    async with database.begin() as session:
        await erase_again(session, [Delivered(envelope, event, event.body())])
    await database.close()


async def test_what_a_backup_brings_back_is_erased_again_and_whoever_has_it_is_told(
    town: Town,
) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada, "back@example.org")
    texts = [
        row["content_id"]
        for row in await town.connection.fetch(
            "select content_id from project_text where project_id = $1", project_id
        )
    ]
    unborn = "ab" * 32
    since = await town.connection.fetchval("select max(id) from outbox")
    await again(town, [*texts, unborn])
    assert not await town.connection.fetchval(
        "select count(*) from text where content_id = any($1) and value is not null", texts
    )
    left = await town.connection.fetchval(
        "select count(*) from resident where address = 'back@example.org'"
    )
    assert left == 0
    assert (await ada.get("/ideas/mine")).path == "/sign-in"
    sent = await town.connection.fetch(
        "select key, type from outbox where id > $1 order by key", since
    )
    assert [row["key"] for row in sent] == sorted(texts), "tombstones, and no second erasure"
    assert {row["type"] for row in sent} == {"submission.text-published.v1"}

    await again(town, [*texts, unborn])
    assert await town.connection.fetchval("select count(*) from outbox where id > $1", since) == 3
    with pytest.raises(Exception, match="duplicate key"):
        await town.connection.execute(
            "insert into text (content_id, value, salt) values ($1, 'zurück', $2)",
            unborn,
            bytes(32),
        )


async def test_what_the_ledger_says_was_erased_is_erased_where_kafka_has_nothing_any_more(
    town: Town,
) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada, "ledger@example.org")
    name = await carrier_of(town, project_id)
    event = ContentErased(content_ids=(name,), by=uuid4(), ground="carrier-asked")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    number = 1_000_000
    envelope = Envelope(uuid4(), event.type, "submission", event.subject, now, "platform", number)
    database = Database(town.dsn, name="restored")
    recovery = Recovery("submission", database, (), RESTORES)
    await town.connection.execute("insert into outbox_covered values ('platform', $1, '')", number)
    entry = leaf_bytes(envelope, event.body()).decode()
    entries = await heard(town.connection, "platform", [entry])
    assert await recovery.take("platform", entries) == 1
    assert await words(town, name) is None
    assert (await recovery.state())["without_state"] == 0
    await database.close()
    for table in ("outbox_covered", "outbox_recovered", "heard_checkpoint", "proving_checkpoint"):
        await town.connection.execute(f"delete from {table}")


async def test_who_carried_what_is_forgotten_some_months_after_the_last_phase(town: Town) -> None:
    """Of the idea and of the dossier, which says her name, and has said it otherwise."""
    ada = town.browser()
    project_id = await town.deposit(ada, "long.ago@example.org")
    name = await carrier_of(town, project_id)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    for said in ("Ada Martin-Petit", "Ada Martin, 12 rue du Canal"):
        assert (await town.file(ada, project_id, carrier=said)).status == 200
    database = Database(town.dsn, name="keeping")
    await forget_carriers(database, 12)
    assert await words(town, name) == "Ada Martin"
    await town.connection.execute(
        "update phase set opens_at = opens_at - interval '3 years',"
        " closes_at = closes_at - interval '3 years' where programme_id = $1",
        town.programme_id,
    )
    await forget_carriers(database, 60)
    assert await words(town, name) == "Ada Martin"
    await forget_carriers(database, 12)
    await forget_carriers(database, 12)
    await database.close()
    assert await words(town, name) is None
    assert await erasures(town) == [("kept-long-enough", 3)]
    left = await town.connection.fetch(
        "select value from project_text join text using (content_id) where project_id = $1"
        " and value is not null",
        project_id,
    )
    assert len(left) == 4 and not any("Ada" in each["value"] for each in left)
    assert "Ada Martin" not in (await town.browser().get(f"/projects/{project_id}")).text
    found = "select count(*) from resident where address = 'long.ago@example.org'"
    assert await town.connection.fetchval(found) == 0
    assert "Un verger partagé" in (await town.browser().get(f"/projects/{project_id}")).text
