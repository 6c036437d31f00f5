"""The paper desk: from stubs to ballots that are counted with the others, by people apart."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from comptoir.browser import Browser
from shared.canonical import commitment
from shared.events import Event
from shared.events.charter import CharterRules
from shared.events.paper import (
    PaperBallotEntered,
    PaperBatchAnnulled,
    PaperBatchLocked,
    PaperBatchOpened,
    PapersClosed,
)
from shared.events.voting import AllocationPublished, RoundOpened, TokensIssued
from shared.people import Role
from tests.strategies import Cast
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import COSTS, TITLES, Edition, Officers, rules
from tests.voting.count.paper.papers import DESK, enter, enter_all, marked, open_batch
from tests.voting.count.test_desk import confirm
from voting.count.charters import vote_of

CASTS = (Cast(1, 1, (1, 3)), Cast(2, 1, (1, 3, 4)), Cast(3, 1, (1,)))


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


@pytest.fixture
async def edition(served_count: ServedCount) -> Edition:
    """A vote with paper, open and closed again: its box has said its last word."""
    found = Edition(served_count, TITLES, COSTS)
    await found.publish(with_paper())
    return found


def with_paper() -> CharterRules:
    plain = rules()
    return plain.model_copy(update={"vote": vote_of(plain).model_copy(update={"paper": True})})


async def opened(edition: Edition, officer: Browser, other: Browser) -> None:
    page = "/desk/rounds"
    await officer.fill(page, f"{page}/{edition.round_id}/prepare")
    await edition.keys()
    await officer.fill(page, f"{page}/{edition.round_id}/acts/open-round", reason="as planned")
    await confirm(other)


async def gathered(edition: Edition) -> None:
    """Voting is over, and the box closed."""
    count = edition.count
    await edition.voted(*CASTS)
    await count.connection.execute(
        "update round set state = 'closed' where round_id = $1", edition.round_id
    )
    await count.box_closes(edition.round_id, len(CASTS), 3, 7)
    await count.checkpoint(7)


async def ask_to_close(officer: Browser, edition: Edition) -> int:
    page = f"{DESK}/rounds/{edition.round_id}"
    seen = await officer.fill(page, f"{page}/closed", reason="every urn is empty")
    return seen.status


async def said(edition: Edition, *kinds: type[Event]) -> list[int]:
    """How many of each kind were announced."""
    return [len(await edition.count.announced(kind)) for kind in kinds]


async def test_papers_are_entered_twice_locked_and_counted_with_the_others(
    edition: Edition, officers: Officers
) -> None:
    count, round_id = edition.count, edition.round_id
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    third = await officers.officer("Inès", Role.ADVISER, edition.programme)
    await opened(edition, one, other)
    [rules_] = await count.announced(RoundOpened)
    assert rules_["paper"] is True
    batch = await open_batch(one, round_id, 4, place="  Mairie  d’Arras ")
    [began] = await count.announced(PaperBatchOpened)
    [kept] = await count.connection.fetch("select place, salt from paper_batch")
    assert began["place"] == commitment(kept["salt"], "Mairie d’Arras").hex()

    await enter_all(one, batch, {1: "1 2", 2: "2", 3: "unreadable", 4: ""})
    await enter_all(third, batch, {1: "2 1", 2: "3", 3: "unreadable", 4: ""})
    seen = await other.get(batch)
    assert "Two people read this paper differently" in seen.text
    assert (await enter(other, batch, 2, "2")).status == 200

    # Nothing of it is public before the box is closed.
    assert f"{batch}/lock" not in (await one.get(batch)).forms()
    await gathered(edition)
    await count.decide()
    assert (await count.row(round_id))["state"] == "closed"
    assert (await one.fill(batch, f"{batch}/lock")).status == 200
    [locked] = await count.announced(PaperBatchLocked)
    assert (locked["stubs"], locked["ballots"], locked["void"]) == (4, 3, {"unreadable": 1})
    ballots = await count.announced(PaperBallotEntered)
    assert sorted(ballot["choices"] for ballot in ballots) == [[], [1, 2], [2]]
    # Who read which paper is forgotten.
    assert await count.connection.fetchval("select count(*) from paper_entry") == 0

    await marked(count, round_id, 5, set_aside=1)
    await count.handle(TokensIssued(round_id=round_id, issued={"A": 4}, final=True))
    assert await ask_to_close(one, edition) == 200
    await count.decide()
    assert (await count.row(round_id))["state"] == "closed"
    await confirm(other)
    [closed] = await count.announced(PapersClosed)
    assert (closed["batches"], closed["stubs"], closed["ballots"]) == (1, 4, 3)
    assert len(set(closed["officers"])) == 2
    await count.decide()
    row = await count.row(round_id)
    assert (row["state"], row["voters"], row["box_keys"]) == ("decided", 6, 3)
    assert await count.votes(round_id) == [4, 2, 2, 1]
    [allocation] = await count.announced(AllocationPublished)
    assert (allocation["ballots"], allocation["blank"]) == (6, 1)
    results = await one.get(f"/rounds/{round_id}/results")
    assert "3 ballots of 4 stubs, 5 people marked on the roll" in results.words()
    figures = json.loads((await one.get(f"/rounds/{round_id}/results.json")).text)
    votes = {"1": 4, "2": 2, "3": 2, "4": 1}
    assert figures["turnout"] == [{"tiers": ["A", "P"], "voters": 6, "issued": 9, "votes": votes}]


async def test_a_batch_is_opened_once_by_whoever_presses_twice(
    edition: Edition, officers: Officers
) -> None:
    """A place has another batch of as many stubs where it is asked for on another page."""
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    page = f"{DESK}/rounds/{edition.round_id}"
    form = (await one.get(page)).fields(f"{page}/batches") | {"place": "Arras", "stubs": "2"}
    first, again = [await one.post(f"{page}/batches", form) for _ in range(2)]
    assert (first.status, again.status) == (200, 200) and first.path == again.path
    assert await said(edition, PaperBatchOpened) == [1]
    assert await open_batch(one, edition.round_id, 2) != first.path
    assert await said(edition, PaperBatchOpened) == [2]


async def test_neither_agent_sees_what_another_entered(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    batch = await open_batch(one, edition.round_id, 2)
    before = (await other.get(batch)).words()
    await enter(one, batch, 1, "3 4")
    after = (await other.get(batch)).words()
    assert before == after
    assert (await enter(one, batch, 1, "3")).status == 409


async def test_a_batch_locks_by_nobody_but_a_returning_officer_and_only_whole(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    batch = await open_batch(one, edition.round_id, 2)
    await enter(one, batch, 1, "1")
    await enter(other, batch, 1, "1")
    await gathered(edition)
    csrf = {"csrf": next(iter((await one.get(batch)).forms().values()))["csrf"]}
    assert (await one.post(f"{batch}/lock", csrf)).status == 409
    await enter(one, batch, 2, "2")
    await enter(other, batch, 2, "2")
    adviser = await officers.officer("Inès", Role.ADVISER, edition.programme)
    seen = await adviser.get(batch)
    assert f"{batch}/lock" not in seen.forms()
    assert (await one.fill(batch, f"{batch}/lock")).status == 200
    assert (await one.post(f"{batch}/lock", csrf)).status == 409
    assert await said(edition, PaperBatchLocked, PaperBallotEntered) == [1, 2]
    assert (await enter(other, batch, 1, "1")).status == 409


@pytest.mark.parametrize(
    ("paper", "choices", "void", "status"),
    [(3, "1", "", 422), (0, "1", "", 422), (1, "9", "", 422), (1, "1", "torn", 422)],
)
async def test_what_is_no_entry_is_refused_and_keeps_nothing(
    edition: Edition, officers: Officers, paper: int, choices: str, void: str, status: int
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    batch = await open_batch(one, edition.round_id, 2)
    assert (await enter(one, batch, paper, choices, void)).status == status
    assert await edition.count.connection.fetchval("select count(*) from paper_entry") == 0


@pytest.mark.parametrize(("place", "stubs"), [("A", "3"), ("Arras", "0"), ("Arras", "many")])
async def test_a_batch_has_a_place_and_stubs(
    edition: Edition, officers: Officers, place: str, stubs: str
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    page = f"{DESK}/rounds/{edition.round_id}"
    seen = await one.fill(page, f"{page}/batches", place=place, stubs=stubs)
    assert seen.status == 422
    assert await said(edition, PaperBatchOpened) == [0]


async def test_two_officers_annul_a_batch_and_none_of_it_counts(
    edition: Edition, officers: Officers
) -> None:
    count, round_id = edition.count, edition.round_id
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    await gathered(edition)
    for choices in ("1", "2"):
        batch = await open_batch(one, round_id, 1)
        await enter(one, batch, 1, choices)
        await enter(other, batch, 1, choices)
        await one.fill(batch, f"{batch}/lock")
    action = f"{batch}/annulment"
    await one.fill(batch, action, cause="entered-wrongly", reason="a pile was mixed up")
    assert await said(edition, PaperBatchAnnulled) == [0]
    await confirm(other)
    [annulled] = await count.announced(PaperBatchAnnulled)
    assert annulled["reason"] == "entered-wrongly" and len(set(annulled["officers"])) == 2
    await marked(count, round_id, 1)
    await ask_to_close(one, edition)
    await confirm(other)
    await count.decide()
    assert await count.votes(round_id) == [4, 0, 2, 1]
    # What is decided stays: no batch follows, and none is annulled.
    csrf = {"csrf": next(iter((await one.get("/desk/rounds")).forms().values()))["csrf"]}
    fields = csrf | {"cause": "tampered", "reason": "too late", "place": "Arras", "stubs": "1"}
    for path in (action, f"{DESK}/rounds/{round_id}/batches", f"{DESK}/rounds/{round_id}/closed"):
        assert (await one.post(path, fields)).status == 409


async def test_papers_are_not_all_in_before_they_are(edition: Edition, officers: Officers) -> None:
    count, round_id = edition.count, edition.round_id
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    batch = await open_batch(one, round_id, 2)
    page = f"{DESK}/rounds/{round_id}"
    csrf = {"csrf": next(iter((await one.get(page)).forms().values()))["csrf"]}
    asked = csrf | {"reason": "every urn is empty"}

    async def refused() -> str:
        seen = await one.post(f"{page}/closed", asked, Accept="application/json")
        assert seen.status == 409
        return seen.text

    assert "box_open" in await refused()
    await gathered(edition)
    assert "batches_open" in await refused()
    for paper in (1, 2):
        await enter(one, batch, paper, "1")
        await enter(other, batch, paper, "1")
    await one.fill(batch, f"{batch}/lock")
    assert "marks_missing" in await refused()
    await marked(count, round_id, 1)
    assert "more_stubs_than_marked" in await refused()
    await marked(count, round_id, 2)
    assert await ask_to_close(one, edition) == 200


async def test_what_two_officers_confirm_is_what_they_saw(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    await gathered(edition)
    await marked(edition.count, edition.round_id, 9)
    assert await ask_to_close(one, edition) == 200
    batch = await open_batch(one, edition.round_id, 1)
    await enter(one, batch, 1, "1")
    await enter(other, batch, 1, "1")
    await one.fill(batch, f"{batch}/lock")
    assert (await confirm(other)).status == 409
    assert await said(edition, PapersClosed) == [0]


async def test_a_vote_without_paper_takes_none(
    served_count: ServedCount, officers: Officers
) -> None:
    plain = Edition(served_count, TITLES, COSTS)
    await plain.publish(rules())
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(plain, one, other)
    [opening] = await served_count.announced(RoundOpened)
    assert "paper" not in opening
    page = f"{DESK}/rounds/{plain.round_id}"
    seen = await one.get(page)
    csrf = {"csrf": next(iter((await one.get("/desk/rounds")).forms().values()))["csrf"]}
    assert "do not let anybody vote on paper" in seen.text
    fields = csrf | {"place": "Arras", "stubs": "1"}
    assert (await one.post(f"{page}/batches", fields)).status == 409


async def test_officers_of_other_programmes_see_and_enter_nothing(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    batch = await open_batch(one, edition.round_id, 1)
    for role in (Role.ADVISER, Role.RETURNING_OFFICER):
        stranger = await officers.officer("Jo", role, uuid4())
        assert (await stranger.get(batch)).status == 403
        assert (await stranger.get(f"{DESK}/rounds/{edition.round_id}")).status == 403
        assert str(edition.round_id) not in (await stranger.get(DESK)).text
    committee = await officers.officer("Kim", Role.COMMITTEE, edition.programme)
    assert (await committee.get(batch)).status == 403
