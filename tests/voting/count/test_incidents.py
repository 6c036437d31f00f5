"""Incidents that others had, as they would happen at count (`tests/voting/README.md`)."""

from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from shared.people.roles import NOBODY
from tests.access import accesses
from tests.contracts.processes import applications
from tests.voting.count.conftest import ServedCount
from tests.voting.count.funding.national import telling_its_siret
from tests.voting.count.test_sealed import OPENINGS, closed, send
from voting.count.results.routes import MOST_STEPS

ROUND = "/rounds/{round_id}"
# What each says of a sealed round that waits for its last opening.
UNDECIDED = {
    ROUND: 200,
    f"{ROUND}/commission": 200,
    f"{ROUND}/events": 200,
    f"{ROUND}/follow-up": 200,
    f"{ROUND}/funding.json": 200,
    f"{ROUND}/live": 200,
    f"{ROUND}/options": 200,
    f"{ROUND}/results": 200,
    f"{ROUND}/results.csv": 409,
    f"{ROUND}/results.json": 409,
    f"{ROUND}/results.pb": 409,
    f"{ROUND}/seats": 409,  # there are none in a sealed round
    f"{ROUND}/subventions.csv": 200,
}
# How votes are said, by each form that says them.
VOTES = ('"votes":{"', '"tally":{"', "data-votes", '"votes":"')


def public_pages(directory: Path) -> set[str]:
    """What anybody may get of a round."""
    count = applications(directory)["voting.count"]
    return {
        access.path
        for access in accesses("voting.count", count)
        if access.method == "GET" and access.path.startswith(ROUND) and access.guard.allows(NOBODY)
    }


async def first_of(url: str) -> tuple[int, str]:
    """The status, and the body; of a stream its first event."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        if not url.endswith("/events"):
            return answer.status, await answer.text()
        return answer.status, (await answer.content.readuntil(b"\n\n")).decode()


async def test_no_open_data_say_a_vote_of_a_sealed_round_before_all_are_opened(
    served_count: ServedCount, tmp_path: Path
) -> None:
    """An export of open data gave running totals away while people still voted."""
    assert public_pages(tmp_path) == UNDECIDED.keys(), "does the new one say votes too early?"
    round_id = await closed(served_count)
    assert (await send(served_count, round_id, *OPENINGS[:3])).body == {"opened": 3, "left": 1}
    await served_count.eventually(round_id, lambda found: found["openings"] == 3)
    async with telling_its_siret(served_count, tmp_path) as client:
        for path, status in UNDECIDED.items():
            found, body = await first_of(client.url + path.format(round_id=round_id))
            assert found == status, path
            assert not [word for word in VOTES if word in body.replace(" ", "")], path


@pytest.mark.parametrize("path", UNDECIDED)
async def test_an_id_that_was_guessed_opens_nothing(served_count: ServedCount, path: str) -> None:
    answer = await served_count.client.ask("GET", path.format(round_id=uuid4()))
    assert answer.status == 404
    for guess in ("1", "0", "-1", "*", "%00", "..%2f..%2fdesk", "1'%20or%20'1'='1"):
        answer = await served_count.client.ask("GET", path.format(round_id=guess))
        assert 400 <= answer.status < 500, guess


BEYOND = str(MOST_STEPS + 1)
HOSTILE = ("1;drop table ballot", "1' or '1'='1", "<script>alert(1)</script>", "0", BEYOND)


@pytest.mark.parametrize("typed", HOSTILE)
async def test_what_is_typed_behind_a_question_mark_is_a_number_or_refused(
    served_count: ServedCount, typed: str
) -> None:
    """No order and no search of ours is a text that reaches the database."""
    round_id = await closed(served_count)
    url = f"{served_count.client.url}/rounds/{round_id}/results.pb"
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, params={"step": typed, "sort": typed, "order_by": typed}) as answer,
    ):
        assert answer.status == 422
        assert "<script>" not in await answer.text()
    assert await served_count.connection.fetchval("select count(*) from ballot") == 4
