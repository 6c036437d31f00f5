"""Another replica of the same count, whose operator said its SIRET: it has the national file."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from fastapi import FastAPI

from tests.serving import Client, served, settings
from tests.voting.count.conftest import ServedCount
from voting.count.app import CountSettings, application

AUTHORITY = "22620001200012"


def replica(count: ServedCount, directory: Path) -> FastAPI:
    """It, before anybody serves it."""
    keys = directory / "other"
    found = settings(CountSettings, count.dsn, keys=keys, operator_siret=AUTHORITY)
    return application(found, kafka=False)


def telling_its_siret(count: ServedCount, directory: Path) -> AbstractAsyncContextManager[Client]:
    """It is served while it is entered."""
    return served(replica(count, directory))
