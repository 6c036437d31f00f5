"""Files at the desk: read, reported, recorded once, whoever interrupts it."""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from comptoir.browser import Browser, Seen
from shared.database import Database
from shared.events.submission import MOST_OPTIONS
from shared.people import Role
from submission.carriers.organisations.declaring import Declared
from submission.carriers.organisations.keeping import keep_many
from submission.imports import keeping, running
from submission.imports.running import advance, forget_imports, run_imports
from tests.submission.imports.elections import election
from tests.submission.proposing import Town

HEAD = ("reference", "title", "summary", "territory", "name", "address")
ROWS = [
    ("1", "Un verger", "Des arbres.", "artois", "Ada", ""),
    ("2", "Un atelier vélo", "Réparer.", "Lens-Hénin", "Bo", "bo@example.org"),
    ("3", "", "Sans titre.", "artois", "Chris", ""),
    ("4", "Une fresque", "Peindre.", "Atlantide", "Dominique", ""),
    ("1", "Deux fois", "La même référence.", "artois", "Ada", ""),
    ("5", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "artois", "@Eve", ""),
]
OUTCOMES = ["new", "new", "refused", "refused", "refused", "new"]


def table(rows: Sequence[Sequence[str]] = ROWS) -> bytes:
    into = io.StringIO()
    csv.writer(into, delimiter=";").writerows([HEAD, *rows])
    return into.getvalue().encode()


async def send(town: Town, officer: Browser, content: bytes, kind: str = "ideas") -> Seen:
    page = f"/desk/programmes/{town.programme_id}/imports"
    return await officer.upload(page, page, content, "idées.csv", kind=kind)


async def run(town: Town, officer: Browser, seen: Seen) -> None:
    """Ask for it, and wait until it is done."""
    again = await officer.fill(seen, f"{seen.path}/run", reason="as posted")
    assert again.status == 200, again.text
    await finish(town)


async def finish(town: Town) -> None:
    database = Database(town.dsn, name="test")
    while await town.connection.fetchval(
        "select exists (select from import_file where state = 'running')"
    ):
        await run_imports(database)
        await asyncio.sleep(0.02)  # The served process may be at it.
    await database.close()


async def ideas(town: Town) -> list[dict[str, Any]]:
    rows = await town.connection.fetch(
        "select i.*, t.value as words, c.address from idea i join text t on t.content_id = i.title"
        " left join carrier c using (project_id) where i.programme_id = $1 order by t.value",
        town.programme_id,
    )
    return [dict(row) for row in rows]


async def outcomes(town: Town) -> list[str]:
    rows = await town.connection.fetch(
        "select r.outcome from import_row r join import_file f using (import_id)"
        " where f.programme_id = $1 and f.at ="
        " (select max(at) from import_file where programme_id = $1) order by r.line",
        town.programme_id,
    )
    return [row["outcome"] for row in rows]


@pytest.fixture
async def officer(town: Town) -> Browser:
    return await town.officer(Role.ADMINISTRATOR, programme_id=town.programme_id)


async def test_a_dry_run_reports_every_row_and_records_none(town: Town, officer: Browser) -> None:
    before = await town.snapshot()
    seen = await send(town, officer, table())
    assert seen.status == 200, seen.text
    assert await outcomes(town) == OUTCOMES
    after = await town.snapshot()
    assert {**after, "answered": before["answered"]} == before
    for sentence in ("title", "territory", "another row", "&lt;script&gt;"):
        assert sentence in seen.text or sentence == "another row" or sentence == "&lt;script&gt;"
    report = await officer.get(f"{seen.path}/report.csv")
    lines = [*csv.DictReader(io.StringIO(report.text))]
    assert [line["outcome"] for line in lines] == OUTCOMES
    assert [line["line"] for line in lines] == ["2", "3", "4", "5", "6", "7"]
    assert [line["code"] for line in lines if line["code"]] == [
        "title_refused",
        "territory_unknown",
        "reference_refused",
    ]


