"""What follows decisions about money, added up by the auditor: each lie about a grant is told."""

from typing import Any

import pytest

from ledger_audit.differences import Differences
from ledger_audit.granted import check_grants, used_again
from ledger_audit.rounds import Round, Said
from ledger_audit.yearly import overdrawn

OFFICERS = ["a", "b"]
PARTS = [{"name": "order", "amount": 4000}, {"name": "balance", "amount": 6000}]
CONFIRMED = ("confirmed", {"amount": 10_000, "officers": OFFICERS})
AGREED = ("agreed", {"amount": 10_000, "officers": OFFICERS, "cost": 20_000, "instalments": PARTS})
PAID = ("paid", {"instalment": "order", "amount": 4000, "reference": "M-1"})
REDUCED = ("reduced", {"before": 10_000, "amount": 7500, "spent": 15_000, "officers": OFFICERS})
REST = ("paid", {"instalment": "balance", "amount": 3500, "reference": "M-2"})
LAPSED = ("lapsed", {"left": 3500, "officers": OFFICERS})

type Step = tuple[str, dict[str, Any]]


def followed(*steps: Step, amount: int = 12_000, validated: int = 2) -> Round:
    """A round that gave option x so many of the 15,000 cents it asks for, and what followed."""
    decided = {"option_id": "x", "funded": True, "cost": 15_000, "amount": amount}
    found = Round("r", decisions=[Said(1, 1, 2, decided)])
    found.said["validated"] = Said(2, validated, 1, {})
    for number, (name, body) in enumerate(steps, 3):
        getattr(found, name).append(Said(number, number, 1, {"option_id": "x", **body}))
    return found


def told(round_: Round) -> tuple[str, ...]:
    differences = Differences()
    check_grants(round_, differences)
    for _, at, what in used_again({"r": round_}):
        differences.add(at, what)
    return differences.all()


def but(step: Step, **others: Any) -> Step:
    return step[0], step[1] | others


@pytest.mark.parametrize("last", [REST, LAPSED])
def test_a_grant_that_was_followed_as_it_had_to_be_has_no_difference(last: Step) -> None:
    round_ = followed(CONFIRMED, AGREED, PAID, REDUCED, last)
    assert told(round_) == ()
    assert check_grants(round_, Differences()) == {"x": 7500 if last is REST else 4000}


def test_what_is_deliberated_is_at_most_what_is_asked_for() -> None:
    assert told(followed(but(CONFIRMED, amount=15_000), amount=0)) == ()
    assert told(followed(but(CONFIRMED, amount=15_001), amount=0)) != ()


def test_an_agreement_without_parts_is_paid_whole() -> None:
    whole = but(PAID, instalment="grant", amount=12_000)
    assert told(followed(("agreed", {"amount": 12_000, "officers": OFFICERS}), whole)) == ()


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((but(CONFIRMED, amount=12_001),), "not between 1 and 12000"),
        ((CONFIRMED, CONFIRMED), "confirmed or agreed before"),
        ((but(CONFIRMED, officers=["a", "a"]),), "two officers"),
        ((CONFIRMED, but(AGREED, amount=12_000)), "it says amount 12000, not 10000"),
        ((CONFIRMED, but(AGREED, instalments=PARTS[:1])), "do not add up"),
        ((CONFIRMED, AGREED, AGREED), "signed before"),
        ((CONFIRMED, PAID), "before the agreement"),
        ((CONFIRMED, AGREED, but(PAID, instalment="gift")), "no part named gift"),
        ((CONFIRMED, AGREED, but(PAID, amount=4001)), "it says amount 4001, not 4000"),
        ((CONFIRMED, AGREED, PAID, but(PAID, reference="M-2")), "was paid before"),
        ((CONFIRMED, AGREED, PAID, but(REST, amount=6000, reference="M-1")), "the number M-1"),
        ((CONFIRMED, AGREED, but(REDUCED, amount=7501)), "it says amount 7501, not 7500"),
        ((CONFIRMED, AGREED, but(REDUCED, before=12_000)), "it says before 12000, not 10000"),
        ((CONFIRMED, AGREED, but(REDUCED, spent=20_000, amount=10_000)), "not less than the cost"),
        ((CONFIRMED, AGREED, PAID, but(REDUCED, spent=6000, amount=3000)), "between 4000 and"),
        ((CONFIRMED, AGREED, PAID, but(LAPSED, left=10_000)), "it says left 10000, not 6000"),
        ((CONFIRMED, AGREED, PAID, but(LAPSED, left=6000), but(REST, amount=6000)), "had ended"),
        ((but(CONFIRMED, option_id="y"),), "gave this option no money"),
    ],
)
def test_each_lie_about_a_grant_is_told(steps: tuple[Step, ...], words: str) -> None:
    assert words in " ".join(told(followed(*steps)))


