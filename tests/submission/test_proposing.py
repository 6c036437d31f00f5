"""From an idea to its label, through the forms that people fill in."""

import pytest

from shared.people import Role
from tests.submission.proposing import IDEA, REASON, Town


async def test_an_idea_becomes_a_labelled_project(town: Town) -> None:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    member = await town.officer(Role.COMMITTEE)
    project_id = await town.deposit(ada)
    await town.guide(ada, adviser, project_id)
    seen = await town.file(ada, project_id)
    assert (seen.status, seen.path) == (200, f"/projects/{project_id}"), seen.text
    seen = await town.review(member, project_id, "budget")
    assert seen.status == 200, seen.text
    seen = await town.file(ada, project_id, cost="4 500,50")
    assert seen.status == 200, seen.text
    seen = await town.review(member, project_id)
    assert seen.status == 200, seen.text
    seen = await town.label(member, project_id)
    assert seen.status == 200, seen.text
    assert await town.events() == [
        "idea-deposited",
        "handoff-requested",
        "handoff-accepted",
        "handoff-scheduled",
        "handoff-attended",
        "dossier-filed",
        "dossier-reviewed",
        "dossier-amended",
        "dossier-reviewed",
        "project-labelled",
    ]
    told = await town.told()
    assert [message.name for message in told] == [
        "sign-in-link",
        "idea-received",
        "counter-appointment",
        "dossier-incomplete",
        "dossier-complete",
        "labelled",
    ]
    assert {message.contact.address for message in told} == {"ada@example.org"}
    assert told[-1].values["reason"] == REASON
    page = await town.browser().get(f"/projects/{project_id}")
    assert page.status == 200
    assert REASON in page.text


async def test_whoever_is_signed_in_deposits_at_once(town: Town) -> None:
    ada = town.browser()
    first = await town.deposit(ada)
    second = await town.deposit(ada, title="Un atelier vélo")
    assert len(await town.told("sign-in-link")) == 1
    mine = await ada.get("/ideas/mine")
    assert str(first) in mine.text
    assert str(second) in mine.text


async def test_a_draft_waits_for_its_browser_alone(town: Town) -> None:
    ada, start = town.browser(), f"/programmes/{town.programme_id}/deposit"
    await ada.fill(start, start, **IDEA)
    assert (await ada.get(start)).fields(start)["title"] == IDEA["title"]
    assert (await ada.get(f"{start}/who")).path == f"{start}/where"
    assert (await town.browser().get(start)).fields(start)["title"] == ""
    assert (await town.browser().get(f"{start}/where")).path == start


async def test_opening_a_mailed_link_deposits_nothing(town: Town) -> None:
    ada, start = town.browser(), f"/programmes/{town.programme_id}/deposit"
    await ada.fill(start, start, **IDEA)
    await ada.fill(f"{start}/where", f"{start}/where", territory="artois")
    who = {"name": "Ada", "language": "en", "address": "Ada@Example.org"}
    await ada.fill(f"{start}/who", f"{start}/who", **who)
    link = await town.link("ada@example.org")
    scanner = town.browser()
    assert IDEA["title"] in (await scanner.get(link)).text
    assert await town.events() == []
    phone = town.browser()
    seen = await phone.fill(link, link)
    assert await town.events() == ["idea-deposited"]
    assert "Your idea is deposited" in seen.text
    # Pressed twice, the second answer signs in too and leads to the same page.
    page = await phone.get("/sign-in")
    again = await phone.post(link, {"csrf": page.fields("/sign-in/mail")["csrf"]})
    assert (again.status, again.path) == (200, seen.path)
    assert await town.events() == ["idea-deposited"]
    [received] = await town.told("idea-received")
    assert (received.contact.language, received.values["title"]) == ("en", IDEA["title"])
    drafts = "select count(*) from draft where programme_id = $1"
    assert await town.connection.fetchval(drafts, town.programme_id) == 0


