"""What an identity provider says of somebody, and what it refuses; `oidc.py` asks it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shared.refusal import Refusal

if TYPE_CHECKING:
    from shared.people.oidc import Provider


class SignInFailed(Refusal):
    """The identity provider did not vouch for anybody."""

    code = "sign_in_failed"


class AddressUnverified(Refusal):
    """The identity provider knows somebody, and not that her mail address is hers."""

    code = "address_unverified"


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


@dataclass(frozen=True)
class Client:
    """A process as a client of an identity provider."""

    issuer: str
    client_id: str
    client_secret: str
    scope: str

    @cached_property
    def provider(self) -> "Provider":
        """Loaded when the first person signs in."""
        from shared.people.oidc import Provider

        return Provider(self.issuer, self.client_id, self.client_secret, self.scope)


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is sent, and what has to be known when it comes back."""

    url: str
    state: str
    verifier: str
    nonce: str
