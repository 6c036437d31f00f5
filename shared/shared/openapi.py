"""What a process answers over HTTP, as an OpenAPI 3.1 document.

FastAPI writes it from the routes. What it cannot know is added here: the routes that go past it,
because they are asked ten thousand times an hour, and that every refusal is a problem (RFC 9457)
with one of this process's codes.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.routing import Route

from shared.messages import first_sentence
from shared.refusal import Refusal

type Json = dict[str, Any]

SCHEMAS = "#/components/schemas/{model}"
PROBLEM = "application/problem+json"
# Said of every operation: FastAPI adds no form of its own for bodies that are malformed, then.
RESPONSES: dict[int | str, Json] = {"default": {"$ref": "#/components/responses/Refused"}}
# What is answered without a `Refusal`.
OTHERS = {
    "malformed": (422, "Path, query or body are not as this document says."),
    "not_found": (404, "There is nothing under this address."),
    "method_not_allowed": (405, "The address does not take this method."),
    "unavailable": (503, "The database gives no answer; ask again."),
}


@dataclass(frozen=True)
class Documented:
    """What a bare route takes and gives: JSON of these models, or another kind of content."""

    takes: type[BaseModel] | None
    gives: type[BaseModel] | str
    status: int


def documented[F: Callable[..., Any]](
    *, takes: type[BaseModel] | None = None, gives: type[BaseModel] | str, status: int = 200
) -> Callable[[F], F]:
    """Say of a bare Starlette route what FastAPI would have read in its signature."""

    def attach(endpoint: F) -> F:
        vars(endpoint)["documented"] = Documented(takes, gives, status)
        return endpoint

    return attach


def bare_routes(routers: Iterable[APIRouter]) -> list[Route]:
    """The routes that go past FastAPI."""
    return [
        route
        for router in routers
        for route in router.routes
        if isinstance(route, Route) and not isinstance(route, APIRoute)
    ]


def describe(app: FastAPI, bare: Iterable[Route], refusals: Mapping[type[Refusal], int]) -> None:
    """Make `app.openapi()` whole; it is made when it is first asked for."""
    written = app.openapi

    def whole() -> Json:
        if app.openapi_schema is None:
            document = written()
            for route in bare:
                for method in sorted((route.methods or set()) - {"HEAD"}):
                    _add(document, route, method)
            parts = document.setdefault("components", {})
            parts.setdefault("schemas", {})["Problem"] = _problem(refusals)
            parts["responses"] = {"Refused": _REFUSED}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]  # as FastAPI's documentation says


_REFUSED: Json = {
    "description": "Refused: a problem whose `code` says why, and which is stable.",
    "content": {PROBLEM: {"schema": {"$ref": SCHEMAS.format(model="Problem")}}},
}


def _problem(refusals: Mapping[type[Refusal], int]) -> Json:
    meanings = {
        **OTHERS,
        **{refusal.code: (status, first_sentence(refusal)) for refusal, status in refusals.items()},
    }
    codes = dict(sorted(meanings.items()))
    told = [f"- `{code}` ({status}): {meaning}" for code, (status, meaning) in codes.items()]
    return {
        "type": "object",
        "description": "\n".join(["RFC 9457. The codes of this process:", "", *told]),
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "description": "`urn:comptoir:` and the code."},
            "title": {"type": "string", "description": "The status in words."},
            "status": {"enum": sorted({status for status, _ in codes.values()})},
            "detail": {"type": "string", "description": "A fact, with the values at hand."},
            "code": {"type": "string", "enum": list(codes)},
        },
    }


def _add(document: Json, route: Route, method: str) -> None:
    found = getattr(route.endpoint, "documented", None)
    if not isinstance(found, Documented):
        raise RuntimeError(f"{route.path} says neither what it takes nor what it gives")
    operation: Json = {
        "summary": first_sentence(route.endpoint),
        "operationId": route.name,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in route.param_convertors
        ],
        "responses": {
            str(found.status): {
                "description": HTTPStatus(found.status).phrase,
                "content": {found.gives: {}}
                if isinstance(found.gives, str)
                else _json(document, found.gives),
            },
            **RESPONSES,
        },
    }
    if found.takes is not None:
        operation["requestBody"] = {"required": True, "content": _json(document, found.takes)}
    document.setdefault("paths", {}).setdefault(route.path, {})[method.lower()] = operation


def _json(document: Json, model: type[BaseModel]) -> Json:
    """A body of this model, whose schema becomes one of the document's."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schema = model.model_json_schema(ref_template=SCHEMAS)
    for name, part in {**schema.pop("$defs", {}), model.__name__: schema}.items():
        if schemas.setdefault(name, part) != part:
            raise RuntimeError(f"two schemas are called {name}")
    return {"application/json": {"schema": {"$ref": SCHEMAS.format(model=model.__name__)}}}