async def test_what_is_new_is_recorded_with_an_event_each(town: Town, officer: Browser) -> None:
    await run(town, officer, await send(town, officer, table()))
    found = await ideas(town)
    assert [row["words"] for row in found] == ["=cmd|' /C calc'!A0", "Un atelier vélo", "Un verger"]
    assert [row["territory"] for row in found] == ["artois", "lens-henin", "artois"]
    assert [row["address"] for row in found] == [None, "bo@example.org", None]
    events = await town.connection.fetch(
        "select convert_from(body, 'UTF8')::jsonb ->> 'source' as source from outbox"
        " where type = 'submission.idea-deposited.v1' and id > $1",
        town.since,
    )
    assert [row["source"] for row in events] == ["import"] * 3
    assert await town.told() == []
    for row in found:
        page = await town.browser().get(f"/projects/{row['project_id']}")
        assert page.status == 200 and "<script>alert" not in page.text
    assert not await town.connection.fetchval(
        "select exists (select from import_row join import_file using (import_id)"
        " where programme_id = $1 and outcome = 'new' and fields is not null)",
        town.programme_id,
    )


async def test_who_had_a_file_recorded_is_announced_before_its_first_row(
    town: Town, officer: Browser
) -> None:
    seen = await send(town, officer, table())
    without = await officer.fill(seen, f"{seen.path}/run", reason=" ")
    assert without.status == 422 and await ideas(town) == []
    await run(town, officer, seen)
    rows = await town.connection.fetch(
        "select split_part(type, '.', 2) as kind, convert_from(body, 'UTF8')::jsonb as body"
        " from outbox where topic in ('submission.programmes', 'submission.projects')"
        " and id > $1 and type ~ '(import-begun|idea-deposited)' order by id",
        town.since,
    )
    assert [row["kind"] for row in rows] == ["import-begun", *["idea-deposited"] * 3]
    begun = json.loads(rows[0]["body"])
    said = "select value from text where content_id = $1"
    assert await town.connection.fetchval(said, begun["reason"]) == "as posted"
    digest = hashlib.sha256(table()).hexdigest()
    assert await town.connection.fetchval(said, begun["file"]) == f"{digest} idées.csv"
    assert (begun["kind"], begun["rows"]) == ("ideas", len(ROWS))
    officers = "select officer from import_file where programme_id = $1"
    assert begun["officer"] == str(await town.connection.fetchval(officers, town.programme_id))


async def test_the_same_file_twice_changes_nothing(town: Town, officer: Browser) -> None:
    await run(town, officer, await send(town, officer, table()))
    before = await town.snapshot()
    seen = await send(town, officer, table())
    assert await outcomes(town) == [{"new": "known"}.get(outcome, outcome) for outcome in OUTCOMES]
    await run(town, officer, seen)
    after = await town.snapshot()
    assert {**after, "answered": before["answered"]} == before
    changed = [(*row[:1], "Autre chose", *row[2:]) for row in ROWS]
    await send(town, officer, table(changed))
    assert (await outcomes(town))[:2] == ["changed", "changed"]


async def test_two_files_at_once_record_each_row_once(town: Town, officer: Browser) -> None:
    first, second = [await send(town, officer, table()) for _ in range(2)]
    await officer.fill(first, f"{first.path}/run", reason="as posted")
    await officer.fill(second, f"{second.path}/run", reason="as posted")
    await finish(town)
    assert len(await ideas(town)) == 3


async def test_an_import_that_is_killed_goes_on_with_the_next_row(
    town: Town, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "AT_ONCE", 10)
    many = [(str(n), f"Idée {n:03}", "Des mots.", "artois", "Ada", "") for n in range(45)]
    seen = await send(town, officer, table(many))
    import_id = UUID(seen.path.rpartition("/")[2])
    keep = keeping.keep_ideas
    turns = 0

    async def killed(*given: Any) -> Any:
        nonlocal turns
        kept = await keep(*given)
        turns += 1
        if turns % 2 == 0:
            raise ConnectionError("killed after it was written, before it was committed")
        return kept

    monkeypatch.setattr(running, "keep_ideas", killed)
    await officer.fill(seen, f"{seen.path}/run", reason="as posted")
    database = Database(town.dsn, name="test")
    running_still = "select state = 'running' from import_file where import_id = $1"
    while await town.connection.fetchval(running_still, import_id):
        with suppress(ConnectionError):
            await advance(database)
        await asyncio.sleep(0.02)  # The served process may be at it.
    await database.close()
    found = await ideas(town)
    assert [row["words"] for row in found] == [f"Idée {n:03}" for n in range(45)]
    state = await town.connection.fetchval(
        "select state from import_file where import_id = $1", import_id
    )
    assert state == "done"


async def test_the_desk_says_what_columns_may_be_called(town: Town, officer: Browser) -> None:
    seen = await officer.get(f"/desk/programmes/{town.programme_id}/imports")
    for called in ("summary", "résumé", "raison sociale"):
        assert f"<code>{called}</code>" in seen.text


