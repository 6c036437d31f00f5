"""Declared identity: who may be on the roll without a posted code. Pure: no clock, no database.

Nothing here is kept: what the roll stores of a person are the keyed hashes of what
`Identity.secret` and `read_telephone` return (voting-protocol.md §3). No refusal quotes what was
typed.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Self

from shared.events.scheme import Link
from shared.refusal import Refusal

OLDEST = 115
# Below it a parent consents to what an online service keeps (loi n° 78-17, article 45). A charter
# may say a higher age.
CONSENT_AGE = 15
# The first years of the bands of ages that turnout is told by.
BANDS = (0, 18, 25, 35, 50, 65, 75)
LONGEST_NAME = 100
LONGEST_DOMAIN = 189
# Decompositions that Unicode has not, and that French civil status writes both ways.
_PLAIN = str.maketrans(
    {
        **{"œ": "oe", "æ": "ae", "þ": "th"},
        **{"ł": "l", "ø": "o", "đ": "d", "ð": "d", "\u0131": "i", "ħ": "h", "ŧ": "t"},
    }
)
_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
# ISO has codes of their own for parts of France. Whoever was born there was born in a commune, and
# a provider says so: with two ways to say it, one person would be two.
OVERSEAS = frozenset(("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"))
# Mobile numbers of France and its départements overseas, as they are dialled there.
_MOBILE = re.compile(r"0[67][0-9]{8}")
_ABROAD = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")
_OVERSEAS = {"0690": "590", "0691": "590", "0694": "594", "0696": "596", "0697": "596"} | {
    "0692": "262",
    "0693": "262",
    "0639": "262",
}
_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@((?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63})", re.IGNORECASE
)


class IdentityMalformed(Refusal):
    """A part of the identity, by the name of its field, is missing or cannot be read."""

    code = "identity_malformed"

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


class AddressMalformed(Refusal):
    """The address is not one that a message can be sent to."""

    code = "address_malformed"


class TooYoung(Refusal):
    """The person is below the charter's age on the day that voting opens."""

    code = "too_young"


class ImplausibleAge(Refusal):
    """Nobody of that age votes: the birth date is a slip of the pen."""

    code = "implausible_age"


class NotResident(Refusal):
    """The person lives in none of the charter's territories."""

    code = "not_resident"


class NotSworn(Refusal):
    """The statement on one's honour was not made."""

    code = "not_sworn"


class NotLinked(Refusal):
    """Somebody has fewer of the charter's links to a territory than it asks for."""

    code = "not_linked"


class ConsentMissing(Refusal):
    """A young person registers without a parent's consent."""

    code = "consent_missing"


class TelephoneMalformed(Refusal):
    """The number is not one that an SMS can be sent to."""

    code = "telephone_malformed"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody says to be, in the one form that every way of writing it comes to."""

    birth_name: str
    first_name: str
    born: date
    birthplace: str

    @classmethod
    def read(cls, birth_name: str, first_name: str, born: str, country: str, commune: str) -> Self:
        """From what was typed. Raises `IdentityMalformed`, naming the part and not its words."""
        return cls(
            _read_name("birth_name", birth_name),
            _read_name("first_name", first_name),
            _read_date(born),
            read_birthplace(country, commune),
        )

    def secret(self) -> bytes:
        """What makes a person unique in a round. Address and residence are no part of it: they
        change, and could be given twice in two ways."""
        parts = (self.birth_name, self.first_name, self.born.isoformat(), self.birthplace)
        return "|".join(parts).encode()


@dataclass(frozen=True, slots=True)
class Charter:
    """What a charter says about who may be on the roll; `opens` is the day that voting opens."""

    minimum_age: int
    territories: Collection[str]
    opens: date
    consent_age: int = CONSENT_AGE
    # Somebody has at least so many of these links to the territory; none: she lives there.
    links: Collection[Link] = ()
    least_links: int = 0


@dataclass(frozen=True, slots=True)
class Declared:
    """What somebody declares beside the identity, of which `consent` is a parent's."""

    territory: str
    sworn: bool
    consent: bool
    links: Collection[Link] = ()


