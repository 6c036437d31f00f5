"""Every form of the funding desk, sent twice: one record, and both are led to the same page."""

from typing import get_args

import pytest

from comptoir.browser import Seen
from tests.voting.count.funding.held import TODAY, YESTERDAY, Grants
from voting.count.funding.asking import Step

# What each is sent with; all but the first are about an agreement that is signed.
SAID = {
    "confirm": {"amount": "40 000", "act": "CD62-2027-118", "on": str(YESTERDAY)},
    "reduce": {"spent": "60 000"},
    "lapse": {"ground": "renounced"},
    "pay": {"instalment": "order", "reference": "2027/MD-4512", "on": str(TODAY)},
    "milestone": {"milestone": "begun", "on": str(TODAY)},
}


def test_every_step_of_a_grant_is_in_the_table() -> None:
    assert set(get_args(Step.__value__)) == set(SAID)


async def records(grants: Grants) -> dict[str, int]:
    """How much there is of what a step may leave."""
    tables = ("outbox", "act", "granted", "instalment", "milestone")
    counted = {
        table: await grants.count.connection.fetchval(f"select count(*) from {table}")
        for table in tables
    }
    paid = "select count(*) from instalment where paid_event is not null"
    return {**counted, "paid": await grants.count.connection.fetchval(paid)}


@pytest.mark.parametrize("step", SAID)
async def test_a_step_that_is_sent_twice_is_recorded_once(at_step: Grants, step: Step) -> None:
    before = await records(at_step)
    first = await at_step.send(step, **SAID[step])
    between = await records(at_step)
    second = await at_step.send(step, **SAID[step])
    assert (first.status, second.status) == (200, 200), (first.text, second.text)
    assert first.path == second.path == at_step.page
    assert between != before
    assert await records(at_step) == between


async def test_agreements_that_are_asked_for_twice_are_asked_for_once(grants: Grants) -> None:
    await grants.confirm()
    await grants.carrier()
    token = (await grants.one.get(grants.page)).fields("/sign-out")["csrf"]
    said = {"csrf": token, "reason": "the carrier signed"}

    async def sent() -> Seen:
        return await grants.one.post(grants.agreements, said, Accept="application/json")

    first, between = await sent(), await records(grants)
    second = await sent()
    assert (first.status, second.status) == (200, 200), (first.text, second.text)
    assert first.path == second.path
    assert await records(grants) == between
