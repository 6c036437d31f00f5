"""What was published is never lost with a disk: Kafka's, or a publisher's database's."""

import asyncio
import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import pytest

from comptoir.browser import Browser
from comptoir.client import Client, Refused
from comptoir.desks import Desks
from comptoir.election import generated_election
from comptoir.mailbox import Mailbox
from comptoir.stack import Stack
from comptoir.voter import cast
from shared.events.voting import ServiceReopened
from tests.backends import passable_directory
from tests.end_to_end.commands import invoked
from tests.end_to_end.elections import assert_whole, decided, opened
from tests.end_to_end.topics import all_records
from tests.shared.conftest import eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def stack(alone: None) -> AsyncIterator[Stack]:
    """The whole platform; alarms after three seconds instead of thirty."""
    with passable_directory() as directory:
        async with Stack(directory / "state", extra={"COMPTOIR_ALARM_AFTER": "3"}) as stack:
            yield stack


@pytest.fixture(scope="module")
async def client(stack: Stack) -> AsyncIterator[Client]:
    async with Client(stack.addresses) as client:
        yield client


async def rows(dsn: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn, ssl=False)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


async def covered(stack: Stack, database: str) -> bool:
    """Whether a checkpoint covers everything that a publisher has numbered, and that is all."""
    found = await rows(
        stack.addresses.superuser_dsn(database),
        "select coalesce(bool_and(coalesce(c.number, 0) = n.number), false)"
        " and not exists (select from outbox where position is null) as whole"
        " from outbox_number n left join outbox_covered c using (log)",
    )
    return bool(found[0]["whole"])


async def health(stack: Stack, replica: str) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{stack.url(replica)}/health/ready") as answer,
    ):
        found: dict[str, Any] = (await answer.json())["alarms"]
        return found


async def test_kafka_s_disk_is_lost_while_count_and_notification_are_stopped_and_behind(
    stack: Stack, client: Client, tmp_path: Path
) -> None:
    election = generated_election(projects=10, voters=500, seed=31)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(200))
    mails = Mailbox(stack.addresses.mails)
    for name in ("voting.count.1", "notification.1"):
        await stack.take_down(name)
    # Neither sees these before the disk is gone; they are in Kafka, and in the ledger.
    await rehearsal.vote(range(200, 400))
    people = [f"somebody-{n}@example.org" for n in range(5)]
    async with Browser(stack.url("submission.1")) as browser:
        for address in people:
            (await browser.fill("/sign-in", "/sign-in/mail", address=address)).done()
    await eventually(lambda: covered(stack, "voting_box"), bool)
    assert len(await all_records(stack, "voting.ballots")) >= 400
    await stack.lose_kafka_disk()
    await rehearsal.vote(range(400, 500))
    for name in ("voting.count.1", "notification.1"):
        await stack.bring_up(name)
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    state = await rehearsal.state()
    assert state["ballots"] == 500

    async def told() -> Counter[str]:
        return Counter(mail.address for mail in mails.mails() if mail.address in people)

    assert await eventually(told, lambda found: len(found) == 5) == Counter(people)


async def test_count_was_away_for_longer_than_anybody_keeps_and_reads_the_ledger_instead(
    stack: Stack, client: Client, tmp_path: Path, state: str
) -> None:
    """Two hundred ballots are neither in Kafka nor in the box's outbox any more."""
    election = generated_election(projects=10, voters=400, seed=33)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(100))
    await stack.take_down("voting.count.1")
    await rehearsal.vote(range(100, 300))
    await eventually(lambda: covered(stack, "voting_box"), bool)
    await rows(
        stack.addresses.superuser_dsn("voting_box"),
        "delete from outbox where type = 'voting.ballot-cast.v1'",
    )
    await stack.lose_kafka_disk()
    await stack.bring_up("voting.count.1")
    await rehearsal.vote(range(300, 400))
    await stack.ready("ledger.1")
    done = await invoked("recover", "voting.count", "--read", "--state", state)
    assert done.exit_code == 0, (done.output, done.exception)
    # It may know some of them: those that it read before it was stopped.
    handed = int(done.output.split()[3])
    assert 200 <= handed <= 400
    again = await invoked("recover", "voting.count", "--read", "--state", state)
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    assert again.exit_code == 0
    found = await rehearsal.state()
    assert found["ballots"] == 400


