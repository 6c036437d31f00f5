"""Officers who are signed in at the roll, each in a browser of her own."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from yarl import URL

from comptoir.browser import Browser
from shared.delivery import Delivered
from shared.events.submission import RoleGranted
from shared.people import Role
from shared.people.granted import granted_roles
from shared.people.guards import token_hash
from tests.voting.roll.conftest import Roll, delivered


@asynccontextmanager
async def signed_in(
    roll: Roll, programme_id: UUID, role: Role = Role.RETURNING_OFFICER
) -> AsyncIterator[Browser]:
    """A fresh officer with one role in a programme."""
    officer_id, token = uuid4(), secrets.token_urlsafe(32)
    event = RoleGranted(officer=officer_id, role=role, programme_id=programme_id, by=uuid4())
    granted: Delivered[Any] = delivered(event)
    async with roll.database.begin() as session:
        await granted_roles().handle(session, [granted])
    await roll.connection.execute(
        "insert into officer (officer_id, name) values ($1, 'Camille')", officer_id
    )
    await roll.connection.execute(
        "insert into person_session values ($1, $2, 'officer', now() + interval '1 hour')",
        token_hash(token),
        officer_id,
    )
    async with Browser(roll.url) as browser:
        cookies = {"comptoir-voting-roll-session": token}
        browser.session.cookie_jar.update_cookies(cookies, URL(roll.url))
        yield browser
