"""What a charter asks of whoever deposits an idea, and what she says of herself in the form.

The day of birth is checked and forgotten. What is kept with the draft is what the idea needs: as
what she carries it, and where the legal representative of a minor is asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

from shared.events.carriers import CarrierType
from shared.events.charter import CharterRules
from shared.events.scheme import Link
from shared.people.people import read_address
from shared.refusal import Refusal
from shared.web.messages import mark
from submission.carriers import categories, limits
from submission.carriers.limits import Depositor, submitting
from submission.carriers.types import CARRIER_TYPES, CarrierTypeRefused, read_type
from submission.projects.deposit.drafts import read_language
from submission.projects.ideas import read_name
from submission.reading import Reader

LINKS: Final[Mapping[Link, str]] = {
    "live": mark("I live there"),
    "work": mark("I work there"),
    "study": mark("I study there"),
    "second-home": mark("I have a second home there"),
    "interest": mark("I have an interest there"),
    "neighbour": mark("I live in a neighbouring département"),
}
# At which field each refusal is said.
_AT: Final[Mapping[type[Refusal], str]] = {
    CarrierTypeRefused: "carrier_type",
    limits.BirthRefused: "born",
    limits.AgeRefused: "born",
    limits.LinksMissing: "links",
    limits.NotSworn: "sworn",
}


class RepresentativeRefused(Refusal):
    """A minor does not agree for herself: her representative has another address."""

    code = "representative_refused"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form asks beside a name and an address."""

    types: tuple[CarrierType, ...] = ()
    born: bool = False
    links: tuple[Link, ...] = ()
    least: int = 0
    sworn: bool = False
    consent_below: int | None = None


def asked_of(rules: CharterRules, category: str | None) -> Asked:
    """What a charter asks of whoever deposits an idea in a category, or in none."""
    of = submitting(rules)
    types: tuple[CarrierType, ...] = of.ideas_by or ()
    if not types and categories.asks_type(rules):
        types = tuple(CARRIER_TYPES)
    return Asked(
        types=() if types == ("person",) else types,
        born=limits.asks_age(rules) or categories.asks_age(rules, category),
        links=() if of.links is None else of.links.of,
        least=0 if of.links is None else of.links.least,
        sworn=bool(of.sworn),
        consent_below=of.consent_below,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What the last step says of whoever deposits. A minor who needs a legal `representative` has
    her address, anybody else none."""

    name: str
    address: str
    language: str
    carrier_type: CarrierType
    representative: str


def read_said(
    rules: CharterRules,
    data: Mapping[str, str],
    category: str | None,
    signed_in: str | None,
    today: date,
) -> Said:
    """The last step's form; the address is that of whoever is `signed_in`. Raises `FormRefused`."""
    reader = Reader(data)
    name = reader.read("name", read_name, "")
    language = reader.read("language", read_language, "fr")
    address = signed_in or reader.read("address", read_address, "")
    carrier_type, representative = _read_carrier(rules, reader, category, address, today)
    reader.done()
    return Said(name, address, language, carrier_type, representative)


def _read_carrier(
    rules: CharterRules, reader: Reader, category: str | None, address: str, today: date
) -> tuple[CarrierType, str]:
    """As what somebody carries her idea, and her legal representative's address where she is a
    minor who needs one; what is refused stands in the reader, each at its field."""
    wanted = asked_of(rules, category)
    carrier_type: CarrierType = "person"
    if wanted.types:
        carrier_type = reader.read("carrier_type", read_type, carrier_type)
    born = None
    if wanted.born and limits.has_age(carrier_type):
        born = reader.read("born", partial(limits.read_birth, today=today), None)
    ticked = reader.ticked("link")
    who = Depositor(
        carrier_type=carrier_type,
        born=born,
        links=frozenset(link for link in wanted.links if link in ticked),
        sworn=bool(reader.read("sworn", str.strip, "")),
    )
    _check(rules, reader, category, who, today)
    if not limits.needs_consent(rules, who, today):
        return carrier_type, ""
    representative = reader.read("representative", read_address, "")
    if representative and representative == address:
        mine = RepresentativeRefused("it is the address of whoever deposits the idea")
        reader.refuse("representative", mine)
    return carrier_type, representative


def _check(
    rules: CharterRules, reader: Reader, category: str | None, who: Depositor, today: date
) -> None:
    try:
        limits.check_depositor(rules, who, today)
        categories.check_category(rules, category, who, today)
    except tuple(_AT) as refused:
        reader.refuse(_AT[type(refused)], refused)
    except categories.CategoryRefused as refused:
        reader.refuse("born" if who.born is not None else "carrier_type", refused)
