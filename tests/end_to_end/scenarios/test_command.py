"""The demo of a preset as a command, on a platform that runs."""

import json

import pytest

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
