"""What voting decided, noted in whatever order it comes, shown to all and told to carriers once."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.delivery import Delivered
from shared.events.acts import RoundAnnulled
from shared.events.funding import AgreementSigned
from shared.events.voting import OptionDecided, ResultValidated, RoundClosed
from shared.people import Role
from tests.conftest import DatabaseFactory
from tests.opening import allocated, round_opened
from tests.submission.hearing import Inbox, delivered
from tests.submission.proposing import Town, served_town

DIGEST, OTHER = "d" * 64, "e" * 64
FACTS = {"left": 1_000_00, "needs": 4_000_00, "cheaper_by": 3_000_00, "more_votes": 2}


@pytest.fixture
async def town(database: DatabaseFactory) -> AsyncIterator[Town]:
    """On a database of its own: what is announced there is this test's."""
    async with served_town(await database("submission")) as found:
        await found.begin()
        yield found
        await found.leave()


def decided(round_id: UUID, project_id: UUID, rank: int, reason: str) -> OptionDecided:
    return OptionDecided.model_validate(
        {
            "round_id": round_id,
            "option_id": project_id,
            "number": rank,
            "rank": rank,
            "votes": 0 if reason == "no_votes" else 9 - rank,
            "cost": 4_000_00,
            "funded": reason == "funded",
            "reason": reason,
            "amount": 4_000_00 if reason == "funded" else 0,
            "step": ["all", "all"],
            "facts": FACTS if reason == "does_not_fit" else {},
        }
    )


async def a_round(town: Town) -> tuple[UUID, list[UUID]]:
    """Three labelled projects, frozen as the options of a round."""
    adviser, member = await town.officer(Role.ADVISER), await town.officer(Role.COMMITTEE)
    projects = []
    for number in range(3):
        carrier = town.browser()
        project_id = await town.deposit(carrier, f"carrier{number}@example.org")
        await town.guide(carrier, adviser, project_id)
        await town.file(carrier, project_id)
        await town.review(member, project_id)
        assert (await town.label(member, project_id)).status == 200
        projects.append(project_id)
    round_id = uuid4()
    await town.connection.execute(
        "insert into round values ($1, $2, 3, $3)", round_id, town.programme_id, DIGEST
    )
    await town.connection.execute("update project set round_id = $1", round_id)
    return round_id, sorted(projects)


@pytest.fixture
async def inbox(town: Town) -> AsyncIterator[Inbox]:
    made = Inbox(town)
    yield made
    await made.close()


def all_of(round_id: UUID, programme_id: UUID, projects: Sequence[UUID]) -> list[Delivered[Any]]:
    """Everything that voting says of a round in which the first project is funded."""
    reasons = ("funded", "does_not_fit", "no_votes")
    return [
        delivered(event)
        for event in (
            round_opened(round_id, programme_id=programme_id, options=3),
            RoundClosed(round_id=round_id, closed_at=datetime.now(UTC)),
            *(
                decided(round_id, project_id, rank, reason)
                for rank, (project_id, reason) in enumerate(zip(projects, reasons, strict=True), 1)
            ),
            allocated(
                round_id,
                budget=500_000_00,
                spent=4_000_00,
                ballots=9,
                options=3,
                funded=1,
                digest=DIGEST,
            ),
            ResultValidated(round_id=round_id, allocation=DIGEST, officers=(uuid4(), uuid4())),
            AgreementSigned(
                round_id=round_id,
                option_id=projects[0],
                amount=4_000_00,
                officers=(uuid4(), uuid4()),
            ),
        )
    ]


async def test_carriers_are_told_once_a_result_is_validated_and_whole(
    town: Town, inbox: Inbox
) -> None:
    round_id, projects = await a_round(town)
    events = all_of(round_id, town.programme_id, projects)
    await inbox.handle(*events[:-2])
    page = f"/programmes/{town.programme_id}"
    visitor = town.browser()
    assert "provisional" in (await visitor.get(f"{page}/results")).text
    assert "provisional" in (await visitor.get(page)).text
    assert not await town.told("funded")
    await inbox.handle(events[-2])
    [funded] = await town.told("funded")
    assert funded.values["amount"] == 4_000_00
    reasons = [message.values["reason"] for message in await town.told("not-funded")]
    assert len(reasons) == 2
    assert any("Personne" in str(reason) for reason in reasons), "in the carrier's language"
    seen = await visitor.get(f"{page}/results")
    assert "Two officers validated" in seen.text
    words = seen.words().replace("\u202f", " ")
    assert "It asks for 4 000 € and 1 000 € were left." in words
    assert "funded at 3 000 € less, or with 2 more votes." in words
    assert "Nobody voted for it" in words
    assert any("avec 2 voix de plus" in str(reason) for reason in reasons)
    missed = (await visitor.get(f"/projects/{projects[1]}")).words()
    assert "With 7 votes it came 2nd." in missed and "2 more votes" in missed
    assert str(events[2].envelope.id) in seen.text, "the entry that proves it"
    assert not await town.told("agreement-signed")
    await inbox.handle(events[-1])
    [signed] = await town.told("agreement-signed")
    assert signed.values["amount"] == 4_000_00
    assert "agreement signed" in (await visitor.get(f"{page}/results")).text
    idea = await visitor.get(f"/projects/{projects[0]}")
    assert "agreement" in idea.text


