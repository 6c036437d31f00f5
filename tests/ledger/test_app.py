"""Both processes start, say how they are, and say so when they cannot go on."""

import asyncio
from typing import Any

from ledger.app import LedgerSettings
from ledger.app import application as ledger_application
from ledger.signer.app import SignerSettings
from ledger.signer.app import application as signer_application
from ledger.signer.sign import SPARE_KEYS
from tests.ledger.conftest import Ledger
from tests.ledger.signer.test_signer import note
from tests.ledger.test_outcomes import arriving
from tests.serving import Client, served, settings


async def until(client: Client, path: str, status: int, text: bytes = b"") -> Any:
    """Ask until the answer is this one."""
    async with asyncio.timeout(60):
        while True:
            answer = await client.ask("GET", path)
            if answer.status == status and text in answer.raw:
                return answer
            await asyncio.sleep(0.05)


async def test_the_signer_registers_its_keys_and_is_ready(unkeyed: Ledger) -> None:
    dsn = unkeyed.made.as_role("ledger_signer")
    app = signer_application(settings(SignerSettings, dsn, keys=unkeyed.directory))
    async with served(app) as client:
        await until(client, "/health/ready", 200)
        async with asyncio.timeout(60):
            while await unkeyed.count("log_key") != SPARE_KEYS:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await unkeyed.take(unkeyed.charter())
        async with asyncio.timeout(60):
            while await unkeyed.count("signed_checkpoint") != 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert (await client.ask("GET", "/metrics")).status == 200


async def test_a_signer_that_refuses_is_not_ready(edition: Ledger) -> None:
    await note(edition, 9, bytes(32))
    dsn = edition.made.as_role("ledger_signer")
    app = signer_application(settings(SignerSettings, dsn, keys=edition.directory))
    async with served(app) as client:
        await until(client, "/health/ready", 503, b"ended")
        assert await edition.count("signed_checkpoint") == 0


async def test_an_operator_sees_what_waits_and_what_contradicts(edition: Ledger) -> None:
    first, _, third = edition.dossiers(3)
    lie = edition.published(third.event, number=9, id=first.envelope.id)
    await edition.take(first, third)
    await edition.take(lie)
    app = ledger_application(settings(LedgerSettings, edition.made.dsn), kafka=False)
    async with served(app) as client:
        found = (await until(client, "/metrics", 200, b"comptoir_ledger_held 1.0")).raw
        assert b"comptoir_ledger_quarantined 1.0" in found
        assert b"comptoir_ledger_unsigned 4.0" in found
        assert b"comptoir_ledger_held_seconds" in found
        assert b"comptoir_ledger_gaps 1.0" in found
        assert b"comptoir_ledger_unread 0.0" in found
        assert b"comptoir_ledger_quarantine_unseen 1.0" in found


async def test_what_is_missing_unread_or_unseen_raises_its_alarm(edition: Ledger) -> None:
    first, _, third = edition.dossiers(3)
    lie = edition.published(third.event, number=9, id=first.envelope.id)
    await edition.take(first, third)
    await edition.take(lie)
    unknown = arriving(edition.charter("other"), type="submission.charter-blessed.v1")
    await edition.take(unknown)
    given = settings(LedgerSettings, edition.made.dsn, alarm_after=0.1)
    async with served(ledger_application(given, kafka=False)) as client:
        for alarm in (b'"gap"', b'"unread"', b'"quarantine"'):
            await until(client, "/health/ready", 503, alarm)
