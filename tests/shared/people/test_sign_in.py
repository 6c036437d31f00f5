"""Signing in: officers through the identity provider, residents by a mailed link; forms."""

import asyncio
import subprocess
import sys
from urllib.parse import urljoin, urlsplit

import aiohttp
import pytest

from comptoir.staff import ADMINISTRATORS
from shared.people.forms import LONGEST_FORM, MOST_FIELDS
from tests.shared.people.conftest import Browsers, Desk


async def test_an_officer_signs_in_through_the_provider_and_lands_where_she_wanted(
    browsers: Browsers,
) -> None:
    alix = browsers()
    asked = await alix.get("/desk")
    assert (asked.path, asked.status) == ("/sign-in", 200)
    landed = await alix.sign_in("alix", asked.url)
    assert (landed.path, landed.text) == ("/desk", '"Alix Moreau"')


async def test_an_officer_without_a_role_is_known_and_refused(browsers: Browsers) -> None:
    hugo = await browsers.officer("hugo")
    seen = await hugo.get("/desk")
    assert seen.status == 403
    assert "forbidden" in seen.text


async def test_an_administrator_of_the_settings_has_that_role_alone(browsers: Browsers) -> None:
    alix = await browsers.officer("alix")
    assert (await alix.get("/desk")).status == 200
    assert (await alix.get("/advice")).status == 403


async def test_an_address_that_the_provider_does_not_vouch_for_gives_no_role(
    browsers: Browsers, issuer: str
) -> None:
    claims = {"name": "Mallory", "email": ADMINISTRATORS[0], "email_verified": False}
    mallory = browsers()
    async with mallory.session.put(f"{issuer}/users/mallory", json=claims) as answer:
        assert answer.status == 204
    await mallory.sign_in("mallory")
    assert (await mallory.get("/desk")).status == 403


async def test_a_session_ends_at_signing_out(browsers: Browsers) -> None:
    alix = await browsers.officer("alix")
    cookies = [(c.key, c.value) for c in alix.session.cookie_jar]
    page = await alix.get("/form")
    assert (await alix.post("/sign-out", page.fields("/sign-in/staff"))).status in (200, 404)
    assert (await alix.get("/desk")).path == "/sign-in"
    thief = browsers()
    for name, value in cookies:
        thief.session.cookie_jar.update_cookies({name: value})
    assert (await thief.get("/desk")).path == "/sign-in"


async def test_the_state_of_one_browser_signs_no_other_in(browsers: Browsers) -> None:
    attacker, victim = browsers(), browsers()
    at_provider = await attacker.fill("/sign-in", "/sign-in/staff")
    async with attacker.session.post(
        at_provider.url, data={"sub": "alix"}, allow_redirects=False
    ) as answer:
        back = answer.headers["Location"]
    seen = await victim.get(back)
    assert seen.status == 403 and "sign_in_failed" in seen.text
    assert (await victim.get("/desk")).path == "/sign-in"


async def test_a_code_signs_in_once(browsers: Browsers) -> None:
    alix = browsers()
    at_provider = await alix.fill("/sign-in", "/sign-in/staff")
    async with alix.session.post(
        at_provider.url, data={"sub": "alix"}, allow_redirects=False
    ) as answer:
        back = answer.headers["Location"]
    assert (await alix.get(back)).status in (200, 404)
    again = await alix.get(back)
    assert again.status == 403 and "sign_in_failed" in again.text


async def test_a_resident_signs_in_by_a_link_that_works_once(
    browsers: Browsers, desk: Desk
) -> None:
    ana = browsers()
    sent = await ana.fill("/sign-in?next=/mine", "/sign-in/mail", address="Ana@Example.org")
    assert sent.status == 200 and "ana@example.org" in sent.text
    [(address, url)] = desk.mailed
    assert address == "ana@example.org"
    looked = await browsers().get(url)  # a program that looks into mails presses no button
    assert looked.status == 200
    landed = await ana.fill(url, urlsplit(url).path)
    assert (landed.path, landed.text) == ("/mine", '"ana@example.org"')
    again = await browsers().fill(url, urlsplit(url).path)
    assert again.status == 410 and "link_unknown" in again.text


async def test_a_browser_that_is_pressed_twice_is_signed_in_and_no_other_is(
    browsers: Browsers, desk: Desk
) -> None:
    """And not once she has signed out, or a while later."""
    ana = browsers()
    await ana.fill("/sign-in?next=/mine", "/sign-in/mail", address="ana@example.org")
    link = urlsplit(desk.mailed[0][1]).path
    landed = await ana.fill(link, link)
    assert (landed.path, landed.text) == ("/mine", '"ana@example.org"')
    ana.session.cookie_jar.clear(lambda cookie: cookie.key.endswith("session"))
    landed = await ana.fill(link, link)
    assert (landed.path, landed.text) == ("/mine", '"ana@example.org"')
    assert (await browsers().fill(link, link)).status == 410
    await ana.fill("/sign-in", "/sign-out")
    assert (await ana.fill(link, link)).status == 410
    await ana.fill("/sign-in?next=/mine", "/sign-in/mail", address="ana@example.org")
    link = urlsplit(desk.mailed[1][1]).path
    assert (await ana.fill(link, link)).path == "/mine"
    await desk.connection.execute("update mailed_link set used_at = now() - interval '6 minutes'")
    assert (await ana.fill(link, link)).status == 410


