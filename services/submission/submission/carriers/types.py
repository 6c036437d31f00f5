"""The types of carriers and the parts that they have in a project, in words."""

from collections.abc import Mapping
from typing import Final

from shared.events.carriers import CarrierType, Part
from shared.refusal import Refusal
from shared.web.messages import mark

CARRIER_TYPES: Final[Mapping[CarrierType, str]] = {
    "person": mark("a person"),
    "collective": mark("an informal collective"),
    "class": mark("a class or a school"),
    "association": mark("an association"),
    "sse-company": mark("a company of the social and solidarity economy"),
    "esus-company": mark("a company with the ESUS approval"),
    "cooperative": mark("a cooperative"),
    "mutual": mark("a mutual society"),
    "insurance-mutual": mark("a mutual insurance company"),
    "foundation": mark("a foundation"),
    "municipality": mark("a municipality"),
    "intermunicipality": mark("an intermunicipality"),
    "department": mark("the Département"),
}
PARTS: Final[Mapping[Part, str]] = {
    "lead": mark("carries the project and answers for it"),
    "joint": mark("carries it as well"),
    "sponsor": mark("sponsors its carrier, and answers for it"),
    "host": mark("hosts the project"),
    "research-partner": mark("studies it, as a research partner"),
    "co-funder": mark("pays a part of it"),
}
# Authorities are as old as they need to be.
AUTHORITIES: Final[frozenset[str]] = frozenset({"municipality", "intermunicipality", "department"})


class CarrierTypeRefused(Refusal):
    """No carrier is of this type, or the charter takes none of it here."""

    code = "carrier_type_refused"


class PartRefused(Refusal):
    """Nobody has this part in a project, or not by this form."""

    code = "part_refused"


def read_type(written: str) -> CarrierType:
    """A type of carriers. Raises `CarrierTypeRefused`."""
    for name in CARRIER_TYPES:
        if name == written:
            return name
    raise CarrierTypeRefused(f"{written[:60]!r} is no type of carriers")


def read_organised_type(written: str) -> CarrierType:
    """A type of carriers that is declared by a name of its own: any but a person's."""
    if written == "person":
        raise CarrierTypeRefused("a person is declared by nobody: who deposits an idea carries it")
    return read_type(written)


def read_part(written: str) -> Part:
    """A part in a project. Raises `PartRefused`."""
    for name in PARTS:
        if name == written:
            return name
    raise PartRefused(f"{written[:60]!r} is no part in a project")
