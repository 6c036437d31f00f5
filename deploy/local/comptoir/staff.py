"""The officers of a local platform, and the identity provider that vouches for them.

The provider is `oidc-provider-mock`: a real OpenID Connect provider (code flow, PKCE, signed ID
tokens) in which whoever asks chooses who she is. It is for this machine alone.
"""

import json
import sys
from dataclasses import dataclass

# Whose platform it is, as pages and mails say.
OPERATOR = "Département d'essai"
CLIENT = "comptoir"
PROVIDER = "identity"


@dataclass(frozen=True)
class Officer:
    """Somebody who can sign in at a local platform, and the role that the demo gives her."""

    subject: str
    name: str
    role: str

    @property
    def address(self) -> str:
        """The mail address that the provider states."""
        return f"{self.subject}@departement.example"


# Two of each: what needs a second officer needs somebody to be it.
OFFICERS = (
    Officer("alix", "Alix Moreau", "administrator"),
    Officer("basile", "Basile Lefebvre", "administrator"),
    Officer("camille", "Camille Dubois", "adviser"),
    Officer("dominique", "Dominique Petit", "adviser"),
    Officer("elise", "Élise Caron", "committee"),
    Officer("farid", "Farid Benali", "committee"),
    Officer("gaelle", "Gaëlle Roussel", "returning-officer"),
    Officer("hugo", "Hugo Delattre", "returning-officer"),
)
ADMINISTRATORS = tuple(o.address for o in OFFICERS if o.role == "administrator")


def provider_argv(port: int) -> list[str]:
    """How the identity provider is started."""
    argv = [sys.executable, "-P", "-m", "oidc_provider_mock", "--port", str(port)]
    argv += ["--require-registration", "false", "--require-nonce"]
    for officer in OFFICERS:
        claims = {"sub": officer.subject, "name": officer.name, "email": officer.address}
        argv += ["--user-claims", json.dumps(claims, ensure_ascii=False)]
    return argv