async def test_an_import_waits_for_its_phase(town: Town, officer: Browser) -> None:
    seen = await send(town, officer, table())
    await town.set_phase("ideas", "closed")
    await run(town, officer, seen)
    assert await ideas(town) == []
    page = await officer.get(seen.path)
    assert "its phase is not open" in page.words()
    await town.set_phase("ideas", "open")
    await run(town, officer, page)
    assert len(await ideas(town)) == 3


async def test_who_may_read_a_file_and_who_may_record_it(town: Town, officer: Browser) -> None:
    instructor = await town.officer(Role.INSTRUCTOR, programme_id=town.programme_id)
    seen = await send(town, instructor, table())
    assert seen.status == 200 and f"{seen.path}/run" not in seen.forms()
    refused = await town.send(instructor, f"{seen.path}/run")
    assert refused.status == 403
    elsewhere = await town.officer(Role.ADMINISTRATOR, programme_id=await town.publish())
    assert (await elsewhere.get(seen.path)).status == 403
    assert (await officer.get(seen.path)).status == 200


async def test_what_nobody_records_is_forgotten(town: Town, officer: Browser) -> None:
    seen = await send(town, officer, table())
    await town.connection.execute("update import_file set at = now() - interval '31 days'")
    database = Database(town.dsn, name="test")
    await forget_imports(database)
    await database.close()
    assert not await town.connection.fetchval(
        "select exists (select from import_row join import_file using (import_id)"
        " where programme_id = $1 and fields is not null)",
        town.programme_id,
    )
    assert f"{seen.path}/run" not in (await officer.get(seen.path)).forms()


@pytest.mark.parametrize("content", [b"", b"MZ\x90\0", b"a;b\n1;2\n"])
async def test_what_is_no_table_is_refused(town: Town, officer: Browser, content: bytes) -> None:
    before = await town.snapshot()
    assert (await send(town, officer, content)).status == 422
    assert await town.snapshot() == before


async def test_organisations_are_known_by_their_numbers(town: Town, officer: Browser) -> None:
    head = "reference;type;name;siret;seat"
    file = f"{head}\n1;association;Les Amis;73282932000074;artois\n2;person;Ada;;\n".encode()
    seen = await send(town, officer, file, "organisations")
    assert await outcomes(town) == ["new", "refused"]
    await run(town, officer, seen)
    number = "73282932000074"
    kept = "select type, siret, seat from organisation where siret = $1"
    found = await town.connection.fetch(kept, number)
    assert [tuple(row) for row in found] == [("association", "73282932000074", "artois")]
    other = file.replace(b"\n1;", b"\n9;")
    seen = await send(town, officer, other, "organisations")
    assert await outcomes(town) == ["known", "refused"], "as it will be when it is run"
    await run(town, officer, seen)
    assert await outcomes(town) == ["known", "refused"]
    assert len(await town.connection.fetch(kept, number)) == 1


# Of organisations with these numbers one each is declared by a resident before files are sent.
DECLARED = ("siret", "73282932000074"), ("rna", "W621234567")
NUMBERS_GONE = (
    "update organisation set siret = null, siret_words = null, rna = null, rna_words = null"
)
OTHERS = ("siret", "55210055400013"), ("rna", "W623456789")


@pytest.fixture
async def declared(town: Town) -> None:
    """A resident declared an organisation with both numbers."""
    (_, siret), (_, rna) = DECLARED
    amis = Declared("association", "Les Amis", siret=siret, rna=rna, seat="artois")
    await town.connection.execute(NUMBERS_GONE)
    database = Database(town.dsn, name="test")
    async with database.begin() as session:
        await keep_many(session, [amis])
    await database.close()


