"""People who propose and guide, each with a device of her own, in an edition whose phases are
open; and what they are told."""

import secrets
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from comptoir.browser import Browser, Seen
from comptoir.ports import free_ports
from shared.contacts import Message, encoded_key, open_sealed
from shared.database import Database
from shared.people import Role
from shared.people.guards import token_hash
from submission.app import SubmissionSettings, application
from tests.backends import Database as Made
from tests.conftest import DatabaseFactory
from tests.serving import served, settings
from tests.submission.editions import edition, publish

KEY = X25519PrivateKey.generate()
NOWHERE = UUID(int=0)
PARIS = ZoneInfo("Europe/Paris")
IDEA = {"title": "Un verger partagé", "summary": "Des arbres fruitiers, au bord du canal."}
REASON = "Le projet rassemble les habitants du quartier."
DOSSIER = {
    "title": "Un verger partagé",
    "carrier": "Les Amis du verger",
    "status": "association",
    "cost": "4 000",
    "summary": "Planter quarante arbres avec les écoles.",
    **{f"document-{name}": "yes" for name in ("budget", "statutes", "registration")},
    "document-bank-details": "yes",
}


@dataclass
class Town:
    """A served submission, with its database as a superuser sees it."""

    url: str
    dsn: str
    connection: asyncpg.Connection
    programme_id: UUID = NOWHERE
    browsers: list[Browser] = field(default_factory=list)
    since: int = 0  # the outbox's last row before this edition
    tokens: dict[frozenset[tuple[str, str]], str] = field(default_factory=dict)

    def browser(self) -> Browser:
        """Somebody with a device of her own."""
        self.browsers.append(Browser(self.url))
        return self.browsers[-1]

    async def publish(
        self, windows: Mapping[str, tuple[float, float]] | None = None, **changed: Any
    ) -> UUID:
        """Another programme, whose open phases are announced as open."""
        database = Database(self.dsn, name="test")
        found = await publish(database, edition(windows, **changed))
        await database.close()
        await self.connection.execute(
            "update phase set state = case when closes_at <= now() then 'closed'"
            " when opens_at <= now() then 'open' else 'coming' end where programme_id = $1",
            found,
        )
        return found

    async def officer(
        self, *roles: Role, programme_id: UUID | None = None, territory: str | None = None
    ) -> Browser:
        """An officer who has signed in."""
        officer_id, token = uuid4(), secrets.token_urlsafe(32)
        await self.connection.execute(
            "insert into officer (officer_id, name) values ($1, 'Camille Officier')", officer_id
        )
        for role in roles:
            await self.connection.execute(
                "insert into role_grant (officer_id, role, programme_id, territory)"
                " values ($1, $2, $3, $4)",
                officer_id,
                role,
                programme_id,
                territory,
            )
        await self.connection.execute(
            "insert into person_session (token_hash, person_id, kind, expires_at)"
            " values ($1, $2, 'officer', now() + interval '1 hour')",
            token_hash(token),
            officer_id,
        )
        browser = self.browser()
        browser.session.cookie_jar.update_cookies({"comptoir-submission-session": token})
        return browser

    async def told(self, name: str | None = None) -> list[Message]:
        """What was told, oldest first; one kind of message or all."""
        rows = await self.connection.fetch(
            "select event_id, convert_from(body, 'UTF8')::jsonb ->> 'sealed' as sealed"
            " from outbox where topic = 'private.contacts' and id > $1 order by id",
            self.since,
        )
        found = [open_sealed(KEY, row["event_id"], b64decode(row["sealed"])) for row in rows]
        return [message for message in found if name in (None, message.name)]

    async def events(self, kind: str | None = None) -> list[str]:
        """The types of the ledgered events about projects so far, without their publisher."""
        rows = await self.connection.fetch(
            "select split_part(type, '.', 2) as kind from outbox"
            " where topic in ('submission.projects', 'submission.counters') and id > $1"
            " order by id",
            self.since,
        )
        return [row["kind"] for row in rows if kind in (None, row["kind"])]

    async def deposit(
        self,
        carrier: Browser,
        address: str = "ada@example.org",
        **said: str,
    ) -> UUID:
        """Somebody deposits an idea and is signed in by it."""
        programme = self.programme_id
        words = {**IDEA, "territory": "artois", "name": "Ada Martin", "language": "fr", **said}
        start = f"/programmes/{programme}/deposit"
        step = {name: words[name] for name in ("title", "summary")}
        seen = await carrier.fill(start, start, **step)
        assert seen.path == f"{start}/where", seen.text
        where = {name: words[name] for name in ("territory", "theme") if name in words}
        seen = await carrier.fill(seen, f"{start}/where", **where)
        assert seen.path == f"{start}/who", seen.text
        who = {name: words[name] for name in ("name", "language")}
        if "address" in seen.fields(f"{start}/who"):
            seen = await carrier.fill(seen, f"{start}/who", **who, address=address)
            assert seen.path == f"{start}/sent", seen.text
            seen = await self.follow(carrier, address)
        else:
            seen = await carrier.fill(seen, f"{start}/who", **who)
        assert seen.status == 200, seen.text
        return UUID(seen.path.removeprefix("/projects/"))

    async def written(self, browser: Browser) -> dict[str, str]:
        """What the last step of her deposit carries of what she wrote: a program has read it."""
        page = f"/programmes/{self.programme_id}/deposit/who"
        return await self.carried(browser, page, page)

    async def follow(self, browser: Browser, address: str) -> Seen:
        """Open the last link that was mailed to an address, and press its button."""
        link = await self.link(address)
        return await browser.fill(link, link)

    async def link(self, address: str) -> str:
        """The path of the last link that was mailed to an address."""
        found = [m for m in await self.told("sign-in-link") if m.contact.address == address]
        return urlsplit(str(found[-1].values["url"])).path

    async def counter(self, adviser: Browser, capacity: int = 3, **said: str) -> UUID:
        """A counter of tomorrow."""
        begins = datetime.now(PARIS) + timedelta(days=1)
        form = f"/desk/programmes/{self.programme_id}/counters/new"
        values = {
            "place": "Centre social, 3 rue de la Paix, Arras",
            "territory": "artois",
            "begins_at": f"{begins:%Y-%m-%dT%H:%M}",
            "ends_at": f"{begins + timedelta(hours=3):%Y-%m-%dT%H:%M}",
            "capacity": str(capacity),
        }
        before = set(await self.gatherings())
        seen = await adviser.fill(form, form, **{**values, **said})
        assert seen.status == 200, seen.text
        [made] = set(await self.gatherings()) - before
        return made

    async def gatherings(self) -> list[UUID]:
        """All counters."""
        rows = await self.connection.fetch("select gathering_id from gathering")
        return [row["gathering_id"] for row in rows]

    async def ask(self, carrier: Browser, project_id: UUID, gathering_id: UUID) -> UUID:
        """Ask a counter for a place; the handoff's id."""
        form = f"/projects/{project_id}/counter"
        seen = await carrier.fill(form, form, counter=str(gathering_id))
        assert seen.path == f"/projects/{project_id}", seen.text
        found: UUID = await self.connection.fetchval(
            "select handoff_id from handoff where project_id = $1 and gathering_id = $2"
            " order by requested_at desc limit 1",
            project_id,
            gathering_id,
        )
        return found

    async def guide(self, carrier: Browser, adviser: Browser, project_id: UUID) -> None:
        """The whole of a counter: asked, accepted, attended."""
        gathering_id = await self.counter(adviser)
        handoff_id = await self.ask(carrier, project_id, gathering_id)
        for act in ("accept", "attended"):
            page = f"/desk/counters/{gathering_id}"
            seen = await adviser.fill(page, f"/desk/handoffs/{handoff_id}/{act}")
            assert seen.path == page, seen.text

    async def file(self, browser: Browser, project_id: UUID, **said: str) -> Seen:
        """File or amend a dossier."""
        form = f"/projects/{project_id}/dossier"
        return await browser.fill(form, form, **{**DOSSIER, **said})

    async def review(
        self, member: Browser, project_id: UUID, *missing: str, family: str = ""
    ) -> Seen:
        """Review a dossier; `family` is said where a committee votes."""
        page, form = f"/desk/projects/{project_id}", f"/desk/projects/{project_id}/review"
        fields = (await member.get(page)).fields(form)
        kept = {name: value for name, value in fields.items() if not name.startswith("missing-")}
        said = {f"missing-{name}": "yes" for name in missing} | (
            {"family": family} if family else {}
        )
        return await member.post(form, kept | said)

    async def shown(self, member: Browser, project_id: UUID, act: str = "review") -> dict[str, str]:
        """What the form of a review or a decision carries of a dossier: a program that sends one
        has read it, too."""
        page = f"/desk/projects/{project_id}"
        return await self.carried(member, page, f"{page}/{act}")

    async def carried(self, browser: Browser, page: str, form: str) -> dict[str, str]:
        """What a form carries of what its page shows."""
        return {"shown": (await browser.get(page)).fields(form)["shown"]}

    async def label(
        self, member: Browser, project_id: UUID, family: str = "cooperation", reason: str = REASON
    ) -> Seen:
        """Give a project its label."""
        form = f"/desk/projects/{project_id}/label"
        page = f"/desk/projects/{project_id}"
        return await member.fill(page, form, family=family, reason=reason)

    async def send(self, browser: Browser, path: str, once: str = "", **said: str) -> Seen:
        """Send a form as a program would, which is told problems as such."""
        fields = {"csrf": await self.token(browser), "once": once or str(uuid4()), **said}
        return await browser.post(path, fields, Accept="application/json")

    async def token(self, browser: Browser) -> str:
        """What her forms carry: it follows from her cookies, and is asked for once."""
        if (held := _cookies(browser)) not in self.tokens:
            csrf = (await browser.get("/sign-in")).fields("/sign-in/mail")["csrf"]
            self.tokens[held := _cookies(browser)] = csrf
        return self.tokens[held]

    async def set_phase(self, name: str, state: str) -> None:
        """Open a phase, close it, or put it off: its window says so too, or the process that moves
        phases would see to it."""
        await self.connection.execute(
            "update phase set state = $2,"
            " opens_at = case $2 when 'coming' then now() + interval '1 hour'"
            " when 'open' then least(opens_at, now()) else opens_at end,"
            " closes_at = case when $2 = 'closed' then now() else now() + interval '1 day' end"
            " where name = $1 and programme_id = $3",
            name,
            state,
            self.programme_id,
        )

    async def snapshot(self) -> dict[str, int]:
        """How much there is of everything: what a refusal leaves as it was."""
        tables = (
            *("idea", "carrier", "project", "project_event", "project_text", "handoff"),
            *("gathering", "registration", "text", "outbox", "draft", "deposit_link", "answered"),
            *("support", "visit", "reminded"),
            *("organisation", "carriage", "clearance", "aid", "consent"),
        )
        return {
            table: await self.connection.fetchval(
                f"select coalesce(sum(hashtextextended({table}::text, 0)), 0) from {table}"
            )
            for table in tables
        }

    async def begin(self) -> None:
        """A new edition: everything is possible in it, and nothing counts."""
        await self.connection.execute("delete from mailed_link")
        # Numbers are one to an organisation in all editions: whoever had them before has none now.
        await self.connection.execute(
            "update organisation set siret = null, siret_words = null, rna = null, rna_words = null"
        )
        await self.connection.execute("delete from organisation_text where is_number")
        self.programme_id = await self.publish(rehearsal=True)
        self.since = await self.connection.fetchval("select coalesce(max(id), 0) from outbox")

    async def leave(self) -> None:
        """Everybody goes home."""
        for browser in self.browsers:
            await browser.close()
        self.browsers.clear()
        self.tokens.clear()


def _cookies(browser: Browser) -> frozenset[tuple[str, str]]:
    """Who somebody is to the server."""
    return frozenset((each.key, each.value) for each in browser.session.cookie_jar)


@asynccontextmanager
async def served_town(made: Made) -> AsyncIterator[Town]:
    """Submission, served for many editions on one database."""
    connection = await asyncpg.connect(made.superuser, ssl=False)
    port = free_ports({"submission": None})["submission"]
    wanted = settings(SubmissionSettings, made.dsn, contacts_key=encoded_key(KEY))
    app = application(wanted.model_copy(update={"port": port}), kafka=False)
    async with served(app, port=port):
        yield Town(f"http://127.0.0.1:{port}", made.dsn, connection)
    await connection.close()


@asynccontextmanager
async def town(database: DatabaseFactory) -> AsyncIterator[Town]:
    """Submission with one edition, on a database of its own."""
    async with served_town(await database("submission")) as found:
        await found.begin()
        yield found
        await found.leave()
