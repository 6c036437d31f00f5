"""An application with pages and nothing behind them, and a browser that looks at it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
import pytest
from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from shared.problems import map_refusals
from shared.refusal import Refusal
from shared.web.kit import Pages, RoutePages
from shared.web.messages import mark

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@dataclass(frozen=True)
class Look:
    """The settings that pages read."""

    sites: Mapping[str, str] = field(default_factory=lambda: {"ledger": "https://ledger.test"})
    operator_name: str = "Département du Pas-de-Calais"
    accent: str = "#0B5D56"
    development: bool = True


class PhaseOver(Refusal):
    """The phase is over."""

    code = "phase_over"


ADVICE = {"phase_over": mark("Nothing here yet.")}


def application(look: Look | None = None) -> FastAPI:
    """Routes of every kind: pages, JSON, refusals, and what nobody expected."""
    app = FastAPI(openapi_url=None)
    map_refusals(app, {PhaseOver: 409})

    @app.get("/page")
    async def page(request: Request, pages: RoutePages) -> Response:
        return pages.show(request, "refused.html", **REFUSED)

    @app.get("/open-page")
    async def open_page(request: Request, pages: RoutePages) -> Response:
        return pages.show(request, "refused.html", connect=("https://box.test",), **REFUSED)

    @app.get("/json")
    async def json() -> Response:
        return JSONResponse({"all": "well"})

    @app.get("/refused")
    async def refused() -> Response:
        raise PhaseOver("the phase ended at <script>alert(1)</script>")

    @app.get("/later")
    async def later() -> Response:
        raise HTTPException(503, "later", {"Retry-After": "7", "X-Inner": "secret"})

    @app.get("/broken")
    async def broken() -> Response:
        raise KeyError("a secret")

    @app.post("/form")
    async def form(title: Annotated[str, Form()]) -> Response:
        return JSONResponse({"title": title})

    Pages("shared.web", look or Look(), advice=ADVICE).install(app)
    return app


REFUSED: dict[str, Any] = {
    "title": "T",
    "what": "W",
    "advice": "A",
    "told": {"status": 404, "code": "c", "detail": "d"},
}


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """Asks for HTML, in no language in particular."""
    transport = httpx.ASGITransport(application(), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://pages.test", headers=BROWSER
    ) as client:
        yield client
