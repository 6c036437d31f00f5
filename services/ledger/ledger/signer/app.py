"""The signer's process: no Kafka, no routes of its own, only health and metrics."""

from pathlib import Path

from fastapi import FastAPI

from ledger.signer.files import SignerFiles
from ledger.signer.sign import NAME, Signer
from shared.process import Process
from shared.settings import Settings


class SignerSettings(Settings):
    """`keys` is the directory of the private keys and last notes; it is in no database backup."""

    keys: Path


def create() -> FastAPI:
    """The process as its environment says."""
    return application(SignerSettings())


def application(settings: SignerSettings) -> FastAPI:
    """The process as uvicorn serves it."""
    process = Process(NAME, settings, kafka=False)
    signer = Signer(process.database, SignerFiles(settings.keys))
    process.add_work(signer.run)
    return process.app()
