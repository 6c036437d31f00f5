"""Files of a dossier, from the form to whoever may have them, and to their end."""

import hashlib
from collections.abc import AsyncIterator
from uuid import uuid4

import aiohttp
import pytest

from shared.people import Role
from submission.documents.kinds import EICAR
from tests.submission.documents import files
from tests.submission.documents.attaching import PDF, Dossier, fetched, filed, links, redirected
from tests.submission.proposing import Town
from tests.submission.test_erasing import GROUND, carrier_of, confirm


@pytest.fixture
async def dossier(town: Town) -> Dossier:
    return await filed(town)


async def test_a_file_is_attached_handed_out_and_said_by_its_commitment(dossier: Dossier) -> None:
    sent = files.active_pdf()
    seen = await dossier.attach(sent, called="../../Budget <b>2027</b>.exe")
    assert (seen.status, seen.path) == (200, dossier.page), seen.words()
    assert "b.pdf" in seen.words() and "<b>2027" not in seen.text
    [path] = links(seen)
    status, address = await redirected(dossier.carrier, path)
    assert status == 303
    got = await fetched(address)
    assert (got.status, got.headers["Content-Type"]) == (200, "application/pdf")
    assert got.content.startswith(b"%PDF-") and files.SCRIPT not in got.content
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in got.headers
    row = await dossier.row("select * from document where document_id = $1", await dossier.one())
    assert hashlib.sha256(row["salt"] + got.content).hexdigest() == row["commitment"]
    body = await dossier.town.connection.fetchval(
        "select convert_from(body, 'UTF8')::jsonb from outbox"
        " where type = 'submission.document-attached.v1' order by id desc limit 1"
    )
    assert row["commitment"] in body and "Budget" not in body


@pytest.mark.parametrize("content", [b"", EICAR, files.zipped(), b"<script>alert(1)</script>"])
async def test_what_is_refused_leaves_no_trace(dossier: Dossier, content: bytes) -> None:
    before = await dossier.town.snapshot()
    seen = await dossier.attach(content)
    assert seen.status == 422, seen.text
    assert await dossier.town.snapshot() == before
    assert await dossier.ids() == []


async def test_a_form_that_is_sent_twice_attaches_one_file(dossier: Dossier) -> None:
    fields = (await dossier.carrier.get(dossier.page)).fields(dossier.page)
    once = fields["once"]
    for _ in range(2):
        assert (await dossier.attach(PDF, once=once)).status == 200
    assert len(await dossier.ids()) == 1
    # With another file it is another form.
    assert (await dossier.attach(files.pdf(2), once=once)).status == 200
    assert len(await dossier.ids()) == 2


async def test_a_file_replaces_those_of_its_document(dossier: Dossier) -> None:
    for name in ("budget", "budget", "statutes"):
        await dossier.attach(PDF, name)
    old = await dossier.ids()
    seen = await dossier.attach(files.photo(), replaces="yes")
    assert seen.status == 200
    left = await dossier.ids()
    assert len(left) == 2 and old[2] in left
    bytes_left = await dossier.town.connection.fetchval(
        "select count(*) from document_bytes where document_id = any($1)", old
    )
    assert bytes_left == 1
    assert (await dossier.town.events()).count("document-removed") == 2


async def test_a_file_that_is_taken_away_is_gone(dossier: Dossier) -> None:
    await dossier.attach(PDF)
    document = await dossier.one()
    _, address = await redirected(dossier.carrier, f"/documents/{document}")
    action = f"{dossier.page}/{document}/withdraw"
    seen = await dossier.carrier.fill(dossier.page, action)
    assert seen.status == 200 and links(seen) == []
    assert (await fetched(address)).status == 404
    assert (await redirected(dossier.carrier, f"/documents/{document}"))[0] == 404
    row = await dossier.row("select * from document where document_id = $1", document)
    assert (row["salt"], row["shown_name"]) == (None, None)
    assert not await dossier.town.connection.fetchval(
        "select exists (select from document_bytes where document_id = $1)", document
    )


