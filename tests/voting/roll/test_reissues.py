"""Who lost her voting code gets a second one from two officers, once, and each is counted."""

import asyncio
import re
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.codes import new_code, read_code
from shared.events.roll import RollActAsked, RollActConsented
from shared.events.voting import TokensIssued
from shared.people import Role
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import EASY, Edition
from tests.voting.roll.registering import CHLOE, code_of, register, telephone
from tests.voting.roll.signed_in import signed_in
from tests.voting.roll.test_held import cases, decide
from tests.voting.roll.test_letters import post
from voting.roll import counting
from voting.roll.destroying.destroying import destroy_identities
from voting.roll.round_keys import RoundKeys

IDENTITY = {n: CHLOE[n] for n in ("birth_name", "first_name", "born", "country", "commune")}
REASON = "Feuille jetée avec le courrier."


def desk(round_id: UUID) -> str:
    return f"/desk/rounds/{round_id}/reissues"


async def ask(officer: Browser, round_id: UUID, **others: str) -> Seen:
    """Ask for a second code of a person at the counter."""
    fields = {**IDENTITY, "reason": REASON} | others
    return await officer.fill(desk(round_id), desk(round_id), **fields)


async def confirm(officer: Browser) -> Seen:
    """Confirm the one act that waits."""
    acts = await officer.get("/desk/acts")
    [action] = [action for action in acts.forms() if action.endswith("/confirm")]
    return await officer.fill(acts, action)


def links(seen: Seen) -> list[str]:
    """The second codes that an officer hands out."""
    return [word for word in seen.text.split('"') if "/reissues/" in word]


def shown(seen: Seen) -> str:
    """The code on a page."""
    [typed] = re.findall(r"\b[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}\b", seen.done().words())
    code = read_code(typed)
    assert code is not None
    return code


async def reissued(roll: Roll, edition: Edition, **others: str) -> str:
    """One officer asks, another confirms; the second code."""
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, edition.round_id, **others)).done()
        (await confirm(hugo)).done()
        [link] = links(await gaelle.get(desk(edition.round_id)))
        return shown(await gaelle.get(link))


