"""Once voting is over the tier keys are gone, after the appeal period what was kept of people; and
both is public."""

import asyncio
from base64 import b64decode
from uuid import UUID, uuid4

import pytest

from comptoir.browser import Browser
from shared.codes import new_code
from shared.events.paper import PapersMarked
from shared.events.roll import IdentitiesDestroyed, TierKeysDestroyed
from shared.process import StillFailing
from tests.voting.roll.conftest import Roll, new_blinded, prepared
from tests.voting.roll.elections import EASY, Edition
from tests.voting.roll.registering import begin, code_of, register, telephone
from tests.voting.roll.test_counter import admitted
from tests.voting.roll.test_held import declared_lesson
from tests.voting.roll.test_letters import IDENTITY, post
from tests.voting.roll.test_paper import counter
from tests.voting.roll.test_reissues import reissued
from voting.roll.destroying.destroying import destroy_identities, destroy_tier_keys
from voting.roll.round_keys import RoundKeys
from voting.roll.signer import SignerUnavailable

# What is of a round and says nothing of people: of codes and tokens, hashes under another key.
OF_ROUNDS = {"round", "tier", "code", "token", "spent_code", "option"}


async def of_people(roll: Roll, round_id: UUID) -> dict[str, int]:
    """How many rows are left of a round's people, by table: of every table that has rounds."""
    rows = await roll.connection.fetch(
        "select table_name from information_schema.columns"
        " where column_name = 'round_id' and table_schema = 'public'"
    )
    tables = {row["table_name"] for row in rows} - OF_ROUNDS
    assert tables >= {"person", "held", "paper_mark", "reissue", "identified", "registration"}
    count = "select count(*) from {} where round_id = $1"
    left = {t: await roll.connection.fetchval(count.format(t), round_id) for t in tables}
    return {table: number for table, number in left.items() if number}


async def test_nothing_is_destroyed_before_the_appeal_period_is_over(roll: Roll) -> None:
    keys, edition = RoundKeys(roll.directory), Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    before = keys.key(round_id)
    await destroy_identities(roll.database, keys)
    await roll.close(round_id)
    await roll.connection.execute(
        "update round set closed_at = closed_at - interval '89 days 23 hours'"
    )
    await destroy_identities(roll.database, keys)
    assert keys.key(round_id) == before and (await of_people(roll, round_id))["person"] == 1
    assert await roll.announced(IdentitiesDestroyed) == []


async def test_then_key_and_identities_are_gone_and_it_is_said_once(roll: Roll) -> None:
    keys = RoundKeys(roll.directory)
    edition = Edition(screening=EASY.model_copy(update={"burst": 1, "appeal_days": 3}))
    round_id, other = await edition.held(roll), await Edition().held(roll)
    await register(roll, round_id)
    assert (await roll.token(round_id, await code_of(roll), new_blinded())).status == 201
    await register(roll, round_id, first_name="Ada", telephone=telephone(1))
    await register(roll, other)
    await roll.close(round_id)
    await roll.connection.execute("update round set closed_at = closed_at - interval '3 days'")
    await asyncio.gather(*(destroy_identities(roll.database, keys) for _ in range(3)))
    assert await roll.announced(IdentitiesDestroyed) == [
        {"round_id": str(round_id), "persons": 2, "registrations": 1}
    ]
    left = [file.name for file in roll.directory.iterdir()]
    assert f"roll-{round_id}.key" not in left and f"roll-{other}.key" in left
    rows = await roll.connection.fetch("select round_id from person")
    assert [row["round_id"] for row in rows] == [other]
    # A person is gone, and with her nothing that was voted: a token that was issued stays issued.
    assert await roll.tokens() == 1


