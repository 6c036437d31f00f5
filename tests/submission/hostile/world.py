"""Everything that can happen in an edition, with hostile words in every field that takes words."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from comptoir.browser import Browser, Seen
from shared.database import Database
from shared.events.scheme import Category, Costs, Counters, Desk, Document, Labelled
from shared.people import Role
from tests.submission.carrying import WHOLE, database, deposit, resident
from tests.submission.documents.files import pdf
from tests.submission.editions import BODIES, NAME, edition, labelled_project, publish
from tests.submission.hostile.said import hostile, numbers
from tests.submission.hostile.somebody import HostileTown
from tests.submission.planned import labelled_idea
from tests.submission.proposing import PARIS

EVERY = (
    *(Role.ADMINISTRATOR, Role.ADVISER, Role.COMMITTEE, Role.INSTRUCTOR),
    Role.RETURNING_OFFICER,
)
YEAR = str(datetime.now(UTC).year + 1)
SIRET = "55208131766522"


@dataclass
class World:
    """The people of a town, and what they made: by the names that routes have for it."""

    town: HostileTown
    ada: Browser
    clerk: Browser
    second: Browser
    nobody: Browser
    bo: Browser
    dee: Browser
    eve: Browser
    known: dict[str, list[str]] = field(default_factory=dict)
    marked: Iterator[int] = field(default_factory=numbers)

    def say(self) -> str:
        """Words with a mark of their own."""
        return hostile(next(self.marked))

    def labels(self) -> dict[str, str]:
        """A label in both languages."""
        return {"fr": self.say(), "en": self.say()}

    def made(self, name: str, *found: Any) -> None:
        """Remember what was made."""
        self.known.setdefault(name, []).extend(str(each) for each in found)

    async def reason(self, who: Browser, page: str | Seen, action: str, **said: str) -> Seen:
        """Do something with a reason."""
        seen = await who.fill(page, action, **{"reason": self.say(), **said})
        assert seen.status == 200, (action, seen.words())
        return seen


async def built(town: HostileTown) -> World:
    """The whole of it."""
    clerk, second = [await town.officer(*EVERY) for _ in range(2)]
    await town.connection.execute(
        "update officer set name = $1, address = officer_id || '@example.org'", hostile(999)
    )
    ada, nobody, bo, dee, eve = [town.browser() for _ in range(5)]
    world = World(town, ada, clerk, second, nobody, bo, dee, eve)
    for part in (_publish, _guide, _file, _move, _carry, _decide, _govern, _begin):
        await part(world)
    return world


async def _publish(world: World) -> None:
    """An edition all of whose labels are hostile."""
    town = world.town
    found = edition(
        rehearsal=True,
        title=world.say(),
        territories=[{"name": "artois", **world.labels()}],
        families=[{"name": "cooperation", "ceiling": "20 000 EUR", **world.labels()}],
        documents=[{"name": "budget", "file": True, **world.labels()}],
        carrier_statuses=[{"name": "association", **world.labels()}],
        bodies=[
            {
                **{"name": "jury", "members": 5, "quorum": "1/2", "decides": "opinion"},
                **{"during": "vote", **world.labels()},
                "format": {"type": "decision", "members": 5, "quorum": "1/2"},
            }
        ],
    )
    desk = Desk(name="desk", role="adviser", answer="2 days", **world.labels())
    other = Desk(name="other", role="instructor", answer="2 days", **world.labels())
    rules = found.rules.model_copy(
        update={
            "desks": (desk, other),
            "counters": Counters(workshops=(Labelled(name="pitch", **world.labels()),)),
            "counter_attended": False,
            "themes": (Labelled(name="food", **world.labels()),),
            "categories": (Category(name="youth", **world.labels()),),
            "principles": (Labelled(name="local", **world.labels()),),
            "costs": Costs(
                kinds=(Labelled(name="things", **world.labels()),),
                excluded=(Labelled(name="fees", **world.labels()),),
            ),
            "documents": (
                Document(name="budget", file=True, **world.labels()),
                Document(name="statutes", **world.labels()),
            ),
            "funding": WHOLE.model_copy(
                update={"duties": (Labelled(name="credit", **world.labels()),)}
            ),
        }
    )
    database_ = Database(town.dsn, name="test")
    town.programme_id = await publish(database_, replace(found, rules=rules))
    await database_.close()
    await town.connection.execute(
        "update phase set state = case when closes_at <= now() then 'closed'"
        " when opens_at <= now() or name = 'vote' then 'open' else 'coming' end,"
        " opens_at = least(opens_at, now()) where programme_id = $1",
        town.programme_id,
    )
    world.made("programme_id", town.programme_id)
    world.made("name", "jury")
    world.made("version", 1)


async def _idea(world: World) -> UUID:
    said = {"title": world.say(), "summary": f"{world.say()}\n{world.say()}", "name": world.say()}
    project_id = await world.town.deposit(world.ada, theme="food", **said)
    world.made("project_id", project_id)
    return project_id


async def _session(world: World, **said: str) -> UUID:
    said = {"title": world.say(), "place": world.say(), "host": world.say(), **said}
    found = await world.town.counter(
        world.clerk, 3, desk="desk", online="", **{"workshop-pitch": "yes"}, **said
    )
    world.made("gathering_id", found)
    return found


async def _guide(world: World) -> None:
    """Sessions, and all that desks say about those who come to them."""
    town, clerk = world.town, world.clerk
    project_id, gathering_id = await _idea(world), await _session(world)
    for act in ("decline", "missed", "attended"):
        handoff_id = await town.ask(world.ada, project_id, gathering_id)
        page = f"/desk/handoffs/{handoff_id}"
        world.made("handoff_id", handoff_id)
        if act != "decline":
            await clerk.fill(page, f"{page}/accept")
        if act == "attended":
            await clerk.fill(page, f"{page}/attended")
        else:
            await world.reason(clerk, page, f"{page}/{act}")
        if act == "missed":
            await world.reason(clerk, page, f"{page}/return")
    lost = await _idea(world)
    form = f"/projects/{lost}/counter"
    seen = await world.ada.fill(form, f"/projects/{lost}/desk", desk="desk")
    assert seen.status == 200, seen.words()
    handoff_id = await town.connection.fetchval(
        "select handoff_id from handoff where project_id = $1", lost
    )
    page = f"/desk/handoffs/{handoff_id}"
    await world.reason(clerk, page, f"{page}/redirect", desk="other")
    world.made("handoff_id", handoff_id)
    placeless = await _idea(world)
    form = f"/projects/{placeless}/counter"
    await world.ada.fill(form, f"/projects/{placeless}/desk", desk="desk")
    handoff_id = await town.connection.fetchval(
        "select handoff_id from handoff where project_id = $1", placeless
    )
    page = f"/desk/handoffs/{handoff_id}"
    await clerk.fill(page, f"{page}/accept")
    world.made("handoff_id", handoff_id)
    other = await _session(world)
    page = f"/desk/counters/{other}/amend"
    again = {"title": world.say(), "place": world.say(), "host": world.say()}
    await world.reason(clerk, page, page, **again)
    await town.ask(world.ada, await _idea(world), await _session(world))
    await world.reason(clerk, page, f"/desk/counters/{other}/cancel")


async def _file(world: World) -> None:
    """Dossiers with files, found complete."""
    town = world.town
    project_id = UUID(world.known["project_id"][0])
    for each in [project_id] + [await _idea(world) for _ in range(4)]:
        said = {
            **{"title": world.say(), "carrier": world.say(), "summary": world.say()},
            **{"status": "association", "cost": "4 000", "theme": "food", "category": "youth"},
            **{"principle-local": "yes", "document-statutes": "yes"},
            **{"cost-kind-1": "things", "cost-amount-1": "5 000", "income-own": "1 000"},
        }
        form = f"/projects/{each}/dossier"
        seen = await world.ada.fill(form, form, **said)
        assert seen.path == f"/projects/{each}", seen.words()
        form = f"/projects/{each}/documents"
        seen = await world.ada.upload(
            form, form, pdf(), f"{world.say()}.pdf", document="budget", media="text/html"
        )
        assert seen.status == 200, seen.words()
        found = await town.connection.fetchval(
            "select document_id from document where project_id = $1", each
        )
        world.made("document_id", found)
        seen = await town.review(world.clerk, each)
        assert seen.status == 200, seen.words()


async def _move(world: World) -> None:
    """Projects that stop, wait, become several, or one."""
    clerk = world.clerk
    project_id = await _idea(world)
    for act in ("suspend", "resume", "withdraw"):
        page = f"/desk/projects/{project_id}/standing"
        await world.reason(clerk, page, f"/desk/projects/{project_id}/{act}")
    project_id = await _idea(world)
    titles = {f"title-{number}": world.say() for number in range(1, 11)}
    page = f"/desk/projects/{project_id}/standing"
    await world.reason(clerk, page, f"/desk/projects/{project_id}/split", **titles)
    project_id = await _idea(world)
    page = f"/projects/{project_id}/withdraw"
    await world.reason(world.ada, page, page)
    into, merged = await _idea(world), await _idea(world)
    page = f"/desk/projects/{into}/standing"
    await world.reason(clerk, page, f"/desk/projects/{into}/merge", **{f"merged-{merged}": "yes"})


async def _carry(world: World) -> None:
    """Organisations with their parts, aids, and what the desk finds of them."""
    ada, clerk, project_id = world.ada, world.clerk, UUID(world.known["project_id"][0])
    for number in (SIRET, "", ""):
        form = "/organisations/new"
        said = {"name": world.say(), "type": "association", "siret": number}
        seen = await ada.fill(form, form, **said, sse=world.say())
        assert seen.status == 200, seen.words()
        organisation = seen.path.removeprefix("/organisations/")
        world.made("organisation_id", organisation)
        form = f"/organisations/{organisation}"
        seen = await ada.fill(form, form, name=world.say(), sse=world.say())
        assert seen.status == 200, seen.words()
        aid = {"granted_on": "2026-01-01", "amount": "50", "granted_by": world.say()}
        seen = await ada.fill(form, f"{form}/aids", **aid)
        assert seen.status == 200, seen.words()
    carriers = f"/projects/{project_id}/carriers"
    lead, host, _ = world.known["organisation_id"]
    for part, found in (("lead", lead), ("host", host), ("joint", host)):
        said = {"part": part, "organisation": found, "status": "association"}
        seen = await ada.fill(carriers, carriers, **said)
        assert seen.status == 200, seen.words()
    rows = await world.town.connection.fetch(
        "select carrier_id, part from carriage where project_id = $1", project_id
    )
    of = {row["part"]: row["carrier_id"] for row in rows}
    await world.reason(ada, carriers, f"{carriers}/{of['joint']}/leave")
    page = f"/desk{carriers}"
    aid = {"granted_on": "2026-02-01", "amount": "70", "granted_by": world.say()}
    await world.reason(clerk, page, f"/desk/projects/{project_id}/aids", **aid)
    [entered] = await world.town.connection.fetch("select aid_id from aid where amount = 7000")
    remove = f"/desk/projects/{project_id}/aids/{entered['aid_id']}/remove"
    await world.reason(clerk, page, remove)
    clear = {"status": "yes", "contract_on": "2026-03-01"}
    for act in ("clear", "withdraw"):
        found = of["lead"]
        await world.reason(clerk, page, f"{page}/{found}/{act}", **clear)
    person = await resident(world.town, "kim@example.org")
    async with database(world.town) as replica:
        await deposit(
            replica, world.town, person, "kim@example.org", representative="parent@example.org"
        )
    link = await world.town.link("parent@example.org")
    world.made("token", link.removeprefix("/consents/"))


async def _decide(world: World) -> None:
    """Labels that are given and refused, and rounds that are asked for."""
    ids = [UUID(each) for each in world.known["project_id"]]
    rows = await world.town.connection.fetch(
        "select project_id from idea where stage = 'complete' and project_id = any($1)", ids
    )
    first, second, *_ = [row["project_id"] for row in rows]
    for act, project_id in (("label", first), ("refuse", second)):
        page = f"/desk/projects/{project_id}"
        await world.reason(world.clerk, page, f"{page}/{act}", family="cooperation")
    page = f"/desk/programmes/{world.town.programme_id}/bodies/jury"
    await world.reason(world.clerk, page, page)
    await _give_and_freeze(world)


async def _give_and_freeze(world: World) -> None:
    """An edition whose committee votes on labels, and one whose labelling is over."""
    town, here = world.town, world.town.programme_id
    voting = await town.publish(rehearsal=True, bodies=BODIES, counter_attended=False)
    project_id = await labelled_idea(town.connection, voting, 100)
    await town.connection.execute(
        "update idea set stage = 'complete' where project_id = $1", project_id
    )
    await town.connection.execute(
        "update project set reason = null, family = null, voted_family = 'cooperation'"
        " where project_id = $1",
        project_id,
    )
    over = {"labelling": (-3.0, -1.0), "dossiers": (-4.0, -2.0), "vote": (1.0, 2.0)}
    labelled = await town.publish(over, rehearsal=True)
    await labelled_project(town.connection, labelled)
    for programme_id, act in ((voting, "committee"), (labelled, "freeze")):
        page = f"/desk/programmes/{programme_id}"
        await world.reason(world.clerk, page, f"{page}/{act}")
        world.made("programme_id", programme_id)
    town.programme_id = here


async def _begin(world: World) -> None:
    """Somebody who has not yet followed her link, one who wants to sign in, and one who has and
    carries nothing."""
    town, bo = world.town, world.bo
    start = f"/programmes/{town.programme_id}/deposit"
    await bo.fill(start, start, title=world.say(), summary=world.say())
    seen = await bo.fill(f"{start}/where", f"{start}/where", territory="artois", theme="food")
    seen = await bo.fill(seen, f"{start}/who", name=world.say(), address="bo@example.org")
    assert seen.path == f"{start}/sent", seen.words()
    world.made("token", (await town.link("bo@example.org")).rpartition("/")[2])
    seen = await world.nobody.fill("/sign-in", "/sign-in/mail", address="cy@example.org")
    assert seen.status == 200, seen.words()
    world.made("token", (await town.link("cy@example.org")).rpartition("/")[2])
    dee = world.dee
    said = {"title": world.say(), "name": world.say(), "theme": "food"}
    await town.deposit(dee, "dee@example.org", **said)
    page = f"/projects/{world.known['project_id'][1]}"
    seen = await dee.fill(page, f"{page}/support")
    assert seen.status == 200, seen.words()
    await world.eve.fill("/sign-in", "/sign-in/mail", address="eve@example.org")
    assert (await town.follow(world.eve, "eve@example.org")).status == 200
    rows = [["reference", "title", "summary", "territory", "name"]]
    rows += [["r1", *(world.say() for _ in range(2)), "artois", world.say()]]
    rows += [[world.say() for _ in range(5)]]
    into = io.StringIO()
    csv.writer(into, delimiter=";").writerows(rows)
    page = f"/desk/programmes/{town.programme_id}/imports"
    for then in ("recorded", "read"):
        called = f"{world.say()}.csv"
        seen = await world.clerk.upload(page, page, into.getvalue().encode(), called, kind="ideas")
        assert seen.status == 200, seen.words()
        world.made("import_id", seen.path.rpartition("/")[2])
        if then == "recorded":
            await world.reason(world.clerk, seen, f"{seen.path}/run")


async def _govern(world: World) -> None:
    """Charters, dates, roles and erasures, each with its reason; half of them are declined."""
    clerk = world.clerk
    new = "/desk/programmes/new"
    filled = {"preset": NAME, "edition": YEAR, "title": world.say(), "rehearsal": "yes"}
    seen = await clerk.fill(new, new, **filled)
    assert seen.status == 200, seen.words()
    await world.reason(clerk, seen, "/desk/programmes")
    await _confirmed(world, "publish-charter")
    seen = await clerk.fill(new, new, **filled | {"title": world.say()})
    await world.reason(clerk, seen, "/desk/programmes")
    programme_id = await world.town.connection.fetchval(
        "select programme_id from programme where not programme_id::text = any($1)",
        world.known["programme_id"],
    )
    world.made("programme_id", programme_id)
    file = f"preset: {NAME}\nedition: {YEAR}\nrehearsal: true\nenvelope: 600 000 EUR\n"
    page = f"/desk/programmes/{programme_id}/charter"
    for title, status in ((world.say(), 422), (filled["title"], 200)):
        said = json.dumps(title, ensure_ascii=False)
        seen = await clerk.fill(page, page, file=f"{file}title: {said}\n")
        assert seen.status == status, seen.words()
    await world.reason(clerk, seen, f"{page}/ask")
    acts = await world.town.connection.fetch("select act_id from act where state = 'waiting'")
    world.made("act_id", *(row["act_id"] for row in acts))
    page = f"/desk/programmes/{programme_id}"
    at = await world.town.connection.fetchval(
        "select closes_at from phase where name = 'ideas' and programme_id = $1", programme_id
    )
    closes = f"{at.astimezone(PARIS) + timedelta(minutes=5):%Y-%m-%dT%H:%M}"
    await world.reason(clerk, page, f"{page}/phases/ideas", closes=closes)
    subject = {"role": "operator", "where": ""}
    officer = await world.town.connection.fetchval("select min(officer_id::text) from officer")
    roles = {**subject, "role": "instructor", "officer": officer}
    where = f"{world.town.programme_id}/artois"
    await world.reason(clerk, "/desk/roles", "/desk/roles/grant", **roles | {"where": where})
    seen = await clerk.get("/desk/roles")
    await world.reason(clerk, seen, "/desk/roles/revoke")
    project_id = world.known["project_id"][3]
    page = f"/desk/projects/{project_id}/erase"
    await world.reason(clerk, page, page, ground="court-order", sure="yes")
    content = await world.town.connection.fetchval("select min(content_id) from text")
    erased = {"content_ids": content, "ground": "court-order", "sure": "yes"}
    await world.reason(clerk, "/desk/erase", "/desk/erase", **erased)
    waiting = await clerk.get("/desk/acts")
    declined = [each for each in waiting.forms() if each.endswith("/decline")]
    await world.reason(clerk, waiting, declined[-1])


async def _confirmed(world: World, kind: str) -> None:
    act_id = await world.town.connection.fetchval(
        "select act_id from act where act = $1 and state = 'waiting'", kind
    )
    seen = await world.second.fill("/desk/acts", f"/desk/acts/{act_id}/confirm")
    assert seen.status == 200, seen.words()
