"""What the form of a deposit asks, where the charter asks it, and what becomes of the answers."""

from datetime import date, datetime
from uuid import UUID

import pytest

from comptoir.browser import Browser, Seen
from shared.events.scheme import Category, Links, Submitting
from submission.advice import advice_of
from tests.submission.carrying import declare, events, give, say
from tests.submission.proposing import IDEA, PARIS, Town

YOUTH = Category(name="youth", fr="Jeunes", en="Youth", from_age=11, to_age=25)
SCHOOLS = Category(name="schools", fr="Écoles", en="Schools", carriers=("class",))


def aged(years: int) -> str:
    """The day of birth of somebody who was so old on the first of January."""
    return date(datetime.now(PARIS).year - years, 1, 1).isoformat()


async def categories(town: Town, *named: Category) -> None:
    """The edition's charter has these categories."""
    said = [each.model_dump_json(exclude_none=True) for each in named]
    await town.connection.execute(
        "update programme set rules = jsonb_set(rules, '{categories}', $2::jsonb)"
        " where programme_id = $1",
        town.programme_id,
        f"[{','.join(said)}]",
    )


async def who(town: Town, ada: Browser, category: str = "", **said: str) -> Seen:
    """The last step of a deposit, with these answers."""
    start = f"/programmes/{town.programme_id}/deposit"
    await ada.fill(start, start, **IDEA)
    where = {"territory": "artois", "category": category}
    await ada.fill(f"{start}/where", f"{start}/where", **where)
    given = {"name": "Ada", "language": "fr", "address": "ada@example.org", **said}
    return await ada.fill(f"{start}/who", f"{start}/who", **given)


def refused(seen: Seen, code: str) -> bool:
    """Whether a page says this, and nothing was sent."""
    advice = " ".join(advice_of(code).split()[:5])
    return seen.status == 422 and advice in seen.words()


async def test_who_is_too_young_deposits_nothing(town: Town) -> None:
    await say(town, Submitting(minimum_age=16))
    ada = town.browser()
    for born, code in (("", "birth_refused"), (aged(15), "age_refused")):
        assert refused(await who(town, ada, born=born), code)
    assert await town.told() == []
    seen = await who(town, ada, born=aged(16))
    assert seen.path.endswith("/sent")
    await town.follow(ada, "ada@example.org")
    assert await town.events() == ["idea-deposited"]


async def test_links_and_the_statement_are_asked_for(town: Town) -> None:
    await say(town, Submitting(links=Links(of=("work", "study"), least=1), sworn=True))
    ada = town.browser()
    assert refused(await who(town, ada, sworn="yes"), "links_missing")
    assert refused(await who(town, ada, **{"link-live": "yes"}, sworn="yes"), "links_missing")
    assert refused(await who(town, ada, **{"link-work": "yes"}), "not_sworn")
    assert (await who(town, ada, **{"link-work": "yes"}, sworn="yes")).path.endswith("/sent")


async def test_a_minor_s_representative_is_mailed_a_link_and_agrees(town: Town) -> None:
    await say(town, Submitting(consent_below=16))
    ada = town.browser()
    assert refused(await who(town, ada, born=aged(14)), "address_refused")
    mine = {"born": aged(14), "representative": "ADA@example.org "}
    assert refused(await who(town, ada, **mine), "representative_refused")
    await who(town, ada, born=aged(14), representative="parent@example.org")
    assert "parent@example.org" in (await ada.get(await town.link("ada@example.org"))).text
    seen = await town.follow(ada, "ada@example.org")
    project_id = seen.path.removeprefix("/projects/")
    parent, link = town.browser(), await town.link("parent@example.org")
    assert IDEA["title"] in (await parent.get(link)).text
    await parent.fill(link, link, answer="agree")
    assert await town.connection.fetchval(
        "select given_at is not null and address is null from consent where project_id = $1::uuid",
        project_id,
    )


async def test_who_is_of_age_needs_no_representative(town: Town) -> None:
    await say(town, Submitting(consent_below=16))
    ada = town.browser()
    await who(town, ada, born=aged(16))
    seen = await town.follow(ada, "ada@example.org")
    asked = "select count(*) from consent where project_id = $1::uuid"
    project_id = seen.path.removeprefix("/projects/")
    assert await town.connection.fetchval(asked, project_id) == 0


