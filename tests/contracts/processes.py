"""Every process as it declares itself, and what it serves about itself."""

from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fastapi import FastAPI

import ledger.app
import ledger.signer.app
import ledger.witness.app
import notification.app
import submission.app
import voting.booth.app
import voting.box.app
import voting.count.app
import voting.roll.app
from shared.contacts import CONTACTS_KEY_FILE
from shared.events import Event
from shared.events.earlier import TODAY
from shared.keys import write_once
from shared.settings import Settings
from tests.serving import settings

PUBLISHES: dict[str, tuple[type[Event], ...]] = {
    "submission": submission.app.PUBLISHES,
    "voting.roll": voting.roll.app.PUBLISHES,
    "voting.box": voting.box.app.PUBLISHES,
    "voting.count": voting.count.app.PUBLISHES,
    "notification": notification.app.PUBLISHES,
    "ledger": ledger.app.PUBLISHES,
}
# On no topic the ledger writes, into its own logs; any reader writes dead letters.
_OTHERS = {"none": "ledger", "*.dead": "voting.count"}


def publishers(event: type[Event]) -> list[str]:
    """The processes that say they publish it, or did: an earlier version is its successor's."""
    wanted = TODAY.get(event, event)
    return [process for process, events in PUBLISHES.items() if wanted in events]


def source_of(event: type[Event]) -> str:
    """Whose event a golden sample is."""
    return _OTHERS.get(event.topic) or publishers(event)[0]


def applications(directory: Path) -> dict[str, FastAPI]:
    """Every process, put together; nothing is started, and no server is met."""
    nowhere = "postgresql://nobody@127.0.0.1:1/none"

    def of[S: Settings](kind: type[S], **others: Any) -> S:
        return settings(kind, nowhere, **others)

    return {
        "submission": submission.app.application(
            of(submission.app.SubmissionSettings), kafka=False
        ),
        "voting.roll": voting.roll.app.application(
            of(
                voting.roll.app.RollSettings,
                keys=directory / "roll",
                signer=directory / "signer.socket",
            ),
            kafka=False,
        ),
        "voting.box": voting.box.app.application(
            of(voting.box.app.BoxSettings, keys=directory / "box"), kafka=False
        ),
        "voting.count": voting.count.app.application(
            of(voting.count.app.CountSettings, keys=directory / "count"), kafka=False
        ),
        "voting.booth": voting.booth.app.application(
            of(
                voting.booth.app.BoothSettings,
                **{name: "http://127.0.0.1:1" for name in ("roll", "box", "count")},
                booth_key="a key of these tests",
            )
        ),
        "notification": notification.app.application(
            of(
                notification.app.NotificationSettings,
                keys=_with_contacts_key(directory / "notification"),
                mail_sender="comptoir@comptoir.example",
                mail_domain="comptoir.example",
            ),
            kafka=False,
        ),
        "ledger": ledger.app.application(of(ledger.app.LedgerSettings), kafka=False),
        "ledger.signer": ledger.signer.app.application(
            of(ledger.signer.app.SignerSettings, keys=directory / "signer")
        ),
        "ledger.witness": ledger.witness.app.application(
            of(
                ledger.witness.app.WitnessSettings,
                witness_name="witness.example.org/w1",
                keys=directory / "witness",
                logs=directory / "witness.logs",
            )
        ),
    }


def _with_contacts_key(keys: Path) -> Path:
    write_once(keys / CONTACTS_KEY_FILE, X25519PrivateKey.generate().private_bytes_raw())
    return keys


async def asked(app: FastAPI, path: str) -> httpx.Response:
    """The answer of an application to GET."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path)
