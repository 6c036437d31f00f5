"""Declaring an identity: who passes the rules is on the roll, and is mailed a code.

Of the form nothing is kept but keyed hashes. The address stays in sealed messages only: the one
with the code, and the one for when the code is used, which waits beside it.
"""

from base64 import b64encode
from datetime import date
from functools import cache, partial
from typing import NamedTuple
from uuid import UUID, uuid4

from babel import Locale
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.codes import new_code
from shared.contacts import Contact, Message, seal
from shared.database import database_time, raw
from shared.events.private import MessageSealed
from shared.outbox import announce
from shared.people import FormData
from shared.people.guards import everybody
from shared.process import RouteDatabase, process_of
from shared.refusal import Refusal
from shared.web.filters import PARIS
from shared.web.kit import Pages, RoutePages
from shared.web.languages import LANGUAGES
from shared.web.messages import mark
from shared.web.refused import wants_page
from voting.refusals import RoundUnknown, TierUnknown, VotingClosed
from voting.roll import identity as rules
from voting.roll.codes import keyed_hash
from voting.roll.declared import queries
from voting.roll.handlers import DECLARED, SOURCE
from voting.roll.identity import Charter, Declared, Identity
from voting.roll.keys import RollKeys
from voting.roll.offered.queries import RoundShown, round_shown
from voting.roll.verdicts import refusal

NAMELESS = mark("Citizen budget")
# Regions that are no country in which somebody is born.
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


class NotOffered(Refusal):
    """In this round nobody can declare an identity: the codes come by post."""

    code = "not_offered"


class FormIncomplete(Refusal):
    """The form came without its one-time value, or with a language that is none."""

    code = "form_incomplete"


STATUSES: dict[type[Refusal], int] = {
    NotOffered: 409,
    FormIncomplete: 422,
    rules.IdentityMalformed: 422,
    rules.AddressMalformed: 422,
    rules.ImplausibleAge: 422,
    rules.TooYoung: 422,
    rules.NotResident: 422,
    rules.NotSworn: 422,
    rules.ConsentMissing: 422,
    rules.AlreadyOnRoll: 409,
    rules.ChannelSaturated: 409,
}
_OF_PAGE = {**STATUSES, VotingClosed: 409, TierUnknown: 404}


class Form(NamedTuple):
    """What was declared, read; `once` is the form's one-time value."""

    identity: Identity
    declared: Declared
    contact: Contact
    once: bytes


def create_router(keys: RollKeys, contacts: X25519PublicKey | None) -> APIRouter:
    """The routes of a roll with these keys; `contacts` is what messages are sealed to. Without it
    nobody can be told a code, and no identity is declared."""
    router = APIRouter(include_in_schema=False)

    @router.get("/rounds/{round_id}/register", dependencies=[everybody])
    async def show_form(
        round_id: UUID, request: Request, pages: RoutePages, database: RouteDatabase
    ) -> Response:
        """The form, with what is done with it."""
        async with database.begin() as session:
            shown = await _known(session, round_id)
        return _page(request, pages, shown, {"language": pages.language(request)})

    @router.post("/rounds/{round_id}/register", dependencies=[everybody])
    async def register(
        round_id: UUID,
        request: Request,
        data: FormData,
        pages: RoutePages,
        database: RouteDatabase,
    ) -> Response:
        """Put somebody on the roll and mail the code. The same form again changes nothing."""
        async with database.begin() as session:
            shown = await _known(session, round_id)
        try:
            form = read_form(data)
            async with database.begin() as session:
                await put_on_roll(session, shown, form, _place(request, pages, shown, form))
        except Refusal as refused:
            if isinstance(refused, RoundUnknown) or not wants_page(request):
                raise
            return _page(request, pages, shown, data, refused)
        return RedirectResponse(f"/rounds/{round_id}/registered", 303)

    @router.get("/rounds/{round_id}/registered", dependencies=[everybody])
    async def show_registered(
        round_id: UUID, request: Request, pages: RoutePages, database: RouteDatabase
    ) -> Response:
        """What happens next. It is the same for everybody, and names nobody."""
        async with database.begin() as session:
            shown = await _known(session, round_id)
        return pages.show(request, "registered.html", shown=shown)

    async def put_on_roll(
        session: AsyncSession, shown: RoundShown, form: Form, place: Place
    ) -> None:
        now = await database_time(session)
        rules.check(form.identity, form.declared, charter_of(shown), now.astimezone(PARIS).date())
        if contacts is None:
            raise NotOffered("nobody can be sent a code here")
        hashed = partial(keyed_hash, keys.roll_key, shown.round_id)
        connection, round_id = await raw(session), shown.round_id
        verdict = await queries.register(
            connection,
            round_id,
            DECLARED,
            identity=hashed(form.identity.secret()),
            form=hashed(form.once),
            address=hashed(rules.mailbox(form.contact.address)),
        )
        if verdict == "again":
            return
        if verdict != "registered":
            raise refusal(verdict, round_id, DECLARED)
        code, words = new_code(), {"title": place.title}
        # Behind the #: no server that the link passes gets to see the code.
        given = {**words, "code": _spaced(code), "url": f"{place.url}#code={code}"}
        told = _sealed(contacts, Message(form.contact, "voting-code", given))
        announce(session, told, source=SOURCE, event_id=told.message_id)
        notice = _sealed(contacts, Message(form.contact, "right-used", {**words, "url": place.url}))
        await queries.keep_code(
            connection, round_id, DECLARED, hashed(code.encode()), notice.message_id, notice.body()
        )

    return router