async def test_who_lost_her_voting_code_gets_a_second_token_of_her_tier(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    first, lost = await code_of(roll), new_blinded()
    assert (await roll.token(round_id, first, lost)).status == 201
    assert (await roll.token(round_id, first, new_blinded())).refusal == (409, "code_used")
    second = await reissued(roll, edition)
    issued = await roll.token(round_id, second, new_blinded())
    assert (issued.status, issued.body["tier"]) == (201, "B")
    assert (await roll.token(round_id, first, lost)).status == 201, "the first one goes on"
    await roll.close(round_id)
    [counted] = await roll.announced(TokensIssued)
    assert counted["issued"] == {"A": 0, "B": 2} and counted["reissued"] == {"B": 1}


async def test_the_bound_is_said_with_the_counts_and_not_where_nothing_was_given(
    roll: Roll,
) -> None:
    edition, other = Edition(), Edition()
    await other.held(roll)
    code = new_code()
    await edition.held(roll)
    await post(roll, edition.round_id, {"code": code, **IDENTITY})
    assert (await roll.token(edition.round_id, code, new_blinded())).status == 201
    await reissued(roll, edition)
    await roll.connection.execute("update counting set intervals = 0")
    await counting.announce_counts(roll.database, 900)
    [said] = await roll.announced(TokensIssued)
    assert said["reissued"] == {"A": 1} and said["issued"] == {"A": 1, "B": 0}
    await roll.close(other.round_id)
    assert "reissued" not in (await roll.announced(TokensIssued))[-1]


async def test_nothing_public_says_who_it_was(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    await register(roll, edition.round_id)
    await reissued(roll, edition)
    [asked] = await roll.acted(RollActAsked)
    [reissue_id] = await roll.connection.fetch("select reissue_id from reissue")
    assert asked["act"] == "reissue-code"
    assert asked["about"] == f"{edition.round_id}/{reissue_id['reissue_id']}"
    assert len(await roll.acted(RollActConsented)) == 1
    [kept] = await roll.connection.fetch("select code from reissue")
    assert kept["code"] == bytes(32), "no row of a person has her code"


async def test_nobody_confirms_her_own_and_who_confirms_never_sees_the_code(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        seen = (await ask(gaelle, round_id)).done()
        assert "Another officer has to confirm it." in seen.text
        acts = await gaelle.get("/desk/acts")
        assert not [action for action in acts.forms() if action.endswith("/confirm")]
        assert links(await gaelle.get(desk(round_id))) == []
        [row] = await roll.connection.fetch("select reissue_id from reissue")
        link = f"{desk(round_id)}/{row['reissue_id']}"
        assert (await gaelle.get(link)).status == 404, "nobody confirmed it"
        (await confirm(hugo)).done()
        assert links(await hugo.get(desk(round_id))) == []
        assert (await hugo.get(link)).status == 404
        seen = await gaelle.get(link)
        assert seen.headers["Cache-Control"] == "no-store"
        assert (await roll.token(round_id, shown(seen), new_blinded())).status == 201
        assert (await gaelle.get(link)).status == 409, "it was used"


async def test_each_person_gets_one_at_most(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        for _ in range(2):
            (await ask(gaelle, round_id)).done()
        assert len(await roll.acted(RollActAsked)) == 1, "asked twice, it waits once"
        (await confirm(hugo)).done()
        written = "delattre wisniewska"
        seen = await ask(gaelle, round_id, birth_name=written)
        assert seen.status == 409 and "There is no third one." in seen.text
        seen = await ask(hugo, round_id, birth_name=written)
        assert seen.status == 409
    assert await roll.connection.fetchval("select count(*) from code") == 2


async def test_two_who_ask_at_the_same_moment_ask_for_one(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        seen = await asyncio.gather(*(ask(each, round_id) for each in (gaelle, hugo) * 3))
    assert {each.status for each in seen} == {200}
    assert await roll.connection.fetchval("select count(*) from reissue") == 1
    assert len(await roll.acted(RollActAsked)) == 1


async def test_what_was_declined_can_be_asked_for_again_by_somebody_else(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, round_id)).done()
        acts = await hugo.get("/desk/acts")
        [decline] = [action for action in acts.forms() if action.endswith("/decline")]
        (await hugo.fill(acts, decline, reason="Pas de pièce d’identité.")).done()
        assert await roll.connection.fetchval("select count(*) from code") == 1
        (await ask(hugo, round_id)).done()
        (await confirm(gaelle)).done()
        assert links(await gaelle.get(desk(round_id))) == []
        [link] = links(await hugo.get(desk(round_id)))
        assert (
            await roll.token(round_id, shown(await hugo.get(link)), new_blinded())
        ).status == 201
    assert await roll.connection.fetchval("select count(*) from reissue") == 1


async def test_homonyms_whom_two_officers_admitted_get_one_each(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    for n in range(2):
        await register(roll, round_id, telephone=telephone(n))
    [case] = await cases(roll)
    await decide(roll, edition, "admit", case)
    codes = [await reissued(roll, edition), await reissued(roll, edition)]
    assert len(set(codes)) == 2
    async with signed_in(roll, edition.programme_id) as gaelle:
        assert (await ask(gaelle, round_id)).status == 409
    await roll.close(round_id)
    assert (await roll.announced(TokensIssued))[-1]["reissued"] == {"B": 2}


async def test_who_has_no_code_is_refused_one_by_its_name(roll: Roll) -> None:
    edition = Edition(screening=EASY.model_copy(update={"burst": 1}))
    round_id = await edition.held(roll)
    await register(roll, round_id, first_name="Ada", telephone=telephone(1))
    await register(roll, round_id, telephone=telephone(2))
    assert len(await cases(roll)) == 1
    async with signed_in(roll, edition.programme_id) as gaelle:
        for first_name in ("Zoé", CHLOE["first_name"]):
            seen = await ask(gaelle, round_id, first_name=first_name)
            assert seen.status == 409 and "Nobody with this identity has a code" in seen.text
    assert await roll.connection.fetchval("select count(*) from reissue") == 0
    assert await roll.acted(RollActAsked) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": " "}, "Write a reason."),
        ({"born": "1964-02-30"}, "Write the date of birth."),
        ({"commune": "Arras"}, "Write the five characters"),
        ({"birth_name": ""}, "Write the birth name"),
    ],
)
async def test_what_cannot_be_read_is_said_beside_its_field(
    roll: Roll, wrong: dict[str, str], said: str
) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    async with signed_in(roll, edition.programme_id) as gaelle:
        seen = await ask(gaelle, round_id, **wrong)
        assert seen.status == 422 and said in seen.text
        assert CHLOE["first_name"] in seen.text, "what was typed is kept"
    assert await roll.acted(RollActAsked) == []


async def test_a_closing_leaves_nothing_to_confirm_or_to_ask(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        form = await gaelle.get(desk(round_id))
        (await ask(gaelle, round_id)).done()
        await roll.close(round_id)
        assert (await confirm(hugo)).status == 409
        again = await gaelle.fill(form, desk(round_id), **IDENTITY, reason=REASON)
        assert again.status == 409
        assert not (await gaelle.get(desk(round_id))).forms().get(desk(round_id))
    assert await roll.connection.fetchval("select count(*) from code") == 1
    assert "reissued" not in (await roll.announced(TokensIssued))[-1]


async def test_only_those_who_return_the_round_ask(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    async with (
        signed_in(roll, uuid4()) as elsewhere,
        signed_in(roll, edition.programme_id, Role.ADVISER) as other,
    ):
        for officer in (elsewhere, other):
            assert (await officer.get(desk(edition.round_id))).status == 403


async def test_who_was_given_one_is_destroyed_with_the_identities(roll: Roll) -> None:
    edition = Edition(screening=EASY.model_copy(update={"appeal_days": 0}))
    round_id = await edition.held(roll)
    await register(roll, round_id)
    async with (
        signed_in(roll, edition.programme_id) as gaelle,
        signed_in(roll, edition.programme_id) as hugo,
    ):
        (await ask(gaelle, round_id)).done()
        (await confirm(hugo)).done()
        [link] = links(await gaelle.get(desk(round_id)))
        await roll.close(round_id)
        keys = RoundKeys(roll.directory)
        await destroy_identities(roll.database, keys)
        assert await roll.connection.fetchval("select count(*) from reissue") == 0
        assert (await gaelle.get(link)).status == 404
    assert not (roll.directory / f"roll-{round_id}.key").exists()
