"""People sign in by OpenID Connect: authorization code flow with PKCE (RFC 7636) and a nonce.

The same code path for ProConnect, FranceConnect and the provider of a local platform; staff and
voters are clients of their own. What this imports takes a tenth of a process's memory: it is loaded
when the first of them signs in.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.people.provider import Departure, ProviderSilent, SignInFailed, Staff
from shared.trust import authorities

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
WITHIN = 10.0
LEEWAY = 60
SAID = ("name", "given_name", "usual_name", "family_name", "email", "email_verified")


class Provider:
    """One identity provider, whose metadata is read once."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        scope: str,
        *,
        said: Sequence[str] = SAID,
        levels: Sequence[str] = (),
        signed: str | None = None,
    ) -> None:
        """`said` are the claims about somebody that are wanted. Where there are `levels` (`acr`),
        one of them is asked for and has to be stated; where `signed` names an algorithm, what is
        said of somebody has to be signed with it."""
        self._said, self._levels, self._signed = tuple(said), tuple(levels), signed
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._metadata: dict[str, Any] | None = None
        self._reading = asyncio.Lock()

    async def departure(self, redirect_uri: str) -> Departure:
        """Begin: a fresh state, verifier and nonce. Raises `ProviderSilent`."""
        metadata = await self._discovered()
        verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        client = self._client(redirect_uri)
        asked = {"acr_values": " ".join(self._levels)} if self._levels else {}
        url, state = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, **asked
        )
        return Departure(url, state, verifier, nonce)

    async def arrival(self, redirect_uri: str, code: str, verifier: str, nonce: str) -> Staff:
        """End, for an officer. Raises `SignInFailed`, `ProviderSilent`."""
        claims = await self.claims(redirect_uri, code, verifier, nonce)
        # Where an account states any address it likes, the provider says that it is unverified.
        unverified = claims.get("email_verified") in (False, "false")
        address = None if unverified else claims.get("email")
        return Staff(
            self.issuer,
            str(claims["sub"]),
            (_name(claims) or str(address or claims["sub"]))[:200],
            str(address).lower() if address else None,
        )

    async def claims(
        self, redirect_uri: str, code: str, verifier: str, nonce: str
    ) -> dict[str, Any]:
        """End: exchange the code, check the ID token; what the provider says of somebody.

        Raises `SignInFailed`, `ProviderSilent`.
        """
        metadata = await self._discovered()
        try:
            async with self._client(redirect_uri) as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=verifier
                )
                # Read anew each time: a provider changes its keys when it likes.
                keys = KeySet.import_key_set(await _json_at(metadata["jwks_uri"]))
                claims = self._checked(token.get("id_token", ""), keys, nonce=nonce)
                if self._levels and claims.get("acr") not in self._levels:
                    raise ValueError("the level of this sign-in is too low")
                if (url := metadata.get("userinfo_endpoint")) is not None:
                    claims |= self._said_of(claims["sub"], await client.get(url), keys)
        except httpx.HTTPError:
            raise ProviderSilent("the identity provider gives no answer; try again") from None
        except (AuthlibBaseError, JoseError, ValueError, KeyError):
            raise SignInFailed("the identity provider's answer is not valid; try again") from None
        return claims

    def _checked(self, token: str, keys: KeySet, **more: str) -> dict[str, Any]:
        """The claims of an ID token, or of a signed answer about somebody: OpenID Connect Core 1.0
        §3.1.3.7 and §5.3.2. `more` are claims that it must have."""
        only = more.pop("algorithm", None)
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS if only is None else [only])
        # An answer about somebody is fresh by its connection, and need not say when it ends.
        essential: Any = {name: {"essential": True, "value": value} for name, value in more.items()}
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": bool(more)},
            **essential,
        )
        registry.validate(decoded.claims)
        return dict(decoded.claims)

    def _said_of(self, subject: str, answer: httpx.Response, keys: KeySet) -> dict[str, Any]:
        """What the provider says of somebody when it is asked itself (Core §5.3): some, as
        ProConnect, tell name and address there alone, in a signed answer."""
        kind = answer.raise_for_status().headers.get("content-type", "").partition(";")[0].strip()
        signed = kind.lower() == "application/jwt"
        if self._signed is not None:
            if not signed:
                raise ValueError("this has to be signed")
            said = self._checked(answer.text, keys, algorithm=self._signed)
        else:
            said = self._checked(answer.text, keys) if signed else answer.json()
        if not isinstance(said, dict) or said.get("sub") != subject:
            raise ValueError("this is about somebody else")
        return {name: said[name] for name in self._said if name in said}

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope=self._scope,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=WITHIN,
            trust_env=False,
            verify=authorities(trust_env=False),
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


def _name(claims: dict[str, Any]) -> str:
    """Somebody's name as one line; `usual_name` is ProConnect's word for the family name."""
    parts = claims.get("given_name"), claims.get("usual_name") or claims.get("family_name")
    return str(claims.get("name") or " ".join(str(part) for part in parts if part))


async def _json_at(url: str) -> Any:
    async with httpx.AsyncClient(
        timeout=WITHIN, trust_env=False, verify=authorities(trust_env=False)
    ) as client:
        return (await client.get(url)).raise_for_status().json()