async def test_a_box_restored_from_yesterday_publishes_nothing_until_it_was_recovered(
    stack: Stack, client: Client, tmp_path: Path, state: str
) -> None:
    election = generated_election(projects=10, voters=400, seed=32)
    rehearsal = await opened(client, election)
    await rehearsal.vote(range(100))
    data = stack.clusters["box"].directory / "data"
    backup = tmp_path / "yesterday"
    await _down(stack)
    await asyncio.to_thread(shutil.copytree, data, backup)
    await _up(stack)
    await rehearsal.vote(range(100, 300))
    await eventually(lambda: covered(stack, "voting_box"), bool)
    await _down(stack)
    await asyncio.to_thread(_replace, data, backup)
    await stack.bring_up("postgres.box")
    await stack.children.resume("voting.box.1")

    # It refuses: it is not ready, says why, takes nothing, and gives no number a second time.
    said = await eventually(lambda: _health(stack), lambda found: "restored" in found)
    assert "comptoir recover voting.box" in said["restored"]
    before = await all_records(stack, "voting.ballots")
    async with aiohttp.ClientSession() as session:
        url = f"{stack.url('voting.box.1')}/ballots"
        async with session.post(url, data=rehearsal.ballot(250)) as answer:
            problem = json.loads(await answer.read())
            assert (answer.status, problem["code"]) == (503, "restored")

    # Its mark says it before a checkpoint does, of which the last one covers all.
    log = rehearsal.result.log
    behind = await eventually(
        lambda: _behind(state), lambda found: found.get(log, {}).get("covered") == 300
    )
    assert behind.keys() == {log}
    # The backup may have some that were not numbered yet, or not even flushed.
    numbers = behind[log]
    assert 0 < numbers["known"] <= 100
    done = await invoked("recover", "voting.box", "--state", state)
    assert done.exit_code == 0, done.output
    missing = 300 - numbers["known"]
    assert f"{missing} voting.ballot-cast.v1: with its state" in done.output
    assert "promised and not yet published" in done.output
    # And closed: the process looks four times a second. What waits to be published may be old.
    await eventually(
        lambda: _health(stack), lambda found: "recovered" in found and "restored" not in found
    )
    assert await all_records(stack, "voting.ballots") == before
    recovery = json.loads(
        (await invoked("recover", "voting.box", "--show", "--state", state)).output
    )["recovery"]
    with pytest.raises(Refused, match="two_officers_needed"):  # nobody opens it alone
        await client.officer("voting.box", "/desk/recovery/reopen", {"because": "it is urgent"})
    said_how = await invoked(
        "recover", "voting.box", "--reopen", "promises compared", "--state", state
    )
    assert said_how.exit_code == 0, said_how.output
    async with Desks(stack.addresses) as desks:
        # Of another recovery: an old one, or one that never was. It is read, and opens nothing.
        other = said_how.output.replace(recovery, str(uuid4()))
        for written in (other, said_how.output):
            (page,) = re.findall(r"(/desk/reopening\?\S+)", written)
            await desks.together(
                "count", ("alix", "basile"), page, "/desk/reopening", cause="disk-lost"
            )
            if written == other:
                await eventually(lambda: _reopenings(stack), lambda found: found == 1)
                assert "recovered" in await _health(stack)
    await stack.ready("voting.box.1")
    assert await _reopenings(stack) == 2

    # What was promised before the disk was lost is known: the same bytes get the same promise.
    await cast(client, rehearsal.ballot(150))
    await rehearsal.vote(range(300, 400))
    entries = await decided(rehearsal, tmp_path / "export.tar")
    assert_whole(rehearsal, entries)
    again = await invoked("recover", "voting.box", "--state", state)
    assert again.exit_code != 0
    assert "nothing to recover" in str(again.exception)


