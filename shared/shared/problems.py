"""How HTTP is told that a rule says no (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.refusal import Refusal, Unauthorised


def problem(status: int, code: str, detail: str, **headers: str) -> JSONResponse:
    """An answer of the kind `application/problem+json`."""
    body = {
        "type": f"urn:comptoir:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def map_refusals(app: FastAPI, statuses: Mapping[type[Refusal], int]) -> None:
    """The one place where a process says which status each refusal has."""
    table: dict[type[Refusal], int] = {Unauthorised: 401, **statuses}

    @app.exception_handler(Refusal)
    async def refused(_: Request, refusal: Refusal) -> JSONResponse:
        return problem(table[type(refusal)], refusal.code, str(refusal), **refusal.headers)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(422, "malformed", _sentence(error))

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> JSONResponse:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
        return problem(error.status_code, code, str(error.detail), **dict(error.headers or {}))


def _sentence(error: RequestValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in found['loc'][1:])}: {found['msg']}".lstrip(": ")
        for found in error.errors()
    )
