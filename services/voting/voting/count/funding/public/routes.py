"""The public follow-up of a round's grants, and its files."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.charter import CharterRules
from shared.people import Person
from shared.people.guards import everybody
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import RoutePages
from voting.count import queries as count_queries
from voting.count.funding import queries
from voting.count.funding.asking import deadline, terms_of
from voting.count.funding.loading import grants, rules_of
from voting.count.funding.public import said
from voting.count.funding.scdl import as_csv
from voting.count.funding.standing import Line
from voting.count.tables import Round
from voting.count.words.queries import words
from voting.refusals import RoundUnknown

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]


class NoSiret(Refusal):
    """The national file names its authority by a number that the operator has not said."""

    code = "no_siret"


@router.get("/rounds/{round_id}/follow-up")
async def show_follow_up(
    round_id: UUID,
    request: Request,
    database: RouteDatabase,
    pages: RoutePages,
    visitor: Visitor,
) -> Response:
    """What became of the money: confirmed, agreed, paid; and how far each project is."""
    async with database.begin() as session:
        now = await database_time(session)
        row, rules, lines = await _grants(session, round_id)
        programme = await count_queries.programme(session, row.programme_id)
        title = None if programme is None else programme.title
        named = await words(session, [title, *(line.option.title for line in lines)])
        told = [each.told for each in await _subsidies(session, row, rules, lines)]
    return pages.show(
        request,
        "follow-up.html",
        person=visitor,
        rehearsal=row.rehearsal,
        row=row,
        rules=rules,
        lines=lines,
        deadlines={line.option.number: deadline(line, terms_of(rules)) for line in lines},
        now=now,
        sums=said.sums(lines),
        title=named.get(title or ""),
        titles={line.option.number: named.get(line.option.title) for line in lines},
        untold=told.count(False),
        national=bool(_siret(request)),
    )


@router.get("/rounds/{round_id}/funding.json", dependencies=[everybody])
async def grants_as_json(round_id: UUID, database: RouteDatabase) -> dict[str, Any]:
    """The same for a program."""
    async with database.begin() as session:
        row, rules, lines = await _grants(session, round_id)
        named = await words(session, [line.option.title for line in lines])
    return said.as_json(row, rules, lines, named)


@router.get("/rounds/{round_id}/subventions.csv", dependencies=[everybody])
async def subsidies_as_csv(
    round_id: UUID, request: Request, database: RouteDatabase, pages: RoutePages
) -> Response:
    """The agreements with organisations, in the national schema (SCDL *subventions*)."""
    async with database.begin() as session:
        row, rules, lines = await _grants(session, round_id)
        if not (siret := _siret(request)):
            raise NoSiret("the operator has said no SIRET of the authority")
        found = await _subsidies(session, row, rules, lines)
    name = f'attachment; filename="subventions-{round_id}.csv"'
    return Response(
        as_csv(found, operator=pages.settings.operator_name, operator_siret=siret),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": name},
    )


def _siret(request: Request) -> str:
    siret: str = request.app.state.operator_siret
    return siret


async def _grants(
    session: AsyncSession, round_id: UUID
) -> tuple[Round, CharterRules | None, list[Line]]:
    row = await count_queries.round_as_it_is(session, round_id)
    if row is None:
        raise RoundUnknown(f"there is no round {round_id}")
    rules = await rules_of(session, row)
    return row, rules, await grants(session, row, rules)


async def _subsidies(
    session: AsyncSession, row: Round, rules: CharterRules | None, lines: list[Line]
) -> list[Any]:
    """What the national file can say of these grants, with the words behind its commitments."""
    signers = await queries.signers(session, row.round_id)
    asked = [each[name] for each in signers.values() for name in ("name", "siret", "rna")]
    known = await words(session, [*asked, *(line.option.title for line in lines)])
    return said.subsidies(lines, terms_of(rules), known, signers)
