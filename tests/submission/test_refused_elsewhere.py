"""What is refused beside proposing, a code each, and nothing is changed: by programs, by officers'
desks, by limits that nobody comes to by chance.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest

from comptoir.browser import Browser
from shared.people import Role
from shared.people.oidc import Provider
from shared.refusal import Refusal
from submission.carriers.parts import MOST_PARTS, TooManyParts, check_new
from submission.documents.limits import MOST_BYTES, MOST_FILES, DocumentsFull, check_room
from submission.imports.kinds import PROJECTS, ImportNotHere, ImportUnknown, check_here, known_kind
from submission.programmes.amending import AmendedInPast, check_from_now_on
from tests.serving import DESK_KEY
from tests.submission.carrying import declare
from tests.submission.editions import edition
from tests.submission.proposing import REASON, Town

NOW = datetime.now(UTC)
FILE: Any = SimpleNamespace(length=MOST_BYTES)
PART: Any = SimpleNamespace(carrier_id=UUID(int=0), part="lead")
RULES: Mapping[str, tuple[Callable[[], object], type[Refusal]]] = {
    "an amendment of yesterday": (
        lambda: check_from_now_on(NOW - timedelta(seconds=1), NOW),
        AmendedInPast,
    ),
    "one file too many": (lambda: check_room([FILE] * MOST_FILES, 1), DocumentsFull),
    "one byte too many": (lambda: check_room([FILE], 1), DocumentsFull),
    "one carrier too many": (
        lambda: check_new([PART] * MOST_PARTS, uuid4(), "joint"),
        TooManyParts,
    ),
    "projects without labels where there are labels": (
        lambda: check_here(PROJECTS, edition().rules),
        ImportNotHere,
    ),
    "an import of something else": (lambda: known_kind("ballots"), ImportUnknown),
}


@pytest.mark.parametrize("what", RULES)
def test_a_rule_refuses_with_its_values(what: str) -> None:
    rule, refusal = RULES[what]
    with pytest.raises(refusal) as found:
        rule()
    assert len(str(found.value).split()) > 3


async def asked(town: Town, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """What the operator's key is told."""
    key = {"Authorization": f"Bearer {DESK_KEY}", "Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, town.url + path, data=json.dumps(body), headers=key) as answer,
    ):
        said = await answer.json(content_type=None)
        return answer.status, said.get("code", "")


async def test_the_key_does_nothing_to_what_a_charter_leads_and_nothing_twice(town: Town) -> None:
    project = {"title": "Un banc", "cost": 100}
    led = f"/programmes/{town.programme_id}"
    before = await town.snapshot()
    assert await asked(town, "POST", f"{led}/projects", project) == (409, "by_its_charter")
    assert await asked(town, "POST", f"{led}/freeze") == (409, "by_its_charter")
    assert await asked(town, "GET", "/desk/roles") == (403, "person_needed")
    assert await town.snapshot() == before
    await asked(town, "POST", "/programmes", {"title": "Importé", "rehearsal": True})
    imported = await town.connection.fetchval(
        "select programme_id from programme where rules is null limit 1"
    )
    same = project | {"project_id": str(uuid4())}
    path = f"/programmes/{imported}/projects"
    assert (await asked(town, "POST", path, same))[0] == 201
    before = await town.snapshot()
    assert await asked(town, "POST", path, same) == (409, "project_exists")
    path = f"/programmes/{imported}/deposit"
    seen = await town.send(town.browser(), path, title="Une idée", summary="Des arbres.")
    assert (seen.status, json.loads(seen.text)["code"]) == (409, "no_rules")
    assert await town.snapshot() == before


