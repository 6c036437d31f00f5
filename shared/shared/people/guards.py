"""Who may call a route: each has exactly one guard, and what is not granted is denied.

`everybody`, `residents`, `needs(...)`, `operator`: the matrix of roles and routes is read off the
routers, and a route without a guard fails the tests.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from fastapi import Depends, Request

from shared.database import Database
from shared.people import queries
from shared.people.forms import SAFE, Cookies, CsrfRefused, check_form, is_form
from shared.people.roles import NOBODY, OPERATOR, Forbidden, Person, PersonNeeded, Role
from shared.refusal import Refusal, Unauthorised


class SignInNeeded(Refusal):
    """Nobody is signed in, or no longer."""

    code = "sign_in_needed"


STATUSES: dict[type[Refusal], int] = {
    SignInNeeded: 401,
    Forbidden: 403,
    PersonNeeded: 403,
    CsrfRefused: 403,
}


def token_hash(token: str) -> bytes:
    """What is kept of a secret token."""
    return hashlib.sha256(token.encode()).digest()


class Guard:
    """One route's rule. Called, it gives whoever asks, or refuses."""

    def __init__(
        self,
        name: str,
        *,
        roles: Iterable[Role] = (),
        residents: bool = False,
        operator: bool = False,
        anybody: bool = False,
        officers: bool = False,
    ) -> None:
        """`officers`: whoever signed in with the identity provider, also without a role."""
        self.name = name
        self.roles = frozenset(roles)
        self.residents = residents
        self.operator = operator
        self.anybody = anybody
        self.officers = officers

    def __repr__(self) -> str:
        return self.name

    def allows(self, person: Person) -> bool:
        """Whether this rule lets somebody pass, whatever the programme."""
        match person.kind:
            case "operator":
                return self.operator or self.anybody
            case "officer":
                return self.anybody or self.officers or person.has(self.roles)
            case "resident":
                return self.anybody or self.residents
            case _:
                return self.anybody

    async def __call__(self, request: Request) -> Person:
        """Raises `Unauthorised`, `SignInNeeded`, `Forbidden`, `CsrfRefused`."""
        try:
            person = await who_asks(request)
            if not self.allows(person):
                raise self._refusal(person)
            if self.anybody:
                _check_sent_on_purpose(request)
        except Refusal:
            # No route gets to see the form, nor the files that came with it.
            await request.close()
            raise
        return person

    def _refusal(self, person: Person) -> Refusal:
        if person.kind == "nobody":
            if self.roles or self.residents or self.officers:
                return SignInNeeded("sign in first")
            return Unauthorised("this route needs the desk's key")
        if person.kind == "operator":
            return PersonNeeded("this is for people who are signed in, not for a key")
        return Forbidden("this needs " + " or ".join(sorted(self.roles) or ["another account"]))


async def who_asks(request: Request) -> Person:
    """The person behind a request: a key, a session, or nobody.

    A session counts where a form proves that it is used on purpose, and for what changes nothing:
    a body of another kind, which another site could make a browser send, is nobody's.
    """
    if "authorization" in request.headers:
        return _bearer(request)
    form = request.method not in SAFE and is_form(request)
    if form:
        await check_form(request)
    elif request.method not in SAFE:
        return NOBODY
    people = getattr(request.app.state, "people", None)
    if people is None:
        return NOBODY
    cookies: Cookies = people.cookies
    token = request.cookies.get(cookies.session)
    if not token:
        return NOBODY
    statement = queries.SESSION_OF_ANYBODY if people.mails else queries.SESSION
    return await _signed_in(request.app.state.process.database, statement, token)


def _check_sent_on_purpose(request: Request) -> None:
    """Raises `CsrfRefused` for a change that is no form: another site can make a browser send text,
    and the answer would sign its visitor in as somebody else, or out."""
    if not (request.method in SAFE or is_form(request) or "authorization" in request.headers):
        raise CsrfRefused("what changes anything here is sent by a form of ours")


def _bearer(request: Request) -> Person:
    wanted = f"Bearer {request.app.state.process.settings.desk_key}"
    if not hmac.compare_digest(request.headers["authorization"].encode(), wanted.encode()):
        raise Unauthorised("this is not the desk's key")
    return OPERATOR


async def _signed_in(database: Database, statement: str, token: str) -> Person:
    row = await database.straight(statement, token_hash(token))
    if row is None:
        return NOBODY
    if row["kind"] == "officer":
        grants = queries.read_grants(row["grants"])
        return Person(row["person_id"], "officer", row["name"] or "", row["address"], grants)
    if row["address"] is None:
        return NOBODY
    return Person(row["person_id"], "resident", row["address"], row["address"])


def needs(*roles: Role, person: bool = False) -> Any:
    """Officers with one of these roles somewhere; the operator's key too, unless a person is
    needed. For which programme and territory, the route checks."""
    name = " or ".join(roles) + ("" if person else " or operator")
    return Depends(Guard(name, roles=roles, operator=not person))


everybody: Any = Depends(Guard("everybody", anybody=True))
residents: Any = Depends(Guard("residents", residents=True))
members: Any = Depends(Guard("members", officers=True))
operator: Any = Depends(Guard("operator", operator=True))
