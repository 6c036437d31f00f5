"""The hold desk: two officers decide with a reason, the person is told, the numbers are public."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.events.roll import RegistrationsCounted, RollActAsked, RollActConsented
from shared.events.voting import TokensIssued
from shared.people import Role
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import EASY, Edition
from tests.voting.roll.registering import code_of, kept, last, register, telephone, used
from tests.voting.roll.signed_in import signed_in
from voting.roll import counting

REASON = "Une fête de quartier, vue par la mairie."


async def held_edition(roll: Roll, **figures: int) -> Edition:
    """An edition whose figures hold somebody soon."""
    edition = Edition(screening=EASY.model_copy(update=figures))
    await edition.held(roll)
    return edition


async def decide(
    roll: Roll, edition: Edition, decision: str, *cases: str, reason: str = REASON
) -> Seen:
    """One officer asks, the other one confirms."""
    desk = f"/desk/rounds/{edition.round_id}/held"
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        fields = (await gaelle.get(desk)).fields(desk)
        chosen = [("cases", case) for case in cases]
        sent = [*fields.items(), ("decision", decision), ("reason", reason)]
        sent = [pair for pair in sent if pair[0] != "cases"] + chosen
        seen = await gaelle.post(desk, sent)
        if seen.status != 200:
            return seen
        acts = await gaelle.get("/desk/acts")
        assert not [a for a in acts.forms() if a.endswith("/confirm")], "nobody confirms her own"
        acts = await hugo.get("/desk/acts")
        [confirm] = [action for action in acts.forms() if action.endswith("/confirm")]
        return await hugo.fill(acts, confirm)


async def cases(roll: Roll) -> list[str]:
    rows = await roll.connection.fetch("select held_id from held where state = 'waiting'")
    return [str(row["held_id"]) for row in rows]


async def test_a_burst_is_held_and_not_dropped_and_admitted_by_two(roll: Roll) -> None:
    edition = await held_edition(roll, burst=2)
    for n in range(3):
        await register(roll, edition.round_id, first_name=f"A{chr(97 + n)}", telephone=telephone(n))
    [case] = await cases(roll)
    message = await last(roll, "registration-held")
    assert message.contact.address.endswith("exemple.example")
    assert message.values["case"] == case[:8]
    page = urlsplit(str(message.values["url"])).path
    async with Browser(roll.url) as browser:
        seen = await browser.get(page)
        assert "Two officers look at it" in seen.text and case[:8] in seen.text
        assert (await decide(roll, edition, "admit", case)).status == 200
        assert "You are on the roll" in (await browser.get(page)).text
    assert (await kept(roll))["code"] == 3
    answer = await roll.token(edition.round_id, await code_of(roll), new_blinded())
    assert (answer.status, answer.body["tier"]) == (201, "B")
    assert (await used(roll)).contact.address.endswith("exemple.example")
    about = [body["about"] for body in await roll.acted(RollActAsked)]
    assert about[0].startswith(str(edition.round_id))
    assert len(await roll.acted(RollActConsented)) == 1


async def test_who_is_declined_reads_why_and_her_identity_is_free_again(roll: Roll) -> None:
    edition = await held_edition(roll, burst=1)
    await register(roll, edition.round_id, first_name="Ada", telephone=telephone(1))
    await register(roll, edition.round_id, telephone=telephone(2))
    [case] = await cases(roll)
    assert (await decide(roll, edition, "decline", case)).status == 200
    message = await last(roll, "registration-declined")
    async with Browser(roll.url) as browser:
        assert REASON in (await browser.get(urlsplit(str(message.values["url"])).path)).text
    assert (await kept(roll))["code"] == 1
    await roll.connection.execute("update seen set minute = minute - 60")
    await register(roll, edition.round_id, telephone=telephone(2))
    assert (await kept(roll))["code"] == 2


async def test_a_contested_identity_gets_its_code_from_two_and_is_counted(roll: Roll) -> None:
    edition = await held_edition(roll)
    for n in range(2):
        await register(roll, edition.round_id, telephone=telephone(n))
    [case] = await cases(roll)
    await decide(roll, edition, "admit", case)
    assert (await kept(roll)) == {"person": 1, "channel": 2, "code": 2, "messages": 5}
    assert (await roll.token(edition.round_id, await code_of(roll), new_blinded())).status == 201
    await roll.close(edition.round_id)
    [counted] = await roll.announced(RegistrationsCounted)
    assert counted == {
        "round_id": str(edition.round_id),
        "registered": {"B": 1},
        "held": {"identity": 1},
        "waiting": 0,
        "admitted": 1,
        "declined": 0,
        "contested": 1,
        "flagged": True,
        "final": True,
    }
    order = await roll.connection.fetch(
        "select type from outbox where topic = 'voting.roll' order by id desc limit 2"
    )
    assert [row["type"] for row in order] == [TokensIssued.type, RegistrationsCounted.type]
    [issued] = await roll.announced(TokensIssued)
    number = await roll.connection.fetchval(
        "select number from outbox where type = $1", RegistrationsCounted.type
    )
    assert issued["last_number"] == number


async def test_counts_are_said_when_they_changed_and_by_ground(roll: Roll) -> None:
    edition = await held_edition(roll, burst=1, age_run=1)
    for n in range(2):
        await register(roll, edition.round_id, first_name=f"A{chr(97 + n)}", telephone=telephone(n))
    for _ in range(2):
        await roll.connection.execute("update counting set intervals = 0")
        await counting.announce_counts(roll.database, 900)
    [counted] = await roll.announced(RegistrationsCounted)
    assert counted["held"] == {"burst": 1, "age-run": 1}
    assert (counted["waiting"], counted["flagged"], counted["final"]) == (1, False, False)


async def declared_lesson(roll: Roll, edition: Edition) -> str:
    """The address of a class of four, declared for now; the form is sent twice."""
    desk = f"/desk/rounds/{edition.round_id}/lessons"
    async with signed_in(roll, edition.programme_id) as gaelle:
        fields = (await gaelle.get(desk)).fields(desk)
        fields |= {"label": "6e B, collège Jean-Macé", "people": "4", "hours": "2"}
        links = set()
        for _ in range(2):
            seen = (await gaelle.post(desk, fields)).done()
            links.add(next(w for w in seen.text.split('"') if "register?lesson=" in w))
    [link] = links
    return link


async def test_a_class_that_an_officer_declared_is_no_burst(roll: Roll) -> None:
    edition = await held_edition(roll, burst=1, age_run=1, block_hour=3)
    link = await declared_lesson(roll, edition)
    for n in range(5):
        seen = await register(
            roll, edition.round_id, link, first_name=f"A{chr(97 + n)}", telephone=telephone(n)
        )
        assert seen.path.endswith("/registered")
    assert await roll.connection.fetchval("select registered from lesson") == 4
    # The fifth of four is somebody like everybody; what the class did is not held against her.
    assert (await kept(roll))["code"] == 5
    await register(roll, edition.round_id, first_name="Zoé", telephone=telephone(9))
    assert len(await cases(roll)) == 1


async def test_a_class_is_over_at_its_hour(roll: Roll) -> None:
    edition = await held_edition(roll, burst=1)
    link = await declared_lesson(roll, edition)
    await roll.connection.execute(
        "update lesson set opens_at = now() - interval '2 hours', closes_at = now()"
    )
    for n in range(2):
        await register(
            roll, edition.round_id, link, first_name=f"A{chr(97 + n)}", telephone=telephone(n)
        )
    assert (await kept(roll))["code"] == 1 and len(await cases(roll)) == 1


@pytest.mark.parametrize("when", ["not yet", "elsewhere"])
async def test_the_address_of_a_class_is_as_any_before_its_hour_and_in_other_rounds(
    roll: Roll, when: str
) -> None:
    edition = await held_edition(roll, burst=1)
    link = await declared_lesson(roll, edition)
    if when == "not yet":
        await roll.connection.execute(
            "update lesson set opens_at = now() + interval '1 h',"
            " closes_at = now() + interval '2 h'"
        )
    else:
        other = await held_edition(roll, burst=1)
        link, edition = link.replace(str(edition.round_id), str(other.round_id)), other
    for n in range(2):
        await register(
            roll, edition.round_id, link, first_name=f"A{chr(97 + n)}", telephone=telephone(n)
        )
    assert (await kept(roll))["code"] == 1 and len(await cases(roll)) == 1
    assert await roll.connection.fetchval("select registered from lesson") == 0


async def test_in_a_class_two_have_a_telephone_and_the_third_is_held_with_who_is_known(
    roll: Roll,
) -> None:
    """The class excuses that many come at once, and nothing else."""
    edition = await held_edition(roll, burst=1, voters_a_phone=2)
    link = await declared_lesson(roll, edition)
    for n in range(3):
        await register(
            roll, edition.round_id, link, first_name=f"A{chr(97 + n)}", telephone=telephone(1)
        )
    await register(roll, edition.round_id, link, first_name="Aa", telephone=telephone(2))
    rows = await roll.connection.fetch("select grounds from held order by place")
    assert [row["grounds"] for row in rows] == [["telephone"], ["identity"]]
    async with signed_in(roll, edition.programme_id) as gaelle:
        desk = f"/desk/rounds/{edition.round_id}/lessons"
        assert "4 / 4" in (await gaelle.get(desk)).words()


@pytest.mark.parametrize(
    "wrong", [{"people": "0"}, {"people": "501"}, {"hours": "x"}, {"label": ""}]
)
async def test_a_class_that_cannot_be_is_refused(roll: Roll, wrong: dict[str, str]) -> None:
    edition = await held_edition(roll)
    async with signed_in(roll, edition.programme_id) as gaelle:
        desk = f"/desk/rounds/{edition.round_id}/lessons"
        typed = {"label": "6e B", "people": "4", "hours": "1"} | wrong
        assert (await gaelle.fill(desk, desk, **typed)).status == 422
    assert await roll.connection.fetchval("select count(*) from lesson") == 0


async def test_a_decision_needs_a_reason_and_a_case(roll: Roll) -> None:
    edition = await held_edition(roll, burst=1)
    for n in range(2):
        await register(roll, edition.round_id, first_name=f"A{chr(97 + n)}", telephone=telephone(n))
    [case] = await cases(roll)
    assert (await decide(roll, edition, "admit", case, reason=" ")).status == 422
    assert (await decide(roll, edition, "admit")).status == 422
    assert (await decide(roll, edition, "admit", str(uuid4()))).status == 409
    assert await cases(roll) == [case]


async def test_only_those_who_return_the_round_see_what_is_held(roll: Roll) -> None:
    edition = await held_edition(roll)
    desk = f"/desk/rounds/{edition.round_id}/held"
    async with (
        signed_in(roll, uuid4()) as elsewhere,
        signed_in(roll, edition.programme_id, Role.COMMITTEE) as other,
    ):
        assert (await elsewhere.get(desk)).status == 403
        assert (await other.get(desk)).status == 403


async def test_nobody_guesses_a_case(roll: Roll) -> None:
    edition = await held_edition(roll)
    async with Browser(roll.url) as browser:
        for reference in ("x", "23MFFMV0YJH8", "%00"):
            seen = await browser.get(f"/rounds/{edition.round_id}/held/{reference}")
            assert seen.status == 404


async def test_a_closing_leaves_nothing_to_be_admitted(roll: Roll) -> None:
    edition = await held_edition(roll, burst=1)
    for n in range(2):
        await register(roll, edition.round_id, first_name=f"A{chr(97 + n)}", telephone=telephone(n))
    [case] = await cases(roll)
    await roll.close(edition.round_id)
    assert (await decide(roll, edition, "admit", case)).status == 409
    assert await cases(roll) == [case] and (await kept(roll))["code"] == 1
