"""Being on the roll by an identity provider: there and back, what it does not say, the code.

A provider vouches for the person herself, so that her page may tell her where she stands; and what
it shows is the same each time she comes back, since her code follows from who she is.
"""

import json
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.codes import with_check
from shared.contacts import Contact, Message
from shared.database import database_time, raw
from shared.people import FormData
from shared.people import queries as people
from shared.people.guards import everybody, token_hash
from shared.people.people import people_of
from shared.people.provider import SignInFailed
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.filters import PARIS
from shared.web.kit import Pages, RoutePages
from shared.web.refused import wants_page
from voting.roll import identity as rules
from voting.roll.codes import keyed_hash
from voting.roll.declared import queries as declared
from voting.roll.declared.form import NotOffered, charter_of, read_declared
from voting.roll.declared.registering import Place, spaced
from voting.roll.declared.routes import known_round, place_of
from voting.roll.handlers import POSTED
from voting.roll.identified import queries
from voting.roll.identified.claims import SAID, Vouched, read_claims
from voting.roll.keys import RollKeys
from voting.roll.messages import kept, taken, tell
from voting.roll.offered.queries import RoundShown
from voting.roll.round_keys import RoundKeys
from voting.roll.verdicts import refusal

if TYPE_CHECKING:
    from shared.people.oidc import Provider

MINUTES = 30
CALLBACK = "/identify/callback"


class IdentificationOver(Refusal):
    """Whoever came back from the provider did so too long ago, or in another browser."""

    code = "identification_over"


STATUSES: dict[type[Refusal], int] = {IdentificationOver: 409}


@dataclass(frozen=True)
class Client:
    """The roll as a client of the voters' provider, apart from the officers' one."""

    issuer: str
    client_id: str
    client_secret: str
    scope: str
    levels: tuple[str, ...]
    signed: str | None

    @cached_property
    def provider(self) -> "Provider":
        """Loaded when the first voter signs in."""
        from shared.people.oidc import Provider

        return Provider(
            self.issuer,
            self.client_id,
            self.client_secret,
            self.scope,
            said=SAID,
            levels=self.levels,
            signed=self.signed,
        )


