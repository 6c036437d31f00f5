"""A charter is amended by two officers, leaves a trace, and changes nothing that a round has."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from shared.charters import Charter, CharterRefused, read_charter
from shared.contacts import Teller
from shared.database import Database
from shared.events.scheme import Counters
from submission.carriers.telling import Telling
from submission.programmes import acts, queries
from submission.programmes.amending import AmendedMeanwhile, AmendmentPending, apply_versions
from submission.programmes.presets import presets
from tests.submission.amending import amend, amended, as_published
from tests.submission.conftest import Submission
from tests.submission.editions import OFFICERS, all_moved, edition, labelled_project, publish


@pytest.fixture
async def replica(submission: Submission) -> AsyncIterator[Database]:
    """Another process on the served one's database."""
    found = Database(submission.dsn, name="test", pool_size=5)
    yield found
    await found.close()


@pytest.fixture
def connection(submission: Submission) -> asyncpg.Connection:
    return submission.connection


@pytest.fixture
async def programme_id(replica: Database) -> UUID:
    found = await publish(replica, edition(AROUND))
    await all_moved(replica)
    return found


AROUND = {"labelling": (-3.0, -1.0), "dossiers": (-4.0, -2.0), "vote": (1.0, 2.0)}


async def test_an_amendment_is_a_version_with_its_event(
    replica: Database, connection: asyncpg.Connection, programme_id: UUID
) -> None:
    found, before = await as_published(replica, programme_id)
    await amend(replica, programme_id, amended(found, counter_attended=False))
    now, charter = await as_published(replica, programme_id)
    assert (now.rules.counter_attended, charter == before) == (False, False)
    body = await connection.fetchval(
        "select body from outbox where type = 'submission.charter-amended.v1'"
    )
    assert body is not None
    async with replica.begin() as session:
        first, second = await queries.versions(session, programme_id)
        assert (first.version, first.charter, first.reason) == (1, before, None)
        assert (second.version, second.charter) == (2, charter)
        assert second.reason is not None and second.event_id is not None
        was = await queries.rules_of_version(session, programme_id, 1)
        is_now = await queries.rules_of_version(session, programme_id, 2)
    assert (was.counter_attended, is_now.counter_attended) == (True, False), "each stays"


async def test_an_amendment_takes_effect_when_it_is_due_and_nothing_is_frozen_until_then(
    replica: Database, connection: asyncpg.Connection, programme_id: UUID
) -> None:
    await labelled_project(connection, programme_id)
    found, _ = await as_published(replica, programme_id)
    later = datetime.now(UTC) + timedelta(hours=1)
    await amend(replica, programme_id, amended(found, envelope=1_00), later)
    await apply_versions(replica)
    unchanged, _ = await as_published(replica, programme_id)
    assert unchanged.rules.envelope == found.rules.envelope
    with pytest.raises(AmendmentPending):
        async with replica.begin() as session:
            await acts.freeze_options(session, {"programme_id": str(programme_id)}, OFFICERS)
    with pytest.raises(AmendmentPending):
        await amend(replica, programme_id, amended(found, envelope=2_00))
    await connection.execute(
        "update charter_version set takes_effect_at = clock_timestamp() where version = 2"
    )
    await apply_versions(replica)
    now, _ = await as_published(replica, programme_id)
    assert now.rules.envelope == 1_00


async def test_nothing_that_a_round_depends_on_is_amended_once_it_is_frozen(
    replica: Database, connection: asyncpg.Connection, programme_id: UUID
) -> None:
    await labelled_project(connection, programme_id)
    async with replica.begin() as session:
        await acts.freeze_options(session, {"programme_id": str(programme_id)}, OFFICERS)
    found, charter = await as_published(replica, programme_id)
    frozen = await connection.fetchval(
        "select convert_from(body, 'UTF8')::jsonb ->> 'charter' from outbox"
        " where type = 'submission.options-frozen.v1'"
    )
    assert frozen == charter, "the round says under which version it is"
    with pytest.raises(CharterRefused) as caught:
        await amend(replica, programme_id, amended(found, envelope=1_00))
    assert [(each.code, each.path) for each in caught.value.problems] == [
        ("fixed_frozen", "envelope")
    ]
    counters = Counters(most_missed=2)
    await amend(replica, programme_id, amended(found, counters=counters))
    now, _ = await as_published(replica, programme_id)
    assert now.rules.counters == counters, "what no round depends on can still change"


