"""Identities that a provider vouches for: tier A, by FranceConnect's profile."""

import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import asyncpg
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import ECKey

from comptoir.browser import Browser, Seen
from comptoir.ports import free_ports
from shared.codes import read_code
from shared.events.voting import TokensIssued
from tests.conftest import DatabaseFactory
from tests.serving import served, settings
from tests.telling import CONTACTS_KEY
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import EASY, Edition
from tests.voting.roll.registering import last, register, used
from tests.voting.roll.test_held import cases, decide
from tests.voting.signer.serving import signing
from voting.roll.app import RollSettings, application
from voting.roll.destroying.destroying import destroy_identities
from voting.roll.identified.claims import read_claims
from voting.roll.identified.countries import ISO
from voting.roll.identity import IdentityMalformed
from voting.roll.round_keys import RoundKeys

CLIENT = "the-roll"
LUCIE = {
    "family_name": "MARCHAND",
    "given_name": "Lucie Anne",
    "birthdate": "1988-04-17",
    "birthplace": "62041",
    "birthcountry": "99100",
    "email": "lucie@habitants.example",
}
SAME_AS_CHLOE = {
    "family_name": "Delattre Wisniewska",
    "given_name": "Chloé Marie",
    "birthdate": "1964-02-29",
    "birthplace": "62160",
    "birthcountry": "99100",
}
DECLARED = {"territory": "calaisis", "sworn": "yes"}


@dataclass
class Provider:
    """FranceConnect, as far as a client sees it; `person` is who signs in there next."""

    url: str
    key: ECKey
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "pairwise-1", **LUCIE})
    level: str = "eidas1"
    signs: bool = True
    asked: dict[str, list[str]] = field(default_factory=dict)

    def token(self, claims: Mapping[str, Any]) -> str:
        issued = {"iss": self.url, "aud": CLIENT, "sub": self.person["sub"], **claims}
        return jwt.encode({"alg": "ES256"}, issued, self.key)

    def app(self) -> FastAPI:
        """Its routes."""
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def metadata() -> dict[str, str]:
            ends = {
                f"{n}_endpoint": f"{self.url}/{n}" for n in ("authorization", "token", "userinfo")
            }
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **ends}

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorization")
        async def authorization(request: Request) -> Response:
            self.asked = parse_qs(request.url.query)
            back, state = self.asked["redirect_uri"][0], self.asked["state"][0]
            return RedirectResponse(f"{back}?code=once&state={state}", 303)

        @app.post("/token")
        async def token(request: Request) -> dict[str, str]:
            sent = parse_qs((await request.body()).decode())
            assert sent["code_verifier"][0]
            claims = {"exp": int(time.time()) + 60, "nonce": self.asked["nonce"][0]}
            signed = self.token(claims | {"acr": self.level})
            return {"access_token": "a", "token_type": "Bearer", "id_token": signed}

        @app.get("/userinfo")
        async def userinfo() -> Response:
            if not self.signs:
                return Response(json.dumps(self.person), media_type="application/json")
            return Response(self.token(self.person), media_type="application/jwt")

        return app


@dataclass
class Identified:
    """A roll and its provider."""

    roll: Roll
    provider: Provider


@pytest.fixture
async def there(database: DatabaseFactory, tmp_path: Path) -> AsyncIterator[Identified]:
    made = await database("voting.roll")
    connection = await asyncpg.connect(made.superuser, ssl=False)
    ports = free_ports({"roll": None, "provider": None})
    url, issuer = (f"http://127.0.0.1:{ports[name]}" for name in ("roll", "provider"))
    provider = Provider(issuer, ECKey.generate_key("P-256"))
    async with (
        signing(tmp_path) as signer,
        served(provider.app(), port=ports["provider"]),
        served(
            application(
                settings(
                    RollSettings,
                    made.dsn,
                    keys=tmp_path,
                    signer=signer.socket,
                    counted_every=10**6,
                    contacts_key=CONTACTS_KEY,
                    sites={"roll": url},
                    voters_oidc_issuer=issuer,
                    voters_oidc_client_id=CLIENT,
                    voters_oidc_client_secret="secret",
                ),
                kafka=False,
            ),
            port=ports["roll"],
        ) as client,
    ):
        roll = Roll(client, connection, made.dsn, url, signer, tmp_path)
        yield Identified(roll, provider)
        await roll.database.close()
    await connection.close()


