"""Before the vote everybody can read among how many others a ballot leaves the box."""

import re
from uuid import UUID

import pytest

from tests.voting.count.conftest import ServedCount


async def page(served_count: ServedCount, round_id: UUID, language: str = "en") -> str:
    answer = await served_count.client.ask(
        "GET", f"/rounds/{round_id}/live", Accept_Language=language
    )
    assert answer.status == 200
    return re.sub(r"\s+", " ", answer.raw.decode())


@pytest.mark.parametrize(
    ("language", "batches", "smaller"),
    [
        ("en", "at least 30 voters", "fewer than 30 voters identify themselves in one way"),
        ("fr", "au moins 30 personnes", "moins de 30 personnes s’identifient"),
    ],
)
async def test_a_round_says_when_a_batch_may_be_smaller_than_k(
    served_count: ServedCount, language: str, batches: str, smaller: str
) -> None:
    rule = {"k": 30, "interval": 900}
    round_id = await served_count.prepared(flush=rule)
    assert (await served_count.state(round_id))["flush"] == rule
    for _ in ("prepared", "open"):
        shown = await page(served_count, round_id, language)
        assert batches in shown and smaller in shown and "15 minutes" in shown
        await served_count.open(round_id)
    await served_count.close(round_id)
    assert smaller not in await page(served_count, round_id, language)


async def test_a_rehearsal_that_hides_nothing_promises_nothing(served_count: ServedCount) -> None:
    assert "batches" not in await page(served_count, await served_count.opened())
