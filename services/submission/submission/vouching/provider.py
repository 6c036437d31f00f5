"""Submission as a client of the residents' identity provider; apart from the officers' one."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.people.oidc import Provider

# All that is wanted of somebody: who carries an idea says her name herself.
SAID = ("email", "email_verified")


@dataclass(frozen=True)
class Vouching:
    """Where residents can sign in, and as whose client; without an issuer, nowhere."""

    issuer: str | None
    client_id: str
    client_secret: str
    scope: str

    @cached_property
    def provider(self) -> "Provider":
        """The provider, loaded when the first resident goes there."""
        from shared.people.oidc import Provider

        assert self.issuer is not None
        return Provider(self.issuer, self.client_id, self.client_secret, self.scope, said=SAID)


def is_verified(claims: dict[str, Any]) -> bool:
    """Whether the provider knows that the address is hers. One that says nothing of it, as
    FranceConnect, passes on what an account states."""
    return claims.get("email_verified") in (True, "true")