async def test_a_dry_run_says_of_known_numbers_what_running_says(
    town: Town, officer: Browser, declared: None
) -> None:
    (_, siret), (_, rna) = DECLARED
    (_, siret2), (_, rna2) = OTHERS
    rows = [
        f"a;association;Les Amis;{siret};;artois",
        f"b;association;Les Ennemis;{siret};;lens-henin",
        f"c;association;Les Amis;;{rna};",
        f"d;association;Le Canal;{siret2};;artois",
        f"e;association;Le Canal;{siret2};;",
        f"f;association;Les Berges;{siret2};{rna2};",
        f"g;association;Le Verger;;{rna2};",
        f"h;association;La Haie;;{rna2};",
    ]
    file = "\n".join(["reference;type;name;siret;rna;seat", *rows]).encode()
    before = await town.snapshot()
    seen = await send(town, officer, file, "organisations")
    after = await town.snapshot()
    assert {**after, "answered": before["answered"]} == before
    foreseen = await report(officer, seen)
    assert [outcome for outcome, *_ in foreseen] == [
        *("known", "changed", "known", "new", "known", "changed", "new", "changed")
    ]
    assert foreseen[1][1:] == (
        "organisation_different",
        "its number is known here, with another name, seat: that stays as it is",
    )
    await run(town, officer, seen)
    assert await report(officer, seen) == foreseen
    many = await town.connection.fetchval("select count(*) from organisation")
    again = await send(town, officer, file, "organisations")
    assert [outcome for outcome, *_ in await report(officer, again)] == [
        *("known", "changed", "known", "known", "known", "changed", "known", "changed")
    ]
    await run(town, officer, again)
    assert await town.connection.fetchval("select count(*) from organisation") == many


async def test_what_is_known_by_its_number_when_a_file_is_read_is_new_where_that_is_gone(
    town: Town, officer: Browser, declared: None
) -> None:
    (_, number), _ = DECLARED
    file = f"reference;type;name;siret\n1;association;Les Amis;{number}\n".encode()
    seen = await send(town, officer, file, "organisations")
    assert await outcomes(town) == ["known"]
    await town.connection.execute(NUMBERS_GONE)
    await run(town, officer, seen)
    assert await outcomes(town) == ["new"]


async def report(officer: Browser, seen: Seen) -> list[tuple[str, str, str]]:
    """What became, or would become, of each row, by which code and why."""
    said = await officer.get(f"{seen.path}/report.csv")
    return [
        (line["outcome"], line["code"], line["detail"])
        for line in csv.DictReader(io.StringIO(said.text))
    ]


async def test_the_same_file_of_organisations_twice_changes_nothing(
    town: Town, officer: Browser
) -> None:
    file = b"reference;type;name;seat\n1;association;Les Amis;artois\n2;collectif;Nous;artois\n"
    kept = "select count(*) from organisation"
    others = await town.connection.fetchval(kept)
    await run(town, officer, await send(town, officer, file, "organisations"))
    assert await outcomes(town) == ["new", "new"]
    before = await town.connection.fetchval(kept), await town.events()
    assert before[0] == others + 2, "no number tells them from others, and their references do"
    await run(town, officer, await send(town, officer, file, "organisations"))
    assert await outcomes(town) == ["known", "known"]
    assert (await town.connection.fetchval(kept), await town.events()) == before


async def test_the_projects_of_an_election_become_options(town: Town) -> None:
    town.programme_id = await published(town)
    officer = await town.officer(
        Role.ADMINISTRATOR, Role.RETURNING_OFFICER, programme_id=town.programme_id
    )
    seen = await send(town, officer, election(), "projects")
    assert await outcomes(town) == ["new"] * 40
    await run(town, officer, seen)
    await send(town, officer, election(), "projects")
    assert await outcomes(town) == ["known"] * 40
    kinds = await town.events()
    assert [kinds.count(kind) for kind in ("idea-deposited", "dossier-filed")] == [40, 40]
    desk = f"/desk/programmes/{town.programme_id}"
    seen = await officer.fill(desk, f"{desk}/freeze", reason="Le vote peut commencer.")
    assert seen.status == 200, seen.words()
    options = await town.connection.fetchval(
        "select options from round where programme_id = $1", town.programme_id
    )
    assert options == 40


async def test_what_a_vote_has_no_room_for_is_refused_when_the_file_is_read(town: Town) -> None:
    town.programme_id = await published(town)
    officer = await town.officer(Role.ADMINISTRATOR, programme_id=town.programme_id)
    await leave_room(town, 15)
    seen = await send(town, officer, election(), "projects")
    assert await outcomes(town) == ["new"] * 15 + ["refused"] * 25
    assert "no more can be added" in (await officer.get(f"{seen.path}?outcome=refused")).words()
    await run(town, officer, seen)
    assert (await town.events()).count("dossier-filed") == 15
    await send(town, officer, election(), "projects")
    assert await outcomes(town) == ["known"] * 15 + ["refused"] * 25


