"""To the residents' identity provider, and back signed in.

A mail address is all that is taken of what it says: whoever signs in there and by a mailed link is
one resident. Where the provider does not say that the address is verified, it might be anybody's: a
link is mailed to it, as to whoever types one.
"""

import secrets
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from shared.database import raw
from shared.people import FormData, Person, everybody, queries
from shared.people.guards import token_hash
from shared.people.people import AddressRefused, People, people_of, read_address
from shared.people.provider import SignInFailed
from shared.process import RouteDatabase
from shared.web.kit import RoutePages, local_path
from submission.vouching.provider import Vouching, is_verified

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]
LEAVE = "/sign-in/vouched"
BACK = f"{LEAVE}/callback"


@router.post(LEAVE)
async def leave(request: Request, data: FormData, database: RouteDatabase, _: Visitor) -> Response:
    """Go to the provider."""
    people, vouching = people_of(request), _vouching(request)
    departure = await vouching.provider.departure(f"{people.site}{BACK}")
    async with database.begin() as session:
        await queries.begin_signing_in(
            await raw(session),
            token_hash(departure.state),
            departure.verifier,
            departure.nonce,
            local_path(data.get("next", "/")),
        )
    response = RedirectResponse(departure.url, 303)
    # Whoever comes back is the browser that left: the state alone could be handed to a victim.
    response.headers.append("set-cookie", _kept(people, departure.state))
    return response


@router.get(BACK)
async def come_back(
    request: Request,
    pages: RoutePages,
    database: RouteDatabase,
    person: Visitor,
    code: str = "",
    state: str = "",
    error: str = "",
) -> Response:
    """Come back: a resident is signed in, or is mailed a link."""
    people, vouching = people_of(request), _vouching(request)
    kept = request.cookies.get(_cookie(people), "")
    if error or not code or not secrets.compare_digest(kept.encode(), state.encode()):
        raise SignInFailed("the identity provider did not sign you in; try again")
    async with database.begin() as session:
        going = await queries.come_back(await raw(session), token_hash(state))
    if going is None:
        raise SignInFailed("this sign-in took too long or was used before; try again")
    claims = await vouching.provider.claims(
        f"{people.site}{BACK}", code, going["verifier"], going["nonce"]
    )
    try:
        address = read_address(str(claims.get("email") or ""))
    except AddressRefused:
        raise SignInFailed("the identity provider states no mail address of yours") from None
    language, response = pages.language(request), RedirectResponse(going["next"], 303)
    async with database.begin() as session:
        if is_verified(claims):
            found = await queries.keep_resident(await raw(session), uuid4(), address, language)
            await people.begin_session(session, response, found, "resident")
        else:
            await people.mail_link(session, address, language, going["next"], "sign-in")
    if not is_verified(claims):
        return pages.show(request, "link-sent.html", person=person, address=address)
    response.headers.append("set-cookie", _kept(people, "", age=0))
    return response


def _vouching(request: Request) -> Vouching:
    """The provider that is set up. Raises `SignInFailed`."""
    vouching: Vouching = request.app.state.vouching
    if vouching.issuer is None:
        raise SignInFailed("no identity provider is set up for residents here")
    return vouching


def _cookie(people: People) -> str:
    return f"{people.cookies.session}-vouched"


def _kept(people: People, state: str, age: int = 600) -> str:
    return people.cookies.header(_cookie(people), state, age=age)
