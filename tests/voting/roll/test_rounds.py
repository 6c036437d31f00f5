"""What the roll makes of rounds: keys, windows, counts."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.codes import new_code
from shared.events.voting import TierKeysPrepared, TokensIssued
from tests.voting.roll.conftest import Roll, new_blinded, opened, prepared
from voting.roll import queries
from voting.roll.counting import announce_counts


async def test_a_prepared_round_has_a_key_a_tier_and_says_so_once(roll: Roll) -> None:
    round_id = uuid4()
    await roll.handle(prepared(round_id))
    await roll.handle(prepared(round_id), prepared(round_id))
    found = (await roll.client.ask("GET", f"/rounds/{round_id}")).body
    assert found["state"] == "prepared" and set(found["tiers"]) == {"A", "B"}
    assert await roll.announced(TierKeysPrepared) == [
        {"round_id": str(round_id), "tiers": found["tiers"]}
    ]


async def test_a_handler_that_is_rolled_back_finds_the_same_key_again(roll: Roll) -> None:
    round_id = uuid4()
    with pytest.raises(RuntimeError, match="not ours"):
        await roll.handle(prepared(round_id), opened(round_id, {"A": "AAAA"}))
    assert await roll.announced(TierKeysPrepared) == []
    lost = await roll.signer.make(round_id, "A")
    await roll.handle(prepared(round_id))
    assert (await roll.signer.make(round_id, "A")) == lost


async def test_a_round_that_opens_with_other_tier_keys_stops_the_roll(roll: Roll) -> None:
    ours, other = await roll.prepared(), await roll.prepared()
    tiers = (await roll.client.ask("GET", f"/rounds/{other}")).body["tiers"]
    for wrong in (opened(ours, tiers), opened(uuid4(), tiers), opened(ours, tiers | {"C": "AAAA"})):
        with pytest.raises(RuntimeError, match="not ours"):
            await roll.handle(wrong)


@pytest.mark.parametrize(
    ("opens", "closes", "state"), [(60, 90, "prepared"), (-60, 60, "open"), (-60, -1, "closed")]
)
async def test_a_round_is_open_within_its_window(
    roll: Roll, opens: float, closes: float, state: str
) -> None:
    round_id = await roll.opened(opens, closes)
    assert (await roll.client.ask("GET", f"/rounds/{round_id}")).body["state"] == state


async def test_the_window_of_a_round_never_moves(roll: Roll) -> None:
    round_id = await roll.opened(-60, 60)
    await roll.open(round_id, 30, 60)
    assert (await roll.client.ask("GET", f"/rounds/{round_id}")).body["state"] == "open"


async def test_closing_counts_the_tokens_once(roll: Roll) -> None:
    round_id = await roll.opened(codes=3)
    other = await roll.opened()
    for where in (round_id, round_id, other):
        assert (await roll.token(where, await roll.code(where), new_blinded())).status == 201
    await roll.close(round_id)
    await roll.close(round_id)
    assert await roll.announced(TokensIssued) == [
        {
            "round_id": str(round_id),
            "issued": {"A": 2, "B": 0},
            "codes": {"A": 5, "B": 0},
            "final": True,
            "last_number": len(await roll.announced(TierKeysPrepared)),
        }
    ]
    assert (await roll.client.ask("GET", f"/rounds/{round_id}")).body["state"] == "closed"


async def restored(roll: Roll, round_id: UUID) -> None:
    """The database is from before the round; its outbox has what it took back from the ledger."""
    for table in ("token", "code", "tier", "round"):
        await roll.connection.execute(f"delete from {table} where round_id = $1", round_id)


async def test_a_restored_roll_announces_nothing_that_it_took_back(roll: Roll) -> None:
    """It hears of the round again; the keys are the same, the count would be another."""
    round_id = await roll.opened(codes=3)
    assert (await roll.token(round_id, await roll.code(round_id), new_blinded())).status == 201
    await roll.close(round_id)
    before = [await roll.announced(kind) for kind in (TierKeysPrepared, TokensIssued)]
    await restored(roll, round_id)
    await roll.handle(prepared(round_id))
    await roll.open(round_id)
    await roll.close(round_id)
    assert [await roll.announced(kind) for kind in (TierKeysPrepared, TokensIssued)] == before
    assert (await roll.client.ask("GET", f"/rounds/{round_id}")).body["state"] == "closed"
    other = await roll.opened()
    await roll.close(other)
    assert len(await roll.announced(TokensIssued)) == 2


async def test_what_races_with_closing_is_counted_or_refused(roll: Roll) -> None:
    round_id = await roll.opened()
    codes = [new_code() for _ in range(100)]
    await roll.imported(round_id, codes)
    closing = asyncio.ensure_future(roll.close(round_id))
    answers = await asyncio.gather(*(roll.token(round_id, code, new_blinded()) for code in codes))
    await closing
    issued = [answer for answer in answers if answer.status == 201]
    refused = {answer.refusal for answer in answers if answer.status != 201}
    assert refused <= {(409, "voting_closed")}
    [final] = await roll.announced(TokensIssued)
    assert final["issued"] == {"A": len(issued), "B": 0} and await roll.tokens() == len(issued)


async def test_a_token_under_way_when_the_round_closes_is_in_the_final_count(roll: Roll) -> None:
    round_id = await roll.opened()
    await roll.code(round_id)
    [code] = [row["code"] for row in await roll.connection.fetch("select code from code")]
    async with roll.connection.transaction():
        row = await roll.connection.fetchrow(
            queries.ISSUE, round_id, code, bytes(32), ["A"], timedelta(hours=1), None
        )
        assert row is not None and row["verdict"] == "issued"
        closing = asyncio.ensure_future(roll.close(round_id))
        await asyncio.sleep(0.3)
        assert not closing.done()
    await closing
    [final] = await roll.announced(TokensIssued)
    assert final["issued"] == {"A": 1, "B": 0}


async def test_a_token_asked_for_while_the_round_closes_waits_and_is_refused(roll: Roll) -> None:
    round_id = await roll.opened()
    code = await roll.code(round_id)
    async with roll.connection.transaction():
        assert await queries.close_round(roll.connection, round_id) is not None
        asking = asyncio.ensure_future(roll.token(round_id, code, new_blinded()))
        await asyncio.sleep(0.3)
        assert not asking.done()
    assert (await asking).refusal == (409, "voting_closed")


async def test_counts_are_announced_at_each_interval_where_they_changed(roll: Roll) -> None:
    async def interval_ends() -> None:
        await roll.connection.execute("update counting set intervals = intervals - 1")
        await announce_counts(roll.database, 10**6)

    round_id = await roll.opened()
    await announce_counts(roll.database, 10**6)
    assert await roll.announced(TokensIssued) == []
    for _ in range(2):
        await roll.token(round_id, await roll.code(round_id), new_blinded())
    await announce_counts(roll.database, 10**6)
    assert await roll.announced(TokensIssued) == [], "the interval has not ended"
    await interval_ends()
    await interval_ends()
    said = {"round_id": str(round_id), "final": False}
    counted = [{**said, "issued": {"A": 2, "B": 0}, "codes": {"A": 2, "B": 0}}]
    assert await roll.announced(TokensIssued) == counted
    await roll.token(round_id, await roll.code(round_id), new_blinded())
    await roll.close(round_id)
    await interval_ends()
    [prepared] = await roll.announced(TierKeysPrepared)
    assert await roll.announced(TokensIssued) == [
        *counted,
        {
            "round_id": str(round_id),
            "issued": {"A": 3, "B": 0},
            "codes": {"A": 3, "B": 0},
            "final": True,
            "last_number": len([prepared, *counted]),
        },
    ]


async def test_of_all_replicas_one_announces_the_counts(roll: Roll) -> None:
    round_id = await roll.opened()
    await roll.token(round_id, await roll.code(round_id), new_blinded())
    await roll.connection.execute("update counting set intervals = intervals - 1")
    await asyncio.gather(*(announce_counts(roll.database, 10**6) for _ in range(8)))
    assert len(await roll.announced(TokensIssued)) == 1
