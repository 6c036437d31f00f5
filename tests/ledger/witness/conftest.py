"""A witness behind a real HTTP server, with its directory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ledger.verifier_keys import VerifierKey
from ledger.witness.app import WitnessSettings, application
from tests.ledger.witness.trees import VKEY
from tests.serving import Client, served, settings

NAME = "witness.example.org/w1"


def written_logs(directory: Path, logs: str) -> Path:
    """The operator's file."""
    directory.mkdir(exist_ok=True)
    file = directory / "logs.policy"
    file.write_text(logs)
    return file


@asynccontextmanager
async def witness(directory: Path, logs: str, name: str = NAME) -> AsyncIterator[Client]:
    """A witness that cosigns for the logs of these lines, kept in a directory."""
    file = written_logs(directory, logs)
    made = settings(WitnessSettings, "", witness_name=name, keys=directory / "witness", logs=file)
    async with served(application(made)) as client:
        yield client


async def key_of(client: Client) -> VerifierKey:
    """What a witness says that its key is."""
    return VerifierKey.parse((await client.ask("GET", "/vkey")).raw.decode().strip())


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A witness that cosigns for the log of `trees`."""
    async with witness(tmp_path, f"# ours\nlog {VKEY}\n") as client:
        yield client
