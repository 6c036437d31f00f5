"""The pages of a declared identity: who somebody is, the code of her telephone, what comes next.

Whether a person is known is in no answer: pages, statuses and redirects are the same. Of the form
nothing is kept but keyed hashes, and messages that only notification can read.
"""

from functools import cache
from uuid import UUID

from babel import Locale
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import Contact
from shared.database import database_time, raw
from shared.people import FormData, Person, Role
from shared.people.guards import everybody
from shared.people.people import people_of
from shared.process import RouteDatabase, process_of
from shared.refusal import Refusal
from shared.web.filters import PARIS
from shared.web.kit import Pages, RoutePages
from shared.web.messages import mark
from shared.web.refused import wants_page
from voting.refusals import RoundUnknown, TierUnknown, VotingClosed
from voting.roll import identity as rules
from voting.roll.declared.form import (
    FormIncomplete,
    NotOffered,
    ProofMissing,
    figures_of,
    read_form,
)
from voting.roll.declared.registering import (
    MINUTES,
    CodeOver,
    CodeWrong,
    Place,
    Registering,
    TooMany,
)
from voting.roll.offered.queries import RoundShown, round_shown

NAMELESS = mark("Citizen budget")
# Regions that are no country in which somebody is born, and parts of France.
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"} | rules.OVERSEAS

STATUSES: dict[type[Refusal], int] = {
    NotOffered: 409,
    FormIncomplete: 422,
    ProofMissing: 422,
    TooMany: 429,
    CodeWrong: 422,
    CodeOver: 409,
    rules.IdentityMalformed: 422,
    rules.TelephoneMalformed: 422,
    rules.AddressMalformed: 422,
    rules.ImplausibleAge: 422,
    rules.TooYoung: 422,
    rules.NotResident: 422,
    rules.NotSworn: 422,
    rules.NotLinked: 422,
    rules.ConsentMissing: 422,
}
_OF_PAGE = {**STATUSES, VotingClosed: 409, TierUnknown: 404}


def create_router(
    registering: Registering, address_header: str | None, provider: str | None
) -> APIRouter:
    """The routes of a roll; `address_header` is where a proxy says from where it is asked,
    `provider` the address of the one that vouches for voters, if there is one."""
    router = APIRouter(include_in_schema=False)

    @router.get("/rounds/{round_id}/register", dependencies=[everybody])
    async def show_form(
        round_id: UUID,
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        lesson: str = "",
    ) -> Response:
        """The form, with what is done with it; `lesson` is what a class with its teacher has."""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            today = (await database_time(session)).astimezone(PARIS).date()
        data = {"language": pages.language(request), "lesson": lesson[:20], "today": str(today)}
        return _page(request, pages, shown, data, provider)

    @router.post("/rounds/{round_id}/register", dependencies=[everybody])
    async def begin(
        round_id: UUID,
        request: Request,
        data: FormData,
        pages: RoutePages,
        database: RouteDatabase,
    ) -> Response:
        """Send a code to the telephone. The same form again sends nothing again."""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            today = (await database_time(session)).astimezone(PARIS).date()
        try:
            form = read_form(data)
            place, asker = place_of(request, pages, shown, form.told), _asker(request)
            async with database.begin() as session:
                token = await registering.begin(
                    session, shown, form, data, request.state.csrf, asker, place
                )
        except Refusal as refused:
            if isinstance(refused, RoundUnknown) or not wants_page(request):
                raise
            return _page(request, pages, shown, {**data, "today": str(today)}, provider, refused)
        answer = RedirectResponse(f"/rounds/{round_id}/register/code", 303)
        answer.headers.append("set-cookie", _cookie(request, token, 60 * MINUTES))
        return answer

    @router.get("/rounds/{round_id}/register/code", dependencies=[everybody])
    async def show_code(
        round_id: UUID, request: Request, pages: RoutePages, database: RouteDatabase
    ) -> Response:
        """Where the code of the telephone is typed. It is the same for everybody."""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
        return pages.show(request, "register-code.html", shown=shown, minutes=MINUTES, refused=None)

    @router.post("/rounds/{round_id}/register/code", dependencies=[everybody])
    async def prove(
        round_id: UUID,
        request: Request,
        data: FormData,
        pages: RoutePages,
        database: RouteDatabase,
    ) -> Response:
        """Take the code: what it leads to comes by message."""
        token = request.cookies.get(_cookie_name(request), "")
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            refused = await registering.prove(session, shown, token, data.get("digits", ""))
        if refused is None:
            return RedirectResponse(f"/rounds/{round_id}/registered", 303)
        if not wants_page(request):
            raise refused
        return pages.show(
            request,
            "register-code.html",
            status=STATUSES[type(refused)],
            shown=shown,
            minutes=MINUTES,
            refused=refused,
        )

    @router.get("/rounds/{round_id}/registered", dependencies=[everybody])
    async def show_registered(
        round_id: UUID, request: Request, pages: RoutePages, database: RouteDatabase
    ) -> Response:
        """What happens next. It is the same for everybody, and names nobody."""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
        return pages.show(request, "registered.html", shown=shown)

    def _asker(request: Request) -> str:
        if address_header is not None:
            # What the proxy added stands last; what is before it was said by whoever asked.
            return request.headers.get(address_header, "").rpartition(",")[2].strip()
        return request.client.host if request.client else ""

    return router


