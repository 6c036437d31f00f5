"""Who a provider says somebody is, as the roll knows people. Pure.

FranceConnect's profile: `family_name` is the birth name, `given_name` all given names in order,
`birthplace` an INSEE code of a commune, `birthcountry` one of a country, 99100 for France.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voting.roll.identified.countries import ISO
from voting.roll.identity import AddressMalformed, Identity, read_address

SAID = (
    *("family_name", "given_name", "given_name_array", "birthdate", "birthplace", "birthcountry"),
    *("email", "email_verified"),
)
FRANCE = "99100"


@dataclass(frozen=True, slots=True)
class Vouched:
    """A person as a provider vouches for her. `placed` says that her birthplace is told as those
    who declare themselves tell it: only then can she be known again among them."""

    identity: Identity
    placed: bool
    address: str | None


def read_claims(claims: Mapping[str, Any]) -> Vouched:
    """What a provider said. Raises `IdentityMalformed`, naming the part."""
    given = claims.get("given_name_array")
    names = given if isinstance(given, list) and given else _text(claims, "given_name").split(" ")
    country = _text(claims, "birthcountry") or FRANCE
    commune = _text(claims, "birthplace")
    iso = "FR" if country == FRANCE else ISO.get(country)
    identity = Identity.read(
        _text(claims, "family_name"),
        str(names[0]),
        _text(claims, "birthdate"),
        iso or "ZZ",
        commune,
    )
    return Vouched(identity, iso is not None, _address(claims))


def _address(claims: Mapping[str, Any]) -> str | None:
    if claims.get("email_verified") in (False, "false"):
        return None
    try:
        return read_address(_text(claims, "email"))
    except AddressMalformed:
        return None


def _text(claims: Mapping[str, Any], name: str) -> str:
    found = claims.get(name)
    return found.strip() if isinstance(found, str) else ""
