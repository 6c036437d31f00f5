"""What people who propose, guide and label are refused: a code each, and nothing is changed."""

import json
from uuid import uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.people import Role
from tests.submission.proposing import DOSSIER, IDEA, REASON, Town


def refusal(seen: Seen) -> tuple[int, str]:
    """Status and code of a problem."""
    problem = json.loads(seen.text)
    assert problem["status"] == seen.status
    return seen.status, problem["code"]


async def _depositing(town: Town, what: str) -> tuple[Browser, str, dict[str, str]]:
    """Somebody on the way to an idea, who sends something to an address."""
    ada = town.browser()
    start = f"/programmes/{town.programme_id}/deposit"
    who = {"name": "Ada", "language": "fr", "address": "ada@example.org"}
    match what:
        case "depositing before its time" | "an idea after its time":
            await town.set_phase("ideas", "coming" if "before" in what else "closed")
            return ada, start, IDEA
        case "an idea for a programme nobody made":
            return ada, f"/programmes/{uuid4()}/deposit", IDEA
        case "an idea without a title":
            return ada, start, IDEA | {"title": " "}
        case "a title in two lines":
            return ada, start, IDEA | {"title": "Un\nverger"}
        case "a long summary":
            return ada, start, IDEA | {"summary": "x" * 4_001}
        case "a summary that turns":
            return ada, start, IDEA | {"summary": "a\u202eb"}
        case "where before what":
            return ada, f"{start}/where", {"territory": "artois"}
    await town.send(ada, start, **IDEA)
    match what:
        case "a territory elsewhere":
            return ada, f"{start}/where", {"territory": "ternois"}
        case "who before where":
            return ada, f"{start}/who", who
    await town.send(ada, f"{start}/where", territory="artois")
    who |= await town.written(ada)
    match what:
        case "no name":
            return ada, f"{start}/who", who | {"name": ""}
        case "no mail address":
            return ada, f"{start}/who", who | {"address": "ada at home"}
        case "a language nobody writes":
            return ada, f"{start}/who", who | {"language": "de"}
        case "a sixth link within the hour":
            for _ in range(5):
                assert (await town.send(ada, f"{start}/who", **who)).status == 200
            return ada, f"{start}/who", who
        case "a link nobody was mailed":
            return ada, "/deposits/nothing", {}
        case "a link of yesterday":
            await town.send(ada, f"{start}/who", **who)
            await town.connection.execute("update deposit_link set expires_at = now()")
            return ada, await town.link("ada@example.org"), {}
        case "a link whose phase has closed":
            await town.send(ada, f"{start}/who", **who)
            await town.set_phase("ideas", "closed")
            return ada, await town.link("ada@example.org"), {}
    raise AssertionError(what)


DEPOSITING = [
    ("depositing before its time", 409, "phase_not_open"),
    ("an idea after its time", 409, "phase_not_open"),
    ("an idea for a programme nobody made", 404, "programme_unknown"),
    ("an idea without a title", 422, "title_refused"),
    ("a title in two lines", 422, "title_refused"),
    ("a long summary", 422, "words_refused"),
    ("a summary that turns", 422, "words_refused"),
    ("where before what", 409, "deposit_not_begun"),
    ("a territory elsewhere", 422, "territory_unknown"),
    ("who before where", 409, "deposit_not_begun"),
    ("no name", 422, "words_refused"),
    ("no mail address", 422, "address_refused"),
    ("a language nobody writes", 422, "language_refused"),
    ("a sixth link within the hour", 429, "too_many_links"),
    ("a link nobody was mailed", 410, "link_unknown"),
    ("a link of yesterday", 410, "link_unknown"),
    ("a link whose phase has closed", 409, "phase_not_open"),
]


@pytest.mark.parametrize(("what", "status", "code"), DEPOSITING)
async def test_a_deposit_is_refused_and_leaves_nothing(
    town: Town, what: str, status: int, code: str
) -> None:
    browser, path, said = await _depositing(town, what)
    before = await town.snapshot()
    assert refusal(await town.send(browser, path, **said)) == (status, code)
    assert await town.snapshot() == before


