"""Every form of submission that records something, at a moment in which it can be sent.

By the route that takes it: who sends it, to which path, with which fields and file.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from comptoir.browser import Browser
from shared.database import Database
from shared.people import Role
from tests.submission.carrying import (
    WHOLE,
    database,
    declare,
    filed,
    give,
    resident,
    say,
)
from tests.submission.carrying import deposit as deposit_with
from tests.submission.counters.desks import act, ask_desk, begin_with_desks
from tests.submission.documents import files
from tests.submission.editions import BODIES, NAME, all_moved
from tests.submission.proposing import DOSSIER, IDEA, REASON, Town

GROUND = {"sure": "yes", "ground": "person-asked", "reason": REASON}
TABLE = b"reference,title,summary,territory,name,address,language\nA-1,,Rien,artois,Ada,,fr\n"


@dataclass(frozen=True)
class Form:
    """A form that is filled in, and whose it is."""

    sender: Browser
    path: str
    said: Mapping[str, str] = field(default_factory=dict)
    file: bytes | None = None


type Scene = Callable[[Town], Awaitable[Form]]
FORMS: dict[str, Scene] = {}


def of(route: str) -> Callable[[Scene], Scene]:
    """This is how the form of a route comes to be sent."""

    def keep(scene: Scene) -> Scene:
        FORMS[route] = scene
        return scene

    return keep


async def idea(town: Town, address: str = "ada@example.org") -> tuple[Browser, UUID]:
    """Somebody with an idea."""
    carrier = town.browser()
    return carrier, await town.deposit(carrier, address)


async def guided(town: Town) -> tuple[Browser, UUID]:
    """Somebody whose idea was guided."""
    ada, project_id = await idea(town)
    await town.guide(ada, await town.officer(Role.ADVISER), project_id)
    return ada, project_id


async def complete(town: Town, family: str = "") -> tuple[Browser, UUID, Browser]:
    """Somebody whose dossier is complete, and who found it so."""
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    member = await town.officer(Role.COMMITTEE)
    assert (await town.review(member, project_id, family=family)).status == 200
    return ada, project_id, member


async def waiting(town: Town) -> tuple[Browser, str]:
    """What an administrator asked for, as another one sees it: the path of its answers."""
    one, other = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    _, project_id = await idea(town)
    form = f"/desk/projects/{project_id}/erase"
    assert (await one.fill(form, form, **GROUND)).path == "/desk/acts"
    found = await town.connection.fetchval(
        "select act_id from act where about = $1 and state = 'waiting'", str(project_id)
    )
    return other, f"/desk/acts/{found}"


async def at_counter(town: Town, *acts: str) -> tuple[Browser, Browser, UUID, UUID]:
    """Carrier, adviser, project and handoff of an idea at a session, behind these acts."""
    adviser = await town.officer(Role.ADVISER)
    ada, project_id = await idea(town)
    handoff = await town.ask(ada, project_id, await town.counter(adviser))
    for name in acts:
        assert (await town.send(adviser, f"/desk/handoffs/{handoff}/{name}")).status == 200
    return ada, adviser, project_id, handoff


async def at_desk(town: Town, *acts: str) -> tuple[Browser, UUID, UUID]:
    """Instructor, project and handoff of an idea at a desk, behind these acts."""
    await begin_with_desks(town)
    ada, project_id = await idea(town)
    handoff = await ask_desk(town, ada, project_id, "reception")
    instructor = await town.officer(Role.INSTRUCTOR)
    for name in acts:
        await act(town, instructor, handoff, name)
    return instructor, project_id, handoff


async def carried(town: Town) -> tuple[Browser, UUID, UUID]:
    """An instructor, and an organisation that carries a filed dossier."""
    ada, project_id = await idea(town)
    organisation = await declare(ada, siret="", rna="")
    await give(ada, project_id, "lead", organisation)
    await filed(town, project_id)
    await say(town, funding=WHOLE)
    await town.connection.execute(
        "update organisation set rna = 'W' || lpad((random() * 999999999)::bigint::text, 9, '0'),"
        " rna_words = name where organisation_id = $1",
        organisation,
    )
    return await town.officer(Role.INSTRUCTOR), project_id, organisation


async def keeper(town: Town) -> tuple[Browser, UUID]:
    """Somebody who declared an organisation."""
    ada, _ = await idea(town)
    return ada, await declare(ada, siret="", rna="")


async def shown(sender: Browser, page: str, action: str) -> dict[str, str]:
    """What a form says that nobody wrote in yet."""
    fields = (await sender.get(page)).fields(action)
    return {name: value for name, value in fields.items() if name not in ("csrf", "once", "file")}


# What residents send.


@of("/programmes/{programme_id}/deposit/who")
async def who(town: Town) -> Form:
    ada, _ = await idea(town)
    start = f"/programmes/{town.programme_id}/deposit"
    await town.send(ada, start, **IDEA)
    await town.send(ada, f"{start}/where", territory="artois")
    said = {"name": "Ada", "language": "fr", **await town.written(ada)}
    return Form(ada, f"{start}/who", said)


@of("/consents/{token}")
async def disagree(town: Town) -> Form:
    person = await resident(town, "kim@example.org")
    async with database(town) as replica:
        to = "parent@example.org"
        await deposit_with(replica, town, person, "kim@example.org", representative=to)
    return Form(town.browser(), await town.link(to), {"answer": "disagree", "sure": "yes"})


@of("/projects/{project_id}/counter")
async def ask_counter(town: Town) -> Form:
    ada, project_id = await idea(town)
    gathering_id = await town.counter(await town.officer(Role.ADVISER))
    return Form(ada, f"/projects/{project_id}/counter", {"counter": str(gathering_id)})


@of("/projects/{project_id}/desk")
async def ask_a_desk(town: Town) -> Form:
    await begin_with_desks(town)
    ada, project_id = await idea(town)
    return Form(ada, f"/projects/{project_id}/desk", {"desk": "reception"})


@of("/projects/{project_id}/handoffs/{handoff_id}/withdraw")
async def take_back(town: Town) -> Form:
    ada, _, project_id, handoff = await at_counter(town)
    return Form(ada, f"/projects/{project_id}/handoffs/{handoff}/withdraw")


@of("/projects/{project_id}/dossier")
async def file_dossier(town: Town) -> Form:
    ada, project_id = await guided(town)
    return Form(ada, f"/projects/{project_id}/dossier", DOSSIER)


@of("/projects/{project_id}/documents")
async def attach(town: Town) -> Form:
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    return Form(ada, f"/projects/{project_id}/documents", {"document": "budget"}, files.pdf())


@of("/projects/{project_id}/documents/{document_id}/withdraw")
async def take_away(town: Town) -> Form:
    form = await attach(town)
    seen = await form.sender.upload(form.path, form.path, files.pdf(), "a.pdf", document="budget")
    assert seen.status == 200, seen.text
    found = await town.connection.fetchval(
        "select document_id from document where project_id = $1", UUID(form.path.split("/")[2])
    )
    return Form(form.sender, f"{form.path}/{found}/withdraw")


@of("/projects/{project_id}/erase")
async def erase(town: Town) -> Form:
    ada, project_id = await idea(town)
    return Form(ada, f"/projects/{project_id}/erase", {"sure": "yes"})


@of("/projects/{project_id}/withdraw")
async def withdraw(town: Town) -> Form:
    ada, project_id = await idea(town)
    return Form(ada, f"/projects/{project_id}/withdraw", {"reason": REASON, "sure": "yes"})


@of("/projects/{project_id}/support")
async def support(town: Town) -> Form:
    _, project_id = await idea(town)
    bob, _ = await idea(town, "bob@example.org")
    return Form(bob, f"/projects/{project_id}/support")


@of("/projects/{project_id}/support/end")
async def end_support(town: Town) -> Form:
    form = await support(town)
    assert (await town.send(form.sender, form.path)).status == 200
    return Form(form.sender, f"{form.path}/end")


@of("/projects/{project_id}/carriers")
async def give_part(town: Town) -> Form:
    ada, project_id = await idea(town)
    said = {"part": "joint", "organisation": f"{await declare(ada, siret='', rna='')}"}
    return Form(ada, f"/projects/{project_id}/carriers", said)


@of("/projects/{project_id}/carriers/{carrier_id}/leave")
async def leave(town: Town) -> Form:
    form = await give_part(town)
    assert (await town.send(form.sender, form.path, **form.said)).status == 200
    path = f"{form.path}/{form.said['organisation']}/leave"
    return Form(form.sender, path, {"part": "joint", "reason": REASON})


@of("/organisations/new")
async def declare_one(town: Town) -> Form:
    ada, _ = await idea(town)
    return Form(ada, "/organisations/new", {"name": "Les Amis", "type": "association"})


@of("/organisations/{organisation_id}")
async def amend_organisation(town: Town) -> Form:
    ada, found = await keeper(town)
    path = f"/organisations/{found}"
    return Form(ada, path, await shown(ada, path, path) | {"name": "Les Amies du verger"})


@of("/organisations/{organisation_id}/aids")
async def declare_aid(town: Town) -> Form:
    ada, found = await keeper(town)
    said = {"granted_on": "2026-01-01", "amount": "50", "granted_by": "Région"}
    return Form(ada, f"/organisations/{found}/aids", said)


@of("/organisations/{organisation_id}/aids/{aid_id}/remove")
async def remove_aid(town: Town) -> Form:
    form = await declare_aid(town)
    assert (await town.send(form.sender, form.path, **form.said)).status == 200
    found = await town.connection.fetchval(
        "select aid_id from aid where organisation_id = $1", UUID(form.path.split("/")[2])
    )
    return Form(form.sender, f"{form.path}/{found}/remove")


@of("/organisations/{organisation_id}/erase")
async def erase_organisation(town: Town) -> Form:
    ada, found = await keeper(town)
    return Form(ada, f"/organisations/{found}/erase")


@of("/account/erase")
async def erase_account(town: Town) -> Form:
    zoe, address = town.browser(), "zoe.erases@example.org"
    await zoe.fill("/sign-in", "/sign-in/mail", address=address)
    await town.follow(zoe, address)
    return Form(zoe, "/account/erase", {"sure": "yes"})


# What desks send.


@of("/desk/handoffs/{handoff_id}/accept")
async def accept(town: Town) -> Form:
    _, adviser, _, handoff = await at_counter(town)
    return Form(adviser, f"/desk/handoffs/{handoff}/accept")


@of("/desk/handoffs/{handoff_id}/decline")
async def decline(town: Town) -> Form:
    _, adviser, _, handoff = await at_counter(town)
    return Form(adviser, f"/desk/handoffs/{handoff}/decline", {"reason": REASON})


@of("/desk/handoffs/{handoff_id}/attended")
async def attended(town: Town) -> Form:
    _, adviser, _, handoff = await at_counter(town, "accept")
    return Form(adviser, f"/desk/handoffs/{handoff}/attended")


@of("/desk/handoffs/{handoff_id}/missed")
async def missed(town: Town) -> Form:
    _, adviser, _, handoff = await at_counter(town, "accept")
    return Form(adviser, f"/desk/handoffs/{handoff}/missed", {"reason": REASON})


@of("/desk/handoffs/{handoff_id}/redirect")
async def redirect(town: Town) -> Form:
    instructor, _, handoff = await at_desk(town)
    said = {"desk": "artois-desk", "reason": REASON}
    return Form(instructor, f"/desk/handoffs/{handoff}/redirect", said)


@of("/desk/handoffs/{handoff_id}/schedule")
async def schedule(town: Town) -> Form:
    instructor, _, handoff = await at_desk(town, "accept")
    meeting = await town.counter(instructor, desk="reception")
    return Form(instructor, f"/desk/handoffs/{handoff}/schedule", {"counter": str(meeting)})


@of("/desk/handoffs/{handoff_id}/return")
async def hand_back(town: Town) -> Form:
    instructor, _, handoff = await at_desk(town, "accept")
    return Form(instructor, f"/desk/handoffs/{handoff}/return", {"reason": REASON})


@of("/desk/programmes/{programme_id}/counters/new")
async def announce(town: Town) -> Form:
    said = {
        "place": "Arras",
        "territory": "artois",
        "begins_at": "2199-03-01T18:00",
        "ends_at": "2199-03-01T20:00",
        "capacity": "1",
    }
    path = f"/desk/programmes/{town.programme_id}/counters/new"
    return Form(await town.officer(Role.ADVISER), path, said)


@of("/desk/counters/{gathering_id}/amend")
async def amend_counter(town: Town) -> Form:
    adviser = await town.officer(Role.ADVISER)
    path = f"/desk/counters/{await town.counter(adviser)}/amend"
    said = await shown(adviser, path, path) | {"capacity": "7", "reason": REASON}
    return Form(adviser, path, said)


@of("/desk/counters/{gathering_id}/cancel")
async def cancel(town: Town) -> Form:
    adviser = await town.officer(Role.ADVISER)
    path = f"/desk/counters/{await town.counter(adviser)}/cancel"
    return Form(adviser, path, {"reason": REASON})


@of("/desk/counters/{gathering_id}/held")
async def held(town: Town) -> Form:
    _, adviser, _, handoff = await at_counter(town, "accept", "attended")
    gathering_id = await town.connection.fetchval(
        "select gathering_id from handoff where handoff_id = $1", handoff
    )
    return Form(adviser, f"/desk/counters/{gathering_id}/held")


@of("/desk/projects/{project_id}/review")
async def review(town: Town) -> Form:
    ada, project_id = await guided(town)
    await town.file(ada, project_id)
    member = await town.officer(Role.COMMITTEE)
    said = await town.shown(member, project_id)
    return Form(member, f"/desk/projects/{project_id}/review", said)


@of("/desk/projects/{project_id}/label")
async def label(town: Town) -> Form:
    _, project_id, member = await complete(town)
    said = {"family": "cooperation", "reason": REASON, **await town.shown(member, project_id)}
    return Form(member, f"/desk/projects/{project_id}/label", said)


@of("/desk/projects/{project_id}/refuse")
async def refuse(town: Town) -> Form:
    _, project_id, member = await complete(town)
    said = {"reason": REASON, **await town.shown(member, project_id)}
    return Form(member, f"/desk/projects/{project_id}/refuse", said)


@of("/desk/projects/{project_id}/suspend")
async def suspend(town: Town) -> Form:
    _, project_id = await idea(town)
    path = f"/desk/projects/{project_id}/suspend"
    return Form(await town.officer(Role.INSTRUCTOR), path, {"reason": REASON})


@of("/desk/projects/{project_id}/resume")
async def resume(town: Town) -> Form:
    form = await suspend(town)
    assert (await town.send(form.sender, form.path, **form.said)).status == 200
    return Form(form.sender, form.path.replace("/suspend", "/resume"), form.said)


@of("/desk/projects/{project_id}/withdraw")
async def withdraw_at_desk(town: Town) -> Form:
    _, project_id = await idea(town)
    path = f"/desk/projects/{project_id}/withdraw"
    return Form(await town.officer(Role.INSTRUCTOR), path, {"reason": REASON})


@of("/desk/projects/{project_id}/split")
async def split(town: Town) -> Form:
    _, project_id = await guided(town)
    said = {"title-1": "Un verger", "title-2": "Un rucher", "reason": REASON}
    return Form(await town.officer(Role.INSTRUCTOR), f"/desk/projects/{project_id}/split", said)


@of("/desk/projects/{project_id}/merge")
async def merge(town: Town) -> Form:
    _, whole = await idea(town)
    _, other = await idea(town, "bob@example.org")
    said = {f"merged-{other}": "yes", "reason": REASON}
    return Form(await town.officer(Role.INSTRUCTOR), f"/desk/projects/{whole}/merge", said)


@of("/desk/projects/{project_id}/aids")
async def note_aid(town: Town) -> Form:
    officer, project_id, _ = await carried(town)
    said = {"granted_on": "2026-01-01", "amount": "50", "granted_by": "Région"}
    return Form(officer, f"/desk/projects/{project_id}/aids", said | {"reason": "Sa lettre."})


@of("/desk/projects/{project_id}/aids/{aid_id}/remove")
async def drop_aid(town: Town) -> Form:
    form = await note_aid(town)
    assert (await town.send(form.sender, form.path, **form.said)).status == 200
    found = await town.connection.fetchval(
        "select aid_id from aid join carriage using (organisation_id) where project_id = $1",
        UUID(form.path.split("/")[3]),
    )
    return Form(form.sender, f"{form.path}/{found}/remove", {"reason": "Saisie deux fois."})


@of("/desk/projects/{project_id}/carriers/{carrier}/ask")
async def ask_what_lacks(town: Town) -> Form:
    officer, project_id, found = await carried(town)
    return Form(officer, f"/desk/projects/{project_id}/carriers/{found}/ask")


@of("/desk/projects/{project_id}/carriers/{carrier}/clear")
async def clear(town: Town) -> Form:
    officer, project_id, found = await carried(town)
    page = f"/desk/projects/{project_id}/carriers"
    said = await shown(officer, page, f"{page}/{found}/clear")
    said |= {"status": "yes", "contract_on": "2026-03-01"}
    return Form(officer, f"{page}/{found}/clear", said)


@of("/desk/projects/{project_id}/carriers/{carrier}/withdraw")
async def withdraw_clearance(town: Town) -> Form:
    form = await clear(town)
    assert (await town.send(form.sender, form.path, **form.said)).status == 200
    return Form(form.sender, form.path.replace("/clear", "/withdraw"), {"reason": REASON})


@of("/desk/work/seen")
async def seen_work(town: Town) -> Form:
    adviser = await town.officer(Role.ADVISER)
    return Form(adviser, "/desk/work/seen", await shown(adviser, "/desk/work", "/desk/work/seen"))


@of("/ideas/mine/seen")
async def seen_own_work(town: Town) -> Form:
    carrier, _ = await idea(town)
    page = "/ideas/mine"
    return Form(carrier, f"{page}/seen", await shown(carrier, page, f"{page}/seen"))


# What administrators and returning officers send.


@of("/desk/erase")
async def erase_words(town: Town) -> Form:
    _, project_id = await idea(town)
    found = await town.connection.fetchval(
        "select carrier from idea where project_id = $1", project_id
    )
    said = GROUND | {"content_ids": str(found)}
    return Form(await town.officer(Role.ADMINISTRATOR), "/desk/erase", said)


@of("/desk/projects/{project_id}/erase")
async def erase_at_desk(town: Town) -> Form:
    _, project_id = await idea(town)
    path = f"/desk/projects/{project_id}/erase"
    return Form(await town.officer(Role.ADMINISTRATOR), path, GROUND)


@of("/desk/acts/{act_id}/confirm")
async def confirm(town: Town) -> Form:
    other, path = await waiting(town)
    return Form(other, f"{path}/confirm")


@of("/desk/acts/{act_id}/decline")
async def decline_act(town: Town) -> Form:
    other, path = await waiting(town)
    return Form(other, f"{path}/decline", {"reason": REASON})


@of("/desk/programmes")
async def publish(town: Town) -> Form:
    alix, new = await town.officer(Role.ADMINISTRATOR), "/desk/programmes/new"
    year = str(datetime.now(UTC).year)
    preview = await alix.fill(new, new, file=f"preset: {NAME}\nedition: {year}\n")
    fields = preview.fields("/desk/programmes")
    said = {name: value for name, value in fields.items() if name not in ("csrf", "once")}
    return Form(alix, "/desk/programmes", said | {"reason": REASON})


@of("/desk/programmes/{programme_id}/charter/ask")
async def amend_charter(town: Town) -> Form:
    form = await publish(town)
    other = await town.officer(Role.ADMINISTRATOR)
    assert (await town.send(form.sender, form.path, **form.said)).status == 200
    row = await town.connection.fetchrow(
        "select act_id, parameters ->> 'programme_id' as programme_id from act"
        " where act = 'publish-charter' order by asked_at desc limit 1"
    )
    assert row is not None
    assert (await town.send(other, f"/desk/acts/{row['act_id']}/confirm")).status == 200
    replica = Database(town.dsn, name="test")
    await all_moved(replica)  # what the clock announces of it is not what the form does
    await replica.close()
    file = f"{form.said['file']}\nenvelope: 600 000 EUR\n"
    page = f"/desk/programmes/{row['programme_id']}/charter"
    said = {"file": file, "reason": REASON, **await town.carried(form.sender, page, page)}
    return Form(form.sender, f"{page}/ask", said)


@of("/desk/programmes/{programme_id}/bodies/{name}")
async def give_to_body(town: Town) -> Form:
    await complete(town)
    await town.set_phase("vote", "open")
    jury = {"name": "jury", "fr": "Le jury", "en": "The jury", "members": 5, "quorum": "1/2"}
    how = {"decides": "money", "during": "vote"}
    ballot = {"format": {"type": "decision", "members": 5, "quorum": "1/2"}}
    await town.connection.execute(
        "update programme set rules = rules || $1::jsonb where programme_id = $2",
        json.dumps({"families": [], "bodies": [jury | how | ballot]}),
        town.programme_id,
    )
    path = f"/desk/programmes/{town.programme_id}/bodies/jury"
    return Form(await town.officer(Role.RETURNING_OFFICER), path, {"reason": REASON})


@of("/desk/programmes/{programme_id}/phases/{name}")
async def redate(town: Town) -> Form:
    until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    path = f"/desk/programmes/{town.programme_id}/phases/ideas"
    return Form(await town.officer(Role.ADMINISTRATOR), path, {"closes": until, "reason": REASON})


@of("/desk/programmes/{programme_id}/imports")
async def read_file(town: Town) -> Form:
    path = f"/desk/programmes/{town.programme_id}/imports"
    return Form(await town.officer(Role.ADMINISTRATOR), path, {"kind": "ideas"}, TABLE)


@of("/desk/programmes/{programme_id}/imports/{import_id}/run")
async def run_import(town: Town) -> Form:
    form = await read_file(town)
    seen = await form.sender.upload(form.path, form.path, TABLE, "ideas.csv", kind="ideas")
    return Form(form.sender, f"{seen.path}/run", {"reason": REASON})


@of("/desk/programmes/{programme_id}/committee")
async def give_to_committee(town: Town) -> Form:
    town.programme_id = await town.publish(rehearsal=True, bodies=BODIES)
    await complete(town, family="cooperation")
    path = f"/desk/programmes/{town.programme_id}/committee"
    return Form(await town.officer(Role.RETURNING_OFFICER), path, {"reason": REASON})


@of("/desk/programmes/{programme_id}/freeze")
async def freeze(town: Town) -> Form:
    _, project_id, member = await complete(town)
    await town.label(member, project_id)
    await town.connection.execute(
        "update phase set state = 'closed', opens_at = now() - interval '3 days',"
        " closes_at = now() - interval '1 minute' where programme_id = $1 and name <> 'vote'",
        town.programme_id,
    )
    path = f"/desk/programmes/{town.programme_id}/freeze"
    return Form(await town.officer(Role.RETURNING_OFFICER), path, {"reason": REASON})


@of("/desk/roles/grant")
async def grant(town: Town) -> Form:
    officer_id = uuid4()
    await town.connection.execute(
        "insert into officer (officer_id, name) values ($1, 'Dominique Officier')", officer_id
    )
    await town.connection.execute(
        "insert into role_grant (officer_id, role) values ($1, 'adviser')", officer_id
    )
    said = {"officer": str(officer_id), "role": "instructor", "where": "", "reason": REASON}
    return Form(await town.officer(Role.ADMINISTRATOR), "/desk/roles/grant", said)


@of("/desk/roles/revoke")
async def revoke(town: Town) -> Form:
    form = await grant(town)
    return Form(form.sender, "/desk/roles/revoke", {**form.said, "role": "adviser"})
