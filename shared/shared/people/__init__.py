"""People: who asks, what that allows, and what needs two of them."""

from shared.people.forms import FormData
from shared.people.granted import granted_roles
from shared.people.guards import everybody, members, needs, operator, residents
from shared.people.roles import Grant, Person, Role
from shared.people.tables import CREATE, CREATE_RESIDENTS, RESIDENTS_GRANTS, RUN_TIME_GRANTS

__all__ = [
    "CREATE",
    "CREATE_RESIDENTS",
    "RESIDENTS_GRANTS",
    "RUN_TIME_GRANTS",
    "FormData",
    "Grant",
    "Person",
    "Role",
    "everybody",
    "granted_roles",
    "members",
    "needs",
    "operator",
    "residents",
]
