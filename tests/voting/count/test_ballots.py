"""The running tally: what the SQL makes of ballots equals what counting them by hand makes."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.events.dead import DeadLetter
from shared.events.voting import BallotCast, TallyUpdated
from shared.inbox import Inbox
from shared.kafka import Kafka
from shared.telemetry import Metrics
from tests.strategies import Cast, casts, split
from tests.voting.count.conftest import COSTS, ServedCount, ballot, delivered, rule
from voting.count.app import SUBSCRIPTIONS, announce_tallies

APPROVAL = {"type": "approval", "max": 4}
databases = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def counted(sent: Sequence[Cast]) -> list[int]:
    """Votes by number, of each voter's highest revision."""
    last: dict[int, Cast] = {}
    for each in sent:
        if each.voter not in last or last[each.voter].revision < each.revision:
            last[each.voter] = each
    chosen = [number for each in last.values() for number in each.choices]
    return [chosen.count(number) for number in range(1, len(COSTS) + 1)]


async def open_round(connection: asyncpg.Connection, form: dict[str, Any] = APPROVAL) -> UUID:
    """A round as one that is open, straight into the tables."""
    round_id = uuid4()
    async with connection.transaction():
        await connection.execute(
            "insert into frozen_options values ($1, $2, 'log', array[$2::uuid], '')",
            round_id,
            uuid4(),
        )
        await connection.execute(
            "insert into round (round_id, programme_id, log, state, budget, format, rule, listed,"
            " opens_at, closes_at, options, digest, tiers)"
            " select round_id, programme_id, log, 'open', 5, $2, $3, '', now(), now() + '1 h', 4,"
            " digest, '{}' from frozen_options where round_id = $1",
            round_id,
            json.dumps(form),
            json.dumps(rule()),
        )
        await connection.execute(
            "insert into option (round_id, number, option_id, cost, title, seen)"
            " select $1, number, gen_random_uuid(), number, '', jsonb_build_object('id',"
            " number::text, 'number', number, 'cost', number) from generate_series(1, $2) number",
            round_id,
            len(COSTS),
        )
    return round_id


@databases
@given(st.data(), casts())
async def test_any_order_and_any_batches_give_the_same_tally(
    served_count: ServedCount, data: st.DataObject, sent: list[Cast]
) -> None:
    round_id = await open_round(served_count.connection)
    for batch in data.draw(split(sent)):
        if batch:
            await served_count.handle(*(ballot(round_id, each) for each in batch))
    assert await served_count.votes(round_id) == counted(sent)
    assert (await served_count.row(round_id))["ballots"] == len(sent)


@databases
@given(st.data(), casts())
async def test_who_cast_a_ballot_changes_nothing(
    served_count: ServedCount, data: st.DataObject, sent: list[Cast]
) -> None:
    """Anonymity: with other keys, the same ballots are counted."""
    names = data.draw(st.permutations(range(1, 5)))
    renamed = [each._replace(voter=names[each.voter - 1]) for each in sent]
    round_id = await open_round(served_count.connection)
    if renamed:
        await served_count.handle(*(ballot(round_id, each) for each in renamed))
    assert await served_count.votes(round_id) == counted(sent)


@databases
@given(st.data(), casts(), casts())
async def test_rounds_that_share_a_batch_and_keys_share_no_votes(
    served_count: ServedCount, data: st.DataObject, one: list[Cast], other: list[Cast]
) -> None:
    rounds = [await open_round(served_count.connection) for _ in range(2)]
    mixed = [(rounds[0], each) for each in one] + [(rounds[1], each) for each in other]
    shuffled = data.draw(st.permutations(mixed))
    if shuffled:
        await served_count.handle(*(ballot(round_id, each) for round_id, each in shuffled))
    assert await served_count.votes(rounds[0]) == counted(one)
    assert await served_count.votes(rounds[1]) == counted(other)


