"""The state machine of a handoff: every state, every act, and the table that its docstring has."""

from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submission.counters import handoffs
from submission.counters.handoffs import ENDS, STEPS, Act, HandoffDecided, State, cause_of, step

ACTS: tuple[Act, ...] = get_args(Act.__value__)
STATES: tuple[State, ...] = get_args(State.__value__)


def table() -> dict[tuple[str, str], str]:
    """Where the docstring says that each act leads from each state."""
    assert handoffs.__doc__ is not None
    _, head, body, _ = handoffs.__doc__.split("=========  " + "  ".join(["=" * 10] * 6))
    states = head.split()[1:]
    lines = [line.split() for line in body.strip().splitlines()]
    return {
        (state, act): to
        for act, *leads in lines
        for state, to in zip(states, leads, strict=True)
        if to != "–"
    }


@pytest.mark.parametrize(("state", "act"), [*product(STATES, ACTS)])
def test_an_act_leads_where_the_table_says_or_nowhere(state: State, act: Act) -> None:
    wanted = table().get((state, act))
    if wanted is None:
        with pytest.raises(HandoffDecided, match=state):
            step(state, act)
    else:
        assert step(state, act) == wanted


def test_the_table_names_every_act_and_every_state_that_goes_on() -> None:
    assert {act for _, act in table()} == set(ACTS)
    assert {state for state, _ in table()} == set(STATES) - ENDS == {s for s in STEPS if STEPS[s]}


@pytest.mark.parametrize("state", sorted(set(STATES) - ENDS))
def test_whatever_is_left_lying_goes_back_to_its_carrier(state: State) -> None:
    assert step(state, "deadline") == "returned"


@given(st.lists(st.sampled_from(ACTS), max_size=30))
def test_nothing_leads_out_of_an_end(acts: list[Act]) -> None:
    state: State = "requested"
    for act in acts:
        try:
            state = step(state, act)
        except HandoffDecided:
            continue
        if state in ENDS:
            break
    assert state not in ENDS or not STEPS[state]


@pytest.mark.parametrize(
    ("state", "act", "cause"),
    [
        ("requested", "decline", "declined"),
        ("requested", "deadline", "unanswered"),
        ("accepted", "deadline", "unanswered"),
        ("accepted", "give_back", "done"),
        ("scheduled", "deadline", "unanswered"),
        ("awaiting", "withdraw", "withdrawn"),
        ("awaiting", "cancel", "cancelled"),
        ("missed", "give_back", "missed"),
        ("missed", "deadline", "missed"),
        ("attended", "give_back", "done"),
        ("attended", "deadline", "done"),
    ],
)
def test_it_is_known_why_something_is_back(state: State, act: Act, cause: str) -> None:
    assert step(state, act) == "returned"
    assert cause_of(state, act) == cause
