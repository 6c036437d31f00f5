"""What voters are told of the limits: each of them, in plain words, before they vote."""

import re

import pytest

from tests.voting.roll.conftest import Roll
from tests.voting.roll.elections import Edition

# Those of the protocol, and those that the tests found.
LIMITS = (
    "showing",
    "watching",
    "waiting",
    "stuffing",
    "page",
    "device",
    "code",
    "taking-back",
    "few",
    "opening",
    "helped",
    "paper",
)


async def page(roll: Roll, path: str, language: str = "en") -> str:
    answer = await roll.client.ask("GET", f"{path}?lang={language}", Accept="text/html")
    assert answer.status == 200
    return answer.raw.decode()


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_each_limit_is_told_in_both_languages(roll: Roll, language: str) -> None:
    shown = await page(roll, "/limits", language)
    assert re.findall(r'<h3 id="([a-z-]+)"', shown) == [*LIMITS]
    assert f'<html lang="{language}"' in shown
    assert ("Where it ends" in shown) == (language == "en")


async def test_a_voter_can_read_them_before_she_gives_her_code(roll: Roll) -> None:
    edition = Edition()
    await edition.held(roll)
    ballot = await page(roll, f"/rounds/{edition.round_id}/vote")
    first = ballot[ballot.index('data-step="code"') : ballot.index('data-step="mine"')]
    # Once she has begun, nothing leads away from her choices.
    assert first.count('href="/limits"') == ballot.count('href="/limits"') == 1
    assert 'href="/limits"' in await page(roll, "/")


async def test_a_machine_of_ours_on_which_a_key_is_tried_is_among_the_limits(roll: Roll) -> None:
    """Members may type their shares into count's page, which has the key in memory then."""
    for language, words in (("en", "a machine of ours"), ("fr", "une de nos machines")):
        shown = await page(roll, "/limits", language)
        assert words in shown[shown.index('id="opening"') : shown.index('id="helped"')]


async def test_a_second_code_and_the_booth_are_told_for_what_they_are(roll: Roll) -> None:
    shown = await page(roll, "/limits")
    lost = shown[shown.index('id="code"') : shown.index('id="taking-back"')]
    assert "a second code" in lost and "counted twice" in lost
    assert "in the booth" in shown[shown.index('id="few"') : shown.index('id="opening"')]