async def test_a_used_link_signs_in_no_more_after_a_while(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    link = await town.link("ada@example.org")
    await town.connection.execute("update deposit_link set used_at = now() - interval '6 min'")
    finder = town.browser()
    seen = await town.send(finder, link)
    assert seen.path == f"/projects/{project_id}"
    assert (await finder.get("/ideas/mine")).path == "/sign-in"


async def test_a_declined_idea_asks_another_counter(town: Town) -> None:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    gathering_id = await town.counter(adviser)
    handoff_id = await town.ask(ada, project_id, gathering_id)
    page, form = f"/desk/counters/{gathering_id}", f"/desk/handoffs/{handoff_id}/decline"
    refused = await adviser.fill(page, form, reason="")
    assert refused.status == 422
    assert "A text is missing" in refused.text
    await adviser.fill(page, form, reason="Le compte est bon,\nmais pas ici.")
    [told] = await town.told("handoff-returned")
    assert told.values["reason"] == "Le compte est bon,\nmais pas ici."
    await town.guide(ada, adviser, project_id)
    assert (await town.events())[-5:] == [
        "handoff-returned",
        "handoff-requested",
        "handoff-accepted",
        "handoff-scheduled",
        "handoff-attended",
    ]


async def test_it_is_said_why_somebody_did_not_come(town: Town) -> None:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    gathering_id = await town.counter(adviser)
    handoff_id = await town.ask(ada, project_id, gathering_id)
    page = f"/desk/counters/{gathering_id}"
    await adviser.fill(page, f"/desk/handoffs/{handoff_id}/accept")
    form = f"/desk/handoffs/{handoff_id}/missed"
    refused = await adviser.fill(page, form, reason="")
    assert refused.status == 422 and "A text is missing" in refused.text
    assert (await adviser.fill(refused, form, reason="Elle a écrit le lendemain.")).status == 200
    for shown in (await adviser.get(page), await town.browser().get(f"/projects/{project_id}")):
        assert "Elle a écrit le lendemain." in shown.text
    await town.guide(ada, adviser, project_id)


async def test_a_counter_is_a_calendar_file(town: Town) -> None:
    gathering_id = await town.counter(await town.officer(Role.ADVISER))
    seen = await town.browser().get(f"/counters/{gathering_id}/counter.ics")
    assert seen.headers["Content-Type"].startswith("text/calendar")
    assert "LOCATION:Centre social\\, 3 rue de la Paix\\, Arras\r\n" in seen.text
    assert f"UID:{gathering_id}\r\n" in seen.text


async def test_who_is_told_what_is_missing_is_told_until_when(town: Town) -> None:
    ada, member = town.browser(), await town.officer(Role.COMMITTEE)
    project_id = await town.deposit(ada)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    await town.review(member, project_id, "budget", "statutes")
    [told] = await town.told("dossier-incomplete")
    missing = "Budget prévisionnel du projet, Statuts de la structure"
    assert told.values["missing"] == missing
    until = await town.connection.fetchval(
        "select closes_at from phase where programme_id = $1 and name = 'dossiers'",
        town.programme_id,
    )
    assert told.values["until"] == until.isoformat()
    page = await ada.get(f"/projects/{project_id}/dossier")
    assert missing.partition(",")[0] not in page.text, "in the reader's language"
    assert "Provisional budget of the project" in page.text


async def test_an_amendment_that_changes_nothing_is_none(town: Town) -> None:
    ada, member = town.browser(), await town.officer(Role.COMMITTEE)
    project_id = await town.deposit(ada)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    await town.review(member, project_id)
    before = await town.events()
    texts = await town.connection.fetchval("select count(*) from text")
    await town.file(ada, project_id)
    assert await town.events() == before
    await town.file(ada, project_id, cost="3 999")
    assert (await town.events())[len(before) :] == ["dossier-amended"]
    assert await town.connection.fetchval("select count(*) from text") == texts


async def test_a_refused_label_is_told_with_its_reason(town: Town) -> None:
    ada, member = town.browser(), await town.officer(Role.COMMITTEE)
    project_id = await town.deposit(ada)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    form = f"/desk/projects/{project_id}/refuse"
    await member.fill(f"/desk/projects/{project_id}", form, reason="Trop cher.")
    [told] = await town.told("label-refused")
    assert told.values["reason"] == "Trop cher."
    page = await town.browser().get(f"/projects/{project_id}")
    assert "Trop cher." in page.text
    assert "not labelled" in page.text


async def test_ideas_are_found_by_words_territory_and_stage(town: Town) -> None:
    ada, bob = town.browser(), town.browser()
    orchard = await town.deposit(ada)
    bikes = await town.deposit(
        bob, "bob@example.org", title="Un atelier vélo", territory="calaisis"
    )
    here = f"/programmes/{town.programme_id}/ideas"

    async def found(query: str) -> set[str]:
        text = (await town.browser().get(f"{here}?{query}")).text
        return {name for name, id in (("o", orchard), ("b", bikes)) if f"/projects/{id}" in text}

    assert await found("") == {"o", "b"}
    assert await found("q=VELO") == {"b"}
    assert await found("q=canal") == {"o", "b"}
    assert await found("q=canal&territory=artois") == {"o"}
    assert await found("stage=idea") == {"o", "b"}
    assert await found("stage=labelled") == set()
    assert await found("q=%25") == set()
    await town.guide(ada, await town.officer(Role.ADVISER), orchard)
    assert await found("stage=guided") == {"o"}


async def test_pages_of_ideas_do_not_move(town: Town) -> None:
    ada = town.browser()
    ids = [str(await town.deposit(ada, title=f"Idée {n}")) for n in range(22)]
    here = f"/programmes/{town.programme_id}/ideas"
    first, second = [(await ada.get(f"{here}?page={page}")).text for page in (1, 2)]
    assert all(f"/projects/{id}" in first for id in ids[:20])
    assert [f"/projects/{id}" in second for id in ids] == [False] * 20 + [True] * 2
    assert "page=2" in first


@pytest.mark.parametrize("page", ["dossier", "counter", "erase"])
async def test_another_s_pages_are_not_there(town: Town, page: str) -> None:
    ada, bob = town.browser(), town.browser()
    project_id = await town.deposit(ada)
    await town.deposit(bob, "bob@example.org")
    assert (await ada.get(f"/projects/{project_id}/{page}")).status == 200
    assert (await bob.get(f"/projects/{project_id}/{page}")).status == 404
