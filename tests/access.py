"""The matrix of people and routes, read off the routers: `python -m tests.access write`.

One line a route, one column a kind of person. What is committed in `access.txt` is what was meant;
a test holds it against the routers, and another one asks every route as every kind of person.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from shared.people import Grant, Person, Role
from shared.people.guards import Guard
from shared.people.roles import NOBODY, OPERATOR

FILE = Path(__file__).with_name("access.txt")
PEOPLE: Mapping[str, Person] = {
    "nobody": NOBODY,
    "resident": Person(UUID(int=2), "resident", address="a@b.example"),
    **{role: Person(UUID(int=3), "officer", grants=(Grant(role),)) for role in Role},
    "operator": OPERATOR,
}
# Routes without FastAPI's dependencies: each is open to everybody, on purpose.
BARE = {
    ("GET", "/static/{digest}/{path:path}"): "the assets of pages",
    ("GET", "/language/{language}"): "keeps the language that was chosen",
    ("POST", "/ballots"): "asks for no person: the ballot's token and signature are its right",
    ("OPTIONS", "/ballots"): "the browser asks who may cast from its page",
    ("POST", "/rounds/{round_id}/tokens"): "asks for no person: the posted code is its right",
}


class Access(NamedTuple):
    """One route, and who may call it."""

    process: str
    method: str
    path: str
    guard: Guard

    def line(self) -> str:
        """A line of the matrix."""
        allowed = "  ".join(
            ("yes" if self.guard.allows(person) else ".").ljust(len(name))
            for name, person in PEOPLE.items()
        )
        return f"{self.process:<14}{self.method:<8}{self.path:<58}{allowed}".rstrip()


def accesses(process: str, app: FastAPI) -> Iterator[Access]:
    """Every route of a process. Raises `AssertionError` for one without exactly one guard."""
    for route in routes(app.routes):
        methods = sorted((route.methods or set()) - {"HEAD"})
        guards = list(_guards(route.dependant)) if isinstance(route, APIRoute) else []
        for method in methods:
            if not isinstance(route, APIRoute):
                assert (method, route.path) in BARE, f"{process} {method} {route.path} is unlisted"
                guards = [Guard("everybody", anybody=True)]
            assert len(guards) == 1, f"{process} {method} {route.path} has {len(guards)} guards"
            yield Access(process, method, route.path, guards[0])


def routes(found: list[BaseRoute]) -> Iterator[Route]:
    """Routes, those of mounted applications too."""
    for route in found:
        if isinstance(route, Mount):
            yield from routes(list(route.routes))
        else:
            assert isinstance(route, Route), f"{route} is no route that the matrix knows"
            yield route


def _guards(dependant: Dependant) -> Iterator[Guard]:
    if isinstance(dependant.call, Guard):
        yield dependant.call
    for each in dependant.dependencies:
        yield from _guards(each)


def matrix(apps: Mapping[str, FastAPI]) -> str:
    """The whole table."""
    head = f"{'':<14}{'':<8}{'':<58}" + "  ".join(PEOPLE)
    lines = [a.line() for process, app in apps.items() for a in accesses(process, app)]
    return "\n".join([head, *sorted(lines)]) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] != ["write"]:
        sys.exit("usage: python -m tests.access write")
    import tempfile

    from tests.contracts.processes import applications

    with tempfile.TemporaryDirectory() as directory:
        FILE.write_text(matrix(applications(Path(directory))))
