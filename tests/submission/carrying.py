"""What tests of carriers do: charters with conditions, organisations, parts, filed dossiers."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from comptoir.browser import Browser, Seen
from shared.contacts import Contact, Teller, encoded_key
from shared.database import Database, database_time
from shared.events.scheme import Funding, Submitting
from submission.carriers.checking import hold_depositor
from submission.carriers.consenting import Representative
from submission.carriers.telling import Telling
from submission.projects.depositing import deposit_idea
from submission.projects.finding import edition
from submission.projects.ideas import Place, Words
from tests.submission.proposing import KEY, Town

# An identifier of the social and solidarity economy that holds for a while.
SSE = {"sse": "62-2025-117", "sse_until": f"{datetime.now(UTC).date() + timedelta(days=300)}"}
SIRET, RNA = "73282932000074", "W622000001"
ASSOCIATION = {"name": "Les Amis du verger", "type": "association", "siret": SIRET, "rna": ""}
WHOLE = Funding(identifiers=("siret", "rna"), contract=True, de_minimis=300_000_00)


async def say(
    town: Town, submitting: Submitting | None = None, funding: Funding | None = None
) -> None:
    """The edition's charter says this of who submits, and of what follows."""
    said = {"submitting": submitting, "funding": funding}
    for part, model in said.items():
        if model is not None:
            await town.connection.execute(
                "update programme set rules = jsonb_set(rules, array[$2], $3::jsonb)"
                " where programme_id = $1",
                town.programme_id,
                part,
                model.model_dump_json(exclude_none=True),
            )


@asynccontextmanager
async def database(town: Town) -> AsyncIterator[Database]:
    """The town's database, as another replica of the process has it."""
    found = Database(town.dsn, name="test")
    yield found
    await found.close()


def telling() -> Telling:
    """A way to carriers."""
    return Telling(Teller(encoded_key(KEY), source="submission"), "http://submission.example")


async def deposit(
    replica: Database,
    town: Town,
    resident: UUID,
    address: str = "ada@example.org",
    name: str = "Ada Martin",
    representative: str | None = None,
    **said: Any,
) -> UUID:
    """Deposit an idea as the form does once all that it asks is checked."""
    asked = representative and Representative(Contact(representative, "fr"), "agree")
    async with replica.begin() as session:
        found = await edition(session, town.programme_id)
        await hold_depositor(session, found.rules, resident)
        now = await database_time(session)
        words = Words("Un verger", "Des arbres.", name)
        contact = Contact(address, "fr")
        return await deposit_idea(
            session,
            found,
            uuid4(),  # of no draft
            words,
            Place("artois"),
            resident,
            contact,
            now,
            telling(),
            representative=asked or None,
            **said,
        )


async def resident(town: Town, address: str) -> UUID:
    """The id of whoever has this address, now or from now on."""
    found: UUID = await town.connection.fetchval(
        "insert into resident (resident_id, address, language) values ($1, $2, 'fr')"
        " on conflict (address) do update set language = 'fr' returning resident_id",
        uuid4(),
        address,
    )
    return found


async def declare(browser: Browser, **said: str) -> UUID:
    """Declare an organisation."""
    form = "/organisations/new"
    seen = await browser.fill(form, form, **{**ASSOCIATION, **said})
    assert seen.status == 200, seen.words()
    return UUID(seen.path.removeprefix("/organisations/"))


async def give(
    browser: Browser, project_id: UUID, part: str, organisation: UUID | str, **said: str
) -> Seen:
    """Give an organisation a part in a project: one's own by its id, any by its number."""
    form = f"/projects/{project_id}/carriers"
    by = {"organisation": f"{organisation}"} if isinstance(organisation, UUID) else {}
    number = {} if by else {"number": str(organisation)}
    return await browser.fill(form, form, part=part, **by, **number, **said)


async def filed(town: Town, project_id: UUID, cost: int = 4_000_00) -> None:
    """The dossier of an idea is there, and complete, straight into the table."""
    await town.connection.execute(
        "insert into project (project_id, programme_id, title, cost, missing)"
        " select project_id, programme_id, title, $2, '{}' from idea where project_id = $1",
        project_id,
        cost,
    )
    await town.connection.execute(
        "update idea set stage = 'complete' where project_id = $1", project_id
    )


async def funded(town: Town, project_id: UUID, on: datetime | None = None) -> None:
    """A validated result of another year's vote funded a project."""
    round_id = uuid4()
    await town.connection.execute(
        "insert into round_state (round_id, allocation, validated, validated_at)"
        " values ($1, 'a', 'a', $2)",
        round_id,
        on or datetime.now(UTC),
    )
    await town.connection.execute(
        "insert into decision (round_id, project_id, funded, amount) values ($1, $2, true, 5)",
        round_id,
        project_id,
    )


async def events(town: Town, kind: str) -> list[dict[str, Any]]:
    """What was announced of one type, oldest first."""
    rows = await town.connection.fetch(
        "select body from outbox where type = $1 and id > $2 order by id",
        f"submission.{kind}.v1",
        town.since,
    )
    return [json.loads(row["body"]) for row in rows]


async def words(town: Town, content_id: str) -> str | None:
    """The words behind a commitment; None where they are erased."""
    found: str | None = await town.connection.fetchval(
        "select value from text where content_id = $1", content_id
    )
    return found


def code(seen: Seen) -> tuple[int, str]:
    """Status and code of a problem."""
    return seen.status, str(json.loads(seen.text)["code"])