def create_router(
    client: Client | None,
    keys: RollKeys,
    round_keys: RoundKeys,
    contacts: X25519PublicKey | None,
) -> APIRouter:
    """The routes of a roll; without a client nobody identifies herself so."""
    router = APIRouter(include_in_schema=False)

    @router.post("/rounds/{round_id}/identify", dependencies=[everybody])
    async def leave(round_id: UUID, request: Request, database: RouteDatabase) -> Response:
        """Go to the identity provider."""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
        charter_of(shown.rules, shown.opens_at)
        if shown.vote is None or not shown.vote.vouched:
            raise NotOffered("the charter of this vote lets no identity provider vouch for voters")
        departure = await _client().provider.departure(_redirect_uri(request))
        async with database.begin() as session:
            await people.begin_signing_in(
                await raw(session),
                token_hash(departure.state),
                departure.verifier,
                departure.nonce,
                f"/rounds/{round_id}/identified",
            )
        answer = RedirectResponse(departure.url, 303)
        # Whoever comes back is the browser that left.
        answer.headers.append("set-cookie", _cookie(request, "state", departure.state, 600))
        return answer

    @router.get(CALLBACK, dependencies=[everybody])
    async def come_back(
        request: Request,
        pages: RoutePages,
        database: RouteDatabase,
        code: str = "",
        state: str = "",
        error: str = "",
    ) -> Response:
        """Come back: who she is is known for half an hour, in this browser."""
        left = request.cookies.get(_name(request, "state"), "")
        if error or not code or not secrets.compare_digest(left.encode(), state.encode()):
            raise SignInFailed("the identity provider did not vouch for you; try again")
        async with database.begin() as session:
            going = await people.come_back(await raw(session), token_hash(state))
        if going is None or not str(going["next"]).endswith("/identified"):
            raise SignInFailed("this sign-in took too long or was used before; try again")
        claims = await _client().provider.claims(
            _redirect_uri(request), code, going["verifier"], going["nonce"]
        )
        round_id, token = UUID(going["next"].split("/")[2]), secrets.token_urlsafe(32)
        vouched = read_claims(claims)
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            subject = f"{_client().issuer}\n{claims['sub']}"
            await _keep(session, request, pages, shown, vouched, subject, token)
        answer = RedirectResponse(going["next"], 303)
        answer.headers.append("set-cookie", _cookie(request, "identified", token, 60 * MINUTES))
        answer.headers.append("set-cookie", _cookie(request, "state", "", 0))
        return answer

    @router.get("/rounds/{round_id}/identified", dependencies=[everybody])
    async def show_identified(
        round_id: UUID, request: Request, pages: RoutePages, database: RouteDatabase
    ) -> Response:
        """What the provider did not say is asked, or where she stands: her code, or her case."""
        async with database.begin() as session:
            shown = await known_round(session, round_id)
            return await _page(session, request, pages, shown, {})

    @router.post("/rounds/{round_id}/identified", dependencies=[everybody])
    async def register(
        round_id: UUID,
        request: Request,
        data: FormData,
        pages: RoutePages,
        database: RouteDatabase,
    ) -> Response:
        """Put her on the roll at tier A, once; or have two officers look, and tell her."""
        try:
            async with database.begin() as session:
                shown = await known_round(session, round_id)
                await _register(session, request, shown, data)
        except (
            rules.NotResident,
            rules.NotLinked,
            rules.NotSworn,
            rules.ConsentMissing,
        ) as refused:
            if not wants_page(request):
                raise
            async with database.begin() as session:
                return await _page(session, request, pages, shown, data, refused)
        return RedirectResponse(f"/rounds/{round_id}/identified", 303)

    async def _keep(
        session: AsyncSession,
        request: Request,
        pages: Pages,
        shown: RoundShown,
        vouched: Vouched,
        subject: str,
        token: str,
    ) -> None:
        charter = charter_of(shown.rules, shown.opens_at)
        today = (await database_time(session)).astimezone(PARIS).date()
        rules.check_age(vouched.identity.born, charter, today)
        round_id, case_id = shown.round_id, uuid4()
        if shown.state == "closed" and not round_keys.has(round_id):
            raise refusal("voting_closed", round_id)  # where she stood is destroyed
        hashed = round_keys.hashed(round_id, "subject", subject.encode())
        messages = {}
        if vouched.address is not None and contacts is not None:
            contact = Contact(vouched.address, pages.language(request))
            place = place_of(request, pages, shown, contact)
            messages = kept(contacts, _told(contact, place, _code(round_id, hashed), case_id))
        await queries.keep(
            await raw(session),
            round_id,
            token_hash(token),
            identity=round_keys.hashed(round_id, "identity", vouched.identity.secret()),
            subject=hashed,
            in_need=rules.needs_consent(vouched.identity.born, charter, today),
            placed=vouched.placed,
            case_id=case_id,
            messages=messages,
            band=rules.band_of(rules.age_on(vouched.identity.born, charter.opens)),
            minutes=MINUTES,
        )

    async def _register(
        session: AsyncSession, request: Request, shown: RoundShown, data: dict[str, str]
    ) -> None:
        connection, round_id = await raw(session), shown.round_id
        verdict = await declared.lock_registering(connection, round_id, POSTED)
        if verdict != "open":
            raise refusal(verdict, round_id, POSTED)
        row = await _identified(connection, request, round_id)
        charter = charter_of(shown.rules, shown.opens_at)
        rules.check_declared(read_declared(data), charter, in_need=row["in_need"])
        stands = await queries.standing(connection, round_id, row["session"])
        if stands is not None and stands["state"] is not None:
            return  # on the roll, or looked at: the same form again
        messages: dict[str, str] = json.loads(row["sealed"])
        code = keyed_hash(keys.roll_key, round_id, _code(round_id, row["subject"]).encode())
        fresh = await declared.put_on_roll(
            connection, round_id, POSTED, row["identity"], subject=row["subject"]
        )
        if fresh and row["placed"]:
            notice = taken("right-used", messages) if messages else None
            await declared.keep_code(
                connection,
                round_id,
                POSTED,
                code,
                notice.message_id if notice else None,
                notice.body() if notice else None,
                band=row["band"],
            )
            return
        held = {**dict(row), "code": code, "telephone": None, "address": None}
        held["reference"] = round_keys.hashed(round_id, "reference", row["case_id"].bytes)
        await declared.hold(
            connection, round_id, POSTED, ["identity"], held, messages, contested=not fresh
        )
        if messages:
            tell(session, taken("registration-held", messages))

    async def _page(
        session: AsyncSession,
        request: Request,
        pages: Pages,
        shown: RoundShown,
        data: dict[str, str],
        refused: Refusal | None = None,
    ) -> Response:
        connection = await raw(session)
        row = await _identified(connection, request, shown.round_id)
        stands = await queries.standing(connection, shown.round_id, row["session"])
        state = stands["state"] if stands is not None else None
        given = state in ("on_roll", "admitted")
        return pages.show(
            request,
            "identified.html",
            status=200 if refused is None else 422,
            headers={"Cache-Control": "no-store"},
            shown=shown,
            state=state,
            case=stands,
            number=stands["held_id"].hex[:8] if stands and stands["held_id"] else "",
            code=spaced(_code(shown.round_id, row["subject"])) if given else "",
            in_need=row["in_need"],
            consent_age=shown.consent_age,
            data=data,
            refused=refused,
        )

    async def _identified(
        connection: asyncpg.Connection, request: Request, round_id: UUID
    ) -> asyncpg.Record:
        token = request.cookies.get(_name(request, "identified"), "")
        row = await queries.identified_for_update(connection, round_id, token_hash(token))
        if row is None:
            raise IdentificationOver("sign in at the identity provider again; nothing is lost")
        return row

    def _code(round_id: UUID, subject: bytes) -> str:
        """The code of a person: the same each time she comes back, and in no table."""
        made = round_keys.hashed(round_id, "code of a subject", subject)
        return with_check(int.from_bytes(made[:7]) >> 6)

    def _client() -> Client:
        if client is None:
            raise NotOffered("no identity provider is set up for voters here")
        return client

    return router


def _told(contact: Contact, place: Place, code: str, case_id: UUID) -> list[Message]:
    words = {"title": place.title}
    here = f"{place.url.removesuffix('/vote')}/register"
    case = {**words, "case": case_id.hex[:8], "url": here}
    given = {**words, "code": spaced(code), "url": f"{place.url}#code={code}"}
    return [
        Message(contact, "voting-code", given),
        Message(contact, "right-used", {**words, "url": place.url}),
        Message(contact, "registration-held", case),
        Message(contact, "registration-declined", case),
    ]


def _redirect_uri(request: Request) -> str:
    return f"{people_of(request).site}{CALLBACK}"


def _name(request: Request, what: str) -> str:
    return f"{people_of(request).cookies.session}-{what}-of-voter"


def _cookie(request: Request, what: str, value: str, age: int) -> str:
    return people_of(request).cookies.header(_name(request, what), value, age=age)
