"""The matrix of people and routes, read off the routers: `python -m tests.access write`.

One line a route, one column a kind of person. What is committed in `access.txt` is what was meant;
a test holds it against the routers, and another one asks every route as every kind of person.
"""

import sys
from collections.abc import Iterator, Mapping
from inspect import iscoroutinefunction
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Mount

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
    ("GET", "/logs/{log}/checkpoint"): "asks for no person: the record is everybody's",
    ("GET", "/logs/{log}/tile/{path:path}"): "asks for no person: the record is everybody's",
    ("GET", "/static/{digest}/{path:path}"): "the assets of pages",
    ("GET", "/language/{language}"): "keeps the language that was chosen",
    ("POST", "/ballots"): "asks for no person: the ballot's token and signature are its right",
    ("POST", "/highest"): "asks for no person: the signature of the ballot key is its right",
    ("OPTIONS", "/ballots"): "the browser asks who may cast from its page",
    ("POST", "/rounds/{round_id}/commission/tried"): "who opened the test ballot holds the key",
    ("POST", "/rounds/{round_id}/openings"): "who opened the test ballot holds the key",
    ("POST", "/add-checkpoint"): "asks for no person: the log's signature is its right",
    ("POST", "/rounds/{round_id}/tier"): "asks for no person: the posted code is its right",
    ("POST", "/rounds/{round_id}/tokens"): "asks for no person: the posted code is its right",
    ("POST", "/rounds/{round_id}/code"): "a step in the booth, which keeps nothing",
    ("POST", "/rounds/{round_id}/choose"): "a step in the booth: the posted code is its right",
    ("POST", "/rounds/{round_id}/check"): "a step in the booth: the posted code is its right",
    ("POST", "/rounds/{round_id}/cast"): "a step in the booth: the posted code is its right",
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
        return f"{self.process:<14}{self.method:<8}{self.path:<57} {allowed}".rstrip()


def accesses(process: str, app: FastAPI) -> Iterator[Access]:
    """Every route of a process. Raises `AssertionError` for one without exactly one guard."""
    for route in iter_route_contexts(app.routes):
        assert not isinstance(route.original_route, Mount), f"{process} mounts {route.path}"
        path, described = route.path or "", isinstance(route.original_route, APIRoute)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            if described:
                guards = list(_guards(route.dependant))
            else:
                assert (method, path) in BARE, f"{process} {method} {path} is unlisted"
                guards = [Guard("everybody", anybody=True)]
            assert len(guards) == 1, f"{process} {method} {path} has {len(guards)} guards"
            yield Access(process, method, path, guards[0])


def in_threads(app: FastAPI) -> Iterator[str]:
    """What FastAPI would run in a thread, route by route: each costs a switch there and back."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            yield from (f"{route.path}: {name}" for name in _in_threads(route.dependant))


def _in_threads(dependant: Dependant) -> Iterator[str]:
    call = dependant.call
    if call is not None and not (iscoroutinefunction(call) or isinstance(call, Guard)):
        yield getattr(call, "__qualname__", repr(call))
    for each in dependant.dependencies:
        yield from _in_threads(each)


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
