"""What two officers can still do to a round: give it a later end, or annul it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comptoir.browser import Browser, Seen
from shared.events.acts import RoundAnnulled, RoundExtended
from shared.events.funding import AgreementSigned
from shared.events.voting import (
    AllocationPublished,
    ResultValidated,
    RoundClosed,
    RoundOpened,
    TallyUpdated,
)
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import COSTS, TITLES, Edition, Officers, rules
from tests.voting.count.test_desk import CASTS, DESK, ask, by_two, confirm, decided, prepared
from voting.count.queries import due_rounds


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


@pytest.fixture
async def edition(served_count: ServedCount) -> Edition:
    found = Edition(served_count, TITLES, COSTS)
    await found.publish(rules())
    return found


async def opened(edition: Edition, one: Browser, other: Browser) -> None:
    await prepared(edition, one)
    await by_two(one, other, edition, "open-round")


async def extend(officer: Browser, edition: Edition, **others: str) -> Seen:
    """Ask for a later end: two days from now, unless something else is asked for."""
    at = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    fields = {"closes_at": at, "cause": "box-down", "reason": "an hour was lost", **others}
    return await officer.fill(DESK, f"{DESK}/{edition.round_id}/extension", **fields)


async def annul(officer: Browser, edition: Edition, **others: str) -> Seen:
    fields = {"cause": "court-ruling", "act": " TA  Lille, no. 2609876 ", "reason": "as it says"}
    action = f"{DESK}/{edition.round_id}/annulment"
    return await officer.fill(DESK, action, **fields | others)


async def test_two_officers_give_an_open_round_a_later_end(
    edition: Edition, officers: Officers
) -> None:
    count = edition.count
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    before = await count.row(edition.round_id)
    assert "waits for another officer" in (await extend(one, edition)).text
    assert await count.announced(RoundExtended) == []
    assert (await confirm(other)).status == 200
    [extended] = await count.announced(RoundExtended)
    assert extended["reason"] == "box-down" and len(set(extended["officers"])) == 2
    after = await count.row(edition.round_id)
    # What is frozen stays as it was hashed.
    assert (after["closes_at"], after["state"]) == (before["closes_at"], "open")
    assert after["extended_to"].isoformat() == extended["closes_at"].replace("Z", "+00:00")
    assert "Two officers extended it" in (await one.get(f"/rounds/{edition.round_id}/live")).text


async def test_an_extended_round_closes_at_its_later_end_and_is_decided_by_its_frozen_rules(
    edition: Edition, officers: Officers
) -> None:
    count = edition.count
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    await extend(one, edition)
    await confirm(other)
    # The frozen end has passed: the round goes on.
    await count.connection.execute(
        "update round set opens_at = opens_at - interval '2 days', closes_at = now()"
    )
    async with count.database.begin() as session:
        assert [*await due_rounds(session)] == []
    await count.connection.execute("update round set extended_to = closes_at + interval '1 us'")
    found = await count.eventually(edition.round_id, lambda s: s["state"] != "open", within=60)
    assert found["state"] == "closed"
    assert len(await count.announced(RoundClosed)) == 1


async def test_the_decision_of_an_extended_round_names_the_rules_that_were_opened(
    edition: Edition, officers: Officers
) -> None:
    count = edition.count
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    await extend(one, edition)
    await confirm(other)
    await edition.decided(*CASTS)
    [opening], [allocation] = (
        await count.announced(RoundOpened),
        await count.announced(AllocationPublished),
    )
    assert allocation["rules_digest"] == opening["rules_digest"]


@pytest.mark.parametrize(
    "others",
    [
        {"closes_at": "tomorrow"},
        {"closes_at": ""},
        {"closes_at": "2020-01-01T00:00"},
        {"closes_at": "2199-01-01T00:00"},
        {"closes_at": "9999-12-31T23:59-12:00"},
        {"cause": "rain"},
        {"reason": ""},
    ],
)
async def test_an_extension_without_a_later_end_or_a_reason_is_refused(
    edition: Edition, officers: Officers, others: dict[str, str]
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    assert (await extend(one, edition, **others)).status == 422
    assert "waits for another officer" not in (await one.get(DESK)).text


async def test_an_extension_that_comes_after_the_closing_does_nothing(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    await extend(one, edition)
    await edition.count.connection.execute("update round set state = 'closed'")
    assert (await confirm(other)).status == 409
    assert await edition.count.announced(RoundExtended) == []


async def test_an_annulled_open_round_is_closed_and_never_decided(
    edition: Edition, officers: Officers
) -> None:
    count, round_id = edition.count, edition.round_id
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    await edition.voted(*CASTS)
    await annul(one, edition)
    assert await count.announced(RoundAnnulled) == []
    await confirm(other)
    [annulled] = await count.announced(RoundAnnulled)
    assert (annulled["reason"], annulled["act"]) == ("court-ruling", "TA Lille, no. 2609876")
    # Roll and box end as ever, and what the box promised is published.
    assert len(await count.announced(RoundClosed)) == 1
    await count.box_closes(round_id, len(CASTS), 3, 7)
    await count.checkpoint(7)
    await count.decide()
    assert (await count.row(round_id))["state"] == "annulled"
    assert await count.announced(AllocationPublished) == []
    [*_, last] = await count.announced(TallyUpdated)
    assert (last["final"], last["annulled"]) == (True, True)


@pytest.mark.parametrize("page", ["live", "results"])
async def test_every_page_of_an_annulled_round_says_so(
    edition: Edition, officers: Officers, page: str
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await decided(edition, one, other)
    await annul(one, edition)
    await confirm(other)
    seen = await one.get(f"/rounds/{edition.round_id}/{page}")
    assert "This vote is annulled" in seen.text and "TA Lille" in seen.text
    assert "is funded" not in seen.text
    data = await one.get(f"/rounds/{edition.round_id}/results.json")
    assert data.status == 409


async def test_whoever_follows_a_round_hears_that_it_is_annulled(
    edition: Edition, officers: Officers
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    url = f"{one.url}/rounds/{edition.round_id}/events"
    async with asyncio.timeout(60), one.session.get(url) as stream:
        heard = asyncio.create_task(_until(stream.content, b'"annulled":true'))
        await annul(one, edition)
        await confirm(other)
        assert await heard


async def _until(content: Any, wanted: bytes) -> bool:
    async for line in content:
        if wanted in line:
            return True
    return False


async def test_nothing_of_an_annulled_round_is_validated_or_signed(
    edition: Edition, officers: Officers
) -> None:
    count, round_id = edition.count, edition.round_id
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await decided(edition, one, other)
    await by_two(one, other, edition, "validate-result")
    agreements = f"{DESK}/{round_id}/agreements"
    await one.fill(agreements, agreements, reason="the carrier signed")
    signing = await other.get("/desk/acts")
    await annul(one, edition)
    [to_annul] = [a for a in (await other.get("/desk/acts")).forms() if a.endswith("/confirm")][1:]
    [to_sign] = [a for a in signing.forms() if a.endswith("/confirm")]
    fields = signing.fields(to_sign)
    assert (await other.post(to_annul, fields)).status == 200
    assert (await other.post(to_sign, fields)).status == 409
    assert await count.announced(AgreementSigned) == []
    assert len(await count.announced(ResultValidated)) == 1
    assert (await annul_again(one, edition)).status == 409


async def annul_again(officer: Browser, edition: Edition) -> Seen:
    """What the desk does not offer any more."""
    csrf = next(iter((await officer.get(DESK)).forms().values()))["csrf"]
    fields = {"csrf": csrf, "cause": "irregularity", "act": "another act", "reason": "once more"}
    return await officer.post(f"{DESK}/{edition.round_id}/annulment", fields)


@pytest.mark.parametrize("others", [{"cause": "regret"}, {"act": " x "}, {"reason": ""}])
async def test_an_annulment_without_its_act_or_a_reason_is_refused(
    edition: Edition, officers: Officers, others: dict[str, str]
) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    assert (await annul(one, edition, **others)).status == 422


async def test_nobody_annuls_alone(edition: Edition, officers: Officers) -> None:
    one, other = await officers.officer("Gaëlle"), await officers.officer("Hugo")
    await opened(edition, one, other)
    await annul(one, edition)
    waiting = (await other.get("/desk/acts")).forms()
    [action] = [action for action in waiting if action.endswith("/confirm")]
    csrf = next(iter((await one.get("/desk/acts")).forms().values()))["csrf"]
    assert (await one.post(action, {"csrf": csrf})).status == 409
    assert await edition.count.announced(RoundAnnulled) == []
    assert (await ask(one, edition, "close-round")).status == 200