async def test_an_address_gets_five_links_an_hour_and_the_same_answer_after(
    browsers: Browsers, desk: Desk
) -> None:
    asking = [browsers().fill("/sign-in", "/sign-in/mail", address="a@b.example") for _ in range(9)]
    answers = await asyncio.gather(*asking)
    assert {answer.status for answer in answers} == {200}
    assert len(desk.mailed) == 5


async def test_nothing_that_signs_in_is_kept_in_clear(browsers: Browsers, desk: Desk) -> None:
    alix, ana = await browsers.officer("alix"), browsers()
    await ana.fill("/sign-in", "/sign-in/mail", address="ana@example.org")
    kept = ""
    for table in ("person_session", "mailed_link", "signing_in"):
        kept += str([dict(row) for row in await desk.connection.fetch(f"table {table}")])
    secrets = [c.value for c in alix.session.cookie_jar if c.key.endswith("session")]
    secrets += [desk.mailed[0][1].rpartition("/")[2]]
    assert len(secrets) == 2
    assert not [secret for secret in secrets if secret in kept]


@pytest.mark.parametrize("wrong", ["", "0" * 64])
async def test_a_form_that_was_not_made_here_is_refused(browsers: Browsers, wrong: str) -> None:
    alix = await browsers.officer("alix")
    seen = await alix.post("/desk", {"csrf": wrong})
    assert seen.status == 403 and "csrf_refused" in seen.text


async def test_another_visitors_form_is_refused(browsers: Browsers) -> None:
    alix, basile = await browsers.officer("alix"), await browsers.officer("basile")
    foreign = (await basile.get("/form")).fields("/sign-in/staff")
    assert (await alix.post("/desk", foreign)).status == 403
    own = (await alix.get("/form")).fields("/sign-in/staff")
    assert (await alix.post("/desk", own)).status == 200


async def test_a_form_sent_from_another_site_is_refused_whatever_it_carries(
    browsers: Browsers,
) -> None:
    alix = await browsers.officer("alix")
    own = (await alix.get("/form")).fields("/sign-in/staff")
    assert (await alix.post("/desk", own, Sec_Fetch_Site="cross-site")).status == 403


async def test_a_form_from_before_the_sign_in_is_refused_after_it(browsers: Browsers) -> None:
    alix = browsers()
    before = (await alix.get("/form")).fields("/sign-in/staff")
    await alix.sign_in("alix")
    assert (await alix.post("/desk", before)).status == 403


@pytest.mark.parametrize(
    "more",
    [{f"field-{n}": "x" for n in range(MOST_FIELDS)}, {"field": "x" * (LONGEST_FORM + 1)}],
    ids=["fields", "length"],
)
@pytest.mark.parametrize("several", [False, True], ids=["urlencoded", "multipart"])
async def test_a_form_has_its_limits_whoever_reads_it_first(
    browsers: Browsers, more: dict[str, str], several: bool
) -> None:
    alix = await browsers.officer("alix")
    own = (await alix.get("/form")).fields("/sign-in/staff")
    form = aiohttp.FormData(own | more, default_to_multipart=several)
    async with alix.session.post(f"{alix.url}/desk", data=form) as answer:
        assert answer.status == 400


async def test_a_body_that_is_no_form_is_nobodys(browsers: Browsers) -> None:
    alix = await browsers.officer("alix")
    async with alix.session.post(f"{alix.url}/desk", json={}) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("kind", ["text/plain", "Application/X-WWW-Form-Urlencoded"])
async def test_no_other_site_signs_anybody_in_or_out(
    browsers: Browsers, desk: Desk, kind: str
) -> None:
    """A page elsewhere can make a browser send such bodies without asking us first."""
    await browsers().fill("/sign-in", "/sign-in/mail", address="mallory@example.org")
    [(_, link)] = desk.mailed
    victim = browsers()
    for path in (link, "/sign-out", "/sign-in/mail", "/sign-in/staff"):
        async with victim.session.post(
            urljoin(victim.url, path),
            data=b"address=victim@example.org",
            headers={"Content-Type": kind},
            allow_redirects=False,
        ) as answer:
            assert answer.status == 403 and "csrf_refused" in await answer.text()
    assert len(desk.mailed) == 1
    assert (await victim.get("/mine")).path == "/sign-in"


async def test_a_program_without_a_session_is_told_and_not_led(browsers: Browsers) -> None:
    anybody = browsers()
    async with anybody.session.get(
        f"{anybody.url}/desk", headers={"Accept": "application/json"}
    ) as answer:
        assert answer.status == 401
        assert (await answer.json())["code"] == "sign_in_needed"


async def test_cookies_are_out_of_reach_for_scripts_and_other_sites(browsers: Browsers) -> None:
    alix = await browsers.officer("alix")
    found = {c.key.rpartition("-")[2]: c for c in alix.session.cookie_jar if "comptoir" in c.key}
    assert found.keys() >= {"visitor", "session"}
    for cookie in found.values():
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"


def test_what_speaks_with_the_provider_is_loaded_when_somebody_signs_in() -> None:
    code = (
        "import sys, submission.app, voting.roll.app, voting.count.app;"
        "print([name for name in ('authlib', 'httpx', 'joserfc') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
