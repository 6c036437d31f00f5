"""The desk of roles: who has which, and granting and revoking them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.events.charter import CharterRules
from shared.people import FormData, Person, Role, needs
from shared.people.roles import officer_id
from shared.people.second_officer import read_reason
from shared.process import RouteDatabase, process_of
from shared.web.kit import RoutePages
from submission.programmes import queries as programmes
from submission.projects import queries as projects
from submission.repeats import RouteFormAsked
from submission.roles import queries
from submission.roles.granting import grant, revoke
from submission.roles.roles import (
    OF_PROGRAMMES,
    OF_TERRITORIES,
    GrantRefused,
    OfficerUnknown,
    check_grant,
    check_revocation,
    read_grant,
)
from submission.showing import Went, may_of, went
from submission.tables import Programme

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Person, needs(Role.ADMINISTRATOR, person=True)]
DESK = "/desk/roles"


@router.get(DESK)
async def show_roles(
    request: Request, pages: RoutePages, officer: Administrator, database: RouteDatabase
) -> Response:
    """Every officer who has signed in or has a role, and a form to grant another one."""
    async with database.begin() as session:
        rows = await queries.officers(session)
        listed = await programmes.programmes(session)
        titles = await projects.words(session, [each.title for each in listed])
    with_charter = [each for each in listed if each.rules is not None]
    return pages.show(
        request,
        "desk-roles.html",
        person=officer,
        may=may_of(officer),
        officers=_by_officer(rows),
        programmes={each.programme_id: titles.get(each.title, "") for each in with_charter},
        rules={each.programme_id: _rules(each) for each in with_charter},
        of_territories=OF_TERRITORIES,
        of_programmes=OF_PROGRAMMES,
        by_subject=process_of(request).settings.oidc_issuer is not None,
    )


@router.post(f"{DESK}/grant")
async def grant_role(
    request: Request,
    data: FormData,
    asked: RouteFormAsked,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Grant a role to an officer who has signed in, or by the subject of her account."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        wanted = read_grant(
            data.get("role", ""), data.get("where", ""), await _territories(session), officer
        )
        check_grant(wanted)
        reason = read_reason(data.get("reason", ""))
        whom = await _whom(request, session, data)
        await grant(session, whom, wanted, officer, reason)
        return await went(session, asked, DESK)


@router.post(f"{DESK}/revoke")
async def revoke_role(
    request: Request,
    data: FormData,
    asked: RouteFormAsked,
    officer: Administrator,
    database: RouteDatabase,
) -> Response:
    """Take a role from an officer."""
    async with database.begin() as session:
        if (given := await Went.given(session, asked)) is not None:
            return given.there()
        taken = read_grant(
            data.get("role", ""), data.get("where", ""), await _territories(session), officer
        )
        reason = read_reason(data.get("reason", ""))
        whom = await _whom(request, session, data)
        check_revocation(whom, taken, officer)
        await revoke(session, whom, taken, officer, reason)
        return await went(session, asked, DESK)


async def _whom(request: Request, session: AsyncSession, data: Mapping[str, str]) -> UUID:
    """The officer that a form names. Raises `OfficerUnknown`, `GrantRefused`."""
    settings = process_of(request).settings
    if subject := data.get("subject", "").strip():
        if settings.oidc_issuer is None or len(subject) > 255:
            raise GrantRefused("nobody signs in here by such an account")
        return officer_id(bytes.fromhex(settings.officers_key), settings.oidc_issuer, subject)
    rows = await queries.officers(session)
    known = {str(row["officer_id"]): row["officer_id"] for row in rows}
    named = data.get("officer", "")
    if named not in known:
        raise OfficerUnknown("choose somebody who has signed in, or name the account's subject")
    found: UUID = known[named]
    return found


async def _territories(session: AsyncSession) -> Mapping[UUID, list[str]]:
    listed = [each for each in await programmes.programmes(session) if each.rules is not None]
    return {each.programme_id: [t.name for t in _rules(each).territories] for each in listed}


def _rules(programme: Programme) -> CharterRules:
    return CharterRules.model_validate(programme.rules)


def _by_officer(rows: Sequence[Any]) -> list[dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        each = found.setdefault(
            row["officer_id"],
            {
                "officer_id": row["officer_id"],
                "name": row["name"],
                "address": row["address"],
                "grants": [],
            },
        )
        if row["role"] is not None:
            each["grants"].append(
                {
                    "role": row["role"],
                    "programme_id": row["programme_id"],
                    "territory": row["territory"],
                }
            )
    return list(found.values())
