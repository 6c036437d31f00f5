"""The ledger's desk: two administrators settle what the sequencer cannot."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest

from comptoir.browser import Browser, Seen
from ledger.app import LedgerSettings, application
from shared.canonical import commitment
from shared.events.event import PLATFORM_LOG
from shared.people import Grant, Role, queries
from shared.people.guards import token_hash
from tests.ledger.conftest import EDITION, Ledger
from tests.ledger.test_outcomes import ONE, THREE, TWO, announcing, arriving, checked, said
from tests.serving import served, settings

DESK = "/desk"
SUBJECT = f"{EDITION}/submission"


@pytest.fixture
async def officers(edition: Ledger) -> AsyncIterator[tuple[Browser, Browser]]:
    """Two administrators who have signed in."""
    app = application(
        settings(
            LedgerSettings,
            edition.made.dsn,
            oidc_issuer="http://127.0.0.1:1",
            oidc_client_id="none",
            officers_key="ab" * 32,
        ),
        kafka=False,
    )
    async with served(app) as client, AsyncExitStack() as closing:
        found = []
        for name in ("Ada", "Grace"):
            officer, token = uuid4(), secrets.token_urlsafe(32)
            await queries.keep_officer(edition.superuser, officer, name, None)
            await queries.grant(edition.superuser, officer, Grant(Role.ADMINISTRATOR))
            hashed = token_hash(token)
            await queries.begin_session(edition.superuser, hashed, officer, "officer", 1)
            browser = Browser(client.url)
            browser.session.headers["Accept-Language"] = "en"
            await closing.enter_async_context(browser)
            browser.session.cookie_jar.update_cookies({"comptoir-ledger-session": token})
            found.append(browser)
        yield found[0], found[1]


async def confirm(officer: Browser) -> Seen:
    seen = await officer.get("/desk/acts")
    [action] = [action for action in seen.forms() if action.endswith("/confirm")]
    return await officer.post(action, seen.fields(action))


async def by_two(officers: tuple[Browser, Browser], action: str, reason: str) -> Seen:
    seen = await officers[0].fill(DESK, action, reason=reason)
    assert (seen.status, seen.path) == (200, DESK)
    return await confirm(officers[1])


async def kinds(edition: Ledger, log: str) -> list[str]:
    return [entry["type"].removeprefix("ledger.") for entry in await said(edition, log)]


async def test_two_officers_give_up_numbers_that_nobody_has(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    first, _, _, fourth, fifth = edition.dossiers(5)
    await edition.take(first, fourth, fifth)
    seen = await officers[0].get(DESK)
    assert "submission in the log edition" in seen.words()
    assert "Ask to give up the numbers 2 to 3" in seen.words()
    done = await by_two(officers, f"{DESK}/gaps/{SUBJECT}", "the disk is lost")
    assert (done.status, done.path) == (200, "/desk/acts")
    *_, accepted, released, last = await said(edition)
    kept = await edition.superuser.fetchrow("select * from act")
    assert kept is not None
    assert accepted["body"] == {
        "src": "submission",
        "from": 2,
        "to": 3,
        "reason": commitment(kept["salt"], "the disk is lost").hex(),
        "officers": [str(kept["asked_by"]), str(kept["answered_by"])],
    }
    assert (released["number"], last["number"]) == (4, 5)
    assert await edition.count("held") == 0
    assert (await kinds(edition, PLATFORM_LOG))[-2:] == [
        "second-officer-asked.v1",
        "second-officer-consented.v1",
    ]
    await checked(edition)
    await checked(edition, PLATFORM_LOG)
    # What was given up and comes after all is refused in public, and kept.
    late = edition.published(first.event, number=2)
    await edition.take(late)
    assert (await said(edition))[-1]["body"]["reason"] == "number_taken"
    await checked(edition)


async def test_a_gap_that_fills_meanwhile_is_not_given_up(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    first, second, third, fourth = edition.dossiers(4)
    await edition.take(first, fourth)
    await officers[0].fill(DESK, f"{DESK}/gaps/{SUBJECT}", reason="it is lost")
    await edition.take(second)
    seen = await confirm(officers[1])
    assert (seen.status, "changed_since" in seen.text) == (409, True)
    await edition.take(third)
    assert (await confirm(officers[1])).status == 409
    assert [entry["number"] for entry in (await said(edition))[1:]] == [1, 2, 3, 4]


async def test_whoever_asks_does_not_confirm_and_says_why(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    first, _, third = edition.dossiers(3)
    await edition.take(first, third)
    seen = await officers[0].fill(DESK, f"{DESK}/gaps/{SUBJECT}", reason="")
    assert seen.status == 422
    assert "write a reason of at least three characters" in seen.words()
    await officers[0].fill(DESK, f"{DESK}/gaps/{SUBJECT}", reason="it is lost")
    acts = await officers[1].get("/desk/acts")
    [action] = [action for action in acts.forms() if action.endswith("/confirm")]
    own = await officers[0].get("/desk/acts")
    [decline] = [action for action in own.forms() if action.endswith("/decline")]
    fields = {name: own.fields(decline)[name] for name in ("csrf", "once")}
    assert (await officers[0].post(action, fields)).status == 409
    assert await edition.count("filled") == 0


async def test_two_officers_reject_what_nobody_can_read(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    first, second, third = edition.dossiers(3)
    unread = arriving(second, type="submission.idea-blessed.v1")
    await edition.take(first, unread, third)
    assert "submission.idea-blessed.v1" in (await officers[0].get(DESK)).words()
    await by_two(officers, f"{DESK}/unread/{SUBJECT}", "no version knows it")
    *_, rejected, last = await said(edition)
    assert rejected["body"]["reason"] == "not_readable"
    assert len(rejected["body"]["officers"]) == 2
    assert last["number"] == 3
    assert await edition.count("held") == 0
    assert await edition.superuser.fetchval("select count(*) from quarantine") == 1
    await edition.take(unread)
    assert len(await said(edition)) == 4
    await checked(edition)


async def test_two_officers_end_a_log_and_what_comes_after_is_refused_in_public(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    dossiers = edition.dossiers(3)
    await edition.take(*dossiers[:2], *edition.closings(1))
    await by_two(officers, f"{DESK}/logs/{EDITION}/freeze", "the last instalment is paid")
    last = (await said(edition))[-1]
    assert last["type"] == "ledger.log-frozen.v1"
    assert last["body"]["numbers"] == {"submission": 2, "voting.count": 1}
    before = await edition.entries()
    late = arriving(dossiers[1], b"{}", id=uuid4())
    for _ in range(2):
        await edition.take(dossiers[2], late)
    assert await edition.entries() == before
    refused = [
        entry["body"]
        for entry in await said(edition, PLATFORM_LOG)
        if entry["type"] == "ledger.ingest-rejected.v1"
    ]
    assert [(each["log"], each["number"], each["reason"]) for each in refused] == [
        (EDITION, 3, "log_frozen"),
        (EDITION, 2, "log_frozen"),
    ]
    await checked(edition)
    await checked(edition, PLATFORM_LOG)
    # Publishers need not send it again; of logs that go on, nothing is said.
    told = await edition.superuser.fetch(
        "select convert_from(body, 'UTF8')::json->>'frozen' as frozen, key from outbox"
        " where topic = 'ledger.checkpoints' order by id"
    )
    assert {row["key"]: row["frozen"] for row in told} == {EDITION: "true", PLATFORM_LOG: None}
    assert "ended" in (await officers[0].get(DESK)).words()
    seen = await officers[0].get(DESK)
    assert f"{DESK}/logs/{EDITION}/freeze" not in seen.forms()


async def test_two_officers_take_a_key_of_a_service_that_lost_its_own(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    await edition.take(edition.charter("ended"), announcing(edition, ONE)[0])
    await by_two(officers, f"{DESK}/logs/ended/freeze", "it is over")
    over = await edition.entries("ended")
    lost, _ = announcing(edition, TWO)
    await edition.take(lost)
    seen = await officers[0].get(DESK)
    assert "Keys that nobody vouches for" in seen.words() and TWO.public in seen.words()
    action = f"{DESK}/keys/voting.count/{lost.envelope.id}"
    done = await by_two(officers, action, "the disk is lost")
    assert (done.status, done.path) == (200, "/desk/acts")
    for log in (PLATFORM_LOG, EDITION):
        [replaced] = [
            entry["body"]
            for entry in await said(edition, log)
            if entry["type"] == "ledger.service-key-replaced.v1"
        ]
        assert (replaced["src"], replaced["service_key"]) == ("voting.count", TWO.public)
        assert len(replaced["officers"]) == 2
    assert await edition.entries("ended") == over
    assert action not in (await officers[0].get(DESK)).forms()
    # It is a key like any other now: it vouches for later ones, and stands in logs that begin.
    await edition.take(announcing(edition, THREE, by=TWO)[0], edition.charter("other"))
    assert (await said(edition))[-1]["body"]["service_key"] == THREE.public
    [begun] = await said(edition, "other")
    assert set(begun["body"]["service_keys"]["voting.count"]) == {
        key.public for key in (ONE, TWO, THREE)
    }
    await edition.sign()


async def test_a_log_that_events_wait_for_does_not_end(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    first, _, third = edition.dossiers(3)
    await edition.take(first, third)
    seen = await officers[0].fill(DESK, f"{DESK}/logs/{EDITION}/freeze", reason="it is over")
    assert (seen.status, "events_wait" in seen.text) == (409, True)


async def test_the_database_lets_nobody_write_into_a_log_that_ended(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    await edition.take(*edition.dossiers(1))
    await by_two(officers, f"{DESK}/logs/{EDITION}/freeze", "it is over")
    with pytest.raises(Exception, match="the log edition is frozen"):
        await edition.superuser.execute(
            "insert into entry values ($1, 3, gen_random_uuid(), 'submission', 2, $2, 'x')",
            *(EDITION, bytes(32)),
        )


async def test_what_contradicts_raises_an_alarm_until_somebody_has_looked(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    first, second = edition.dossiers(2)
    lie = edition.published(second.event, number=1, id=first.envelope.id)
    await edition.take(first)
    await edition.take(lie)
    seen = await officers[0].get(DESK)
    [action] = [action for action in seen.forms() if action.endswith("/seen")]
    assert (await officers[0].post(action, seen.fields(action))).status == 200
    assert "There is nothing that nobody has looked at." in (await officers[1].get(DESK)).words()
    row = await edition.superuser.fetchrow("select seen_by, seen_at from quarantine")
    assert row is not None and row["seen_by"] is not None and row["seen_at"] is not None
    assert await edition.count("quarantine") == 1


async def test_the_desk_is_in_french_too(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    first, _, third = edition.dossiers(3)
    await edition.take(first, third)
    words = (await officers[0].get(f"{DESK}?lang=fr")).words()
    assert "Demander l’abandon des numéros 2 à 2" in words


async def test_the_acts_of_officers_are_numbered_with_the_ledgers_other_entries(
    edition: Ledger, officers: tuple[Browser, Browser]
) -> None:
    await edition.take(*edition.dossiers(1))
    await officers[0].fill(DESK, f"{DESK}/logs/{EDITION}/freeze", reason="it is over")
    await edition.take(edition.charter("other"))
    own: list[Any] = [json.loads(entry) for entry in await edition.entries(PLATFORM_LOG)]
    numbers = [entry["number"] for entry in own if entry["src"] == "ledger"]
    assert numbers == [1, 2, 3]
    await checked(edition, PLATFORM_LOG)
