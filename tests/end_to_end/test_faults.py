"""What dies on the way changes nothing: every promised ballot is in the ledger once, in order.

Two replicas of each process run. A fault is one of `Stack`'s: a kill, a freeze, a lost disk. While
it lasts, voters go on; afterwards the election is closed, decided and proven, and compared.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from comptoir.client import Client
from comptoir.election import generated_election
from comptoir.proof import index_of
from comptoir.replay import Rehearsal
from comptoir.stack import Stack
from comptoir.voter import cast
from shared.envelope import Envelope
from tests.backends import passable_directory
from tests.end_to_end.broker_disk import cut_tail
from tests.end_to_end.elections import assert_whole, decided, opened, revoted
from tests.end_to_end.topics import all_records
from tests.shared.conftest import eventually

pytestmark = pytest.mark.slow

PROCESSES = (
    "submission",
    "voting.roll",
    "voting.signer",
    "voting.box",
    "voting.count",
    "notification",
    "ledger",
    "ledger.signer",
)
SERVERS = ("kafka", "postgres.box", "postgres.roll", "postgres.main")
# What an outage may cost on top of itself, in seconds: on two cores that start Kafka again, casts
# and their clients wait for the processor too.
GRACE = 5.0


@pytest.fixture(scope="module")
async def stack(alone: None) -> AsyncIterator[Stack]:
    """Two replicas of each process; alarms after three seconds instead of thirty."""
    with passable_directory() as directory:
        quick = {"COMPTOIR_ALARM_AFTER": "3"}
        async with Stack(directory / "state", replicas=2, extra=quick) as stack:
            yield stack


@pytest.fixture(scope="module")
async def client(stack: Stack) -> AsyncIterator[Client]:
    async with Client(stack.addresses) as client:
        yield client


async def vote_while(
    rehearsal: Rehearsal, places: range, fault: Callable[[], Awaitable[None]]
) -> None:
    """Let these voters vote; once a third of them has, the fault happens."""
    before = len(rehearsal.result.promised)
    voting = asyncio.create_task(rehearsal.vote(places))
    await eventually(
        lambda: _value(len(rehearsal.result.promised)),
        lambda promised: promised >= before + len(places) // 3,
    )
    await fault()
    await voting


async def _value[T](value: T) -> T:
    return value


async def test_each_process_and_server_is_killed_in_the_middle_of_the_voting(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    victims = [*(f"{name}.{n}" for name in PROCESSES for n in (1, 2)), *SERVERS]
    chunk = 150
    # Behind each kill one more voter, whose ballot is followed into the ledger's checkpoint.
    voters = (chunk + 1) * len(victims)
    election = generated_election(projects=20, voters=voters, seed=11)
    rehearsal = await opened(client, election)
    moments: list[float] = []
    rehearsal._progress = lambda step, *_: moments.append(time.monotonic())
    outages: list[tuple[str, float, float, float]] = []

    for at, victim in enumerate(victims):

        async def kill(victim: str = victim, probe: int = chunk * len(victims) + at) -> None:
            pid, killed = stack.pid(victim), time.monotonic()
            stack.kill(victim)
            following = asyncio.create_task(_followed_into_the_ledger(rehearsal, probe))
            await eventually(lambda: _value(stack.children.pids().get(victim)), _another(pid))
            await stack.ready(victim)
            ready = time.monotonic()
            outages.append((victim, killed, ready, await following))

        await vote_while(rehearsal, range(at * chunk, (at + 1) * chunk), kill)
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert rehearsal.result.refusals == {}
    assert len(rehearsal.result.promised) == len(election.votes)
    assert_whole(rehearsal, entries)
    for victim, killed, ready, in_ledger in outages:
        stall = longest_gap([m for m in moments if killed - 1 < m < ready + 10], killed, ready)
        assert stall <= ready - killed + GRACE, victim
        # Relays, consumers and the signer too: a checkpoint is signed once a second at most.
        assert in_ledger <= ready + GRACE + 1, victim


async def _followed_into_the_ledger(rehearsal: Rehearsal, place: int) -> float:
    """Cast one ballot, and wait until a checkpoint covers it; the moment of that."""
    await rehearsal.vote(range(place, place + 1))
    digest = bytearray(hashlib.sha256(rehearsal.ballot(place)).digest()[:16])
    digest[6], digest[8] = digest[6] & 15 | 128, digest[8] & 63 | 128
    event_id = str(UUID(bytes=bytes(digest)))
    await eventually(
        lambda: index_of(rehearsal.client, rehearsal.result.log, event_id),
        lambda index: index is not None,
    )
    return time.monotonic()


def _another(pid: int) -> Callable[[int | None], bool]:
    return lambda now: now is not None and now != pid


def longest_gap(moments: list[float], start: float, end: float) -> float:
    """The longest time without an accepted ballot that overlaps [start, end]."""
    pairs = pairwise(moments)
    return max((b - a for a, b in pairs if b >= start and a <= end), default=0.0)


async def test_what_closes_and_decides_survives_being_killed(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    """The last steps: box, count, ledger and signer die one after the other behind the closing."""
    rehearsal = await opened(client, generated_election(projects=15, voters=300, seed=12))
    await rehearsal.vote(range(300))
    victims = [
        f"{name}.{n}"
        for n in (1, 2)
        for name in ("voting.box", "voting.count", "ledger", "ledger.signer")
    ]
    closing = asyncio.create_task(decided(rehearsal, tmp_path / "export.tar"))
    for victim in victims:
        pid = stack.pid(victim)
        stack.kill(victim)
        await eventually(
            lambda victim=victim: _value(stack.children.pids().get(victim)),  # type: ignore[misc]
            _another(pid),
        )
    entries = await closing
    await stack.all_ready()
    assert_whole(rehearsal, entries)


async def leader(stack: Stack, process: str, metric: str) -> str:
    """The replica that works, by its own metrics."""

    async def ask() -> list[str]:
        found = []
        async with aiohttp.ClientSession() as session:
            for number in (1, 2):
                replica = f"{process}.{number}"
                async with session.get(f"{stack.url(replica)}/metrics") as answer:
                    if f"\n{metric} 1.0\n" in await answer.text():
                        found.append(replica)
        return found

    return str((await eventually(ask, lambda found: len(found) == 1))[0])


async def alarms(client: Client, url: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await client.read_at(f"{url}/health/ready"))["alarms"]
    return found


async def cut_sessions(dsn: str, application: str) -> None:
    """End the sessions of this application, as a network or an administrator would."""
    connection = await asyncpg.connect(dsn, ssl=False)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name like $1 and pid <> pg_backend_pid()",
            application,
        )
    finally:
        await connection.close()


async def test_a_frozen_relay_raises_its_alarm_and_is_fenced_when_it_wakes(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    election = generated_election(projects=10, voters=260, seed=13)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(200))
    frozen = await leader(stack, "voting.box", "comptoir_relay_leader")
    other = "voting.box.2" if frozen.endswith("1") else "voting.box.1"
    voting = asyncio.create_task(rehearsal.vote(range(200, 260)))
    await eventually(
        lambda: _value(len(rehearsal.result.promised)), lambda promised: promised > 205
    )
    stack.freeze(frozen)
    try:
        # Its own work stalls, nobody else's: the other replica goes on taking ballots.
        await voting
        await eventually(lambda: alarms(client, stack.url(other)), lambda found: "outbox" in found)
        assert "outbox" not in await alarms(client, stack.urls("voting.count")[0])
        await cut_sessions(stack.addresses.superuser_dsn("voting_box"), "voting.box%")
        await eventually(lambda: alarms(client, stack.url(other)), lambda found: not found)
        sent = await all_records(stack, "voting.ballots")
    finally:
        stack.thaw(frozen)
    await stack.ready(frozen)
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    # No old batch left when it woke: what came later are later numbers.
    later = (await all_records(stack, "voting.ballots"))[len(sent) :]
    last = max(_number(record, rehearsal.result.log) for record in sent)
    assert all(_number(record, rehearsal.result.log) > last for record in later)


def _number(record: Any, log: str) -> int:
    envelope = Envelope.from_headers(record.headers)
    return (envelope.number or 0) if envelope.log == log else 0


async def test_a_frozen_consumer_raises_its_alarm_and_is_fenced_when_it_wakes(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    election = generated_election(projects=10, voters=600, seed=14)
    rehearsal = await opened(client, election)
    metric = 'comptoir_inbox_active{subscription="ballots"}'
    frozen = await leader(stack, "voting.count", metric)
    other = "voting.count.2" if frozen.endswith("1") else "voting.count.1"
    await rehearsal.vote(range(200))
    stack.freeze(frozen)
    try:
        await rehearsal.vote(range(200, 600))
        await eventually(
            lambda: alarms(client, stack.url(other)), lambda found: "inbox ballots" in found
        )
        await cut_sessions(stack.addresses.superuser_dsn("voting_count"), "voting.count%")
        await eventually(lambda: alarms(client, stack.url(other)), lambda found: not found)
    finally:
        stack.thaw(frozen)
    await stack.ready(frozen)
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    state = await rehearsal.state()
    assert state["ballots"] == 600


async def test_kafka_is_away_for_thirty_seconds_and_voters_keep_voting(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    election = generated_election(projects=10, voters=1_000, seed=15)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(200))
    await stack.take_down("kafka", hard=True)
    down = time.monotonic()
    await rehearsal.vote(range(200, 1_000))
    assert len(rehearsal.result.promised) == 1_000
    await asyncio.sleep(max(0.0, 30 - (time.monotonic() - down)))  # the fault itself lasts so long
    await stack.bring_up("kafka")
    await stack.all_ready()
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)


async def test_the_last_thousand_records_are_lost_under_the_same_topic_id(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    """As after a power loss: Kafka acknowledged what was never on the disk."""
    election = generated_election(projects=10, voters=1_600, seed=16)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(1_500))
    await _all_sent(stack, rehearsal)
    before = await all_records(stack, "voting.ballots")
    await stack.take_down("kafka", hard=True)
    left = cut_tail(stack.broker.directory / "data", "voting.ballots", 1_000)
    assert left <= len(before) - 1_000
    await stack.bring_up("kafka")
    await rehearsal.vote(range(1_500, 1_600))
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    await _assert_replayable(stack, rehearsal)


@pytest.mark.parametrize("longer", [False, True], ids=["shorter", "longer than before"])
async def test_the_data_directory_is_deleted_and_formatted_again(
    stack: Stack, client: Client, tmp_path: Path, longer: bool
) -> None:
    """Also where the new log grows beyond the old positions before anybody reads it."""
    election = generated_election(projects=10, voters=700, seed=17)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(400))
    await _all_sent(stack, rehearsal)
    if longer:
        # Count's consumers are away while the publishers send everything again, and more.
        for number in (1, 2):
            await stack.take_down(f"voting.count.{number}")
    await stack.lose_kafka_disk()
    await rehearsal.vote(range(400, 700))
    if longer:
        await _all_sent(stack, rehearsal)
        for number in (1, 2):
            await stack.bring_up(f"voting.count.{number}")
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    await _assert_replayable(stack, rehearsal)


async def _all_sent(stack: Stack, rehearsal: Rehearsal) -> None:
    """Wait until every promised ballot is on its topic."""
    await eventually(
        lambda: _on_topic(stack, rehearsal),
        lambda found: found >= rehearsal.result.promised,
    )


async def _on_topic(stack: Stack, rehearsal: Rehearsal) -> set[bytes]:
    return {
        hashlib.sha256(record.value or b"").digest()
        for record in await all_records(stack, "voting.ballots")
        if dict(record.headers)["ce_type"] == b"voting.ballot-cast.v1"
    }


async def _assert_replayable(stack: Stack, rehearsal: Rehearsal) -> None:
    """Kafka itself has everything again, and in the order of the numbers for who reads it first."""
    seen: set[bytes] = set()
    numbers = []
    for record in await all_records(stack, "voting.ballots"):
        envelope = Envelope.from_headers(record.headers)
        if envelope.log == rehearsal.result.log and record.value not in seen:
            seen.add(record.value or b"")
            numbers.append(envelope.number)
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_stop_without_kafka_ends_within_its_grace(stack: Stack) -> None:
    await stack.take_down("kafka", hard=True)
    try:
        for name in PROCESSES:
            replica = f"{name}.1"
            began = time.monotonic()
            await stack.take_down(replica)
            assert time.monotonic() - began < 15, replica
            assert "did not stop within" not in stack.children.last_lines(replica), replica
    finally:
        await stack.bring_up("kafka")
        for name in PROCESSES:
            await stack.bring_up(f"{name}.1")


async def test_a_ballot_changed_while_everything_dies_counts_as_it_was_last_acknowledged(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    election = generated_election(projects=8, voters=120, seed=18)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(120))
    votes = list(election.votes)
    for place in range(60):
        votes[place] = votes[119 - place]
    revoted(rehearsal, votes)

    for place in range(60):
        if place % 15 == 0:
            stack.kill(("voting.box.1", "postgres.box", "voting.box.2", "kafka")[place // 15])
        ballot = rehearsal.ballot(place, revision=2)
        await cast(client, ballot)
        rehearsal.result.promised.add(hashlib.sha256(ballot).digest())
    await stack.all_ready()
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert len(entries.of("voting.ballot-cast.v1")) == 180
    assert_whole(rehearsal, entries)
