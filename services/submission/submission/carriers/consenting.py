"""Asking a minor's legal representative to agree to an idea, by a mailed link.

Until she has agreed, no dossier is filed. Where she does not, or not within thirty days, what the
minor wrote and who she is are erased. When the minor was born is kept nowhere.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.contacts import Contact
from shared.database import Database, database_time, raw
from shared.people import queries as people
from shared.people.guards import token_hash
from shared.people.people import LINKS_AN_HOUR, LinkUnknown
from shared.refusal import Refusal
from shared.web.messages import mark
from submission.carriers import queries
from submission.carriers.erasing import erase
from submission.carriers.tables import Consent
from submission.carriers.telling import Telling
from submission.projects import queries as projects
from submission.projects.deposit.drafts import TooManyLinks
from submission.projects.finding import held_idea

KEPT_FOR: Final = timedelta(days=30)
AT_ONCE: Final = 100
# What the mailed link is for, as the message for signing in says it.
PURPOSE: Final = mark("agree to the idea of a minor")


class ConsentGiven(Refusal):
    """A legal representative agreed before."""

    code = "consent_given"


@dataclass(frozen=True, slots=True)
class Representative:
    """Where a minor's legal representative is asked, and for what, in her language's words."""

    contact: Contact
    purpose: str


async def ask_consent(
    session: AsyncSession,
    project_id: UUID,
    representative: Representative,
    now: datetime,
    telling: Telling,
) -> None:
    """Mail a link, and count it with those for signing in. Raises `TooManyLinks`."""
    contact, connection = representative.contact, await raw(session)
    if await people.links_of_the_hour(connection, contact.address) >= LINKS_AN_HOUR:
        raise TooManyLinks(f"{LINKS_AN_HOUR} links an hour are mailed to an address")
    # Counted as a link that nobody was mailed: this one agrees, and signs nobody in.
    unmailed = token_hash(secrets.token_urlsafe(32))
    await people.keep_link(connection, unmailed, contact.address, contact.language, "/")
    token = secrets.token_urlsafe(32)
    row = Consent(
        project_id=project_id,
        token=token_hash(token),
        address=contact.address,
        language=contact.language,
        asked_at=now,
    )
    await projects.keep(session, row)
    values = {"url": f"{telling.site}/consents/{token}", "purpose": representative.purpose}
    telling.teller.tell(session, "sign-in-link", contact, values)


async def asked_consent(session: AsyncSession, token: str) -> Consent:
    """What a link asks to agree to. Raises `LinkUnknown`."""
    found = await queries.consent_of(session, token_hash(token))
    if found is None or found.asked_at + KEPT_FOR <= await database_time(session):
        raise LinkUnknown("this link is older than thirty days, or was copied in part")
    return found


async def agree(session: AsyncSession, token: str) -> UUID:
    """Note that a representative agrees, and forget where she is; the idea's id. Twice is once."""
    asked = await asked_consent(session, token)
    if await projects.idea_for_update(session, asked.project_id) is None:
        raise RuntimeError(f"consent for no idea: {asked.project_id}")
    found = await asked_consent(session, token)
    if found.given_at is None:
        found.given_at, found.address = await database_time(session), None
    return found.project_id


async def disagree(session: AsyncSession, token: str) -> UUID:
    """Erase the idea's words and who carries it; its id. Raises `ConsentGiven`."""
    asked = await asked_consent(session, token)
    idea = await held_idea(session, asked.project_id)
    found = await asked_consent(session, token)
    if found.given_at is not None:
        raise ConsentGiven("you agreed before: the idea's carrier or an officer can erase it")
    await erase(session, idea, await database_time(session), ground="person-asked")
    return idea.project_id


async def forget_unagreed(database: Database) -> None:
    """Erase the ideas of minors whose representative has not agreed within thirty days; each by
    itself: what is erased frees its place at a session, whose lock comes after its idea's."""
    while True:
        async with database.begin() as session:
            now = await database_time(session)
            found = await queries.unagreed(session, now - KEPT_FOR, AT_ONCE)
        for project_id in found:
            async with database.begin() as session:
                idea = await held_idea(session, project_id)
                asked = await queries.consent(session, project_id)
                if asked is None or asked.given_at is not None:
                    continue
                await erase(session, idea, now, ground="person-asked")
                await queries.forget_consent(session, project_id)
        if len(found) < AT_ONCE:
            return