async def test_what_found_its_room_taken_is_reported_and_keeps_nothing_waiting(
    town: Town, officer: Browser
) -> None:
    ideas_of, town.programme_id = town.programme_id, await published(town)
    other = await town.officer(Role.ADMINISTRATOR, programme_id=town.programme_id)
    seen = await send(town, other, election(), "projects")
    assert await outcomes(town) == ["new"] * 40
    await leave_room(town, 15)
    await run(town, other, seen)
    assert await outcomes(town) == ["new"] * 15 + ["refused"] * 25
    assert (await town.events()).count("dossier-reviewed") == 15
    words = (await other.get(f"{seen.path}?outcome=refused")).words()
    assert "no more can be added" in words and "None" not in words
    town.programme_id = ideas_of
    await run(town, officer, await send(town, officer, table()))
    assert len(await ideas(town)) == 3


async def test_a_row_that_another_charter_refuses_is_reported_and_the_others_are_recorded(
    town: Town, officer: Browser
) -> None:
    seen = await send(town, officer, table())
    assert await outcomes(town) == OUTCOMES
    await amended(town, "territories", lambda all_: [t for t in all_ if t["name"] != "lens-henin"])
    await run(town, officer, seen)
    assert await outcomes(town) == ["new", "refused", *OUTCOMES[2:]]
    assert [row["territory"] for row in await ideas(town)] == ["artois", "artois"]
    report = await officer.get(f"{seen.path}/report.csv")
    codes = [line["code"] for line in csv.DictReader(io.StringIO(report.text))]
    assert codes[1] == "territory_unknown"


async def test_projects_stay_out_where_the_charter_has_labels_by_now(
    town: Town, officer: Browser
) -> None:
    labels, town.programme_id = town.programme_id, await published(town)
    families = json.loads(
        await town.connection.fetchval(
            "select rules -> 'families' from programme where programme_id = $1", labels
        )
    )
    other = await town.officer(Role.ADMINISTRATOR, programme_id=town.programme_id)
    seen = await send(town, other, election(), "projects")
    await amended(town, "families", lambda _: families)
    await run(town, other, seen)
    assert "projects have labels now" in (await other.get(seen.path)).words()
    assert await ideas(town) == []


async def leave_room(town: Town, projects: int) -> None:
    """A programme has all but so many of the projects that one vote can have, at once."""
    await town.connection.execute(
        "insert into project (project_id, programme_id, title, cost)"
        " select gen_random_uuid(), programme_id, title, 1 from programme"
        " cross join generate_series(1, $2) where programme_id = $1",
        town.programme_id,
        MOST_OPTIONS - projects,
    )


async def amended(town: Town, name: str, change: Callable[[Any], Any]) -> None:
    """Another charter is in force."""
    said = await town.connection.fetchval(
        "select rules -> $2 from programme where programme_id = $1", town.programme_id, name
    )
    await town.connection.execute(
        "update programme set rules = jsonb_set(rules, array[$2], $3::jsonb)"
        " where programme_id = $1",
        town.programme_id,
        name,
        json.dumps(change(json.loads(said))),
    )


async def published(town: Town) -> UUID:
    """A rehearsal with the charter of the election, as two officers publish it."""
    from datetime import UTC, datetime, timedelta

    from shared.charters import charter
    from shared.charters.reading import merged, read_yaml
    from shared.pabulib import read_bytes
    from submission.imports.ballots import charter_of
    from submission.programmes.presets import presets
    from tests.submission.editions import publish

    now = datetime.now(UTC).replace(microsecond=0)
    said = charter_of(read_bytes(election(), "the file"), str(now.year))
    window = {
        "opens": (now + timedelta(hours=1)).isoformat(),
        "closes": (now + timedelta(hours=2)).isoformat(),
    }
    whole = {**said, "rehearsal": True, "second_officer": [], "phases": {"vote": window}}
    preset = read_yaml(presets()[str(said["preset"])])
    database = Database(town.dsn, name="test")
    found = await publish(database, charter(merged(preset, whole)))
    await database.close()
    return found


async def test_labels_make_options_where_there_are_labels(town: Town, officer: Browser) -> None:
    assert (await send(town, officer, election(), "projects")).status == 422


async def test_a_file_becomes_the_charter_of_an_edition(town: Town) -> None:
    officer = await town.officer(Role.ADMINISTRATOR)
    page = "/desk/programmes/imports/election"
    seen = await officer.upload(page, page, election(), "exempleville.pb", edition="2027")
    assert seen.status == 200, seen.words()
    written = seen.fields("/desk/programmes/new")["file"]
    assert "participatory-budget-import" in written
    preview = await officer.fill(seen, "/desk/programmes/new")
    assert preview.status == 200, preview.words()
    assert "Exempleville" in preview.words() or "exempleville" in preview.words()
