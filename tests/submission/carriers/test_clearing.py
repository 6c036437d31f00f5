"""What is checked before an agreement: of whom, over which three years, and what is missing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.charter import CharterRules
from shared.events.scheme import Funding, Submitting
from submission.carriers.clearing import (
    ClearingRefused,
    ContractDayRefused,
    DeMinimisPassed,
    Granted,
    Seen,
    check_clearing,
    check_de_minimis,
    fits_from,
    had,
    missing,
    required,
)
from submission.carriers.tables import Clearance, Organisation
from submission.carriers.types import CARRIER_TYPES
from tests.submission.editions import edition

TODAY = date(2027, 3, 1)
DAYS = st.dates(date(2023, 1, 1), date(2027, 3, 1))
AIDS = st.lists(st.builds(Granted, DAYS, st.integers(1, 5)), max_size=6)
WHOLE = Funding(identifiers=("siret", "rna"), contract=True, de_minimis=300_000_00)
SEEN = Seen(status=True, contract_on=TODAY)


def rules(funding: Funding | None = WHOLE, **said: Any) -> CharterRules:
    """The preset's rules with this before an agreement."""
    submitting = Submitting(**said) if said else None
    return edition().rules.model_copy(update={"funding": funding, "submitting": submitting})


def organisation(**said: Any) -> Organisation:
    return Organisation(
        **{
            "organisation_id": UUID(int=1),
            "type": "association",
            "name": "0" * 64,
            "rna": "W622000001",
            **said,
        }
    )


def clearance(*checked: str) -> Clearance:
    return Clearance(
        project_id=UUID(int=2),
        carrier_id=UUID(int=1),
        checked=list(checked),
        officer=UUID(int=3),
        at=datetime(2027, 3, 1, tzinfo=UTC),
    )


def test_what_is_checked_follows_the_charter_and_the_carrier() -> None:
    assert required(rules(), "association") == ("identifier", "status", "contract", "de-minimis")
    assert required(rules(), "cooperative") == ("identifier", "status", "de-minimis")
    assert required(rules(), "person") == ("identifier",)
    assert required(rules(Funding()), "association") == ("status",)
    for of in CARRIER_TYPES:
        assert required(rules(None), of) == ()
        assert required(rules(Funding(built_by="department", contract=True)), of) == ()


@pytest.mark.parametrize(
    ("seen", "said", "lacks"),
    [
        (SEEN, {"rna": None}, "identifier"),
        (Seen(status=False, contract_on=TODAY), {}, "status"),
        (Seen(status=True), {}, "contract"),
        (Seen(), {"rna": None}, "identifier, status, contract"),
    ],
)
def test_a_carrier_that_lacks_something_is_not_found_in_order(
    seen: Seen, said: dict[str, Any], lacks: str
) -> None:
    with pytest.raises(ClearingRefused, match=f"missing: {lacks}$"):
        check_clearing(rules(), "association", organisation(**said), seen, TODAY)


def test_a_carrier_is_found_in_order_by_one_of_the_numbers() -> None:
    every = required(rules(), "association")
    assert check_clearing(rules(), "association", organisation(), SEEN, TODAY) == every
    by_siret = organisation(rna=None, siret="73282932000074")
    assert check_clearing(rules(), "association", by_siret, SEEN, TODAY) == every


def test_a_contract_of_tomorrow_is_refused() -> None:
    seen = Seen(status=True, contract_on=TODAY + timedelta(days=1))
    with pytest.raises(ContractDayRefused):
        check_clearing(rules(), "association", organisation(), seen, TODAY)


def test_aid_of_the_same_day_three_years_before_counts_no_more() -> None:
    aids = [Granted(date(2024, 3, 1), 7), Granted(date(2024, 3, 2), 5)]
    assert had(aids, TODAY) == 5
    assert had(aids, TODAY - timedelta(days=1)) == 12
    assert had(aids, date(2024, 3, 1)) == 7, "and not before it was granted"


@given(AIDS, st.integers(0, 12), st.integers(0, 12))
def test_a_grant_fits_where_three_years_with_it_do_not_pass_the_ceiling(
    aids: list[Granted], ceiling: int, amount: int
) -> None:
    if had(aids, TODAY) + amount <= ceiling:
        assert check_de_minimis(ceiling, aids, amount, TODAY) == had(aids, TODAY)
    else:
        with pytest.raises(DeMinimisPassed):
            check_de_minimis(ceiling, aids, amount, TODAY)


@given(AIDS, st.integers(0, 12), st.integers(0, 12))
def test_the_day_from_which_it_fits_is_the_first(
    aids: list[Granted], ceiling: int, amount: int
) -> None:
    found = fits_from(ceiling, aids, amount, TODAY)
    days = [TODAY + timedelta(days=n) for n in range(3 * 366 + 1)]
    assert found == next((d for d in days if had(aids, d) + amount <= ceiling), None)


def test_what_is_missing_is_named_until_it_was_checked() -> None:
    every = ("identifier", "status", "contract", "de-minimis")
    assert missing(rules(), "association", organisation(), None, TODAY) == every
    assert missing(rules(), "association", organisation(), clearance(*every), TODAY) == ()
    gone = organisation(rna=None)
    assert missing(rules(), "association", gone, clearance(*every), TODAY) == ("identifier",)


def test_an_identifier_that_expires_after_it_was_checked_is_missing() -> None:
    asked, every = rules(sse=True), ("identifier", "status", "contract", "de-minimis")
    for until, lacks in ((TODAY, ()), (TODAY - timedelta(days=1), ("sse",))):
        of, seen = organisation(sse="62-1", sse_until=until), clearance(*every)
        assert missing(asked, "association", of, seen, TODAY) == ("sse",), "nobody looked at it"
        seen.sse_until = until
        assert missing(asked, "association", of, seen, TODAY) == lacks
        of.sse = None
        assert missing(asked, "association", of, seen, TODAY) == ("sse",)
