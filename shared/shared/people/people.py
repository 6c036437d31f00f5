"""Signing in and out, and the list of acts that wait: the pages about people of one process."""

import secrets
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Protocol
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import is_address
from shared.database import Database, raw
from shared.people import queries, second_officer
from shared.people.forms import Cookies, FormData, Visitors
from shared.people.guards import SignInNeeded, everybody, needs, token_hash
from shared.people.provider import ProviderSilent, SignInFailed, Staff
from shared.people.roles import Grant, Person, Role, officer_id
from shared.people.second_officer import SecondOfficer
from shared.problems import problem
from shared.refusal import Refusal
from shared.settings import Settings
from shared.web.kit import RoutePages, local_path

if TYPE_CHECKING:
    from shared.people.oidc import Provider

OFFICER_HOURS, RESIDENT_HOURS = 10.0, 24.0 * 14
LINKS_AN_HOUR = 5
ANSWERED = 20  # acts that are shown when they have been answered

# Told in the same transaction when an officer gets a first role by the settings.
OnGrant = Callable[[AsyncSession, UUID, Grant], Awaitable[None]]


class MailLink(Protocol):
    """Mails a sign-in link: in submission, through the teller."""

    def __call__(
        self, session: AsyncSession, address: str, language: str, url: str, purpose: str
    ) -> None: ...


class AddressRefused(Refusal):
    """What was written is no mail address."""

    code = "address_refused"


class LinkUnknown(Refusal):
    """A mailed link was used before, is too old, or never was."""

    code = "link_unknown"


STATUSES: dict[type[Refusal], int] = {
    SignInFailed: 403,
    ProviderSilent: 503,
    AddressRefused: 422,
    LinkUnknown: 410,
    **second_officer.STATUSES,
}


class People:
    """Who signs in at one process. Without an issuer, no officer can; without `mail_link`, no
    resident; where there is a `residents_issuer`, the process has the way there and back."""

    def __init__(
        self,
        process: str,
        settings: Settings,
        *,
        acts: SecondOfficer | None = None,
        mail_link: MailLink | None = None,
        on_grant: OnGrant | None = None,
        residents_issuer: str | None = None,
    ) -> None:
        self.site = settings.site(process)
        secure = self.site.startswith("https://")
        self.cookies = Cookies(process, secure=secure)
        self.acts = acts
        self.mails = mail_link is not None
        self._settings = settings
        self._mail_link = mail_link
        self._on_grant = on_grant
        self.issuer = settings.oidc_issuer
        self.residents_issuer = residents_issuer

    @cached_property
    def provider(self) -> "Provider":
        """The identity provider, where there is an issuer."""
        from shared.people.oidc import Provider

        assert self.issuer is not None
        settings = self._settings
        return Provider(
            self.issuer,
            settings.oidc_client_id,
            settings.oidc_client_secret,
            settings.oidc_scope,
        )

    @property
    def redirect_uri(self) -> str:
        """Where the identity provider sends browsers back to."""
        return f"{self.site}/sign-in/callback"

    def install(self, app: FastAPI) -> None:
        """Its routes, its cookies, and the way to sign in for whoever has to."""
        app.state.people = self
        app.include_router(_router)
        if self.mails:
            app.include_router(_mail_router)
        if self.acts is not None:
            app.include_router(_acts_router)
        app.add_middleware(Visitors, cookies=self.cookies)
        app.add_exception_handler(SignInNeeded, _sign_in_first)

    async def keep_staff(self, session: AsyncSession, staff: Staff) -> UUID:
        """An officer's name, as of this sign-in; the settings' administrators have their role."""
        key = bytes.fromhex(self._settings.officers_key)
        found = officer_id(key, staff.issuer, staff.subject)
        connection = await raw(session)
        await queries.keep_officer(connection, found, staff.name, staff.address)
        if {staff.subject, staff.address} & set(self._settings.administrators):
            granted = Grant(Role.ADMINISTRATOR)
            if await queries.grant(connection, found, granted) and self._on_grant is not None:
                await self._on_grant(session, found, granted)
        return found

    async def mail_link(
        self, session: AsyncSession, address: str, language: str, next_page: str, purpose: str
    ) -> bool:
        """Mail a link that signs in once; false where an address had too many within the hour."""
        assert self._mail_link is not None
        connection = await raw(session)
        if await queries.links_of_the_hour(connection, address) >= LINKS_AN_HOUR:
            return False
        token = secrets.token_urlsafe(32)
        await queries.keep_link(
            connection, token_hash(token), address, language, local_path(next_page)
        )
        # Behind the #, it would not reach the server; in the path, no Referer carries it on:
        # pages are sent with `Referrer-Policy: same-origin` at most, and a link works once.
        self._mail_link(session, address, language, f"{self.site}/sign-in/link/{token}", purpose)
        return True

    async def begin_session(
        self, session: AsyncSession, response: Response, person_id: UUID, kind: str
    ) -> None:
        """Sign somebody in: the session's row, and its cookie."""
        token = secrets.token_urlsafe(32)
        hours = OFFICER_HOURS if kind == "officer" else RESIDENT_HOURS
        await queries.begin_session(await raw(session), token_hash(token), person_id, kind, hours)
        header = self.cookies.header(self.cookies.session, token, age=int(hours * 3600))
        response.headers.append("set-cookie", header)


