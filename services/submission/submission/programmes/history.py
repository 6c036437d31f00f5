"""The versions of a charter for everybody to read, and the schema of a charter's file."""

from itertools import pairwise
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from shared.charters.comparing import Difference, differences
from shared.charters.schema import json_schema
from shared.events.charter import CharterRules
from shared.people import Person, everybody
from shared.process import RouteDatabase
from shared.refusal import Refusal
from shared.web.kit import RoutePages
from submission.programmes import queries
from submission.programmes.problems import said, said_of_bodies, said_of_scheme
from submission.programmes.tables import CharterVersion
from submission.projects import queries as projects
from submission.projects.finding import edition
from submission.showing import frame

router = APIRouter(include_in_schema=False)
Visitor = Annotated[Person, everybody]


class VersionUnknown(Refusal):
    """The charter has no such version."""

    code = "version_unknown"


@router.get("/charter.schema.json")
async def show_schema(_: Visitor) -> Response:
    """The JSON Schema of a charter's file."""
    return JSONResponse(json_schema(), media_type="application/schema+json")


@router.get("/programmes/{programme_id}/rules/versions")
async def show_versions(
    request: Request,
    programme_id: UUID,
    pages: RoutePages,
    person: Visitor,
    database: RouteDatabase,
) -> Response:
    """Every version of the rules: since when, adopted by whom, why, and what differs."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
        versions = await queries.versions(session, programme_id)
        reasons = await projects.words(session, [each.reason for each in versions if each.reason])
    return pages.show(
        request,
        "charter-history.html",
        person=person,
        versions=versions[::-1],
        in_force=found.programme.version,
        reasons=reasons,
        differing=_differing(versions),
        **framed,
    )


@router.get("/programmes/{programme_id}/rules/versions/{version}")
async def show_version(
    request: Request,
    programme_id: UUID,
    version: int,
    pages: RoutePages,
    person: Visitor,
    database: RouteDatabase,
) -> Response:
    """Every rule of one version. Raises `VersionUnknown`."""
    async with database.begin() as session:
        found = await edition(session, programme_id)
        framed = await frame(request, pages, session, found)
        versions = await queries.versions(session, programme_id)
    shown = next((each for each in versions if each.version == version), None)
    if shown is None:
        raise VersionUnknown(f"there is no version {version} of this charter")
    rules = CharterRules.model_validate(shown.rules)
    return pages.show(
        request,
        "charter-version.html",
        person=person,
        shown=shown,
        in_force=found.programme.version,
        said=said(pages, request, rules),
        said_of_bodies=said_of_bodies(pages, request, rules),
        scheme=said_of_scheme(pages, request, rules),
        **{**framed, "rules": rules},
    )


def _differing(versions: Any) -> dict[int, tuple[Difference, ...]]:
    """What differs in each version from the one before it."""
    pairs = pairwise(versions)
    return {after.version: differences(_rules(before), _rules(after)) for before, after in pairs}


def _rules(version: CharterVersion) -> CharterRules:
    return CharterRules.model_validate(version.rules)
