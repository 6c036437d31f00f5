"""Staff sign in by OpenID Connect: authorization code flow with PKCE (RFC 7636) and a nonce.

The same code path for ProConnect and for the provider of a local platform.
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.refusal import Refusal

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SCOPE = "openid profile email"
WITHIN = 10.0
LEEWAY = 60


class SignInFailed(Refusal):
    """The identity provider did not vouch for anybody."""

    code = "sign_in_failed"


class ProviderSilent(Refusal):
    """The identity provider gives no answer; asking again soon helps."""

    code = "provider_silent"


@dataclass(frozen=True, slots=True)
class Staff:
    """Who the provider says somebody is."""

    issuer: str
    subject: str
    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is sent, and what has to be known when it comes back."""

    url: str
    state: str
    verifier: str
    nonce: str


class Provider:
    """One identity provider, whose metadata is read once."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._metadata: dict[str, Any] | None = None
        self._reading = asyncio.Lock()

    async def departure(self, redirect_uri: str) -> Departure:
        """Begin: a fresh state, verifier and nonce. Raises `ProviderSilent`."""
        metadata = await self._discovered()
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        client = self._client(redirect_uri)
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce
        )
        return Departure(url, state, verifier, nonce)

    async def arrival(self, redirect_uri: str, code: str, verifier: str, nonce: str) -> Staff:
        """End: exchange the code, check the ID token. Raises `SignInFailed`, `ProviderSilent`."""
        metadata = await self._discovered()
        try:
            async with self._client(redirect_uri) as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=verifier
                )
            # Read anew each time: a provider changes its keys when it likes.
            keys = KeySet.import_key_set(await _json_at(metadata["jwks_uri"]))
            claims = self._checked(token.get("id_token", ""), keys, nonce)
        except httpx.HTTPError:
            raise ProviderSilent("the identity provider gives no answer; try again") from None
        except (AuthlibBaseError, JoseError, ValueError, KeyError):
            raise SignInFailed("the identity provider's answer is not valid; try again") from None
        # Where an account states any address it likes, the provider says that it is unverified.
        unverified = claims.get("email_verified") in (False, "false")
        address = None if unverified else claims.get("email")
        return Staff(
            self.issuer,
            str(claims["sub"]),
            str(claims.get("name") or address or claims["sub"])[:200],
            str(address).lower() if address else None,
        )

    def _checked(self, id_token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        """OpenID Connect Core 1.0 §3.1.3.7."""
        decoded = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(decoded.claims)
        return dict(decoded.claims)

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=WITHIN,
            trust_env=False,
        )

    async def _discovered(self) -> dict[str, Any]:
        """OpenID Connect Discovery 1.0 §4."""
        async with self._reading:
            if self._metadata is None:
                url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                try:
                    found = await _json_at(url)
                except (httpx.HTTPError, ValueError):
                    raise ProviderSilent("the identity provider gives no answer") from None
                if found.get("issuer") != self.issuer:
                    raise ProviderSilent("the identity provider names another issuer")
                self._metadata = found
            return self._metadata


async def _json_at(url: str) -> Any:
    async with httpx.AsyncClient(timeout=WITHIN, trust_env=False) as client:
        return (await client.get(url)).raise_for_status().json()
