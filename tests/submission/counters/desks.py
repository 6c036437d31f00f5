"""An edition with desks, and what its deadlines do at once instead of when their time has come."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg

from comptoir.browser import Browser
from shared.contacts import Teller, encoded_key
from shared.database import Database
from shared.events.scheme import Counters, Desk, Labelled
from submission.app import TIMERS
from submission.carriers.telling import Telling
from submission.deadlines.firing import fire_due
from tests.submission.editions import edition, publish
from tests.submission.proposing import KEY, Town

RECEPTION = Desk(
    name="reception", fr="Accueil", en="Reception", role="instructor", first=True, answer="2 days"
)
ARTOIS = Desk(
    name="artois-desk", fr="Artois", en="Artois", role="adviser", territories=("artois", "calaisis")
)
ARRAGEOIS = Desk(
    name="arrageois-desk",
    fr="Arrageois",
    en="Arrageois",
    role="adviser",
    territories=("arrageois",),
)
DESKS = (RECEPTION, ARTOIS, ARRAGEOIS)
WORKSHOPS = Counters(
    workshops=(Labelled(name="pitch", fr="Présenter son idée", en="Pitch"),), most_missed=2
)


async def begin_with_desks(
    town: Town, desks: Sequence[Desk] = DESKS, counters: Counters | None = WORKSHOPS
) -> None:
    """The town's edition is one whose charter names desks."""
    await town.connection.execute("delete from mailed_link")
    found = edition(rehearsal=True)
    rules = found.rules.model_copy(update={"desks": tuple(desks), "counters": counters})
    database = Database(town.dsn, name="test")
    town.programme_id = await publish(database, replace(found, rules=rules))
    await database.close()
    await town.connection.execute(
        "update phase set state = case when closes_at <= now() then 'closed'"
        " when opens_at <= now() then 'open' else 'coming' end where programme_id = $1",
        town.programme_id,
    )
    town.since = await town.connection.fetchval("select coalesce(max(id), 0) from outbox")


async def fire(town: Town, *, within: float = 60) -> None:
    """All that is due is done: here, or by the served process, which looks every second."""
    telling = Telling(Teller(encoded_key(KEY), source="submission"), town.url)
    database = Database(town.dsn, name="test")
    due = "select exists (select from deadline where fired_at is null and due_at <= now())"
    async with asyncio.timeout(within):
        while True:
            await fire_due(database, TIMERS, telling)
            if not await town.connection.fetchval(due):
                break
    await database.close()


async def late(town: Town, kind: str, subject: UUID) -> None:
    """The time of a deadline has come, and what it asks for is done."""
    changed = await town.connection.execute(
        "update deadline set due_at = now() where kind = $1 and subject = $2 and fired_at is null",
        kind,
        subject,
    )
    assert changed == "UPDATE 1", f"nothing of {kind} is due"
    await fire(town)


async def handoffs(town: Town, project_id: UUID) -> Sequence[asyncpg.Record]:
    """The handoffs of a project, in the order in which they were asked."""
    found: Sequence[asyncpg.Record] = await town.connection.fetch(
        "select * from handoff where project_id = $1 order by requested_at, after is not null",
        project_id,
    )
    return found


async def states(town: Town, project_id: UUID) -> list[str]:
    """In which states they are."""
    return [row["state"] for row in await handoffs(town, project_id)]


async def ask_desk(town: Town, carrier: Browser, project_id: UUID, desk: str) -> UUID:
    """Ask a desk without a session; the handoff's id."""
    form, action = f"/projects/{project_id}/counter", f"/projects/{project_id}/desk"
    seen = await carrier.fill(form, action, desk=desk)
    assert seen.status == 200, seen.text
    found: UUID = (await handoffs(town, project_id))[-1]["handoff_id"]
    return found


async def act(town: Town, officer: Browser, handoff_id: UUID, name: str, **said: str) -> None:
    """An officer does something with a handoff, in the page's form."""
    page = f"/desk/handoffs/{handoff_id}"
    seen = await officer.fill(page, f"{page}/{name}", **said)
    assert seen.status == 200, seen.text


async def lost(town: Town) -> list[str]:
    """What is wrong with handoffs, of whatever programme: nothing, ever."""
    rows = await town.connection.fetch(
        """
        select h.handoff_id, h.state from handoff h
        left join deadline d on d.kind = 'handoff' and d.subject = h.handoff_id
            and d.fired_at is null
        where case when h.state in ('redirected', 'returned')
            then d.due_at is not null or h.due_at is not null
            else d.due_at is distinct from h.due_at or h.due_at is null end
        union all
        select project_id, 'open ' || count(*) from handoff
        where state not in ('redirected', 'returned') group by project_id having count(*) > 1
        union all
        select h.handoff_id, 'handed on to nobody' from handoff h
        where state = 'redirected' and not exists (
            select from handoff n where n.after = h.handoff_id)
        union all
        select h.handoff_id, 'no place' from handoff h where state in ('scheduled', 'awaiting')
            and not exists (select from registration r where r.handoff_id = h.handoff_id
                and r.gathering_id = h.gathering_id
                and r.state = case h.state when 'scheduled' then 'placed' else 'waiting' end)
        union all
        select r.handoff_id, 'a place of nobody' from registration r
        join handoff h using (handoff_id)
        where r.state in ('placed', 'waiting') and h.state not in ('scheduled', 'awaiting')
        union all
        select g.gathering_id, 'too many' from gathering g where g.capacity < (
            select count(*) from registration r where r.gathering_id = g.gathering_id
            and r.state in ('placed', 'attended', 'missed', 'unmarked'))
        """
    )
    return [f"{row[1]} {row[0]}" for row in rows]
