"""The list of a programme's projects; what is looked for stands in the address."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from shared.events.charter import CharterRules
from shared.people import Person, everybody
from shared.process import RouteDatabase
from shared.web.kit import Pages, RoutePages
from submission.projects.finding import edition
from submission.projects.naming import themes
from submission.projects.stages import STAGES
from submission.searching import queries
from submission.searching.looked import LONGEST, MOST_PAGES, Looked, pages_of
from submission.showing import frame, pairs, stage_names

router = APIRouter(include_in_schema=False)
MOVED = 301
Name = Annotated[str, Query(max_length=60)]


async def looked_for(
    territory: Name = "",
    theme: Name = "",
    category: Name = "",
    stage: Name = "",
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    page: Annotated[int, Query(ge=1, le=MOST_PAGES)] = 1,
) -> Looked:
    """What an address looks for."""
    return Looked(territory, theme, category, stage, q.replace("\0", "").strip(), page)


RouteLooked = Annotated[Looked, Depends(looked_for)]


@router.get("/programmes/{programme_id}/projects")
async def list_projects(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    person: Annotated[Person, everybody],
    database: RouteDatabase,
    looked: RouteLooked,
) -> Response:
    """The ideas and projects in the order of their deposit."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        looked = looked.among(found.rules.territories)
        count, projects = await queries.found_projects(session, programme_id, looked)
        framed = await frame(request, pages, session, found)
    here, last = f"/programmes/{programme_id}/projects", pages_of(count)
    return pages.show(
        request,
        "projects.html",
        person=person,
        projects=projects,
        count=count,
        last=last,
        before=looked.address(here, page=str(min(looked.page - 1, last)))
        if looked.page > 1
        else "",
        after=looked.address(here, page=str(looked.page + 1)) if looked.page < last else "",
        **asking(request, pages, programme_id, found.rules, looked),
        **framed,
    )


@router.get("/programmes/{programme_id}/ideas")
async def lead_to_projects(
    request: Request, programme_id: UUID, _: Annotated[Person, everybody]
) -> Response:
    """Where the list stood when it had ideas alone: links to it lead on."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/programmes/{programme_id}/projects{query}", MOVED)


def asking(
    request: Request, pages: Pages, programme_id: UUID, rules: CharterRules, looked: Looked
) -> dict[str, Any]:
    """What the form shows that asks for projects, and the ways to the same ones otherwise."""
    language, here = pages.language(request), f"/programmes/{programme_id}"
    named = stage_names(pages, language)
    ways = ("projects", "map", "projects.csv", "projects.json", "projects.geojson")
    return {
        "looked": looked,
        "all_themes": themes(rules),
        "theme_pairs": pairs(language, themes(rules)),
        "category_pairs": pairs(language, rules.categories or ()),
        "stage_pairs": [(name, words) for name, words in named.items() if name in STAGES],
        "same": {way: looked.address(f"{here}/{way}") for way in ways},
    }
