"""The page of the map; the same figures stand in a table beside."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from shared.people import Person, everybody
from shared.process import RouteDatabase
from shared.web.kit import RoutePages
from submission.map.drawings import Drawings
from submission.map.territories import counted, shade, shown
from submission.projects.finding import edition
from submission.searching import queries
from submission.searching.routes import RouteLooked, asking
from submission.showing import frame

router = APIRouter(include_in_schema=False)


async def _drawings_of(request: Request) -> Drawings:
    found = request.app.state.drawings
    assert isinstance(found, Drawings)
    return found


RouteDrawings = Annotated[Drawings, Depends(_drawings_of)]


@router.get("/programmes/{programme_id}/map")
async def show_map(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    person: Annotated[Person, everybody],
    database: RouteDatabase,
    drawings: RouteDrawings,
    looked: RouteLooked,
) -> Response:
    """How many projects each territory has, of those that are looked for."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        looked = looked.among(found.rules.territories)
        counts = await queries.counts_by_territory(session, programme_id, looked)
        framed = await frame(request, pages, session, found)
    territories = found.rules.territories
    places = counted(territories, counts)
    drawing = await drawings.of(shown(territories, drawings.outlines.keys()))
    whole = {place.name: place.all for place in places}
    most = max((whole[shape.name] for shape in drawing.shapes), default=0)
    here, language = f"/programmes/{programme_id}/projects", pages.language(request)
    return pages.show(
        request,
        "map.html",
        person=person,
        count=sum(counts.values()),
        places=places,
        drawing=drawing,
        whole=whole,
        shades={shape.name: shade(whole[shape.name], most) for shape in drawing.shapes},
        labels={each.name: str(getattr(each, language)) for each in territories},
        lists={place.name: looked.address(here, territory=place.name) for place in places},
        within=any(each.within for each in territories),
        **asking(request, pages, programme_id, found.rules, looked),
        **framed,
    )
