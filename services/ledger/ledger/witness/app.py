"""The witness's process: no PostgreSQL, no Kafka; health and metrics as every process has them."""

import secrets
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import Counter
from pydantic import Field

from ledger.witness import judging, routes
from ledger.witness.cosigning import Cosigner, Witness
from ledger.witness.following import Following
from ledger.witness.store import Store
from ledger.witness.trusted import Trusted
from shared.keys import ed25519_key
from shared.process import Process
from shared.settings import Settings

NAME = "ledger.witness"
KEY_FILE = "witness.key"
FOLLOW_EVERY = 1.0
STATUSES = {
    judging.NotAsked: 400,
    judging.UnknownLog: 404,
    judging.NotSigned: 403,
    judging.OtherSize: 409,
    judging.Inconsistent: 422,
}


class WitnessSettings(Settings):
    """`keys` is its directory: the key, and what it must never forget. Never restore it from a
    backup. `logs` is a file with a `log <vkey> [url]` line for each log that it cosigns for."""

    witness_name: str = Field(pattern=r"^[^\s+]{1,255}$")
    keys: Path
    logs: Path
    # Neither a database nor anything for officers to do.
    database: str = ""
    desk_key: str = Field(default_factory=lambda: secrets.token_hex(32), min_length=16)


def create() -> FastAPI:
    """The process as its environment says."""
    return application(WitnessSettings())


def application(settings: WitnessSettings) -> FastAPI:
    """The process as uvicorn serves it."""
    store = Store(settings.keys)
    process = Process(NAME, settings, kafka=False, store=store)
    trusted = Trusted(settings.logs, store)
    following = Following(trusted, store, process.metrics.registry)
    process.every(FOLLOW_EVERY, "following", following.look)
    app = process.app([routes.router], STATUSES)
    cosigner = Cosigner(settings.witness_name, ed25519_key(settings.keys / KEY_FILE))
    app.state.witness = Witness(cosigner, store, trusted)
    app.state.requests = Counter(
        "comptoir_witness_requests",
        "Checkpoints that somebody wanted cosigned, by what became of them",
        ["outcome"],
        registry=process.metrics.registry,
    )
    return app
