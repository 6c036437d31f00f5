"""The command that holds every preset, on a platform that runs."""

import json

import pytest

from comptoir.scenarios import SCENARIOS
from tests.end_to_end.commands import invoked

pytestmark = pytest.mark.slow

SAID = {"preset", "events", "decisions", "funded_cents", "verified"}
PRESETS = 5


async def test_each_preset_has_its_line_and_is_verified(state: str) -> None:
    done = await invoked("demo", "--all", "--json", "--state", state)
    assert done.exit_code == 0, (done.exception, done.output)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["preset"] for row in rows] == list(SCENARIOS)
    assert len(rows) == PRESETS
    for row in rows:
        assert row.keys() >= SAID
        assert row["verified"] is True
        assert row["events"] > row["decisions"] > 0
        assert row["funded_cents"] > 0
