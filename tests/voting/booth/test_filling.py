"""What forms say, read and written; drafts that come back; what roll and count tell. No server."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.device import Device
from shared.events.ballots import Format
from tests.voting.booth.told import told
from tests.voting.roll.forms import EACH
from voting.booth.drafting import Draft, tier_key
from voting.booth.filling import filled, read
from voting.booth.offered import Offered
from voting.booth.trouble import Trouble
from voting.formats.choices import NUMBERS, values

OPTIONS = 4
NUMBERED = st.lists(st.integers(1, OPTIONS), unique=True)


@st.composite
def choices(draw: st.DrawFn, form: Format) -> tuple[Any, ...]:
    """Choices of a format's shape."""
    numbers = draw(NUMBERED)
    if form.type == "ranking":
        return tuple(numbers)
    if form.type in NUMBERS:
        return tuple(sorted(numbers))
    return tuple((n, draw(st.sampled_from(values(form)))) for n in sorted(numbers))


@pytest.mark.parametrize("name", EACH)
@given(data=st.data())
def test_what_a_form_says_comes_back_as_it_was(name: str, data: st.DataObject) -> None:
    form = EACH[name]
    said = data.draw(choices(form))
    assert read(form, filled(form, said), OPTIONS) == said


@pytest.mark.parametrize(
    ("places", "ranked"),
    [
        ({1: "2", 3: "1"}, (3, 1)),
        ({}, ()),
        ({1: "1", 3: "1"}, None),
        ({1: "2"}, None),
        ({1: "0", 2: "1"}, None),
        ({1: "1", 2: "3"}, None),
    ],
)
def test_places_of_a_ranking_are_each_given_once(
    places: dict[int, str], ranked: tuple[int, ...] | None
) -> None:
    data = {f"option-{number}": place for number, place in places.items()}
    if ranked is not None:
        assert read(EACH["ranking"], data, OPTIONS) == ranked
        return
    with pytest.raises(Trouble) as trouble:
        read(EACH["ranking"], data, OPTIONS)
    assert trouble.value.code == "places_unclear"


# The sixth is an Arabic one: a digit to Python, and none of a number on a ballot.
@pytest.mark.parametrize(
    "written", ["x", "1.5", "1e3", "--1", "9" * 8, "\N{ARABIC-INDIC DIGIT ONE}", "1 2"]
)
def test_what_is_no_whole_number_is_told_and_not_quoted(written: str) -> None:
    with pytest.raises(Trouble) as trouble:
        read(EACH["score"], {"option-1": written}, OPTIONS)
    assert trouble.value.code == "value_out_of_bounds" and written not in str(trouble.value)


@pytest.mark.parametrize("written", [" -2 ", "\N{MINUS SIGN}2", "-2"])
def test_a_minus_is_read_however_it_is_typed(written: str) -> None:
    assert read(EACH["score"], {"option-1": written}, OPTIONS) == ((1, -2),)


def test_no_points_are_none_given() -> None:
    data = {"option-1": "0", "option-2": "3", "option-3": ""}
    assert read(EACH["cumulative"], data, OPTIONS) == ((2, 3),)


def test_fields_of_projects_that_are_not_there_say_nothing() -> None:
    data = {"option-5": "1", "option-0": "1", "option-01": "1", "option-1": "1"}
    assert read(EACH["approval"], data, OPTIONS) == (1,)


def test_a_draft_comes_back_as_it_went() -> None:
    round_id = uuid4()
    owner = Device(bytes(16), round_id, "S")
    opened = {"secrecy": "sealed", "commission": {"key": "A" * 43 + "="}, "padded": 128}
    opened["commission"] = {"key": "CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
    for said in ({"secrecy": "live"}, opened):
        draft = Draft.made(said, owner, 3, (1, 2))
        assert Draft.read(draft.fields(), (1, 2)) == draft
        token = "a token"
        one = owner.ballot(token, draft.revision, draft.said)
        again = Draft.read(draft.fields(), (1, 2))
        assert one == owner.ballot(token, again.revision, again.said), "the same bytes"


def test_a_twenty_first_ballot_is_told_before_it_is_cast() -> None:
    owner = Device(bytes(16), uuid4(), "S")
    with pytest.raises(Trouble) as trouble:
        Draft.made({"secrecy": "live"}, owner, 21, ())
    assert trouble.value.code == "revisions_over"


@pytest.mark.parametrize(
    ("opened", "code"),
    [
        ({}, "not_assisted"),
        ({"tiers": {"A": "AAAA"}}, "not_assisted"),
        ({"tiers": {"S": "AAAA"}}, "unavailable"),
    ],
)
def test_a_round_without_the_booths_key_is_told(opened: dict[str, Any], code: str) -> None:
    with pytest.raises(Trouble) as trouble:
        tier_key(opened)
    assert trouble.value.code == code


@pytest.mark.parametrize("name", EACH)
def test_what_the_roll_tells_is_a_ballot(name: str) -> None:
    offered = Offered.of(told(EACH[name]))
    assert offered.form == EACH[name] and len(offered.options) == OPTIONS
    assert {option.contest for option in offered.options} == (
        {"artois", "calaisis"} if name == "contests" else {None}
    )


@pytest.mark.parametrize(
    "change", [{"format": {"type": "none"}}, {"options": [{}]}, {"state": ...}]
)
def test_what_is_no_ballot_is_no_answer(change: dict[str, Any]) -> None:
    answer = told(EACH["approval"]) | change
    if answer["state"] is ...:
        del answer["state"]
    with pytest.raises(Trouble) as trouble:
        Offered.of(answer)
    assert (trouble.value.code, trouble.value.status) == ("unavailable", 503)


def test_the_order_of_the_projects_is_each_voters_own_and_stays() -> None:
    offered = Offered.of(told(EACH["approval"]))
    orders = {tuple(o.number for o in offered.shuffled(f"{n:016x}")) for n in range(64)}
    assert len(orders) > 10 and {order[0] for order in orders} == {1, 2, 3, 4}
    assert offered.shuffled("0" * 16) == offered.shuffled("0" * 16)
