"""The returning officer's desk: codes in as a file, counts out by tier."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from comptoir.browser import HTML
from shared.codes import new_code
from shared.delivery import Delivered
from shared.events.submission import RoleGranted
from shared.people import Role
from shared.people.forms import form_token
from shared.people.granted import granted_roles
from shared.people.guards import token_hash
from tests.serving import DESK_KEY
from tests.voting.roll.conftest import Roll, delivered, new_blinded
from tests.voting.roll.elections import TITLE, Edition

VISITOR, SESSION = "v" * 43, "s" * 43
OPERATOR = {"Authorization": f"Bearer {DESK_KEY}"}


async def officer(roll: Roll, programme_id: UUID | None, role: Role) -> dict[str, str]:
    """The headers of an officer who is signed in, with one role."""
    officer_id = uuid4()
    event = RoleGranted(officer=officer_id, role=role, programme_id=programme_id, by=uuid4())
    granted: Delivered[Any] = delivered(event)
    async with roll.database.begin() as session:
        await granted_roles().handle(session, [granted])
    await roll.connection.execute(
        "insert into officer (officer_id, name) values ($1, 'Camille')", officer_id
    )
    await roll.connection.execute(
        "insert into person_session values ($1, $2, 'officer', now() + interval '1 hour')",
        token_hash(SESSION),
        officer_id,
    )
    prefix = "comptoir-voting-roll"
    return {"Cookie": f"{prefix}-visitor={VISITOR}; {prefix}-session={SESSION}"}


async def send(
    roll: Roll, round_id: UUID, content: bytes | None, headers: dict[str, str]
) -> tuple[int, str]:
    """Send the form with a file; the status and the page at the end of redirects."""
    form = aiohttp.FormData({"csrf": form_token(VISITOR, SESSION)}, default_to_multipart=True)
    if content is not None:
        form.add_field("file", content, filename="codes.txt")
    async with (
        aiohttp.ClientSession(roll.url, headers=HTML | headers) as session,
        session.post(f"/desk/rounds/{round_id}/codes", data=form) as answer,
    ):
        return answer.status, await answer.text()


async def page(roll: Roll, path: str, headers: dict[str, str]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession(roll.url, headers=HTML | headers) as session,
        session.get(path, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.text()


async def test_an_officer_imports_a_file_and_sees_the_counts(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    headers = await officer(roll, edition.programme_id, Role.RETURNING_OFFICER)
    codes = [new_code() for _ in range(3)]
    content = "\r\n".join([codes[0].lower(), f"{codes[1][:6]}-{codes[1][6:]}", "", codes[2]])
    status, text = await send(roll, round_id, content.encode(), headers)
    assert status == 200 and "3 codes are new" in text
    status, text = await send(roll, round_id, content.encode(), headers)
    assert status == 200 and "0 code" in text
    assert (await roll.token(round_id, codes[1], new_blinded())).body["tier"] == "A"
    status, text = await page(roll, "/desk", headers)
    assert status == 200 and TITLE in text
    assert "3 codes, of which 1 used" in text


async def test_the_tier_of_the_booth_has_a_name_at_the_desk(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    headers = await officer(roll, edition.programme_id, Role.RETURNING_OFFICER)
    await roll.connection.execute(
        "insert into tier (round_id, tier, public_key)"
        " select round_id, 'S', public_key from tier where round_id = $1 and tier = 'A'",
        round_id,
    )
    for language, words in (("en", "S · the booth"), ("fr", "S · le poste assisté")):
        status, text = await page(roll, f"/desk/rounds/{round_id}?lang={language}", headers)
        assert status == 200 and words in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "A text file is needed"),
        (b"", "A text file is needed"),
        (b" \n\n", "A text file is needed"),
        (b"\xff\xfe", "A text file is needed"),
        (b"23MFFMV0YJH8\nHELLO-WORLD0\n", "Code number 2 of the file"),
    ],
)
async def test_a_file_that_is_none_is_explained(
    roll: Roll, content: bytes | None, said: str
) -> None:
    round_id = await Edition().held(roll)
    status, text = await send(roll, round_id, content, OPERATOR)
    assert status == 422 and said in text and "HELLO" not in text
    assert await roll.connection.fetchval("select count(*) from code") == 0


async def test_after_closing_no_code_is_imported(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    await roll.close(round_id)
    assert (await send(roll, round_id, new_code().encode(), OPERATOR))[0] == 409
    assert (await send(roll, uuid4(), new_code().encode(), OPERATOR))[0] == 404


@pytest.mark.parametrize("what", ["another programme", "another role"])
async def test_others_do_neither(roll: Roll, what: str) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    if what == "another role":
        headers = await officer(roll, edition.programme_id, Role.COMMITTEE)
    else:
        headers = await officer(roll, uuid4(), Role.RETURNING_OFFICER)
        assert TITLE not in (await page(roll, "/desk", headers))[1]
    assert (await page(roll, f"/desk/rounds/{round_id}", headers))[0] == 403
    assert (await send(roll, round_id, new_code().encode(), headers))[0] == 403
    assert await roll.connection.fetchval("select count(*) from code") == 0


async def test_whoever_is_not_signed_in_is_led_there(roll: Roll) -> None:
    assert (await page(roll, "/desk", {}))[0] == 303
    round_id = await Edition().held(roll)
    assert (await send(roll, round_id, new_code().encode(), {}))[0] in (401, 403)
