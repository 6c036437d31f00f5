"""What a role allows: what was granted, where it was granted, and nothing else."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.people.guards import Guard
from shared.people.people import AddressRefused, read_address
from shared.people.roles import NOBODY, OPERATOR, Forbidden, Grant, Person, Role, officer_id
from shared.web.kit import local_path

PROGRAMMES = [UUID(int=n) for n in (1, 2)]
programmes = st.sampled_from([None, *PROGRAMMES])
territories = st.sampled_from([None, "artois", "calaisis"])
roles = st.sampled_from(list(Role))
grants = st.builds(Grant, roles, programmes, territories)


@given(st.lists(grants, max_size=4), roles, programmes, territories)
def test_a_role_holds_where_it_was_granted_and_nowhere_else(
    held: list[Grant], role: Role, programme: UUID | None, territory: str | None
) -> None:
    officer = Person(uuid4(), "officer", grants=tuple(held))
    wanted = any(
        grant.role is role
        and (grant.programme_id is None or grant.programme_id == programme)
        and (grant.territory is None or grant.territory == territory)
        for grant in held
    )
    assert officer.may(role, programme, territory) is wanted
    if not wanted:
        with pytest.raises(Forbidden):
            officer.check(role, programme, territory)


@given(roles, programmes)
def test_nobody_and_residents_have_no_role(role: Role, programme: UUID | None) -> None:
    assert not NOBODY.may(role, programme)
    assert not Person(uuid4(), "resident", address="a@b.example").may(role, programme)


@given(st.lists(grants, max_size=4), st.sets(roles, min_size=1))
def test_a_guard_lets_officers_with_one_of_its_roles_pass(
    held: list[Grant], wanted: set[Role]
) -> None:
    guard = Guard("some", roles=wanted)
    officer = Person(uuid4(), "officer", grants=tuple(held))
    assert guard.allows(officer) is bool({grant.role for grant in held} & wanted)
    assert not guard.allows(NOBODY)
    assert not guard.allows(OPERATOR)


def test_an_officers_id_follows_from_issuer_and_subject_under_a_key() -> None:
    ids = {
        officer_id(bytes([key]) * 32, issuer, subject)
        for key in (1, 2)
        for issuer in ("https://a.example", "https://b.example")
        for subject in ("x", "y")
    }
    assert len(ids) == 8
    again = officer_id(bytes([1]) * 32, "https://a.example", "x")
    assert again in ids and again.version == 8


@pytest.mark.parametrize(
    "page",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "javascript:alert(1)",
        "",
        "ideas",
        "/a\nSet-Cookie: x=y",
        "/\t/elsewhere.example",
    ],
)
def test_no_sign_in_leads_to_another_site(page: str) -> None:
    assert local_path(page) == "/"


@pytest.mark.parametrize("page", ["/", "/desk/acts", "/projects/1?lang=fr#top"])
def test_a_sign_in_leads_back_to_where_it_began(page: str) -> None:
    assert local_path(page) == page


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a",
        "a@b",
        "@b.example",
        "a b@c.example",
        "a@b.example\r\nBcc: x@y.example",
        "é@b.example",
    ],
)
def test_what_is_no_address_is_refused_without_quoting_it(written: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        read_address(written)
    assert not written or len(written) < 4 or written not in str(refused.value)


def test_an_address_has_one_form() -> None:
    assert read_address(" Ana.B@Example.ORG ") == "ana.b@example.org"