async def test_a_roll_that_was_restored_destroys_what_it_has_again_and_says_nothing_twice(
    roll: Roll,
) -> None:
    """Its backup is from before the closing; the record gave back what it said since."""
    keys, edition = RoundKeys(roll.directory), Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    people = {
        table: await roll.connection.fetch(f"select * from {table} where round_id = $1", round_id)
        for table in ("person", "tier", "round")
    }
    await roll.close(round_id)
    late = "update round set closed_at = closed_at - interval '91 days'"
    await roll.connection.execute(late)
    await destroy_identities(roll.database, keys)
    [said] = await roll.announced(IdentitiesDestroyed)
    for table in ("code", "tier", "round"):
        await roll.connection.execute(f"delete from {table} where round_id = $1", round_id)
    for table in ("round", "tier", "person"):
        for row in people[table]:
            places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
            await roll.connection.execute(f"insert into {table} values ({places})", *row)
    keys.key(round_id)
    await roll.close(round_id)
    await roll.connection.execute(late)
    await destroy_identities(roll.database, keys)
    assert await of_people(roll, round_id) == {} and not keys.has(round_id)
    assert await roll.announced(IdentitiesDestroyed) == [said]


async def test_no_copy_of_a_key_is_left_that_was_killed_while_it_was_made(roll: Roll) -> None:
    keys, round_id = RoundKeys(roll.directory), uuid4()
    keys.key(round_id)
    made = roll.directory / f"roll-{round_id}.key"
    made.with_name(f".{made.name}.0123456789abcdef").hardlink_to(made)
    await keys.destroy(round_id)
    assert not [file.name for file in roll.directory.iterdir() if str(round_id) in file.name]


async def test_from_the_rounds_closing_to_empty_tables_whatever_was_kept_of_people(
    roll: Roll,
) -> None:
    """Of everything that a round leaves of people there is some, and nothing is afterwards."""
    edition = Edition(
        screening=EASY.model_copy(update={"burst": 1, "appeal_days": 3}), said={"paper": True}
    )
    round_id, keys = await edition.held(roll), RoundKeys(roll.directory)
    await declared_lesson(roll, edition)
    letter = {"code": new_code(), **IDENTITY}
    assert (await post(roll, round_id, letter)).status == 201
    await register(roll, round_id, first_name="Ada", telephone=telephone(1))
    await register(roll, round_id, telephone=telephone(2))
    async with Browser(roll.url) as browser:
        (await begin(browser, round_id, first_name="Zoé", telephone=telephone(3))).done()
    await reissued(roll, edition)
    await admitted(roll, edition, first_name="Odile")
    await (await counter(roll, edition)).mark(code=letter["code"])
    await roll.connection.execute(
        "insert into identified (session, round_id, identity, subject, in_need, placed, case_id,"
        " messages, expires_at) values ($2, $1, $2, $2, false, true, $3, '{}', now()"
        " + interval '1 day')",
        *(round_id, bytes(32), uuid4()),
    )
    before = await of_people(roll, round_id)
    kept = {"person", "held", "reissue", "admission", "paper_mark", "registration", "lesson"}
    assert set(before) >= kept
    await roll.close(round_id)
    await roll.connection.execute("update round set closed_at = closed_at - interval '3 days'")
    await destroy_identities(roll.database, keys)
    assert await of_people(roll, round_id) == {}
    [said] = await roll.announced(IdentitiesDestroyed)
    assert (said["persons"], said["registrations"]) == (before["person"], before["held"])
    assert not (roll.directory / f"roll-{round_id}.key").exists()
    again = {"code": new_code(), **IDENTITY, "first_name": "Karim"}
    assert (await post(roll, round_id, again)).refusal == (409, "voting_closed")
    case = await roll.client.ask("GET", f"/rounds/{round_id}/held/{new_code()}")
    assert case.status == 404
    assert not (roll.directory / f"roll-{round_id}.key").exists(), "nobody makes it again"


