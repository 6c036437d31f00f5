"""Roll, box, count and the booth, each served, and voters who have no script."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi import FastAPI

from comptoir.browser import Browser, Seen
from comptoir.ports import free_ports
from shared import sealing
from shared.events import Event
from shared.events.ballots import Approval, Format
from shared.events.projects import DossierFiled
from shared.events.submission import CharterPublished, OptionsFrozen, options_digest
from shared.events.voting import (
    BallotCast,
    OptionListed,
    RoundOpened,
    RoundPrepared,
    TierKeysPrepared,
)
from shared.sealing import Place
from tests.conftest import DatabaseFactory
from tests.opening import HASH
from tests.serving import served, settings
from tests.telling import CONTACTS_KEY
from tests.voting.box.conftest import ServedBox
from tests.voting.count.conftest import LOG, ServedCount, project
from tests.voting.count.conftest import rule as rule_of
from tests.voting.count.test_sealed import KEY, tried
from tests.voting.roll.conftest import Roll
from tests.voting.roll.elections import OPTIONS, TITLE, text
from tests.voting.signer.serving import signing
from voting.booth.app import BoothSettings
from voting.booth.app import application as booth_application
from voting.box.app import BoxSettings
from voting.box.app import application as box_application
from voting.count.app import CountSettings
from voting.count.app import application as count_application
from voting.roll.app import RollSettings
from voting.roll.app import application as roll_application

BOOTH_KEY = "the booth's key, of these tests alone"
TITLES = [title for title, *_ in OPTIONS]
FORM = Approval(max=2, wrong="refused")


@dataclass
class Town:
    """Everything but the voters."""

    roll: Roll
    box: ServedBox
    count: ServedCount
    sites: Mapping[str, str]
    directory: Path
    stack: AsyncExitStack
    browsers: list[Browser] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The booth."""
        return self.sites["booth"]

    async def opened(
        self,
        form: Format = FORM,
        *,
        secrecy: str = "live",
        assisted: bool = True,
        rehearsal: bool = True,
        general: Sequence[int] = (),
        **others: Any,
    ) -> UUID:
        """A round that is open everywhere, prepared and opened by count. Options of the numbers
        `general` are of no territory."""
        programme, round_id, title = uuid4(), uuid4(), text(TITLE)
        words = [(text(name), text(summary)) for name, summary, *_ in OPTIONS]
        charter = CharterPublished(
            programme_id=programme,
            log=LOG,
            title=title.content_id,
            charter=HASH,
            rehearsal=rehearsal,
        )
        dossiers = [
            DossierFiled(
                project_id=project(programme, n),
                programme_id=programme,
                title=named.content_id,
                summary=summary.content_id,
                cost=cost,
                territory=None if n in general else territory,
            )
            for n, ((named, summary), (_, _, cost, territory)) in enumerate(
                zip(words, OPTIONS, strict=True), 1
            )
        ]
        known = [(each.project_id, each.cost, each.title) for each in dossiers]
        frozen = OptionsFrozen(
            round_id=round_id,
            programme_id=programme,
            options=tuple(option for option, _, _ in known),
            digest=options_digest(known),
        )
        await self.count.handle(charter)
        await self.count.handle(*dossiers)
        await self.count.handle(frozen)
        said = form.model_dump(mode="json", exclude_none=True)
        prepared = await self.count.prepare(
            round_id,
            format=said,
            rule=rule_of(2_000_000),
            secrecy=secrecy,
            assisted=assisted,
            rehearsal=rehearsal,
            **others,
        )
        assert prepared.status == 201, prepared.raw
        await self.roll.handle(title, *(each for pair in words for each in pair), charter)
        listed = await self._said(round_id, OptionListed)
        await self.roll.handle(*await self._said(round_id, RoundPrepared), *listed)
        keys = [
            TierKeysPrepared.model_validate(each)
            for each in await self.roll.announced(TierKeysPrepared)
            if each["round_id"] == str(round_id)
        ]
        await self.count.handle(*keys)
        if secrecy == "sealed":
            assert (await tried(self.count, round_id)).status == 201
        assert (await self.count.open(round_id)).body["state"] == "open"
        opening = await self._said(round_id, RoundOpened)
        await self.roll.handle(*opening)
        await self.box.handle(*listed, *opening)
        return round_id

    async def _said(self, round_id: UUID, kind: type[Event]) -> list[Event]:
        """What count announced of a round."""
        found = await self.count.announced(kind)
        return [kind.model_validate(e) for e in found if e["round_id"] == str(round_id)]

    async def code(self, round_id: UUID) -> str:
        """A code of tier A that nobody has used."""
        return await self.roll.code(round_id)

    async def ballots(self, round_id: UUID) -> list[BallotCast]:
        """What the box has published of a round, after a flush; count has heard of all of it."""
        await self.box.flush()
        found = [
            BallotCast.model_validate(each)
            for each in await self.box.announced()
            if each["round"] == str(round_id)
        ]
        if found:
            await self.count.handle(*found)
        return sorted(found, key=lambda ballot: (ballot.key, ballot.revision))

    async def visitor(self, language: str = "en") -> Browser:
        """Somebody without a script."""
        browser = Browser(self.url)
        browser.session.headers["Accept-Language"] = language
        self.browsers.append(await self.stack.enter_async_context(browser))
        return browser


