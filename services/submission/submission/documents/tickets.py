"""Tickets: a document is handed out once, within a minute, to whoever was allowed to have it."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

LASTS: Final = timedelta(seconds=60)


def new_ticket() -> tuple[str, bytes]:
    """A ticket as it stands in an address, and what is kept of it."""
    ticket = secrets.token_urlsafe(32)
    return ticket, ticket_hash(ticket)


def ticket_hash(ticket: str) -> bytes:
    """What is kept of a ticket."""
    return hashlib.sha256(ticket.encode()).digest()
