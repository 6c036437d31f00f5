"""What is said of scenarios that are over: read in a record, and in a table or a line a preset."""

import io
import json
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from comptoir.scenarios.carrying import new_siret
from comptoir.scenarios.held import Held, given, named_events, not_held
from comptoir.scenarios.report import line, report, report_all
from submission.carriers.identifiers import check_siret

HELD = Held(
    preset="bid-54",
    programme_id=UUID(int=1),
    log="bid-54-1",
    events=1_234,
    decisions=3,
    funded_cents=21_000_00,
    verified=True,
    messages=12,
    types={"voting.option-decided.v2": 3},
    refused=("principle_missing",),
)


def entry(kind: str, grant: str, **body: Any) -> dict[str, Any]:
    return {"type": f"voting.{kind}", "body": {"round_id": "r", "option_id": grant, **body}}


def test_what_is_given_is_what_the_last_entry_of_each_grant_leaves() -> None:
    said = [
        {"type": "voting.round-opened.v2", "body": {"round_id": "r"}},
        entry("option-decided.v2", "as decided", funded=True, cost=9, amount=7),
        entry("option-decided.v2", "refused", funded=False, cost=9, amount=0),
        entry("option-decided.v2", "confirmed", funded=True, cost=100, amount=0),
        entry("funding-confirmed.v1", "confirmed", amount=60),
        entry("agreement-signed.v1", "confirmed", amount=60),
        entry("option-decided.v2", "reduced", funded=True, cost=1_000, amount=1_000),
        entry("agreement-signed.v1", "reduced", amount=1_000),
        entry("grant-reduced.v1", "reduced", before=1_000, amount=500, spent=1),
        entry("option-decided.v2", "lapsed", funded=True, cost=5_000, amount=5_000),
        entry("agreement-signed.v1", "lapsed", amount=5_000),
        entry("grant-lapsed.v1", "lapsed", left=3_000),
    ]
    assert given(said) == 7 + 60 + 500 + 2_000


def test_what_was_given_once_in_a_round_and_refused_in_another_is_given() -> None:
    first = entry("option-decided.v2", "again", funded=False, cost=9, amount=0)
    then = entry("option-decided.v2", "again", funded=True, cost=9, amount=9)
    then["body"]["round_id"] = "later"
    assert given([first, then]) == given([then, first]) == 9


def test_every_entry_that_an_answer_names_is_waited_for() -> None:
    said = {
        "events": {"opened": "a", "order": None},
        "projects": [{"event": "b", "agreement": None}, {"event": "c", "agreement": "d"}],
        "grants": [{"instalments": [{"event": "e", "reference": "no entry"}]}],
    }
    assert [*named_events(said)] == ["a", "b", "c", "d", "e"]


def test_a_line_has_the_figures_of_a_preset_and_nothing_else() -> None:
    assert json.loads(line(HELD)) == {
        "preset": "bid-54",
        "events": 1_234,
        "decisions": 3,
        "funded_cents": 21_000_00,
        "verified": True,
    }
    assert "\n" not in line(HELD)


def test_what_broke_off_is_not_verified_and_says_why() -> None:
    broken = not_held("bid-54", "no platform answers")
    assert not broken.verified
    written = io.StringIO()
    report_all(Console(file=written, width=100), [HELD, broken])
    assert "1 234" in written.getvalue() and "21 000.00" in written.getvalue()
    assert "NO" in written.getvalue()
    assert "bid-54: no platform answers" in written.getvalue()


def test_a_report_says_what_people_were_refused() -> None:
    written = io.StringIO()
    report(Console(file=written, width=100), HELD)
    assert "principle_missing" in written.getvalue()
    assert "3 voting.option-decided.v2" in written.getvalue()


@pytest.mark.parametrize("_", range(20))
def test_numbers_of_invented_organisations_have_their_check_digit(_: int) -> None:
    number = new_siret()
    assert check_siret(number) == number