def read_address(written: str) -> str:
    """A mail address in its one form. Raises `AddressRefused`, without quoting it."""
    address = written.strip().lower()
    domain = address.rpartition("@")[2]
    plain = address.isascii() and address.isprintable() and " " not in address
    if not (is_address(address) and "." in domain.strip(".") and plain):
        raise AddressRefused("this is not a mail address: it looks like name@example.org")
    return address


def people_of(request: Request) -> People:
    """The people of the process behind a request."""
    people = request.app.state.people
    assert isinstance(people, People)
    return people


def _database(request: Request) -> Database:
    database = request.app.state.process.database
    assert isinstance(database, Database)
    return database


async def _sign_in_first(request: Request, needed: Exception) -> Response:
    """Whoever opens a page is led to sign in, and back to it; a program is told."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        return problem(401, SignInNeeded.code, str(needed))
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(asked, safe='')}", 303)


_router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]


@_router.get("/sign-in")
async def show_sign_in(
    request: Request, pages: RoutePages, person: Visitor, next: str = "/"
) -> Response:
    """The ways to sign in here."""
    people = people_of(request)
    return pages.show(
        request,
        "sign-in.html",
        person=person,
        next=local_path(next),
        staff=people.issuer is not None,
        residents=people.mails,
        vouched=people.residents_issuer is not None,
        # The forms' ways lead there, and browsers ask the policy about the whole way.
        form_to=[each for each in (people.issuer, people.residents_issuer) if each is not None],
    )


@_router.post("/sign-in/staff")
async def leave_for_provider(request: Request, data: FormData, _: Visitor) -> Response:
    """Go to the identity provider."""
    people = people_of(request)
    if people.issuer is None:
        raise SignInFailed("no identity provider is set up here")
    departure = await people.provider.departure(people.redirect_uri)
    async with _database(request).begin() as session:
        await queries.begin_signing_in(
            await raw(session),
            token_hash(departure.state),
            departure.verifier,
            departure.nonce,
            local_path(data.get("next", "/")),
        )
    response = RedirectResponse(departure.url, 303)
    # Whoever comes back is the browser that left: the state alone could be handed to a victim.
    cookie = people.cookies.header(f"{people.cookies.session}-state", departure.state, age=600)
    response.headers.append("set-cookie", cookie)
    return response


@_router.get("/sign-in/callback")
async def come_back_from_provider(
    request: Request, _: Visitor, code: str = "", state: str = "", error: str = ""
) -> Response:
    """Come back from the identity provider: an officer is signed in."""
    people = people_of(request)
    kept = request.cookies.get(f"{people.cookies.session}-state", "")
    if (
        people.issuer is None
        or error
        or not code
        or not secrets.compare_digest(kept.encode(), state.encode())
    ):
        raise SignInFailed("the identity provider did not sign you in; try again")
    async with _database(request).begin() as session:
        going = await queries.come_back(await raw(session), token_hash(state))
    if going is None:
        raise SignInFailed("this sign-in took too long or was used before; try again")
    staff = await people.provider.arrival(
        people.redirect_uri, code, going["verifier"], going["nonce"]
    )
    response = RedirectResponse(going["next"], 303)
    async with _database(request).begin() as session:
        found = await people.keep_staff(session, staff)
        await people.begin_session(session, response, found, "officer")
    gone = people.cookies.header(f"{people.cookies.session}-state", "", age=0)
    response.headers.append("set-cookie", gone)
    return response


@_router.post("/sign-out")
async def sign_out(request: Request, _: Visitor) -> Response:
    """End this session; the link that began it begins no other."""
    people = people_of(request)
    cookies = people.cookies
    if (token := request.cookies.get(cookies.session)) is not None:
        async with _database(request).begin() as session:
            connection = await raw(session)
            await queries.end_session(connection, token_hash(token))
            if people.mails:
                await queries.forget_links_of(connection, _browser(request))
    response = RedirectResponse("/", 303)
    response.headers.append("set-cookie", cookies.header(cookies.session, "", age=0))
    return response


_mail_router = APIRouter(include_in_schema=False)


def _browser(request: Request) -> bytes:
    """What is kept of a browser: its forms are bound to the same cookie."""
    return token_hash(request.cookies.get(people_of(request).cookies.visitor, ""))


@_mail_router.post("/sign-in/mail")
async def mail_sign_in_link(
    request: Request, data: FormData, pages: RoutePages, person: Visitor
) -> Response:
    """Mail a link to an address. The answer is the same whether or not somebody has it."""
    people = people_of(request)
    address = read_address(data.get("address", ""))
    language = pages.language(request)
    async with _database(request).begin() as session:
        await people.mail_link(session, address, language, data.get("next", "/"), "sign-in")
    return pages.show(request, "link-sent.html", person=person, address=address)


@_mail_router.get("/sign-in/link/{token}")
async def show_link(request: Request, token: str, pages: RoutePages, person: Visitor) -> Response:
    """A page with one button: programs that look into mails open links, and press nothing."""
    return pages.show(request, "follow-link.html", person=person, token=token)


@_mail_router.post("/sign-in/link/{token}")
async def follow_link(request: Request, token: str, _: Visitor) -> Response:
    """Sign a resident in; a browser that is pressed twice has the second answer."""
    people = people_of(request)
    async with _database(request).begin() as session:
        connection = await raw(session)
        link = await queries.follow_link(connection, token_hash(token), _browser(request))
        if link is None:
            raise LinkUnknown("this link was used before or is older than a day; ask for another")
        resident = await queries.keep_resident(
            connection, uuid4(), link["address"], link["language"]
        )
        response = RedirectResponse(link["next"], 303)
        await people.begin_session(session, response, resident, "resident")
    return response


_acts_router = APIRouter(include_in_schema=False)
Officer = Annotated[Person, needs(*Role, person=True)]


def _acts_of(request: Request) -> SecondOfficer:
    acts = people_of(request).acts
    assert acts is not None
    return acts


@_acts_router.get("/desk/acts")
async def list_acts(request: Request, pages: RoutePages, officer: Officer) -> Response:
    """What waits for a second officer, and what was answered last."""
    async with _database(request).begin() as session:
        acts = await _acts_of(request).listed(session, officer, answered=ANSWERED + 1)
        names = await queries.names_of(await raw(session))
    waiting = [act for act in acts if act.state == "waiting"]
    answered = acts[len(waiting) :]
    return pages.show(
        request,
        "acts.html",
        person=officer,
        waiting=waiting,
        answered=answered[:ANSWERED],
        older=len(answered) > ANSWERED,
        names=names,
    )


@_acts_router.post("/desk/acts/{act_id}/confirm")
async def confirm_act(request: Request, act_id: UUID, officer: Officer) -> Response:
    """Confirm what another officer asked for; it is done now."""
    async with _database(request).begin() as session:
        await _acts_of(request).consent(session, act_id, officer)
    return RedirectResponse("/desk/acts", 303)


@_acts_router.post("/desk/acts/{act_id}/decline")
async def decline_act(request: Request, act_id: UUID, data: FormData, officer: Officer) -> Response:
    """Decline it, with a reason."""
    async with _database(request).begin() as session:
        await _acts_of(request).decline(session, act_id, officer, data.get("reason", ""))
    return RedirectResponse("/desk/acts", 303)
