"""The demo of a preset as a command, on a platform that runs."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from comptoir.scenarios import Scenario
from comptoir.scenarios.held import Held
from comptoir.scenarios.stage import Stage
from tests.end_to_end.commands import invoked

pytestmark = pytest.mark.slow


async def test_a_demo_for_programs_writes_one_line_and_nothing_else(state: str) -> None:
    result = await invoked("demo", "bid-54", "--json", "--state", state)
    assert result.exit_code == 0, result.output
    [line] = result.stdout.splitlines()
    said = json.loads(line)
    assert said.keys() == {"preset", "events", "decisions", "funded_cents", "verified"}
    assert (said["preset"], said["decisions"], said["funded_cents"]) == ("bid-54", 3, 21_000_00)
    assert said["verified"] is True and said["events"] > 50
    assert "Handed from desk to desk" in result.stderr


OVER = Held("bid-54", UUID(int=1), "log-1", 1_234, 3, 21_000_00, verified=True)


@pytest.mark.parametrize("verified", [True, False])
async def test_a_demo_of_all_prints_a_row_of_each_and_ends_with_1_unless_all_are_verified(
    state: str, monkeypatch: pytest.MonkeyPatch, verified: bool
) -> None:
    """Each is walked by a test of its own: here they are over at once, on the stage of each."""
    lacking = () if verified else ("entry 7 is counted twice",)
    moselle = replace(OVER, preset="moselle", verified=verified, differences=lacking)
    stages = list[Stage]()

    def over(held: Held) -> Scenario:
        async def hold(stage: Stage) -> Held:
            stages.append(stage)
            return held

        return hold

    held = {each.preset: over(each) for each in (OVER, moselle)}
    monkeypatch.setattr("comptoir.commands.demo.SCENARIOS", held)
    result = await invoked("demo", "--all", "--json", "--state", state)
    assert result.exit_code == (0 if verified else 1), result.output
    said = [json.loads(each) for each in result.stdout.splitlines()]
    assert [(each["preset"], each["verified"]) for each in said] == [
        ("bid-54", True),
        ("moselle", verified),
    ]
    rows = [line.split() for line in result.stderr.splitlines() if line.startswith("│")]
    assert [(row[1], row[-2]) for row in rows] == [
        ("bid-54", "yes"),
        ("moselle", "yes" if verified else "NO"),
    ]
    assert ("moselle: entry 7 is counted twice" in result.stderr) is not verified
    assert len({*map(id, stages)}) == 2, "none of them meets what another one left on its stage"
