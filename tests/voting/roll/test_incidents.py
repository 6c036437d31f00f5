"""Incidents that others had, as they would happen at the roll (`tests/voting/README.md`)."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from shared.people.roles import NOBODY
from tests.access import accesses
from tests.contracts.processes import applications
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import EASY, Edition
from tests.voting.roll.registering import kept, register, telephone

ROUND = "/rounds/{round_id}"


def public_pages(directory: Path) -> list[str]:
    """What anybody may get of a round."""
    roll = applications(directory)["voting.roll"]
    return [
        access.path
        for access in accesses("voting.roll", roll)
        if access.method == "GET" and access.path.startswith(ROUND) and access.guard.allows(NOBODY)
    ]


async def test_an_id_that_was_guessed_opens_nothing(roll: Roll, tmp_path: Path) -> None:
    pages = public_pages(tmp_path)
    assert pages
    for page in pages:
        answer = await roll.client.ask("GET", page.format(round_id=uuid4(), reference=uuid4()))
        assert answer.status == 404, page
        for guess in ("1", "-1", "*", "..%2f..%2fdesk", "1'%20or%20'1'='1"):
            answer = await roll.client.ask("GET", page.format(round_id=guess, reference=guess))
            assert 400 <= answer.status < 500, (page, guess)


async def test_a_code_that_has_ended_opens_no_other_door(roll: Roll) -> None:
    """An invitation that had expired was still good at another address."""
    round_id = await roll.opened()
    used, unused = await roll.code(round_id), await roll.code(round_id)
    assert (await roll.token(round_id, used, new_blinded())).status == 201
    other = await roll.opened()
    assert (await roll.token(other, unused, new_blinded())).refusal == (404, "code_unknown")
    assert (await roll.tier(other, unused)).refusal == (404, "code_unknown")
    await roll.close(round_id)
    for code in (used, unused):
        assert (await roll.token(round_id, code, new_blinded())).refusal[1] in (
            "voting_closed",
            "code_used",
        )
    assert (await roll.imported(round_id, [unused])).status == 409
    assert await roll.tokens() == 1


async def test_another_telephone_makes_nobody_another_person(roll: Roll) -> None:
    """Whoever had two telephones voted twice."""
    round_id = await Edition().held(roll)
    for number in (1, 2):
        await register(roll, round_id, telephone=telephone(number))
    assert (await kept(roll))["code"] == (await kept(roll))["person"] == 1
    [row] = await roll.connection.fetch("select state, contested from held")
    assert (row["state"], row["contested"]) == ("waiting", True)


async def test_sixty_five_telephones_behind_one_address_are_held_and_none_is_dropped(
    roll: Roll,
) -> None:
    """65 telephones of one household voted."""
    most = 5
    round_id = await Edition(screening=EASY.model_copy(update={"burst": most})).held(roll)
    for number in range(65):
        named = f"A{chr(97 + number // 26)}{chr(97 + number % 26)}"
        await register(roll, round_id, first_name=named, telephone=telephone(number))
    assert (await kept(roll))["code"] == most
    states = await roll.connection.fetch("select state, count(*) from held group by state")
    assert [tuple(row) for row in states] == [("waiting", 65 - most)]


async def test_nobody_is_142_years_old(roll: Roll) -> None:
    """Voters aged 142 were on a roll."""
    round_id = await Edition().held(roll)
    for years in (116, 142):
        born = f"{datetime.now(UTC).year - years}-01-01"
        seen = await register(roll, round_id, born=born)
        assert seen.status == 422 and "check it" in seen.text
    assert (await kept(roll))["person"] == 0
