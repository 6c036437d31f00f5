"""Which roles can be granted to whom, by whom."""

from collections.abc import Collection, Mapping
from uuid import UUID

from shared.people import Grant, Person, Role
from shared.refusal import Refusal

OF_TERRITORIES = (Role.ADVISER, Role.COMMITTEE, Role.INSTRUCTOR)
OF_PROGRAMMES = (Role.RETURNING_OFFICER, Role.COMMISSION, Role.ADMINISTRATOR)


class OfficerUnknown(Refusal):
    """Nobody with this id has signed in here."""

    code = "officer_unknown"


class RoleOfWholeProgramme(Refusal):
    """A role of a whole programme, or of all of them, was to be granted for a territory."""

    code = "role_of_whole_programme"


class GrantRefused(Refusal):
    """A role cannot be granted or revoked like this."""

    code = "grant_refused"


def read_grant(
    role: str, where: str, territories: Mapping[UUID, Collection[str]], by: Person
) -> Grant:
    """The role that a form names; `where` is empty, a programme, or `programme/territory`.

    `territories` are those of each programme. Raises `GrantRefused`, and `Forbidden` where whoever
    asks is no administrator there.
    """
    if role not in set(Role):
        raise GrantRefused(f"{role[:60]!r} is no role")
    programme, _, territory = where.partition("/")
    known = {str(each): each for each in territories}
    if programme and programme not in known:
        raise GrantRefused(f"{programme[:60]!r} is no programme here")
    if territory and not (programme and territory in territories[known[programme]]):
        raise GrantRefused(f"{territory[:60]!r} is no territory of the programme")
    grant = Grant(Role(role), known.get(programme), territory or None)
    by.check(Role.ADMINISTRATOR, grant.programme_id, grant.territory)
    return grant


def check_grant(grant: Grant) -> None:
    """Raises `RoleOfWholeProgramme`: charter, phases and votes are no territory's, and whoever
    had such a role for one could do nothing by it."""
    if grant.territory is not None and grant.role in OF_PROGRAMMES:
        raise RoleOfWholeProgramme(f"{grant.role} is a role of a whole programme")


def check_revocation(officer: UUID, grant: Grant, by: Person) -> None:
    """Raises `GrantRefused` where an administrator would leave herself without that role."""
    if officer == by.id and grant.role is Role.ADMINISTRATOR:
        raise GrantRefused("another administrator takes this role from you, not you yourself")
