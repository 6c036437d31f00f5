"""By when promised ballots have to be there, as the log says so far, and who can have promised."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ledger import queries
from ledger.app import LedgerSettings, application
from ledger.promises import Due, due
from shared.events import Event
from shared.events.acts import RoundAnnulled, RoundExtended
from shared.events.event import PLATFORM_LOG
from shared.events.voting import BoxKeyAnnounced, RoundClosed, RoundOpened
from tests.ledger.conftest import EDITION, Ledger
from tests.opening import round_opened
from tests.serving import Client, served, settings

ROUND, OTHER = UUID(int=5), UUID(int=6)
HOUR = timedelta(hours=1)
OPENING = round_opened(ROUND)
END = OPENING.closes_at
BY = {"officers": (UUID(int=1), UUID(int=2))}
KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def extended(to: datetime, round_id: UUID = ROUND) -> RoundExtended:
    said: dict[str, Any] = {"round_id": round_id, "closes_at": to, "reason": "box-down", **BY}
    return RoundExtended.model_validate(said)


def closed(at: datetime) -> RoundClosed:
    return RoundClosed(round_id=ROUND, closed_at=at)


def measured(*events: Event) -> Due | None:
    """What the entries of these events say, from index 10 on."""
    entries = [
        json.dumps({"type": event.type, "body": json.loads(event.body())}).encode()
        for event in events
    ]
    return due(enumerate(entries, start=10), ROUND)


@pytest.mark.parametrize(
    ("events", "at", "index"),
    [
        ([OPENING], END + HOUR, 10),
        ([OPENING, extended(END + HOUR)], END + 2 * HOUR, 11),
        ([OPENING, extended(END + HOUR), extended(END + 3 * HOUR)], END + 4 * HOUR, 12),
        ([OPENING, extended(END + HOUR, OTHER)], END + HOUR, 10),
        # By command, as a rehearsal is.
        ([OPENING, closed(END - HOUR)], END, 11),
        # Count is late. Voting had ended all the same.
        ([OPENING, closed(END + 5 * HOUR)], END + HOUR, 10),
        ([OPENING, extended(END + 2 * HOUR), closed(END + HOUR)], END + 2 * HOUR, 12),
    ],
)
def test_an_hour_after_the_end_of_voting_whatever_it_was_extended_to(
    events: list[Event], at: datetime, index: int
) -> None:
    assert measured(*events) == Due(at, index)


def test_nothing_is_due_in_a_round_that_never_opened() -> None:
    assert measured() is None
    assert measured(round_opened(OTHER), extended(END), closed(END)) is None


@pytest.fixture
async def client(edition: Ledger) -> AsyncIterator[Client]:
    app = application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app) as client:
        yield client


async def test_a_reader_is_told_the_hour_its_entry_and_the_keys(
    client: Client, edition: Ledger
) -> None:
    path = f"/logs/{EDITION}/promises/{ROUND}"
    await edition.take(
        edition.published(BoxKeyAnnounced(service_key=KEY), PLATFORM_LOG),
        edition.published(OPENING),
    )
    assert (await client.ask("GET", path)).refusal == (404, "not_found"), "it is not signed yet"
    await edition.sign()
    answer = await client.ask("GET", path)

    async def place(kind: type[Event]) -> int:
        said = [json.loads(entry) for entry in await edition.entries()]
        [found] = [
            index
            for index, leaf in enumerate(said)
            if leaf["type"] == kind.type and leaf["body"]["round_id"] == str(ROUND)
        ]
        return found

    assert datetime.fromisoformat(answer.body["due"]).astimezone(UTC) == END + HOUR
    assert (answer.body["entry"], answer.body["keys"]) == (await place(RoundOpened), [KEY])
    await edition.take(*edition.dossiers(3), edition.published(extended(END + HOUR)))
    await edition.sign()
    answer = await client.ask("GET", path)
    assert datetime.fromisoformat(answer.body["due"]).astimezone(UTC) == END + 2 * HOUR
    assert answer.body["entry"] == await place(RoundExtended)
    other = await client.ask("GET", f"/logs/{EDITION}/promises/{OTHER}")
    assert other.refusal == (404, "not_found")


async def test_what_is_said_of_rounds_is_found_by_an_index(edition: Ledger) -> None:
    """Whoever asks for many rounds would have a whole log read for each, a million ballots."""
    annulled = RoundAnnulled.model_validate(
        {"round_id": ROUND, "reason": "loss-of-data", "act": "0" * 64, **BY}
    )
    said = [edition.published(each) for each in (OPENING, closed(END), annulled)]
    await edition.take(*edition.dossiers(300), *said, *edition.dossiers(300))
    async with edition.superuser.transaction():
        found = await queries.round_entries(edition.superuser, EDITION, 10_000)
        assert [json.loads(each)["type"] for _, each in found] == [s.event.type for s in said]
        assert await queries.round_entries(edition.superuser, EDITION, found[0][0]) == []
        # Of few rows reading all is as good: what is asked is whether the index serves.
        await edition.superuser.execute("analyze entry")
        await edition.superuser.execute("set local enable_seqscan = off")
        plan = await edition.superuser.fetch(f"explain {queries.ROUND_ENTRIES}", EDITION, 10_000)
    assert any("entry_round" in row[0] for row in plan), plan
