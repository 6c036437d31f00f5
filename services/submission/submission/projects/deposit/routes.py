"""Depositing an idea: three short steps, a mailed link, one button."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import Contact
from shared.database import Database, database_time, raw
from shared.people import FormData, Person, everybody
from shared.people import queries as people_queries
from shared.people.guards import token_hash
from shared.people.people import LINKS_AN_HOUR, LinkUnknown, people_of
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from shared.web.messages import mark
from shared.web.refused import wants_page
from submission.carriers.checking import hold_depositor
from submission.carriers.consenting import PURPOSE as PURPOSE_OF_CONSENT
from submission.carriers.consenting import Representative
from submission.carriers.limits import PARIS
from submission.carriers.organisations.routes import translated
from submission.carriers.telling import RouteTelling, Telling
from submission.carriers.types import CARRIER_TYPES, read_type
from submission.projects import queries
from submission.projects.deposit.at_once import deposit_at_once
from submission.projects.deposit.depositor import LINKS, asked_of, read_said
from submission.projects.deposit.drafts import (
    KEPT_FOR,
    LINK_LASTS,
    PRESSED_TWICE,
    DraftChanged,
    TooManyLinks,
    check_shown,
    check_step,
    draft_digest,
    step_of,
    written,
)
from submission.projects.depositing import deposit_idea
from submission.projects.dossier.reading import labels
from submission.projects.finding import Edition, check_phase, edition
from submission.projects.ideas import Place, Words, read_summary, read_territory
from submission.projects.naming import read_category, read_theme, themes
from submission.projects.tables import DepositLink, Draft
from submission.reading import FormRefused, Reader
from submission.repeats import RouteFormAsked
from submission.showing import CONFLICT, UNPROCESSABLE, Went, again, frame, pairs, went
from submission.texts import read_title
from submission.versions import ChangedMeanwhile, Shown

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]
PURPOSE = mark("deposit your idea")


@router.get("/programmes/{programme_id}/deposit")
async def show_what(
    request: Request, programme_id: UUID, pages: RoutePages, who: Visitor, database: RouteDatabase
) -> Response:
    """The first step: what the idea is."""
    return await _show(request, pages, database, who, programme_id, "what")


@router.get("/programmes/{programme_id}/deposit/{step}")
async def show_step(
    request: Request,
    programme_id: UUID,
    step: Literal["where", "who", "sent"],
    pages: RoutePages,
    who: Visitor,
    database: RouteDatabase,
) -> Response:
    """A later step, where the earlier ones are done; or that the mail is on its way."""
    return await _show(request, pages, database, who, programme_id, step)


@router.post("/programmes/{programme_id}/deposit")
async def keep_what(
    request: Request,
    programme_id: UUID,
    data: FormData,
    pages: RoutePages,
    who: Visitor,
    database: RouteDatabase,
) -> Response:
    """Keep title and summary, for whoever comes back with the cookie of this answer."""
    reader = Reader(data)
    title = reader.read("title", read_title, "")
    summary = reader.read("summary", read_summary, "")
    try:
        reader.done()
    except FormRefused as refused:
        show = partial(_show, request, pages, database, who, programme_id, "what", data)
        return await again(request, pages, refused, show)
    response = RedirectResponse(f"/programmes/{programme_id}/deposit/where", 303)
    async with database.begin() as session:
        await edition(session, programme_id)
        now = await check_phase(session, programme_id, "ideas")
        draft = await _draft_for_update(request, session, programme_id)
        if draft is None:
            secret = secrets.token_urlsafe(32)
            draft = Draft(
                draft_id=uuid4(),
                secret=token_hash(secret),
                programme_id=programme_id,
                language=pages.language(request),
                changed_at=now,
            )
            session.add(draft)
            age = int(KEPT_FOR.total_seconds())
            header = people_of(request).cookies.header(_cookie(request), secret, age=age)
            response.headers.append("set-cookie", header)
        draft.title, draft.summary, draft.changed_at = title, summary, now
    return response


@router.post("/programmes/{programme_id}/deposit/where")
async def keep_where(
    request: Request,
    programme_id: UUID,
    data: FormData,
    pages: RoutePages,
    who: Visitor,
    database: RouteDatabase,
) -> Response:
    """Keep the territory, and the theme and category where the charter has such."""
    try:
        async with database.begin() as session:
            found = await edition(session, programme_id)
            reader = Reader(data)
            territory = reader.read("territory", partial(read_territory, found.rules), "")
            theme = reader.read("theme", partial(read_theme, found.rules), None)
            category = reader.read("category", partial(read_category, found.rules), None)
            reader.done()
            now = await check_phase(session, programme_id, "ideas")
            draft = await _draft_for_update(request, session, programme_id)
            draft = check_step(draft, "where")
            if (category or "") != draft.category:
                # Who may be in it is asked in the next step: what was answered was of another one.
                await queries.forget_links(session, draft.draft_id)
                draft.address = ""
            draft.territory, draft.changed_at = territory, now
            draft.theme, draft.category = theme or "", category or ""
    except FormRefused as refused:
        show = partial(_show, request, pages, database, who, programme_id, "where", data)
        return await again(request, pages, refused, show)
    return RedirectResponse(f"/programmes/{programme_id}/deposit/who", 303)


@router.post("/programmes/{programme_id}/deposit/who")
async def keep_who(
    request: Request,
    programme_id: UUID,
    data: FormData,
    asked: RouteFormAsked,
    pages: RoutePages,
    who: Visitor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """A resident's idea is deposited; whoever is not signed in is mailed a link that does both.
    Where another window wrote the idea anew meanwhile, both are shown, and neither is deposited.

    When somebody was born is checked against the charter here, and forgotten.
    """
    try:
        secret = _secret(request)
        done = await deposit_at_once(database, programme_id, secret, data, asked, who, telling)
        if done is not None:
            return done.there()
        async with database.begin() as session:
            if (given := await Went.given(session, asked)) is not None:
                return given.there()
            found = await edition(session, programme_id)
            if who.kind == "resident":
                await hold_depositor(session, found.rules, who.id)
            kept = await _draft_for_update(request, session, programme_id)
            category = kept.category if kept is not None else ""
            now = await check_phase(session, programme_id, "ideas")
            # Behind that lock no amendment takes effect: the idea is held to these rules.
            found = await edition(session, programme_id)
            today = now.astimezone(PARIS).date()
            signed_in = who.address if who.kind == "resident" else None
            said = read_said(found.rules, data, category or None, signed_in, today)
            draft = check_step(kept, "who")
            written(draft.model_dump()).check(data)
            if draft.address and said.address != draft.address:
                # Each was mailed to somebody else, and would sign her in as whom the draft names
                # now.
                await queries.forget_links(session, draft.draft_id)
            draft.name, draft.address, draft.language = said.name, said.address, said.language
            draft.carrier_type, draft.representative = said.carrier_type, said.representative
            draft.changed_at = now
            if who.kind == "resident":
                project_id = await _deposit(session, found, draft, who.id, pages, now, telling)
                return await went(session, asked, Went.deposited(project_id).to)
            await _mail_link(session, draft, pages, telling)
            return await went(session, asked, f"/programmes/{programme_id}/deposit/sent")
    except ChangedMeanwhile:
        if not wants_page(request):
            raise
        of = (request, pages, database, who, programme_id)
        return await _show(*of, "who", data, changed=True)
    except FormRefused as refused:
        show = partial(_show, request, pages, database, who, programme_id, "who", data)
        return await again(request, pages, refused, show)


@router.get("/deposits/{token}")
async def show_link(
    request: Request, token: str, pages: RoutePages, _: Visitor, database: RouteDatabase
) -> Response:
    """A page with one button: programs that look into mails open links, and press nothing."""
    return await _show_link(request, pages, database, token)


@router.post("/deposits/{token}")
async def follow_link(
    request: Request,
    token: str,
    data: FormData,
    pages: RoutePages,
    _: Visitor,
    database: RouteDatabase,
    telling: RouteTelling,
) -> Response:
    """Sign the resident in and deposit the idea; pressed twice, there is one idea.

    Where the draft is not what the button's page showed, it is shown again, and nothing is done.
    """
    try:
        shown = data.get("draft", "")
        return await _deposit_by_link(request, token, shown, pages, database, telling)
    except DraftChanged:
        if not wants_page(request):
            raise
        return await _show_link(request, pages, database, token, changed=True)


async def _show_link(
    request: Request, pages: Pages, database: Database, token: str, *, changed: bool = False
) -> Response:
    async with database.begin() as session:
        link, draft = await _link(session, token)
        if draft is None:
            return RedirectResponse(f"/projects/{link.project_id}", 303)
        found = await edition(session, draft.programme_id)
        framed = await frame(request, pages, session, found)
        return pages.show(
            request,
            "deposit-link.html",
            status=CONFLICT if changed else 200,
            token=token,
            draft=draft,
            shown=draft_digest(draft),
            changed=changed,
            themes=themes(found.rules),
            type_words=translated(request, pages, CARRIER_TYPES),
            **framed,
        )


async def _deposit_by_link(
    request: Request, token: str, shown: str, pages: Pages, database: Database, telling: Telling
) -> Response:
    async with database.begin() as session:
        link, draft = await _link(session, token)
        now = await database_time(session)
        if draft is None:
            response: Response = RedirectResponse(f"/projects/{link.project_id}", 303)
            if link.used_at is not None and now < link.used_at + PRESSED_TWICE:
                assert link.resident is not None
                await people_of(request).begin_session(session, response, link.resident, "resident")
            return response
        now = await check_phase(session, draft.programme_id, "ideas")
        found = await edition(session, draft.programme_id)
        check_shown(draft, shown)
        resident = await people_queries.keep_resident(
            await raw(session), uuid4(), draft.address, draft.language
        )
        project_id = await _deposit(session, found, draft, resident, pages, now, telling)
        response = Went.deposited(project_id).there()
        await people_of(request).begin_session(session, response, resident, "resident")
    return response


async def _deposit(
    session: AsyncSession,
    found: Edition,
    draft: Draft,
    resident: UUID,
    pages: Pages,
    now: datetime,
    telling: Telling,
) -> UUID:
    session.expunge(draft)  # what is deleted below is not written once more before
    words = Words(draft.title, draft.summary, draft.name)
    contact = Contact(draft.address, draft.language)
    place = Place(draft.territory, draft.theme or None, draft.category or None)
    representative = None
    if draft.representative:
        purpose = pages.translate(draft.language, PURPOSE_OF_CONSENT)
        asked = Contact(draft.representative, draft.language)
        representative = Representative(asked, purpose)
    return await deposit_idea(
        session,
        found,
        draft.draft_id,
        words,
        place,
        resident,
        contact,
        now,
        telling,
        read_type(draft.carrier_type),
        representative,
    )


async def _mail_link(session: AsyncSession, draft: Draft, pages: Pages, telling: Telling) -> None:
    """Mail a link, and count it with those for signing in. Raises `TooManyLinks`."""
    connection = await raw(session)
    if await people_queries.links_of_the_hour(connection, draft.address) >= LINKS_AN_HOUR:
        raise TooManyLinks(f"{LINKS_AN_HOUR} links an hour are mailed to an address")
    # Counted as a link that nobody was mailed: this one opens the deposit, and nothing beside it.
    unmailed = token_hash(secrets.token_urlsafe(32))
    await people_queries.keep_link(connection, unmailed, draft.address, draft.language, "/")
    token, expires_at = secrets.token_urlsafe(32), draft.changed_at + LINK_LASTS
    session.add(
        DepositLink(token=token_hash(token), draft_id=draft.draft_id, expires_at=expires_at)
    )
    purpose = pages.translate(draft.language, PURPOSE)
    values = {"url": f"{telling.site}/deposits/{token}", "purpose": purpose}
    contact = Contact(draft.address, draft.language)
    telling.teller.tell(session, "sign-in-link", contact, values)


async def _link(session: AsyncSession, token: str) -> tuple[DepositLink, Draft | None]:
    found = await queries.link_for_update(session, token_hash(token))
    if found is None or found[0].expires_at <= await database_time(session):
        raise LinkUnknown("this link is older than a day, or was copied in part")
    return found


def _cookie(request: Request) -> str:
    return people_of(request).cookies.visitor.removesuffix("visitor") + "draft"


def _secret(request: Request) -> str:
    return request.cookies.get(_cookie(request), "")


async def _draft_for_update(
    request: Request, session: AsyncSession, programme_id: UUID
) -> Draft | None:
    secret = _secret(request)
    draft = await queries.draft_for_update(session, token_hash(secret)) if secret else None
    return draft if draft is not None and draft.programme_id == programme_id else None


async def _show(
    request: Request,
    pages: Pages,
    database: Database,
    who: Person,
    programme_id: UUID,
    step: str,
    data: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    *,
    changed: bool = False,
) -> Response:
    """A step, filled in with what was refused, or with what is kept; both versions of the idea,
    where it was `changed` since the last step was opened."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        draft = await _draft_for_update(request, session, programme_id)
        due = step_of(draft)
        if step == "sent":
            if draft is None or not draft.address:
                return RedirectResponse(f"/programmes/{programme_id}/ideas", 303)
        elif ("what", "where", "who").index(step) > ("what", "where", "who").index(due):
            path = "" if due == "what" else f"/{due}"
            return RedirectResponse(f"/programmes/{programme_id}/deposit{path}", 303)
        kept: Mapping[str, Any] = draft.model_dump() if draft is not None else {}
        wanted = asked_of(found.rules, (draft.category if draft is not None else "") or None)
        framed = await frame(request, pages, session, found)
    language, types = pages.language(request), translated(request, pages, CARRIER_TYPES)
    now = written(kept) if step == "who" else Shown({})
    changed = changed or (step == "who" and now.stale(data))
    places = {each.name: str(getattr(each, language)) for each in found.rules.territories}
    return pages.show(
        request,
        f"deposit-{step}.html",
        status=CONFLICT if changed else UNPROCESSABLE if errors else 200,
        person=who,
        values={"language": language, **kept, **(data or {})},
        draft=draft,
        hidden=now.hidden,
        was_changed=changed,
        changed=now.changed(data or {}) if changed else (),
        labels=labels(found.rules, language) | places,
        errors=errors or {},
        themes=pairs(language, themes(found.rules)),
        asked=wanted,
        type_pairs=[(name, types[name]) for name in wanted.types],
        link_words=translated(request, pages, LINKS),
        **framed,
    )