async def test_a_roll_restored_from_yesterday_issues_nothing_though_it_lacks_no_number(
    stack: Stack, client: Client, tmp_path: Path, state: str
) -> None:
    """Tokens have no numbers: the ledger sees nothing wrong. Its mark does, while Kafka is away."""
    election = generated_election(projects=10, voters=20, seed=34)
    rehearsal = await opened(client, election)
    await eventually(lambda: covered(stack, "voting_roll"), bool)
    data = stack.clusters["roll"].directory / "data"
    backup = tmp_path / "yesterday"
    await _down(stack, "roll")
    counted = stack.state.directory / "marks" / "voting.roll"
    before = json.loads(counted.read_text())["number"]
    await asyncio.to_thread(shutil.copytree, data, backup)
    # It goes on without Kafka: nothing but its mark says that this database worked last.
    await stack.take_down("kafka")
    await stack.bring_up("postgres.roll")
    await stack.children.resume("voting.roll.1")

    async def number() -> int:
        return int(json.loads(counted.read_text())["number"])

    await eventually(number, lambda now: now > before + 1)
    await _down(stack, "roll")
    await asyncio.to_thread(_replace, data, backup)
    await stack.bring_up("postgres.roll")
    await stack.children.resume("voting.roll.1")
    said = await eventually(lambda: _health(stack, "roll"), lambda found: "restored" in found)
    assert "the mark beside it is" in said["restored"]
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stack.url('voting.roll.1')}/rounds/{uuid4()}/tokens", json={}) as answer,
    ):
        assert (answer.status, (await answer.json())["code"]) == (503, "restored")
    await stack.bring_up("kafka")
    await stack.ready("ledger.1")
    done = await invoked("recover", "voting.roll", "--state", state)
    assert done.exit_code == 0, done.output
    assert "THEY COULD VOTE TWICE" in done.output
    await eventually(lambda: _health(stack, "roll"), lambda found: "recovered" in found)
    opening = ("recover", "voting.roll", "--reopen", "no other round was open", "--state", state)
    refused = await invoked(*opening)
    assert "lets nobody vote twice" in str(refused.exception)
    said_how = await invoked(*opening, "--by-hand")
    async with Desks(stack.addresses) as desks:
        (page,) = re.findall(r"(/desk/reopening\?\S+)", said_how.output)
        await desks.together(
            "count", ("alix", "basile"), page, "/desk/reopening", cause="disk-lost"
        )
    await stack.ready("voting.roll.1")
    await rehearsal.vote(range(20))


async def _behind(state: str) -> dict[str, dict[str, int]]:
    """How far the box is behind what it heard, by log."""
    shown = await invoked("recover", "voting.box", "--show", "--state", state)
    behind: dict[str, dict[str, int]] = json.loads(shown.output)["behind"]
    return behind


async def _reopenings(stack: Stack) -> int:
    """How many decisions of two officers are in Kafka, once the box has read all of them."""
    records = await all_records(stack, "voting.administration")
    read = await rows(
        stack.addresses.superuser_dsn("voting_box"),
        "select next from position where topic = 'voting.administration'",
    )
    if [row["next"] for row in read] != [len(records)]:
        return -1
    kinds = [dict(record.headers)["ce_type"] for record in records]
    return kinds.count(ServiceReopened.type.encode())


async def _health(stack: Stack, of: str = "box") -> dict[str, Any]:
    try:
        return await health(stack, f"voting.{of}.1")
    except aiohttp.ClientError:
        return {}


async def _down(stack: Stack, of: str = "box") -> None:
    for name in (f"voting.{of}.1", f"postgres.{of}"):
        await stack.take_down(name)


async def _up(stack: Stack) -> None:
    for name in ("postgres.box", "voting.box.1"):
        await stack.bring_up(name)


def _replace(data: Path, backup: Path) -> None:
    owner = data.stat()
    shutil.rmtree(data)
    shutil.copytree(backup, data)
    for path in (data, *data.rglob("*")):
        shutil.chown(path, owner.st_uid, owner.st_gid)


@pytest.fixture
def state(stack: Stack) -> str:
    return str(stack.state.directory)