async def test_who_may_have_a_file(dossier: Dossier) -> None:
    town, programme = dossier.town, dossier.town.programme_id
    await dossier.attach(PDF)
    path = f"/documents/{await dossier.one()}"
    other = town.browser()
    await town.deposit(other, "bo@example.org", name="Bo")
    may = [
        dossier.carrier,
        await town.officer(Role.COMMITTEE, programme_id=programme),
        await town.officer(Role.INSTRUCTOR, programme_id=programme, territory="artois"),
        await town.officer(Role.ADVISER, programme_id=programme, territory="artois"),
    ]
    may_not = [
        other,
        await town.officer(Role.COMMITTEE, programme_id=uuid4()),
        await town.officer(Role.INSTRUCTOR, programme_id=programme, territory="calaisis"),
        await town.officer(Role.ADVISER, programme_id=programme, territory="calaisis"),
    ]
    assert [(await redirected(each, path))[0] for each in may] == [303] * 4
    assert [(await redirected(each, path))[0] for each in may_not] == [404] * 4
    status, address = await redirected(town.browser(), path)
    assert status == 303 and "/sign-in" in address
    assert (await redirected(await town.officer(Role.RETURNING_OFFICER), path))[0] == 403
    desk = f"/desk/projects/{dossier.project_id}/documents"
    assert [links(await each.get(desk)) for each in may[1:]] == [[path]] * 3
    assert [(await each.get(desk)).status for each in may_not[1:]] == [404] * 3


async def test_a_ticket_is_good_once_for_a_minute_and_for_its_file(dossier: Dossier) -> None:
    await dossier.attach(PDF)
    path = f"/documents/{await dossier.one()}"
    _, address = await redirected(dossier.carrier, path)
    assert (await fetched(address, "HEAD")).status == 404
    assert [(await fetched(address)).status for _ in range(3)] == [200, 404, 404]
    _, late = await redirected(dossier.carrier, path)
    await dossier.town.connection.execute("update ticket set expires_at = now()")
    assert (await fetched(late)).status == 404
    assert (await fetched(late[:-1] + ("A" if late[-1] != "A" else "B"))).status == 404


async def test_the_hosts_of_files_and_pages_are_apart(dossier: Dossier) -> None:
    await dossier.attach(PDF)
    _, address = await redirected(dossier.carrier, f"/documents/{await dossier.one()}")
    assert address.startswith("http://localhost:")
    ours = address.replace("localhost", "127.0.0.1")
    assert (await fetched(ours)).status == 404
    files_host = address.partition("/d/")[0]
    for each in ("/", "/sign-in", f"/projects/{dossier.project_id}", "/health/live"):
        got = await fetched(files_host + each, Accept="text/html")
        assert (got.status, "Set-Cookie" in got.headers) == (404, False)
    got = await fetched(f"{files_host}/d/nothing", Accept="text/html", Cookie="a=b")
    assert got.status == 404
    assert got.headers["Content-Type"] == "application/problem+json"
    assert (await fetched(address)).status == 200


async def test_200_megabytes_are_read_no_further_than_a_file_is_long(dossier: Dossier) -> None:
    fields = (await dossier.carrier.get(dossier.page)).fields(dossier.page)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        head = b"".join(
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (name.encode(), value.encode())
            for name, value in {**fields, "document": "budget"}.items()
            if name != "file"
        )
        yield head + b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while read < 200 * files.MIB:
            read += files.MIB
            yield bytes(files.MIB)

    kind = {"Content-Type": "multipart/form-data; boundary=x", "Accept": "application/json"}
    url = f"{dossier.carrier.url}{dossier.page}"
    status = 413
    try:
        async with dossier.carrier.session.post(url, data=endless(), headers=kind) as answer:
            status = answer.status
    except aiohttp.ClientError:
        pass  # It was hung up on while it sent.
    assert status == 413
    assert read < 40 * files.MIB
    assert await dossier.ids() == []
    seen = await dossier.attach(bytes(11 * files.MIB))
    assert seen.status == 413


async def test_a_dossier_has_at_most_thirty_files(dossier: Dossier) -> None:
    await dossier.town.connection.execute(
        "insert into document (document_id, project_id, name, media, length, commitment, salt,"
        " kept, shown_name, attached_at) select gen_random_uuid(), $1, 'budget', 'text/csv', 1,"
        " repeat('0', 64), decode(repeat('00', 32), 'hex'), 'database', 'a.csv', now()"
        " from generate_series(1, 30)",
        dossier.project_id,
    )
    seen = await dossier.attach(PDF)
    assert (seen.status, len(await dossier.ids())) == (422, 30)
    assert (await dossier.attach(PDF, replaces="yes")).status == 200
    assert len(await dossier.ids()) == 1


