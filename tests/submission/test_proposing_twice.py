"""What is sent twice, or at the same time as something else: one record, and nothing half done."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import aiohttp
import pytest
from yarl import URL

from comptoir.browser import Seen
from shared.people import Role
from tests.submission.proposing import DOSSIER, IDEA, REASON, Town


def codes(answers: Sequence[Seen]) -> Counter[str]:
    """How many were done, and how many refused by which code."""
    return Counter(
        "done" if seen.status == 200 else json.loads(seen.text)["code"] for seen in answers
    )


async def _stand(town: Town, what: str) -> tuple[str, dict[str, str]]:
    """A form that can be sent, and its fields; who sends it is the town's last browser."""
    adviser = await town.officer(Role.ADVISER)
    member = await town.officer(Role.COMMITTEE)
    ada = town.browser()
    sender = ada
    if what in ("a counter", "accept", "a decline", "attended"):
        sender = adviser
    elif what.startswith("m "):
        sender = member
    town.browsers.append(sender)
    if what == "a counter":
        said = {
            "place": "Arras",
            "territory": "artois",
            "begins_at": "2199-03-01T18:00",
            "ends_at": "2199-03-01T20:00",
            "capacity": "1",
        }
        return f"/desk/programmes/{town.programme_id}/counters/new", said
    start = f"/programmes/{town.programme_id}/deposit"
    if what == "link":
        await town.send(ada, start, **IDEA)
        await town.send(ada, f"{start}/where", territory="artois")
        who = {"name": "Ada", "language": "fr", "address": "ada@example.org"}
        return f"{start}/who", who | await town.written(ada)
    project_id = await town.deposit(ada)
    if what == "idea":
        await town.send(ada, start, **IDEA)
        await town.send(ada, f"{start}/where", territory="artois")
        return f"{start}/who", {"name": "Ada", "language": "fr", **await town.written(ada)}
    if what == "erasure":
        return f"/projects/{project_id}/erase", {"sure": "yes"}
    gathering_id = await town.counter(adviser)
    if what == "request":
        return f"/projects/{project_id}/counter", {"counter": str(gathering_id)}
    handoff = f"/desk/handoffs/{await town.ask(ada, project_id, gathering_id)}"
    if what in ("accept", "a decline"):
        return f"{handoff}/{what.removeprefix('a ')}", {"reason": REASON}
    await town.send(adviser, f"{handoff}/accept")
    if what == "withdrawal":
        return f"/projects/{project_id}/handoffs/{handoff.rpartition('/')[2]}/withdraw", {}
    if what == "attended":
        return f"{handoff}/{what}", {}
    await town.send(adviser, f"{handoff}/attended")
    if what == "dossier":
        return f"/projects/{project_id}/dossier", DOSSIER
    await town.send(ada, f"/projects/{project_id}/dossier", **DOSSIER)
    shown = await town.shown(member, project_id)
    if what == "m review":
        return f"/desk/projects/{project_id}/review", shown
    await town.send(member, f"/desk/projects/{project_id}/review", **shown)
    label = f"/desk/projects/{project_id}/{what.removeprefix('m ')}"
    shown = await town.shown(member, project_id)
    return label, {"family": "cooperation", "reason": REASON, **shown}


FORMS = (
    *("link", "idea", "a counter", "request", "accept", "a decline", "attended", "withdrawal"),
    *("dossier", "m review", "m label", "m refuse", "erasure"),
)


