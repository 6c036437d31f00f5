"""Organisations in a table: what each row says of one."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from shared.events.carriers import CarrierType
from shared.events.charter import CharterRules
from submission.carriers.organisations.declaring import Declared, read_declared
from submission.carriers.types import CARRIER_TYPES
from submission.imports.reading import Column

COLUMNS: Final = (
    Column("reference", ("référence", "id", "identifiant", "ref"), needed=True),
    Column("type", ("type de structure", "statut"), needed=True),
    Column("name", ("nom", "raison sociale"), needed=True),
    Column("siret", ("numéro siret", "n° siret")),
    Column("rna", ("numéro rna", "n° rna")),
    Column("founded_on", ("date de création", "fondée le", "founded")),
    Column("seat", ("siège", "territoire", "territory")),
    Column("branch", ("antenne",)),
    Column("sse", ("identifiant ess", "numéro ess")),
    Column("sse_until", ("ess jusqu'au", "agrément jusqu'au")),
)

# What officers write for the types of carriers, beside the names that these have.
CALLED: Final[Mapping[str, CarrierType]] = {
    "collectif": "collective",
    "collectif informel": "collective",
    "classe": "class",
    "école": "class",
    "entreprise de l'ess": "sse-company",
    "entreprise ess": "sse-company",
    "entreprise esus": "esus-company",
    "coopérative": "cooperative",
    "mutuelle": "mutual",
    "mutuelle d'assurance": "insurance-mutual",
    "fondation": "foundation",
    "commune": "municipality",
    "intercommunalité": "intermunicipality",
    "département": "department",
}


def read_organisation(rules: CharterRules, fields: Mapping[str, str], today: date) -> Declared:
    """An organisation as a row says it; its type and territories by name or label. Raises
    `FormRefused`."""
    territories = {each.name for each in rules.territories}
    labels = {
        label.casefold(): each.name for each in rules.territories for label in (each.fr, each.en)
    }
    said = dict(fields)
    said["type"] = _type(fields.get("type", ""))
    for name in ("seat", "branch"):
        written = fields.get(name, "")
        said[name] = labels.get(written.casefold(), written)
    return read_declared(said, territories, today)


def _type(written: str) -> str:
    sought = " ".join(written.casefold().split())
    named = CALLED.get(sought, sought)
    return named if named in CARRIER_TYPES else written
