"""Who has no letter and no telephone is put on the roll at a counter, by two officers: tier A."""

import asyncio
import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.codes import new_code, read_code
from shared.events.roll import RegistrationsCounted, RollActAsked, RollActConsented
from shared.events.voting import TokensIssued
from shared.people import Role
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import EASY, Edition
from tests.voting.roll.registering import CHLOE, last, register, telephone
from tests.voting.roll.signed_in import signed_in
from tests.voting.roll.test_held import cases
from tests.voting.roll.test_letters import post
from voting.roll.destroying.destroying import destroy_identities
from voting.roll.round_keys import RoundKeys

IDENTITY = {n: CHLOE[n] for n in ("birth_name", "first_name", "born", "country", "commune")}
YEAR = datetime.now(UTC).year
REASON = "Passeport vu au comptoir d’Arras."


def desk(round_id: UUID) -> str:
    return f"/desk/rounds/{round_id}/counter"


async def ask(officer: Browser, round_id: UUID, **others: str) -> Seen:
    """Ask for the person at the counter to be put on the roll."""
    fields = {**IDENTITY, "territory": "calaisis", "reason": REASON} | others
    return await officer.fill(desk(round_id), desk(round_id), **fields)


async def confirm(officer: Browser) -> Seen:
    """Confirm the one act that waits."""
    acts = await officer.get("/desk/acts")
    [action] = [action for action in acts.forms() if action.endswith("/confirm")]
    return await officer.fill(acts, action)


def links(seen: Seen) -> list[str]:
    """The codes that an officer hands out."""
    return [word for word in seen.text.split('"') if "/counter/" in word]


def shown(seen: Seen) -> str:
    """The code on a page."""
    [typed] = re.findall(r"\b[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}\b", seen.done().words())
    code = read_code(typed)
    assert code is not None
    return code


async def admitted(roll: Roll, edition: Edition, **others: str) -> str:
    """One officer asks, another confirms; the code."""
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, edition.round_id, **others)).done()
        (await confirm(hugo)).done()
        [link] = links(await gaelle.get(desk(edition.round_id)))
        return shown(await gaelle.get(link))


async def test_the_code_is_found_however_much_two_officers_did_since(roll: Roll) -> None:
    """Its person comes back from the photo booth in the evening."""
    edition = Edition()
    await edition.held(roll)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, edition.round_id)).done()
        (await confirm(hugo)).done()
        await roll.connection.execute(
            "insert into act (act_id, act, about, programme_id, parameters, digest, reason, salt,"
            " asked_by, state, answered_by, answered_at) select gen_random_uuid(), act,"
            " 'another/' || n, programme_id, jsonb_set(parameters, '{round_id}', '\"another\"'),"
            " digest, reason, salt, asked_by, state, answered_by, answered_at + interval '1 s'"
            " from act, generate_series(1, 101) n"
        )
        assert len(links(await gaelle.get(desk(edition.round_id)))) == 1


async def persons(roll: Roll) -> int:
    return int(await roll.connection.fetchval("select count(*) from person"))