async def _at_desks(town: Town, what: str) -> tuple[Browser, str, dict[str, str]]:
    officer = await town.officer(Role.ADMINISTRATOR, Role.ADVISER)
    role = {"role": "instructor", "where": "", "officer": str(uuid4()), "reason": REASON}
    match what:
        case "a role of nobody":
            return officer, "/desk/roles/grant", role
        case "a role that is none":
            return officer, "/desk/roles/grant", role | {"role": "mayor"}
        case "a role in a programme that is none":
            return officer, "/desk/roles/grant", role | {"where": str(uuid4())}
        case "a role in a territory of no programme":
            return officer, "/desk/roles/grant", role | {"where": "/artois"}
        case "an account where nobody signs in by one":
            return officer, "/desk/roles/grant", role | {"subject": "alix"}
        case "a workshop that is none":
            new = f"/desk/programmes/{town.programme_id}/counters/new"
            said = {
                **{"place": "Arras", "territory": "artois", "capacity": "1"},
                **{"begins_at": "2199-03-01T18:00", "ends_at": "2199-03-01T20:00"},
                "workshop-singing": "yes",
            }
            return officer, new, said
        case "an import nobody read":
            page = f"/desk/programmes/{town.programme_id}/imports/{uuid4()}"
            return officer, f"{page}/run", {}
        case "places beyond all columns":
            new = f"/desk/programmes/{town.programme_id}/counters/new"
            said = {
                **{"place": "Arras", "territory": "artois", "capacity": "0000000015" + "9" * 5_000},
                **{"begins_at": "2199-03-01T18:00", "ends_at": "2199-03-01T20:00"},
            }
            return officer, new, said
    ada = town.browser()
    await town.deposit(ada)
    match what:
        case "a hundred aids and one":
            found = await declare(ada, siret="", rna="")
            await town.connection.execute(
                "insert into aid (aid_id, organisation_id, granted_on, amount, granted_by)"
                " select gen_random_uuid(), $1, '2026-01-01', 1, 'x' from generate_series(1, 100)",
                found,
            )
            aid = {"granted_on": "2026-01-01", "amount": "5", "granted_by": "Région"}
            return ada, f"/organisations/{found}/aids", aid
    raise AssertionError(what)


AT_DESKS = [
    ("a role of nobody", 404, "officer_unknown"),
    ("a role that is none", 422, "grant_refused"),
    ("a role in a programme that is none", 422, "grant_refused"),
    ("a role in a territory of no programme", 422, "grant_refused"),
    ("an account where nobody signs in by one", 422, "grant_refused"),
    ("a workshop that is none", 422, "workshop_unknown"),
    ("an import nobody read", 404, "import_unknown"),
    ("places beyond all columns", 422, "capacity_refused"),
    ("a hundred aids and one", 409, "too_many_aids"),
]


@pytest.mark.parametrize(("what", "status", "code"), AT_DESKS)
async def test_what_a_desk_refuses_leaves_nothing(
    town: Town, what: str, status: int, code: str
) -> None:
    browser, path, said = await _at_desks(town, what)
    before = await town.snapshot()
    seen = await town.send(browser, path, **said)
    assert (seen.status, json.loads(seen.text)["code"]) == (status, code)
    assert await town.snapshot() == before


async def test_what_is_not_there_is_said_in_words(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    seen = await ada.get(f"/programmes/{town.programme_id}/rules/versions/99")
    assert (seen.status, "version_unknown" in seen.text) == (404, True)
    seen = await ada.get(f"/documents/{uuid4()}")
    assert (seen.status, "file_not_found" in seen.text) == (404, True)
    document = await town.connection.fetchval(
        "insert into document (document_id, project_id, name, media, length, commitment, salt,"
        " kept, shown_name, attached_at) values (gen_random_uuid(), $1, 'budget', 'text/csv', 1,"
        " repeat('0', 64), decode(repeat('00', 32), 'hex'), 'database', 'a.csv', now())"
        " returning document_id",
        project_id,
    )
    seen = await ada.get(f"/documents/{document}")
    assert (seen.status, "files_nowhere" in seen.text) == (503, True)


async def test_a_provider_that_is_not_there_is_silent() -> None:
    provider = Provider("http://127.0.0.1:9", "client", "secret", "openid")
    with pytest.raises(Refusal) as found:
        await provider.departure("http://127.0.0.1/callback")
    assert found.value.code == "provider_silent"
