"""Who votes on paper is marked before: the first channel wins, whichever it is."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from comptoir.browser import HTML
from shared.codes import new_code
from shared.events.acts import RoundExtended
from shared.events.paper import PapersMarked
from shared.people import Role
from shared.people.forms import form_token
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import Edition
from tests.voting.roll.test_desk import SESSION, VISITOR, officer
from tests.voting.roll.test_letters import IDENTITY, POSTED, begins_as, post, tokens_of

WHO = {
    "birth_name": "Lefèbvre",
    "first_name": "Ada",
    "born": "1970-02-03",
    "country": "FR",
    "commune": "62041",
    "territory": "artois",
}


class Counter:
    """An officer at the paper desk of one round."""

    def __init__(self, roll: Roll, round_id: UUID, headers: dict[str, str]) -> None:
        self._roll = roll
        self._headers = headers
        self._path = f"/desk/paper/rounds/{round_id}"

    async def mark(self, **fields: str) -> tuple[int, str]:
        """Send a form; the status, and what came of it or the refusal's code."""
        return await self.send("marks", **fields)

    async def send(self, what: str, **fields: str) -> tuple[int, str]:
        form = {"csrf": form_token(VISITOR, SESSION), **fields}
        headers = HTML | self._headers | {"Accept": "application/json"}
        async with (
            aiohttp.ClientSession(self._roll.url, headers=headers) as session,
            session.post(f"{self._path}/{what}", data=form, allow_redirects=False) as answer,
        ):
            if answer.status == 303:
                return 303, answer.headers["Location"].partition("?said=")[2]
            return answer.status, (await answer.json())["code"]

    async def page(self) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession(self._roll.url, headers=HTML | self._headers) as session,
            session.get(self._path) as answer,
        ):
            return answer.status, await answer.text()


async def held(roll: Roll, *, paper: bool = True, opens: float = -60) -> Edition:
    """An edition whose rules let people vote on paper."""
    edition = Edition(opens=opens)
    await roll.handle(*edition.texts(), *edition.preparation(), edition.charter())
    opening = await edition.opening(roll)
    await roll.handle(opening.model_copy(update={"paper": True if paper else None}))
    return edition


async def counter(roll: Roll, edition: Edition, role: Role = Role.RETURNING_OFFICER) -> Counter:
    return Counter(roll, edition.round_id, await officer(roll, edition.programme_id, role))


async def marks(roll: Roll) -> int:
    return int(await roll.connection.fetchval("select count(*) from paper_mark"))


async def test_who_has_a_letter_that_was_tried_too_often_votes_on_paper(roll: Roll) -> None:
    edition, code = await held(roll), new_code()
    letter = {"code": code, **{name: WHO[name] for name in IDENTITY}}
    assert (await post(roll, edition.round_id, letter)).body == POSTED
    await tokens_of(roll, edition.round_id, begins_as(code)[:5])
    desk = await counter(roll, edition)
    assert await desk.mark(code=code) == (303, "marked")
    assert await desk.mark(code=code) == (409, "already_marked")
    new = {**letter, "code": new_code(), "instead_of": code}
    assert (await post(roll, edition.round_id, new)).body == {**POSTED, "known": [1]}
    replaced = new_code()
    ada = {**letter, "code": replaced, "first_name": "Zoé"}
    await post(roll, edition.round_id, ada)
    await tokens_of(roll, edition.round_id, begins_as(replaced)[:5])
    again = {**ada, "code": new_code(), "instead_of": replaced}
    assert (await post(roll, edition.round_id, again)).body == POSTED
    assert await desk.mark(code=replaced) == (404, "code_unknown")
    assert await desk.mark(code=again["code"]) == (303, "marked")


async def test_who_votes_on_paper_gets_no_letter_in_the_place_of_another(roll: Roll) -> None:
    edition, code = await held(roll), new_code()
    letter = {"code": code, **{name: WHO[name] for name in IDENTITY}}
    assert (await post(roll, edition.round_id, letter)).body == POSTED
    await tokens_of(roll, edition.round_id, begins_as(code)[:5])
    desk = await counter(roll, edition)
    assert await desk.mark(**WHO | {"first_name": "Zoé"}) == (303, "marked")
    hers = {**letter, "code": new_code(), "first_name": "Zoé", "instead_of": code}
    assert (await post(roll, edition.round_id, hers)).body == {**POSTED, "known": [1]}
    assert (await post(roll, edition.round_id, hers | {"first_name": "Ada"})).body == POSTED


async def test_a_code_that_was_marked_gets_no_token(roll: Roll) -> None:
    edition = await held(roll)
    desk, code = await counter(roll, edition), await roll.code(edition.round_id)
    assert await desk.mark(code=code) == (303, "marked")
    answer = await roll.token(edition.round_id, code, new_blinded())
    assert (answer.status, answer.body["code"]) == (409, "code_used")
    assert await desk.mark(code=code) == (409, "already_marked")
    assert (await roll.tokens(), await marks(roll)) == (0, 1)