class Place(NamedTuple):
    """Where somebody votes, as messages name it."""

    title: str
    url: str


def read_form(data: dict[str, str]) -> Form:
    """What was declared. Raises `IdentityMalformed`, `AddressMalformed`, `FormIncomplete`."""
    identity = Identity.read(
        *(data.get(name, "") for name in ("birth_name", "first_name", "born", "country", "commune"))
    )
    address, language = rules.read_address(data.get("address", "")), data.get("language", "")
    once = data.get("once", "")
    if language not in LANGUAGES or not 16 <= len(once) <= 64:
        raise FormIncomplete("load the page anew; nothing was kept of what you wrote")
    declared = Declared(
        territory=data.get("territory", ""),
        sworn=data.get("sworn") == "yes",
        consent=data.get("consent") == "yes",
    )
    return Form(identity, declared, Contact(address, language), b"form " + once.encode())


def charter_of(shown: RoundShown) -> Charter:
    """Who may be on the roll of a round. Raises `NotOffered`."""
    if shown.rules is None or shown.opens_at is None:
        raise NotOffered("in this round nobody declares an identity: codes come by post")
    return Charter(
        minimum_age=shown.rules.vote.minimum_age,
        territories={territory.name for territory in shown.rules.territories},
        opens=shown.opens_at.astimezone(PARIS).date(),
    )


async def _known(session: AsyncSession, round_id: UUID) -> RoundShown:
    shown = await round_shown(await raw(session), round_id)
    if shown is None:
        raise RoundUnknown(f"round {round_id} was never prepared")
    return shown


def _page(
    request: Request,
    pages: Pages,
    shown: RoundShown,
    data: dict[str, str],
    refused: Refusal | None = None,
) -> Response:
    opens: date | None = None if shown.opens_at is None else shown.opens_at.astimezone(PARIS).date()
    return pages.show(
        request,
        "register.html",
        status=200 if refused is None else _OF_PAGE[type(refused)],
        shown=shown,
        data=data,
        refused=refused,
        opens=opens,
        countries=_countries(pages.language(request)),
        consent_age=rules.CONSENT_AGE,
    )


def _place(request: Request, pages: Pages, shown: RoundShown, form: Form) -> Place:
    title = shown.title or pages.translate(form.contact.language, NAMELESS)
    site = process_of(request).settings.site("voting.roll")
    return Place(title, f"{site}/rounds/{shown.round_id}/vote")


def _sealed(contacts: X25519PublicKey, message: Message) -> MessageSealed:
    message_id = uuid4()
    sealed = b64encode(seal(contacts, message_id, message)).decode()
    return MessageSealed(message_id=message_id, sealed=sealed)


def _spaced(code: str) -> str:
    return " ".join((code[:4], code[4:8], code[8:]))


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    """ISO codes and names of countries, France first, then by name."""
    names = Locale(language).territories.items()
    found = [(c, n) for c, n in names if c.isalpha() and len(c) == 2 and c not in _NO_COUNTRIES]
    found.sort(key=lambda named: rules.normalised(named[1]))
    return [*(c for c in found if c[0] == "FR"), *(c for c in found if c[0] != "FR")]
