"""Which page's script may read the box's answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.serving import served, settings
from tests.voting.box.conftest import Box, ServedBox
from tests.voting.box.voters import Voter
from voting.box.app import BoxSettings, application

ROLL = "https://vote.example.org"
ALLOWED = "Access-Control-Allow-Origin"


@pytest.fixture
async def open_box(box: Box, tmp_path: Path) -> AsyncIterator[ServedBox]:
    """A box that knows where the voting page comes from."""
    known = settings(BoxSettings, box.dsn, keys=tmp_path, sites={"roll": f"{ROLL}/"})
    async with served(application(known, kafka=False)) as client:
        served_box = ServedBox(box.connection, box.dsn, client)
        yield served_box
        await served_box.database.close()


async def test_the_voting_page_reads_promises_keys_and_refusals(open_box: ServedBox) -> None:
    ballot = Voter(await open_box.opened()).ballot([1])
    unknown = Voter(uuid4()).ballot([1])
    for answer, status in (
        (await open_box.client.ask("POST", "/ballots", ballot, Origin=ROLL), 201),
        (await open_box.client.ask("POST", "/ballots", unknown, Origin=ROLL), 404),
        (await open_box.client.ask("POST", "/ballots", b"no ballot", Origin=ROLL), 422),
        (await open_box.client.ask("GET", "/keys", Origin=ROLL), 200),
    ):
        assert (answer.status, answer.headers[ALLOWED]) == (status, ROLL)
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Set-Cookie" not in answer.headers


async def test_a_browser_may_send_json_from_there(open_box: ServedBox) -> None:
    asked = {"Access_Control_Request_Method": "POST", "Origin": ROLL}
    answer = await open_box.client.ask("OPTIONS", "/ballots", **asked)
    assert answer.status == 204
    assert answer.headers[ALLOWED] == ROLL
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"


@pytest.mark.parametrize(
    "origin", ["null", "https://vote.example.org.evil.example", "http://vote.example.org", ""]
)
async def test_no_other_page_reads_anything(open_box: ServedBox, origin: str) -> None:
    asked = {"Access_Control_Request_Method": "POST", "Origin": origin}
    for method, path in (("GET", "/keys"), ("OPTIONS", "/ballots"), ("POST", "/ballots")):
        answer = await open_box.client.ask(method, path, **asked)
        assert ALLOWED not in answer.headers


async def test_without_the_setting_nobody_does(served_box: ServedBox) -> None:
    answer = await served_box.client.ask("GET", "/keys", Origin=ROLL)
    assert answer.status == 200 and ALLOWED not in answer.headers