@pytest.mark.parametrize("heard", ["last", "before its decisions"])
async def test_a_vote_that_was_annulled_is_said_to_be_and_decided_nothing(
    town: Town, inbox: Inbox, heard: str
) -> None:
    """Its projects stay the options that they were: residents vote again in another programme."""
    round_id, projects = await a_round(town)
    opened, closed, *decisions, validated, signed = all_of(round_id, town.programme_id, projects)
    annulled = delivered(
        RoundAnnulled(
            round_id=round_id,
            reason="court-ruling",
            act="TA 62, n° 7",
            officers=(uuid4(), uuid4()),
        )
    )
    if heard == "last":
        await inbox.handle(opened, closed, *decisions, validated, signed, annulled)
    else:
        await inbox.handle(opened, closed, validated, annulled, *decisions, signed)
        assert not await town.told("funded") and not await town.told("not-funded")
    page, visitor = f"/programmes/{town.programme_id}", town.browser()
    seen = await visitor.get(f"{page}/results")
    words = seen.words()
    assert "nothing that it decided holds" in words and "TA 62, n° 7" in words
    assert str(annulled.envelope.id) in seen.text, "the entry that proves it"
    assert "Two officers validated" not in words and "funded" not in words
    home = (await visitor.get(page)).words()
    assert "The vote was annulled: nothing is decided." in home and "is funded" not in home
    stages = await town.connection.fetch(
        "select stage, round_id from idea join project using (project_id)"
    )
    assert {(each["stage"], each["round_id"]) for each in stages} == {("labelled", round_id)}
    life = (await visitor.get(f"/projects/{projects[1]}")).words()
    assert ("nothing that it decided holds" in life) == (heard == "last")


async def test_what_is_told_once_more_after_a_backup_is_the_same_message(
    town: Town, inbox: Inbox
) -> None:
    """Notification drops what it accepted, by the id."""
    round_id, projects = await a_round(town)
    events = all_of(round_id, town.programme_id, projects)
    messages = (
        "select event_id from outbox where topic = 'private.contacts' and id > $1 order by id"
    )
    told = []
    for _ in range(2):
        since = await town.connection.fetchval("select max(id) from outbox")
        await inbox.handle(*events)
        told.append([row[0] for row in await town.connection.fetch(messages, since)])
        for table in ("decision", "round_state"):
            await town.connection.execute(f"delete from {table}")
        ids = [each.envelope.id for each in events]
        await town.connection.execute("delete from project_event where event_id = any($1)", ids)
    assert told[0] == told[1]
    assert len(set(told[0])) == 4


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_comes_first_everything_is_known_in_the_end(
    town: Town, inbox: Inbox, seed: int
) -> None:
    """The two topics keep their own order, and none between them."""
    round_id, projects = await a_round(town)
    events = all_of(round_id, town.programme_id, projects)
    rounds = [each for each in events if each.event.topic == "voting.rounds"]
    decisions = [each for each in events if each.event.topic == "voting.decisions"]
    drawn = random.Random(seed)
    while rounds or decisions:
        await inbox.handle((drawn.choice([each for each in (rounds, decisions) if each])).pop(0))
    row = await town.connection.fetchrow("select * from round_state")
    assert row is not None
    assert (row["funded"], row["spent"], row["told"]) == (1, 4_000_00, True)
    assert None not in (row["opened_at"], row["closed_at"], row["decided_at"], row["validated_at"])
    assert len(await town.told("funded")) == 1
    assert len(await town.told("not-funded")) == 2
    assert len(await town.told("agreement-signed")) == 1
    assert await town.connection.fetchval("select count(*) from decision") == 3


async def test_another_allocation_than_the_validated_one_is_told_to_nobody(
    town: Town, inbox: Inbox
) -> None:
    round_id, projects = await a_round(town)
    events = all_of(round_id, town.programme_id, projects)
    wrong = ResultValidated(round_id=round_id, allocation=OTHER, officers=(uuid4(), uuid4()))
    await inbox.handle(*events[:-2], delivered(wrong))
    assert not await town.told("funded")
    seen = await town.browser().get(f"/programmes/{town.programme_id}/results")
    assert "provisional" in seen.text


async def test_what_is_said_of_an_import_is_noted_and_told_to_nobody(
    town: Town, inbox: Inbox
) -> None:
    round_id, projects = uuid4(), [uuid4() for _ in range(3)]
    await inbox.handle(*all_of(round_id, uuid4(), projects))
    assert await town.connection.fetchval("select count(*) from decision") == 3
    assert not await town.told()
