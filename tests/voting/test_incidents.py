"""The incidents that others had: each has its tests, and nothing that checks can be turned off."""

import ast
import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from shared.settings import Settings
from voting.booth.app import BoothSettings
from voting.box.app import BoxSettings
from voting.count.app import CountSettings
from voting.roll.app import RollSettings
from voting.signer.app import SignerSettings

HERE = Path(__file__).parent
NAMED = re.compile(r"`((?:\w+/)*\w+\.py)::(\w+)`")


def rows() -> list[str]:
    """The lines of the table of incidents."""
    listed = (HERE / "README.md").read_text().partition("| incident |")[2].splitlines()
    return [line for line in listed[2:] if line.startswith("|")]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[2:40].strip().replace(" ", "-"))
def test_every_incident_names_tests_that_exist(row: str) -> None:
    named = NAMED.findall(row)
    assert named
    for file, test in named:
        tree = ast.parse((HERE.parent / file).read_text())
        found = {
            node.name
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert test in found, f"{file} has no {test}"


def test_there_are_as_many_incidents_as_concern_a_vote() -> None:
    """Of the seventeen in the list, two concern no vote: addresses that a server is made to ask,
    and digests that flood a queue."""
    assert len(rows()) == 15


# Each setting that is no address, key or secret, and what it cannot do.
HARMLESS = {
    "operator_name": "is shown",
    "operator_siret": "is written into the open data about grants",
    "accent": "is a colour",
    "development": "lets cookies go over plain HTTP; it is off by default",
    "alarm_after": "seconds until an alarm",
    "pool_size": "connections",
    "counted_every": "seconds between counts",
    "policy": "whose cosignatures the voting page asks for; without it the log's own key counts",
    "address_header": "where a proxy says who asks; without it each connection is its own",
    "oidc_scope": "what is asked of the identity provider",
    "voters_oidc_scope": "what is asked of the voters' identity provider",
}
PLACES = {
    "database", "host", "port", "sites", "mark", "otlp_endpoint", "oidc_issuer", "keys", "socket",
    "signer", "voters_oidc_issuer", "roll", "box", "count",
}  # fmt: skip
SECRETS = {
    "desk_key", "contacts_key", "oidc_client_id", "oidc_client_secret", "officers_key",
    "administrators", "voters_oidc_client_id", "voters_oidc_client_secret", "booth_key",
}  # fmt: skip


# What the voters' identity provider has to show; a provider for tests shows less.
DEMANDED = {"voters_oidc_signed", "voters_oidc_levels"}


KINDS = [BoothSettings, BoxSettings, CountSettings, RollSettings, SignerSettings]


@pytest.mark.parametrize("kind", KINDS)
def test_every_check_is_on_where_nobody_says_otherwise(kind: type[BaseSettings]) -> None:
    """A platform was delivered with the verification of votes off by default. Here no check of a
    ballot or a token can be turned off; whoever adds a setting says in this test what it is."""
    unknown = kind.model_fields.keys() - HARMLESS.keys() - PLACES - SECRETS - DEMANDED
    assert not unknown, f"does {unknown} turn anything off?"
    assert all(kind.model_fields[name].default for name in DEMANDED & kind.model_fields.keys())


def test_what_is_for_development_alone_is_off() -> None:
    assert Settings.model_fields["development"].default is False