async def known_round(session: AsyncSession, round_id: UUID) -> RoundShown:
    """A round that was prepared. Raises `RoundUnknown`."""
    shown = await round_shown(await raw(session), round_id)
    if shown is None:
        raise RoundUnknown(f"round {round_id} was never prepared")
    return shown


async def round_of(session: AsyncSession, officer: Person, round_id: UUID) -> RoundShown:
    """A round that this officer returns. Raises `RoundUnknown`, `Forbidden`."""
    shown = await known_round(session, round_id)
    officer.check(Role.RETURNING_OFFICER, shown.programme_id)
    return shown


def place_of(request: Request, pages: Pages, shown: RoundShown, contact: Contact) -> Place:
    """Where somebody votes, in her language."""
    title = shown.title or pages.translate(contact.language, NAMELESS)
    site = process_of(request).settings.site("voting.roll")
    return Place(title, f"{site}/rounds/{shown.round_id}/vote")


def _page(
    request: Request,
    pages: Pages,
    shown: RoundShown,
    data: dict[str, str],
    provider: str | None,
    refused: Refusal | None = None,
) -> Response:
    opens = None if shown.opens_at is None else shown.opens_at.astimezone(PARIS).date()
    if shown.vote is None or not shown.vote.vouched:
        provider = None  # there is one, and this charter does not name it
    return pages.show(
        request,
        "register.html",
        status=200 if refused is None else _OF_PAGE[type(refused)],
        shown=shown,
        data=data,
        refused=refused,
        opens=opens,
        countries=countries(pages.language(request)),
        consent_age=shown.consent_age,
        figures=figures_of(shown.rules),
        provider=provider,
        # The form's way leads there, and browsers ask the policy about the whole way.
        form_to=[] if provider is None else [provider],
    )


def _cookie_name(request: Request) -> str:
    return f"{people_of(request).cookies.session}-registration"


def _cookie(request: Request, token: str, age: int) -> str:
    return people_of(request).cookies.header(_cookie_name(request), token, age=age)


@cache
def countries(language: str) -> list[tuple[str, str]]:
    """ISO codes and names of countries, France first, then by name."""
    names = Locale(language).territories.items()
    found = [(c, n) for c, n in names if c.isalpha() and len(c) == 2 and c not in _NO_COUNTRIES]
    found.sort(key=lambda named: rules.normalised(named[1]))
    return [*(c for c in found if c[0] == "FR"), *(c for c in found if c[0] != "FR")]
