"""Subsidies in the national schema, against its constraints."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from voting.count.funding.scdl import COLUMNS, Subsidy, as_csv

OPERATOR = {"operator": "Département du Pas-de-Calais", "operator_siret": "22620001200012"}
# The constraints of the schema, version 2.1.1: whether a field is required, and its pattern.
FIELDS: dict[str, tuple[bool, str]] = {
    "nomAttribuant": (True, r".+"),
    "idAttribuant": (True, r"\d{14}"),
    "dateConvention": (True, r"\d{4}-\d\d-\d\d"),
    "referenceDecision": (False, r".+"),
    "nomBeneficiaire": (True, r".+"),
    "idBeneficiaire": (False, r"\d{14}"),
    "rnaBeneficiaire": (False, r"W\d{9}"),
    "objet": (True, r".{1,256}"),
    "montant": (True, r"\d+(\.\d+)?"),
    "nature": (True, r"aide en numéraire|aide en nature"),
    "conditionsVersement": (True, r"unique|échelonné"),
    "datesPeriodeVersement": (True, r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?"),
    "idRAE": (False, r".{1,5}"),
    "notificationUE": (True, r"oui|non"),
    "pourcentageSubvention": (True, r"0\.(0[1-9]|[1-9]\d?)|1(\.0+)?"),
    "dispositifAide": (False, r".+"),
}
SIGNED = date(2027, 6, 1)
PLAIN = Subsidy(
    signed_on=SIGNED,
    act="CD62-2027-118",
    name="Association Les Vergers",
    siret="38047555800058",
    rna="W623456789",
    title="Vergers partagés",
    amount=12_500_05,
    instalments=3,
    paid_on=(date(2027, 6, 20),),
    until=date(2029, 6, 1),
    de_minimis=True,
)


def lines(*subsidies: Subsidy) -> list[dict[str, str]]:
    read = csv.DictReader(io.StringIO(as_csv(subsidies, **OPERATOR)))
    found = [*read]
    assert tuple(read.fieldnames or ()) == COLUMNS == tuple(FIELDS)
    for line in found:
        for name, (required, pattern) in FIELDS.items():
            assert line[name] or not required, name
            assert not line[name] or re.fullmatch(pattern, line[name]), (name, line[name])
    return found


def test_a_subsidy_is_a_line_of_the_schema() -> None:
    [line] = lines(PLAIN)
    assert line["montant"] == "12500.05"
    assert line["datesPeriodeVersement"] == "2027-06-01/2029-06-01"
    assert (line["conditionsVersement"], line["notificationUE"]) == ("échelonné", "oui")
    assert line["referenceDecision"] == "CD62-2027-118"


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"instalments": 1}, "datesPeriodeVersement", "2027-06-20"),
        ({"instalments": 1, "paid_on": ()}, "datesPeriodeVersement", "2027-06-01/2029-06-01"),
        ({"paid_on": (), "until": None}, "datesPeriodeVersement", "2027-06-01"),
        ({"act": None}, "referenceDecision", ""),
        ({"rna": "W9R1234567"}, "rnaBeneficiaire", ""),
        ({"rna": None}, "rnaBeneficiaire", ""),
        ({"de_minimis": False}, "notificationUE", "non"),
        ({"amount": 5}, "montant", "0.05"),
        ({"title": None}, "objet", "(effacé)"),
    ],
)
def test_what_is_not_known_is_empty(change: dict[str, Any], name: str, value: str) -> None:
    [line] = lines(replace(PLAIN, **change))
    assert line[name] == value


def test_whoever_is_no_organisation_with_a_number_is_not_in_the_file() -> None:
    assert lines(replace(PLAIN, siret=None), replace(PLAIN, name=None)) == []
    assert lines(replace(PLAIN, siret="123"), PLAIN)[0]["nomBeneficiaire"] == PLAIN.name


def test_hostile_words_are_no_formula_and_fit() -> None:
    [line] = lines(replace(PLAIN, name="=cmd|' /C calc'!A0", title="+" + "x" * 300))
    assert line["nomBeneficiaire"] == "'=cmd|' /C calc'!A0"
    assert line["objet"].startswith("'+xxx") and line["objet"].endswith("…")