def normalised(name: str) -> str:
    """A name without what is written in more than one way: case, accents, hyphens, apostrophes,
    spaces. Two people whose names differ in a letter or a figure stay two."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    kinds = ((c, unicodedata.category(c)) for c in folded.translate(_PLAIN))
    # Lm has the Breton and Ukrainian apostrophe.
    return "".join(c for c, kind in kinds if kind[0] in "LN" and kind != "Lm")


def read_birthplace(country: str, commune: str) -> str:
    """A commune's INSEE code, or the ISO code of another country. Raises `IdentityMalformed`.

    Until 1976 Corsica was département 20, and who was born there before has that in her social
    security number; the communes kept their last three figures, so that it stands for 2A and 2B.
    """
    country = country.strip().upper()
    if not _COUNTRY.fullmatch(country):
        raise IdentityMalformed("country", "the country of birth is missing")
    if country != "FR" and country not in OVERSEAS:
        return country
    code = re.sub(r"\s", "", commune).upper()
    if not _COMMUNE.fullmatch(code) or code.startswith("99"):
        raise IdentityMalformed(
            "commune", "the birthplace is no INSEE code: five characters, such as 62041 or 2A004"
        )
    return "20" + code[2:] if code.startswith(("2A", "2B")) else code


def read_address(typed: str) -> str:
    """An address as mail is sent to it. Raises `AddressMalformed`, without quoting it."""
    address = typed.strip()
    found = _ADDRESS.fullmatch(address)
    if found is None or len(found[1]) > LONGEST_DOMAIN or not address.isascii():
        raise AddressMalformed("this is no e-mail address, such as name@example.org")
    return address


def read_telephone(typed: str) -> str:
    """A mobile number as it is called from everywhere, `+33612345678`: one telephone has one form.

    Raises `TelephoneMalformed`, without quoting it. Of French numbers only mobile ones get an SMS.
    """
    number = re.sub(r"[\s./()\u2010-\u2015-]", "", typed.replace("(0)", ""))
    if _MOBILE.fullmatch(number):
        return f"+{_OVERSEAS.get(number[:4], '33')}{number[1:]}"
    if (abroad := _ABROAD.fullmatch(number)) is not None and number.isascii():
        number = abroad[1]
        if not number.startswith("33"):
            return f"+{number}"
        # 0033 6…, and 0033 06…, which people write.
        national = "0" + number[2:].removeprefix("0")
        if _MOBILE.fullmatch(national):
            return f"+{_OVERSEAS.get(national[:4], '33')}{national[1:]}"
    raise TelephoneMalformed("this is no mobile number, such as 06 12 34 56 78")


def age_on(born: date, day: date) -> int:
    """Completed years; who was born on 29 February is older on 1 March of a common year."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def band_of(age: int) -> int:
    """The first year of the band that an age is in."""
    return max(first for first in BANDS if first <= age)


def check(identity: Identity, declared: Declared, charter: Charter, today: date) -> None:
    """Refuse who may not be on the roll. A citizen could object to nothing else.

    Raises the `Refusal` of the first rule that is broken: age, residence, statement, consent.
    """
    check_age(identity.born, charter, today)
    check_declared(declared, charter, in_need=needs_consent(identity.born, charter, today))


def check_age(born: date, charter: Charter, today: date) -> None:
    """Refuse whose age cannot be, or is too low. Raises `ImplausibleAge`, `TooYoung`."""
    age = age_on(born, charter.opens)
    if not 0 <= age <= OLDEST or born > today:
        raise ImplausibleAge(f"on {charter.opens}, when voting opens, that birth date makes {age}")
    if age < charter.minimum_age:
        raise TooYoung(
            f"voting is from {charter.minimum_age} years; on {charter.opens}, when it opens,"
            f" that birth date makes {age}"
        )


def needs_consent(born: date, charter: Charter, today: date) -> bool:
    """Whether a parent has to agree."""
    return age_on(born, today) < charter.consent_age


def check_declared(declared: Declared, charter: Charter, *, in_need: bool) -> None:
    """Refuse who lives elsewhere or has too few links, does not swear, or is `in_need` of a consent
    that is missing.

    Raises `NotResident`, `NotLinked`, `NotSworn`, `ConsentMissing`.
    """
    if declared.territory not in charter.territories:
        raise NotResident("the vote is for those who live in one of its territories")
    linked = len({*declared.links} & {*charter.links})
    if linked < charter.least_links:
        raise NotLinked(f"{charter.least_links} links are asked for, {linked} are declared")
    if not declared.sworn:
        raise NotSworn("the statement on your honour is missing")
    if in_need and not declared.consent:
        raise ConsentMissing(f"below {charter.consent_age} years, a parent has to agree")


def _read_name(part: str, typed: str) -> str:
    if len(typed) > LONGEST_NAME or not (name := normalised(typed)):
        words = part.replace("_", " ")
        raise IdentityMalformed(part, f"the {words} is missing, or above {LONGEST_NAME} characters")
    return name


def _read_date(typed: str) -> date:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise IdentityMalformed("born", "that is no date, such as 2001-05-31") from None