@dataclass
class Voter:
    """Somebody in the booth, with a code; `page` is where she is."""

    browser: Browser
    round_id: UUID
    page: Seen
    lang: str = "en"

    def action(self, step: str) -> str:
        """What the form of a step leads to."""
        return f"/rounds/{self.round_id}/{step}?lang={self.lang}"

    async def send(self, step: str, **fields: str) -> Seen:
        """Fill in the form that leads to a step."""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        self.page = await self.browser.fill(self.page, self.action(step), **named)
        return self.page

    async def to_the_projects(self, code: str, voting: str = "") -> Seen:
        """Agree, and say who she is."""
        await self.send("code", agreed="yes")
        return await self.send("choose", code=code, voting=voting)

    async def to_the_check(self, **choices: str) -> Seen:
        """Choose: `option_3="1"`."""
        return await self.send("check", **choices)

    async def cast(self) -> Seen:
        """Cast what was checked."""
        return await self.send("cast")

    @property
    def voting_code(self) -> str:
        """What the page shows."""
        return self.page.text.partition("data-voting-code>")[2].partition("<")[0]

    @property
    def code_of_trouble(self) -> str:
        """The stable code of what was refused."""
        found = re.search(r'role="alert".*?<code>(\w+)</code>', self.page.text, re.DOTALL)
        return "" if found is None else found[1]


async def voter(town: Town, round_id: UUID, language: str = "en") -> Voter:
    """Somebody at the booth's notice."""
    browser = await town.visitor(language)
    return Voter(browser, round_id, await browser.get(f"/rounds/{round_id}"), language)


def unsealed(ballot: BallotCast, key: X25519PrivateKey = KEY) -> tuple[list[Any], bytes]:
    """What the commission reads in a ballot, and the salt."""
    assert ballot.sealed is not None
    place = Place(str(ballot.round), ballot.tier, ballot.key, ballot.revision)
    return sealing.open_sealed(key, place, ballot.sealed)


def booth_app(sites: Mapping[str, str], booth_key: str = BOOTH_KEY) -> FastAPI:
    """A booth beside these processes."""
    known = BoothSettings(
        roll=sites["roll"],
        box=sites["box"],
        count=sites["count"],
        booth_key=booth_key,
        sites=dict(sites),
        port=0,
    )
    return booth_application(known)


@asynccontextmanager
async def held(database: DatabaseFactory, directory: Path) -> AsyncIterator[Town]:
    """All four, each of the three on a database of its own."""
    names = ("roll", "box", "count", "booth")
    ports = free_ports(dict.fromkeys(names))
    sites = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    sites["ledger"] = "http://127.0.0.1:1"  # which nobody asks here
    policy = directory / "policy"
    policy.write_text("quorum none\n")
    made = {name: await database(f"voting.{name}") for name in names[:3]}
    supers = {n: await asyncpg.connect(m.superuser, ssl=False) for n, m in made.items()}
    keys = {name: directory / name for name in names}
    async with AsyncExitStack() as stack:
        signer = await stack.enter_async_context(signing(directory))
        of_roll = settings(
            RollSettings,
            made["roll"].dsn,
            keys=keys["roll"],
            signer=signer.socket,
            policy=policy,
            counted_every=10**6,
            contacts_key=CONTACTS_KEY,
            booth_key=BOOTH_KEY,
            sites=sites,
        )
        of_box = settings(BoxSettings, made["box"].dsn, keys=keys["box"], sites=sites)
        of_count = settings(CountSettings, made["count"].dsn, keys=keys["count"], sites=sites)
        apps = {
            "roll": roll_application(of_roll, kafka=False),
            "box": box_application(of_box, kafka=False),
            "count": count_application(of_count, kafka=False),
            "booth": booth_app(sites),
        }
        clients = {
            name: await stack.enter_async_context(served(app, port=ports[name]))
            for name, app in apps.items()
        }
        roll = Roll(
            clients["roll"], supers["roll"], made["roll"].dsn, sites["roll"], signer, directory
        )
        box = ServedBox(supers["box"], made["box"].dsn, clients["box"])
        count = ServedCount(supers["count"], made["count"].dsn, clients["count"])
        yield Town(roll, box, count, sites, directory, stack)
        for each in (roll, box, count):
            await each.database.close()
    for connection in supers.values():
        await connection.close()