async def test_nothing_is_attached_when_dossiers_are_closed_or_decided(dossier: Dossier) -> None:
    town = dossier.town
    await dossier.attach(PDF)
    await town.set_phase("dossiers", "closed")
    page = await dossier.carrier.get(dossier.page)
    assert dossier.page not in page.forms()
    document = await dossier.one()
    seen = await town.send(dossier.carrier, f"{dossier.page}/{document}/withdraw")
    assert seen.status == 409
    assert await dossier.ids() == [document]


async def test_a_suspended_project_takes_no_file_and_loses_none(dossier: Dossier) -> None:
    town, project_id = dossier.town, dossier.project_id
    await dossier.attach(PDF)
    officer = await town.officer(Role.INSTRUCTOR)
    page = f"/desk/projects/{project_id}/standing"
    await officer.fill(page, f"/desk/projects/{project_id}/suspend", reason="fits nowhere yet")
    document = await dossier.one()
    shown = await dossier.carrier.get(dossier.page)
    assert dossier.page not in shown.forms()
    for path in (dossier.page, f"{dossier.page}/{document}/withdraw"):
        seen = await town.send(dossier.carrier, path, document="budget")
        assert (seen.status, "project_not_active" in seen.text) == (409, True), path
    assert await dossier.ids() == [document]


async def test_what_was_reviewed_is_looked_at_again(dossier: Dossier) -> None:
    member = await dossier.town.officer(Role.COMMITTEE)
    assert (await dossier.town.review(member, dossier.project_id)).status == 200
    await dossier.attach(PDF)
    row = await dossier.row(
        "select p.missing, i.stage from project p join idea i using (project_id)"
        " where project_id = $1",
        dossier.project_id,
    )
    assert (row["missing"], row["stage"]) == (None, "dossier")


async def test_a_document_that_is_wanted_as_a_file_makes_a_dossier_complete(town: Town) -> None:
    town.programme_id = await town.publish(
        rehearsal=True,
        documents=[
            {"name": "budget", "fr": "Budget", "en": "Budget"},
            {"name": "statutes", "fr": "Statuts", "en": "Statutes", "file": True},
        ],
    )
    dossier = await filed_with(town, **{"document-budget": "yes"})
    member = await town.officer(Role.COMMITTEE)
    seen = await town.review(member, dossier.project_id)
    assert seen.status == 409, seen.text
    await dossier.attach(PDF, "statutes")
    assert (await town.review(member, dossier.project_id)).status == 200


async def filed_with(town: Town, **said: str) -> Dossier:
    ada, adviser = town.browser(), await town.officer(Role.ADVISER)
    project_id = await town.deposit(ada)
    await town.guide(ada, adviser, project_id)
    form = f"/projects/{project_id}/dossier"
    words = {"title": "Un verger", "carrier": "Les Amis", "status": "association", "cost": "400"}
    seen = await ada.fill(form, form, **words, summary="Planter.", **said)
    assert seen.path == f"/projects/{project_id}", seen.text
    return Dossier(town, ada, project_id)


async def test_an_erased_carrier_leaves_no_file(dossier: Dossier) -> None:
    await dossier.attach(PDF)
    document = await dossier.one()
    page = f"/projects/{dossier.project_id}/erase"
    seen = await dossier.carrier.fill(page, page, sure="yes", confirmed="yes", confirm="yes")
    assert seen.status == 200, seen.text
    row = await dossier.row(
        "select d.*, b.bytes from document d left join document_bytes b using (document_id)"
        " where document_id = $1",
        document,
    )
    assert row["removed_at"] is not None
    assert (row["salt"], row["shown_name"], row["bytes"]) == (None, None, None)
    member = await dossier.town.officer(Role.COMMITTEE)
    assert (await redirected(member, f"/documents/{document}"))[0] == 404


async def test_whose_name_is_erased_has_no_complete_dossier_any_more(town: Town) -> None:
    """Her files went with it: an officer has to look again."""
    dossier = await filed(town)
    assert (await dossier.attach(PDF)).status == 200
    member = await town.officer(Role.COMMITTEE)
    assert (await town.review(member, dossier.project_id)).status == 200
    one, two = [await town.officer(Role.ADMINISTRATOR) for _ in range(2)]
    name = await carrier_of(town, dossier.project_id)
    await one.fill("/desk/erase", "/desk/erase", content_ids=name, **GROUND)
    assert await confirm(town, two, name) == 200
    found = await town.connection.fetchrow(
        "select i.stage, i.standing, p.missing from idea i join project p using (project_id)"
        " where project_id = $1",
        dossier.project_id,
    )
    assert found is not None and tuple(found) == ("dossier", "active", None)
