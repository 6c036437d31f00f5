"""Declared identities over HTTP: who gets on the roll, who does not, and what is kept of them."""

import asyncio
import logging
import re
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from comptoir.browser import Browser, Seen
from shared.codes import read_code
from shared.contacts import Contact, check
from shared.events.private import MessageSealed
from shared.events.voting import TokensIssued
from tests.telling import told
from tests.voting.roll.conftest import Roll, new_key
from tests.voting.roll.elections import TITLE, Edition
from voting.roll.declared import queries
from voting.roll.handlers import DECLARED

CHLOE = {
    "birth_name": "Delattre-Wiśniewska",
    "first_name": "Chloé",
    "born": "1964-02-29",
    "country": "FR",
    "commune": "62160",
    "territory": "calaisis",
    "address": "chloe.delattre@exemple.example",
    "language": "fr",
    "sworn": "yes",
}
PERSONAL = ("Delattre", "Wiśniewska", "Chlo", "1964", "62160", "calaisis", "exemple.example")


async def register(roll: Roll, round_id: UUID, **others: str) -> Seen:
    """Fill the form in and send it, as a browser without JavaScript does."""
    async with Browser(roll.url) as browser:
        action = f"/rounds/{round_id}/register"
        return await browser.fill(action, action, **(CHLOE | others))


async def code_of(roll: Roll) -> str:
    """The code in the last message."""
    [*_, message] = await told(roll.database)
    code = read_code(str(message.values["code"]))
    assert code is not None
    return code


async def kept(roll: Roll) -> dict[str, int]:
    """How many rows there are of what a registration leaves."""
    tables = ("declared", "channel", "code")
    rows = {t: await roll.connection.fetchval(f"select count(*) from {t}") for t in tables}
    return rows | {"messages": len(await told(roll.database))}