async def test_a_code_that_was_used_gets_no_paper(roll: Roll) -> None:
    edition = await held(roll)
    desk, code = await counter(roll, edition), await roll.code(edition.round_id)
    assert (await roll.token(edition.round_id, code, new_blinded())).status == 201
    assert await desk.mark(code=code) == (409, "code_used")
    assert await marks(roll) == 0


async def test_of_both_channels_at_once_one_wins(roll: Roll) -> None:
    edition = await held(roll)
    desk = await counter(roll, edition)
    codes = [await roll.code(edition.round_id) for _ in range(10)]
    asked: list[Any] = []
    for code in codes:
        asked += [roll.token(edition.round_id, code, new_blinded()), desk.mark(code=code)]
    answers = await asyncio.gather(*asked)
    for token, mark in zip(answers[::2], answers[1::2], strict=True):
        assert (token.status == 201) is not (mark == (303, "marked"))
    assert await roll.tokens() + await marks(roll) == len(codes)


async def test_an_identity_that_was_marked_is_on_the_roll(roll: Roll) -> None:
    edition = await held(roll)
    desk = await counter(roll, edition, Role.ADVISER)
    assert await desk.mark(**WHO) == (303, "marked")
    assert await desk.mark(**WHO | {"birth_name": "LEFEBVRE"}) == (409, "already_marked")
    assert await desk.mark(**WHO | {"first_name": "Zoé", "territory": "elsewhere"}) == (
        422,
        "not_resident",
    )
    assert await desk.mark(**WHO | {"born": "2020-01-01"}) == (422, "too_young")
    assert await marks(roll) == 1
    kept = await roll.connection.fetchval("select person from paper_mark")
    assert b"febvre" not in kept.lower() and len(kept) == 32


async def test_an_envelope_of_somebody_with_another_channel_is_set_aside(roll: Roll) -> None:
    edition = await held(roll)
    desk = await counter(roll, edition)
    used, free = await roll.code(edition.round_id), await roll.code(edition.round_id)
    await roll.token(edition.round_id, used, new_blinded())
    await roll.close(edition.round_id)
    assert await desk.mark(code=free) == (409, "voting_closed")
    assert await desk.mark(code=free, envelope="yes") == (303, "marked")
    for code in (free, used):
        assert await desk.mark(code=code, envelope="yes") == (303, "set_aside")
    assert await desk.mark(code=new_code(), envelope="yes") == (404, "code_unknown")
    assert await desk.send("counted") == (303, "")
    [said] = await roll.announced(PapersMarked)
    assert (said["marked"], said["set_aside"]) == (1, 2)
    assert said["last_number"] > 0
    # Once and for all.
    assert await desk.mark(code=free, envelope="yes") == (409, "papers_marked")
    assert await desk.send("counted") == (303, "")
    assert len(await roll.announced(PapersMarked)) == 1
    status, text = await desk.page()
    assert status == 200 and "nobody is marked any more" in text


async def test_nobody_is_marked_before_voting_or_where_the_rules_know_no_paper(roll: Roll) -> None:
    plain = await held(roll, paper=False)
    code = await roll.code(plain.round_id)
    assert await (await counter(roll, plain)).mark(code=code) == (409, "no_paper")


async def test_nobody_is_marked_before_voting_begins(roll: Roll) -> None:
    early = await held(roll, opens=600)
    code = await roll.code(early.round_id)
    assert await (await counter(roll, early)).mark(code=code) == (409, "not_open")


async def test_marks_are_counted_when_voting_is_over(roll: Roll) -> None:
    edition = await held(roll)
    assert await (await counter(roll, edition)).send("counted") == (409, "voting_open")
    assert await roll.announced(PapersMarked) == []


async def test_an_officer_of_another_programme_marks_nobody(roll: Roll) -> None:
    edition = await held(roll)
    code = await roll.code(edition.round_id)
    headers = await officer(roll, uuid4(), Role.ADVISER)
    desk = Counter(roll, edition.round_id, headers)
    assert (await desk.mark(code=code))[0] == 403
    assert (await desk.page())[0] == 403


@pytest.mark.parametrize("closed", [False, True])
async def test_an_extension_moves_the_end_of_an_open_round_only(roll: Roll, closed: bool) -> None:
    round_id = await roll.opened(closes=3600)
    code = await roll.code(round_id)
    select = "select closes_at from round where round_id = $1"
    before = await roll.connection.fetchval(select, round_id)
    if closed:
        await roll.close(round_id)
    by = {"reason": "box-down", "officers": (uuid4(), uuid4())}
    for hours in (3, 2):
        later = before + timedelta(hours=hours)
        event = RoundExtended.model_validate({"round_id": round_id, "closes_at": later, **by})
        await roll.handle(event)
    after = await roll.connection.fetchval(select, round_id)
    assert after - before == timedelta(hours=0 if closed else 3)
    assert (await roll.token(round_id, code, new_blinded())).status == (409 if closed else 201)
