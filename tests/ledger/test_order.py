"""The worst order: events of a publisher across logs, topics, restarts, rollbacks and replicas."""

import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import pytest

from ledger.sequence import PUBLISHERS
from shared.delivery import Delivered, Record
from shared.events import Event
from shared.events.event import PLATFORM_LOG
from shared.events.funding import AgreementSigned
from shared.events.submission import OptionsFrozen, RoleGranted, options_digest
from shared.events.voting import RoundClosed
from tests.ledger.conftest import EDITION, NOW, PREFIX, Ledger
from tests.ledger.replica import Replica, record

LOGS = (EDITION, "other")
MOST_AGAIN = 4


class Died(Exception):
    """The process ends in the middle of a transaction."""


def published(ledger: Ledger, rng: random.Random) -> dict[str, list[Record]]:
    """What publishers sent, by topic, in the order of sending: charters are somewhere among it."""
    topics: dict[str, list[Record]] = defaultdict(list)

    def send(event: Event, log: str) -> None:
        found: Delivered[Event] = ledger.published(event, log)
        topics[event.topic].append(record(found, event.topic))

    opening = {rng.randrange(60): log for log in LOGS}
    while len(opening) < len(LOGS):
        opening = {rng.randrange(60): log for log in LOGS}
    for turn in range(120):
        if (log := opening.get(turn)) is not None:
            charter = ledger.charter(log)
            topics[charter.event.topic].append(record(charter, charter.event.topic))
        log, one = rng.choice(LOGS), uuid4()
        match rng.randrange(5):
            case 0:
                [dossier] = ledger.dossiers(1, log)
                topics[dossier.event.topic].append(record(dossier, dossier.event.topic))
            case 1:
                digest = options_digest([(one, 1, "c" * 64)])
                frozen = OptionsFrozen(
                    round_id=uuid4(), programme_id=uuid4(), options=(one,), digest=digest
                )
                send(frozen, log)
            case 2:
                send(RoundClosed(round_id=uuid4(), closed_at=NOW), log)
            case 3:
                officers = (UUID(int=1), UUID(int=2))
                signed = AgreementSigned(
                    round_id=one, option_id=uuid4(), amount=1, officers=officers
                )
                send(signed, log)
            case 4:
                granted = RoleGranted(officer=one, role="adviser", by=one)
                send(granted, PLATFORM_LOG)
    return dict(topics)


@pytest.fixture
async def replicas(ledger: Ledger) -> AsyncIterator[list[Replica]]:
    async with AsyncExitStack() as closing:
        made = [Replica(ledger.made.dsn, PREFIX) for _ in range(2)]
        for each in made:
            closing.push_async_callback(each.close)
        yield made


@pytest.mark.parametrize("seed", range(6))
async def test_every_event_stands_once_and_in_its_publishers_order(
    ledger: Ledger, replicas: list[Replica], seed: int
) -> None:
    rng = random.Random(seed)
    topics = published(ledger, rng)
    done = dict.fromkeys(topics, 0)
    leader = replicas[0]
    await leader.lead()
    while left := [topic for topic, sent in topics.items() if done[topic] < len(sent)]:
        topic = rng.choice(left)
        again, more = rng.randrange(MOST_AGAIN), rng.randint(1, 12)
        batch = topics[topic][max(0, done[topic] - again) : done[topic] + more]
        match rng.randrange(6):
            case 0:  # a restart, or another replica takes over
                leader = rng.choice(replicas)
                await leader.lead()
            case 1:  # it dies before the commit, and whoever comes next is given it again
                before = await ledger.count("entry"), await ledger.count("held")
                with pytest.raises(Died):
                    await _dying(leader, topic, batch)
                assert (await ledger.count("entry"), await ledger.count("held")) == before
                continue
        await leader.take(topic, batch)
        done[topic] = min(done[topic] + more, len(topics[topic]))
    await _check(ledger, topics)
    # The broker's disk is lost, and publishers send everything again, in another order of topics.
    for topic in rng.sample(sorted(topics), len(topics)):
        await leader.take(topic, topics[topic])
    await _check(ledger, topics)


async def _dying(replica: Replica, topic: str, batch: list[Record]) -> None:
    subscription = replica._inbox.subscription
    assert subscription.fence is not None and subscription.every is not None
    async with replica.database.begin() as session:
        await subscription.fence.check(session)
        await subscription.every(
            session, [subscription.reads(r, subscription.types) for r in batch]
        )
        raise Died


async def _check(ledger: Ledger, topics: dict[str, list[Record]]) -> None:
    expected: dict[tuple[str, str], list[str]] = defaultdict(list)
    sent = [dict(each.headers) for records in topics.values() for each in records]
    for headers in sorted(sent, key=lambda headers: int(headers["ce_number"])):
        log, src = headers["ce_log"].decode(), headers["ce_source"].decode()
        expected[log, src].append(headers["ce_id"].decode())
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for log in (PLATFORM_LOG, *LOGS):
        for entry in map(json.loads, await ledger.entries(log)):
            if entry["src"] in PUBLISHERS.values():
                found[log, entry["src"]].append(entry["id"])
    assert found == expected
    assert await ledger.count("held") == await ledger.count("quarantine") == 0
    await ledger.sign()
