"""A process that has people and nothing else, with the identity provider of a local platform."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from comptoir.browser import Browser
from comptoir.ports import free_ports
from comptoir.processes import environment
from comptoir.staff import ADMINISTRATORS, CLIENT, provider_argv
from comptoir.supervise import Children, Command
from shared import inbox, outbox
from shared.events import voting
from shared.people import CREATE, CREATE_RESIDENTS, Person, Role, everybody, needs, residents
from shared.people.forms import read_form
from shared.people.people import STATUSES, People
from shared.people.second_officer import ActKind, SecondOfficer
from shared.people.tables import LINKS_PRESSED_TWICE
from shared.process import Process
from shared.settings import Settings
from shared.web.kit import Pages, RoutePages
from tests.conftest import DatabaseFactory
from tests.serving import DESK_KEY, served

DONE = "create table done (act_id text, asked uuid, confirmed uuid);"


@pytest.fixture(scope="session")
async def issuer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of an identity provider: a process of its own, as on a local platform."""
    port = free_ports({"identity": None})["identity"]
    url = f"http://127.0.0.1:{port}"
    children = Children(tmp_path_factory.mktemp("identity"))
    await children.start(Command("identity", provider_argv(port), environment(), grace=3.0))
    async with aiohttp.ClientSession() as session:
        await children.ready("identity", lambda: _answers(session, url), 60.0)
    yield url
    await children.stop("identity")


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/.well-known/openid-configuration") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


@dataclass
class Desk:
    """The served process, what was mailed, and its database as a superuser sees it."""

    url: str
    connection: asyncpg.Connection
    mailed: list[tuple[str, str]] = field(default_factory=list)

    async def announced(self, kind: str) -> list[str]:
        """The bodies of the events of a type, oldest first."""
        rows = await self.connection.fetch(
            "select body from outbox where type = $1 order by id", kind
        )
        return [row["body"].decode() for row in rows]


def acts() -> SecondOfficer:
    """One act, which notes who did it, and refuses where it is told to."""

    async def do(
        session: AsyncSession, parameters: Mapping[str, Any], officers: tuple[UUID, UUID]
    ) -> None:
        connection = await (await session.connection()).get_raw_connection()
        driver: Any = connection.driver_connection
        await driver.execute("insert into done values ($1, $2, $3)", parameters["what"], *officers)
        if parameters["what"] == "impossible":
            raise AssertionError("an act that fails")

    return SecondOfficer(
        source="voting.count",
        asked=voting.SecondOfficerAsked,
        consented=voting.SecondOfficerConsented,
        declined=voting.SecondOfficerDeclined,
        acts={"open-round": ActKind(Role.ADMINISTRATOR, do)},
    )


def routes() -> APIRouter:
    """A route behind each guard."""
    router = APIRouter()

    @router.get("/open", dependencies=[everybody])
    async def open_to_all() -> str:
        return "open"

    @router.get("/mine")
    async def mine(person: Annotated[Person, residents]) -> str:
        return person.address or ""

    @router.get("/desk")
    async def desk(person: Annotated[Person, needs(Role.ADMINISTRATOR)]) -> str:
        return person.name

    @router.post("/desk")
    async def write(person: Annotated[Person, needs(Role.ADMINISTRATOR)]) -> str:
        return person.name

    @router.get("/advice")
    async def advice(person: Annotated[Person, needs(Role.ADVISER)]) -> str:
        return person.name

    @router.get("/form")
    async def form(
        request: Request, pages: RoutePages, person: Annotated[Person, everybody]
    ) -> Response:
        return pages.show(
            request, "sign-in.html", person=person, next="/", staff=1, residents=1, vouched=1
        )

    @router.post("/ask")
    async def ask(request: Request, officer: Annotated[Person, needs(*Role)]) -> str:
        form = await read_form(request)
        async with request.app.state.process.database.begin() as session:
            act = await request.app.state.people.acts.needs_second_officer(
                session,
                "open-round",
                about=str(form["about"]),
                parameters={"what": str(form["what"])},
                reason=str(form.get("reason", "")),
                by=officer,
            )
        return str(act)

    return router


@pytest.fixture
async def desk(database: DatabaseFactory, issuer: str) -> AsyncIterator[Desk]:
    made = await database()
    connection = await asyncpg.connect(made.superuser, ssl=False)
    await connection.execute(
        outbox.CREATE + inbox.CREATE + CREATE + CREATE_RESIDENTS + LINKS_PRESSED_TWICE + DONE
    )
    port = free_ports({"desk": None})["desk"]
    settings = Settings(
        database=made.superuser,
        port=port,
        desk_key=DESK_KEY,
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret="of these tests",
        officers_key="ab" * 32,
        administrators=frozenset(ADMINISTRATORS),
    )
    found = Desk(f"http://127.0.0.1:{port}", connection)
    async with served(application(settings, found), port=port):
        yield found
    await connection.close()


def application(settings: Settings, desk: Desk) -> FastAPI:
    """The process of these tests."""

    def mail(session: AsyncSession, address: str, language: str, url: str, purpose: str) -> None:
        desk.mailed.append((address, url))

    people = People("submission", settings, acts=acts(), mail_link=mail)
    process = Process("submission", settings, kafka=False)
    return process.app([routes()], STATUSES, people=people, pages=Pages("shared.people", settings))


@pytest.fixture
async def browsers(desk: Desk) -> AsyncIterator["Browsers"]:
    """`browsers()` is somebody with a device of her own."""
    made = Browsers(desk.url)
    yield made
    for browser in made.made:
        await browser.close()


@dataclass
class Browsers:
    """Makes browsers for one process."""

    url: str
    made: list[Browser] = field(default_factory=list)

    def __call__(self) -> Browser:
        self.made.append(Browser(self.url))
        return self.made[-1]

    async def officer(self, subject: str) -> Browser:
        """Somebody who has signed in through the provider."""
        browser = self()
        await browser.sign_in(subject)
        return browser
