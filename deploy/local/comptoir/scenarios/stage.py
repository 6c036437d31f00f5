"""Where a scenario is played: a platform, its officers at their desks, who watches, whose mails."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from comptoir.addresses import Addresses
from comptoir.client import Client
from comptoir.desks import Desks
from comptoir.mailbox import Mail, Mailbox
from comptoir.replay import Progress


@dataclass(frozen=True)
class Stage:
    """A platform, for one scenario: people of its own, officers who work on several."""

    addresses: Addresses
    client: Client
    desks: Desks
    progress: Progress
    # Of this scenario alone: a platform mails only so much to an address within an hour.
    domain: str = field(default_factory=lambda: f"{secrets.token_hex(4)}.example")

    def address(self, name: str) -> str:
        """Somebody's mail address, which nobody of another scenario has."""
        return f"{name}@{self.domain}"

    def mails(self) -> list[Mail]:
        """What people of this scenario were sent, the newest first."""
        return list(Mailbox(self.addresses.mails).mails_at(self.domain))

    async def log_of(self, programme_id: UUID) -> str:
        """The name of a programme's log."""
        path = f"/programmes/{programme_id}/projects.json"
        return str((await self.client.get("submission", path))["snapshot"]["log"])


@asynccontextmanager
async def staged(addresses: Addresses, progress: Progress) -> AsyncIterator[Stage]:
    """A stage on a platform that runs."""
    async with Client(addresses) as client, Desks(addresses) as desks:
        yield Stage(addresses, client, desks, progress)