async def test_how_many_were_marked_is_said_before_the_marks_go(roll: Roll) -> None:
    """Count waits for it, and an officer who is late would say that there was nobody."""
    edition = Edition(screening=EASY.model_copy(update={"appeal_days": 0}), said={"paper": True})
    round_id, keys = await edition.held(roll), RoundKeys(roll.directory)
    desk, code, late = await counter(roll, edition), new_code(), new_code()
    assert (await roll.imported(round_id, [code, late])).body == {"imported": 2}
    assert await desk.mark(code=code) == (303, "marked")
    await roll.close(round_id)
    await asyncio.gather(*(destroy_identities(roll.database, keys) for _ in range(3)))
    assert await of_people(roll, round_id) == {}
    [said] = await roll.announced(PapersMarked)
    assert (said["marked"], said["set_aside"]) == (1, 0)
    assert await desk.mark(code=late, envelope="yes") == (409, "papers_marked")
    assert (await desk.send("counted"))[0] == 303
    assert len(await roll.announced(PapersMarked)) == 1
    assert not (roll.directory / f"roll-{round_id}.key").exists()


async def test_what_was_interrupted_is_said_at_the_next_turn(roll: Roll) -> None:
    """Killed when the key was gone, and nothing was said yet."""
    keys = RoundKeys(roll.directory)
    round_id = await Edition(screening=EASY.model_copy(update={"appeal_days": 0})).held(roll)
    await register(roll, round_id)
    await roll.close(round_id)
    await keys.destroy(round_id)
    await destroy_identities(roll.database, keys)
    assert len(await roll.announced(IdentitiesDestroyed)) == 1
    assert await of_people(roll, round_id) == {}


async def test_tier_keys_are_gone_once_the_round_is_closed_and_it_is_said_once(roll: Roll) -> None:
    round_id, other = await roll.opened(), await roll.opened()
    code = await roll.code(round_id)
    assert (await roll.token(round_id, code, new_blinded())).status == 201
    await destroy_tier_keys(roll.database, roll.signer)
    assert await roll.announced(TierKeysDestroyed) == []
    await roll.close(round_id)
    await asyncio.gather(*(destroy_tier_keys(roll.database, roll.signer) for _ in range(3)))
    assert await roll.announced(TierKeysDestroyed) == [
        {"round_id": str(round_id), "tiers": ["A", "B"]}
    ]
    left = {file.name for file in roll.signing.directory.iterdir()}
    assert not {f"tier-{round_id}-{tier}.key" for tier in "AB"} & left
    assert {f"tier-{other}-{tier}.key" for tier in "AB"} <= left
    with pytest.raises(SignerUnavailable, match="key_destroyed"):
        await roll.signer.sign(round_id, "A", bytes(383) + b"\x02")
    await roll.signer.sign(other, "A", bytes(383) + b"\x02")


async def test_no_tier_key_is_said_to_be_destroyed_while_the_signer_is_away(roll: Roll) -> None:
    round_id = await roll.opened()
    await roll.close(round_id)
    await roll.signing.down()
    with pytest.raises(StillFailing):
        await destroy_tier_keys(roll.database, roll.signer)
    assert await roll.announced(TierKeysDestroyed) == []
    await roll.signing.up()
    await destroy_tier_keys(roll.database, roll.signer)
    assert len(await roll.announced(TierKeysDestroyed)) == 1


async def test_no_other_key_is_ever_made_in_the_place_of_a_destroyed_one(roll: Roll) -> None:
    """A restored roll hears of the round again: it is told the public key that was announced."""
    round_id = await roll.opened()
    announced = (await roll.client.ask("GET", f"/rounds/{round_id}")).body["tiers"]
    await roll.close(round_id)
    await destroy_tier_keys(roll.database, roll.signer)
    await roll.connection.execute("delete from tier where round_id = $1", round_id)
    await roll.connection.execute("delete from round where round_id = $1", round_id)
    await roll.handle(prepared(round_id))
    again = (await roll.client.ask("GET", f"/rounds/{round_id}")).body["tiers"]
    assert again == announced and len(b64decode(again["A"])) > 384
