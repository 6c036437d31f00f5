"""Who may do what: the matrix of people and routes, as it is committed and as routes behave."""

import re
import secrets
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from uuid import uuid4

import aiohttp
import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi import APIRouter, FastAPI

import ledger.app
import submission.app
import voting.count.app
import voting.roll.app
from shared.contacts import encoded_key
from shared.people import Role, everybody, operator
from shared.people.guards import token_hash
from tests.access import FILE, PEOPLE, Access, accesses, in_threads, matrix
from tests.conftest import DatabaseFactory
from tests.contracts.processes import applications
from tests.serving import DESK_KEY, served, settings

DESKS = ("submission", "voting.roll", "voting.count", "ledger")
REFUSED = {401, 403}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, FastAPI]:
    return applications(tmp_path_factory.mktemp("keys"))


def test_the_matrix_is_the_one_that_is_committed(apps: Mapping[str, FastAPI]) -> None:
    assert matrix(apps) == FILE.read_text(), "`python -m tests.access write`, and read what changed"


def test_nothing_is_run_in_a_thread(apps: Mapping[str, FastAPI]) -> None:
    assert {name: found for name, app in apps.items() if (found := sorted(in_threads(app)))} == {}


def test_what_is_run_in_a_thread_is_found() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_api_route("/slow", lambda: None)
    assert [*in_threads(app)] == ["/slow: test_what_is_run_in_a_thread_is_found.<locals>.<lambda>"]


def test_a_route_without_a_guard_is_found() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()
    router.add_api_route("/open", lambda: None)
    app.include_router(router)
    with pytest.raises(AssertionError, match="/open"):
        list(accesses("test", app))


def test_a_bare_route_that_nobody_listed_is_found() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_route("/bare", lambda request: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(AssertionError, match="/bare"):
        list(accesses("test", app))


def test_a_route_with_two_guards_is_found() -> None:
    app, router = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()
    router.add_api_route("/both", lambda: None, dependencies=[everybody, operator])
    app.include_router(router)
    with pytest.raises(AssertionError, match="2 guards"):
        list(accesses("test", app))


def test_nobody_writes_without_a_role_but_where_anybody_may(apps: Mapping[str, FastAPI]) -> None:
    """What is open and changes something is listed here, and nowhere else."""
    found = {
        (a.process, a.path)
        for process, app in apps.items()
        for a in accesses(process, app)
        if a.method not in ("GET", "OPTIONS") and a.guard.anybody
    }
    assert found == {
        *((process, path) for process in DESKS for path in ("/sign-in/staff", "/sign-out")),
        *(("submission", path) for path in ("/sign-in/mail", "/sign-in/link/{token}")),
        ("ledger.witness", "/add-checkpoint"),
        # On to the residents' identity provider: nothing is done before one comes back.
        ("submission", "/sign-in/vouched"),
        ("submission", "/programmes/{programme_id}/deposit"),
        ("submission", "/programmes/{programme_id}/deposit/where"),
        ("submission", "/programmes/{programme_id}/deposit/who"),
        ("submission", "/deposits/{token}"),
        # A link that a minor's representative was mailed is her right.
        ("submission", "/consents/{token}"),
        # Its carrier's alone, and she is signed out by it: sent again, it finds nobody.
        ("submission", "/projects/{project_id}/erase"),
        ("submission", "/account/erase"),
        ("voting.roll", "/rounds/{round_id}/register"),
        ("voting.roll", "/rounds/{round_id}/register/code"),
        ("voting.roll", "/rounds/{round_id}/identify"),
        ("voting.roll", "/rounds/{round_id}/identified"),
        ("voting.roll", "/rounds/{round_id}/tier"),
        ("voting.roll", "/rounds/{round_id}/tokens"),
        *(
            ("voting.booth", f"/rounds/{{round_id}}/{s}")
            for s in ("code", "choose", "check", "cast")
        ),
        ("voting.box", "/ballots"),
        ("voting.count", "/rounds/{round_id}/commission/tried"),
        ("voting.count", "/rounds/{round_id}/openings"),
        ("voting.box", "/highest"),
    }


class Asking:
    """One process, served, with a session for each kind of person."""

    def __init__(self, process: str, url: str, sessions: Mapping[str, str], app: FastAPI) -> None:
        self.url = url
        self.app = app
        self._process = process
        self._sessions = sessions

    async def ask(self, who: str, access: Access) -> int:
        """The status that somebody gets on a route, with ids that nothing has."""
        path = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: _nothing(found[1]), access.path)
        cookies = {}
        if who in self._sessions:
            cookies[f"comptoir-{self._process.replace('.', '-')}-session"] = self._sessions[who]
        headers = {"Accept": "application/json"}
        if who == "operator":
            headers["Authorization"] = f"Bearer {DESK_KEY}"
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar, cookies=cookies) as session:
            data = None
            if access.method == "POST" and who != "operator":
                data = {"csrf": await self._csrf(session)}
            async with session.request(
                access.method, self.url + path, headers=headers, data=data, allow_redirects=False
            ) as answer:
                if answer.status in REFUSED and answer.content_type == "application/problem+json":
                    code = (await answer.json())["code"]
                    assert code != "csrf_refused", f"{who} {access.path}"
                return answer.status

    async def _csrf(self, session: aiohttp.ClientSession) -> str:
        async with session.get(f"{self.url}/sign-in", headers={"Accept": "text/html"}) as page:
            found = re.search(r'name="csrf" value="(\w+)"', await page.text())
        assert found is not None
        return found[1]


