"""What an identity provider says of somebody, and what it refuses; `oidc.py` asks it."""

from dataclasses import dataclass

from shared.refusal import Refusal


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
