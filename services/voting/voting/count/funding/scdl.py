"""Subsidies in the national schema for them: SCDL *subventions* 2.1.1. Pure.

What decree 2017-779 asks for is said of agreements that were signed with organisations. Natural
persons are not named in it (they are counted beside it), nor who has no SIRET: money needs one.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.web.cells import cell

COLUMNS = (
    "nomAttribuant",
    "idAttribuant",
    "dateConvention",
    "referenceDecision",
    "nomBeneficiaire",
    "idBeneficiaire",
    "rnaBeneficiaire",
    "objet",
    "montant",
    "nature",
    "conditionsVersement",
    "datesPeriodeVersement",
    "idRAE",
    "notificationUE",
    "pourcentageSubvention",
    "dispositifAide",
)
LONGEST_OBJECT = 256
_SIRET = re.compile(r"^\d{14}$")
_RNA = re.compile(r"^W\d{9}$")


@dataclass(frozen=True, slots=True)
class Subsidy:
    """A grant whose agreement is signed; words that were erased are None."""

    signed_on: date
    act: str | None
    name: str | None
    siret: str | None
    rna: str | None
    title: str | None
    amount: int
    instalments: int
    paid_on: tuple[date, ...]
    until: date | None
    de_minimis: bool

    @property
    def told(self) -> bool:
        """Whether it can stand in the file: an organisation got money, under its number."""
        return bool(self.name) and bool(_SIRET.match(self.siret or ""))


def rows(
    subsidies: Iterable[Subsidy], *, operator: str, operator_siret: str
) -> Iterable[Sequence[str]]:
    """A line for each subsidy that can be told, in their order."""
    for each in subsidies:
        if not each.told:
            continue
        yield (
            operator,
            operator_siret,
            each.signed_on.isoformat(),
            each.act or "",
            each.name or "",
            each.siret or "",
            each.rna if each.rna and _RNA.match(each.rna) else "",
            _object(each.title),
            f"{each.amount // 100}.{each.amount % 100:02}",
            "aide en numéraire",
            "échelonné" if each.instalments > 1 else "unique",
            _dates(each),
            "",
            "oui" if each.de_minimis else "non",
            "1.00",
            "",
        )


def as_csv(subsidies: Iterable[Subsidy], *, operator: str, operator_siret: str) -> str:
    """The file, as the schema wants it: commas, a point in numbers. A text that would be a formula
    gets an apostrophe before it."""
    into = io.StringIO()
    writer = csv.writer(into)
    writer.writerow(COLUMNS)
    for row in rows(subsidies, operator=operator, operator_siret=operator_siret):
        writer.writerow([cell(value) for value in row])
    return into.getvalue()


def _object(title: str | None) -> str:
    """What the money is for; the cell may grow by an apostrophe."""
    words = " ".join((title or "").split()) or "(effacé)"
    return words if len(words) < LONGEST_OBJECT else words[: LONGEST_OBJECT - 2] + "…"


def _dates(each: Subsidy) -> str:
    """The day of the one payment, or from the agreement to the last payment: the one that was, or
    the one that has to be."""
    if each.instalments == 1 and len(each.paid_on) == 1:
        return each.paid_on[0].isoformat()
    last = max((*each.paid_on, *([each.until] if each.until else [])), default=None)
    begins = each.signed_on.isoformat()
    return begins if last is None or last <= each.signed_on else f"{begins}/{last.isoformat()}"