async def _at_a_counter(town: Town, what: str) -> tuple[Browser, str, dict[str, str]]:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    new = f"/desk/programmes/{town.programme_id}/counters/new"
    counter = {
        "place": "Arras",
        "territory": "artois",
        "begins_at": "2199-03-01T18:00",
        "ends_at": "2199-03-01T20:00",
        "capacity": "1",
    }
    match what:
        case "a counter of the past":
            return adviser, new, counter | {"begins_at": "2020-03-01T18:00"}
        case "a counter that ends before it begins":
            return adviser, new, counter | {"ends_at": "2199-03-01T17:00"}
        case "a counter without a day":
            return adviser, new, counter | {"begins_at": "demain"}
        case "a counter without places":
            return adviser, new, counter | {"capacity": "0"}
        case "a counter nowhere":
            return adviser, new, counter | {"place": ""}
        case "a counter in another's territory":
            other = await town.officer(
                Role.ADVISER, programme_id=town.programme_id, territory="calaisis"
            )
            return other, new, counter
        case "a counter that a member of the committee announces":
            return await town.officer(Role.COMMITTEE), new, counter
    project_id = await town.deposit(ada)
    gathering_id = await town.counter(adviser, capacity=1)
    asking, chosen = f"/projects/{project_id}/counter", {"counter": str(gathering_id)}
    match what:
        case "asking no counter":
            return ada, asking, {}
        case "asking a counter nobody announced":
            return ada, asking, {"counter": str(uuid4())}
        case "asking a counter of another programme":
            here, town.programme_id = town.programme_id, await town.publish(rehearsal=True)
            elsewhere = await town.counter(adviser)
            town.programme_id = here
            return ada, asking, {"counter": str(elsewhere)}
        case "asking after the counters":
            await town.set_phase("counters", "closed")
            return ada, asking, chosen
        case "asking for another's idea":
            bob = town.browser()
            await town.deposit(bob, "bob@example.org")
            return bob, asking, chosen
        case "asking when signed out":
            return town.browser(), asking, chosen
        case "asking a counter that is over":
            await town.connection.execute(
                "update gathering set begins_at = now() - interval '2 h', ends_at = now()"
            )
            return ada, asking, chosen
    handoff_id = await town.ask(ada, project_id, gathering_id)
    act = f"/desk/handoffs/{handoff_id}"
    match what:
        case "asking two counters at once":
            return ada, asking, chosen
        case "accepting in another's territory":
            other = await town.officer(
                Role.ADVISER, programme_id=town.programme_id, territory="calaisis"
            )
            return other, f"{act}/accept", {}
        case "accepting one's own idea":
            return ada, f"{act}/accept", {}
        case "declining without a reason":
            return adviser, f"{act}/decline", {"reason": "  "}
        case "marking who was not accepted":
            return adviser, f"{act}/attended", {}
        case "handing on where there is one desk":
            return adviser, f"{act}/redirect", {"desk": "counters", "reason": REASON}
        case "answering a request nobody made":
            return adviser, f"/desk/handoffs/{uuid4()}/accept", {}
    assert (await town.send(adviser, f"{act}/accept")).status == 200
    match what:
        case "accepting twice":
            return adviser, f"{act}/accept", {}
        case "declining who was accepted":
            return adviser, f"{act}/decline", {"reason": REASON}
        case "missing without a reason":
            return adviser, f"{act}/missed", {}
        case "marking before the counter begins":
            await town.connection.execute("update programme set rehearsal = false")
            return adviser, f"{act}/attended", {}
        case "handing back who has a place":
            return adviser, f"{act}/return", {"reason": REASON}
        case "a second place at the same counter":
            return adviser, f"{act}/schedule", chosen
        case "a place at a full counter":
            full = await town.counter(adviser, capacity=1)
            bob = town.browser()
            project_id = await town.deposit(bob, "bob@example.org")
            taken = await town.ask(bob, project_id, full)
            await town.send(adviser, f"/desk/handoffs/{taken}/accept")
            return adviser, f"{act}/schedule", {"counter": str(full)}
        case "taking another's request back":
            bob = town.browser()
            project_id = await town.deposit(bob, "bob@example.org")
            return bob, f"/projects/{project_id}/handoffs/{handoff_id}/withdraw", {}
    raise AssertionError(what)


