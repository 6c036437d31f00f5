"""What leaves the box, in which order; closing; races."""

import asyncio
import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.events.voting import BallotCast, RoundClosed
from tests.voting.box.conftest import LOG, Box, ServedBox, arguments, delivered, opened
from tests.voting.box.voters import Voter
from voting.box import queries
from voting.box.app import ROUNDS


def digests(sent: list[bytes]) -> list[str]:
    """The digests of ballots, in their order."""
    return [hashlib.sha256(each).hexdigest() for each in sent]


async def several(box: Box, count: int = 12, *tiers: str) -> tuple[UUID, list[bytes]]:
    """A round and ballots that wait in it."""
    round_id = await box.opened(-60, 3600, *tiers)
    voters = [Voter(round_id, tier) for tier in tiers or ("A",) for _ in range(count)]
    sent = [voter.ballot([1, 3]) for voter in voters]
    assert [await box.cast(each) for each in sent] == ["accepted"] * len(sent)
    return round_id, sent


async def test_a_flush_publishes_in_the_order_of_the_digests(box: Box) -> None:
    _, sent = await several(box)
    await box.flush()
    published = [hashlib.sha256(row["body"]).hexdigest() for row in await box.rows()]
    assert published == sorted(digests(sent)) != digests(sent)
    assert await box.count("waiting") == 0 and await box.count("published") == len(sent)


async def test_a_flush_publishes_each_ballot_once(box: Box) -> None:
    round_id, sent = await several(box)
    await box.flush()
    await box.flush()
    later = Voter(round_id).ballot([2])
    assert await box.cast(later) == "accepted"
    await box.flush()
    rows = await box.rows()
    assert digests([row["body"] for row in rows]) == [*sorted(digests(sent)), *digests([later])]


