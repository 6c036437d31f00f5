"""The projects of a programme, all or those that are looked for, as files."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from shared.events.charter import CharterRules
from shared.people import Person, everybody
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.carriers.telling import RouteTelling
from submission.exports import queries
from submission.exports.files import sent, written
from submission.exports.rows import Csv, Format, GeoJson, Json, Labels, Told
from submission.map.routes import RouteDrawings
from submission.projects.finding import edition
from submission.projects.naming import themes
from submission.searching.routes import RouteLooked
from submission.showing import pairs

router = APIRouter(include_in_schema=False)
FORMS: Final[Mapping[str, Format]] = {form.ending: form for form in (Csv(), Json(), GeoJson())}


async def _exporting(request: Request) -> asyncio.Semaphore:
    found = request.app.state.exporting
    assert isinstance(found, asyncio.Semaphore)
    return found


@router.get("/programmes/{programme_id}/projects.{ending}")
async def export_projects(
    programme_id: UUID,
    ending: Literal["csv", "json", "geojson"],
    request: Request,
    pages: RoutePages,
    _: Annotated[Person, everybody],
    database: RouteDatabase,
    drawings: RouteDrawings,
    telling: RouteTelling,
    exporting: Annotated[asyncio.Semaphore, Depends(_exporting)],
    looked: RouteLooked,
) -> StreamingResponse:
    """The projects that are looked for, all as they were at one instant, and of which it was."""
    form, language = FORMS[ending], pages.language(request)
    async with exporting, database.begin() as session:
        await queries.stand_still(session)
        found = await edition(session, programme_id)
        snapshot = await queries.snapshot(session, found.log)
        told = Told(snapshot, _labels(found.rules, language), telling.site, drawings.point)
        asked = looked.among(found.rules.territories)
        file = await written(session, programme_id, asked, form, told)
    headers = {
        "Content-Disposition": f'attachment; filename="{snapshot.file_name(ending)}"',
        "Content-Length": str(file.tell()),
        "Content-Language": language,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Language, Cookie",
    }
    return StreamingResponse(sent(file), media_type=form.media_type, headers=headers)


def _labels(rules: CharterRules, language: str) -> Labels:
    """What the charter's names are called."""
    return {
        "territory": dict(pairs(language, rules.territories)),
        "theme": dict(pairs(language, themes(rules))),
        "category": dict(pairs(language, rules.categories or ())),
    }