def _nothing(name: str) -> str:
    return str(uuid4()) if name.endswith("_id") else "nothing"


@pytest.fixture(params=DESKS)
async def asking(
    request: pytest.FixtureRequest, database: DatabaseFactory, tmp_path: Path
) -> AsyncIterator[Asking]:
    process: str = request.param
    made = await database(process)
    sessions: dict[str, str] = {}
    connection = await asyncpg.connect(made.superuser, ssl=False)
    for who in PEOPLE:
        if who in ("nobody", "operator"):
            continue
        person, sessions[who] = uuid4(), secrets.token_urlsafe(32)
        if who == "resident":
            if process != "submission":
                del sessions[who]
                continue
            await connection.execute(
                "insert into resident values ($1, $2, 'fr')", person, "a@b.example"
            )
        else:
            await connection.execute(
                "insert into officer (officer_id, name) values ($1, 'Somebody')", person
            )
            await connection.execute(
                "insert into role_grant (officer_id, role) values ($1, $2)", person, Role(who)
            )
        await connection.execute(
            "insert into person_session values ($1, $2, $3, now() + interval '1 hour')",
            token_hash(sessions[who]),
            person,
            "resident" if who == "resident" else "officer",
        )
    await connection.close()
    app = _application(process, made.dsn, tmp_path)
    async with served(app) as client:
        yield Asking(process, client.url, sessions, app)


def _application(process: str, dsn: str, keys: Path) -> FastAPI:
    key = encoded_key(X25519PrivateKey.generate())
    people = {
        "oidc_issuer": "http://127.0.0.1:1",
        "oidc_client_id": "none",
        "officers_key": "ab" * 32,
    }
    match process:
        case "submission":
            own = settings(submission.app.SubmissionSettings, dsn, contacts_key=key, **people)
            return submission.app.application(own, kafka=False)
        case "ledger":
            reading = settings(ledger.app.LedgerSettings, dsn, **people)
            return ledger.app.application(reading, kafka=False)
        case "voting.roll":
            wanted = settings(
                voting.roll.app.RollSettings,
                dsn,
                contacts_key=key,
                keys=keys,
                signer=keys / "signer",
                **people,
            )
            return voting.roll.app.application(wanted, kafka=False)
        case _:
            counting = settings(voting.count.app.CountSettings, dsn, keys=keys, **people)
            return voting.count.app.application(counting, kafka=False)


# One never ends; the other, as what begins with `/sign-`, refuses whoever did not leave before.
ELSEWHERE = ("/rounds/{round_id}/events", "/identify/callback")


async def test_each_route_lets_in_whom_the_matrix_names_and_nobody_else(asking: Asking) -> None:
    wrong = []
    for access in accesses(asking.app.title, asking.app):
        if access.path in ELSEWHERE or access.path.startswith("/sign-"):
            continue
        for who, person in PEOPLE.items():
            if who == "resident" and asking.app.title != "submission":
                continue
            status = await asking.ask(who, access)
            if (status in REFUSED) == access.guard.allows(person):
                wrong.append(f"{who} {access.method} {access.path}: {status}")
    assert not wrong
