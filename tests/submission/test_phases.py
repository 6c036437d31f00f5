"""Phases by the database's clock: opened and closed in order, by one of several, around acts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.charters import CharterRefused
from shared.charters.form import PHASES
from shared.database import Database, database_time
from shared.events.projects import IdeaDeposited
from shared.outbox import announce
from submission.programmes import acts, queries
from submission.programmes.moving import move_phases
from submission.programmes.phases import (
    PhaseFixed,
    PhaseNotOpen,
    PhaseUnknown,
    check_open,
    due_changes,
    redated,
)
from submission.programmes.tables import Phase
from submission.tables import Programme
from tests.submission.conftest import Submission
from tests.submission.editions import OFFICERS, all_moved, edition, labelled_project, publish

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
STATES = ("coming", "open", "closed")


@pytest.fixture
async def replica(submission: Submission) -> AsyncIterator[Database]:
    """Another process on the served one's database."""
    database = Database(submission.dsn, name="test", pool_size=20)
    yield database
    await database.close()


def phase(name: str = "ideas", *, opens: int = -1, closes: int = 1, state: str = "coming") -> Phase:
    """With a window of hours around noon of 1 June 2027."""
    opens_at, closes_at = (NOW + timedelta(hours=hours) for hours in (opens, closes))
    return Phase(
        programme_id=UUID(int=1), name=name, opens_at=opens_at, closes_at=closes_at, state=state
    )


hours = st.integers(-3, 3)
phases = st.lists(
    st.builds(
        lambda name, opens, length, state: phase(
            name, opens=opens, closes=opens + length, state=state
        ),
        st.sampled_from(PHASES),
        hours,
        st.integers(1, 4),
        st.sampled_from(STATES),
    ),
    unique_by=lambda each: each.name,
)


@given(phases)
def test_what_is_due_is_announced_once_in_the_order_in_which_it_was_due(
    found: list[Phase],
) -> None:
    changes = due_changes(found, NOW)
    assert [change.due for change in changes] == sorted(change.due for change in changes)
    for change in changes:
        change.phase.state = change.to
    assert not due_changes(found, NOW)
    for each in found:
        if each.state != "closed":
            assert each.closes_at > NOW
        if each.state == "coming":
            assert each.opens_at > NOW


@given(phases)
def test_an_act_needs_a_phase_that_was_announced_and_is_not_over(found: list[Phase]) -> None:
    for each in found:
        allowed = each.state == "open" and each.closes_at > NOW
        try:
            check_open(each, NOW)
        except PhaseNotOpen as refusal:
            assert not allowed
            assert each.name in str(refusal) and "2027-06-01 12:00:00 UTC" in str(refusal)
        else:
            assert allowed


YEAR = ("ideas", "counters", "dossiers", "labelling", "vote")


def year(**states: str) -> list[Phase]:
    """The phases of a year, each an hour long, behind one another."""
    return [
        phase(name, opens=place - 2, closes=place - 1, state=states.get(name, "coming"))
        for place, name in enumerate(YEAR)
    ]


def redate(found: list[Phase], name: str, opens: float, closes: float, **others: Any) -> str:
    opens_at, closes_at = (NOW + timedelta(hours=hours) for hours in (opens, closes))
    said = {"edition": "2027", "now": NOW, "frozen_for": None, **others}
    return redated(found, name, opens_at, closes_at, **said)


def test_a_phase_that_is_coming_may_move_and_one_that_is_over_may_open_again() -> None:
    assert redate(year(), "ideas", 1, 9) == "coming"
    assert redate(year(ideas="closed"), "ideas", -2, 9) == "coming", "it opens when it is due"
    assert redate(year(labelling="open"), "labelling", 1, 2) == "open"
    assert redate(year(ideas="open"), "ideas", -2, -1.5) == "open", "it closes when it is due"


@pytest.mark.parametrize(
    ("opens", "closes", "state", "others"),
    [
        (0, 9, "open", {}),
        (-3, -1, "coming", {}),
        (-3, 0, "closed", {}),
        (-2, 9, "closed", {"frozen_for": uuid4()}),
        (-2, 9, "coming", {"frozen_for": uuid4()}),
    ],
)
def test_what_has_happened_is_fixed(
    opens: int, closes: int, state: str, others: dict[str, Any]
) -> None:
    with pytest.raises(PhaseFixed):
        redate(year(ideas=state), "ideas", opens, closes, **others)


@pytest.mark.parametrize("name", PHASES)
def test_no_phase_moves_once_the_options_are_frozen(name: str) -> None:
    with pytest.raises(PhaseFixed):
        redate(year(), name, 1, 9, frozen_for=uuid4())