@pytest.mark.parametrize("what", FORMS)
@pytest.mark.parametrize("at_once", [False, True], ids=["again", "at once"])
async def test_a_form_sent_twice_leaves_one_record_and_leads_to_one_page(
    town: Town, what: str, at_once: bool
) -> None:
    path, said = await _stand(town, what)
    sender = town.browsers[-1]
    csrf = (await sender.get("/sign-in")).fields("/sign-in/mail")["csrf"]
    fields = {"csrf": csrf, "once": "of this form alone " + path, **said}

    kept = sender.session.cookie_jar.filter_cookies(URL(town.url))
    cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in kept.values())

    async def pressed() -> Seen:
        # A browser sends both before it has the first answer, and new cookies with it.
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            headers = {"Accept": "application/json", "Cookie": cookies}
            async with session.post(
                town.url + path, data=fields, headers=headers, allow_redirects=False
            ) as answer:
                return Seen(
                    answer.status, str(answer.headers.get("Location")), await answer.text(), {}
                )

    before = await _records(town)
    if at_once:
        first, second = await asyncio.gather(pressed(), pressed())
    else:
        first = await pressed()
        between = await _records(town)
        second = await pressed()
        assert await _records(town) == between
    assert (first.status, second.status) == (303, 303), (first.text, second.text)
    assert first.url == second.url
    after = await _records(town)
    assert after != before
    assert after["answered"] == before["answered"] + 1
    assert after["outbox"] - before["outbox"] <= 6, "one of each"


async def _records(town: Town) -> dict[str, int]:
    tables = ("idea", "handoff", "gathering", "project", "project_event", "text", "outbox")
    return {
        table: await town.connection.fetchval(f"select count(*) from {table}")
        for table in (*tables, "answered", "deposit_link")
    } | {"erased": await town.connection.fetchval("select count(*) from text where value is null")}


async def test_two_accepts_for_the_last_place_give_one_and_the_others_wait(town: Town) -> None:
    advisers = [await town.officer(Role.ADVISER) for _ in range(3)]
    gathering_id = await town.counter(advisers[0], capacity=1)
    handoffs = []
    for n in range(3):
        carrier = town.browser()
        project_id = await town.deposit(carrier, f"carrier{n}@example.org")
        handoffs.append(await town.ask(carrier, project_id, gathering_id))
    answers = await asyncio.gather(
        *(
            town.send(adviser, f"/desk/handoffs/{handoff}/accept")
            for adviser, handoff in zip(advisers, handoffs, strict=True)
        )
    )
    assert codes(answers) == {"done": 3}
    assert len(await town.told("counter-appointment")) == 1
    assert len(await town.told("place-awaited")) == 2


async def test_one_idea_asks_one_counter_however_often_at_once(town: Town) -> None:
    adviser, ada = await town.officer(Role.ADVISER), town.browser()
    project_id = await town.deposit(ada)
    counters = [await town.counter(adviser) for _ in range(4)]
    answers = await asyncio.gather(
        *(town.send(ada, f"/projects/{project_id}/counter", counter=str(c)) for c in counters)
    )
    assert codes(answers) == {"done": 1, "handoff_waiting": 3}


async def test_an_accepting_and_a_declining_adviser_decide_once(town: Town) -> None:
    one, other = await town.officer(Role.ADVISER), await town.officer(Role.ADVISER)
    ada = town.browser()
    project_id = await town.deposit(ada)
    handoff = await town.ask(ada, project_id, await town.counter(one))
    answers = await asyncio.gather(
        town.send(one, f"/desk/handoffs/{handoff}/accept"),
        town.send(other, f"/desk/handoffs/{handoff}/decline", reason=REASON),
    )
    assert codes(answers) == {"done": 1, "handoff_decided": 1}
    assert len(await town.told()) == 3, "the link, the idea, and one answer"


async def _complete(town: Town) -> UUID:
    """The idea of the town's last browser has a complete dossier."""
    ada = town.browser()
    project_id = await town.deposit(ada)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    await town.file(ada, project_id)
    await town.review(await town.officer(Role.COMMITTEE), project_id)
    town.browsers.append(ada)
    return project_id


