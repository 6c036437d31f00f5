"""Ties that officers are asked about: what they said decides, and who asks in vain is named."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.events import Event
from shared.events.rules import Rule
from shared.events.voting import TieAsked, TieOrdered
from tests.ledger_audit.logs import Election, option_ids
from tests.ledger_audit.test_outcomes import RULES
from tests.ledger_audit.test_recount import counted

ASKING = Rule.model_validate(
    {
        "envelopes": [{"name": "all", "amount": 600}],
        **RULES["by votes"],
        "ties": {"criteria": ["ask"]},
    }
)
# Options 1 and 2 are level, and money is left for one of them; 3 and 4 have nobody's vote.
LEVEL = Election([400, 400, 300, 300], [[1, 2], [1], [2]], rule=ASKING)
IDS = option_ids(4)


def backwards(options: list[str]) -> list[str]:
    return options[::-1]


def forwards(options: list[str]) -> list[str]:
    return options


def test_a_round_that_waits_for_officers_neither_agrees_nor_differs(tmp_path: Path) -> None:
    found = counted(LEVEL.log(), tmp_path)
    assert (found.agrees, found.differences, found.funded) == (None, (), ())


@pytest.mark.parametrize(("answer", "winner"), [(forwards, 0), (backwards, 1)])
def test_the_order_that_officers_said_decides(tmp_path: Path, answer: Any, winner: int) -> None:
    found = counted(replace(LEVEL, answers=[answer]).log(), tmp_path)
    assert (found.agrees, found.funded) == (True, (str(IDS[winner]),))


def test_a_result_without_the_order_that_it_needed_differs(tmp_path: Path) -> None:
    def unasked(event: Event) -> Event | None:
        return None if isinstance(event, TieAsked | TieOrdered) else event

    found = counted(replace(LEVEL, answers=[forwards], change=unasked).log(), tmp_path)
    assert found.agrees is False
    assert any("it was decided, but officers have to say" in each for each in found.differences)


def tie(**changes: Any) -> Any:
    def change(event: Event) -> Event:
        said = {n: v for n, v in changes.items() if n in type(event).model_fields}
        asked = isinstance(event, TieAsked | TieOrdered)
        return event.model_copy(update=said) if asked else event

    return change


LIES: dict[str, tuple[Any, str]] = {
    "a tie that does not matter": (tie(options=tuple(IDS[2:])), "nothing depends on the order"),
    "one of two that are level": (tie(options=tuple(IDS[1:])), "nothing depends on the order"),
    "a tie in another step": (tie(step=("p", "elsewhere")), "nothing depends on the order"),
    "an order of others": (tie(order=tuple(IDS[2:])), "it orders other options than those"),
    "an order of more": (tie(order=(*IDS[:2], IDS[3])), "it orders other options than those"),
    "an option twice": (tie(order=(IDS[0], IDS[0])), "it orders other options than those"),
    "another order than was counted by": (tie(order=(IDS[1], IDS[0])), "it says funded"),
}


@pytest.mark.parametrize("what", LIES)
def test_a_lie_about_a_tie_is_named(tmp_path: Path, what: str) -> None:
    change, complaint = LIES[what]
    honest = replace(LEVEL, answers=[forwards])
    lying = replace(honest, change=change)
    found = counted(lying.log(), tmp_path)
    assert found.agrees is False
    named = [each for each in found.differences if complaint in each]
    if complaint.startswith("it says"):
        assert named
    else:
        [at] = {
            n
            for n, (one, other) in enumerate(
                zip(honest.log().entries, lying.log().entries, strict=True)
            )
            if one != other
        }
        assert [each.partition(":")[0] for each in named] == [f"entry {at}"]


def test_an_order_for_which_nobody_was_asked_is_named(tmp_path: Path) -> None:
    def unasked(event: Event) -> Event | None:
        return None if isinstance(event, TieAsked) else event

    found = counted(replace(LEVEL, answers=[forwards], change=unasked).log(), tmp_path)
    assert any("nobody was asked for this order" in each for each in found.differences)


def test_a_question_that_the_rule_does_not_ask_is_named(tmp_path: Path) -> None:
    """All that is level is told apart by the id; that the order would matter is no reason."""
    by_id = ASKING.model_copy(
        update={"ties": ASKING.ties.model_copy(update={"criteria": ("option",)})}
    )
    log = replace(LEVEL, rule=by_id).log()
    asked = TieAsked(round_id=LEVEL.round_id, step=("p", "all"), options=tuple(IDS[:2]))
    log.append(asked)
    found = counted(log, tmp_path)
    assert [f"entry {len(log.entries) - 1}" in each for each in found.differences] == [True]


def test_an_order_that_was_said_is_not_said_again_otherwise(tmp_path: Path) -> None:
    log = replace(LEVEL, answers=[forwards]).log()
    first, second = IDS[:2]
    log.append(TieOrdered(round_id=LEVEL.round_id, order=(first, second)))
    log.append(TieAsked(round_id=LEVEL.round_id, step=("p", "all"), options=(first, second)))
    log.append(TieOrdered(round_id=LEVEL.round_id, order=(second, first)))
    again, asked, otherwise = range(len(log.entries) - 3, len(log.entries))
    assert counted(log, tmp_path).differences == (
        f"entry {again}: nobody was asked for this order",
        f"entry {asked}: nothing depends on the order of the options that it asks about, in its"
        " step",
        f"entry {otherwise}: it says otherwise than the order that was said before",
    )
