"""The desk at which two administrators open a restored box or roll again."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from comptoir.browser import Browser, Seen
from shared.events.voting import SecondOfficerAsked, ServiceReopened
from shared.people import Role
from tests.voting.count.conftest import ServedCount
from tests.voting.count.edition import Officers

PAGE = "/desk/reopening"
RECOVERY = str(uuid4())
ASKED = {
    "service": "voting.box",
    "recovery": RECOVERY,
    "cause": "disk-lost",
    "reason": "The disk of the box broke; promises were compared.",
}


@pytest.fixture
async def officers(served_count: ServedCount) -> AsyncIterator[Officers]:
    async with AsyncExitStack() as exit_stack:
        yield Officers(served_count, exit_stack)


async def administrator(officers: Officers, name: str) -> Browser:
    return await officers.officer(name, Role.ADMINISTRATOR)


async def confirm(officer: Browser) -> Seen:
    """Confirm the one act that waits."""
    seen = await officer.get("/desk/acts")
    [action] = [action for action in seen.forms() if action.endswith("/confirm")]
    return await officer.fill(seen, action)


async def test_two_administrators_open_a_box_and_the_public_is_told(
    served_count: ServedCount, officers: Officers
) -> None:
    one, other = await administrator(officers, "Alix"), await administrator(officers, "Basile")
    assert "waits for another officer" in (await one.fill(PAGE, PAGE, **ASKED)).text
    assert await served_count.announced(ServiceReopened) == []
    waiting = (await other.get("/desk/acts")).text
    assert "Open a restored service" in waiting and RECOVERY in waiting
    assert "its disk or machine was lost" in waiting
    assert (await confirm(other)).status == 200
    [said] = await served_count.announced(ServiceReopened)
    officers_of_it = said.pop("officers")
    assert len(set(officers_of_it)) == 2
    assert said == {
        "service": "voting.box",
        "recovery": RECOVERY,
        "reason": "disk-lost",
        "by_hand": False,
    }
    [row] = await served_count.connection.fetch(
        "select log, source from outbox where type = $1", ServiceReopened.type
    )
    assert tuple(row) == ("platform", "voting.count")
    # Their own words are in no event.
    for body in await served_count.connection.fetch("select body from outbox"):
        assert b"promises were compared" not in body["body"]


async def test_nobody_opens_what_she_asked_for(
    served_count: ServedCount, officers: Officers
) -> None:
    one = await administrator(officers, "Alix")
    await one.fill(PAGE, PAGE, **ASKED)
    [act] = await served_count.announced(SecondOfficerAsked)
    seen = await one.get("/desk/acts")
    token = next(iter(seen.forms().values()))["csrf"]
    refused = await one.post(f"/desk/acts/{act['act_id']}/confirm", {"csrf": token})
    assert refused.status == 409
    assert await served_count.announced(ServiceReopened) == []


async def test_the_address_that_the_command_prints_fills_the_form_in(officers: Officers) -> None:
    one = await administrator(officers, "Alix")
    seen = await one.get(f"{PAGE}?service=voting.roll&recovery={RECOVERY}&by_hand=yes&reason=Tired")
    fields = seen.fields(PAGE)
    assert (fields["service"], fields["recovery"]) == ("voting.roll", RECOVERY)
    assert (fields["by_hand"], fields["reason"]) == ("yes", "Tired")


@pytest.mark.parametrize(
    "wrong",
    [
        {"service": "voting.count"},
        {"recovery": "the last one"},
        {"cause": "a secret"},
        {"reason": ""},
    ],
)
async def test_what_is_no_reopening_is_not_asked_for(
    served_count: ServedCount, officers: Officers, wrong: dict[str, str]
) -> None:
    one = await administrator(officers, "Alix")
    assert (await one.fill(PAGE, PAGE, **ASKED | wrong)).status == 422
    assert await served_count.announced(SecondOfficerAsked) == []


async def test_another_recovery_of_a_service_waits_until_the_first_is_answered(
    officers: Officers,
) -> None:
    one = await administrator(officers, "Alix")
    await one.fill(PAGE, PAGE, **ASKED)
    assert (await one.fill(PAGE, PAGE, **ASKED)).status == 200
    assert (await one.fill(PAGE, PAGE, **ASKED | {"recovery": str(uuid4())})).status == 409
    assert (await one.fill(PAGE, PAGE, **ASKED | {"service": "voting.roll"})).status == 200


async def test_an_officer_of_one_programme_opens_nothing(officers: Officers) -> None:
    returning = await officers.officer("Gaëlle")
    assert (await returning.get(PAGE)).status == 403
    one_programme = await officers.officer("Dora", Role.ADMINISTRATOR, uuid4())
    assert (await one_programme.fill(PAGE, PAGE, **ASKED)).status == 403