async def test_when_somebody_was_born_is_kept_nowhere(town: Town) -> None:
    await say(town, Submitting(minimum_age=16))
    ada, born = town.browser(), "1987-06-05"
    await who(town, ada, born=born)
    tables = await town.connection.fetch(
        "select tablename as name from pg_tables where schemaname = 'public'"
    )
    for table in tables:
        rows = await town.connection.fetch(f'select t::text as row from "{table["name"]}" t')
        assert not [row for row in rows if born in row["row"]], table["name"]


async def test_a_charter_that_is_for_classes_takes_a_class(town: Town) -> None:
    await say(town, Submitting(ideas_by=("class", "association"), minimum_age=18))
    ada = town.browser()
    assert refused(await who(town, ada, carrier_type=""), "carrier_type_refused")
    assert refused(await who(town, ada, carrier_type="person"), "carrier_type_refused")
    await who(town, ada, name="La 5e B", carrier_type="class")
    await town.follow(ada, "ada@example.org")
    [joined] = await events(town, "carrier-joined")
    assert (joined["part"], joined["carrier_type"]) == ("lead", "class")


@pytest.mark.parametrize(("age", "taken"), [(10, False), (11, True), (25, True), (26, False)])
async def test_a_category_of_ages_is_for_those_ages(town: Town, age: int, taken: bool) -> None:
    await categories(town, YOUTH, SCHOOLS)
    ada = town.browser()
    seen = await who(town, ada, "youth", born=aged(age), carrier_type="person")
    assert seen.path.endswith("/sent") is taken
    assert refused(seen, "category_refused") is not taken


async def test_a_category_of_types_is_for_those_types(town: Town) -> None:
    await categories(town, SCHOOLS)
    ada = town.browser()
    assert refused(await who(town, ada, "schools", carrier_type="person"), "category_refused")
    seen = await who(town, ada, "schools", carrier_type="class", name="La 5e B")
    assert seen.path.endswith("/sent")


async def test_outside_of_the_category_nobody_is_asked_for_an_age(town: Town) -> None:
    await categories(town, YOUTH)
    ada = town.browser()
    assert (await who(town, ada)).path.endswith("/sent")


async def test_a_link_that_was_mailed_for_another_category_deposits_nothing(town: Town) -> None:
    await categories(town, YOUTH)
    ada, start = town.browser(), f"/programmes/{town.programme_id}/deposit"
    await who(town, ada)
    link = await town.link("ada@example.org")
    await ada.fill(f"{start}/where", f"{start}/where", territory="artois", category="youth")
    assert (await ada.get(link)).status == 410
    assert await town.events() == []


async def test_a_dossier_comes_into_no_category_of_ages_later(town: Town) -> None:
    await categories(town, YOUTH)
    await town.connection.execute(
        "update programme set rules = jsonb_set(rules, '{counter_attended}', 'false')"
        " where programme_id = $1",
        town.programme_id,
    )
    ada = town.browser()
    project_id = await town.deposit(ada)
    assert refused(await town.file(ada, project_id, category="youth"), "category_refused")
    assert (await town.file(ada, project_id)).status == 200


async def test_a_category_stays_where_an_association_takes_the_project_over(town: Town) -> None:
    await categories(town, YOUTH)
    await town.connection.execute(
        "update programme set rules = jsonb_set(rules, '{counter_attended}', 'false')"
        " where programme_id = $1",
        town.programme_id,
    )
    ada = town.browser()
    await who(town, ada, "youth", born=aged(20))
    seen = await town.follow(ada, "ada@example.org")
    project_id = seen.path.removeprefix("/projects/")
    await give(ada, UUID(project_id), "lead", await declare(ada), status="association")
    seen = await town.file(ada, UUID(project_id), category="youth")
    assert seen.status == 200, seen.words()


async def test_the_rules_do_not_say_anybody_where_an_age_is_asked(town: Town) -> None:
    rules = f"/programmes/{town.programme_id}/rules"
    anybody = "Anybody can deposit an idea"
    assert anybody in (await town.browser().get(rules)).words()
    await say(town, Submitting(minimum_age=16))
    seen = await town.browser().get(rules)
    assert anybody not in seen.words() and "16 years old or more" in seen.words()