async def test_an_event_id_derives_from_the_digest(box: Box) -> None:
    """RFC 9562 §5.8: version 8, the other bits are the digest's first."""
    await several(box)
    await box.flush()
    for row in await box.rows():
        digest = bytearray(hashlib.sha256(row["body"]).digest()[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        assert row["event_id"] == UUID(bytes=bytes(digest))
        assert (row["event_id"].version, row["event_id"].variant) == (8, "specified in RFC 4122")


async def test_the_outbox_says_nothing_of_when_a_ballot_came(box: Box) -> None:
    round_id, _ = await several(box)
    await box.flush()
    for row in await box.rows():
        assert (row["time"].second, row["time"].microsecond) == (0, 0)
        assert row["traceparent"] is None
        ballot = BallotCast.from_body(row["body"])
        assert (row["key"], row["subject"]) == (ballot.key, str(round_id))
        assert (row["topic"], row["type"]) == (BallotCast.topic, BallotCast.type)
        assert (row["log"], row["source"]) == (LOG, "voting.box")


async def test_flushes_at_the_same_time_publish_each_ballot_once(box: Box) -> None:
    for _ in range(10):
        _, sent = await several(box, 6, "A", "B")
        before = await box.count("published")
        await asyncio.gather(*(box.flush() for _ in range(4)))
        assert await box.count("published") == before + len(sent)
    assert len({row["event_id"] for row in await box.rows()}) == len(await box.rows()) == 120


async def test_a_ballot_under_way_is_waited_for_by_the_flush(box: Box) -> None:
    round_id = await box.opened()
    sent = Voter(round_id).ballot([1])
    async with box.connection.transaction():
        ballot = BallotCast.model_validate_json(sent)
        [verdict] = await box.connection.fetchval(queries.CAST, *arguments(ballot))
        assert verdict == "accepted"
        closing = asyncio.ensure_future(box.close(round_id))
        await box.blocked()
    assert (await closing)["ballots"] == 1


async def test_a_ballot_cast_while_the_round_closes_waits_and_is_refused(box: Box) -> None:
    round_id = await box.opened()
    async with box.connection.transaction():
        assert await queries.close_round(box.connection, round_id, datetime.now(UTC)) == LOG
        casting = asyncio.ensure_future(box.cast(Voter(round_id).ballot([1])))
        await box.blocked()
    assert await casting == "voting_closed"


async def test_closing_publishes_what_waits_and_states_number_and_counts(box: Box) -> None:
    round_id, sent = await several(box, 4, "A", "B")
    again = Voter(round_id)
    for revision in (1, 2, 3):
        assert await box.cast(again.ballot([revision], revision)) == "accepted"
    closed = await box.close(round_id)
    assert closed == {
        "round_id": str(round_id),
        "ballots": len(sent) + 3,
        "keys": len(sent) + 1,
        "last_number": len(sent) + 3,
    }
    assert await box.count("waiting") == 0
    numbers = [row["number"] for row in await box.rows()]
    assert sorted(numbers) == [*range(1, closed["last_number"] + 1)]
    assert await box.cast(Voter(round_id).ballot([1])) == "voting_closed"


async def test_numbers_of_a_log_go_on_over_its_rounds(box: Box) -> None:
    first, _ = await several(box, 3)
    assert (await box.close(first))["last_number"] == 3
    second, _ = await several(box, 2)
    # The first round's closing has number 4.
    assert (await box.close(second))["last_number"] == 6


async def test_closing_one_round_leaves_another_open(box: Box) -> None:
    one, other = await box.opened(), await box.opened()
    voter = Voter(other)
    assert await box.cast(voter.ballot([1])) == "accepted"
    assert (await box.close(one))["ballots"] == 0
    assert await box.count("waiting") == 1
    assert await box.cast(voter.ballot([2], 2)) == "accepted"
    assert (await box.close(other))["ballots"] == 2


async def test_a_round_that_never_opened_has_no_box_to_close(box: Box) -> None:
    with pytest.raises(IndexError):
        await box.close(UUID(int=1))


async def test_a_round_cannot_be_opened_with_other_rules(box: Box) -> None:
    round_id = await box.opened()
    with pytest.raises(Exception, match="duplicate key"):
        await box.handle(opened(round_id, -60, 7200, "A"))


async def test_what_races_with_closing_is_published_or_refused(served_box: ServedBox) -> None:
    """Twenty closings, each among forty ballots: no promise without an event, none without one."""
    refused = 0
    for turn in range(20):
        round_id = await served_box.opened()
        sent = [Voter(round_id).ballot([1 + n % 5]) for n in range(40)]

        async def close_soon(wait: float = turn / 200, round_id: UUID = round_id) -> int:
            await asyncio.sleep(wait)
            return int((await served_box.close(round_id))["ballots"])

        closing = asyncio.ensure_future(close_soon())
        answers = await asyncio.gather(*(served_box.post(each) for each in sent))
        ballots = await closing
        promised = {answer.body["ballot"] for answer in answers if answer.status == 201}
        assert {a.refusal for a in answers if a.status != 201} <= {(409, "voting_closed")}
        rows = [row for row in await served_box.rows() if row["subject"] == str(round_id)]
        assert promised == set(digests([row["body"] for row in rows]))
        assert ballots == len(rows) == len(promised)
        refused += len(sent) - len(promised)
    assert 0 < refused < 20 * 40, "nothing raced"
    assert await served_box.count("waiting") == 0


async def test_what_races_with_the_end_of_the_window_is_published_or_refused(
    served_box: ServedBox,
) -> None:
    """By the database's clock, with closing half a second later, as count's command comes."""
    round_id = uuid4()
    sent = [Voter(round_id).ballot([1]) for _ in range(120)]
    await served_box.handle(opened(round_id, -60, 0.5, "A"))
    answers = []
    for batch in range(0, len(sent), 6):
        answers += await asyncio.gather(
            *(served_box.post(each) for each in sent[batch : batch + 6])
        )
        await asyncio.sleep(0.03)
    promised = {answer.body["ballot"] for answer in answers if answer.status == 201}
    assert {a.refusal for a in answers if a.status != 201} == {(409, "voting_closed")}
    assert (await served_box.close(round_id))["ballots"] == len(promised) > 0
    assert promised == set(digests([row["body"] for row in await served_box.rows()]))


async def test_two_tiers_never_share_a_key(box: Box) -> None:
    """The roll cannot see keys once tokens are blinded: two tokens for one key may exist.

    One ballot counts; what must not happen is that the second one stops every flush.
    """
    for _ in range(5):
        round_id = await box.opened(-60, 3600, "A", "B")
        secret = hashlib.sha256(round_id.bytes).digest()
        one, other = Voter(round_id, "A", secret), Voter(round_id, "B", secret)
        verdicts: list[str] = []

        async def cast(sent: bytes, verdicts: list[str] = verdicts) -> None:
            verdicts.append(await box.cast(sent))

        jobs = [cast(one.ballot([1])), box.flush(), cast(other.ballot([2])), box.flush()]
        await asyncio.gather(*jobs)
        assert sorted(verdicts) == ["accepted", "revision_taken"]
        assert (await box.close(round_id))["ballots"] == 1


async def test_a_key_is_cast_once_at_a_time_in_all_tiers(box: Box) -> None:
    """No index would find both: each tier has a partition of its own."""
    round_id = await box.opened(-60, 3600, "A", "B")
    secret = bytes(range(32))
    one, other = Voter(round_id, "A", secret), Voter(round_id, "B", secret)
    async with box.connection.transaction():
        ballot = BallotCast.model_validate_json(one.ballot([1]))
        [verdict] = await box.connection.fetchval(queries.CAST, *arguments(ballot))
        assert verdict == "accepted"
        casting = asyncio.ensure_future(box.cast(other.ballot([2])))
        await box.blocked()
        assert not casting.done()
    assert await casting == "revision_taken"


async def test_what_the_flush_of_one_tier_moves_under_a_cast_of_another_is_found(box: Box) -> None:
    """The crossing that chance rarely hits: B's ballot looks while A's is moved."""
    round_id = await box.opened(-60, 3600, "A", "B")
    secret = bytes(range(32))
    one, other = Voter(round_id, "A", secret), Voter(round_id, "B", secret)
    assert await box.cast(one.ballot([1])) == "accepted"
    async with box.connection.transaction():
        assert await box.connection.fetchval(queries.FLUSH, round_id, "A", datetime.now(UTC)) == 1
        casting = asyncio.ensure_future(box.cast(other.ballot([2])))
        await box.blocked()
    assert await casting == "revision_taken"
    assert (await box.close(round_id))["ballots"] == 1
    assert json.loads((await box.rows())[0]["body"])["choices"] == [1]


async def test_a_flush_that_dies_is_whole_or_absent(box: Box) -> None:
    """Its session is cut when all is written, and it waits for the round's partitions."""
    _, sent = await several(box)
    async with box.connection.transaction():
        await box.connection.execute("lock table waiting in access share mode")
        flushing = asyncio.ensure_future(box.flush())
        [process] = await box.blocked()
        await box.connection.execute("select pg_terminate_backend($1)", process)
        with pytest.raises(asyncpg.PostgresError):
            await flushing
    assert await box.count("waiting") == len(sent)
    assert not await box.rows() and not await box.count("published")
    await box.flush()
    assert digests([row["body"] for row in await box.rows()]) == sorted(digests(sent))


async def test_a_closing_that_dies_is_whole_or_absent(box: Box) -> None:
    round_id, sent = await several(box, 3, "A", "B")
    event = delivered(RoundClosed(round_id=round_id, closed_at=datetime.now(UTC)))
    with pytest.raises(ZeroDivisionError):
        async with box.database.begin() as session:
            await ROUNDS.handle(session, [event])
            raise ZeroDivisionError
    assert await box.count("waiting") == len(sent) and not await box.rows()
    assert await box.cast(Voter(round_id).ballot([1])) == "accepted"
    assert (await box.close(round_id))["ballots"] == len(sent) + 1
