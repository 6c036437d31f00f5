"""Ideas in a table: what each row has to say, and how it is said once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from shared.canonical import canonical
from shared.events.charter import CharterRules
from shared.events.scheme import Labelled
from shared.people.people import read_address
from shared.refusal import Refusal
from submission.imports.reading import Column, ReferenceRefused
from submission.projects.ideas import TerritoryUnknown, read_name, read_summary
from submission.reading import Reader
from submission.texts import read_line, read_title

LONGEST_REFERENCE: Final = 100
COLUMNS: Final = (
    Column("reference", ("référence", "id", "identifiant", "ref"), needed=True),
    Column("title", ("titre", "intitulé"), needed=True),
    Column("summary", ("résumé", "resume", "description", "descriptif"), needed=True),
    Column("territory", ("territoire", "canton", "quartier", "district"), needed=True),
    Column("name", ("nom", "porteur", "carrier", "author", "auteur"), needed=True),
    Column("theme", ("thème", "thématique")),
    Column("category", ("catégorie",)),
    Column("address", ("adresse", "e-mail", "email", "mail", "courriel")),
    Column("language", ("langue",)),
)


class NameUnknown(Refusal):
    """The charter has no theme, or no category, of this name."""

    code = "name_unknown"


@dataclass(frozen=True, slots=True)
class IdeaRow:
    """An idea of a file; everything in it is checked. Without an `address` nobody is told of it."""

    title: str
    summary: str
    territory: str
    name: str
    theme: str | None = None
    category: str | None = None
    address: str | None = None
    language: str = "fr"


def read_reference(fields: Mapping[str, str]) -> str:
    """What tells a row from all others of its programme. Raises `ReferenceRefused`."""
    try:
        return read_line(fields.get("reference", ""), "a reference", LONGEST_REFERENCE)
    except Refusal as refused:
        raise ReferenceRefused(str(refused)) from None


def digest_of(fields: Mapping[str, str]) -> bytes:
    """What a row says: the same again is known, another under its reference is refused."""
    said = {name: value for name, value in fields.items() if value}
    return hashlib.sha256(canonical([list(pair) for pair in sorted(said.items())])).digest()


def read_idea(rules: CharterRules, fields: Mapping[str, str]) -> IdeaRow:
    """An idea as a row says it. Raises `FormRefused`."""
    reader = Reader(fields)
    address = fields.get("address", "")
    found = IdeaRow(
        title=reader.read("title", read_title, ""),
        summary=reader.read("summary", read_summary, ""),
        territory=reader.read("territory", partial(_read_territory, rules), ""),
        name=reader.read("name", read_name, ""),
        theme=reader.read("theme", partial(_read_named, rules.themes or ()), None),
        category=reader.read("category", partial(_read_named, rules.categories or ()), None),
        address=reader.read("address", read_address, "") if address else None,
        language="en" if fields.get("language", "").casefold() == "en" else "fr",
    )
    reader.done()
    return found


def _read_territory(rules: CharterRules, written: str) -> str:
    if (found := _named(rules.territories, written)) is None:
        raise TerritoryUnknown(f"{written[:60]!r} is none of the territories")
    return found


def _read_named(known: tuple[Labelled, ...], written: str) -> str | None:
    if not written:
        return None
    if (found := _named(known, written)) is None:
        raise NameUnknown(f"{written[:60]!r} is none of {', '.join(each.name for each in known)}")
    return found


def _named(known: tuple[Labelled, ...], written: str) -> str | None:
    """By name, or by a label in either language."""
    sought = " ".join(written.casefold().split())
    for each in known:
        if sought in (each.name, each.fr.casefold(), each.en.casefold()):
            return each.name
    return None