async def identify(browser: Browser, edition: Edition) -> Seen:
    """To the provider and back."""
    form = f"/rounds/{edition.round_id}/register"
    return await browser.fill(form, f"/rounds/{edition.round_id}/identify")


async def identified(there: Identified, edition: Edition, **others: str) -> Seen:
    """The whole way, in a browser of one's own."""
    async with Browser(there.roll.url) as browser:
        seen = await identify(browser, edition)
        action = f"/rounds/{edition.round_id}/identified"
        if action in seen.forms():
            seen = await browser.fill(seen, action, **(DECLARED | others))
        return seen


def code_in(seen: Seen) -> str:
    """The code that a page shows."""
    code = read_code(seen.text.partition('class="code"><strong>')[2].partition("<")[0])
    assert code is not None, seen.words()
    return code


async def test_who_is_vouched_for_gets_a_code_of_tier_a_at_once(there: Identified) -> None:
    edition, roll = Edition(), there.roll
    await edition.held(roll)
    seen = await identified(there, edition)
    assert (seen.status, seen.path) == (200, f"/rounds/{edition.round_id}/identified")
    assert seen.headers["Cache-Control"] == "no-store"
    asked = there.provider.asked
    assert asked["acr_values"] == ["eidas1 eidas2 eidas3"] and asked["client_id"] == [CLIENT]
    assert asked["code_challenge_method"] == ["S256"] and asked["nonce"]
    answer = await roll.token(edition.round_id, code_in(seen), new_blinded())
    assert (answer.status, answer.body["tier"]) == (201, "A")
    assert (await used(roll)).contact.address == LUCIE["email"]
    await roll.close(edition.round_id)
    assert (await roll.announced(TokensIssued))[0]["issued"]["A"] == 1


async def test_a_provider_vouches_only_where_the_charter_names_one(there: Identified) -> None:
    edition = Edition(vouched=False)
    await edition.held(there.roll)
    leave = f"/rounds/{edition.round_id}/identify"
    async with Browser(there.roll.url) as browser:
        form = await browser.get(f"/rounds/{edition.round_id}/register")
        assert leave not in form.forms() and f"/rounds/{edition.round_id}/register" in form.forms()
        assert there.provider.url not in form.headers["Content-Security-Policy"]
        # Whoever has the page of another vote open sends its form all the same.
        named = Edition()
        await named.held(there.roll)
        offered = await browser.get(f"/rounds/{named.round_id}/register")
        assert there.provider.url in offered.headers["Content-Security-Policy"]
        refused = await browser.post(leave, offered.fields(f"/rounds/{named.round_id}/identify"))
    assert refused.status == 409 and there.provider.asked == {}


async def test_whoever_comes_back_is_shown_the_same_code(there: Identified) -> None:
    edition = Edition()
    await edition.held(there.roll)
    first = code_in(await identified(there, edition))
    there.provider.person["email"] = "new@habitants.example"
    assert code_in(await identified(there, edition)) == first
    assert await there.roll.connection.fetchval("select count(*) from code") == 1
    other = Edition()
    await other.held(there.roll)
    assert code_in(await identified(there, other)) != first


async def test_an_identity_used_at_tier_b_is_contested_and_never_refused(there: Identified) -> None:
    edition, roll = Edition(), there.roll
    await edition.held(roll)
    await register(roll, edition.round_id)
    there.provider.person = {"sub": "pairwise-2", **SAME_AS_CHLOE, "email": "chloe@b.example"}
    seen = await identified(there, edition)
    assert seen.status == 200 and "Two officers look at it" in seen.text
    assert (await last(roll, "registration-held")).contact.address == "chloe@b.example"
    assert "Two officers look at it" in (await identified(there, edition)).text
    [case] = await cases(roll)
    assert (await decide(roll, edition, "admit", case)).status == 200
    code = code_in(await identified(there, edition))
    answer = await roll.token(edition.round_id, code, new_blinded())
    assert (answer.status, answer.body["tier"]) == (201, "A")