@pytest.mark.parametrize(
    ("name", "opens", "closes", "code"),
    [
        ("vote", 1, 5, "vote_before_labels"),
        ("labelling", 0.5, 3, "vote_before_labels"),
        ("dossiers", 0, 5, "labelled_before_filed"),
        ("ideas", 2, 1, "window_empty"),
        ("vote", 5, 9000, "phase_outside_year"),
    ],
)
def test_another_window_is_refused_where_the_charter_would_have_been(
    name: str, opens: float, closes: float, code: str
) -> None:
    with pytest.raises(CharterRefused) as caught:
        redate(year(), name, opens, closes)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_phase_that_a_programme_does_not_have_cannot_move() -> None:
    with pytest.raises(PhaseUnknown):
        redate(year()[:4], "vote", 1, 2)


async def states(database: Database, programme_id: UUID) -> dict[str, str]:
    async with database.begin() as session:
        return {each.name: each.state for each in await queries.phases(session, programme_id)}


async def moved(submission: Submission) -> list[tuple[str, str]]:
    """Every opening and closing, in the order of the outbox."""
    return [
        (
            event["type"].removeprefix("submission.phase-").removesuffix(".v1"),
            event["body"]["phase"],
        )
        for event in await submission.announced()
        if event["type"] in ("submission.phase-opened.v1", "submission.phase-closed.v1")
    ]


async def test_phases_open_and_close_when_due_in_order_in_the_editions_log(
    submission: Submission, replica: Database
) -> None:
    programme_id = await publish(
        replica,
        edition({"ideas": (-9, -1), "counters": (-3, -2), "dossiers": (-2, 1), "vote": (6, 7)}),
    )
    await all_moved(replica)
    assert await states(replica, programme_id) == {
        "ideas": "closed",
        "counters": "closed",
        "dossiers": "open",
        "labelling": "open",
        "vote": "coming",
    }
    assert await moved(submission) == [
        ("opened", "ideas"),
        ("opened", "counters"),
        ("closed", "counters"),
        ("opened", "dossiers"),
        ("closed", "ideas"),
        ("opened", "labelling"),
    ]
    [opened, *_] = await submission.announced("submission.phase-opened.v1")
    log = await submission.connection.fetchval("select log from programme")
    assert opened["log"] == log
    await all_moved(replica)
    assert len(await moved(submission)) == 6


async def test_the_served_process_moves_phases_by_itself(
    submission: Submission, replica: Database
) -> None:
    await publish(replica)
    async with asyncio.timeout(60):
        while len(await moved(submission)) < 4:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_several_replicas_announce_each_change_once(
    submission: Submission, replica: Database
) -> None:
    made = [await publish(replica) for _ in range(5)]
    await asyncio.gather(*(move_phases(replica) for _ in range(10)))
    await all_moved(replica)
    assert sorted(await moved(submission)) == sorted(
        ("opened", name) for name in ("ideas", "counters", "dossiers", "labelling") for _ in made
    )


async def act(database: Database, programme_id: UUID, hold: float = 0.0) -> bool:
    """An idea, as a route deposits it: the phase is locked, then the clock is read."""
    try:
        async with database.begin() as session:
            found = await queries.phase_for_share(session, programme_id, "ideas")
            assert found is not None
            check_open(found, await database_time(session))
            programme = await session.get_one(Programme, programme_id)
            await asyncio.sleep(hold)
            event = IdeaDeposited(
                project_id=uuid4(),
                programme_id=programme_id,
                territory="artois",
                title="0" * 64,
                summary="0" * 64,
                carrier="0" * 64,
            )
            announce(session, event, source="submission", log=programme.log)
    except PhaseNotOpen:
        return False
    return True


async def test_what_is_accepted_stands_between_opening_and_closing_whatever_races(
    submission: Submission, replica: Database
) -> None:
    soon = 0.6 / 86400
    programme_id = await publish(replica, edition({"ideas": (soon, soon * 4)}))
    accepted = 0

    async def keep_acting() -> None:
        nonlocal accepted
        while (await states(replica, programme_id))["ideas"] != "closed":
            done = await act(replica, programme_id, 0.02)
            accepted += done

    async def keep_moving() -> None:
        while (await states(replica, programme_id))["ideas"] != "closed":
            await move_phases(replica)

    async with asyncio.timeout(60):
        await asyncio.gather(*(keep_acting() for _ in range(6)), keep_moving(), keep_moving())
    assert not await act(replica, programme_id)
    kinds = [
        event["type"]
        for event in await submission.announced()
        if event["body"] is not None
        and (event["type"] == IdeaDeposited.type or event["body"].get("phase") == "ideas")
    ]
    assert accepted > 0
    assert kinds == [
        "submission.phase-opened.v1",
        *[IdeaDeposited.type] * accepted,
        "submission.phase-closed.v1",
    ]


