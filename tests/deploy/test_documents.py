"""What officers are told of data and keys is what there is: two documents against the code."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from comptoir.processes import PROCESSES
from comptoir.roles import connected
from comptoir.stack import Stack
from shared.settings import KafkaSettings
from tests.conftest import DatabaseFactory

DEPLOY = Path(__file__).parents[2] / "deploy"
DATA, KEYS = ((DEPLOY / name).read_text() for name in ("data-protection.md", "keys.md"))
COLUMNS = """
select table_name::text, array_agg(column_name::text) as columns from information_schema.columns
where table_schema = 'public' group by table_name
"""
_NAMES = re.compile(r"`([a-z_]+)`")
# Settings that hold a secret, or say where some are, by their names.
_SECRET = re.compile(r"key|secret|password|database$")
MODULES = (
    *(process.name for process in PROCESSES),
    "voting.booth",
    "voting.signer",
    "ledger.witness",
)


def section(title: str) -> str:
    """What stands below one heading."""
    [found] = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", DATA, re.M | re.S)
    return str(found)


def told(title: str) -> dict[str, set[str] | None]:
    """The tables that a section names, with their columns where they hold something of people."""
    text, found = section(title), dict[str, set[str] | None]()
    for row in re.findall(r"^\| `[a-z_]+` \|.*$", text, re.M):
        [table], columns = _NAMES.findall(row.split("|")[1]), row.split("|")[2]
        found[table] = {each.strip() for each in columns.split(",")}
    nobodys = re.findall(r"^Of nobody: (.*?)\.\n", text, re.M | re.S)
    return found | dict.fromkeys(_NAMES.findall("".join(nobodys)))


@pytest.mark.parametrize("name", [each.name for each in PROCESSES if each.migrates])
async def test_each_table_and_each_column_of_people_is_told(
    name: str, database: DatabaseFactory
) -> None:
    made = await database(name)
    async with connected(made.superuser) as connection:
        rows = await connection.fetch(COLUMNS)
    # Partitions of what waits in the box are made with each round, and are like their parent.
    real = {row["table_name"]: set(row["columns"]) for row in rows}
    own, everywhere = told(name), told("In every database")
    known = own | {table: columns for table, columns in everywhere.items() if table in real}
    assert known.keys() == real.keys()
    for table, columns in known.items():
        assert columns in (None, real[table]), table
    assert not own.keys() & everywhere.keys() - {"service_key"}


def test_each_process_is_told() -> None:
    for name in MODULES:
        assert f"`{name}`" in DATA or f"\n## {name}\n" in DATA, name
        assert f"`{name}`" in KEYS or name in ("submission", "ledger"), name


def settings_of(name: str) -> Iterator[str]:
    """The variables that a process reads, and that hold or name a secret."""
    app = import_module(f"{name}.app")
    own: list[type[BaseSettings]] = [
        each
        for each in vars(app).values()
        if isinstance(each, type) and issubclass(each, BaseSettings) and each is not BaseSettings
    ]
    kinds: list[type[BaseSettings]] = [*own, KafkaSettings]
    for kind in kinds:
        prefix = kind.model_config["env_prefix"]
        for field in kind.model_fields:
            if _SECRET.search(field):
                yield f"{prefix}{field.upper()}"


@pytest.mark.parametrize("name", MODULES)
def test_each_setting_with_a_secret_is_told(name: str) -> None:
    for variable in settings_of(name):
        assert f"`{variable}`" in KEYS, variable


async def test_each_secret_that_the_launcher_makes_is_told(stack: Stack) -> None:
    made = json.loads((stack.state.directory / "secrets.json").read_text())
    kinds = [each for each in re.findall(r"`([a-z]+/[A-Za-z0-9]+)`", KEYS)]
    patterns = [re.compile(re.sub(r"[A-Z]+", "[a-z._-]+", each)) for each in kinds]
    for name in made:
        assert any(pattern.fullmatch(name) for pattern in patterns), name
