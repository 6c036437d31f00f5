"""Declared identities over HTTP: who gets on the roll, who does not, and what is kept of them."""

import asyncio
import logging
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from comptoir.browser import Browser, Seen
from shared.contacts import Contact, check
from shared.events.private import MessageSealed
from shared.events.voting import TokensIssued
from shared.proof_of_work import holds, solve
from tests.shared.conftest import eventually
from tests.telling import told
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import EASY, TITLE, Edition
from tests.voting.roll.registering import (
    CHLOE,
    TELEPHONE,
    begin,
    code_of,
    digits,
    kept,
    proof,
    register,
    telephone,
    used,
)
from voting.roll.declared import queries
from voting.roll.declared.forgetting import forget_old
from voting.roll.handlers import DECLARED
from voting.roll.round_keys import RoundKeys
from voting.roll.telling import release_notices, wait

SAID = ["phone-code", "voting-code", "right-used"]
PERSONAL = (
    *("Delattre", "Wiśniewska", "Chlo", "1964", "62160", "calaisis", "exemple.example"),
    *("34 56 79", "0612345679", "612345679"),
)


async def test_who_proves_her_telephone_gets_a_code_by_sms(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    async with Browser(roll.url) as browser:
        seen = await begin(browser, round_id)
        assert (seen.status, seen.path) == (200, f"/rounds/{round_id}/register/code")
        [message] = await told(roll.database)
        assert (message.name, message.contact) == ("phone-code", Contact(TELEPHONE, "fr"))
        assert re.fullmatch(r"[0-9]{4} [0-9]{4}", str(message.values["code"]))
        assert await kept(roll) == {"person": 0, "channel": 0, "code": 0, "messages": 1}
        seen = await browser.fill(seen, seen.path, digits=str(message.values["code"]))
    assert (seen.status, seen.path) == (200, f"/rounds/{round_id}/registered")
    [_, message] = await told(roll.database)
    assert (message.name, message.contact) == ("voting-code", Contact(TELEPHONE, "fr"))
    assert message.values["title"] == TITLE
    url = urlsplit(str(message.values["url"]))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{roll.url}/rounds/{round_id}/vote"
    code = await code_of(roll)
    assert url.fragment == f"code={code}" and not url.query
    answer = await roll.token(round_id, code, new_blinded())
    assert (answer.status, answer.body["tier"]) == (201, "B")


async def test_without_an_address_the_telephone_is_told_that_the_right_was_used(
    roll: Roll,
) -> None:
    round_id = await Edition().held(roll)
    await register(roll, round_id, address="")
    assert (await roll.token(round_id, await code_of(roll), new_blinded())).status == 201
    notice = await used(roll)
    check(notice)
    assert (notice.name, notice.contact.address) == ("right-used", TELEPHONE)


@pytest.mark.parametrize(
    "wrong",
    [{"proof": ""}, {"proof": "-1"}, {"proof_day": "2026-01-01"}, {"once": "o" * 43}],
)
async def test_no_message_leaves_without_a_proof_of_work(roll: Roll, wrong: dict[str, str]) -> None:
    hard = EASY.model_copy(update={"proof_bits": 24})  # nobody proves it by chance
    round_id = await Edition(screening=hard).held(roll)
    async with Browser(roll.url) as browser:
        action = f"/rounds/{round_id}/register"
        fields = (await browser.get(action)).fields(action)
        seen = await browser.post(action, fields | CHLOE | {"proof": "1"} | wrong)
    assert seen.status == 422 and "still here" in seen.text
    assert (await kept(roll))["messages"] == 0


async def test_a_proof_is_spent_with_its_form(roll: Roll) -> None:
    """Another browser, or the same one with another form's answer, proves anew."""
    round_id = await Edition().held(roll)
    action = f"/rounds/{round_id}/register"
    async with Browser(roll.url) as browser, Browser(roll.url) as other:
        fields = (await browser.get(action)).fields(action)
        fields |= CHLOE | proof(round_id, fields)
        assert (await browser.post(action, fields)).status == 200
        form = {"csrf": (await other.get(action)).fields(action)["csrf"]}
        assert (await other.post(action, fields | form)).status == 422
    assert (await kept(roll))["messages"] == 1


def test_a_proof_is_the_hash_of_challenge_and_number() -> None:
    number = solve("a/b/c", 10)
    assert holds("a/b/c", number, 10) and not holds("a/b/d", "", 1)
    assert not holds("a/b/c", number, 200)
    for wrong in ("", "-1", "1.0", " 1", "\u0661", "9" * 21):
        assert not holds("a/b/c", wrong, 0)


async def test_one_may_register_before_voting_opens(roll: Roll) -> None:
    edition = Edition(opens=7200, closes=9000)
    await roll.handle(*edition.preparation(), edition.charter())
    assert (await register(roll, edition.round_id)).path.endswith("/registered")
    await roll.handle(await edition.opening(roll))
    answer = await roll.token(edition.round_id, await code_of(roll), new_blinded())
    assert answer.refusal == (409, "not_open")


async def used_once(roll: Roll, rehearsal: bool) -> str:
    """The voting page of a round in which Chloé used her code, ten times at once."""
    round_id, blinded = await Edition().held(roll), new_blinded()
    await roll.connection.execute("update round set rehearsal = $1", rehearsal)
    await register(roll, round_id)
    code = await code_of(roll)
    answers = await asyncio.gather(*(roll.token(round_id, code, blinded) for _ in range(10)))
    assert {answer.status for answer in answers} == {201}
    assert await counted(roll, "code where notice is not null") == 0
    return f"{roll.url}/rounds/{round_id}/vote"


async def counted(roll: Roll, rows: str) -> int:
    """How many rows there are."""
    return int(await roll.connection.fetchval(f"select count(*) from {rows}"))


async def test_in_a_rehearsal_using_the_right_is_told_once_and_soon(roll: Roll) -> None:
    url = await used_once(roll, rehearsal=True)
    await eventually(lambda: counted(roll, "waiting_notice"), lambda left: left == 0)
    [_, _, notice] = await told(roll.database)
    check(notice)
    assert (notice.name, notice.contact) == ("right-used", Contact(CHLOE["address"], "fr"))
    assert notice.values == {"title": TITLE, "url": url}
    rows = await roll.connection.fetch(
        "select * from outbox where topic = $1 order by id", MessageSealed.topic
    )
    _, given, used = [dict(row) for row in rows]
    for row in (given, used):
        message_id = MessageSealed.from_body(row["body"]).message_id
        assert row["event_id"] == message_id and row["key"] == row["subject"] == str(message_id)
    same = ("type", "source", "log", "position", "number")
    assert [given[name] for name in same] == [used[name] for name in same]


async def test_elsewhere_using_the_right_is_told_hours_later(roll: Roll) -> None:
    """Until then nothing of it is in the outbox, and the waiting row says neither who nor when."""
    await used_once(roll, rehearsal=False)
    await release_notices(roll.database)
    assert len(await told(roll.database)) == 2
    row = await roll.connection.fetchrow(
        "select w.*, w.due_at - now() as waits from waiting_notice w"
    )
    assert row is not None and set(row.keys()) == {"notice_id", "notice", "due_at", "waits"}
    assert timedelta(minutes=59) < row["waits"] <= timedelta(hours=6, minutes=1)
    assert row["due_at"].second == row["due_at"].microsecond == 0
    await roll.connection.execute("update waiting_notice set due_at = now()")
    await asyncio.gather(*(release_notices(roll.database) for _ in range(5)))
    assert [message.name for message in await told(roll.database)] == SAID
    assert await counted(roll, "waiting_notice") == 0


async def test_a_use_is_told_although_the_round_closed_meanwhile(roll: Roll) -> None:
    await used_once(roll, rehearsal=False)
    [round_id] = [row[0] for row in await roll.connection.fetch("select round_id from round")]
    await roll.close(round_id)
    assert await counted(roll, "waiting_notice") == 1


def test_messages_wait_any_time_between_one_hour_and_six() -> None:
    waits = [wait() for _ in range(2000)]
    assert timedelta(hours=1) <= min(waits) and max(waits) <= timedelta(hours=6)
    for hour in range(1, 6):  # about 400 each; fewer than 200 is no accident
        within = [w for w in waits if timedelta(hours=hour) <= w < timedelta(hours=hour + 1)]
        assert len(within) > 200


async def test_a_use_that_never_comes_is_forgotten_at_closing(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    await register(roll, round_id)
    assert await roll.connection.fetchval("select count(notice) from code") == 1
    await roll.close(round_id)
    assert await roll.connection.fetchval("select count(notice) from code") == 0
    assert [m.name for m in await told(roll.database)] == ["phone-code", "voting-code"]


async def test_the_tiers_are_counted_apart(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    await register(roll, round_id)
    for code in (await code_of(roll), await roll.code(round_id), await roll.code(round_id)):
        assert (await roll.token(round_id, code, new_blinded())).status == 201
    await roll.close(round_id)
    [counted] = await roll.announced(TokensIssued)
    assert counted["issued"] == {"A": 2, "B": 1}


async def test_a_form_sent_twice_is_one_registration(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    action = f"/rounds/{round_id}/register"
    async with Browser(roll.url) as browser:
        fields = (await browser.get(action)).fields(action)
        fields |= CHLOE | proof(round_id, fields)
        seen = await asyncio.gather(*(browser.post(action, fields) for _ in range(5)))
        assert {each.path for each in seen} == {f"{action}/code"}
        assert (await kept(roll))["messages"] == 1
        sent = seen[0].fields(f"{action}/code") | {"digits": await digits(roll)}
        seen = await asyncio.gather(*(browser.post(f"{action}/code", sent) for _ in range(5)))
    assert {each.path for each in seen} == {f"/rounds/{round_id}/registered"}
    assert await kept(roll) == {"person": 1, "channel": 1, "code": 1, "messages": 2}


async def test_nothing_that_is_answered_tells_whether_somebody_is_known(roll: Roll) -> None:
    """The same pages, statuses and cookies for Chloé's first registration and for somebody who
    types her name: what differs goes to the telephone, and says what others are told too."""
    round_id = await Edition().held(roll)
    answers = []
    for number in range(2):
        async with Browser(roll.url) as browser:
            one = await begin(browser, round_id, telephone=telephone(number), address="")
            two = await browser.fill(one, one.path, digits=await digits(roll))
            answers.append(
                (plain(one), plain(two), sorted(c.key for c in browser.session.cookie_jar))
            )
    assert answers[0] == answers[1]
    assert [m.name for m in await told(roll.database)] == [
        *("phone-code", "voting-code", "phone-code", "registration-held"),
    ]
    assert (await kept(roll))["code"] == 1


def plain(seen: Seen) -> tuple[int, str, str]:
    """An answer without what is of chance in it."""
    return seen.status, seen.path, re.sub(r'value="[^"]{30,}"', "", seen.text)


async def test_of_twenty_at_once_with_one_identity_one_gets_a_code(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    ways = ["Chloe", "CHLOÉ", " chloé ", "Chloe\u0301"]
    await at_once(
        roll, round_id, [{"first_name": ways[n % 4], "telephone": telephone(n)} for n in range(20)]
    )
    assert await kept(roll) == {"person": 1, "channel": 20, "code": 1, "messages": 40}
    grounds = await roll.connection.fetch("select grounds, contested from held")
    assert [tuple(row) for row in grounds] == [(["identity"], True)] * 19


async def test_of_twenty_at_once_with_one_telephone_two_get_a_code(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    await at_once(roll, round_id, [{"first_name": f"Chloé {chr(97 + n)}"} for n in range(20)])
    assert await kept(roll) == {"person": 20, "channel": 1, "code": 2, "messages": 40}
    grounds = await roll.connection.fetch("select grounds, contested from held")
    assert [tuple(row) for row in grounds] == [(["telephone"], False)] * 18
    seen = await register(roll, round_id, first_name="Éva", telephone="0033 (0)6 12.34.56.79")
    assert seen.status == 200 and (await kept(roll))["code"] == 2, "the same telephone"


async def at_once(roll: Roll, round_id: UUID, people: list[dict[str, str]]) -> None:
    """Some begin one after the other, and prove their telephones at the same time."""
    browsers, typed = [Browser(roll.url) for _ in people], []
    for browser, person in zip(browsers, people, strict=True):
        seen = await begin(browser, round_id, **person)
        typed.append((browser, seen, await digits(roll)))
    done = await asyncio.gather(*(b.fill(seen, seen.path, digits=d) for b, seen, d in typed))
    assert {each.path for each in done} == {f"/rounds/{round_id}/registered"}
    for browser in browsers:
        await browser.close()


async def test_a_code_is_good_for_five_tries_in_the_browser_that_asked(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    page = f"/rounds/{round_id}/register/code"
    async with Browser(roll.url) as browser, Browser(roll.url) as other:
        await begin(browser, round_id)
        right = await digits(roll)
        assert (await other.fill(page, page, digits=right)).status == 409
        wrong = f"{(int(right.replace(' ', '')) + 1) % 10**8:08d}"
        for _ in range(4):
            seen = await browser.fill(page, page, digits=wrong)
            assert seen.status == 422 and "not the digits" in seen.text
        assert (await browser.fill(page, page, digits=wrong)).status == 409
        assert (await browser.fill(page, page, digits=right)).status == 409
        assert await kept(roll) == {"person": 0, "channel": 0, "code": 0, "messages": 1}
        seen = await begin(browser, round_id)
        seen = await browser.fill(seen, page, digits=await digits(roll))
        assert seen.path.endswith("/registered")


async def test_a_code_is_good_for_ten_minutes_and_then_forgotten(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    async with Browser(roll.url) as browser:
        seen = await begin(browser, round_id)
        lasts = await roll.connection.fetchval("select expires_at - now() from registration")
        assert 9 * 60 < lasts.total_seconds() <= 10 * 60
        await roll.connection.execute("update registration set expires_at = now()")
        assert (await browser.fill(seen, seen.path, digits=await digits(roll))).status == 409
    await forget_old(roll.database)
    assert await roll.connection.fetchval("select count(*) from registration") == 0


async def test_digits_are_stored_as_a_hash_of_their_browser(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    async with Browser(roll.url) as browser:
        await begin(browser, round_id)
    found = (await digits(roll)).replace(" ", "")
    row = await roll.connection.fetchval("select r::text from registration r")
    assert found not in row
    for secret in (found, f"/{found}"):
        hashed = RoundKeys(roll.directory).hashed(round_id, "digits", secret.encode())
        assert hashed.hex() not in row


# What somebody types who is the same as those before as far as this limit goes, and no further.
LIMITS: dict[str, dict[str, str]] = {
    "phone_day": {"address": ""},
    "block_hour": {"telephone": "+3360000000{}", "address": ""},
    "domain_hour": {"telephone": "+3360000000{}", "address": "a{}@Exemple.example"},
    "all_hour": {"telephone": "+3360000000{}"},
}


@pytest.mark.parametrize("limit", LIMITS)
async def test_above_each_limit_no_message_leaves_for_a_while(roll: Roll, limit: str) -> None:
    def typed(number: int) -> dict[str, str]:
        return {name: value.format(number) for name, value in LIMITS[limit].items()}

    round_id = await Edition(screening=EASY.model_copy(update={limit: 2})).held(roll)
    for number in range(4):
        async with Browser(roll.url) as browser:
            seen = await begin(browser, round_id, **typed(number))
        assert seen.status == (200 if number < 2 else 429), seen.text
        assert ("try again" in seen.text.lower()) == (number >= 2)
    assert (await kept(roll))["messages"] == 2
    if limit != "all_hour":
        other = {"telephone": telephone(9), "address": ""}
        async with Browser(roll.url) as browser:
            seen = await begin(browser, round_id, **other)
        assert seen.status == (429 if limit == "block_hour" else 200)
    await roll.connection.execute("update seen set minute = minute - 1440, until = until - 2880")
    await forget_old(roll.database)
    async with Browser(roll.url) as browser:
        assert (await begin(browser, round_id, **typed(1))).status == 200


async def test_the_same_person_votes_in_each_round(roll: Roll) -> None:
    for _ in range(2):
        assert (await register(roll, await Edition().held(roll))).status == 200
    assert await kept(roll) == {"person": 2, "channel": 2, "code": 2, "messages": 4}


REFUSED: list[tuple[str, dict[str, str], int, str, str]] = [
    ("a name that is none", {"birth_name": " - "}, 422, "identity_malformed", "birth name"),
    ("no birth date", {"born": "29/02/1964"}, 422, "identity_malformed", "date of birth"),
    ("no commune", {"commune": "Arras"}, 422, "identity_malformed", "INSEE"),
    ("no country", {"country": ""}, 422, "identity_malformed", "country"),
    ("no address", {"address": "chloe"}, 422, "address_malformed", "e-mail address"),
    ("no telephone", {"telephone": "03 21 00 00 00"}, 422, "telephone_malformed", "mobile number"),
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
    assert await kept(roll) == {"person": 0, "channel": 0, "code": 0, "messages": 0}


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
        sent = await browser.post(action, fields | CHLOE | proof(edition.round_id, fields))
    assert sent.status == (404 if what == "unknown" else 409)
    assert (await kept(roll))["messages"] == 0


async def test_a_form_of_another_site_is_refused(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    action = f"/rounds/{round_id}/register"
    async with Browser(roll.url) as browser, Browser(roll.url) as other:
        fields = (await other.get(action)).fields(action) | CHLOE
        assert (await browser.post(action, fields)).status == 403
        fields = (await browser.get(action)).fields(action) | CHLOE
        assert (await browser.post(action, fields, Sec_Fetch_Site="cross-site")).status == 403
    assert (await kept(roll))["messages"] == 0


async def test_a_script_in_a_field_comes_back_as_text(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    hostile = "\"><script>alert('x')</script>"
    seen = await register(roll, round_id, birth_name=hostile, born=hostile, address=hostile)
    assert seen.status == 422
    assert "<script>" not in seen.text and "alert('x')" not in seen.text


async def test_nothing_personal_is_in_any_table(
    roll: Roll, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    round_id, blinded = await Edition().held(roll), new_blinded()
    await register(roll, round_id)
    code = await code_of(roll)
    await register(roll, round_id)
    async with Browser(roll.url) as browser:
        await begin(browser, round_id, telephone=telephone(3))
    assert (await roll.token(round_id, code, blinded)).status == 201
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
    secrets = [*PERSONAL, code, blinded, *(s.encode().hex() for s in (*PERSONAL, code))]
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
    """No value of one row stands in the other's, nor do both in what was begun; that both came in
    one transaction is in the README."""
    round_id = await Edition().held(roll)
    await register(roll, round_id)

    async def values(table: str) -> set[Any]:
        [row] = await roll.connection.fetch(f"select * from {table}")
        return {value for value in row.values() if value is not None} - {round_id, 0, 1, "B"}

    declared, channel, code = [await values(t) for t in ("person", "channel", "code")]
    assert not declared & code and not channel & code and not declared & channel
    begun = await values("registration")
    assert not begun & (declared | channel | code)


async def test_a_closing_waits_for_a_registration_under_way(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    async with roll.connection.transaction():
        assert await queries.lock_registering(roll.connection, round_id, DECLARED) == "open"
        closing = asyncio.ensure_future(roll.close(round_id))
        await asyncio.sleep(0.3)
        assert not closing.done()
    await closing
    assert await roll.connection.fetchval("select closed from round")
