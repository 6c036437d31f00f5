"""The flush rule (k, interval): who leaves with whom, who waits on, and what stays of the order."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.events.voting import FlushRule
from tests.voting.box.conftest import Box
from tests.voting.box.voters import Voter, bytes_of
from voting.box import flushing

K, INTERVAL = 3, 900
RULE = FlushRule(k=K, interval=INTERVAL)
# What of a box's tables may have a time or an order, by table and column.
TIMES = {
    ("round", "opens_at"),  # in the rules that everybody knows
    ("round", "closes_at"),
    ("round", "first_closes_at"),  # what was frozen, whatever was extended
    ("outbox", "time"),  # the flush's minute, for ballots
    ("outbox_recovered", "began_at"),
    ("outbox_recovered", "reopened_at"),
    ("outbox_recovered", "ended_at"),
    ("service_key", "announced_at"),
}
ORDERS = {("outbox", "id"), ("outbox_recovered", "id")}


def after(seconds: float) -> datetime:
    """So many seconds after a round was opened that opens now."""
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def cast(box: Box, round_id: UUID, count: int, tier: str = "A") -> list[Voter]:
    """Voters, each of whom casts a ballot, one after the other."""
    voters = [Voter(round_id, tier) for _ in range(count)]
    for voter in voters:
        assert await box.cast(voter.ballot([1])) == "accepted"
    return voters


async def keys(box: Box, table: str) -> list[bytes]:
    """The keys in a table, as its rows stand on the disk."""
    rows = await box.connection.fetch(f"select key from {table} order by tableoid, ctid")
    return [row["key"] for row in rows]


async def partitions(box: Box) -> list[str]:
    """The tables in which ballots wait."""
    rows = await box.connection.fetch(
        "select relname from pg_class where relkind = 'r' and relname like 'waiting%' order by 1"
    )
    return [row["relname"] for row in rows]


async def test_nothing_leaves_before_twice_k_keys_wait(box: Box) -> None:
    round_id = await box.opened(0, flush=RULE)
    first, *_ = await cast(box, round_id, 2 * K - 1)
    # Another revision is no other voter.
    assert await box.cast(first.ballot([2], 2)) == "accepted"
    await box.flush(after(10 * INTERVAL))
    assert await box.count("published") == 0
    await cast(box, round_id, 1)
    await box.flush(after(10 * INTERVAL))
    assert len(set(await keys(box, "published"))) == len(set(await keys(box, "waiting"))) == K


async def test_nothing_leaves_before_the_interval_has_passed_since_the_last_flush(box: Box) -> None:
    round_id = await box.opened(0, flush=RULE)
    await cast(box, round_id, 2 * K)
    await box.flush(after(INTERVAL - 60))
    assert await box.count("published") == 0
    await box.flush(after(INTERVAL + 1))
    assert await box.count("published") == K
    await cast(box, round_id, 10)
    # It is kept to the minute, and never shorter than it says.
    await box.flush(after(2 * INTERVAL + 1))
    assert await box.count("published") == K
    await box.flush(after(2 * INTERVAL + 61))
    assert await box.count("published") == K + 10


async def test_all_but_k_leave_however_many_wait(box: Box) -> None:
    round_id = await box.opened(0, flush=RULE)
    await cast(box, round_id, 5 * K)
    await box.flush(after(INTERVAL + 1))
    assert (await box.count("published"), await box.count("waiting")) == (4 * K, K)


async def test_whose_ballots_are_known_hides_nobody(box: Box) -> None:
    """Whoever votes for the first time is one of 2k who do, however many others change their mind;
    and k of these wait on."""
    round_id = await box.opened(0, flush=RULE)
    first = await cast(box, round_id, 5 * K)
    await box.flush(after(INTERVAL + 1))
    left = set(await keys(box, "published"))
    for voter in first:
        if bytes_of(voter.key) in left:
            assert await box.cast(voter.ballot([2], 2)) == "accepted"
    await cast(box, round_id, K - 1)
    await box.flush(after(3 * INTERVAL))
    assert await box.count("published") == len(left) == 4 * K, "with those that wait on: 2k - 1"
    await cast(box, round_id, 1)
    await box.flush(after(3 * INTERVAL))
    assert await box.count("published") == 4 * K + 4 * K + K
    waits = set(await keys(box, "waiting"))
    assert len(waits) == K and not waits & left


async def test_a_key_leaves_or_waits_with_all_its_revisions(box: Box) -> None:
    round_id = await box.opened(0, flush=RULE)
    voters = await cast(box, round_id, 2 * K)
    for voter in voters:
        for revision in (2, 3):
            assert await box.cast(voter.ballot([2], revision)) == "accepted"
    await box.flush(after(INTERVAL + 1))
    left, waits = Counter(await keys(box, "published")), Counter(await keys(box, "waiting"))
    assert not left.keys() & waits.keys()
    assert {*left.values(), *waits.values()} == {3} and len(left) == len(waits) == K
    # Of those that wait, all is as it was: nothing can be cast twice, and all of it comes.
    for voter in voters:
        assert await box.cast(voter.ballot([1])) == "accepted"
        assert await box.cast(voter.ballot([3], 2)) == "revision_taken"
    assert (await box.close(round_id))["ballots"] == 6 * K


async def test_who_waits_on_is_drawn(box: Box) -> None:
    """That all of thirty draws agree happens once in 10^39 times."""
    drawn: set[tuple[int, ...]] = set()
    for _ in range(30):
        round_id = await box.opened(0, flush=RULE)
        voters = await cast(box, round_id, 2 * K)
        await box.flush(after(INTERVAL + 1))
        left = set(await keys(box, "published"))
        drawn.add(tuple(n for n, voter in enumerate(voters) if bytes_of(voter.key) in left))
        await box.close(round_id)
    assert len(drawn) > 1


async def test_what_is_left_is_in_no_order_of_arrival(box: Box) -> None:
    """Neither on the disk nor in the outbox; of who waits on, one in 20! orders is the one."""
    round_id = await box.opened(0, flush=FlushRule(k=20, interval=INTERVAL))
    came = [bytes_of(voter.key) for voter in await cast(box, round_id, 60)]
    await box.flush(after(INTERVAL + 1))
    waits = await keys(box, "waiting")
    assert len(waits) == 20 and waits != [key for key in came if key in waits]
    sorted_keys = [
        bytes_of(row["key"])
        for row in sorted(await box.rows(), key=lambda row: hashlib.sha256(row["body"]).digest())
    ]
    assert await keys(box, "published") == sorted_keys
    assert [bytes_of(row["key"]) for row in await box.rows()] == sorted_keys
    # All by one transaction, so that no row has an id of its own cast.
    for table in ("published", "waiting", "outbox"):
        [ids] = await box.connection.fetch(
            f"select count(distinct xmin::text) as different from {table}"
        )
        assert ids["different"] == 1, table


async def test_an_epoch_is_dropped_with_its_partition(box: Box) -> None:
    round_id = await box.opened(0, 3600, "A", "B", flush=RULE)
    name = f"waiting_{round_id.hex}"
    assert await partitions(box) == [f"{name}_A_1", f"{name}_B_1"]
    await cast(box, round_id, 2 * K)
    await cast(box, round_id, 2 * K - 1, "B")
    await box.flush(after(INTERVAL + 1))
    assert await partitions(box) == [f"{name}_A_2", f"{name}_B_1"]
    await box.close(round_id)
    assert await partitions(box) == []


@pytest.mark.parametrize("left", [1, K, 2 * K - 1])
async def test_at_the_closing_everything_leaves(box: Box, left: int) -> None:
    round_id = await box.opened(0, flush=RULE)
    await cast(box, round_id, left)
    await box.flush(after(INTERVAL + 1))
    assert await box.count("published") == 0
    assert (await box.close(round_id))["keys"] == left
    await box.flush(after(2 * INTERVAL))
    assert await box.count("published") == left


async def test_a_closed_round_is_due_no_more(box: Box) -> None:
    round_id = await box.opened(0, flush=RULE)
    await cast(box, round_id, 2 * K)
    await box.close(round_id)
    assert not await box.connection.fetchval(
        "select flush_is_due($1, 'A', $2)", round_id, after(INTERVAL + 1)
    )


async def test_a_ballot_leaves_in_the_minute_of_its_flush(box: Box) -> None:
    round_id = await box.opened(0, flush=RULE)
    await cast(box, round_id, 2 * K)
    moment = after(INTERVAL + 61)
    await box.flush(moment)
    times = {row["time"] for row in await box.rows()}
    assert times == {moment.replace(second=0, microsecond=0)}


async def test_no_table_of_the_box_keeps_a_time_or_an_order_of_arrival(box: Box) -> None:
    """voting-protocol.md §5: the outbox alone may have an order column, since it follows the
    digests; and no id is drawn by a clock."""
    await box.opened(0, flush=RULE)
    columns = await box.connection.fetch(
        "select table_name, column_name, data_type, is_identity, column_default"
        " from information_schema.columns where table_schema = 'public'"
    )
    places = {(c["table_name"], c["column_name"]): c for c in columns}
    timed = {p for p, c in places.items() if c["data_type"].startswith(("time", "date"))}
    assert timed <= TIMES
    numbered = {
        place
        for place, column in places.items()
        if column["is_identity"] == "YES" or "nextval" in (column["column_default"] or "")
    }
    assert numbered == ORDERS
    drawn = {c["column_default"] for c in columns if c["data_type"] == "uuid"}
    assert drawn <= {None, "gen_random_uuid()"}


async def test_the_end_of_the_log_is_noted_for_what_was_flushed_before_it(box: Box) -> None:
    round_id = await box.opened(0, flush=RULE)
    await cast(box, round_id, 2 * K)
    assert not await in_log(box)
    await box.flush(after(INTERVAL + 1))
    assert await in_log(box) == [(round_id, "A", 2)]
    await flushing.end_log(box.database)
    assert not await in_log(box)
    await box.close(round_id)
    assert await in_log(box) == [(round_id, "A", 3)]


async def test_a_rehearsal_that_hides_nothing_ends_the_log_only_when_it_closes(box: Box) -> None:
    """Five times a second would be 80 MB of new segments each second."""
    round_id = await box.opened()
    await cast(box, round_id, 2)
    await box.flush()
    assert await box.count("published") == 2 and not await in_log(box)
    await box.close(round_id)
    assert await in_log(box) == [(round_id, "A", 3)]


async def in_log(box: Box) -> list[tuple[UUID, str, int]]:
    """The epochs, named by the next one, of which the log may still have something."""
    rows = await box.connection.fetch(
        "select round_id, tier, epoch from tier where log_ended < epoch order by 1, 2"
    )
    return [(row["round_id"], row["tier"], row["epoch"]) for row in rows]
