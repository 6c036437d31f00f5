"""What a provider says only when it is asked itself, signed: as ProConnect does (Core §5.3.2).

The provider of a local platform puts everything into the ID token; this one answers as others do.
"""

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from shared.people.oidc import Provider
from shared.people.provider import SignInFailed
from tests.serving import served

CLIENT, SCOPE = "comptoir", "openid given_name usual_name email"
NAMES = {"given_name": "Alix", "usual_name": "Moreau", "email": "Alix@Departement.example"}


@dataclass
class Elsewhere:
    """A provider whose answer about somebody a test sets; `url` is its issuer."""

    key: RSAKey
    url: str = ""
    nonce: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    kind: str = "application/jwt; charset=utf-8"
    asked_with: str | None = None

    def token(self, claims: Mapping[str, Any], key: RSAKey | None = None) -> str:
        """Signed claims, with the provider's key unless another is given."""
        issued = {"iss": self.url, "aud": CLIENT, "sub": "17", **claims}
        return jwt.encode({"alg": "RS256"}, issued, key or self.key)

    def app(self) -> FastAPI:
        """Its routes."""
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def metadata() -> dict[str, str]:
            places = {name: f"{self.url}/{name}" for name in ("authorization", "token", "userinfo")}
            ends = {f"{name}_endpoint": place for name, place in places.items()}
            return {"issuer": self.url, "jwks_uri": f"{self.url}/keys", **ends}

        @app.get("/keys")
        async def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.post("/token")
        async def token() -> dict[str, str]:
            claims = {"exp": int(time.time()) + 60, "nonce": self.nonce}
            bearer = {"access_token": "for-userinfo", "token_type": "Bearer"}
            return {**bearer, "id_token": self.token(claims)}

        @app.get("/userinfo")
        async def userinfo(request: Request) -> Response:
            self.asked_with = request.headers.get("authorization")
            content = self.said.get("as it is") or self.token(self.said)
            return Response(content, media_type=self.kind)

        return app


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture
async def elsewhere(key: RSAKey) -> AsyncIterator[Elsewhere]:
    found = Elsewhere(key)
    async with served(found.app()) as client:
        found.url = client.url
        yield found


async def arrive(elsewhere: Elsewhere) -> tuple[str, str | None]:
    """Name and address of whoever comes back from there."""
    provider = Provider(elsewhere.url, CLIENT, "secret", SCOPE)
    departure = await provider.departure("http://127.0.0.1/back")
    elsewhere.nonce = departure.nonce
    back = await provider.arrival(
        "http://127.0.0.1/back", "code", departure.verifier, departure.nonce
    )
    assert back.subject == "17"
    return back.name, back.address


async def test_name_and_address_come_from_a_signed_answer(elsewhere: Elsewhere) -> None:
    elsewhere.said = NAMES
    assert await arrive(elsewhere) == ("Alix Moreau", "alix@departement.example")
    assert elsewhere.asked_with == "Bearer for-userinfo"


async def test_or_from_a_plain_one(elsewhere: Elsewhere) -> None:
    elsewhere.kind = "application/json"
    elsewhere.said = {"as it is": '{"sub": "17", "name": "Alix Moreau"}'}
    assert await arrive(elsewhere) == ("Alix Moreau", None)


async def test_an_answer_says_nothing_of_whom_it_is_about_or_who_may_sign_in(
    elsewhere: Elsewhere,
) -> None:
    elsewhere.said = {**NAMES, "name": "", "email_verified": False}
    assert await arrive(elsewhere) == ("Alix Moreau", None)


@pytest.mark.parametrize(
    "said",
    [
        {**NAMES, "sub": "18"},
        {**NAMES, "iss": "https://elsewhere.example"},
        {**NAMES, "aud": "somebody else"},
        {**NAMES, "exp": 1},
        {"as it is": "no token"},
    ],
    ids=["somebody else", "another issuer", "another client", "too old", "nothing signed"],
)
async def test_an_answer_that_is_not_about_her_signs_nobody_in(
    elsewhere: Elsewhere, said: dict[str, Any]
) -> None:
    elsewhere.said = said
    with pytest.raises(SignInFailed):
        await arrive(elsewhere)


async def test_an_answer_that_another_signed_signs_nobody_in(elsewhere: Elsewhere) -> None:
    forged = elsewhere.token(NAMES, RSAKey.generate_key(2048))
    elsewhere.said = {"as it is": forged}
    with pytest.raises(SignInFailed):
        await arrive(elsewhere)