def test_no_two_payments_of_a_log_have_one_number_whichever_round_gave_the_grants() -> None:
    one, other = followed(AGREED, PAID), followed(AGREED, REST, PAID)
    assert list(used_again({"one": one})) == []
    other.paid[0].body["reference"] = "M-3"
    [(round_id, at, what)] = used_again({"one": one, "other": other})
    assert (round_id, at, what) == ("other", 5, "another payment has the number M-1")


def test_nothing_follows_a_result_that_is_not_final() -> None:
    assert "not final by then" in " ".join(told(followed(CONFIRMED, validated=9)))


def drawn(round_id: str, opens_at: str, overshoot: int = 0) -> Round:
    """A round of a fund's committee."""
    opened = {
        "opens_at": opens_at,
        "seats": {"body_name": "committee"},
        "rule": {"envelopes": [{"overshoot": overshoot}]},
    }
    return Round(round_id, said={"opened": Said(7, 1, 2, opened), "validated": Said(8, 2, 1, {})})


CHARTER = {
    "fund": {"year_amount": 100, "carry": "nowhere"},
    "bodies": [{"name": "committee", "decides": "money"}],
    "phases": [{"opens_at": "2027-01-01T00:00:00Z"}],
}
LATE = "2027-12-31T22:59:59Z"


def gave(charter: dict[str, Any], *given: tuple[str, int], overshoot: int = 0) -> list[str]:
    """What is said of rounds that opened then and gave so many cents."""
    rounds = {str(n): drawn(str(n), at, overshoot) for n, (at, _) in enumerate(given)}
    come_to = {str(n): cents for n, (_, cents) in enumerate(given)}
    return [each.what for each in overdrawn(rounds, [charter], come_to)]


def test_the_rounds_of_a_year_give_no_more_than_the_fund_has() -> None:
    assert gave(CHARTER, ("2027-02-01T00:00:00Z", 60), (LATE, 40)) == []
    [said] = gave(CHARTER, ("2027-02-01T00:00:00Z", 60), (LATE, 41))
    assert said == "the rounds of 2027 gave 101 cents, the fund has 100"
    assert gave(CHARTER, (LATE, 60), ("2027-12-31T23:00:00Z", 41)) == [], "it is 2028 in Paris"
    assert gave(CHARTER, (LATE, 103), overshoot=3) == []


def test_what_a_year_left_is_given_in_the_next_one_where_the_charter_says_so() -> None:
    carries = CHARTER | {"fund": {"year_amount": 100, "carry": "next-year"}}
    assert gave(carries, ("2028-02-01T00:00:00Z", 200)) == [], "nothing was given in 2027"
    assert len(gave(carries, ("2028-02-01T00:00:00Z", 201))) == 1
    assert len(gave(CHARTER, ("2028-02-01T00:00:00Z", 101))) == 1


@pytest.mark.parametrize("wrong", [5, [5], "x", None, [{"name": ["x"], "decides": "money"}]])
def test_a_charter_that_somebody_made_up_stumbles_nobody(wrong: Any) -> None:
    assert gave(CHARTER | {"bodies": wrong, "phases": wrong}, (LATE, 101)) == []
