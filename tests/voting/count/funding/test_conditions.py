"""What an agreement waits for."""

from datetime import date
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest

from shared.events.scheme import Funding, Submitting
from voting.count.funding.conditions import (
    Condition,
    ConditionsMissing,
    Party,
    answering,
    check,
    missing,
)

PEOPLE = Submitting(sponsored=("person", "collective"))
DAY = date(2027, 6, 1)
ALL = Funding(identifiers=("siret",), contract=True, de_minimis=300_000_00, deliberation=True)
CLEARED = Party(
    carrier_id=UUID(int=1),
    part="lead",
    carrier_type="association",
    identifiers=("siret", "rna"),
    checked=("identifier", "status", "contract", "de-minimis"),
    contract_on=DAY,
    de_minimis=290_000_00,
)


def found(terms: Funding | None = ALL, *parties: Party, **others: Any) -> tuple[Condition, ...]:
    asked = {"amount": 10_000_00, "confirmed": True, "withdrawn": False, "on": DAY, **others}
    return missing(terms, PEOPLE, answering(PEOPLE, parties), **asked)


def changed(**others: Any) -> Party:
    return Party(**{name: getattr(CLEARED, name) for name in Party.__slots__} | others)


def test_whoever_is_in_order_can_sign() -> None:
    assert found(ALL, CLEARED) == ()
    assert found(None) == (), "a charter that asks for nothing"
    check((), "a project")


@pytest.mark.parametrize(
    ("what", "party", "others"),
    [
        ("deliberation", CLEARED, {"confirmed": False}),
        ("withdrawn", CLEARED, {"withdrawn": True}),
        ("siret-or-rna", changed(identifiers=("rna",)), {}),
        ("identifier", changed(checked=("status", "contract", "de-minimis")), {}),
        ("status", changed(checked=("identifier", "contract", "de-minimis")), {}),
        ("contract", changed(checked=("identifier", "status", "de-minimis")), {}),
        ("contract", changed(contract_on=date(2027, 6, 2)), {}),
        ("contract", changed(contract_on=None), {}),
        ("de-minimis", changed(checked=("identifier", "status", "contract")), {}),
        ("de-minimis", changed(de_minimis=None), {}),
        ("de-minimis-ceiling", changed(de_minimis=290_000_01), {}),
        ("de-minimis-ceiling", changed(agreed=1), {}),
        ("de-minimis-ceiling", CLEARED, {"amount": 10_000_01}),
    ],
)
def test_each_condition_stands_alone(what: str, party: Party, others: dict[str, Any]) -> None:
    assert found(ALL, party, **others) == (what,)
    with pytest.raises(ConditionsMissing, match=what):
        check(found(ALL, party, **others), "a project")


def test_what_was_not_heard_is_missing() -> None:
    assert found(ALL) == ("carrier",)
    assert found(Funding(contract=True)) == (), "a person is asked for nothing"
    joint = changed(part="joint")
    assert found(ALL, joint) == ("carrier",), "a joint carrier does not answer for the money"


def test_a_sponsor_answers_for_people_who_are_no_legal_person() -> None:
    people = Party(UUID(int=2), "lead", carrier_type="collective")
    assert found(ALL, people) == ("siret-or-rna",), "people have no status, and no such aid"
    sponsor = changed(part="sponsor")
    assert found(ALL, people, sponsor) == ()
    assert found(ALL, sponsor) == (), "a person who leads is not announced"


def test_a_sponsor_answers_only_where_the_charter_has_such_carriers_sponsored() -> None:
    """Whoever submission finds in order is who signs here."""
    sponsor, other = changed(part="sponsor"), changed(part="sponsor", agreed=1)
    people = Party(UUID(int=2), "lead", carrier_type="collective")
    for asked in (None, Submitting(), Submitting(sponsored=("class",))):
        assert answering(asked, (sponsor, people)) is people
        assert answering(asked, (sponsor, CLEARED)) is CLEARED
        assert answering(asked, (sponsor,)) is None
    assert answering(PEOPLE, (sponsor, CLEARED)) is CLEARED
    assert answering(PEOPLE, (people, sponsor)) is sponsor
    assert answering(PEOPLE, (people,)) is people, "as long as nobody sponsors it"
    assert answering(PEOPLE, (people, sponsor, other)) is sponsor, "who joined first"


def test_only_associations_and_foundations_sign_the_contract() -> None:
    town = changed(carrier_type="municipality", contract_on=None, checked=("identifier", "status"))
    assert found(Funding(identifiers=("siret",), contract=True), town) == ()


def test_what_the_authority_builds_itself_asks_no_carrier_for_anything() -> None:
    built = ALL.model_copy(update={"built_by": "department"})
    assert found(built) == ()
    assert found(built, confirmed=False) == ("deliberation",)


def test_each_part_of_the_charter_asks_for_its_own() -> None:
    """A charter with some of the terms misses nothing of the others, whatever is there."""
    asks: dict[str, dict[str, Any]] = {
        "siret-or-rna": {"identifiers": ("siret",)},
        "contract": {"contract": True},
        "de-minimis": {"de_minimis": 1},
        "deliberation": {"deliberation": True},
    }
    nothing = Party(UUID(int=2), "lead", carrier_type="association", checked=("status",))
    for many in range(1, 5):
        for names in combinations(asks, many):
            terms = Funding.model_validate({k: v for n in names for k, v in asks[n].items()})
            assert set(found(terms, nothing, confirmed=False)) == set(names)


def test_an_agreement_lacks_here_what_submission_says_that_it_lacks() -> None:
    """Whatever the charter says of money, an officer saw a proof of a legal carrier's status; and
    where an identifier of the social economy is asked for, it holds on the agreement's day."""
    legal = Party(UUID(int=2), "lead", carrier_type="association")
    assert found(Funding(), legal) == ("status",)
    assert found(Funding(), changed(carrier_type="collective", checked=())) == ()
    asked = Submitting(sse=True)
    whole: dict[str, Any] = {"amount": 1, "confirmed": True, "withdrawn": False, "on": DAY}
    for until, lacks in ((None, True), (date(2027, 5, 31), True), (DAY, False)):
        party = changed(sse_until=until)
        assert missing(Funding(), asked, party, **whole) == (("sse",) if lacks else ())
        assert missing(None, asked, party, **whole) == ()
        built = Funding(built_by="department")
        assert missing(built, asked, party, **whole) == ()
    assert missing(Funding(), asked, None, **whole) == ("carrier",)