AT_A_COUNTER = [
    ("a counter of the past", 422, "window_refused"),
    ("a counter that ends before it begins", 422, "window_refused"),
    ("a counter without a day", 422, "window_refused"),
    ("a counter without places", 422, "capacity_refused"),
    ("a counter nowhere", 422, "words_refused"),
    ("a counter in another's territory", 403, "forbidden"),
    ("a counter that a member of the committee announces", 403, "forbidden"),
    ("asking no counter", 404, "counter_unknown"),
    ("asking a counter nobody announced", 404, "counter_unknown"),
    ("asking a counter of another programme", 404, "counter_unknown"),
    ("asking after the counters", 409, "phase_not_open"),
    ("asking for another's idea", 404, "project_unknown"),
    ("asking when signed out", 401, "sign_in_needed"),
    ("asking a counter that is over", 409, "counter_over"),
    ("asking two counters at once", 409, "handoff_waiting"),
    ("accepting in another's territory", 403, "forbidden"),
    ("accepting one's own idea", 403, "forbidden"),
    ("declining without a reason", 422, "words_refused"),
    ("missing without a reason", 422, "words_refused"),
    ("marking who was not accepted", 409, "handoff_decided"),
    ("answering a request nobody made", 404, "handoff_unknown"),
    ("accepting twice", 409, "handoff_decided"),
    ("declining who was accepted", 409, "handoff_decided"),
    ("marking before the counter begins", 409, "counter_not_begun"),
    ("handing on where there is one desk", 422, "desk_unknown"),
    ("handing back who has a place", 409, "handoff_decided"),
    ("a second place at the same counter", 409, "handoff_decided"),
    ("a place at a full counter", 409, "counter_full"),
    ("taking another's request back", 404, "handoff_unknown"),
]


@pytest.mark.parametrize(("what", "status", "code"), AT_A_COUNTER)
async def test_at_a_counter_what_is_refused_leaves_nothing(
    town: Town, what: str, status: int, code: str
) -> None:
    browser, path, said = await _at_a_counter(town, what)
    before = await town.snapshot()
    assert refusal(await town.send(browser, path, **said)) == (status, code)
    assert await town.snapshot() == before


async def _with_a_dossier(town: Town, what: str) -> tuple[Browser, str, dict[str, str]]:
    ada, member = town.browser(), await town.officer(Role.COMMITTEE)
    project_id = await town.deposit(ada)
    filing = f"/projects/{project_id}/dossier"
    desk = f"/desk/projects/{project_id}"
    labelling = {"family": "cooperation", "reason": REASON}
    match what:
        case "a dossier without a counter":
            return ada, filing, DOSSIER
        case "reviewing an idea without a dossier":
            return member, f"{desk}/review", {}
        case "labelling an idea without a dossier":
            return member, f"{desk}/label", labelling
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    match what:
        case "a wrong legal status":
            return ada, filing, DOSSIER | {"status": "limited-company"}
        case "a cost over every ceiling":
            return ada, filing, DOSSIER | {"cost": "20 000,01"}
        case "a cost that is none":
            return ada, filing, DOSSIER | {"cost": "beaucoup"}
        case "a cost of nothing":
            return ada, filing, DOSSIER | {"cost": "0"}
        case "a document nobody asks for":
            return ada, filing, DOSSIER | {"document-passport": "yes"}
        case "a dossier without an organisation":
            return ada, filing, DOSSIER | {"carrier": ""}
        case "a dossier after its time":
            await town.set_phase("dossiers", "closed")
            return ada, filing, DOSSIER
        case "another's dossier":
            bob = town.browser()
            await town.deposit(bob, "bob@example.org")
            return bob, filing, DOSSIER
        case "a dossier by an officer":
            return member, filing, DOSSIER
    cost = "10 000,01" if what == "a label whose ceiling is lower" else "4 000"
    declared = {n: v for n, v in DOSSIER.items() if n != "document-budget"}
    said = declared if what == "complete without a document" else DOSSIER
    assert (await town.send(ada, filing, **(said | {"cost": cost}))).status == 200
    shown = await town.shown(member, project_id)
    labelling |= shown
    match what:
        case "complete without a document":
            return member, f"{desk}/review", shown
        case "a missing document nobody asks for":
            return member, f"{desk}/review", {"missing-passport": "yes", **shown}
        case "missing when nobody can add it":
            await town.set_phase("dossiers", "closed")
            return member, f"{desk}/review", {"missing-budget": "yes"}
        case "a label without a review":
            return member, f"{desk}/label", labelling
        case "a label for a carrier":
            return ada, f"{desk}/label", labelling
        case "a label by an adviser":
            return await town.officer(Role.ADVISER), f"{desk}/label", labelling
        case "a label by another programme's committee":
            elsewhere = await town.officer(Role.COMMITTEE, programme_id=uuid4())
            return elsewhere, f"{desk}/label", labelling
        case "a label for what is incomplete":
            await town.send(member, f"{desk}/review", **{"missing-budget": "yes"}, **shown)
            return member, f"{desk}/label", labelling | await town.shown(member, project_id)
    assert (await town.send(member, f"{desk}/review", **shown)).status == 200
    shown = await town.shown(member, project_id)
    labelling |= shown
    match what:
        case "a label for what was changed":
            assert (
                await town.send(ada, filing, **(DOSSIER | {"cost": "3 000", "revision": "1"}))
            ).status == 200
            return member, f"{desk}/label", labelling | await town.shown(member, project_id)
        case "a label whose ceiling is lower":
            return member, f"{desk}/label", labelling | {"family": "social-innovation"}
        case "a label of no family":
            return member, f"{desk}/label", labelling | {"family": "best-friends"}
        case "a label without a family":
            return member, f"{desk}/label", {"reason": REASON, **shown}
        case "a label without a reason":
            return member, f"{desk}/label", labelling | {"reason": ""}
        case "a label before its time" | "refusing after its time":
            await town.set_phase("labelling", "coming" if "before" in what else "closed")
            act = "label" if "before" in what else "refuse"
            return member, f"{desk}/{act}", labelling
        case "refusing without a reason":
            return member, f"{desk}/refuse", {}
    if what == "labelling what was refused":
        assert (await town.send(member, f"{desk}/refuse", **labelling)).status == 200
        return member, f"{desk}/label", labelling
    assert (await town.send(member, f"{desk}/label", **labelling)).status == 200
    match what:
        case "a second label":
            return member, f"{desk}/label", labelling
        case "refusing what is labelled":
            return member, f"{desk}/refuse", labelling
        case "reviewing what is labelled":
            return member, f"{desk}/review", shown
        case "amending what is labelled":
            return ada, filing, DOSSIER | {"cost": "3 000", "revision": "1"}
        case "erasing without being sure":
            return ada, f"/projects/{project_id}/erase", {}
        case "erasing another's idea":
            bob = town.browser()
            await town.deposit(bob, "bob@example.org")
            return bob, f"/projects/{project_id}/erase", {"sure": "yes"}
        case "erasing when signed out":
            return town.browser(), f"/projects/{project_id}/erase", {"sure": "yes"}
        case "erasing by the committee":
            return member, f"{desk}/erase", {"sure": "yes"}
    raise AssertionError(what)