async def test_who_passes_the_rules_gets_a_code_by_mail(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    seen = await register(roll, round_id)
    assert (seen.status, seen.path) == (200, f"/rounds/{round_id}/registered")
    [message] = await told(roll.database)
    assert (message.name, message.contact) == ("voting-code", Contact(CHLOE["address"], "fr"))
    assert message.values["title"] == TITLE
    url = urlsplit(str(message.values["url"]))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{roll.url}/rounds/{round_id}/vote"
    code = await code_of(roll)
    assert url.fragment == f"code={code}" and not url.query
    answer = await roll.token(round_id, code, new_key())
    assert (answer.status, answer.body["tier"]) == (201, "B")


async def test_one_may_register_before_voting_opens(roll: Roll) -> None:
    edition = Edition(opens=7200, closes=9000)
    await roll.handle(*edition.preparation(), edition.charter())
    assert (await register(roll, edition.round_id)).path.endswith("/registered")
    await roll.handle(await edition.opening(roll))
    answer = await roll.token(edition.round_id, await code_of(roll), new_key())
    assert answer.refusal == (409, "not_open")


async def test_using_the_right_is_told_once_in_the_same_commit(roll: Roll) -> None:
    round_id, key = await Edition().held(roll), new_key()
    await register(roll, round_id)
    code = await code_of(roll)
    answers = await asyncio.gather(*(roll.token(round_id, code, key) for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    [_, notice] = await told(roll.database)
    check(notice)
    assert (notice.name, notice.contact) == ("right-used", Contact(CHLOE["address"], "fr"))
    assert notice.values == {"title": TITLE, "url": f"{roll.url}/rounds/{round_id}/vote"}
    rows = await roll.connection.fetch(
        "select * from outbox where topic = $1 order by id", MessageSealed.topic
    )
    given, used = [dict(row) for row in rows]
    for row in (given, used):
        message_id = MessageSealed.from_body(row["body"]).message_id
        assert row["event_id"] == message_id and row["key"] == row["subject"] == str(message_id)
    same = ("type", "source", "log", "position", "number")
    assert [given[name] for name in same] == [used[name] for name in same]
    assert await roll.connection.fetchval("select count(notice) from code") == 0


async def test_a_use_that_never_comes_is_forgotten_at_closing(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    await register(roll, round_id)
    assert await roll.connection.fetchval("select count(notice) from code") == 1
    await roll.close(round_id)
    assert await roll.connection.fetchval("select count(notice) from code") == 0
    assert len(await told(roll.database)) == 1


async def test_the_tiers_are_counted_apart(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    await register(roll, round_id)
    for code in (await code_of(roll), await roll.code(round_id), await roll.code(round_id)):
        assert (await roll.token(round_id, code, new_key())).status == 201
    await roll.close(round_id)
    [counted] = await roll.announced(TokensIssued)
    assert counted["issued"] == {"A": 2, "B": 1}


async def test_a_form_sent_twice_is_one_registration(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    action = f"/rounds/{round_id}/register"
    async with Browser(roll.url) as browser:
        fields = (await browser.get(action)).fields(action) | CHLOE
        seen = await asyncio.gather(*(browser.post(action, fields) for _ in range(5)))
    assert {each.path for each in seen} == {f"/rounds/{round_id}/registered"}
    assert await kept(roll) == {"declared": 1, "channel": 1, "code": 1, "messages": 1}


async def test_of_twenty_at_once_with_one_identity_one_is_on_the_roll(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    ways = ["Chloe", "CHLOÉ", " chloé ", "Chloe\u0301"]
    seen = await asyncio.gather(
        *(
            register(roll, round_id, first_name=ways[n % 4], address=f"a{n}@exemple.example")
            for n in range(20)
        )
    )
    assert sorted(each.status for each in seen) == [200, *[409] * 19]
    assert await kept(roll) == {"declared": 1, "channel": 1, "code": 1, "messages": 1}


async def test_of_twenty_at_once_with_one_address_two_are_on_the_roll(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    seen = await asyncio.gather(
        *(register(roll, round_id, first_name=f"Chloé {chr(97 + n)}") for n in range(20))
    )
    assert sorted(each.status for each in seen) == [200, 200, *[409] * 18]
    assert await kept(roll) == {"declared": 2, "channel": 1, "code": 2, "messages": 2}
    again = await register(roll, round_id, first_name="Zoé", address=f"X+{CHLOE['address']}")
    assert again.status == 200, "another mailbox"
    folded = CHLOE["address"].upper().replace("@", "+vote@")
    assert (await register(roll, round_id, first_name="Éva", address=folded)).status == 409


async def test_the_same_person_votes_in_each_round(roll: Roll) -> None:
    for _ in range(2):
        assert (await register(roll, await Edition().held(roll))).status == 200
    assert (await kept(roll))["declared"] == 2


REFUSED: list[tuple[str, dict[str, str], int, str, str]] = [
    ("a name that is none", {"birth_name": " - "}, 422, "identity_malformed", "birth name"),
    ("no birth date", {"born": "29/02/1964"}, 422, "identity_malformed", "date of birth"),
    ("no commune", {"commune": "Arras"}, 422, "identity_malformed", "INSEE"),
    ("no country", {"country": ""}, 422, "identity_malformed", "country"),
    ("no address", {"address": "chloe"}, 422, "address_malformed", "e-mail address"),
    ("ten years old", {"born": "2018-01-01"}, 422, "too_young", "from 11 years"),
    ("born in 1864", {"born": "1864-02-29"}, 422, "implausible_age", "check it"),
    ("not born yet", {"born": "2164-02-29"}, 422, "implausible_age", "check it"),
    ("from elsewhere", {"territory": "elsewhere"}, 422, "not_resident", "territories"),
    ("no territory", {"territory": ""}, 422, "not_resident", "territories"),
    ("not sworn", {"sworn": ""}, 422, "not_sworn", "honour"),
    ("twelve, alone", {"born": "2014-01-01"}, 422, "consent_missing", "parent has to agree"),
    ("no language", {"language": "de"}, 422, "form_incomplete", "still here"),
    ("no form", {"once": ""}, 422, "form_incomplete", "still here"),
]


@pytest.mark.parametrize(
    ("typed", "status", "code", "said"),
    [case[1:] for case in REFUSED],
    ids=[case[0] for case in REFUSED],
)
async def test_a_refusal_says_what_is_wrong_and_keeps_what_was_typed(
    roll: Roll,
    caplog: pytest.LogCaptureFixture,
    typed: dict[str, str],
    status: int,
    code: str,
    said: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    # Ages in these cases are on one day, whenever the test runs.
    round_id = await Edition().held(roll)
    await roll.connection.execute(
        "update round set opens_at = '2026-09-01', closes_at = '2126-09-01'"
    )
    seen = await register(roll, round_id, **typed)
    assert seen.status == status
    assert said in seen.text
    fields = seen.fields(f"/rounds/{round_id}/register")
    for name, value in (CHLOE | typed).items():
        if value and name not in ("territory", "language"):
            assert fields[name] == value, name
    async with Browser(roll.url) as browser:
        browser.session.headers["Accept"] = "application/json"
        action = f"/rounds/{round_id}/register"
        page = await browser.session.get(f"{roll.url}{action}", headers={"Accept": "text/html"})
        form = re.findall(r'name="(csrf|once)" value="([^"]+)"', await page.text())
        answer = await browser.post(action, dict(form) | CHLOE | typed)
    assert answer.status == status and f'"code":"{code}"' in answer.text
    for secret in PERSONAL:
        assert not stands_in(answer.text, secret), secret
        assert not stands_in(caplog.text, secret), secret
    assert await kept(roll) == {"declared": 0, "channel": 0, "code": 0, "messages": 0}


async def test_who_is_on_the_roll_is_told_what_to_do(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    await register(roll, round_id)
    seen = await register(roll, round_id, address="other@exemple.example")
    assert seen.status == 409 and "come to a counter" in seen.text
    assert len(await told(roll.database)) == 1


@pytest.mark.parametrize("what", ["closed", "over", "imported", "unknown", "no charter yet"])
async def test_where_nobody_registers_the_page_says_so(roll: Roll, what: str) -> None:
    edition = Edition(closes=-1 if what == "over" else 3600, imported=what == "imported")
    if what == "no charter yet":
        await roll.handle(*edition.preparation())
    elif what != "unknown":
        await edition.held(roll)
    if what == "closed":
        await roll.close(edition.round_id)
    action = f"/rounds/{edition.round_id}/register"
    async with Browser(roll.url) as browser:
        seen = await browser.get(action)
        assert seen.status == (404 if what == "unknown" else 200)
        assert action not in seen.forms()
        other = Edition()
        await other.held(roll)
        fields = (await browser.get(f"/rounds/{other.round_id}/register")).fields(
            f"/rounds/{other.round_id}/register"
        )
        sent = await browser.post(action, fields | CHLOE)
    assert sent.status == (404 if what == "unknown" else 409)
    assert (await kept(roll))["declared"] == 0


async def test_a_form_of_another_site_is_refused(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    action = f"/rounds/{round_id}/register"
    async with Browser(roll.url) as browser, Browser(roll.url) as other:
        fields = (await other.get(action)).fields(action) | CHLOE
        assert (await browser.post(action, fields)).status == 403
        fields = (await browser.get(action)).fields(action) | CHLOE
        assert (await browser.post(action, fields, Sec_Fetch_Site="cross-site")).status == 403
    assert (await kept(roll))["declared"] == 0


async def test_a_script_in_a_field_comes_back_as_text(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    hostile = "\"><script>alert('x')</script>"
    seen = await register(roll, round_id, birth_name=hostile, born=hostile, address=hostile)
    assert seen.status == 422
    assert "<script" not in seen.text


async def test_nothing_personal_is_in_any_table(
    roll: Roll, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    round_id, key = await Edition().held(roll), new_key()
    await register(roll, round_id)
    code = await code_of(roll)
    await register(roll, round_id)
    assert (await roll.token(round_id, code, key)).status == 201
    tables = await roll.connection.fetch(
        "select c.oid::regclass::text as name from pg_class c join pg_namespace n"
        " on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname = 'public'"
    )
    rows: list[str] = []
    for table in tables:
        found = await roll.connection.fetch(f"select t::text as row from {table['name']} t")
        # Charter and options name the territories.
        rows += [row["row"] for row in found if table["name"] not in ("programme", "option")]
    whole = "\n".join(rows).lower()
    assert len(rows) > 20
    secrets = [*PERSONAL, code, key, *(s.encode().hex() for s in (*PERSONAL, code))]
    for secret in secrets:
        if secret.lower() in ("calaisis", b"calaisis".hex()):
            continue  # options are in territories too
        assert not stands_in(whole, secret.lower()), secret
        assert not stands_in(caplog.text, secret), secret


def stands_in(whole: str, secret: str) -> bool:
    """Whether it stands there; figures as a number of their own, since digests are full of them."""
    if not secret.isdigit():
        return secret in whole
    return re.search(rf"(?<![\w+/=-]){secret}(?![\w+/=])", whole) is not None


def test_figures_are_found_where_they_are_a_date_or_a_place_and_not_in_a_digest() -> None:
    assert stands_in('(7,"1964-03-14")', "1964") and stands_in("(x,62160)", "62160")
    assert not stands_in("(a1964f,8f3a2b1c-1964-4e5f-8a9b-0123456789ab)", "1964")


async def test_neither_code_nor_identity_names_the_other(roll: Roll) -> None:
    """No value of one row stands in the other's; that both came in one transaction is in the
    README."""
    round_id = await Edition().held(roll)
    await register(roll, round_id)

    async def values(table: str) -> set[Any]:
        [row] = await roll.connection.fetch(f"select * from {table}")
        return {value for value in row.values() if value is not None} - {round_id, 1}

    declared, channel, code = [await values(t) for t in ("declared", "channel", "code")]
    assert not declared & code and not channel & code and not declared & channel


async def test_a_closing_waits_for_a_registration_under_way(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    async with roll.connection.transaction():
        verdict = await queries.register(
            roll.connection,
            round_id,
            DECLARED,
            identity=bytes(32),
            form=bytes(32),
            address=bytes(32),
        )
        assert verdict == "registered"
        closing = asyncio.ensure_future(roll.close(round_id))
        await asyncio.sleep(0.3)
        assert not closing.done()
    await closing
    assert await roll.connection.fetchval("select closed from round")