async def test_who_shows_her_document_votes_at_tier_a(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    code, blinded = await admitted(roll, edition), new_blinded()
    issued = await roll.token(round_id, code, blinded)
    assert (issued.status, issued.body["tier"]) == (201, "A")
    assert (await roll.token(round_id, code, blinded)).status == 201
    assert (await roll.token(round_id, code, new_blinded())).refusal == (409, "code_used")
    await roll.close(round_id)
    [counted] = await roll.announced(TokensIssued)
    assert counted["issued"] == {"A": 1, "B": 0} and "reissued" not in counted
    registrations = (await roll.announced(RegistrationsCounted))[-1]
    assert registrations["registered"] == {"A": 1} and registrations["contested"] == 0


async def test_she_is_on_the_roll_once_whichever_way_she_takes_next(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await admitted(roll, edition)
    await register(roll, round_id)
    assert (await last(roll, "registration-held")).contact.address == CHLOE["address"]
    assert len(await cases(roll)) == 1, "a declaration of the same identity is held"
    await post(roll, round_id, {"code": new_code(), **IDENTITY})
    async with signed_in(roll, edition.programme_id) as gaelle:
        seen = await ask(gaelle, round_id, birth_name="delattre wisniewska")
        assert seen.status == 409 and "is on the roll already" in seen.words()
    assert await roll.connection.fetchval("select count(*) from code") == 1
    assert await persons(roll) == 1


async def test_who_registers_while_it_waits_is_not_put_on_the_roll_twice(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, round_id)).done()
        await register(roll, round_id)
        assert (await confirm(hugo)).status == 409
        assert links(await gaelle.get(desk(round_id))) == []
    assert await roll.connection.fetchval("select array_agg(tier) from code") == ["B"]
    assert await roll.connection.fetchval("select given_to from admission") is None


async def test_nobody_confirms_her_own_and_who_confirms_never_sees_the_code(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        seen = (await ask(gaelle, round_id)).done()
        assert "Another officer has to confirm it." in seen.text
        acts = await gaelle.get("/desk/acts")
        assert not [action for action in acts.forms() if action.endswith("/confirm")]
        assert await persons(roll) == 0
        admission_id = await roll.connection.fetchval("select admission_id from admission")
        link = f"{desk(round_id)}/{admission_id}"
        assert (await gaelle.get(link)).status == 404, "nobody confirmed it"
        (await confirm(hugo)).done()
        assert links(await hugo.get(desk(round_id))) == []
        assert (await hugo.get(link)).status == 404
        seen = await gaelle.get(link)
        assert seen.headers["Cache-Control"] == "no-store"
        assert (await roll.token(round_id, shown(seen), new_blinded())).status == 201
        assert (await gaelle.get(link)).status == 409, "it was used"
    code = await roll.connection.fetchval("select code from admission")
    assert code == bytes(32), "no row of a person has her code"


async def test_the_record_says_that_it_was_done_and_of_whom_nothing(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    await admitted(roll, edition)
    admission_id = await roll.connection.fetchval("select admission_id from admission")
    [asked] = await roll.acted(RollActAsked)
    assert asked["act"] == "admit-at-counter"
    assert asked["about"] == f"{edition.round_id}/{admission_id}"
    assert len(await roll.acted(RollActConsented)) == 1


async def test_two_who_ask_at_the_same_moment_ask_for_one(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        seen = await asyncio.gather(*(ask(each, round_id) for each in (gaelle, hugo) * 3))
    assert {each.status for each in seen} == {200}
    assert await roll.connection.fetchval("select count(*) from admission") == 1
    assert len(await roll.acted(RollActAsked)) == 1


async def test_what_was_declined_can_be_asked_for_again_by_somebody_else(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, round_id)).done()
        acts = await hugo.get("/desk/acts")
        [decline] = [action for action in acts.forms() if action.endswith("/decline")]
        (await hugo.fill(acts, decline, reason="Pas de pièce d’identité.")).done()
        assert await persons(roll) == 0
        (await ask(hugo, round_id)).done()
        (await confirm(gaelle)).done()
        [link] = links(await hugo.get(desk(round_id)))
        code = shown(await hugo.get(link))
    assert (await roll.token(round_id, code, new_blinded())).status == 201


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": " "}, "Write a reason."),
        ({"born": "1964-02-30"}, "Write the date of birth."),
        ({"commune": "Arras"}, "Write the five characters"),
        ({"birth_name": ""}, "Write the birth name"),
        ({"born": "1764-02-28"}, "Nobody who votes was born on this date"),
        ({"born": f"{YEAR - 5}-01-01"}, "Voting is from 11 years"),
        ({"territory": "elsewhere"}, "for those who live in one of these territories"),
        ({"born": f"{YEAR - 13}-01-01"}, "a parent has to agree"),
    ],
)
async def test_who_may_not_be_on_the_roll_is_told_why_beside_its_field(
    roll: Roll, wrong: dict[str, str], said: str
) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    async with signed_in(roll, edition.programme_id) as gaelle:
        seen = await ask(gaelle, round_id, **wrong)
        assert seen.status == 422 and said in seen.words()
        assert CHLOE["first_name"] in seen.text, "what was typed is kept"
    assert await roll.acted(RollActAsked) == []
    assert await roll.connection.fetchval("select count(*) from admission") == 0


async def test_a_round_without_a_charter_puts_nobody_on_its_roll(roll: Roll) -> None:
    edition = Edition(imported=True)
    round_id = await edition.held(roll)
    async with signed_in(roll, edition.programme_id) as gaelle:
        seen = await gaelle.get(desk(round_id))
        assert "the codes come by post" in seen.words()
        assert desk(round_id) not in seen.forms()


async def test_a_closing_leaves_nothing_to_confirm_or_to_ask(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, round_id)).done()
        await roll.close(round_id)
        assert (await confirm(hugo)).status == 409
        assert desk(round_id) not in (await gaelle.get(desk(round_id))).forms()
    assert await persons(roll) == 0


async def test_only_those_who_return_the_round_ask(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    async with (
        signed_in(roll, uuid4()) as elsewhere,
        signed_in(roll, edition.programme_id, Role.ADVISER) as other,
    ):
        for officer in (elsewhere, other):
            assert (await officer.get(desk(edition.round_id))).status == 403


async def test_who_is_held_is_on_the_roll_and_gets_no_code_at_a_counter(roll: Roll) -> None:
    edition = Edition(screening=EASY.model_copy(update={"burst": 1}))
    round_id = await edition.held(roll)
    await register(roll, round_id, first_name="Ada", telephone=telephone(1))
    await register(roll, round_id, telephone=telephone(2))
    assert len(await cases(roll)) == 1
    async with signed_in(roll, edition.programme_id) as gaelle:
        assert (await ask(gaelle, round_id)).status == 409


async def test_who_was_put_on_the_roll_is_destroyed_with_the_identities(roll: Roll) -> None:
    edition = Edition(screening=EASY.model_copy(update={"appeal_days": 0}))
    round_id = await edition.held(roll)
    await admitted(roll, edition)
    await roll.close(round_id)
    await destroy_identities(roll.database, RoundKeys(roll.directory))
    assert await roll.connection.fetchval("select count(*) from admission") == 0