async def test_an_amendment_of_another_version_is_refused(
    replica: Database, programme_id: UUID
) -> None:
    found, before = await as_published(replica, programme_id)
    await amend(replica, programme_id, amended(found, envelope=1_00))
    now, _ = await as_published(replica, programme_id)
    with pytest.raises(AmendedMeanwhile):
        await amend(replica, programme_id, amended(now, envelope=2_00), previous=before)


def test_an_amendment_is_one_of_the_acts_that_another_officer_confirms() -> None:
    telling = Telling(Teller(None, source="submission"), "https://example.org")
    assert acts.second_officer(telling).acts["amend-charter"].role == "administrator"


async def test_everybody_reads_every_version(
    submission: Submission, replica: Database, programme_id: UUID
) -> None:
    found, _ = await as_published(replica, programme_id)
    await amend(replica, programme_id, amended(found, counter_attended=False))
    page = f"/programmes/{programme_id}/rules"
    for path in (page, f"{page}/versions", f"{page}/versions/1", f"{page}/versions/2"):
        answer = await submission.client.ask("GET", path)
        assert answer.status == 200, path
    versions = (await submission.client.ask("GET", f"{page}/versions")).raw.decode()
    assert "counter_attended" in versions
    assert "assemblée l" in versions
    assert (await submission.client.ask("GET", f"{page}/versions/3")).status == 404
    schema = await submission.client.ask("GET", "/charter.schema.json")
    assert schema.body["title"] == "Charter"


@pytest.mark.parametrize("name", sorted(presets()))
async def test_the_rules_of_every_preset_have_a_page(
    submission: Submission, replica: Database, name: str
) -> None:
    year = datetime.now(UTC).year
    found = read_charter(f"preset: {name}\nedition: {year}\n", presets())
    programme_id = await publish(replica, found)
    for page in ("", "/rules", "/rules/versions"):
        answer = await submission.client.ask("GET", f"/programmes/{programme_id}{page}")
        assert answer.status == 200, (page, answer.raw[-500:])
    rules = (await submission.client.ask("GET", f"/programmes/{programme_id}/rules")).raw.decode()
    unpublished = rules.count("not published") + rules.count("non publié")
    assert unpublished == {"bid-54": 4, "moselle-social-innovation": 3}.get(
        name, 1 if name.startswith("haute") else 0
    )


async def test_the_editions_of_a_cycle_have_no_more_together_than_it_shares(
    replica: Database, connection: asyncpg.Connection
) -> None:
    """800,000 twice of a shared million: the second one is refused, and so is an amendment."""

    def of(number: int, envelope: str, total: str = "1 000 000 EUR") -> Charter:
        cycle = {"number": number, "of": 2, "total": total}
        year = 2030 + number
        days = {each: f"{year}-{day}" for each, day in (("opens", "01-01"), ("closes", "02-01"))}
        vote = {"opens": f"{year}-02-02", "closes": f"{year}-03-01"}
        phases = {name: days for name in ("ideas", "counters", "dossiers", "labelling")}
        said: dict[str, Any] = {
            "edition": str(year),
            "phases": {**phases, "vote": vote},
            "rehearsal": False,
        }
        return edition(cycle=cycle, envelope=envelope, **said)

    first = await publish(replica, of(1, "800 000 EUR"))
    with pytest.raises(CharterRefused) as caught:
        await publish(replica, of(2, "800 000 EUR"))
    [problem] = caught.value.problems
    assert (problem.code, problem.path) == ("cycle_spent", "envelope")
    assert problem.values == {"envelope": "800000", "taken": "800000", "total": "1000000"}
    with pytest.raises(CharterRefused) as caught:
        await publish(replica, of(2, "100 000 EUR", "2 000 000 EUR"))
    assert [each.code for each in caught.value.problems] == ["cycle_total_differs"]
    second = await publish(replica, of(2, "200 000 EUR"))
    found, _ = await as_published(replica, second)
    for programme_id, more in ((second, 200_001_00), (first, 800_001_00)):
        rules, _ = await as_published(replica, programme_id)
        with pytest.raises(CharterRefused) as caught:
            await amend(replica, programme_id, amended(rules, envelope=more))
        assert [each.code for each in caught.value.problems] == ["cycle_spent"]
    await amend(replica, second, amended(found, envelope=100_000_00))
    rules, _ = await as_published(replica, first)
    await amend(replica, first, amended(rules, envelope=900_000_00))
    assert await connection.fetchval("select count(*) from programme") == 2
