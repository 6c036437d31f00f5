"""Residents for whom an identity provider vouches: an address that it verified signs in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from joserfc.jwk import ECKey

from comptoir.browser import Browser, Seen
from comptoir.ports import free_ports
from shared.contacts import encoded_key
from submission.app import SubmissionSettings, application
from tests.conftest import DatabaseFactory
from tests.serving import served, settings
from tests.submission.proposing import KEY, Town
from tests.voting.roll.test_identified import CLIENT, Provider

LEAVE, MINE = "/sign-in/vouched", "/ideas/mine"
ADDRESS = "lucie@habitants.example"


@dataclass
class Vouched:
    """Submission and the residents' provider."""

    town: Town
    provider: Provider
    people: list[Browser] = field(default_factory=list)

    async def come_back(self, **claims: Any) -> Seen:
        """Somebody of whom the provider says this goes there and comes back."""
        self.provider.person = {"sub": "pairwise-1", **claims}
        somebody = self.town.browser()
        return await somebody.fill(f"/sign-in?next={MINE}", LEAVE)


@pytest.fixture
async def there(database: DatabaseFactory) -> AsyncIterator[Vouched]:
    made = await database("submission")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    ports = free_ports({"submission": None, "provider": None})
    url, issuer = (f"http://127.0.0.1:{ports[name]}" for name in ("submission", "provider"))
    provider = Provider(issuer, ECKey.generate_key("P-256"), signs=False)
    wanted = settings(
        SubmissionSettings,
        made.dsn,
        contacts_key=encoded_key(KEY),
        sites={"submission": url},
        residents_oidc_issuer=issuer,
        residents_oidc_client_id=CLIENT,
        residents_oidc_client_secret="secret",
    )
    async with (
        served(provider.app(), port=ports["provider"]),
        served(application(wanted, kafka=False), port=ports["submission"]),
    ):
        town = Town(url, made.dsn, connection)
        yield Vouched(town, provider)
        for browser in town.browsers:
            await browser.close()
    await connection.close()


async def residents(town: Town) -> list[str]:
    """Everybody's address."""
    rows = await town.connection.fetch("select address from resident order by address")
    return [row["address"] for row in rows]


async def test_an_address_that_the_provider_verified_signs_in(there: Vouched) -> None:
    seen = await there.come_back(email="Lucie@Habitants.example", email_verified=True)
    assert (seen.status, seen.path) == (200, MINE)
    assert await residents(there.town) == [ADDRESS]
    assert there.provider.asked["scope"] == ["openid email"]
    assert there.provider.asked["code_challenge_method"] == ["S256"]
    assert not await there.town.told()


async def test_it_is_the_resident_who_was_mailed_a_link_before(there: Vouched) -> None:
    for _ in range(2):
        seen = await there.come_back(email=ADDRESS, email_verified="true")
        assert seen.path == MINE
    assert await residents(there.town) == [ADDRESS]


@pytest.mark.parametrize("said", [{}, {"email_verified": False}, {"email_verified": "no"}])
async def test_an_address_that_might_be_anybodys_is_mailed_a_link(
    there: Vouched, said: dict[str, Any]
) -> None:
    seen = await there.come_back(email=ADDRESS, **said)
    assert "Look into your mail" in seen.words()
    assert await residents(there.town) == []
    [message] = await there.town.told("sign-in-link")
    assert message.contact.address == ADDRESS


@pytest.mark.parametrize("claims", [{}, {"email": "nobody", "email_verified": True}])
async def test_whoever_has_no_address_there_is_sent_back(
    there: Vouched, claims: dict[str, Any]
) -> None:
    seen = await there.come_back(**claims)
    assert seen.status == 403 and "states no mail address" in seen.text
    assert await residents(there.town) == [] and not await there.town.told()


async def test_a_link_back_is_of_no_use_in_another_browser(there: Vouched) -> None:
    """Else somebody is signed in as the sender of the link, and deposits an idea for her."""
    there.provider.person = {"sub": "pairwise-1", "email": ADDRESS, "email_verified": True}
    one, other = there.town.browser(), there.town.browser()
    form = await one.get("/sign-in")
    away = await one.post(LEAVE, form.fields(LEAVE), follow=False)
    assert away.status == 303
    await other.get("/sign-in")
    back = f"{LEAVE}/callback?code=once&state={'x' * 43}"
    assert (await other.get(back)).status == 403
    assert await residents(there.town) == []


async def test_without_a_provider_the_way_is_not_offered(town: Town) -> None:
    somebody = town.browser()
    seen = await somebody.get("/sign-in")
    assert LEAVE not in seen.forms() and "/sign-in/mail" in seen.forms()
    token = seen.fields("/sign-in/mail")["csrf"]
    assert (await somebody.post(LEAVE, {"csrf": token})).status == 403