async def test_closing_waits_for_what_is_under_way(
    submission: Submission, replica: Database
) -> None:
    programme_id = await publish(replica)
    await all_moved(replica)
    async with replica.begin() as session:
        found = await queries.phase_for_share(session, programme_id, "ideas")
        assert found is not None
        await submission.connection.execute("set lock_timeout = '200ms'")
        with pytest.raises(Exception, match="lock timeout"):
            await submission.connection.execute(
                "update phase set closes_at = clock_timestamp() where name = 'ideas'"
            )
    await submission.connection.execute(
        "update phase set closes_at = clock_timestamp() where name = 'ideas'"
    )
    assert not await act(replica, programme_id), "its end has passed, announced or not"
    await all_moved(replica)
    assert (await moved(submission))[-1] == ("closed", "ideas")


def parameters(programme_id: UUID, name: str, opens: datetime, closes: datetime) -> dict[str, str]:
    return {
        "programme_id": str(programme_id),
        "phase": name,
        "opens_at": opens.isoformat(),
        "closes_at": closes.isoformat(),
        "reason": "0" * 64,
    }


async def test_a_phase_is_redated_opens_again_and_the_ledger_tells_it(
    submission: Submission, replica: Database
) -> None:
    programme_id = await publish(replica, edition({"ideas": (-4, -1)}))
    await all_moved(replica)
    assert (await states(replica, programme_id))["ideas"] == "closed"
    now = datetime.now(UTC)
    said = parameters(programme_id, "ideas", now - timedelta(days=4), now + timedelta(days=1))
    async with replica.begin() as session:
        await acts.redate_phase(session, said, OFFICERS)
    await all_moved(replica)
    assert (await states(replica, programme_id))["ideas"] == "open"
    [event] = await submission.announced("submission.phase-redated.v1")
    assert event["body"]["phase"] == "ideas"
    assert [kind for kind, name in await moved(submission) if name == "ideas"] == [
        "opened",
        "closed",
        "opened",
    ]


async def test_only_labelled_projects_are_frozen_and_no_phase_moves_after(
    submission: Submission, replica: Database
) -> None:
    windows = {"dossiers": (-3.0, -2.0), "labelling": (-3.0, -1.0), "vote": (1.0, 2.0)}
    programme_id = await publish(replica, edition(windows))
    said = {"programme_id": str(programme_id)}
    labelled = [await labelled_project(submission.connection, programme_id) for _ in range(3)]
    await labelled_project(submission.connection, programme_id, None)
    async with replica.begin() as session:
        with pytest.raises(Exception, match="labelling ends at"):
            await acts.freeze_options(session, said, OFFICERS)
    await all_moved(replica)
    async with replica.begin() as session:
        await acts.freeze_options(session, said, OFFICERS)
    [event] = await submission.announced("submission.options-frozen.v1")
    assert event["body"]["options"] == sorted(map(str, labelled))
    free = await submission.connection.fetchval(
        "select count(*) from project where round_id is null"
    )
    assert free == 1
    async with replica.begin() as session:
        with pytest.raises(Exception, match="options are frozen"):
            await acts.freeze_options(session, said, OFFICERS)
    now = datetime.now(UTC)
    later = parameters(programme_id, "vote", now + timedelta(days=1), now + timedelta(days=3))
    async with replica.begin() as session:
        with pytest.raises(PhaseFixed):
            await acts.redate_phase(session, later, OFFICERS)


async def test_freezing_and_redating_at_once_do_one_or_the_other(
    submission: Submission, replica: Database
) -> None:
    windows = {"dossiers": (-3.0, -2.0), "labelling": (-3.0, -1.0), "vote": (1.0, 2.0)}
    now = datetime.now(UTC)
    for _ in range(5):
        programme_id = await publish(replica, edition(windows))
        await labelled_project(submission.connection, programme_id)
        await all_moved(replica)
        later = parameters(programme_id, "labelling", now - timedelta(3), now + timedelta(hours=1))

        async def freeze(programme_id: UUID = programme_id) -> None:
            async with replica.begin() as session:
                await acts.freeze_options(session, {"programme_id": str(programme_id)}, OFFICERS)

        async def move(later: dict[str, str] = later) -> None:
            async with replica.begin() as session:
                await acts.redate_phase(session, later, OFFICERS)

        found = await asyncio.gather(freeze(), move(), return_exceptions=True)
        assert len([each for each in found if each is None]) == 1, found