def letter(event: BallotCast, event_id: UUID) -> DeadLetter:
    """A ballot that could not be read when it came."""
    envelope = delivered(event).envelope
    headers = dict(envelope.headers()) | {"ce_id": str(event_id).encode()}
    return DeadLetter(
        process="voting.count",
        origin=BallotCast.topic,
        partition=0,
        offset=0,
        reason="unreadable then",
        headers=tuple((name, b64encode(value).decode()) for name, value in headers.items()),
        value=b64encode(event.body()).decode(),
    )


@databases
@given(st.data(), casts())
async def test_a_ballot_that_comes_again_counts_once(
    served_count: ServedCount, data: st.DataObject, sent: list[Cast]
) -> None:
    """Through the inbox, which drops the ids that it knows."""
    [ballots] = [s for s in SUBSCRIPTIONS if s.name == "ballots"]
    no_kafka = cast(Kafka, None)
    inbox = Inbox(ballots, served_count.database, no_kafka, Metrics(), process="voting.count")
    round_id = await open_round(served_count.connection)
    named = [(ballot(round_id, each), uuid4()) for each in sent]
    again = data.draw(st.lists(st.sampled_from(named), max_size=3)) if named else []
    for event, event_id in data.draw(st.permutations([*named, *again])):
        await inbox.replay(letter(event, event_id))
    assert await served_count.votes(round_id) == counted(sent)
    assert (await served_count.row(round_id))["ballots"] == len(sent)


async def test_two_revisions_of_a_key_at_the_same_time_leave_one_vote(
    served_count: ServedCount,
) -> None:
    """A dead letter is replayed while the consumer takes a later revision."""
    round_id = await open_round(served_count.connection)
    first, second = [ballot(round_id, Cast(1, n, (n,))) for n in (1, 2)]
    async with served_count.connection.transaction():
        sent = [{"key": first.key, "tier": "A", "revision": 1, "choices": [1]}]
        await served_count.connection.fetchval(
            "select project_ballots($1, $2)", round_id, json.dumps(sent)
        )
        consuming = asyncio.ensure_future(served_count.handle(second))
        await asyncio.sleep(0.3)
        assert not consuming.done()
    await consuming
    assert await served_count.votes(round_id) == [0, 1, 0, 0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["as they were cast", "the other way"])
async def test_a_voter_is_of_the_tier_of_her_last_revision(
    served_count: ServedCount, order: tuple[int, int]
) -> None:
    """A key may have tokens of two tiers; whoever recounts looks at what counts."""
    round_id = await open_round(served_count.connection)
    first, last = [ballot(round_id, Cast(1, n, (n,))) for n in (1, 2)]
    cast_so = (first, last.model_copy(update={"tier": "B"}))
    for place in order:
        await served_count.handle(cast_so[place])
    tier = await served_count.connection.fetchval(
        "select tier from ballot where round_id = $1", round_id
    )
    assert tier == "B"
    assert await served_count.votes(round_id) == [0, 1, 0, 0]


async def tallies(count: ServedCount, how_many: int) -> list[dict[str, Any]]:
    """The announced tallies, once there are so many; then none may follow."""
    async with asyncio.timeout(60):
        while len(await count.announced(TallyUpdated)) < how_many:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.gather(*(announce_tallies(count.database) for _ in range(4)))
    announced = await count.announced(TallyUpdated)
    assert len(announced) == how_many and not any(tally["final"] for tally in announced)
    return announced


async def test_tallies_are_announced_after_new_ballots_and_only_then(
    served_count: ServedCount,
) -> None:
    """By the process's own work, with other replicas beside it."""
    round_id = await open_round(served_count.connection)
    assert (await tallies(served_count, 1))[-1]["ballots"] == 0, "where it stands when it opens"
    await served_count.handle(ballot(round_id, Cast(1, 1, (1, 2))))
    first = (await tallies(served_count, 2))[-1]
    assert (first["ballots"], first["votes"]) == (1, {"1": 1, "2": 1, "3": 0, "4": 0})
    await served_count.handle(ballot(round_id, Cast(1, 2, (3,))))
    second = (await tallies(served_count, 3))[-1]
    assert (second["ballots"], second["votes"]) == (2, {"1": 0, "2": 0, "3": 1, "4": 0})