WITH_A_DOSSIER = [
    ("a dossier without a counter", 409, "counter_not_attended"),
    ("reviewing an idea without a dossier", 404, "dossier_unknown"),
    ("labelling an idea without a dossier", 404, "dossier_unknown"),
    ("a wrong legal status", 422, "carrier_status_refused"),
    ("a cost over every ceiling", 422, "cost_over_ceiling"),
    ("a cost that is none", 422, "cost_refused"),
    ("a cost of nothing", 422, "cost_refused"),
    ("a document nobody asks for", 422, "document_unknown"),
    ("a dossier without an organisation", 422, "words_refused"),
    ("a dossier after its time", 409, "phase_not_open"),
    ("another's dossier", 404, "project_unknown"),
    ("a dossier by an officer", 403, "forbidden"),
    ("complete without a document", 409, "dossier_incomplete"),
    ("a missing document nobody asks for", 422, "document_unknown"),
    ("missing when nobody can add it", 409, "phase_not_open"),
    ("a label without a review", 409, "dossier_incomplete"),
    ("a label for a carrier", 403, "forbidden"),
    ("a label by an adviser", 403, "forbidden"),
    ("a label by another programme's committee", 403, "forbidden"),
    ("a label for what is incomplete", 409, "dossier_incomplete"),
    ("a label for what was changed", 409, "dossier_incomplete"),
    ("a label whose ceiling is lower", 422, "cost_over_ceiling"),
    ("a label of no family", 422, "family_unknown"),
    ("a label without a family", 422, "family_unknown"),
    ("a label without a reason", 422, "words_refused"),
    ("a label before its time", 409, "phase_not_open"),
    ("refusing after its time", 409, "phase_not_open"),
    ("refusing without a reason", 422, "words_refused"),
    ("labelling what was refused", 409, "already_decided"),
    ("a second label", 409, "already_decided"),
    ("refusing what is labelled", 409, "already_decided"),
    ("reviewing what is labelled", 409, "already_decided"),
    ("amending what is labelled", 409, "already_decided"),
    ("erasing without being sure", 422, "confirmation_missing"),
    ("erasing another's idea", 404, "project_unknown"),
    ("erasing when signed out", 404, "project_unknown"),
    ("erasing by the committee", 403, "forbidden"),
]


@pytest.mark.parametrize(("what", "status", "code"), WITH_A_DOSSIER)
async def test_with_a_dossier_what_is_refused_leaves_nothing(
    town: Town, what: str, status: int, code: str
) -> None:
    browser, path, said = await _with_a_dossier(town, what)
    before = await town.snapshot()
    assert refusal(await town.send(browser, path, **said)) == (status, code)
    assert await town.snapshot() == before