async def test_homonyms_are_contested_too(there: Identified) -> None:
    edition = Edition()
    await edition.held(there.roll)
    code_in(await identified(there, edition))
    there.provider.person = {"sub": "pairwise-3", **LUCIE}
    assert "Two officers look at it" in (await identified(there, edition)).text
    [case] = await cases(there.roll)
    await decide(there.roll, edition, "decline", case)
    assert "Une fête de quartier" in (await identified(there, edition)).text


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"territory": "elsewhere"}, "live in one of these"),
        ({"sworn": ""}, "honour"),
    ],
)
async def test_what_the_provider_does_not_say_is_asked(
    there: Identified, others: dict[str, str], said: str
) -> None:
    edition = Edition()
    await edition.held(there.roll)
    seen = await identified(there, edition, **others)
    assert seen.status == 422 and said in seen.text
    assert await there.roll.connection.fetchval("select count(*) from person") == 0


async def test_a_child_needs_consent_and_a_smaller_one_is_too_young(there: Identified) -> None:
    edition = Edition()
    await edition.held(there.roll)
    year = time.gmtime().tm_year
    there.provider.person["birthdate"] = f"{year - 13}-01-01"
    assert (await identified(there, edition)).status == 422
    code_in(await identified(there, edition, consent="yes"))
    there.provider.person |= {"sub": "x", "birthdate": f"{year - 9}-01-01"}
    assert (await identified(there, edition)).status == 422


async def test_who_comes_back_when_all_is_destroyed_leaves_nothing(there: Identified) -> None:
    edition = Edition(screening=EASY.model_copy(update={"appeal_days": 0}))
    roll, keys = there.roll, RoundKeys(there.roll.directory)
    round_id = await edition.held(roll)
    async with Browser(roll.url) as browser:
        form = await browser.get(f"/rounds/{round_id}/register")
        code_in(await identified(there, edition))
        await roll.close(round_id)
        await destroy_identities(roll.database, keys)
        seen = await browser.fill(form, f"/rounds/{round_id}/identify")
    assert seen.status == 409 and not keys.has(round_id)
    assert await roll.connection.fetchval("select count(*) from identified") == 0


@pytest.mark.parametrize("wrong", ["level", "unsigned", "another's state"])
async def test_what_does_not_hold_vouches_for_nobody(there: Identified, wrong: str) -> None:
    edition = Edition()
    await edition.held(there.roll)
    there.provider.level = "eidas0" if wrong == "level" else "eidas2"
    there.provider.signs = wrong != "unsigned"
    async with Browser(there.roll.url) as browser, Browser(there.roll.url) as other:
        seen = await identify(browser, edition)
        if wrong == "another's state":
            assert seen.status == 200
            state = there.provider.asked["state"][0]
            seen = await other.get(f"/identify/callback?code=once&state={state}")
        assert seen.status == 403
        action = f"/rounds/{edition.round_id}/identified"
        assert (await other.get(action)).status == 409
    left = await there.roll.connection.fetchval("select count(*) from identified")
    assert left == (1 if wrong == "another's state" else 0)


async def test_nothing_personal_is_kept_of_who_came_back(there: Identified) -> None:
    edition = Edition()
    await edition.held(there.roll)
    await identified(there, edition)
    rows = []
    for table in ("identified", "person", "held", "code", "signing_in"):
        rows += await there.roll.connection.fetch(f"select t::text as row from {table} t")
    whole = "\n".join(row["row"] for row in rows).lower()
    assert rows
    for secret in ("pairwise", "marchand", "lucie", "1988-04", "habitants"):
        assert secret not in whole


def test_birthplaces_are_told_as_those_who_declare_themselves_tell_them() -> None:
    abroad = LUCIE | {"birthplace": "", "birthcountry": "99352"}
    assert read_claims(abroad).identity.birthplace == "DZ"
    assert read_claims(LUCIE).identity.first_name == "lucie"
    array = LUCIE | {"given_name_array": ["Jean Pierre", "Marie"]}
    assert read_claims(array).identity.first_name == "jeanpierre"
    unknown = read_claims(abroad | {"birthcountry": "99999"})
    assert not unknown.placed and read_claims(abroad).placed
    assert read_claims(LUCIE | {"email_verified": False}).address is None
    with pytest.raises(IdentityMalformed):
        read_claims(LUCIE | {"birthdate": "1988-00-00"})
    assert len(set(ISO.values())) == len(ISO) and "FR" not in ISO.values()


async def test_a_person_without_a_known_birthplace_is_looked_at(there: Identified) -> None:
    edition = Edition()
    await edition.held(there.roll)
    there.provider.person["birthcountry"] = "99999"
    assert "Two officers look at it" in (await identified(there, edition)).text
    assert len(await cases(there.roll)) == 1
