"""The officers of a local platform, and the identity provider that vouches for people.

The provider is `oidc-provider-mock`: a real OpenID Connect provider (code flow, PKCE, signed ID
tokens) in which whoever asks chooses who she is. It is for this machine alone.
"""

import json
import sys
from dataclasses import dataclass

# Whose platform it is, as pages and mails say.
OPERATOR = "Département d'essai"
CLIENT = "comptoir"
# What the roll is at the provider that vouches for voters, and submission at that of residents:
# here the same one.
VOTERS_CLIENT, RESIDENTS_CLIENT = "comptoir-voters", "comptoir-residents"
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


# Two of each at least: what needs a second officer needs somebody to be it. The committee has five
# seats.
OFFICERS = (
    Officer("alix", "Alix Moreau", "administrator"),
    Officer("basile", "Basile Lefebvre", "administrator"),
    Officer("camille", "Camille Dubois", "adviser"),
    Officer("dominique", "Dominique Petit", "adviser"),
    Officer("elise", "Élise Caron", "committee"),
    Officer("farid", "Farid Benali", "committee"),
    Officer("ines", "Inès Marchand", "committee"),
    Officer("jules", "Jules Caudron", "committee"),
    Officer("lila", "Lila Bouchez", "committee"),
    Officer("gaelle", "Gaëlle Roussel", "returning-officer"),
    Officer("hugo", "Hugo Delattre", "returning-officer"),
    Officer("maud", "Maud Girard", "commission"),
    Officer("noe", "Noé Perrin", "commission"),
    Officer("oriane", "Oriane Delcourt", "instructor"),
    Officer("paulin", "Paulin Verhaeghe", "instructor"),
)
ADMINISTRATORS = tuple(o.address for o in OFFICERS if o.role == "administrator")


# Two people for whom the provider vouches, as FranceConnect does; INSEE's codes.
RESIDENTS: tuple[dict[str, str | bool], ...] = (
    {
        "sub": "lucie",
        "family_name": "Marchand",
        "given_name": "Lucie Anne",
        "birthdate": "1988-04-17",
        "birthplace": "62041",
        "birthcountry": "99100",
        "email": "lucie.marchand@habitants.example",
        "email_verified": True,
    },
    {
        "sub": "karim",
        "family_name": "Benali",
        "given_name": "Karim",
        "birthdate": "1975-11-02",
        "birthplace": "",
        "birthcountry": "99352",
        "email": "karim.benali@habitants.example",
        "email_verified": False,
    },
)


def provider_argv(port: int) -> list[str]:
    """How the identity provider is started."""
    argv = [sys.executable, "-P", "-m", "oidc_provider_mock", "--port", str(port)]
    argv += ["--require-registration", "false", "--require-nonce"]
    for officer in OFFICERS:
        claims = {"sub": officer.subject, "name": officer.name, "email": officer.address}
        argv += ["--user-claims", json.dumps(claims, ensure_ascii=False)]
    for resident in RESIDENTS:
        argv += ["--user-claims", json.dumps(resident, ensure_ascii=False)]
    return argv