async def test_two_decisions_at_once_are_one(town: Town) -> None:
    project_id = await _complete(town)
    members = [await town.officer(Role.COMMITTEE) for _ in range(4)]
    shown = await town.shown(members[0], project_id)
    answers = await asyncio.gather(
        *(
            town.send(
                member,
                f"/desk/projects/{project_id}/{act}",
                family="cooperation",
                reason=REASON,
                **shown,
            )
            for member, act in zip(members, ["label", "refuse"] * 2, strict=True)
        )
    )
    assert codes(answers) == {"done": 1, "already_decided": 3}
    decided = [e for e in await town.events() if e in ("project-labelled", "label-refused")]
    assert len(decided) == 1


async def test_what_is_amended_while_it_is_labelled_is_labelled_as_it_was_or_not_at_all(
    town: Town,
) -> None:
    for _ in range(4):
        project_id = await _complete(town)
        ada, member = town.browsers[-1], await town.officer(Role.COMMITTEE)
        changed = DOSSIER | {"cost": "9 000", "revision": "1"}
        shown = await town.shown(member, project_id)
        labelled, amended = await asyncio.gather(
            town.send(
                member,
                f"/desk/projects/{project_id}/label",
                family="sse-values",
                reason=REASON,
                **shown,
            ),
            town.send(ada, f"/projects/{project_id}/dossier", **changed),
        )
        project = await town.connection.fetchrow(
            "select family, cost from project where project_id = $1", project_id
        )
        assert project is not None
        assert tuple(project) in (("sse-values", 400_000), (None, 900_000))
        found = codes([labelled, amended])
        assert found in ({"done": 1, "changed_meanwhile": 1}, {"done": 1, "already_decided": 1})


async def test_a_link_that_deposited_an_idea_signs_nobody_in_later(town: Town) -> None:
    await town.deposit(town.browser())
    link = (await town.link("ada@example.org")).replace("/deposits/", "/sign-in/link/")
    other = town.browser()
    assert (await other.fill(link, link)).status == 410
    assert (await other.get("/ideas/mine")).path == "/sign-in"


async def test_a_link_signs_nobody_in_as_whom_the_draft_names_since(town: Town) -> None:
    """Else whoever knows an address would have its ideas: her own link, another's address."""
    await town.deposit(town.browser())
    mallory, start = town.browser(), f"/programmes/{town.programme_id}/deposit"
    await town.send(mallory, start, **IDEA)
    await town.send(mallory, f"{start}/where", territory="artois")
    who = {"name": "Mallory", "language": "fr", **await town.written(mallory)}
    await town.send(mallory, f"{start}/who", **who, address="mallory@example.org")
    link = await town.link("mallory@example.org")
    await town.send(mallory, f"{start}/who", **who, address="ada@example.org")
    assert (await town.send(mallory, link)).status == 410
    assert (await mallory.get("/ideas/mine")).path == "/sign-in"


async def test_the_button_publishes_what_its_page_showed_and_nothing_else(town: Town) -> None:
    """Whoever has a draft's cookie can change it while its mailed page is read elsewhere."""
    ada, mallory = town.browser(), town.browser()
    start = f"/programmes/{town.programme_id}/deposit"
    await town.send(mallory, start, **IDEA)
    await town.send(mallory, f"{start}/where", territory="artois")
    who = {"name": "Ada", "language": "fr", "address": "ada@example.org"}
    await town.send(mallory, f"{start}/who", **who, **await town.written(mallory))
    link = await town.link("ada@example.org")
    shown = await ada.get(link)
    await town.send(mallory, start, **(IDEA | {"title": "Autre chose"}))
    before = await town.snapshot()
    assert "draft_changed" in (await town.send(ada, link)).text, "a form that shows nothing"
    seen = await ada.fill(shown, link)
    assert seen.status == 409 and "Autre chose" in seen.text and "changed" in seen.words()
    assert await town.snapshot() == before
    assert (await ada.get("/ideas/mine")).path == "/sign-in"
    seen = await ada.fill(seen, link)
    assert seen.path.startswith("/projects/") and "Autre chose" in seen.text
