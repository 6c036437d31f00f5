"""What needs two officers happens with two, once, and leaves its events."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser
from shared.canonical import commitment
from tests.shared.people.conftest import Browsers, Desk

ASKED = "voting.second-officer-asked.v1"
CONSENTED = "voting.second-officer-consented.v1"
DECLINED = "voting.second-officer-declined.v1"


async def ask(
    officer: Browser, what: str = "it", about: str = "round", reason: str = "it is time"
) -> tuple[int, str]:
    page = await officer.get("/form")
    csrf = page.fields("/sign-in/staff")["csrf"]
    fields = {"csrf": csrf, "what": what, "about": about, "reason": reason}
    seen = await officer.post("/ask", fields)
    return seen.status, seen.text.strip('"')


async def answer(officer: Browser, act: str, how: str, **fields: str) -> tuple[int, str]:
    csrf = (await officer.get("/form")).fields("/sign-in/staff")["csrf"]
    seen = await officer.post(f"/desk/acts/{act}/{how}", {"csrf": csrf, **fields})
    return seen.status, seen.text


async def test_two_officers_do_it_and_the_record_says_so(browsers: Browsers, desk: Desk) -> None:
    alix, basile = await browsers.officer("alix"), await browsers.officer("basile")
    status, act = await ask(alix)
    assert status == 200 and UUID(act)
    page = await basile.get("/desk/acts")
    assert "Alix Moreau" in page.text and "it is time" in page.text
    assert not await desk.connection.fetch("table done")
    assert (await basile.fill(page, f"/desk/acts/{act}/confirm")).status == 200
    [done] = await desk.connection.fetch("table done")
    assert done["asked"] != done["confirmed"]
    [asked] = map(json.loads, await desk.announced(ASKED))
    [consented] = map(json.loads, await desk.announced(CONSENTED))
    assert asked["act_id"] == consented["act_id"] == act
    assert UUID(asked["officer"]) == done["asked"]
    assert UUID(consented["officer"]) == done["confirmed"]
    everything = json.dumps([asked, consented])
    assert "Alix Moreau" not in everything and "it is time" not in everything


async def test_nobody_confirms_what_she_asked_for(browsers: Browsers, desk: Desk) -> None:
    alix = await browsers.officer("alix")
    _, act = await ask(alix)
    status, text = await answer(alix, act, "confirm")
    assert status == 409 and "same_officer" in text
    again = await browsers.officer("alix")  # in another session she is the same
    assert (await answer(again, act, "confirm"))[0] == 409
    assert not await desk.connection.fetch("table done")


async def test_the_table_itself_refuses_one_officer_alone(browsers: Browsers, desk: Desk) -> None:
    alix = await browsers.officer("alix")
    await ask(alix)
    with pytest.raises(Exception, match="act_check"):
        await desk.connection.execute(
            "update act set state = 'done', answered_by = asked_by, answered_at = now()"
        )


async def test_who_lacks_the_role_neither_asks_nor_sees_nor_confirms(
    browsers: Browsers, desk: Desk
) -> None:
    alix, hugo = await browsers.officer("alix"), await browsers.officer("hugo")
    assert (await ask(hugo))[0] == 403
    _, act = await ask(alix)
    assert (await hugo.get("/desk/acts")).status == 403
    assert (await answer(hugo, act, "confirm"))[0] == 403
    assert not await desk.connection.fetch("table done")


async def test_confirming_at_the_same_time_does_it_once(browsers: Browsers, desk: Desk) -> None:
    alix, basile = await browsers.officer("alix"), await browsers.officer("basile")
    _, act = await ask(alix)
    answers = await asyncio.gather(*(answer(basile, act, "confirm") for _ in range(8)))
    assert [status for status, _ in answers] == [200] * 8, "she pressed eight times"
    assert len(await desk.connection.fetch("table done")) == 1
    assert len(await desk.announced(CONSENTED)) == 1
    status, text = await answer(basile, act, "decline", reason="I have thought again")
    assert (status, "act_answered" in text) == (409, True), "what was done is done"


async def test_declining_twice_is_declining_once_and_for_one_reason(
    browsers: Browsers, desk: Desk
) -> None:
    alix, basile = await browsers.officer("alix"), await browsers.officer("basile")
    _, act = await ask(alix)
    for _ in range(2):
        assert (await answer(basile, act, "decline", reason="the hall is closed"))[0] == 200
    for who, reason in ((basile, "the hall is full"), (alix, "the hall is closed")):
        status, text = await answer(who, act, "decline", reason=reason)
        assert (status, "act_answered" in text) == (409, True)
    assert len(await desk.announced(DECLINED)) == 1


async def test_asked_twice_it_waits_once_and_other_figures_are_another_matter(
    browsers: Browsers, desk: Desk
) -> None:
    alix = await browsers.officer("alix")
    asked = await asyncio.gather(*(ask(alix) for _ in range(5)))
    assert len(set(asked)) == 1
    assert len(await desk.announced(ASKED)) == 1
    status, text = await ask(alix, what="something else")
    assert status == 409 and "act_waiting" in text
    assert (await ask(alix, what="something else", about="another round"))[0] == 200


async def test_what_fails_when_it_is_done_stays_undone_and_waits(
    browsers: Browsers, desk: Desk
) -> None:
    alix, basile = await browsers.officer("alix"), await browsers.officer("basile")
    _, act = await ask(alix, what="impossible")
    assert (await answer(basile, act, "confirm"))[0] == 500
    assert not await desk.connection.fetch("table done")
    assert await desk.connection.fetchval("select state from act") == "waiting"
    assert not await desk.announced(CONSENTED)


@pytest.mark.parametrize(
    "reason", ["", "no", "a\0bc", "a\x1bbc", "a\u202ebc", "\u200b" * 5, "x" * 1_001]
)
async def test_a_reason_that_nobody_can_read_asks_for_nothing(
    browsers: Browsers, desk: Desk, reason: str
) -> None:
    alix = await browsers.officer("alix")
    status, text = await ask(alix, reason=reason)
    assert status == 422 and "reason_missing" in text
    assert not await desk.connection.fetch("table act")


async def test_declining_needs_a_reason_and_ends_it(browsers: Browsers, desk: Desk) -> None:
    alix, basile = await browsers.officer("alix"), await browsers.officer("basile")
    _, act = await ask(alix)
    status, text = await answer(basile, act, "decline", reason=" ")
    assert status == 422 and "reason_missing" in text
    assert (await answer(basile, act, "decline", reason="the hall is closed"))[0] == 200
    status, text = await answer(basile, act, "confirm")
    assert status == 409 and "act_answered" in text
    [declined] = await desk.announced(DECLINED)
    assert "hall" not in declined
    [kept] = await desk.connection.fetch("select answer, answer_salt from act")
    assert json.loads(declined)["reason"] == commitment(kept["answer_salt"], kept["answer"]).hex()
    assert "the hall is closed" in (await alix.get("/desk/acts")).text
    assert (await ask(alix))[1] != act


async def test_what_somebody_asked_who_has_lost_her_role_is_not_done(
    browsers: Browsers, desk: Desk
) -> None:
    alix, basile = await browsers.officer("alix"), await browsers.officer("basile")
    _, act = await ask(alix)
    asked_by = await desk.connection.fetchval("select asked_by from act")
    await desk.connection.execute("delete from role_grant where officer_id = $1", asked_by)
    status, text = await answer(basile, act, "confirm")
    assert status == 409 and "asker_without_role" in text
    assert not await desk.connection.fetch("table done")
    assert await desk.connection.fetchval("select state from act") == "waiting"
    assert (await answer(basile, act, "decline", reason="she has left"))[0] == 200


async def test_the_list_has_everything_that_waits_and_says_what_it_leaves_out(
    browsers: Browsers, desk: Desk
) -> None:
    """However much is another programme's, or was answered since."""
    alix, elise = await browsers.officer("alix"), await browsers.officer("elise")
    _, first = await ask(alix)
    here = uuid4()
    await desk.connection.execute(
        "insert into act (act_id, act, about, programme_id, parameters, digest, reason, salt,"
        " asked_by, state, answered_by, answered_at)"
        " select gen_random_uuid(), act, about || n, case when n > 300 then $1::uuid end,"
        " parameters, digest, reason, salt, asked_by, how.state, how.by, how.at"
        " from act, generate_series(1, 330) n,"
        " (values ('waiting', null, null), ('done', $1::uuid, now())) how (state, by, at)",
        here,
    )
    seen = await alix.get("/desk/acts")
    assert len([each for each in seen.forms() if each.endswith("/decline")]) == 331
    assert f"/desk/acts/{first}/decline" in seen.forms()
    assert "Those answered before" in seen.words()
    await desk.connection.execute(
        "insert into role_grant select officer_id, 'administrator', $1 from officer"
        " where name = 'Élise Caron'",
        here,
    )
    seen = await elise.get("/desk/acts")
    assert len([each for each in seen.forms() if each.endswith("/confirm")]) == 30


async def test_an_act_without_a_reason_is_not_even_asked_for(
    browsers: Browsers, desk: Desk
) -> None:
    alix = await browsers.officer("alix")
    status, text = await ask(alix, reason="")
    assert status == 422 and "reason_missing" in text
    assert not await desk.announced(ASKED)


async def test_a_reason_that_no_database_keeps_is_refused(browsers: Browsers) -> None:
    alix = await browsers.officer("alix")
    status, text = await ask(alix, reason="it is\0time")
    assert status == 422 and "reason_missing" in text


async def test_an_act_that_never_was_is_unknown(browsers: Browsers) -> None:
    alix = await browsers.officer("alix")
    status, text = await answer(alix, str(uuid4()), "confirm")
    assert status == 404 and "act_unknown" in text
